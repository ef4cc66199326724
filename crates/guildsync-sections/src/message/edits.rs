//! The edits of versions that travel one by one. An edit is written once, before what it set, and named by
//! its place among the edits; these stand in the order in which they are first named, so that equal
//! versions make equal messages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use guildsync_wire::bytes::Writer;

use super::Carried;
use crate::edit::Edit;

/// The edits in the order of their numbers, which begin at 0, and each version's number.
pub(super) fn numbered(carried: &[Carried]) -> (Vec<&Edit>, Vec<usize>) {
    let (mut edits, mut numbers) = (Vec::new(), BTreeMap::new());
    let number = |carried| {
        let Carried { edit, .. }: &Carried = carried;
        *numbers.entry(bytes(edit)).or_insert_with(|| {
            edits.push(&**edit);
            edits.len() - 1
        })
    };
    let numbers = carried.iter().map(number).collect();
    (edits, numbers)
}

/// Its bytes: two names that differ in case only are equal, and two edits by them are not.
fn bytes(edit: &Edit) -> Vec<u8> {
    let mut w = Writer::new();
    edit.write(&mut w);
    w.into_vec()
}

/// Edits that were read.
#[derive(Debug, Default)]
pub(super) struct Edits {
    edits: Vec<Arc<Edit>>,
    known: BTreeSet<Vec<u8>>,
    /// How many have been named.
    n_named: usize,
}

impl Edits {
    /// Takes the next one, or says what is wrong with it.
    pub(super) fn add(&mut self, edit: Edit) -> Result<(), &'static str> {
        if !edit.items.is_sorted_by(|a, b| a < b) {
            return Err("an edit whose items ascend");
        }
        if !self.known.insert(bytes(&edit)) {
            return Err("another edit than those before");
        }
        self.edits.push(edit.into());
        Ok(())
    }

    /// The edit with this number, or what the number should be.
    pub(super) fn get(&mut self, number: u64) -> Result<Arc<Edit>, &'static str> {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let edit = self.edits.get(number).ok_or("the number of an edit")?;
        if number > self.n_named {
            return Err("one named before, or the next one");
        }
        self.n_named = self.n_named.max(number + 1);
        Ok(Arc::clone(edit))
    }

    /// Whether each was named.
    pub(super) fn are_all_named(&self) -> bool {
        self.n_named == self.edits.len()
    }
}
