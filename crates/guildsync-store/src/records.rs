//! Tables from rows, and rows from tables.
//!
//! The store remembers which state of which tables is on disk (a [`Mark`]). Tables that have come
//! about from that state by writes alone say themselves what is new since then. Any others, a copy that was
//! changed somewhere or tables from elsewhere, are compared with the rows, all of them.

use std::collections::BTreeSet;

use guildsync_tables::{Mark, Record, TableKind, Tables};
use redb::{ReadTransaction, ReadableTable, Table, TableHandle, WriteTransaction};

use crate::damage::Damage;
use crate::database;
use crate::layout::{
    HELD, KEPT, RECORDS, Records, decode_record, encode_record, held_key, record_key,
};

type Rows<'a> = Table<'a, &'static [u8], &'static [u8]>;

/// Reads all tables; what is wrong with a row is added to `damage`, and its record is missing.
pub(crate) fn load(txn: &ReadTransaction, damage: &mut Vec<Damage>) -> Result<Tables, redb::Error> {
    let key = |record: &Record| record_key(record.key());
    let records = rows(txn, RECORDS, key, damage)?;
    let kept = rows(txn, KEPT, key, damage)?;
    let held = rows(txn, HELD, held_key, damage)?;
    Ok(Tables::load(records, kept, held))
}

fn rows(
    txn: &ReadTransaction,
    table: Records,
    key_of: impl Fn(&Record) -> Vec<u8>,
    damage: &mut Vec<Damage>,
) -> Result<Vec<Record>, redb::Error> {
    let mut records = Vec::new();
    let Some(rows) = database::table_since(txn, table)? else { return Ok(records) };
    for row in rows.iter()? {
        let (key, value) = row?;
        let mut wrong = |why| {
            damage.push(Damage::Record { row: name_of(table, key.value()), why });
        };
        match decode_record(value.value()) {
            Ok(record) if key_of(&record) == key.value() => records.push(record),
            Ok(other) => wrong(format!("it holds {:?} of {}", other.id(), other.table())),
            Err(why) => wrong(why.to_string()),
        }
    }
    Ok(records)
}

/// The row of a key, in words; the key may be any bytes.
fn name_of(table: Records, key: &[u8]) -> String {
    let begin = if table.name() == HELD.name() { 8 } else { 0 };
    let index = key.get(begin).map_or(usize::MAX, |index| usize::from(*index));
    let id = key.get(begin + 1..).unwrap_or_default().split(|byte| *byte == 0).next();
    let id = String::from_utf8_lossy(id.unwrap_or_default());
    match TableKind::ALL.get(index) {
        Some(kind) => format!("the row of {id:?} of {kind} in {:?}", table.name()),
        None => format!("the row with key {key:02x?} in {:?}", table.name()),
    }
}

/// Writes into `txn` what `tables` holds and the state of `on_disk` does not. How many rows that were.
pub(crate) fn save(
    txn: &WriteTransaction,
    on_disk: &Mark,
    tables: &Tables,
) -> Result<usize, redb::Error> {
    if tables.is_at(on_disk) {
        return Ok(0);
    }
    let mut rows = txn.open_table(RECORDS)?;
    let mut n_rows = 0;
    match tables.written_since(on_disk) {
        Some(records) => {
            for record in records {
                n_rows += put(&mut rows, &record_key(record.key()), record)?;
            }
        }
        None => n_rows += replace(&mut rows, tables.iter(), |record| record_key(record.key()))?,
    }
    if !tables.keeps_as_at(on_disk) {
        let (mut kept, mut held) = (txn.open_table(KEPT)?, txn.open_table(HELD)?);
        n_rows += replace(&mut kept, tables.all_kept(), |record| record_key(record.key()))?;
        n_rows += replace(&mut held, tables.held(), held_key)?;
    }
    Ok(n_rows)
}

/// Makes these records the only rows. They come in the order of their keys.
fn replace<'a>(
    rows: &mut Rows<'_>,
    records: impl Iterator<Item = &'a Record>,
    key_of: impl Fn(&Record) -> Vec<u8>,
) -> Result<usize, redb::Error> {
    let mut n_rows = 0;
    let mut keys = BTreeSet::new();
    for record in records {
        let key = key_of(record);
        n_rows += put(rows, &key, record)?;
        keys.insert(key);
    }
    let mut n_gone = 0;
    rows.retain(|key, _| {
        let stays = keys.contains(key);
        n_gone += usize::from(!stays);
        stays
    })?;
    Ok(n_rows + n_gone)
}

/// Writes one row, unless it is there.
fn put(rows: &mut Rows<'_>, key: &[u8], record: &Record) -> Result<usize, redb::Error> {
    let value = encode_record(record);
    if rows.get(key)?.is_some_and(|old| old.value() == value) {
        return Ok(0);
    }
    rows.insert(key, value.as_slice())?;
    Ok(1)
}
