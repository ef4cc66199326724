//! Progress bars, for people at a terminal and work that takes longer than a second.

use std::io::{self, IsTerminal, Read};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use guildsync::types::Time;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

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
