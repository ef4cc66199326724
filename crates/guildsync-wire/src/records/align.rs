//! A text that another may follow: what comes next in it, letter for letter, whatever stands between.
//!
//! `20241214231931` and `2024-12-14 23:19:31` hold the same digits: letters and digits are matched
//! with letters and digits in their order, and separators do not move the place.

use std::sync::Arc;

/// A place in a text that is being followed.
#[derive(Debug, Clone, Default)]
pub(super) struct Followed {
    text: Option<Arc<str>>,
    at: usize,
    hits: u32,
    misses: u32,
}

fn is_sign(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

impl Followed {
    pub(super) fn new(text: Option<Arc<str>>) -> Self {
        Self { text, ..Self::default() }
    }

    fn get(&self, at: usize) -> u8 {
        self.text.as_deref().and_then(|text| text.as_bytes().get(at)).copied().unwrap_or(0)
    }

    /// The letter at this place; `None` when nothing is followed.
    pub(super) fn expected(&self) -> Option<u8> {
        self.text.as_ref().map(|_| self.get(self.at))
    }

    /// The next letter or digit at or behind this place, 0 at the end.
    pub(super) fn sign(&self) -> u8 {
        self.get(self.next_sign())
    }

    fn next_sign(&self) -> usize {
        let mut at = self.at;
        while self.get(at) != 0 && !is_sign(self.get(at)) {
            at += 1;
        }
        at
    }

    /// How well it went: misses up to 3, then hits up to 7.
    pub(super) fn state(&self) -> u32 {
        self.misses.min(3) << 3 | self.hits.min(7)
    }

    /// Goes on by a letter that came.
    pub(super) fn came(&mut self, byte: u8) {
        if self.text.is_none() {
            return;
        }
        if !is_sign(byte) {
            if self.get(self.at) == byte && byte != 0 {
                self.at += 1;
            }
            return;
        }
        let at = self.next_sign();
        if self.get(at) == byte {
            self.hits += 1;
            self.at = at + 1;
        } else {
            self.misses += 1;
            self.hits = 0;
            self.at = if self.get(at) == 0 { at } else { at + 1 };
        }
    }

    /// How much of `text` would have come as expected, of 256.
    pub(super) fn likeness(follows: &Arc<str>, text: &str) -> u32 {
        let mut followed = Self::new(Some(follows.clone()));
        let (mut hits, mut all) = (0u32, 0u32);
        for byte in text.bytes().take(48) {
            if is_sign(byte) {
                all += 1;
                hits += u32::from(followed.sign() == byte);
            }
            followed.came(byte);
        }
        (hits * 256).checked_div(all).unwrap_or(0)
    }
}
