//! Documents from rows, and rows from documents.
//!
//! The store remembers which version of each document is on disk: its digest, which two documents share
//! only where everything in them is equal. A document is one row and is written whole. Beside them is what
//! removed documents left behind.

use std::collections::BTreeMap;

use guildsync_sections::{Document, DocumentId, SHELF_MAX, Shelf};
use guildsync_types::Digest;
use redb::{ReadTransaction, ReadableTable, WriteTransaction};

use crate::damage::Damage;
use crate::database;
use crate::layout::{SHEETS, SHEETS_LEFT_BEHIND};

/// Reads all documents; what is wrong with a row is added to `damage`, and its document is missing.
pub(crate) fn load(txn: &ReadTransaction, damage: &mut Vec<Damage>) -> Result<Shelf, redb::Error> {
    let mut shelf = Shelf::default();
    let Some(rows) = database::table_since(txn, SHEETS)? else { return Ok(shelf) };
    for row in rows.iter()? {
        let (id, value) = row?;
        let id = DocumentId(*id.value());
        let read = match Document::decode(id, value.value()) {
            Ok(document) => shelf
                .put(document)
                .map_err(|_| format!("it is one too many, {SHELF_MAX} documents come before it")),
            Err(why) => Err(why.to_string()),
        };
        damage.extend(read.err().map(|why| Damage::Document { document: id, why }));
    }
    if let Some(rows) = database::table_since(txn, SHEETS_LEFT_BEHIND)? {
        for row in rows.iter()? {
            let (id, number) = row?;
            shelf.leave_behind(DocumentId(*id.value()), number.value());
        }
    }
    Ok(shelf)
}

/// What of a shelf is on disk.
#[derive(Debug, Default)]
pub(crate) struct OnDisk {
    documents: BTreeMap<DocumentId, Digest>,
    left_behind: BTreeMap<DocumentId, u32>,
}

impl OnDisk {
    /// All of it.
    pub(crate) fn all(shelf: &Shelf) -> Self {
        let digests = shelf.iter().map(|document| (document.id(), document.digest()));
        Self { documents: digests.collect(), left_behind: shelf.left_behind().clone() }
    }

    /// Writes into `txn` what of `shelf` is not on disk, and removes what is gone. How many rows that were.
    pub(crate) fn save(&self, txn: &WriteTransaction, shelf: &Shelf) -> Result<usize, redb::Error> {
        let mut n_rows = 0;
        let is_new =
            |document: &&Document| self.documents.get(&document.id()) != Some(&document.digest());
        let gone = self.documents.keys().filter(|id| shelf.get(**id).is_none());
        let mut rows = txn.open_table(SHEETS)?;
        for document in shelf.iter().filter(is_new) {
            rows.insert(&document.id().0, document.encode().as_slice())?;
            n_rows += 1;
        }
        for id in gone {
            rows.remove(&id.0)?;
            n_rows += 1;
        }
        let left_behind = shelf.left_behind();
        let is_new = |(id, number): &(&DocumentId, &u32)| self.left_behind.get(id) != Some(number);
        let gone = self.left_behind.keys().filter(|id| !left_behind.contains_key(id));
        let mut rows = txn.open_table(SHEETS_LEFT_BEHIND)?;
        for (id, number) in left_behind.iter().filter(is_new) {
            rows.insert(&id.0, number)?;
            n_rows += 1;
        }
        for id in gone {
            rows.remove(&id.0)?;
            n_rows += 1;
        }
        Ok(n_rows)
    }
}

#[cfg(test)]
mod tests {
    use guildsync_sections::{Author, Change, Label, Policy};
    use guildsync_types::{MemberName, SecretKey, Stamp};
    use redb::backends::InMemoryBackend;
    use redb::{Builder, ReadableDatabase};

    use super::*;

    fn label(text: &str) -> Label {
        Label::new(text).unwrap()
    }

    #[test]
    fn rows_are_written_for_what_is_new_and_removed_for_what_is_gone() {
        let db = Builder::new().create_with_backend(InMemoryBackend::new()).unwrap();
        let (name, key) = (MemberName::new("Oakhand").unwrap(), SecretKey::from_seed(&[1; 32]));
        let stamp = Stamp::new(1_700_000_000, 0).unwrap();
        let author = Author { name: &name, key: &key, stamp, after: 0 };
        let publish = |title: &str| {
            Document::publish(author, label(title), Policy::default(), Vec::new()).unwrap()
        };
        let mut on_disk = OnDisk::default();
        let mut commit = |shelf: &Shelf| {
            let txn = db.begin_write().unwrap();
            let n_rows = on_disk.save(&txn, shelf).unwrap();
            txn.commit().unwrap();
            on_disk = OnDisk::all(shelf);
            let mut damage = Vec::new();
            assert_eq!(&load(&db.begin_read().unwrap(), &mut damage).unwrap(), shelf);
            assert_eq!(damage, []);
            n_rows
        };
        let mut shelf = Shelf::default();
        assert_eq!(commit(&shelf), 0);
        let documents = ["a", "b", "c", "d"].map(publish);
        for document in documents.clone() {
            shelf.put(document).unwrap();
        }
        assert_eq!(commit(&shelf), 4);
        assert_eq!(commit(&shelf.clone()), 0);
        let [mut a, b, c, _] = documents;
        a.change(author, vec![Change::Title(label("e"))]).unwrap();
        shelf.put(a).unwrap();
        shelf.put(b).unwrap();
        assert_eq!(commit(&shelf), 1, "one of four has changed");
        shelf.remove(c.id(), key.writer()).unwrap();
        shelf.put(publish("f")).unwrap();
        assert_eq!(commit(&shelf), 3, "one is gone and left a number behind, one is new");
        assert_eq!(commit(&shelf.clone()), 0);
        assert_eq!(commit(&Shelf::default()), 5);
    }
}
