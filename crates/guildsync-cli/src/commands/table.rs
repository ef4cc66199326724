//! `guildsync table`: the guild's tables: looked at, edited, in files, and synced between two stores.
//!
//! - here: the subcommands, and how a change of the tables is made durable
//! - `list`, `show`: what there is; `edit`: set and delete; `given`: what a person says a field is to be
//! - `import`, `export`: files of either schema
//! - `sync`: two stores over a modelled channel; `log`: what happened in sessions, and forgetting it
//! - `guild`: which guild a store is in, and which guilds share its tables; `rights`: who may write what
//! - `find`, `row`: a record as it is named and as it is shown

mod edit;
mod export;
mod find;
mod given;
mod guild;
mod import;
mod list;
mod log;
mod rights;
mod row;
mod show;
mod sync;

use std::path::Path;

use guildsync::store::{Data, Loaded, Store};
use guildsync::tables::{GuildName, RecordId, TableKind, Tables};
use guildsync::types::MemberName;

use crate::args::Globals;
use crate::clock;
use crate::desk;
use crate::failure::Failure;
use crate::out::DryRun;
use crate::progress::Busy;

/// List, show, edit, import, export and sync the guild's tables
///
/// TABLE is setup (linked guilds), news, guildInfo, calendar or roster. A record is named by its
/// table and its ID, and where two guilds have the same by its guild too; `table list` shows them.
/// Of two versions of a record the newer counts; what is deleted stays known as deleted.
#[derive(Debug, clap::Subcommand)]
#[command(verbatim_doc_comment)]
pub(crate) enum Command {
    List(list::Args),
    Show(show::Args),
    Set(edit::SetArgs),
    Delete(edit::DeleteArgs),
    Import(import::Args),
    Export(export::Args),
    Sync(sync::Args),
    Reset(log::ResetArgs),
    Log(log::Args),
}

/// Which record.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Named {
    /// Its table: setup, news, guildInfo, calendar or roster
    #[arg(value_name = "TABLE")]
    table: TableKind,
    /// Its id: a member's Name-Realm in the roster
    #[arg(value_name = "ID", value_parser = RecordId::new)]
    id: RecordId,
}

/// Which guild.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct OfGuild {
    /// The guild, where the store does not say which
    #[arg(long, value_name = "GUILD", value_parser = GuildName::new)]
    guild: Option<GuildName>,
}

pub(crate) fn run(globals: &Globals, command: &Command) -> Result<(), Failure> {
    match command {
        Command::List(args) => list::run(globals, args),
        Command::Show(args) => show::run(globals, args),
        Command::Set(args) => edit::set(globals, args),
        Command::Delete(args) => edit::delete(globals, args),
        Command::Import(args) => import::run(globals, args),
        Command::Export(args) => export::run(globals, args),
        Command::Sync(args) => sync::run(args),
        Command::Reset(args) => log::reset(globals, args),
        Command::Log(args) => log::run(globals, args),
    }
}

/// Tables on which work is done.
#[derive(Debug)]
struct Work<'a> {
    store: &'a Path,
    tables: Tables,
    member: Option<MemberName>,
    /// The present, in seconds since 1970.
    clock: u64,
}

/// Does work on a store's tables: first in memory, so that a refusal and a dry run leave every byte as
/// it was, then on what is there when it is opened, and in one commit.
fn change<T>(
    path: &Path,
    dry_run: DryRun,
    work: impl Fn(&mut Work<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let busy = Busy::new("reading the store");
    let Loaded { tables, member, .. } = super::sound(path)?;
    let before = known(&tables);
    let mut planned = Work { store: path, tables, member, clock: now() };
    let done = work(&mut planned)?;
    if dry_run.dry_run || known(&planned.tables) == before {
        return Ok(done);
    }
    busy.say("writing the store".to_owned());
    let mut opened = Store::open(path)?;
    if let Some(new) = &opened.new_writer {
        desk::tell_new_writer(new);
    }
    let (tables, member) = (opened.tables, opened.member);
    let mut real = Work { tables, member, ..planned };
    let done = work(&mut real)?;
    let tables = Some((&real.tables, &opened.table_sync));
    opened.store.commit(Data { tables, ..Data::from(&opened.profiles) })?;
    Ok(done)
}

/// What a change would have changed.
fn known(tables: &Tables) -> (guildsync::types::Hash, usize) {
    (tables.state_hash(), tables.held().count())
}

/// The present, in seconds since 1970.
fn now() -> u64 {
    clock::now().0 / 1000
}
