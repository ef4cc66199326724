//! The edits of a part: those that the receiver cannot know.

use std::sync::Arc;

use guildsync_types::{Hash, MemberName, PublicKey, Signature, Stamp};
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

use super::PackError;
use super::context::Context;
use super::values::Read;
use crate::edit::{Edit, ITEMS_MAX};
use crate::item::{Content, member};
use crate::message::Carried;
use crate::name::DocumentId;

/// An edit without those of its items that are in the part.
#[derive(Debug)]
pub(super) struct Head {
    editor: MemberName,
    pub(super) key: PublicKey,
    pub(super) stamp: Stamp,
    /// Items that are not in the part.
    others: Vec<Hash>,
    signature: Signature,
}

/// The edits of a part that are not known, in the order of their items.
pub(super) fn new(context: &Context, part: &[Carried]) -> Vec<Arc<Edit>> {
    let mut new: Vec<Arc<Edit>> = Vec::new();
    for one in part {
        if !context.edits.contains(&one.edit) && !new.contains(&one.edit) {
            new.push(Arc::clone(&one.edit));
        }
    }
    new
}

/// Writes edits.
pub(super) fn write(
    w: &mut Writer,
    document: DocumentId,
    context: &Context,
    edits: &[Arc<Edit>],
    part: &[Carried],
) {
    w.varint(edits.len() as u64);
    let mut keys = context.keys.clone();
    for edit in edits {
        w.str(edit.editor.as_str());
        match keys.iter().position(|key| *key == edit.key) {
            Some(at) => w.varint(at as u64 + 1),
            None => {
                w.varint(0);
                w.raw(&edit.key.0);
                keys.push(edit.key);
            }
        }
        w.zigzag(edit.stamp.seconds() as i64 - context.stamp.seconds() as i64);
        w.varint(edit.stamp.count().into());
        let here: Vec<Hash> = part
            .iter()
            .filter(|one| one.edit == *edit)
            .map(|one| one.item.hash(document))
            .collect();
        let others: Vec<&Hash> = edit.items.iter().filter(|item| !here.contains(item)).collect();
        w.varint(others.len() as u64);
        others.iter().for_each(|item| w.raw(&item.0));
        w.raw(&edit.signature.0);
    }
}

/// Reads what [`write`] wrote.
pub(super) fn read(r: &mut Reader<'_>, context: &Context) -> Result<Vec<Head>, DecodeError> {
    let n = r.count(ITEMS_MAX, 70, "edits")?;
    let mut keys = context.keys.clone();
    let mut heads = Vec::with_capacity(n);
    for _ in 0..n {
        let editor = member(r)?;
        let at = r.at();
        let key = match r.varint("key")? {
            0 => {
                let key = PublicKey(r.array("key")?);
                keys.push(key);
                key
            }
            number => {
                let key = keys.get(number as usize - 1).copied();
                key.ok_or_else(|| r.invalid("key", at, "there is none such"))?
            }
        };
        let at = r.at();
        let seconds = r.zigzag("seconds")?.checked_add(context.stamp.seconds() as i64);
        let count = u16::try_from(r.varint("count")?).ok();
        let stamp = seconds.and_then(|seconds| u64::try_from(seconds).ok()).zip(count);
        let stamp = stamp.and_then(|(seconds, count)| Stamp::new(seconds, count).ok());
        let stamp = stamp.ok_or_else(|| r.invalid("stamp", at, "no time before the year 10000"))?;
        let n = r.count(ITEMS_MAX, 32, "items")?;
        let others = (0..n).map(|_| Ok(Hash(r.array("item")?)));
        let others = others.collect::<Result<_, DecodeError>>()?;
        heads.push(Head {
            editor,
            key,
            stamp,
            others,
            signature: Signature(r.array("signature")?),
        });
    }
    Ok(heads)
}

/// Joins edits and the items that were read with them.
pub(super) fn join(
    document: DocumentId,
    context: &Context,
    heads: Vec<Head>,
    items: Vec<Read>,
) -> Result<Vec<Carried>, PackError> {
    let mut hashes: Vec<Vec<Hash>> = heads.iter().map(|head| head.others.clone()).collect();
    let n_known = context.edits.len();
    for read in &items {
        if let Some(at) = read.edit.checked_sub(n_known) {
            hashes[at].push(read.item.hash(document));
        }
    }
    let mut edits = context.edits.clone();
    for (head, mut items) in heads.into_iter().zip(hashes) {
        items.sort_unstable();
        let Head { editor, key, stamp, signature, .. } = head;
        edits.push(Arc::new(Edit { editor, key, stamp, items: items.into(), signature }));
    }
    let carried = items.into_iter().map(|read| {
        let Read { item, edit, body } = read;
        debug_assert!(body.is_none() || matches!(item.content, Content::Section { .. }));
        Carried { item, edit: Arc::clone(&edits[edit]), body }
    });
    Ok(carried.collect())
}
