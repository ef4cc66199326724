//! Documents from rows, and rows from documents.
//!
//! The store remembers which version of each document is on disk: its digest, which two documents share
//! only where everything in them is equal. A document is one row and is written whole.

use std::collections::BTreeMap;

use guildsync_sections::{Document, DocumentId, SHELF_MAX, Shelf};
use guildsync_types::Digest;
use redb::{ReadTransaction, ReadableTable, WriteTransaction};

use crate::damage::Damage;
use crate::database;
use crate::layout::SHEETS;

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
    Ok(shelf)
}

/// Which documents there are, in which version.
pub(crate) fn digests(shelf: &Shelf) -> BTreeMap<DocumentId, Digest> {
    shelf.iter().map(|document| (document.id(), document.digest())).collect()
}

/// Writes into `txn` the documents of `shelf` that are not `on_disk`, and removes those that are gone.
/// How many rows that were.
pub(crate) fn save(
    txn: &WriteTransaction,
    on_disk: &BTreeMap<DocumentId, Digest>,
    shelf: &Shelf,
) -> Result<usize, redb::Error> {
    let is_new = |document: &&Document| on_disk.get(&document.id()) != Some(&document.digest());
    let new: Vec<&Document> = shelf.iter().filter(is_new).collect();
    let gone: Vec<&DocumentId> = on_disk.keys().filter(|id| shelf.get(**id).is_none()).collect();
    if new.is_empty() && gone.is_empty() {
        return Ok(0);
    }
    let mut rows = txn.open_table(SHEETS)?;
    for document in &new {
        rows.insert(&document.id().0, document.encode().as_slice())?;
    }
    for id in &gone {
        rows.remove(&id.0)?;
    }
    Ok(new.len() + gone.len())
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
        let author = Author { name: &name, key: &key, stamp };
        let publish = |title: &str| {
            Document::publish(author, label(title), Policy::default(), Vec::new()).unwrap()
        };
        let mut on_disk = BTreeMap::new();
        let mut commit = |shelf: &Shelf| {
            let txn = db.begin_write().unwrap();
            let n_rows = save(&txn, &on_disk, shelf).unwrap();
            txn.commit().unwrap();
            on_disk = digests(shelf);
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
        shelf.remove(c.id()).unwrap();
        shelf.put(publish("f")).unwrap();
        assert_eq!(commit(&shelf), 2, "one is gone, one is new");
        assert_eq!(commit(&Shelf::default()), 4);
    }
}
