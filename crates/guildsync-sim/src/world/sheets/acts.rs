//! What a person does with a sheet, and what that changes in a document.

use guildsync::sections::message::What as Fetched;
use guildsync::sections::{Author, Change, Document, DocumentId, Label, Policy, Slot};

use crate::corpus::sheet::{Sheet, assignments};
use crate::dice::Dice;
use crate::sheets::cells;

/// What a person does with a sheet. Sections are counted as they are shown, round; what cannot be done
/// when its time has come is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SheetAct {
    /// Publishes a sheet: makes the document of that title, or imports it again.
    Publish {
        /// The sheet.
        sheet: Box<Sheet>,
        /// Who may do what with it; a document that is there keeps its own.
        policy: Policy,
    },
    /// Changes some cells of the `nth` section.
    Edit {
        /// Of which document.
        document: DocumentId,
        /// Which section.
        nth: usize,
        /// What is changed, and how.
        seed: u64,
    },
    /// Calls the `nth` section something else.
    Rename {
        /// Of which document.
        document: DocumentId,
        /// Which section.
        nth: usize,
        /// What it is called then: no two alike.
        number: u64,
    },
    /// Gives the document another title.
    Retitle {
        /// Which document.
        document: DocumentId,
        /// What it is called then.
        number: u64,
    },
    /// Adds a section of a generated sheet.
    Add {
        /// To which document.
        document: DocumentId,
        /// Which one.
        seed: u64,
    },
    /// Puts the sections in another order.
    Reorder {
        /// Of which document.
        document: DocumentId,
        /// In which.
        seed: u64,
    },
    /// Removes the `nth` section.
    Drop {
        /// Of which document.
        document: DocumentId,
        /// Which section.
        nth: usize,
    },
    /// Settles the `nth` conflict, for the version that is shown or for another.
    Pick {
        /// Of which document.
        document: DocumentId,
        /// Which conflict.
        nth: usize,
    },
    /// Turns everyone's screen to the `nth` section.
    Point {
        /// Of which document.
        document: DocumentId,
        /// Which section.
        nth: usize,
    },
    /// Asks the group for a document, or a part of it.
    Fetch {
        /// Which document.
        document: DocumentId,
        /// What of it.
        what: Fetched,
    },
    /// Takes the document away, on this machine alone.
    Remove(DocumentId),
}

impl SheetAct {
    pub(super) fn document(&self) -> DocumentId {
        match self {
            Self::Edit { document, .. }
            | Self::Rename { document, .. }
            | Self::Retitle { document, .. }
            | Self::Add { document, .. }
            | Self::Reorder { document, .. }
            | Self::Drop { document, .. }
            | Self::Pick { document, .. }
            | Self::Point { document, .. }
            | Self::Fetch { document, .. }
            | Self::Remove(document) => *document,
            Self::Publish { .. } => DocumentId([0; 8]),
        }
    }

    /// What the act changes in a document; nothing if it cannot be done.
    pub(super) fn changes(&self, document: &Document) -> Vec<Change> {
        let sections = document.sections();
        let change = match *self {
            Self::Edit { nth, seed, .. } => nth_of(&sections, nth).and_then(|section| {
                let mut sheet = cells::sheet(document);
                let at = nth % sections.len();
                sheet.edit(&mut Dice::new(seed), at);
                let (name, body) = cells::section(&sheet.sections[at])?;
                Some(Change::Set { section: section.id, name, body })
            }),
            Self::Rename { nth, number, .. } => nth_of(&sections, nth).and_then(|section| {
                let name = Label::new(&format!("Gate \"{number}\"")).ok()?;
                Some(Change::Set { section: section.id, name, body: section.body.clone() })
            }),
            Self::Retitle { number, .. } => {
                Label::new(&format!("Evening {number}")).ok().map(Change::Title)
            }
            Self::Add { seed, .. } => {
                let drawn = assignments(seed, 1).sections;
                drawn.first().and_then(cells::section).map(|(name, body)| {
                    let section = document.new_section(&name);
                    Change::Set { section, name, body }
                })
            }
            Self::Reorder { seed, .. } => {
                let mut order: Vec<_> = sections.iter().map(|section| section.id).collect();
                let mut dice = Dice::new(seed);
                (1..order.len()).for_each(|at| order.swap(at, dice.below(at + 1)));
                Some(Change::Order(order))
            }
            Self::Drop { nth, .. } => {
                nth_of(&sections, nth).map(|section| Change::Remove(section.id))
            }
            Self::Pick { nth, .. } => pick(document, nth),
            _ => None,
        };
        change.into_iter().collect()
    }
}

/// Counted round.
pub(super) fn nth_of<T>(all: &[T], nth: usize) -> Option<&T> {
    all.get(nth.checked_rem(all.len())?)
}

/// Settles a conflict: every second time for what is not shown.
fn pick(document: &Document, nth: usize) -> Option<Change> {
    let conflicts = document.conflicts();
    let (slot, other) = nth_of(&conflicts, nth / 2)?;
    let slot: Slot = *slot;
    let version =
        if nth.is_multiple_of(2) { other.id() } else { document.slot(slot).first()?.id() };
    Some(Change::Pick { slot, version })
}

/// A new document, or what an import changes in the one that is there.
pub(super) fn publish(
    author: Author<'_>,
    sheet: &Sheet,
    policy: Policy,
    before: Option<Document>,
) -> Result<Option<Document>, String> {
    let Some((title, sections)) = cells::sections(sheet) else { return Ok(None) };
    let Some(mut document) = before else {
        let made = Document::publish(author, title, policy, sections);
        return made.map(Some).map_err(|why| why.to_string());
    };
    let changes = document.difference(sections);
    let done = document.change(author, changes);
    done.map(|is_change| is_change.then_some(document)).map_err(|why| why.to_string())
}
