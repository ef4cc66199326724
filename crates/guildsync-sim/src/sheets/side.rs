//! What a world knows of its members' sheets: policies, disks, screens, and what people were told.

use std::collections::BTreeSet;

use guildsync::Notice;
use guildsync::sections::{Config, Document, DocumentId, Saved, SectionId, Shelf};
use guildsync::types::MemberName;

use super::books::Books;

/// The sheets of a world.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) members: Vec<One>,
    /// Who assists the leader, as the game says.
    pub(crate) assistants: BTreeSet<usize>,
    /// Everything that screens turned to, in the order of time.
    pub(crate) shown: Vec<Shown>,
    /// Everything else that people were told about sheets.
    pub(crate) told: Vec<Told>,
    /// `None`: nobody keeps books, as where only cost is measured.
    pub(crate) books: Option<Box<Books>>,
    /// Whether the sync of logs is switched off.
    pub(crate) is_alone: bool,
}

/// One member.
#[derive(Debug, Default)]
pub(crate) struct One {
    pub(crate) config: Config,
    pub(crate) disk: Disk,
    /// What its screen shows; a restart leaves it empty.
    pub(crate) screen: Option<Shown>,
    /// Who assists, as this run of its program was told.
    pub(crate) assistants: BTreeSet<usize>,
}

/// A screen turned to a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Virtual milliseconds.
    pub at: u64,
    /// Whose screen.
    pub member: usize,
    /// Of which document.
    pub document: DocumentId,
    /// Which section.
    pub section: SectionId,
    /// Who moved the cursor.
    pub by: MemberName,
}

/// A member was told something about sheets.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// Virtual milliseconds.
    pub at: u64,
    /// Who.
    pub member: usize,
    /// What.
    pub notice: Notice,
}

/// What is durable of one member's sheets.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    shelf: Shelf,
    saved: Saved,
}

impl Disk {
    /// Makes sheets durable.
    pub(crate) fn save(&mut self, shelf: &Shelf, saved: &Saved) {
        self.shelf.clone_from(shelf);
        if self.saved != *saved {
            self.saved.clone_from(saved);
        }
    }

    /// Whether parts of versions are aside on it.
    pub(crate) fn has_aside(&self) -> bool {
        self.saved != Saved::default()
    }

    /// What is durable.
    pub(crate) fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// What a program finds when it starts: read from the bytes that a store keeps.
    ///
    /// # Errors
    /// When what is read is not what was written, in words.
    pub(crate) fn load(&self) -> Result<(Shelf, Saved), String> {
        let mut shelf = Shelf::default();
        for document in self.shelf.iter() {
            let read = Document::decode(document.id(), &document.encode());
            let read = read.map_err(|why| format!("a document cannot be read: {why}"))?;
            shelf.put(read).map_err(|why| why.to_string())?;
        }
        for (id, number) in self.shelf.left_behind() {
            shelf.leave_behind(*id, *number);
        }
        let saved = Saved::decode(&self.saved.encode());
        let saved = saved.map_err(|why| format!("what is aside cannot be read: {why}"))?;
        match shelf == self.shelf && saved == self.saved {
            true => Ok((shelf, saved)),
            false => Err("the sheets are not read as they were written".to_owned()),
        }
    }
}

impl Side {
    pub(crate) fn new(n: usize) -> Self {
        Self {
            members: (0..n).map(|_| One::default()).collect(),
            assistants: BTreeSet::new(),
            shown: Vec::new(),
            told: Vec::new(),
            books: None,
            is_alone: false,
        }
    }
}
