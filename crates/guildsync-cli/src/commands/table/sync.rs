//! `guildsync table sync`: two stores come to the same tables, over a modelled channel.
//!
//! The real replicas run here with their stores; only the channel between them is a model, and its time
//! is virtual.
//!
//! - here: the arguments, the two sides, the run
//! - `told`: what came of it, for people

mod told;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use guildsync::store::{Loaded, Opened, Store};
use guildsync::tables::{
    self, GuildName, Guilds, LogLevel, Mode, Progress, Record, RecordKey, Refusal, TableKind,
    TableState, Tables,
};
use guildsync::transport::ChannelProfile;
use guildsync::types::MemberName;
use guildsync::{Config, Local, Notice};
use guildsync_sim::duet::{self, Options, Outcome};
use serde::Serialize;

use super::guild;
use super::rights::Ranks;
use crate::failure::Failure;
use crate::out::{self, Format};
use crate::progress::Parts;
use crate::{clock, desk, simulate};

/// Bring two members' stores to the same tables
///
/// A begins, B answers. They compare table by table and exchange only what differs: setup first, since
/// it says which guilds share their tables. The channel is a model of the game's, in virtual time; the
/// two replicas and their stores are the real ones. What was interrupted goes on the next time.
///
/// Which guild a store is in is told by its member's roster row, else by the only guild in its tables,
/// else by --guild. Records that the other side would refuse, by the ranks below, stay where they are.
///
/// Exit codes: 0 both hold the same, 1 refused or failed, 3 complete, and still not the same.
///
/// JSON: converged, frames, bytes, virtual_seconds, pulled (records that A received), pushed (that A
///   sent), conflicts (two versions of one second: the same one counts on both sides), state_hash (A's)
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The store of the one who begins
    a: PathBuf,
    /// The store of the one who answers
    b: PathBuf,
    /// Compare everything record by record
    #[arg(long, conflicts_with = "days")]
    all: bool,
    /// Compare the last N days record by record, and what is older by one digest
    #[arg(long, value_name = "N", default_value_t = 7)]
    days: u32,
    /// The guild of both stores; given twice, of A and of B [default: as the stores say]
    #[arg(long, value_name = "GUILD", value_parser = GuildName::new)]
    guild: Vec<GuildName>,
    /// Sync the own guild alone, whatever guilds are linked
    #[arg(long)]
    own_guild: bool,
    /// Write every record with its data into the two logs (see `guildsync table log --trace`)
    #[arg(long)]
    trace: bool,
    /// The channel: retail, ctl, vanilla, wide or open
    #[arg(long, value_name = "NAME", default_value = "retail", value_parser = simulate::channel)]
    profile: ChannelProfile,
    /// The share of frames that do not arrive, 0 to 0.9
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = simulate::loss)]
    loss: f64,
    /// Decides which frames those are
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    ranks: Ranks,
}

/// One of the two.
#[derive(Debug)]
struct Side<'a> {
    store: &'a Path,
    member: MemberName,
    guild: GuildName,
}

/// What came of it.
#[derive(Debug)]
struct Done<'a> {
    sides: [Side<'a>; 2],
    locals: [Local; 2],
    outcome: Outcome,
    /// The guilds whose tables the two share.
    shared: BTreeSet<GuildName>,
    /// Records of theirs that are not the same on both sides.
    differing: BTreeSet<RecordKey>,
    /// What was told on the way and stands in no report.
    remarks: Vec<String>,
}

#[derive(Serialize)]
struct Json {
    converged: bool,
    frames: u64,
    bytes: u64,
    virtual_seconds: f64,
    pulled: u32,
    pushed: u32,
    conflicts: u32,
    state_hash: String,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let done = sync(args)?;
    match args.format.json {
        true => out::json(&done.json())?,
        false => out::print(told::text(args, &done))?,
    }
    let [a, b] = [&done.sides[0], &done.sides[1]].map(|side| side.store.display());
    match done.result() {
        Some(tables::Outcome::Complete) if done.converged() => Ok(()),
        Some(tables::Outcome::Complete) => Err(Failure::out_of_sync(format!(
            "{a} and {b} still differ in {}: what one side may not send or take stays where it is",
            out::records(done.differing.len()),
        ))),
        Some(tables::Outcome::Failed(tables::Failure::Refused(
            tables::message::Refused::NotFederated,
        ))) => Err(Failure::error(format!(
            "{} and {} do not share their tables: each has to name the other one in its setup, as \
             `guildsync --store {a} table set setup links 'guilds:=[{{\"name\":\"{}\"}}]'` does",
            done.sides[0].guild, done.sides[1].guild, done.sides[1].guild
        ))),
        Some(outcome @ tables::Outcome::Failed(tables::Failure::Silent)) => {
            Err(Failure::error(format!("{a} and {b}: {outcome}: run the same command again")))
        }
        Some(outcome) => Err(Failure::error(format!("{a} and {b}: {outcome}"))),
        None => Err(Failure::error(format!(
            "{a} and {b}: no session came about{}",
            done.remarks.first().map_or_else(String::new, |why| format!(": {why}"))
        ))),
    }
}

fn sync(args: &Args) -> Result<Done<'_>, Failure> {
    if args.guild.len() > 2 {
        return Err(Failure::usage("there are two stores: give --guild once, or once for each"));
    }
    crate::commands::refuse_same(&args.a, &args.b)?;
    let loaded = [crate::commands::sound(&args.a)?, crate::commands::sound(&args.b)?];
    let [a, b] = [(&args.a, 0), (&args.b, 1)].map(|(path, which)| {
        let said = args.guild.get(which).or(args.guild.first());
        side(path, &loaded[which], said)
    });
    let sides = [a?, b?];
    if sides[0].member == sides[1].member {
        return Err(Failure::error(format!(
            "{} and {} are both {}'s, and a session is between two members: bring over the tables of \
             one with `guildsync table export` and `guildsync table import`",
            args.a.display(),
            args.b.display(),
            sides[0].member
        )));
    }
    drop(loaded);
    let mut locals = [local(args, &sides[0])?, local(args, &sides[1])?];
    let options = Options {
        channel: args.profile,
        clock: clock::now(),
        loss: args.loss,
        seed: args.seed,
        ..Options::default()
    };
    let mode = if args.all { Mode::All } else { Mode::Days(args.days) };
    let mut parts = Parts::new(TableKind::ALL.map(TableKind::name));
    let mut remarks = Vec::new();
    let mut hear = |who: usize, notice: &Notice| match notice {
        Notice::TableProgress(progress) if who == 0 => show(&mut parts, progress),
        // What comes late or twice is no news.
        Notice::TableRefused { why: Refusal::NotASession(_) | Refusal::Stale, .. } => {}
        Notice::TableRefused { from, why } => remarks.push(format!("{from}: {why}")),
        Notice::BadTableMessage { from, why } => remarks.push(format!("{from}: {why}")),
        Notice::BadFrame { from, why } => remarks.push(format!("{from}: {why}")),
        Notice::NotQueued(why) => remarks.push(why.to_string()),
        _ => {}
    };
    let guilds = [0, 1].map(|which| sides[which].guild.clone());
    let [a, b] = &mut locals;
    let outcome = duet::sync([a, b], guilds, &options, Some(mode), &mut hear)?;
    drop(parts);
    let shared = shared(args, &sides, &locals);
    let differing = differing(&shared, [locals[0].tables(), locals[1].tables()]);
    Ok(Done { sides, locals, outcome, shared, differing, remarks })
}

fn side<'a>(
    store: &'a Path,
    loaded: &Loaded,
    said: Option<&GuildName>,
) -> Result<Side<'a>, Failure> {
    let Some(member) = loaded.member.clone() else {
        return Err(Failure::error(format!(
            "{0} does not say whose it is, and a session is between two members: name its member \
             once with `guildsync --store {0} init --as NAME`",
            store.display()
        )));
    };
    let guild = match said {
        Some(guild) => guild.clone(),
        None => guild::own(store, &loaded.tables, Some(&member))?,
    };
    Ok(Side { store, member, guild })
}

fn local(args: &Args, side: &Side<'_>) -> Result<Local, Failure> {
    let opened: Opened = Store::open(side.store)?;
    if let Some(new) = &opened.new_writer {
        desk::tell_new_writer(new);
    }
    let mut local = Local::of(opened, side.member.clone(), Config::default());
    local.set_table_config(tables::Config {
        guilds: if args.own_guild { Guilds::Own } else { Guilds::Federated },
        log: if args.trace { LogLevel::Trace } else { LogLevel::Summary },
        rights: args.ranks.rights(),
        ..tables::Config::default()
    });
    Ok(local)
}

fn show(parts: &mut Parts, progress: &Progress) {
    for (part, state) in progress.tables.iter().enumerate() {
        let done = match state {
            TableState::InProgress => format!("  {} of {}", progress.done, progress.total),
            _ => String::new(),
        };
        parts.say(part, format!("{state}{done}"));
    }
}

/// The guilds whose tables both share.
fn shared(args: &Args, sides: &[Side<'_>; 2], locals: &[Local; 2]) -> BTreeSet<GuildName> {
    let [a, b] = [0, 1].map(|which: usize| match args.own_guild {
        true => BTreeSet::from([sides[which].guild.clone()]),
        false => guild::federation(locals[which].tables(), &sides[which].guild),
    });
    &a & &b
}

/// The records of these guilds that are not the same on both sides.
fn differing(guilds: &BTreeSet<GuildName>, tables: [&Tables; 2]) -> BTreeSet<RecordKey> {
    let of = |one: usize, other: usize| {
        let (one, other) = (tables[one], tables[other]);
        let in_scope = |record: &&Record| guilds.contains(record.guild());
        let differs = |record: &&Record| {
            other.get(record.key()).is_none_or(|there| there.hash() != record.hash())
        };
        one.iter().filter(in_scope).filter(differs).map(|record| record.key().clone())
    };
    of(0, 1).chain(of(1, 0)).collect()
}

impl Done<'_> {
    /// How the session ended, as the one who began it says.
    fn result(&self) -> Option<&tables::Outcome> {
        self.outcome.reports[0].as_ref().map(|report| &report.outcome)
    }

    /// Whether both sides hold the same of what they share.
    fn converged(&self) -> bool {
        self.result() == Some(&tables::Outcome::Complete) && self.differing.is_empty()
    }

    /// Conflicts. A version that wins is sent back, and then both sides have met the other one.
    fn conflicts(&self) -> u32 {
        let reports = self.outcome.reports.iter().flatten();
        reports.map(|report| report.conflicts).max().unwrap_or_default()
    }

    fn json(&self) -> Json {
        let report = self.outcome.reports[0].as_ref();
        Json {
            converged: self.converged(),
            frames: self.outcome.frames.iter().sum(),
            bytes: self.outcome.bytes.iter().sum(),
            virtual_seconds: self.outcome.virtual_ms as f64 / 1000.0,
            pulled: report.map_or(0, tables::Report::received),
            pushed: report.map_or(0, tables::Report::sent),
            conflicts: self.conflicts(),
            state_hash: self.locals[0].tables().state_hash().to_string(),
        }
    }
}
