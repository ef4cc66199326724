//! When a coordinator says again what it has: soon after changes, seldom in quiet times.

use guildsync_types::Time;
use guildsync_types::bugs::{Bug, planted};

use crate::config::Config;

/// The first wait is this part of the longest.
const SOONEST: u64 = 8;

#[derive(Debug, Clone)]
pub(crate) struct Heartbeat {
    next: Option<Time>,
    last: Time,
    wait_ms: u64,
}

impl Heartbeat {
    pub(crate) fn new(now: Time, config: &Config) -> Self {
        let wait_ms = config.heartbeat_ms / SOONEST;
        Self { next: (config.heartbeat_ms > 0).then_some(now + wait_ms), last: now, wait_ms }
    }

    pub(crate) fn stop(&mut self) {
        self.next = None;
    }

    pub(crate) fn due(&self) -> Option<Time> {
        self.next
    }

    /// Something was sent or came: somebody may have missed it.
    pub(crate) fn changed(&mut self, now: Time, config: &Config) {
        self.wait_ms = config.heartbeat_ms / SOONEST;
        let soon = now + self.wait_ms;
        self.next = self.next.map(|next| next.min(soon).max(now + self.wait_ms / 2));
    }

    /// Whether one is due; the next one then waits twice as long. While anything waits for the channel
    /// it would only be in the way, so there is one in the longest time.
    pub(crate) fn is_due(&mut self, now: Time, backlog: usize, config: &Config) -> bool {
        if planted(Bug::NoHeartbeat) {
            self.next = None;
        }
        if self.next.is_none_or(|next| next > now) {
            return false;
        }
        let is_quiet = now < self.last + config.heartbeat_ms;
        if backlog > 0 && is_quiet {
            self.next = Some(now + self.wait_ms / 2);
            return false;
        }
        self.wait_ms = (self.wait_ms * 2).min(config.heartbeat_ms);
        self.next = Some(now + self.wait_ms);
        self.last = now;
        true
    }
}
