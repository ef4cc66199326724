//! Batches: the last field of the messages that carry entries. Its last row batch needs no length.

use bytes::Bytes;
use guildsync_log::segment::{decode_branch, encode_branch};
use guildsync_types::{PublicKey, Signature};
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

use super::super::{Batch, SealPart};
use super::lists::{fits, read_base, write_base};

/// What a seal has beside its signature, if any has something.
const SIGNATURE: u8 = 0;
const WITH_KEY: u8 = 1;
const WITH_BRANCH: u8 = 2;

pub(super) fn write(batch: &Batch, w: &mut Writer) {
    let Batch { base, rows, seals } = batch;
    if let Some(base) = base {
        write_base(base, w);
    }
    let is_mixed = seals.iter().any(|seal| seal.key.is_some());
    w.varint((seals.len() as u64) << 1 | u64::from(is_mixed));
    for SealPart { signature, key, branch } in seals {
        debug_assert!(key.is_some() || branch.is_none(), "a branch goes with its key");
        w.raw(&signature.0);
        let Some(PublicKey(key)) = key else {
            if is_mixed {
                w.u8(SIGNATURE);
            }
            continue;
        };
        w.u8(if branch.is_some() { WITH_BRANCH } else { WITH_KEY });
        w.raw(key);
        if branch.is_some() {
            encode_branch(branch.as_ref(), w);
        }
    }
    w.varint(rows.len() as u64);
    if let Some((last, others)) = rows.split_last() {
        others.iter().for_each(|rows| w.bytes(rows));
        w.raw(last);
    }
}

/// Reads a batch to the end of `bytes`, which `r` reads; its rows share their memory.
pub(super) fn read(
    bytes: &Bytes,
    has_base: bool,
    r: &mut Reader<'_>,
) -> Result<Batch, DecodeError> {
    let base = has_base.then(|| read_base(r)).transpose()?;
    let start = r.at();
    let bits = r.varint("seals")?;
    let is_mixed = bits & 1 != 0;
    let n = fits(r, start, bits >> 1, 64, "seals")?;
    let seals = (0..n).map(|_| seal(is_mixed, r)).collect::<Result<Vec<_>, _>>()?;
    if is_mixed && seals.iter().all(|seal| seal.key.is_none()) {
        return Err(r.invalid("seals", start, "not in their shortest form"));
    }
    let at = r.at();
    let n = r.varint("row batches")?;
    // The last one has no length.
    let n = fits(r, at, n.saturating_sub(1), 1, "row batches")? + usize::from(n > 0);
    let rows = (1..=n).map(|nth| match nth == n {
        false => Ok(bytes.slice_ref(r.bytes(usize::MAX, "row batch")?)),
        true => Ok(bytes.slice_ref(r.rest())),
    });
    let rows = rows.collect::<Result<Vec<_>, DecodeError>>()?;
    Ok(Batch { base, rows, seals })
}

fn seal(is_mixed: bool, r: &mut Reader<'_>) -> Result<SealPart, DecodeError> {
    let signature = Signature(r.array("signature")?);
    let at = r.at();
    let (mut key, mut branch) = (None, None);
    match if is_mixed { r.u8("kind of seal")? } else { SIGNATURE } {
        SIGNATURE => {}
        WITH_KEY => key = Some(PublicKey(r.array("key")?)),
        WITH_BRANCH => {
            key = Some(PublicKey(r.array("key")?));
            branch = decode_branch(r)?;
            if branch.is_none() {
                return Err(r.invalid("kind of seal", at, "a branch that is none"));
            }
        }
        _ => return Err(r.invalid("kind of seal", at, "neither 0 nor 1 nor 2")),
    }
    Ok(SealPart { signature, key, branch })
}
