//! Interned strings: each name and reason is held once, entries hold numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Strings by number, in order of first use. Ordered maps only: nothing here depends on a hasher's
/// seed.
#[derive(Debug, Default, Clone)]
pub(crate) struct Interner {
    texts: Vec<Arc<str>>,
    numbers: BTreeMap<Arc<str>, u32>,
}

impl Interner {
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = self.texts.len() as u32;
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }

    pub(crate) fn get(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }

    pub(crate) fn number(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }
}

/// Member names: spellings are interned as they are, and spellings that differ only in case belong
/// to one member.
#[derive(Debug, Default, Clone)]
pub(crate) struct Names {
    spellings: Interner,
    /// Spelling -> member.
    members: Vec<u32>,
    folded: Interner,
    /// Member -> the spelling that is shown: the smallest, whoever's came first.
    shown: Vec<u32>,
}

impl Names {
    pub(crate) fn intern(&mut self, spelling: &str) -> u32 {
        let number = self.spellings.intern(spelling);
        if number as usize == self.members.len() {
            let member = self.folded.intern(&spelling.to_lowercase());
            self.members.push(member);
            if member as usize == self.shown.len() {
                self.shown.push(number);
            } else if spelling < self.spellings.get(self.shown[member as usize]) {
                self.shown[member as usize] = number;
            }
        }
        number
    }

    /// The number of a spelling, if any entry has it.
    pub(crate) fn number(&self, spelling: &str) -> Option<u32> {
        self.spellings.number(spelling)
    }

    pub(crate) fn spelling(&self, number: u32) -> &str {
        self.spellings.get(number)
    }

    /// How many spellings there are.
    pub(crate) fn n_spellings(&self) -> usize {
        self.members.len()
    }

    /// The member of a spelling's number.
    pub(crate) fn member(&self, spelling: u32) -> u32 {
        self.members[spelling as usize]
    }

    /// The member of a name, if any entry holds it.
    pub(crate) fn find(&self, folded: &str) -> Option<u32> {
        self.folded.number(folded)
    }

    pub(crate) fn shown(&self, member: u32) -> &str {
        self.spellings.get(self.shown[member as usize])
    }

    pub(crate) fn folded(&self, member: u32) -> &str {
        self.folded.get(member)
    }

    pub(crate) fn n_members(&self) -> usize {
        self.shown.len()
    }
}
