//! Stamps and places of parts, in the few bytes that the usual ones need.

use guildsync_types::Stamp;
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

/// In the low bit of a stamp's seconds: a count within the second follows.
const COUNTED: u64 = 1;

/// How many bits a part's number has beside its stream's.
const INDEX_BITS: u32 = 3;
/// The number that stands for this one and all beyond; how far beyond follows.
const INDEX_FAR: u16 = (1 << INDEX_BITS) - 1;

pub(super) fn write_stamp(stamp: Stamp, w: &mut Writer) {
    let count = stamp.count();
    w.varint(stamp.seconds() << 1 | u64::from(count != 0));
    if count != 0 {
        w.varint(count.into());
    }
}

pub(super) fn read_stamp(r: &mut Reader<'_>) -> Result<Stamp, DecodeError> {
    let at = r.at();
    let seconds = r.varint("stamp")?;
    let count = match seconds & COUNTED {
        0 => 0,
        _ => match small(r, "count within the second")? {
            0 => return Err(r.invalid("stamp", at, "a count of 0, written")),
            count => count,
        },
    };
    Stamp::new(seconds >> 1, count).map_err(|why| r.invalid("stamp", at, &why.to_string()))
}

pub(super) fn read_seconds(r: &mut Reader<'_>) -> Result<u32, DecodeError> {
    let at = r.at();
    u32::try_from(r.varint("seconds")?).map_err(|_| r.invalid("seconds", at, "over 32 bits"))
}

pub(super) fn write_place(stream: u16, index: u16, w: &mut Writer) {
    w.varint(u64::from(stream) << INDEX_BITS | u64::from(index.min(INDEX_FAR)));
    if index >= INDEX_FAR {
        w.varint((index - INDEX_FAR).into());
    }
}

pub(super) fn read_place(r: &mut Reader<'_>) -> Result<(u16, u16), DecodeError> {
    let (at, place) = (r.at(), r.varint("stream")?);
    let beyond = |r: &Reader<'_>, what, at| r.invalid(what, at, "over 16 bits");
    let stream = u16::try_from(place >> INDEX_BITS).map_err(|_| beyond(r, "stream", at))?;
    let index = place as u16 & INDEX_FAR;
    if index < INDEX_FAR {
        return Ok((stream, index));
    }
    let at = r.at();
    let index = index.checked_add(small(r, "part number")?);
    Ok((stream, index.ok_or_else(|| beyond(r, "part number", at))?))
}

fn small(r: &mut Reader<'_>, what: &'static str) -> Result<u16, DecodeError> {
    let at = r.at();
    u16::try_from(r.varint(what)?).map_err(|_| r.invalid(what, at, "over 16 bits"))
}
