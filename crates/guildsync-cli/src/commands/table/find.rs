//! A record as a person names it.

use guildsync::tables::{GuildName, Record, RecordId, TableKind, Tables};

use super::{Named, OfGuild};
use crate::failure::Failure;

/// The record, deleted or not; an error if there is none or more than one.
pub(super) fn one<'a>(
    tables: &'a Tables,
    named: &Named,
    of: &OfGuild,
) -> Result<&'a Record, Failure> {
    let Named { table, id } = named;
    if let Some(record) = maybe(tables, named, of.guild.as_ref())? {
        return Ok(record);
    }
    let elsewhere = TableKind::ALL
        .into_iter()
        .find(|other| other != table && tables.of(*other).any(|record| record.id() == id));
    let guild = of.guild.as_ref().map_or_else(String::new, |guild| format!(" of {guild}"));
    Err(Failure::error(match elsewhere {
        Some(other) => {
            format!("there is no record {id} in {table}{guild}, but there is one in {other}")
        }
        None => format!(
            "there is no record {id} in {table}{guild}: `guildsync table list {table} --deleted` \
             shows what there is"
        ),
    }))
}

/// The record, if there is one; an error if more than one guild has it.
pub(super) fn maybe<'a>(
    tables: &'a Tables,
    named: &Named,
    guild: Option<&GuildName>,
) -> Result<Option<&'a Record>, Failure> {
    let Named { table, id } = named;
    // A member is in one guild at a time: its row is found by its name alone.
    let guild = guild.filter(|_| *table != TableKind::Roster);
    let of_guild = |record: &&Record| guild.is_none_or(|guild| record.guild() == guild);
    let exact = |record: &&Record| record.id() == id;
    let found: Vec<&Record> = tables.of(*table).filter(exact).filter(of_guild).collect();
    match found[..] {
        [record] => Ok(Some(record)),
        [] if *table == TableKind::Roster => Ok(in_any_case(tables, id)),
        [] => Ok(None),
        _ => {
            let guilds: Vec<&str> = found.iter().map(|one| one.guild().as_str()).collect();
            Err(Failure::error(format!(
                "{} guilds have a record {id} in {table}, {}: add `--guild NAME`",
                found.len(),
                guilds.join(" and ")
            )))
        }
    }
}

/// The only row of a name, typed in upper or lower case.
fn in_any_case<'a>(tables: &'a Tables, id: &RecordId) -> Option<&'a Record> {
    let typed = id.as_str().to_lowercase();
    let mut rows = tables.of(TableKind::Roster);
    let fits = |row: &&Record| row.id().as_str().to_lowercase() == typed;
    let (first, second) = (rows.find(fits), rows.find(fits));
    first.filter(|_| second.is_none())
}
