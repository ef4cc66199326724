//! [`Courtesy`]: whom to answer that we do not understand them, so that it stays polite and rare.

use std::collections::BTreeMap;

/// Lets one answer through per sender and interval, and a stated number for all senders together.
///
/// A sender's name costs its forger nothing, so the second bound is the one that holds: whoever
/// invents names gets [`Courtesy::answers_max`] answers per interval out of us, and that many names
/// are remembered. Honest strangers then wait too, at most for one interval.
///
/// Time is a value in milliseconds. If it goes back, senders count as just answered.
///
/// ```
/// use guildsync_wire::negotiate::Courtesy;
/// let mut courtesy = Courtesy::default();
/// assert!(courtesy.may_answer(&"Brindle-Eonar", 0));
/// assert!(!courtesy.may_answer(&"Brindle-Eonar", 599_999));
/// assert!(courtesy.may_answer(&"Oakhand-Eonar", 599_999));
/// assert!(courtesy.may_answer(&"Brindle-Eonar", 600_000));
/// ```
#[derive(Debug, Clone)]
pub struct Courtesy<S> {
    interval_ms: u64,
    answers_max: usize,
    /// Who was answered within the last interval, and when.
    answered: BTreeMap<S, u64>,
}

impl<S> Courtesy<S> {
    /// Ten minutes.
    pub const INTERVAL_MS: u64 = 600_000;
    /// Answers to all senders within an interval: a raid's forty members may all be out of date.
    pub const ANSWERS_MAX: usize = 40;

    /// One answer per sender and `interval_ms`, `answers_max` for all senders together.
    #[must_use]
    pub fn new(interval_ms: u64, answers_max: usize) -> Self {
        Self { interval_ms, answers_max, answered: BTreeMap::new() }
    }

    /// The most answers within any interval, and the most senders remembered.
    #[must_use]
    pub fn answers_max(&self) -> usize {
        self.answers_max
    }
}

impl<S> Default for Courtesy<S> {
    fn default() -> Self {
        Self::new(Self::INTERVAL_MS, Self::ANSWERS_MAX)
    }
}

impl<S: Ord + Clone> Courtesy<S> {
    /// Whether to answer `sender` now. If so, it counts as done: an answer that is then not sent is
    /// one less, never one more.
    #[must_use]
    pub fn may_answer(&mut self, sender: &S, now_ms: u64) -> bool {
        let interval_ms = self.interval_ms;
        self.answered.retain(|_, at_ms| {
            *at_ms = now_ms.min(*at_ms);
            now_ms - *at_ms < interval_ms
        });
        if self.answered.len() >= self.answers_max || self.answered.contains_key(sender) {
            return false;
        }
        self.answered.insert(sender.clone(), now_ms);
        true
    }

    /// How many senders are remembered.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.answered.len()
    }
}
