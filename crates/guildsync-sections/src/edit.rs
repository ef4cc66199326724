//! An edit: what one person set at one moment, signed once.
//!
//! A signature takes 64 bytes, more than most edits say. So not every record has one: the editor signs the
//! list of hashes of all that the edit sets. Whoever passes on one item of an edit passes on that list.

use std::sync::Arc;

use guildsync_types::hash::Domain;
use guildsync_types::{Hash, MemberName, PublicKey, SecretKey, Signature, Stamp, WriterId};
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

use crate::item::{Item, SECTIONS_MAX, member};
use crate::name::DocumentId;

/// The most that one edit may set: every section and the structure.
pub const ITEMS_MAX: usize = SECTIONS_MAX + 1;

/// Who edits, and when.
#[derive(Debug, Clone, Copy)]
pub struct Author<'a> {
    /// Who, as the edit is to say.
    pub name: &'a MemberName,
    /// With which key.
    pub key: &'a SecretKey,
    /// When, by the editor's clock. It decides nothing but which of two simultaneous edits is shown.
    pub stamp: Stamp,
    /// The last number that this writer gave in a document that was here and was removed; 0: none.
    /// [`Shelf::author`](crate::Shelf::author) knows it.
    pub after: u32,
}

/// What one person set at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Who edited, as they say.
    pub editor: MemberName,
    /// With which key.
    pub key: PublicKey,
    /// When, by the editor's clock.
    pub stamp: Stamp,
    /// The hashes of all that was set, ascending.
    pub items: Arc<[Hash]>,
    /// The signature over all of that.
    pub signature: Signature,
}

impl Edit {
    /// Signs items.
    pub(crate) fn sign(document: DocumentId, author: Author<'_>, items: &[Item]) -> Self {
        let mut items: Vec<Hash> = items.iter().map(|item| item.hash(document)).collect();
        items.sort_unstable();
        let mut edit = Self {
            editor: author.name.clone(),
            key: author.key.public(),
            stamp: author.stamp,
            items: items.into(),
            signature: Signature([0; 64]),
        };
        edit.signature = author.key.sign(&edit.hash(document));
        edit
    }

    /// What is signed, and what names the edit: everything but the signature.
    #[must_use]
    pub fn hash(&self, document: DocumentId) -> Hash {
        let name = self.editor.as_str();
        let hash = Hash::of(Domain::Edit).with(&document.0).with(&[name.len() as u8]);
        let hash = hash.with(name.as_bytes()).with(&self.key.0);
        let hash = hash.with(&self.stamp.packed().to_le_bytes());
        self.items.iter().fold(hash, |hash, item| hash.with(&item.0)).finish()
    }

    /// Whether its key signed it.
    #[must_use]
    pub fn is_signed(&self, document: DocumentId) -> bool {
        self.key.verifies(&self.hash(document), &self.signature)
    }

    /// Whose edit it is, by the key.
    #[must_use]
    pub fn writer(&self) -> WriterId {
        WriterId::of_key(&self.key)
    }

    /// Writes it as it is kept.
    pub(crate) fn write(&self, w: &mut Writer) {
        w.str(self.editor.as_str());
        w.raw(&self.key.0);
        w.varint(self.stamp.packed());
        w.varint(self.items.len() as u64);
        self.items.iter().for_each(|item| w.raw(&item.0));
        w.raw(&self.signature.0);
    }

    /// Reads what [`Edit::write`] wrote.
    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let editor = member(r)?;
        let key = PublicKey(r.array("key")?);
        let stamp = stamp(r)?;
        let n = r.count(ITEMS_MAX, 32, "items")?;
        let items =
            (0..n).map(|_| Ok(Hash(r.array("item")?))).collect::<Result<_, DecodeError>>()?;
        Ok(Self { editor, key, stamp, items, signature: Signature(r.array("signature")?) })
    }
}

pub(crate) fn stamp(r: &mut Reader<'_>) -> Result<Stamp, DecodeError> {
    let at = r.at();
    Stamp::from_packed(r.varint("stamp")?).map_err(|why| r.invalid("stamp", at, &why.to_string()))
}
