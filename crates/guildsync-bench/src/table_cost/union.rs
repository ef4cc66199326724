//! What both members have to hold after a session: of every record the version that counts, found out
//! by other code than that of the tables.

use std::collections::BTreeMap;

use guildsync::tables::schema::unified;
use guildsync::tables::{Record, TableKind};
use guildsync::wire::lua::to_compact;

/// Default content loses, then the later wins, then the deleted, then the greater hash.
type Rank = (bool, u64, bool, [u8; 32]);

/// The records as text, sorted.
#[must_use]
pub fn texts<'a>(records: impl IntoIterator<Item = &'a Record>) -> Vec<String> {
    let text = |record: &Record| to_compact(&unified::to_value(record));
    let mut texts: Vec<String> = records.into_iter().map(text).collect();
    texts.sort_unstable();
    texts
}

/// The union of what several hold, as [`texts`].
#[must_use]
pub fn of(sides: &[Vec<Record>]) -> Vec<String> {
    let mut best: BTreeMap<(&str, &str, &str), (Rank, &Record)> = BTreeMap::new();
    for record in sides.iter().flatten() {
        // A member's roster row is known by its name alone.
        let guild = if record.table() == TableKind::Roster { "" } else { record.guild().as_str() };
        let key = (record.table().name(), record.id().as_str(), guild);
        let seconds = record.updated().seconds();
        // 1999-01-01, the addon's default content.
        let rank = (seconds != 915_148_800, seconds, record.is_deleted(), record.hash().0);
        match best.get(&key) {
            Some((before, _)) if *before >= rank => {}
            _ => drop(best.insert(key, (rank, record))),
        }
    }
    texts(best.into_values().map(|(_, record)| record))
}
