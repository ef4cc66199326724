//! What sender and receiver of a part both know: a version, and the stream's earlier parts.

use std::sync::Arc;

use guildsync_types::{PublicKey, Stamp, WriterId};
use guildsync_wire::lua::Value;
use guildsync_wire::records::{DECODED_BYTES_MAX, weight};

use super::rows;
use crate::body::{Body, Plain};
use crate::document::Document;
use crate::edit::Edit;
use crate::item::{Content, Item, Slot};
use crate::message::Carried;
use crate::name::{DocumentId, Label, SectionId};

/// The most records that prime a part. More would take longer than they save.
const RECORDS_MAX: usize = 2_048;

/// A section that both know.
#[derive(Debug, Clone)]
pub(super) struct KnownSection {
    pub(super) id: SectionId,
    pub(super) name: Label,
    body: Option<Plain>,
    /// The number of its first row among all rows, from 1, and how many it has.
    pub(super) first_row: i64,
    pub(super) rows: i64,
}

/// What both know.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) document: DocumentId,
    pub(super) base: Option<Document>,
    pub(super) edits: Vec<Arc<Edit>>,
    pub(super) keys: Vec<PublicKey>,
    pub(super) writers: Vec<WriterId>,
    pub(super) sections: Vec<KnownSection>,
    /// The number of the next new row.
    pub(super) next_row: i64,
    /// What stamps are told from.
    pub(super) stamp: Stamp,
}

impl Context {
    pub(super) fn new(document: DocumentId, base: Option<&Document>, earlier: &[Carried]) -> Self {
        let mut context = Self {
            document,
            base: base.cloned(),
            edits: Vec::new(),
            keys: Vec::new(),
            writers: Vec::new(),
            sections: Vec::new(),
            next_row: 1,
            stamp: base.map(Document::stamp).unwrap_or_default(),
        };
        if let Some(base) = base {
            let edits = base.versions().map(|version| version.edit().clone());
            context.learn_edits(edits);
            for section in base.sections() {
                context.learn_section(section.id, section.name, Some(section.body));
            }
        }
        context.learn_edits(earlier.iter().map(|one| one.edit.clone()));
        for one in earlier {
            if let (Slot::Section(id), Content::Section { name, .. }) =
                (one.item.slot, &one.item.content)
            {
                context.learn_section(id, name, one.body.as_ref());
            }
        }
        context
    }

    /// Adds edits, each once.
    pub(super) fn learn_edits(&mut self, edits: impl IntoIterator<Item = Arc<Edit>>) {
        for edit in edits {
            if !self.edits.contains(&edit) {
                self.learn_writers([edit.key]);
                self.edits.push(edit);
            }
        }
    }

    /// Adds keys, each once.
    pub(super) fn learn_writers(&mut self, keys: impl IntoIterator<Item = PublicKey>) {
        for key in keys {
            if !self.keys.contains(&key) {
                self.keys.push(key);
                self.writers.push(WriterId::of_key(&key));
            }
        }
    }

    /// Adds a section; of one id the last counts.
    fn learn_section(&mut self, id: SectionId, name: &Label, body: Option<&Plain>) {
        let opened = body.and_then(|body| body.open().ok());
        let rows = opened.map_or(0, |body: Body| body.rows.len() as i64);
        self.sections.retain(|known| known.id != id);
        let (name, body, first_row) = (name.clone(), body.cloned(), self.next_row);
        self.sections.push(KnownSection { id, name, body, first_row, rows });
        self.next_row += rows;
    }

    /// What a section was before, if both know it.
    pub(super) fn section(&self, id: SectionId) -> Option<&KnownSection> {
        self.sections.iter().find(|known| known.id == id)
    }

    /// What an editor sets a slot to who saw the version that both know: count and what it replaces.
    pub(super) fn usual(&self, slot: Slot, writer: WriterId, stamp: Stamp) -> Item {
        let content = Content::Removed;
        match &self.base {
            Some(base) => base.next(writer, stamp, slot, content, false),
            None => Item { slot, count: Item::number(0, stamp), seen: Default::default(), content },
        }
    }

    /// The records that prime the part: those of the first sections, as many as a base may have.
    pub(super) fn values(&self) -> Vec<Value> {
        let mut values = Vec::new();
        let mut sum = 0;
        for known in &self.sections {
            let Some(Ok(body)) = known.body.as_ref().map(Plain::open) else { continue };
            let n_before = values.len();
            values.push(rows::head(Some(&known.name), Some(&body)).into());
            let numbers = known.first_row..;
            values.extend(numbers.zip(&body.rows).map(|(number, row)| rows::row(number, row)));
            sum += values[n_before..].iter().map(weight).sum::<usize>();
            if values.len() > RECORDS_MAX || sum > DECODED_BYTES_MAX {
                values.truncate(n_before);
                break;
            }
        }
        values
    }
}
