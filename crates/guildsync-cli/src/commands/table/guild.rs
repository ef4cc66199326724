//! Which guild a store is in, and which guilds share its tables.

use std::collections::BTreeSet;
use std::path::Path;

use guildsync::tables::view::Setup;
use guildsync::tables::{GuildName, TableKind, Tables};
use guildsync::types::MemberName;

use crate::failure::Failure;

/// How many guilds an error names.
const NAMED: usize = 3;

/// The guild that a store is in: that of its member's own roster row, else the only one that it holds
/// records of.
pub(super) fn own(
    store: &Path,
    tables: &Tables,
    member: Option<&MemberName>,
) -> Result<GuildName, Failure> {
    if let Some(guild) = by_roster(tables, member) {
        return Ok(guild);
    }
    let guilds = all(tables);
    let guilds: Vec<&str> = guilds.iter().map(GuildName::as_str).collect();
    let store = store.display();
    let (named, more) = guilds.split_at(guilds.len().min(NAMED));
    let what = match (named, more.len()) {
        ([only], _) => return GuildName::new(only).map_err(Failure::from),
        ([], _) => "it holds no records yet".to_owned(),
        (named, 0) => format!("it holds records of {}", named.join(" and of ")),
        (named, n) => format!("it holds records of {} and of {n} more guilds", named.join(", ")),
    };
    let row = match member {
        Some(member) if !guilds.is_empty() => format!(", and no roster row of {member}"),
        _ => String::new(),
    };
    Err(Failure::error(format!(
        "which guild {store} is in cannot be told: {what}{row}; add `--guild NAME`"
    )))
}

/// The same, where it may stay open.
pub(super) fn own_if_known(tables: &Tables, member: Option<&MemberName>) -> Option<GuildName> {
    own(Path::new(""), tables, member).ok()
}

fn by_roster(tables: &Tables, member: Option<&MemberName>) -> Option<GuildName> {
    let member = member?;
    let is_own = |id: &str| {
        id.eq_ignore_ascii_case(member.as_str())
            || MemberName::from_entry(id).is_ok_and(|name| name == *member)
    };
    let rows = tables.of(TableKind::Roster).filter(|row| !row.is_deleted());
    let newest = rows.filter(|row| is_own(row.id().as_str())).max_by_key(|row| row.version());
    newest.map(|row| row.guild().clone())
}

/// All guilds with records that are not deleted; with deleted ones where there are no others.
pub(super) fn all(tables: &Tables) -> BTreeSet<GuildName> {
    let of = |deleted: bool| -> BTreeSet<GuildName> {
        let records = tables.iter().filter(|record| record.is_deleted() == deleted);
        records.map(|record| record.guild().clone()).collect()
    };
    let live = of(false);
    if live.is_empty() { of(true) } else { live }
}

/// A guild and those that it shares its tables with, by its own newest setup.
pub(super) fn federation(tables: &Tables, own: &GuildName) -> BTreeSet<GuildName> {
    let setups = tables.of(TableKind::Setup);
    let setups = setups.filter(|record| record.guild() == own && !record.is_deleted());
    let newest = setups.max_by_key(|record| record.version()).and_then(Setup::of);
    let linked = newest.into_iter().flat_map(Setup::guilds);
    linked.filter_map(|name| GuildName::new(name).ok()).chain([own.clone()]).collect()
}
