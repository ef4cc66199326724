//! What people do with their tables: they write, edit and delete, start sessions, change their minds, and
//! go into fights.

use guildsync::Input;
use guildsync::tables::{
    Config, GuildName, Mode, Ready, Record, RecordId, RecordKey, TableKind, Updated,
};
use guildsync::wire::lua::{Table, Value};

use super::options::{Options, guild};
use crate::dice::Dice;
use crate::run::name;
use crate::world::{Edit, World};

/// How much of each thing people do: weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Users {
    /// Mean time between two things that people do, in milliseconds.
    pub every_ms: f64,
    edits: f64,
    deletes: f64,
    syncs: f64,
    asks: f64,
    resets: f64,
    fights: f64,
    policies: f64,
}

impl Users {
    /// Draws the habits of a guild.
    #[must_use]
    pub fn draw(dice: &mut Dice) -> Self {
        let mut weight = |usual: f64| usual * 2.0 * dice.unit();
        Self {
            edits: 1.0 + weight(4.0),
            deletes: weight(1.5),
            syncs: 1.0 + weight(2.0),
            asks: weight(0.3),
            resets: weight(0.2),
            fights: weight(0.3),
            policies: weight(0.3),
            every_ms: dice.scale(2_000.0, 25_000.0),
        }
    }

    /// One thing that somebody does.
    pub(crate) fn do_something(&self, world: &mut World, options: &Options, dice: &mut Dice) {
        let weights = [
            self.edits,
            self.deletes,
            self.syncs,
            self.asks,
            self.resets,
            self.fights,
            self.policies,
        ];
        let mut left = dice.unit() * weights.iter().sum::<f64>();
        let which = weights.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        let member = dice.below(world.len());
        match which.unwrap_or(0) {
            0 => write(world, options, member, dice),
            1 => delete(world, options, member, dice),
            2 => start(world, member, dice),
            3 => {
                world.seen.hit("user: who is online");
                world.give(member, Input::TableAsk);
            }
            4 => {
                world.seen.hit("user: reset");
                world.give(member, Input::TableReset);
            }
            5 => {
                let fights = dice.happens(0.6);
                world.seen.hit(if fights { "user: fights" } else { "user: rests" });
                world.give(member, Input::Fighting(fights));
            }
            _ => change_policies(world, options, member, dice),
        }
    }
}

/// Starts sessions: with one, with some or with all; far back or not.
pub(crate) fn start(world: &mut World, member: usize, dice: &mut Dice) {
    let with = match dice.below(4) {
        0 => None,
        1 => Some((0..world.len()).filter(|_| dice.happens(0.5)).map(name).collect()),
        _ => Some(vec![name((member + 1 + dice.below(world.len().max(2) - 1)) % world.len())]),
    };
    let mode = mode(dice);
    world.seen.hit(if with.is_none() { "user: sync with all" } else { "user: sync with some" });
    world.seen.hit(match mode {
        Some(Mode::All) => "user: sync all",
        Some(Mode::Days(_)) => "user: sync of days",
        None => "user: sync as the policy says",
    });
    let now = world.now();
    world.trace.event(now, format_args!("{member} starts sessions with {with:?}, {mode:?}"));
    world.give(member, Input::TableStart { with, mode });
}

fn mode(dice: &mut Dice) -> Option<Mode> {
    match dice.below(4) {
        0 => Some(Mode::All),
        1 => Some(Mode::Days(dice.between(0, 20) as u32)),
        _ => None,
    }
}

/// Writes something new, or over something that is there, or takes in the addon's default content.
pub(crate) fn write(world: &mut World, options: &Options, member: usize, dice: &mut Dice) {
    let table = TableKind::ALL[dice.below(5)];
    let owner = dice.below(world.len());
    let is_row = table == TableKind::Roster;
    let own = guild(options.guild_of[if is_row { owner } else { member }]);
    let id = match table {
        TableKind::Roster => name(owner).as_str().to_owned(),
        TableKind::Setup => setup_id(&own),
        _ if dice.happens(0.5) => format!("{:018}", dice.below(40)),
        _ => format!("{:018}", 1000 + dice.below(1_000_000)),
    };
    let data = match table {
        TableKind::Setup => {
            let linked = &options.linked[options.guild_of[member]];
            setup(linked.as_deref().unwrap_or(&[options.guild_of[member]]), dice.below(1000))
        }
        _ => content(dice),
    };
    let Ok(id) = RecordId::new(&id) else { return };
    if dice.happens(0.06) && table != TableKind::Setup {
        let updated = Updated::at(Updated::DEFAULT_SECONDS);
        if let Ok(record) = Record::new(table, own, id, updated, content(dice))
            && may(world, options, member, &record)
        {
            world.seen.hit("user: default content");
            world.edit(member, Edit::Take(Box::new(record)));
        }
        return;
    }
    let Ok(probe) = Record::new(table, own.clone(), id.clone(), Updated::at(1), data.clone())
    else {
        return;
    };
    if may(world, options, member, &probe) {
        world.seen.hit("user: writes");
        world.edit(member, Edit::Set { table, guild: own, id, data });
    }
}

/// Deletes something that is there.
pub(crate) fn delete(world: &mut World, options: &Options, member: usize, dice: &mut Dice) {
    let Some(tables) = world.tables_of(member) else { return };
    let live: Vec<RecordKey> =
        tables.iter().filter(|one| !one.is_deleted()).map(|one| one.key().clone()).collect();
    let Some(key) = dice.of(&live) else { return };
    // Without setup nothing of the others is in scope: that is seldom what people want.
    if key.table == TableKind::Setup && !dice.happens(0.05) {
        return;
    }
    let Some(record) = tables.get(key).cloned() else { return };
    if may(world, options, member, &record) {
        world.seen.hit("user: deletes");
        world.edit(member, Edit::Delete(key.clone()));
    }
}

/// Whether a member writes this: as its rights say, unless it forges.
fn may(world: &mut World, options: &Options, member: usize, record: &Record) -> bool {
    let rights = options.rights();
    let may = rights.may_write(&name(member), record);
    if may || options.forger != Some(member) {
        return may;
    }
    // A forged setup makes a guild of its own of whoever believes it.
    let believes = record.table() != TableKind::Setup || options.linked.len() == 1;
    if believes {
        world.seen.hit("user: forges");
    }
    believes
}

fn change_policies(world: &mut World, options: &Options, member: usize, dice: &mut Dice) {
    let base = options.configs[member].clone();
    let other = dice.of(&options.configs).cloned().unwrap_or_default();
    let config = Config {
        ready: [Ready::Anywhere, Ready::Ungrouped, Ready::Grouped][dice.below(3)],
        enabled: dice.happens(0.9),
        mode: other.mode,
        ack: other.ack,
        request: other.request,
        compare: other.compare,
        yields: other.yields,
        ..base
    };
    world.seen.hit("user: changes policies");
    let now = world.now();
    world.trace.event(now, format_args!("{member} changes its policies"));
    world.set_table_config(member, config);
}

/// The id of a guild's setup.
pub(crate) fn setup_id(own: &GuildName) -> String {
    own.as_str().to_lowercase().replace([' ', '-'], "")
}

/// What a setup says: the guilds that are linked, and something that can change.
pub(crate) fn setup(linked: &[usize], note: usize) -> Table {
    let mut list = Table::new();
    for one in linked {
        let mut entry = Table::new();
        entry.insert("name", guild(*one).as_str());
        list.push(Value::Table(entry));
    }
    let mut data = Table::new();
    data.insert("guilds", Value::Table(list));
    data.insert("note", Value::Int(note as i64));
    data
}

/// What a record says: no two alike.
pub(crate) fn content(dice: &mut Dice) -> Table {
    const WORDS: [&str; 8] = [
        "raid at eight",
        "bring flasks",
        "bank",
        "officers",
        "alts welcome",
        "recruiting",
        "rules",
        "loot",
    ];
    let mut data = Table::new();
    let words: Vec<&str> = (0..1 + dice.below(6)).map(|_| WORDS[dice.below(8)]).collect();
    data.insert("title", words.join(" "));
    data.insert("content", format!("{:x}", dice.raw()));
    data.insert("category", WORDS[dice.below(8)]);
    if dice.happens(0.3) {
        data.insert("level", Value::Int(dice.between(1, 80) as i64));
    }
    if dice.happens(0.02) {
        let words = (0..40 + dice.below(200)).map(|_| format!("{:x}", dice.raw() >> 40));
        data.insert("text", words.collect::<Vec<_>>().join(" "));
    }
    data
}
