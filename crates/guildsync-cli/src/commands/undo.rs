//! `guildsync undo`: an award counts no longer.

use guildsync::types::points::Total;
use guildsync::types::{EntryId, MemberName, Reason};
use serde::Serialize;

use crate::args::{Acting, Globals, InProfile};
use crate::desk::{self, Desk};
use crate::failure::Failure;
use crate::find;
use crate::line::{self, Line};
use crate::out::{self, Amount, DryRun, Format};

/// Let an award count no longer
///
/// Says exactly what it takes back, and takes it back. The award stays in the log, marked.
///
/// JSON: profile, profile_id, id (of the undo), undone (the entry, as `log --json` shows it),
///   member, before, after, dry_run, state_hash
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The entry: WRITER:NUMBER as `guildsync log` shows it, like 1a2b3c4d:7
    id: String,
    /// Why
    #[arg(value_name = "REASON")]
    reason: Vec<String>,
    #[command(flatten)]
    profile: InProfile,
    #[command(flatten)]
    acting: Acting,
    #[command(flatten)]
    dry_run: DryRun,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Serialize)]
struct Done {
    profile: String,
    profile_id: String,
    id: String,
    #[serde(skip)]
    short_id: String,
    undone: Line,
    member: String,
    before: Amount,
    after: Amount,
    dry_run: bool,
    state_hash: String,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let reason = Reason::new(&args.reason.join(" "))?;
    let work = |desk: &mut Desk| undo(desk, args, &reason);
    let planned = desk::plan(&globals.store, args.acting.who.as_ref(), work)?;
    if !args.format.json {
        out::print(announced(args, &planned.value))?;
    }
    let done = match args.dry_run.dry_run {
        true => planned.value,
        false => planned.commit()?.0,
    };
    match (args.format.json, args.dry_run.dry_run) {
        (true, _) => out::json(&done),
        (false, true) => Ok(()),
        (false, false) => out::print(format_args!("done, as entry {}", done.short_id)),
    }
}

fn undo(desk: &mut Desk, args: &Args, reason: &Reason) -> Result<Done, Failure> {
    let actor = desk.actor()?;
    let log = find::profile(desk.profiles(), args.profile.profile.as_deref())?;
    let target = find::entry(desk.profiles(), log, &args.id)?;
    let (profile_id, profile) = (log.profile().id, log.label().to_owned());
    let draft = log.undo(desk.stamp(log), &actor, target, reason)?;
    let undone = line::line(log, target).ok_or_else(|| unknown(target))?;
    let member = undone.member.as_deref().and_then(|m| MemberName::from_entry(m).ok());
    let member = member.ok_or_else(|| unknown(target))?;
    let before = log.total(&member).unwrap_or_default();
    let segment = desk.append(&profile_id, &[draft])?;
    let log = find::profile(desk.profiles(), Some(&profile_id.to_string()))?;
    let after = log.total(&member).unwrap_or(Total::default());
    let id = EntryId { writer: segment.writer, seq: segment.first };
    Ok(Done {
        profile,
        profile_id: profile_id.to_string(),
        id: id.to_string(),
        short_id: find::short(id),
        undone,
        member: member.to_string(),
        before: before.into(),
        after: after.into(),
        dry_run: args.dry_run.dry_run,
        state_hash: desk.profiles().state_hash().to_string(),
    })
}

fn announced(args: &Args, done: &Done) -> String {
    let Done { profile, undone, member, before, after, .. } = done;
    let change = match (before == after, undone.why_not()) {
        (false, _) => format!("{member}'s total in {profile:?} goes from {before} to {after}"),
        (true, why) if why.is_empty() => format!("{member}'s total in {profile:?} stays {before}"),
        (true, why) => {
            format!("{member}'s total in {profile:?} stays {before}: it did not count, {why}")
        }
    };
    let text = format!("undo of {}: {}\n{change}", undone.short_id, undone.sentence());
    args.dry_run.tell(&text)
}

fn unknown(id: EntryId) -> Failure {
    guildsync::log::AppendError::UnknownEntry { id }.into()
}
