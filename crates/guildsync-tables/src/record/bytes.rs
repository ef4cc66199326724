//! A record as bytes: what a store keeps, and what a message carries that packs nothing.
//!
//! | field | bytes |
//! |---|---|
//! | table, flags | 1: [`TableKind::index`]; bit 3 set: deleted |
//! | id | length, text |
//! | guild | length, text |
//! | last updated | a value in compact form: text or number, as it was written |
//! | data | a value in compact form, unless it is deleted |

use guildsync_wire::bytes::{DecodeError, Reader, Writer};
use guildsync_wire::lua::{Limits, Value};
use guildsync_wire::payload::Payload;

use super::{RECORD_BYTES_MAX, RECORD_DEPTH_MAX, Record, RecordKey};
use crate::kind::TableKind;
use crate::name::{GuildName, RecordId};
use crate::updated::Updated;

const DELETED: u8 = 1 << 3;
/// Text of a time takes at most a tag and 20 signs.
const UPDATED_BYTES_MAX: usize = 32;

impl Record {
    /// Appends the record's bytes. Equal records have equal bytes.
    pub fn encode(&self, w: &mut Writer) {
        w.u8(self.table().index() as u8 | if self.is_deleted() { DELETED } else { 0 });
        w.str(self.id().as_str());
        w.str(self.guild().as_str());
        // Neither is too deep nor holds what is no number: a record would not be there.
        w.bytes(&Payload::Compact.write(&self.updated().to_value()).unwrap_or_default());
        if !self.is_deleted() {
            let data = Value::Table(self.data().clone());
            w.bytes(&Payload::Compact.write(&data).unwrap_or_default());
        }
    }

    /// Takes a record from the front of `r`.
    ///
    /// # Errors
    /// The field that is wrong, and where.
    pub fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (at, flags) = (r.at(), r.u8("table")?);
        let table = table(r, at, flags & !DELETED)?;
        let id = id(r)?;
        let guild = guild(r)?;
        let at = r.at();
        let bytes = r.bytes(UPDATED_BYTES_MAX, "last updated")?;
        let updated = Payload::Compact
            .read(bytes, &Limits::default())
            .map_err(|why| r.invalid("last updated", at, &why.to_string()))?;
        let updated = Updated::from_value(&updated)
            .map_err(|why| r.invalid("last updated", at, &why.to_string()))?;
        if flags & DELETED != 0 {
            return Ok(Self::deletion(table, guild, id, updated));
        }
        let at = r.at();
        let bytes = r.bytes(RECORD_BYTES_MAX, "data")?;
        let limits = Limits { depth: RECORD_DEPTH_MAX, ..Limits::default() };
        let data = Payload::Compact
            .read(bytes, &limits)
            .map_err(|why| r.invalid("data", at, &why.to_string()))?;
        let Value::Table(data) = data else { return Err(r.invalid("data", at, "not a table")) };
        let record = Self::new(table, guild, id, updated, data);
        record.map_err(|why| r.invalid("data", at, &why.to_string()))
    }
}

impl RecordKey {
    /// Appends the key's bytes.
    pub fn encode(&self, w: &mut Writer) {
        w.u8(self.table.index() as u8);
        w.str(self.id.as_str());
        if let Some(guild) = &self.guild {
            w.str(guild.as_str());
        }
    }

    /// Takes a key from the front of `r`.
    ///
    /// # Errors
    /// The field that is wrong, and where.
    pub fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (at, index) = (r.at(), r.u8("table")?);
        let table = table(r, at, index)?;
        let id = id(r)?;
        let guild = if table == TableKind::Roster { None } else { Some(guild(r)?) };
        Ok(Self { table, id, guild })
    }
}

fn table(r: &Reader<'_>, at: usize, index: u8) -> Result<TableKind, DecodeError> {
    let found = TableKind::ALL.get(usize::from(index)).copied();
    found.ok_or_else(|| r.invalid("table", at, "there are five tables, 0 to 4"))
}

fn id(r: &mut Reader<'_>) -> Result<RecordId, DecodeError> {
    let at = r.at();
    let text = r.str(RecordId::BYTES_MAX, "id")?;
    RecordId::new(text).map_err(|why| r.invalid("id", at, &why.to_string()))
}

fn guild(r: &mut Reader<'_>) -> Result<GuildName, DecodeError> {
    let at = r.at();
    let text = r.str(GuildName::BYTES_MAX, "guild")?;
    GuildName::new(text).map_err(|why| r.invalid("guild", at, &why.to_string()))
}
