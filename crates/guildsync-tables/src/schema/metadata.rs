//! The addon's metadata: two forms of the one index that sync compares.
//!
//! Seed 004 asks for one metadata table and, further on, for two. Both are made here from the records
//! when they are asked for, so they say what the tables say after every write, and nothing of them is
//! kept in an entry.

use guildsync_types::stamp::StampForm;
use guildsync_wire::lua::{Table, Value};

use super::document::free_key;
use super::unified;
use crate::kind::TableKind;
use crate::record::Record;
use crate::tables::Tables;

/// Which of the two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MetadataShape {
    /// `{ [table] = { [id] = { id, tableType, guildName, lastUpdated, deleted } } }`, all five tables.
    #[default]
    Unified,
    /// `metadata-information`, by table and id `{ id, date, guildname, deleted }` for news, guild info
    /// and calendar; and `metadata-roster`, by name `{ key, lastUpdated, pt_guildName, deleted }`. Setup
    /// has none: it is compared by itself.
    Split,
}

/// What the tables hold, as the addon's metadata. An id that stands for two guilds is there for each,
/// for the second under `id@guild`.
#[must_use]
pub fn metadata(tables: &Tables, shape: MetadataShape) -> Value {
    let of = |kind: TableKind, entry: fn(&Record) -> Table| {
        let mut table = Table::new();
        for record in tables.of(kind) {
            table.insert(free_key(&table, record), entry(record));
        }
        table
    };
    let mut out = Table::new();
    match shape {
        MetadataShape::Unified => {
            for kind in TableKind::ALL {
                out.insert(kind.name(), of(kind, unified::frame));
            }
        }
        MetadataShape::Split => {
            let mut information = Table::new();
            for kind in [TableKind::News, TableKind::GuildInfo, TableKind::Calendar] {
                information.insert(kind.name(), of(kind, information_entry));
            }
            out.insert("metadata-information", information);
            out.insert("metadata-roster", of(TableKind::Roster, roster_entry));
        }
    }
    Value::Table(out)
}

fn information_entry(record: &Record) -> Table {
    let mut entry = Table::new();
    entry.insert("id", record.id().as_str());
    entry.insert("date", record.updated().print(StampForm::Dashed));
    entry.insert("guildname", record.guild().as_str());
    entry.insert("deleted", record.is_deleted());
    entry
}

fn roster_entry(record: &Record) -> Table {
    let mut entry = Table::new();
    entry.insert("key", record.id().as_str());
    entry.insert("lastUpdated", record.updated().to_value());
    entry.insert("pt_guildName", record.guild().as_str());
    entry.insert("deleted", record.is_deleted());
    entry
}
