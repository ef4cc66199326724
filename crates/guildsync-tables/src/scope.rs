//! Which guilds take part: the own one and those that it is linked with, as its setup says.

use std::collections::BTreeSet;

use guildsync_types::Hash;
use guildsync_types::hash::Domain;
use guildsync_wire::lua::{Table, Value};

use crate::config::Guilds;
use crate::kind::TableKind;
use crate::message::{GuildTag, Message};
use crate::name::GuildName;
use crate::tables::Tables;

/// The guilds that a guild shares its tables with, by its own setup: itself first, then by name.
pub(crate) fn federation(tables: &Tables, own: &GuildName, policy: Guilds) -> Vec<GuildName> {
    let mut guilds = vec![own.clone()];
    if policy == Guilds::Own {
        return guilds;
    }
    let linked: BTreeSet<GuildName> = linked(tables, own).collect();
    guilds.extend(linked.into_iter().filter(|guild| guild != own));
    guilds.truncate(Message::GUILDS_MAX);
    guilds
}

/// The guilds that a guild's newest setup lists.
pub(crate) fn linked<'a>(
    tables: &'a Tables,
    own: &GuildName,
) -> impl Iterator<Item = GuildName> + use<'a> {
    let own = own.clone();
    let setups = tables.of(TableKind::Setup);
    let setups = setups.filter(move |one| *one.guild() == own && !one.is_deleted());
    let newest = setups.max_by_key(|one| one.version());
    let list = newest.and_then(|one| one.data().get("guilds")).and_then(Value::as_table);
    list.into_iter().flat_map(names)
}

/// The names in a list of guilds: `{ name = "..." }` each, or plain text.
fn names(list: &Table) -> impl Iterator<Item = GuildName> {
    let values = list.positional().iter().chain(list.keyed().map(|(_, value)| value));
    values.filter_map(|value| {
        let name = value.as_str().or_else(|| value.as_table()?.get("name")?.as_str())?;
        GuildName::new(name).ok()
    })
}

/// A guild's tag.
pub(crate) fn tag(guild: &GuildName) -> GuildTag {
    let Hash(hash) =
        Hash::of(Domain::Session).with(b"guild").with(guild.as_str().as_bytes()).finish();
    GuildTag([hash[0], hash[1], hash[2]])
}

/// What an opening's guilds mean for the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Agreed {
    /// These, as both see it.
    Scope(BTreeSet<GuildName>),
    /// Fewer: those alone that both sides share.
    Fewer(Vec<GuildTag>),
    /// One of the two guilds does not share its tables with the other.
    NotFederated,
}

/// Compares an opening's guilds, the initiator's own first, with those of the one who was asked.
pub(crate) fn agree(theirs: &[GuildTag], ours: &[GuildName]) -> Agreed {
    let find = |wanted: &GuildTag| ours.iter().find(|guild| tag(guild) == *wanted);
    let (Some(first), Some(own)) = (theirs.first(), ours.first()) else {
        return Agreed::NotFederated;
    };
    if find(first).is_none() || !theirs.contains(&tag(own)) {
        return Agreed::NotFederated;
    }
    let shared: Vec<&GuildName> = theirs.iter().filter_map(find).collect();
    match shared.len() == theirs.len() {
        true => Agreed::Scope(shared.into_iter().cloned().collect()),
        false => Agreed::Fewer(shared.into_iter().map(tag).collect()),
    }
}
