//! What members hold once everyone has synced with everyone, worked out without sessions.
//!
//! Sets of versions, guilds in scope as the setup of each side says, rights by the sender: of two versions
//! both sides keep the one that counts. Repeated until nothing changes.

use std::collections::BTreeSet;

use guildsync::tables::{GuildName, Guilds, Record, Rights, TableKind};
use guildsync::types::MemberName;
use guildsync::wire::lua::Value;

use super::books::{Books, Held, Version};

/// One member, as far as it matters what it gets and gives.
#[derive(Debug, Clone)]
pub(crate) struct Party {
    pub(crate) name: MemberName,
    pub(crate) guild: GuildName,
    pub(crate) guilds: Guilds,
    pub(crate) held: Held,
}

/// Lets everyone sync with everyone until nothing changes.
pub(crate) fn settle(parties: &mut [Party], books: &Books, rights: &Rights) {
    let mut has_changed = true;
    while has_changed {
        has_changed = false;
        for one in 0..parties.len() {
            let (before, from) = parties.split_at_mut(one);
            let Some(from) = from.first_mut() else { continue };
            for to in before {
                has_changed |= sync(from, to, books, rights);
            }
        }
    }
}

/// Two members sync: setup first, then the rest of what is in scope by then. Whether anything changed.
fn sync(one: &mut Party, other: &mut Party, books: &Books, rights: &Rights) -> bool {
    let mut has_changed = false;
    loop {
        let Some(scope) = scope(one, other, books) else { return has_changed };
        let is_setup = |record: &Record| record.table() == TableKind::Setup;
        if !exchange(one, other, books, rights, &scope, is_setup) {
            break;
        }
        has_changed = true;
    }
    let Some(scope) = scope(one, other, books) else { return has_changed };
    has_changed | exchange(one, other, books, rights, &scope, |_| true)
}

/// The guilds that two members share; `None` if each other's guild is not among them.
pub(crate) fn scope(one: &Party, other: &Party, books: &Books) -> Option<BTreeSet<GuildName>> {
    let (a, b) = (federation(one, books), federation(other, books));
    (a.contains(&other.guild) && b.contains(&one.guild)).then(|| &a & &b)
}

/// The guilds that a member shares its tables with, as the setup that it holds of its guild says.
fn federation(party: &Party, books: &Books) -> BTreeSet<GuildName> {
    let mut guilds = BTreeSet::from([party.guild.clone()]);
    if party.guilds == Guilds::Own {
        return guilds;
    }
    let of_guild = |(_, version): (_, &Version)| {
        let record = books.record(version)?;
        let is_it = record.table() == TableKind::Setup && *record.guild() == party.guild;
        (is_it && !version.deleted).then_some((*version, record))
    };
    let newest = party.held.iter().filter_map(of_guild).max_by_key(|(version, _)| *version);
    let list = newest.and_then(|(_, record)| record.data().get("guilds")).and_then(Value::as_table);
    for listed in list.into_iter().flat_map(|list| list.positional()) {
        let name = listed.as_table().and_then(|one| one.get("name")).and_then(Value::as_str);
        guilds.extend(name.and_then(|name| GuildName::new(name).ok()));
    }
    guilds
}

/// Each side gets what counts more on the other, may be sent by it, and is wanted. Whether anything changed.
fn exchange(
    one: &mut Party,
    other: &mut Party,
    books: &Books,
    rights: &Rights,
    scope: &BTreeSet<GuildName>,
    wanted: impl Fn(&Record) -> bool,
) -> bool {
    let mut has_changed = false;
    let mut give = |from: &Party, to: &mut Party| {
        for (key, version) in &from.held {
            let Some(record) = books.record(version) else { continue };
            let goes = wanted(record)
                && scope.contains(record.guild())
                && rights.may_send(&from.name, record);
            if goes && to.held.get(key).is_none_or(|there| there < version) {
                to.held.insert(key.clone(), *version);
                has_changed = true;
            }
        }
    };
    give(one, other);
    give(other, one);
    has_changed
}
