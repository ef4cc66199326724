//! `guildsync award`: points for members.

use guildsync::log::Draft;
use guildsync::types::points::Total;
use guildsync::types::{MemberName, Points, Reason, Stamp};
use serde::Serialize;

use crate::args::{Acting, Globals, InProfile};
use crate::desk::{self, Desk};
use crate::failure::Failure;
use crate::find;
use crate::line;
use crate::out::{self, Amount, DryRun, Format};
use crate::table;

/// Give points to members, or take them
///
/// Gives every target the same points, one entry each, all of them or none.
///
/// JSON: profile, profile_id, officer, reason, dry_run, state_hash,
///   entries: [{id, member, delta, before, after}]
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Who gets them; several names with commas between
    #[arg(value_name = "TARGET[,TARGET...]", value_parser = Targets::parse)]
    targets: Targets,
    /// How many: at most two decimal places; less than 0 takes them away
    #[arg(allow_negative_numbers = true)]
    points: Points,
    /// What for
    #[arg(value_name = "REASON")]
    reason: Vec<String>,
    /// When it happened, for what is written down later [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<Stamp>,
    #[command(flatten)]
    profile: InProfile,
    #[command(flatten)]
    acting: Acting,
    #[command(flatten)]
    dry_run: DryRun,
    #[command(flatten)]
    format: Format,
}

/// Members, each named once.
#[derive(Debug, Clone)]
struct Targets(Vec<MemberName>);

impl Targets {
    fn parse(text: &str) -> Result<Self, String> {
        let mut targets = Vec::new();
        for name in text.split(',') {
            let name = MemberName::new(name).map_err(|why| why.to_string())?;
            if targets.contains(&name) {
                return Err(format!(
                    "{name} is named twice, and nobody gets one award twice: name each member once"
                ));
            }
            targets.push(name);
        }
        Ok(Self(targets))
    }
}

#[derive(Debug, Serialize)]
struct Done {
    profile: String,
    profile_id: String,
    officer: String,
    reason: String,
    dry_run: bool,
    entries: Vec<Awarded>,
    state_hash: String,
}

#[derive(Debug, Serialize)]
struct Awarded {
    id: String,
    #[serde(skip)]
    short_id: String,
    member: String,
    #[serde(skip)]
    is_new: bool,
    delta: Amount,
    before: Amount,
    after: Amount,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let reason = Reason::new(&args.reason.join(" "))?;
    let work = |desk: &mut Desk| award(desk, args, &reason);
    let planned = desk::plan(&globals.store, args.acting.who.as_ref(), work)?;
    let done = match args.dry_run.dry_run {
        true => planned.value,
        false => planned.commit()?.0,
    };
    match args.format.json {
        true => out::json(&done),
        false => out::print(told(args, &done)),
    }
}

fn award(desk: &mut Desk, args: &Args, reason: &Reason) -> Result<Done, Failure> {
    let actor = desk.actor()?;
    let log = find::profile(desk.profiles(), args.profile.profile.as_deref())?;
    let (profile_id, profile, is_begun) =
        (log.profile().id, log.label().to_owned(), !log.is_empty());
    let stamp = args.at.unwrap_or_else(|| desk.stamp(log));
    let award = |target: &MemberName| {
        // A member that is there already keeps its spelling.
        let known = log.spelling(target).and_then(|known| MemberName::from_entry(known).ok());
        log.award(stamp, &actor, known.as_ref().unwrap_or(target), args.points, reason)
    };
    let drafts = args.targets.0.iter().map(award).collect::<Result<Vec<Draft>, _>>()?;
    let before: Vec<Option<Total>> = args.targets.0.iter().map(|t| log.total(t)).collect();
    let segment = desk.append(&profile_id, &drafts)?;
    let log = find::profile(desk.profiles(), Some(&profile_id.to_string()))?;
    let entries =
        args.targets.0.iter().zip(before).zip(segment.first..).map(|((target, before), seq)| {
            let id = guildsync::types::EntryId { writer: segment.writer, seq };
            Awarded {
                id: id.to_string(),
                short_id: find::short(id),
                member: log.spelling(target).unwrap_or(target.as_str()).to_owned(),
                is_new: before.is_none() && is_begun,
                delta: args.points.into(),
                before: before.unwrap_or_default().into(),
                after: log.total(target).unwrap_or_default().into(),
            }
        });
    Ok(Done {
        profile,
        profile_id: profile_id.to_string(),
        officer: actor.to_string(),
        reason: reason.to_string(),
        dry_run: args.dry_run.dry_run,
        entries: entries.collect(),
        state_hash: desk.profiles().state_hash().to_string(),
    })
}

fn told(args: &Args, done: &Done) -> String {
    let Done { profile, officer, entries, .. } = done;
    let delta = Amount::from(args.points).signed();
    let reason = match done.reason.is_empty() {
        true => String::new(),
        false => format!(" ({})", line::plain(&done.reason)),
    };
    let whom = match &entries[..] {
        [one] => one.member.clone(),
        many => format!("{} members", many.len()),
    };
    let did = format!("{officer} gave {whom} {delta} in {profile:?}{reason}");
    let mut table = table::new(["Member", ">Before", ">Points", ">After", "Entry"]);
    for entry in entries {
        table.add_row([
            entry.member.clone(),
            entry.before.to_string(),
            entry.delta.signed(),
            entry.after.to_string(),
            entry.short_id.clone(),
        ]);
    }
    let new: Vec<&str> = entries.iter().filter(|e| e.is_new).map(|e| e.member.as_str()).collect();
    let new = match new.is_empty() {
        true => String::new(),
        false => format!(
            "\nNew in this profile: {}. If that is a misspelling, `guildsync undo` takes it back.",
            new.join(", ")
        ),
    };
    format!("{}\n\n{}{new}", args.dry_run.tell(&did), table::text(&table))
}
