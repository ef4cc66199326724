//! Record batches: many [`Value`] trees of like shape in the fewest bytes, exactly.
//!
//! A record is a tree; each path in it is a column with habits of its own. A value is first told by
//! where it came from (its column's dictionary, another field of this record, another column, a
//! number, letters), each choice predicted from many contexts at once, and only what is truly new is
//! spelled, in the light of the fields before it. Nothing is known about any table beforehand: every
//! regularity is found in the records themselves, by both sides alike, so each has an escape.
//!
//! A map of the code:
//! - `header`: the first bytes, and [`RecordsError`]
//! - `atom`, `column`: what is compared with what, and the places that values have in a record
//! - `symbol`: choices, predicted by many contexts
//! - `letters`, `align`: texts, and the fields that they may follow
//! - `stream`: batches that learn from each other; `count`: how many records each has
//! - `earlier`, `again`: the older version of a record, and values that it still has
//! - `walk`: the one walk over records that writes, reads and learns; `leaf` and `shape` are its parts
//!
//! Integers and floats, the order of keys and whether an entry is positional or keyed all survive.
//!
//! ```
//! use guildsync_wire::lua::{Limits, parse_value};
//! use guildsync_wire::records::{decode, encode};
//! let row = parse_value(r#"{ ["name"] = "Brindle", ["roles"] = {}, [4] = "07" }"#, &Limits::default())?;
//! let bytes = encode(std::slice::from_ref(&row), None)?;
//! assert_eq!(decode(&bytes, None)?, [row]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod again;
mod align;
mod atom;
mod column;
mod count;
mod earlier;
mod header;
mod leaf;
mod letters;
mod shape;
mod stream;
mod symbol;
mod walk;

pub use header::{
    Base, DECODED_BYTES_MAX, DEPTH_MAX, RECORDS_MAX, RecordsError, STREAM_BYTES_MAX,
    STREAM_RECORDS_MAX, weight,
};
pub use stream::{Memory, Stream};

use crate::entropy::{Decoder, Encoder};
use crate::lua::Value;
use walk::Model;

/// Writes a batch, primed by `base` where one is given.
///
/// # Errors
/// More records, a larger size or deeper nesting than a batch (or a base) may have.
pub fn encode(records: &[Value], base: Option<Base<'_>>) -> Result<Vec<u8>, RecordsError> {
    header::check(records)?;
    let mut model = primed(base)?;
    let mut encoder = Encoder::new(header::write(base.map(|base| base.number))?);
    model.batch(&mut encoder, records)?;
    Ok(encoder.finish())
}

/// Reads a batch; `base` is needed where the batch names one, and unused where it does not.
///
/// # Errors
/// [`RecordsError::UnknownBase`] without the base it names; another error for bytes that no
/// [`encode`] wrote.
pub fn decode(bytes: &[u8], base: Option<Base<'_>>) -> Result<Vec<Value>, RecordsError> {
    let (named, stream) = header::read(bytes)?;
    let base = match named {
        None => None,
        Some(number) => {
            let base = base.filter(|base| base.number == number);
            Some(base.ok_or(RecordsError::UnknownBase { number })?)
        }
    };
    let mut model = primed(base)?;
    let mut decoder = Decoder::new(stream);
    let records = model.batch(&mut decoder, &[])?;
    if !decoder.is_whole() {
        return Err(RecordsError::Length { bytes: bytes.len() });
    }
    Ok(records)
}

fn primed(base: Option<Base<'_>>) -> Result<Model, RecordsError> {
    let mut model = Model::new();
    if let Some(base) = base {
        header::check(base.records)?;
        model.prime(base.records)?;
    }
    Ok(model)
}
