//! Progress bars, for people at a terminal and work that takes longer than a second.

use std::io::{self, IsTerminal, Read};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use guildsync::types::Time;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::clock;

/// How long work may last in silence, in milliseconds.
const PATIENCE_MS: u64 = 1000;
/// How often a sign of life moves, in milliseconds.
const TICK_MS: u64 = 100;

/// A sign of life for work whose end cannot be told, beside the time it takes so far.
#[derive(Debug)]
pub(crate) struct Busy {
    bar: ProgressBar,
    /// Waits for the work to last, or to end, which closes the channel.
    waiting: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Busy {
    /// Shows `what` is done, if it lasts and somebody sits at a terminal.
    pub(crate) fn new(what: &str) -> Self {
        let bar = hidden(None, what, "{spinner} {msg}, {elapsed}");
        if !io::stderr().is_terminal() {
            return Self { bar, waiting: None };
        }
        let (ends, end) = mpsc::channel();
        let shown = bar.clone();
        let wait = thread::spawn(move || {
            let patience = Duration::from_millis(PATIENCE_MS);
            if end.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                shown.set_draw_target(ProgressDrawTarget::stderr());
                shown.enable_steady_tick(Duration::from_millis(TICK_MS));
            }
        });
        Self { bar, waiting: Some((ends, wait)) }
    }

    /// Says what is done now.
    pub(crate) fn say(&self, what: String) {
        self.bar.set_message(what);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some((ends, wait)) = self.waiting.take() {
            drop(ends);
            // It does nothing that could panic, and a bar is not worth a failure.
            _ = wait.join();
        }
        self.bar.finish_and_clear();
    }
}

/// A bar that shows itself when the work lasts. On anything but a terminal it never does.
#[derive(Debug)]
pub(crate) struct Meter {
    bar: ProgressBar,
    begun: Time,
    is_shown: bool,
}

impl Meter {
    /// A bar for `len` bytes of `what`.
    pub(crate) fn bytes(len: u64, what: &str) -> Self {
        let bar = hidden(Some(len), what, "{msg} [{bar:32}] {bytes} of {total_bytes}");
        Self { bar, begun: clock::now(), is_shown: false }
    }

    /// So much more is done.
    pub(crate) fn advance(&mut self, n: u64) {
        self.bar.inc(n);
        if !self.is_shown && clock::now().since(self.begun) >= PATIENCE_MS {
            self.is_shown = true;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A line for each part of work that lasts: how far it is, in words. On anything but a terminal there
/// are none.
#[derive(Debug)]
pub(crate) struct Parts {
    all: MultiProgress,
    lines: Vec<ProgressBar>,
    begun: Time,
    is_shown: bool,
}

impl Parts {
    /// A line for each name.
    pub(crate) fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        let style = ProgressStyle::with_template("   {prefix:10} {msg}");
        let line = |name: &str| {
            let line = all.add(ProgressBar::no_length());
            if let Ok(style) = &style {
                line.set_style(style.clone());
            }
            line.with_prefix(name.to_owned())
        };
        let lines = names.into_iter().map(line).collect();
        Self { all, lines, begun: clock::now(), is_shown: false }
    }

    /// How far a part is.
    pub(crate) fn say(&mut self, part: usize, how: String) {
        if !self.is_shown && clock::now().since(self.begun) >= PATIENCE_MS {
            self.is_shown = true;
            self.all.set_draw_target(ProgressDrawTarget::stderr());
        }
        if let Some(line) = self.lines.get(part) {
            line.set_message(how);
        }
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        // Where there is no terminal any more there is nothing to clear.
        _ = self.all.clear();
    }
}

/// A reader that shows how far it is.
#[derive(Debug)]
pub(crate) struct Metered<R> {
    inner: R,
    meter: Meter,
}

impl<R> Metered<R> {
    pub(crate) fn new(inner: R, meter: Meter) -> Self {
        Self { inner, meter }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.meter.advance(n as u64);
        Ok(n)
    }
}

/// A bar that nobody sees yet.
fn hidden(len: Option<u64>, what: &str, template: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(len, ProgressDrawTarget::hidden());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(what.to_owned());
    bar
}
