//! Lists: heads, differences, wants. One number holds how many items there are and, in its low bits,
//! what they have beside what all have.

use guildsync_wire::bits::{BitReader, BitWriter, distance_bits};
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

use super::super::{Base, Difference, Heads, MemberTag, Message, Tag, Want};
use super::{announced, is_whole, read_announced, tag};

/// Bits of a list of heads.
const PARTIAL: u64 = 1;
const MARKS: u64 = 2;
/// A byte before each tag says whether it is a whole one.
const MIXED: u64 = 4;

/// How many bits a short tag has.
const TAG_BITS: u32 = 24;

/// Bits of a difference.
const AHEAD: u64 = 1;
const BESIDE: u64 = 2;

/// Bits of the byte before a want, where there is one.
const WHOLE: u8 = 1;
const OF_NEXT: u8 = 2;
const OF_SAME: u8 = 4;

pub(super) fn write_heads(heads: &Heads, w: &mut Writer) {
    let Heads { lasts, marks, is_partial } = heads;
    debug_assert!(marks.is_empty() || marks.len() == lasts.len(), "a mark for each head or none");
    let has_marks = !marks.is_empty() && marks.len() == lasts.len();
    let is_mixed = lasts.iter().any(|&(tag, _)| is_whole(tag));
    let bit = |set: bool, bit: u64| if set { bit } else { 0 };
    let bits = bit(*is_partial, PARTIAL) | bit(has_marks, MARKS) | bit(is_mixed, MIXED);
    w.varint((lasts.len() as u64) << 3 | bits);
    match is_mixed {
        true => lasts.iter().for_each(|&(tag, last)| {
            write_tag(tag, is_mixed, w);
            w.varint(last);
        }),
        false => write_packed(lasts, w),
    }
    if has_marks {
        marks.iter().for_each(|mark| w.raw(mark));
    }
}

pub(super) fn read_heads(r: &mut Reader<'_>) -> Result<Heads, DecodeError> {
    let at = r.at();
    let bits = r.varint("heads")?;
    let (has_marks, is_mixed) = (bits & MARKS != 0, bits & MIXED != 0);
    let n = fits(r, at, bits >> 3, 1, "heads")?;
    let mut heads = Heads { is_partial: bits & PARTIAL != 0, ..Heads::default() };
    heads.lasts = match is_mixed {
        true => (0..n)
            .map(|_| Ok((read_tag(is_mixed, r)?, count(r, "last entry")?)))
            .collect::<Result<_, DecodeError>>()?,
        false => read_packed(n, r)?,
    };
    if !heads.lasts.is_sorted_by(|a, b| a.0 < b.0) {
        return Err(r.invalid("heads", at, "not ascending"));
    }
    if has_marks {
        heads.marks = (0..n).map(|_| r.array("mark")).collect::<Result<_, DecodeError>>()?;
    }
    if is_mixed != heads.lasts.iter().any(|&(tag, _)| is_whole(tag)) || has_marks && n == 0 {
        return Err(r.invalid("heads", at, "not in their shortest form"));
    }
    Ok(heads)
}

/// Short tags by their distances, and last entries: `n` tags cut the 2^24 that there are into about
/// equal parts, so the distances are of about one size, as last entries mostly are.
fn write_packed(lasts: &[(Tag, u64)], w: &mut Writer) {
    let (mut bits, mut next) = (BitWriter::new(w), 0);
    for &(tag, _) in lasts {
        let place = tag.bytes().iter().take(3).fold(0, |place, &byte| place << 8 | u64::from(byte));
        bits.number(place.saturating_sub(next), distance_bits(TAG_BITS, lasts.len()));
        next = place + 1;
    }
    let lasts: Vec<u64> = lasts.iter().map(|&(_, last)| last.saturating_sub(1)).collect();
    if !lasts.is_empty() {
        bits.numbers(&lasts);
    }
    bits.finish();
}

fn read_packed(n: usize, r: &mut Reader<'_>) -> Result<Vec<(Tag, u64)>, DecodeError> {
    let at = r.at();
    let mut bits = BitReader::new(r, "heads");
    let (mut tags, mut next) = (Vec::with_capacity(n), 0u64);
    for _ in 0..n {
        let place = next.saturating_add(bits.number(distance_bits(TAG_BITS, n))?);
        let [0, 0, 0, 0, 0, tag @ ..] = place.to_be_bytes() else {
            return Err(r.invalid("heads", at, "a tag of more than three bytes"));
        };
        tags.push(Tag::Short(tag));
        next = place + 1;
    }
    let lasts = if n == 0 { Vec::new() } else { bits.numbers(n)? };
    bits.finish()?;
    if lasts.contains(&u64::MAX) {
        return Err(r.invalid("heads", at, "a last entry beyond 64 bits"));
    }
    Ok(tags.into_iter().zip(lasts).map(|(tag, last)| (tag, last + 1)).collect())
}

pub(super) fn write_base(base: &Base, w: &mut Writer) {
    announced(base.at, w);
    write_difference(&base.difference, w);
}

pub(super) fn read_base(r: &mut Reader<'_>) -> Result<Base, DecodeError> {
    Ok(Base { at: read_announced(r)?, difference: read_difference(r)? })
}

pub(super) fn write_difference(difference: &Difference, w: &mut Writer) {
    let Difference { behind, ahead, beside } = difference;
    let bit = |set: bool, bit: u64| if set { bit } else { 0 };
    let bits = bit(!ahead.is_empty(), AHEAD) | bit(!beside.is_empty(), BESIDE);
    w.varint((behind.len() as u64) << 2 | bits);
    write_places(behind, w);
    if !ahead.is_empty() {
        w.varint(ahead.len() as u64);
        write_places(ahead, w);
    }
    if !beside.is_empty() {
        let is_mixed = beside.iter().any(|&(tag, _)| is_whole(tag));
        w.varint((beside.len() as u64) << 1 | u64::from(is_mixed));
        for &(tag, last) in beside {
            write_tag(tag, is_mixed, w);
            w.varint(last);
        }
    }
}

pub(super) fn read_difference(r: &mut Reader<'_>) -> Result<Difference, DecodeError> {
    let at = r.at();
    let bits = r.varint("difference")?;
    let n = fits(r, at, bits >> 2, 1, "writers behind")?;
    let mut difference = Difference { behind: read_places(n, r)?, ..Difference::default() };
    if bits & AHEAD != 0 {
        let at = r.at();
        let n = r.varint("writers ahead")?;
        let n = fits(r, at, n, 1, "writers ahead")?;
        difference.ahead = read_places(some(n, at, r)?, r)?;
    }
    if bits & BESIDE != 0 {
        let at = r.at();
        let bits = r.varint("writers beside")?;
        let n = fits(r, at, bits >> 1, 4, "writers beside")?;
        let is_mixed = bits & 1 != 0;
        let beside = (0..some(n, at, r)?)
            .map(|_| Ok((read_tag(is_mixed, r)?, count(r, "last entry")?)))
            .collect::<Result<Vec<_>, DecodeError>>()?;
        if !beside.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(r.invalid("writers beside", at, "not ascending"));
        }
        if is_mixed != beside.iter().any(|&(tag, _)| is_whole(tag)) {
            return Err(r.invalid("writers beside", at, "not in their shortest form"));
        }
        difference.beside = beside;
    }
    Ok(difference)
}

/// Places as runs: how many were left out, doubled, one more if the run has several places, and then
/// how many beyond two. Behind all places their numbers.
fn write_places(items: &[(u16, u64)], w: &mut Writer) {
    debug_assert!(items.is_sorted_by(|a, b| a.0 < b.0), "places ascend");
    let mut next = 0;
    for run in items.chunk_by(|a, b| a.0.checked_add(1) == Some(b.0)) {
        let (start, len) = (u64::from(run[0].0), run.len() as u64);
        w.varint(start.saturating_sub(next) << 1 | u64::from(len > 1));
        if len > 1 {
            w.varint(len - 2);
        }
        // Between two runs there is a place that is in neither.
        next = start + len + 1;
    }
    items.iter().for_each(|&(_, number)| w.varint(number));
}

fn read_places(n: usize, r: &mut Reader<'_>) -> Result<Vec<(u16, u64)>, DecodeError> {
    let mut items = Vec::with_capacity(n);
    let mut next = 0;
    while items.len() < n {
        let at = r.at();
        let bits = r.varint("place")?;
        let len = if bits & 1 == 0 { 1 } else { r.varint("run of places")?.saturating_add(2) };
        let start = next + (bits >> 1);
        if len > (n - items.len()) as u64 || start + len > 1 << 16 {
            return Err(r.invalid("place", at, "beyond the list"));
        }
        items.extend((start..start + len).map(|place| (place as u16, 0)));
        next = start + len + 1;
    }
    for item in &mut items {
        item.1 = count(r, "number of entries")?;
    }
    Ok(items)
}

pub(super) fn write_wants(wants: &[Want], w: &mut Writer) {
    let is_plain = |want: &Want| !is_whole(want.writer) && want.of.is_none();
    let is_mixed = !wants.iter().all(is_plain);
    w.varint((wants.len() as u64) << 1 | u64::from(is_mixed));
    let mut before = None;
    for &Want { writer, first, of } in wants {
        if is_mixed {
            let bits = match of {
                None => 0,
                Some(_) if of == before => OF_SAME,
                Some(_) => OF_NEXT,
            };
            w.u8(bits | if is_whole(writer) { WHOLE } else { 0 });
            if let (OF_NEXT, Some(MemberTag(member))) = (bits, of) {
                w.raw(&member);
            }
            before = of;
        }
        w.raw(writer.bytes());
        w.varint(first);
    }
}

pub(super) fn read_wants(r: &mut Reader<'_>) -> Result<Vec<Want>, DecodeError> {
    let start = r.at();
    let bits = r.varint("wants")?;
    let is_mixed = bits & 1 != 0;
    let n = fits(r, start, bits >> 1, 4, "wants")?;
    let mut wants = Vec::with_capacity(n);
    let mut before = None;
    for _ in 0..n {
        let at = r.at();
        let bits = if is_mixed { r.u8("want")? } else { 0 };
        let of = match bits & !WHOLE {
            0 => None,
            OF_SAME if before.is_some() => before,
            OF_NEXT => Some(MemberTag(r.array("member")?)),
            _ => return Err(r.invalid("want", at, "flags that this version does not know")),
        };
        if bits & OF_NEXT != 0 && of == before {
            return Err(r.invalid("want", at, "the member before, not in its shortest form"));
        }
        before = of;
        wants.push(Want { writer: tag(r, bits & WHOLE != 0)?, first: count(r, "first")?, of });
    }
    if is_mixed && wants.iter().all(|want| !is_whole(want.writer) && want.of.is_none()) {
        return Err(r.invalid("wants", start, "not in their shortest form"));
    }
    Ok(wants)
}

fn write_tag(tag: Tag, is_mixed: bool, w: &mut Writer) {
    if is_mixed {
        w.u8(is_whole(tag).into());
    }
    w.raw(tag.bytes());
}

fn read_tag(is_mixed: bool, r: &mut Reader<'_>) -> Result<Tag, DecodeError> {
    let at = r.at();
    match if is_mixed { r.u8("kind of tag")? } else { 0 } {
        0 => tag(r, false),
        1 => tag(r, true),
        _ => Err(r.invalid("kind of tag", at, "neither 0 nor 1")),
    }
}

/// A number of entries, or an entry's number: at least 1.
pub(super) fn count(r: &mut Reader<'_>, what: &'static str) -> Result<u64, DecodeError> {
    let at = r.at();
    match r.varint(what)? {
        0 => Err(r.invalid(what, at, "entries are counted from 1")),
        number => Ok(number),
    }
}

/// Says that `n` items of at least `item_bytes_min` bytes are within the limit and the input.
pub(super) fn fits(
    r: &Reader<'_>,
    at: usize,
    n: u64,
    item_bytes_min: usize,
    what: &'static str,
) -> Result<usize, DecodeError> {
    if n > Message::ITEMS_MAX as u64 {
        let why = format!("{n} items, the limit is {}", Message::ITEMS_MAX);
        return Err(r.invalid(what, at, &why));
    }
    match n as usize > r.left() / item_bytes_min {
        true => Err(DecodeError::Truncated { what, at }),
        false => Ok(n as usize),
    }
}

/// A list that is there is not empty.
fn some(n: usize, at: usize, r: &Reader<'_>) -> Result<usize, DecodeError> {
    match n {
        0 => Err(r.invalid("difference", at, "an empty list")),
        n => Ok(n),
    }
}
