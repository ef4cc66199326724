//! Distinct byte strings, numbered.

use std::collections::HashMap;

/// Byte strings numbered from 0 in the order in which they were added, in one buffer.
///
/// Nothing keeps a caller from adding equal strings twice; [`Interner`] does not. A table holds at
/// most 4 GiB (minus a byte) of strings and 2^32 - 1 of them, so that no number is
/// [`NOBODY`](super::NOBODY).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strings {
    bytes: Vec<u8>,
    /// Where each string ends in `bytes`; ascending, the last is the length of `bytes`.
    ends: Vec<u32>,
}

impl Strings {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of all of them together.
    #[must_use]
    pub fn total_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Adds a string and gives its number.
    ///
    /// # Panics
    /// When the table would hold 4 GiB or 2^32 strings. It is unchanged then. Tables that come from
    /// outside are far smaller: a batch is limited by [`Rows::TEXT_MAX`](super::Rows::TEXT_MAX).
    pub fn push(&mut self, string: &[u8]) -> u32 {
        let number = self.ends.len();
        let end = self.bytes.len().saturating_add(string.len());
        assert!(
            end <= u32::MAX as usize && number < u32::MAX as usize,
            "a table of strings holds less than 4 GiB and 2^32 - 1 strings"
        );
        self.bytes.extend_from_slice(string);
        self.ends.push(end as u32);
        number as u32
    }

    /// The string with this number.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&[u8]> {
        let number = number as usize;
        let end = *self.ends.get(number)? as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.bytes.get(start..end)
    }

    /// All of them in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let string = &self.bytes[start..*end as usize];
            start = *end as usize;
            string
        })
    }

    /// Forgets all and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// The strings one behind the other.
    pub(super) fn joined(&self) -> &[u8] {
        &self.bytes
    }

    /// How long each string is, from number `first` on.
    pub(super) fn lengths(&self, first: usize) -> impl Iterator<Item = u32> {
        let mut start = first.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.ends[first..].iter().map(move |end| {
            let length = end - start;
            start = *end;
            length
        })
    }

    /// Replaces all strings: `lengths` becomes their ends, and what they hold is copied from
    /// `joined`, or nothing is changed but `lengths` when the two do not agree.
    pub(super) fn replace(&mut self, lengths: &mut Vec<u32>, joined: &[u8]) -> bool {
        let mut end = 0u64;
        for length in lengths.iter_mut() {
            end += u64::from(*length);
            *length = end as u32;
        }
        // Ascending ends that reach an end below 4 GiB have not wrapped on the way.
        if end != joined.len() as u64 || end > u64::from(u32::MAX) {
            return false;
        }
        self.bytes.clear();
        self.bytes.extend_from_slice(joined);
        std::mem::swap(&mut self.ends, lengths);
        true
    }
}

/// Gives equal strings the same number.
///
/// The hash is keyed at random, so that nobody can choose names that collide; numbers depend on the
/// order of the strings alone.
#[derive(Debug, Clone, Default)]
pub struct Interner {
    numbers: HashMap<Vec<u8>, u32>,
}

impl Interner {
    /// The number of `string` in `strings`, which gets it if it is new.
    ///
    /// # Panics
    /// As [`Strings::push`].
    pub fn number(&mut self, strings: &mut Strings, string: &[u8]) -> u32 {
        if let Some(number) = self.numbers.get(string) {
            return *number;
        }
        let number = strings.push(string);
        self.numbers.insert(string.to_vec(), number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_strings_get_one_number() {
        let (mut strings, mut interner) = (Strings::default(), Interner::default());
        let numbers: Vec<u32> = [&b"b"[..], b"", b"b", b"a", b""]
            .iter()
            .map(|string| interner.number(&mut strings, string))
            .collect();
        assert_eq!(numbers, [0, 1, 0, 2, 1]);
        assert_eq!(strings.iter().collect::<Vec<_>>(), [&b"b"[..], b"", b"a"]);
        assert_eq!(strings.lengths(0).collect::<Vec<_>>(), [1, 0, 1]);
        assert_eq!(
            (strings.get(1), strings.get(2), strings.get(3)),
            (Some(&b""[..]), Some(&b"a"[..]), None)
        );
    }

    #[test]
    fn lengths_that_do_not_add_up_replace_nothing() {
        let mut strings = Strings::default();
        strings.push(b"kept");
        assert!(!strings.replace(&mut vec![u32::MAX, u32::MAX, 3], b"x"));
        assert!(!strings.replace(&mut vec![1, 1], b"abc"));
        assert_eq!(strings.get(0), Some(&b"kept"[..]));
        assert!(strings.replace(&mut vec![0, 2, 1], b"abc"));
        assert_eq!(strings.iter().collect::<Vec<_>>(), [&b""[..], b"ab", b"c"]);
    }
}
