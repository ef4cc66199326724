//! What the addon's way takes for the same, computed from its chunks and not run.
//!
//! The addon sends its whole metadata as JSON in chunks of 190 bytes, and every record as JSON of its own
//! in as many chunks as it needs.

use guildsync::tables::Record;
use guildsync::tables::schema::unified;
use guildsync::wire::lua::{Key, Value};

/// Bytes of a chunk.
const CHUNK: usize = 190;
/// Bytes of a metadata entry as JSON, as measured in the addon.
const METADATA: usize = 159;

/// Chunks of the metadata of so many records.
#[must_use]
pub fn metadata_chunks(records: usize) -> usize {
    (records * METADATA).div_ceil(CHUNK)
}

/// Messages that carry records one by one.
#[must_use]
pub fn record_chunks(records: &[Record]) -> usize {
    records.iter().map(|record| json_len(&unified::to_value(record)).div_ceil(CHUNK)).sum()
}

/// Bytes of a value as JSON without blanks; characters that JSON escapes count once.
fn json_len(value: &Value) -> usize {
    match value {
        Value::Bool(flag) => flag.to_string().len(),
        Value::Int(number) => number.to_string().len(),
        Value::Float(number) => number.to_string().len(),
        Value::Str(text) => text.len() + 2,
        Value::Table(table) => {
            let key = |key: &Key| match key {
                Key::Str(text) => text.len() + 3,
                other => format!("{other:?}").len(),
            };
            let items = table.positional().iter().map(|item| json_len(item) + 1);
            let fields = table.keyed().map(|(name, field)| key(name) + json_len(field) + 1);
            let n = table.positional().len() + table.keyed().count();
            items.chain(fields).sum::<usize>() + if n == 0 { 2 } else { 1 }
        }
    }
}
