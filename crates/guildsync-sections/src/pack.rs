//! Versions as few bytes: what a part of a stream says beside its head.
//!
//! First the edits that are new to the receiver, as they are: keys and signatures cannot be made smaller.
//! Then one batch of records ([`guildsync_wire::records`]), primed with all that the receiver holds: the
//! version that both have, and the earlier parts of the stream.
//!
//! Coding takes milliseconds, and a raid of forty may read the same part: each thread remembers what it
//! coded last, by content, so nothing is coded twice.

mod context;
mod edits;
mod error;
mod order;
mod rows;
mod values;

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use bytes::Bytes;
use guildsync_types::hash::Domain;
use guildsync_types::{Hash, Memo, WriterId};
use guildsync_wire::bytes::{Reader, Writer};
use guildsync_wire::lua::Value;
use guildsync_wire::records::{Memory, RecordsError, Stream};

pub(crate) use error::PackError;

use crate::document::Document;
use crate::message::Carried;
use crate::name::DocumentId;
use context::Context;

/// How many codings a thread remembers.
const REMEMBERED: usize = 64;

thread_local! {
    /// Bytes by what was written, and values by what was read.
    static WRITTEN: RefCell<Memo<Hash, Bytes>> = const { RefCell::new(Memo::new(REMEMBERED)) };
    static READ: RefCell<Memo<Hash, Arc<[Value]>>> = const { RefCell::new(Memo::new(REMEMBERED)) };
    static CODED: Cell<u64> = const { Cell::new(0) };
}

/// How often this thread has coded anything, rather than remember it: for tests and for measuring.
#[must_use]
pub fn coded() -> u64 {
    CODED.get()
}

/// Writes a part: what is carried, in the light of a version and of the stream's earlier parts. `None` for
/// what a batch of records cannot hold: it has to go as it is.
pub(crate) fn pack(
    document: DocumentId,
    base: Option<&Document>,
    earlier: &[Carried],
    part: &[Carried],
) -> Option<Bytes> {
    let context_hash = context_hash(document, base, earlier);
    let key = part.iter().fold(context_hash.clone(), |hash, one| add(hash, document, one)).finish();
    if let Some(bytes) = WRITTEN.with_borrow(|known| known.get(&key).cloned()) {
        return Some(bytes);
    }
    let mut context = Context::new(document, base, earlier);
    let new = edits::new(&context, part);
    let mut w = Writer::new();
    edits::write(&mut w, document, &context, &new, part);
    context.learn_edits(new.iter().cloned());
    let values = values::of(&context, part);
    let coded = stream(&context).and_then(|mut stream| stream.encode(&values)).ok()?;
    CODED.set(CODED.get() + 1);
    w.raw(&coded);
    let bytes = Bytes::from(w.into_vec());
    WRITTEN.with_borrow_mut(|known| known.keep(key, bytes.clone()));
    // Whoever wrote it reads it as the others do.
    let key = context_hash.with(&coded).finish();
    READ.with_borrow_mut(|known| known.keep(key, values.into()));
    Some(bytes)
}

/// Reads what [`pack`] wrote.
///
/// # Errors
/// [`PackError`] says what is wrong with it.
pub(crate) fn unpack(
    document: DocumentId,
    base: Option<&Document>,
    earlier: &[Carried],
    bytes: &[u8],
) -> Result<Vec<Carried>, PackError> {
    let mut context = Context::new(document, base, earlier);
    let mut r = Reader::new(bytes);
    let heads = edits::read(&mut r, &context)?;
    let coded = r.rest();
    let key = context_hash(document, base, earlier).with(coded).finish();
    let known = READ.with_borrow(|known| known.get(&key).cloned());
    let values = match known {
        Some(values) => values,
        None => {
            let values: Arc<[Value]> = stream(&context)?.decode(coded)?.into();
            CODED.set(CODED.get() + 1);
            READ.with_borrow_mut(|known| known.keep(key, Arc::clone(&values)));
            values
        }
    };
    context.learn_writers(heads.iter().map(|head| head.key));
    let new = heads.iter().map(|head| (WriterId::of_key(&head.key), head.stamp)).collect();
    let items = values::read(&context, new, &values)?;
    edits::join(document, &context, heads, items)
}

fn stream(context: &Context) -> Result<Stream, RecordsError> {
    Stream::sized(&context.values(), Memory::Small)
}

fn context_hash(
    document: DocumentId,
    base: Option<&Document>,
    earlier: &[Carried],
) -> guildsync_types::hash::Hasher {
    let hash = Hash::of(Domain::Version).with(&document.0);
    let digest = base.map_or([0; 8], |base| base.digest().0);
    let hash = hash.with(&digest).with(&(earlier.len() as u64).to_le_bytes());
    earlier.iter().fold(hash, |hash, one| add(hash, document, one))
}

fn add(
    hash: guildsync_types::hash::Hasher,
    document: DocumentId,
    one: &Carried,
) -> guildsync_types::hash::Hasher {
    let hash = hash.with(&one.item.hash(document).0).with(&one.edit.hash(document).0);
    hash.with(&[u8::from(one.body.is_some())])
}

#[cfg(test)]
mod tests;
