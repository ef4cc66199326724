//! What was noted lately: a map that forgets by itself and never grows beyond its bound.

use std::collections::BTreeMap;
use std::mem::take;

use guildsync_types::Time;

/// Values by key, each kept for at least `span_ms` unless there are too many, and at most for about
/// twice as long. Two halves, the older of which goes as a whole: nothing is ever searched for.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    span_ms: u64,
    max: usize,
    since: Time,
    new: BTreeMap<K, V>,
    old: BTreeMap<K, V>,
}

impl<K: Ord, V: Copy> Recent<K, V> {
    pub(super) fn new(span_ms: u64, max: usize) -> Self {
        Self { span_ms, max, since: Time(0), new: BTreeMap::new(), old: BTreeMap::new() }
    }

    pub(super) fn get(&self, key: &K) -> Option<V> {
        self.new.get(key).or_else(|| self.old.get(key)).copied()
    }

    pub(super) fn insert(&mut self, now: Time, key: K, value: V) {
        if now.since(self.since) >= self.span_ms || self.new.len() >= self.max {
            self.old = take(&mut self.new);
            if now.since(self.since) >= 2 * self.span_ms {
                self.old.clear();
            }
            self.since = now;
        }
        self.new.insert(key, value);
    }
}
