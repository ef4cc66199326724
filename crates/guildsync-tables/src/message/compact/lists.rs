//! Lists of short hashes, and of metadata, keys and records: a count, and each behind the other.

use guildsync_types::stamp::StampForm;
use guildsync_wire::bits;
use guildsync_wire::bytes::{DecodeError, Reader, Writer};
use guildsync_wire::lua::Value;

use super::super::{Change, Message, Metadata};
use crate::kind::TableKind;
use crate::name::{GuildName, RecordId};
use crate::record::{Record, RecordKey};
use crate::updated::Updated;

/// A key takes its table, an id's length and a letter.
const KEY_BYTES_MIN: usize = 3;
/// Metadata take a byte of flags, an id of a letter, a second and a hash.
const METADATA_BYTES_MIN: usize = 8;
/// A record takes the change, its table, an id and a guild of a letter, and a time.
const RECORD_BYTES_MIN: usize = 8;

/// In the byte before metadata: bits 0 to 2 are the table, bits 5 to 7 how the time is written.
const TABLE: u8 = 0b111;
const DELETED: u8 = 1 << 3;
/// The guild is that of the metadata before.
const SAME_GUILD: u8 = 1 << 4;
const FORM_SHIFT: u8 = 5;

/// How a time is written as text; one behind them is a number.
const FORMS: [StampForm; 4] =
    [StampForm::Compact, StampForm::Dashed, StampForm::Date, StampForm::Epoch];

const CHANGES: [Change; 3] = [Change::Add, Change::Update, Change::Delete];

pub(super) fn read_hashes(r: &mut Reader<'_>) -> Result<Vec<u32>, DecodeError> {
    bits::read_hashes(Message::ITEMS_MAX, "short hashes", r)
}

pub(super) fn write_keys(keys: &[RecordKey], w: &mut Writer) {
    w.varint(keys.len() as u64);
    keys.iter().for_each(|key| key.encode(w));
}

pub(super) fn read_keys(r: &mut Reader<'_>) -> Result<Vec<RecordKey>, DecodeError> {
    let n = r.count(Message::ITEMS_MAX, KEY_BYTES_MIN, "keys")?;
    (0..n).map(|_| RecordKey::decode(r)).collect()
}

pub(super) fn write_records(records: &[(Change, Record)], w: &mut Writer) {
    w.varint(records.len() as u64);
    for (change, record) in records {
        w.u8(CHANGES.iter().position(|one| one == change).unwrap_or(0) as u8);
        record.encode(w);
    }
}

pub(super) fn read_records(r: &mut Reader<'_>) -> Result<Vec<(Change, Record)>, DecodeError> {
    let n = r.count(Message::ITEMS_MAX, RECORD_BYTES_MIN, "records")?;
    let record = |r: &mut Reader<'_>| {
        let (at, change) = (r.at(), r.u8("change")?);
        let change = CHANGES.get(usize::from(change)).copied();
        let change = change.ok_or_else(|| r.invalid("change", at, "neither 0 nor 1 nor 2"))?;
        let (at, mut rest) = (r.at(), r.clone());
        let record = Record::decode(r)?;
        // A tree can be written in many orders; equal records have equal bytes.
        let mut again = Writer::new();
        record.encode(&mut again);
        match rest.raw(r.at() - at, "record")? == again.as_slice() {
            true => Ok((change, record)),
            false => Err(r.invalid("record", at, "not in its canonical form")),
        }
    };
    (0..n).map(|_| record(r)).collect()
}

pub(super) fn write_metadata(list: &[Metadata], w: &mut Writer) {
    w.varint(list.len() as u64);
    let mut guild_before = None;
    for Metadata { table, id, guild, updated, deleted, hash } in list {
        let is_same = guild_before == Some(guild);
        let form = form_number(*updated) << FORM_SHIFT;
        let flag = |set: bool, flag: u8| if set { flag } else { 0 };
        w.u8(table.index() as u8 | flag(*deleted, DELETED) | flag(is_same, SAME_GUILD) | form);
        w.str(id.as_str());
        if !is_same {
            w.str(guild.as_str());
        }
        w.varint(updated.seconds());
        w.raw(&hash.to_le_bytes());
        guild_before = Some(guild);
    }
}

pub(super) fn read_metadata(r: &mut Reader<'_>) -> Result<Vec<Metadata>, DecodeError> {
    let n = r.count(Message::ITEMS_MAX, METADATA_BYTES_MIN, "metadata")?;
    let mut list: Vec<Metadata> = Vec::with_capacity(n);
    for _ in 0..n {
        let (at, flags) = (r.at(), r.u8("metadata")?);
        let table = TableKind::ALL.get(usize::from(flags & TABLE)).copied();
        let table = table.ok_or_else(|| r.invalid("table", at, "there are five tables, 0 to 4"))?;
        let id_at = r.at();
        let id = RecordId::new(r.str(RecordId::BYTES_MAX, "id")?)
            .map_err(|why| r.invalid("id", id_at, &why.to_string()))?;
        let before = list.last().map(|before| &before.guild);
        let guild = match (flags & SAME_GUILD != 0, before) {
            (true, Some(before)) => before.clone(),
            (true, None) => return Err(r.invalid("metadata", at, "the guild before: none is")),
            (false, before) => {
                let at = r.at();
                let guild = GuildName::new(r.str(GuildName::BYTES_MAX, "guild")?)
                    .map_err(|why| r.invalid("guild", at, &why.to_string()))?;
                if before == Some(&guild) {
                    return Err(r.invalid("guild", at, "the one before, written again"));
                }
                guild
            }
        };
        let updated = read_updated(flags >> FORM_SHIFT, r)?;
        let hash = u32::from_le_bytes(r.array("short hash")?);
        list.push(Metadata { table, id, guild, updated, deleted: flags & DELETED != 0, hash });
    }
    Ok(list)
}

fn form_number(updated: Updated) -> u8 {
    let value = updated.to_value();
    let form = FORMS.iter().position(|form| value.as_str() == Some(&updated.print(*form)));
    form.unwrap_or(FORMS.len()) as u8
}

fn read_updated(form: u8, r: &mut Reader<'_>) -> Result<Updated, DecodeError> {
    let at = r.at();
    let seconds = r.varint("last updated")?;
    let value = match FORMS.get(usize::from(form)) {
        Some(form) => Value::Str(Updated::at(seconds).print(*form)),
        None => Value::Int(i64::try_from(seconds).unwrap_or(i64::MAX)),
    };
    let updated = Updated::from_value(&value).ok();
    // A date has no seconds in it, and beyond the last year there are none.
    let updated =
        updated.filter(|updated| (updated.seconds(), form_number(*updated)) == (seconds, form));
    updated.ok_or_else(|| r.invalid("last updated", at, "no time that is written so"))
}
