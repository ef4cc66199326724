//! Texts in the order in which a walk met them.

use std::collections::HashMap;

use super::spelling::Spelling;
use super::strings::Strings;
use crate::entropy::{Chance, Coder, Number};

/// How new texts are written.
#[derive(Debug, Clone)]
pub(super) enum Letters {
    /// As words: letter by letter, each in the context of those before.
    Spelt {
        /// Tells this table's habits from another's.
        column: u32,
    },
    /// As bytes without any pattern: keys and hashes.
    Raw(Number),
}

/// The texts of one table, numbered as they were met.
#[derive(Debug, Clone)]
pub(super) struct Dictionary {
    /// The texts; on the writing side also those that the walk has yet to meet.
    strings: Strings,
    /// Number of a text; unused while reading.
    numbers: HashMap<Vec<u8>, u32>,
    /// How many the walk has met: a number at or past it is new.
    met: u32,
    letters: Letters,
    /// Whether the next text is new, by how long none was.
    fresh: [Chance; 16],
    since: u32,
}

impl Dictionary {
    pub(super) fn new(letters: Letters) -> Self {
        Self {
            strings: Strings::default(),
            numbers: HashMap::new(),
            met: 0,
            letters,
            fresh: [Chance::EVEN; 16],
            since: 0,
        }
    }

    /// How many texts were met.
    pub(super) fn met(&self) -> u32 {
        self.met
    }

    /// A text that was met.
    pub(super) fn text(&self, number: u32) -> &[u8] {
        self.strings.get(number).unwrap_or(&[])
    }

    /// The number here of a batch's string. `known` holds those found so far, else `u32::MAX`.
    pub(super) fn number(&mut self, known: &mut [u32], strings: &Strings, number: u32) -> u32 {
        let slot = &mut known[number as usize];
        if *slot == u32::MAX {
            let string = strings.get(number).unwrap_or(&[]);
            *slot = match self.numbers.get(string) {
                Some(number) => *number,
                None => {
                    let number = self.strings.push(string);
                    self.numbers.insert(string.to_vec(), number);
                    number
                }
            };
        }
        *slot
    }

    /// Codes whether the text `number` is new; if so, the text. One that is read takes its bytes from
    /// `budget`, and is cut where that ends.
    #[inline]
    pub(super) fn fresh<C: Coder>(
        &mut self,
        coder: &mut C,
        spelling: &mut Spelling,
        budget: &mut usize,
        number: u32,
    ) -> Option<u32> {
        let since = (u32::BITS - self.since.leading_zeros()).min(15) as usize;
        self.since += 1;
        // The first of all is new, whatever the stream says.
        if !self.fresh[since].code(coder, number >= self.met) && self.met > 0 {
            return None;
        }
        self.since = 0;
        let text = self.strings.get(self.met).unwrap_or(&[]);
        let read = match &mut self.letters {
            Letters::Spelt { column } => spelling.code(coder, *column, text, *budget),
            Letters::Raw(length) => raw(coder, length, text, *budget),
        };
        if C::READS {
            *budget -= read.len();
            self.strings.push(&read);
        }
        self.met += 1;
        Some(self.met - 1)
    }
}

/// Codes bytes behind their number, each value being equally likely; what is read ends at `limit`.
pub(super) fn raw<C: Coder>(
    coder: &mut C,
    length: &mut Number,
    bytes: &[u8],
    limit: usize,
) -> Vec<u8> {
    let len = length.code(coder, bytes.len() as u64);
    let len = usize::try_from(len).unwrap_or(limit).min(limit);
    let mut read = Vec::new();
    while read.len() < len && !coder.is_overrun() {
        let byte = bytes.get(read.len()).copied().unwrap_or(0);
        read.push(coder.raw(8, byte.into()) as u8);
    }
    read
}
