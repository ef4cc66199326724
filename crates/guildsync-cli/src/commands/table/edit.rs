//! `guildsync table set` and `guildsync table delete`: one record, as of now.

use guildsync::tables::check::check;
use guildsync::tables::{Record, Updated};
use guildsync::wire::lua::Table;
use serde::Serialize;

use super::given::{self, Field};
use super::rights::Ranks;
use super::{Named, OfGuild, Work, find, guild, row};
use crate::args::{Acting, Globals};
use crate::failure::Failure;
use crate::out::{self, DryRun, Format};

/// Write a record: some of its fields, the others stay
///
/// A record that is not there yet is made. A new roster row holds what the addon writes for nothing
/// (NA, 0, an empty list) where nothing is said; new news is of now, and General.
///
/// FIELD=TEXT sets text, or a number where the field holds one. FIELD:=JSON sets anything, as
/// roles:='["Tank"]', and FIELD:=null takes the field away. The record is checked as a whole:
///   roster           text: name, class, rank, battletag, mainCharacter, birthdate, faction;
///                    numbers: level, itemLevel; lists: roles, professions, interests;
///                    a date: guildJoinDate
///   news, guildInfo  text: title, content, category; a date: date
///   calendar         text: title, content, category; a date: eventDate
///   setup            a list: guilds, as guilds:='[{"name":"Oak-Eonar"}]'
/// A date is YYYY-MM-DD, "YYYY-MM-DD HH:MM:SS" (UTC) or NA.
///
/// JSON: did (a sentence), changed, table, id, guild, updated, seconds, deleted, data, hash,
///   dry_run, state_hash
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct SetArgs {
    #[command(flatten)]
    named: Named,
    /// What fields are to be
    #[arg(value_name = "FIELD=VALUE", value_parser = Field::parse, required_unless_present = "data")]
    fields: Vec<Field>,
    /// Fields as a JSON object or a Lua table, before those that are named
    #[arg(long, value_name = "TEXT", value_parser = given::table)]
    data: Option<Table>,
    #[command(flatten)]
    options: Options,
}

/// Delete a record
///
/// What is deleted stays known as deleted, so that nobody brings it back who was away; what it held
/// is kept for 30 days.
///
/// JSON: as of `guildsync table set`
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct DeleteArgs {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Clone, clap::Args)]
struct Options {
    #[command(flatten)]
    of: OfGuild,
    #[command(flatten)]
    acting: Acting,
    #[command(flatten)]
    dry_run: DryRun,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    ranks: Ranks,
}

#[derive(Debug, Serialize)]
struct Done {
    did: String,
    changed: bool,
    #[serde(flatten)]
    row: row::Row,
    dry_run: bool,
    state_hash: String,
}

pub(crate) fn set(globals: &Globals, args: &SetArgs) -> Result<(), Failure> {
    run(globals, &args.options, |work| {
        let options = &args.options;
        let old = find::maybe(&work.tables, &args.named, options.of.guild.as_ref())?.cloned();
        let guild = match (&options.of.guild, &old) {
            (Some(guild), _) => guild.clone(),
            (None, Some(old)) => old.guild().clone(),
            (None, None) => guild::own(work.store, &work.tables, work.member.as_ref())?,
        };
        let table = args.named.table;
        let id = old.as_ref().map_or(&args.named.id, Record::id).clone();
        let there = old.as_ref().filter(|old| !old.is_deleted());
        let mut data = match there {
            Some(old) => old.data().clone(),
            None => given::new(table, &id, work.clock)?,
        };
        for (key, value) in args.data.iter().flat_map(Table::keyed) {
            data.insert(key.clone(), value.clone());
        }
        args.fields.iter().for_each(|field| field.set(table, &mut data));
        let now = Updated::at(work.clock);
        let new = Record::new(table, guild.clone(), id.clone(), now, data)?;
        check(&new).map_err(|why| {
            Failure::error(format!("{why}; set it with FIELD=TEXT, or FIELD:=JSON for a list"))
        })?;
        options.ranks.check(options.writer(work), &new)?;
        let is_same = |old: &&Record| old.data() == new.data() && *old.guild() == guild;
        if let Some(old) = there.filter(is_same) {
            return Ok((format!("{id} of {table} is so already"), false, old.clone()));
        }
        let did = match (&old, there) {
            (_, Some(_)) => "changed",
            (Some(_), None) => "brought back",
            (None, None) => "added",
        };
        let did = format!("{did} {id} of {table} ({guild})");
        let data = new.data().clone();
        Ok((did, true, work.tables.set(table, guild, id, data, work.clock)?.clone()))
    })
}

pub(crate) fn delete(globals: &Globals, args: &DeleteArgs) -> Result<(), Failure> {
    run(globals, &args.options, |work| {
        let old = find::one(&work.tables, &args.named, &args.options.of)?.clone();
        args.options.ranks.check(args.options.writer(work), &old)?;
        let (table, id, guild) = (old.table(), old.id(), old.guild());
        if old.is_deleted() {
            return Ok((format!("{id} of {table} was deleted already"), false, old));
        }
        let gone = work.tables.delete(old.key(), work.clock)?.clone();
        Ok((format!("deleted {id} of {table} ({guild})"), true, gone))
    })
}

impl Options {
    /// Who writes.
    fn writer<'a>(&'a self, work: &'a Work<'_>) -> Option<&'a guildsync::types::MemberName> {
        self.acting.who.as_ref().or(work.member.as_ref())
    }
}

/// Does one change and tells about it.
fn run(
    globals: &Globals,
    options: &Options,
    work: impl Fn(&mut Work<'_>) -> Result<(String, bool, Record), Failure>,
) -> Result<(), Failure> {
    let done = super::change(&globals.store, options.dry_run, |tables| {
        let (did, changed, record) = work(tables)?;
        let (row, state_hash) = (row::Row::of(&record)?, tables.tables.state_hash().to_string());
        let dry_run = options.dry_run.dry_run;
        Ok((Done { did, changed, row, dry_run, state_hash }, record))
    })?;
    let (done, record) = done;
    if options.format.json {
        return out::json(&done);
    }
    let told = options.dry_run.tell(&done.did);
    match done.changed && !record.is_deleted() {
        true => out::print(format_args!("{told}: {}", row::words(&record))),
        false => out::print(told),
    }
}
