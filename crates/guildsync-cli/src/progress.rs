//! Progress bars, for people at a terminal and work that takes longer than a second.

use std::io::{self, Read};

use guildsync::types::Time;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::clock;

/// How long work may last in silence, in milliseconds.
const PATIENCE_MS: u64 = 1000;

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
        Self::new(len, what, "{msg} [{bar:32}] {bytes} of {total_bytes}")
    }

    /// A bar for `len` things.
    pub(crate) fn things(len: usize, what: &str) -> Self {
        Self::new(len as u64, what, "{msg} [{bar:32}] {pos} of {len}")
    }

    fn new(len: u64, what: &str, template: &str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(len), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(what.to_owned());
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
