//! `guildsync profile`: separate worlds of points, and who may write in them.

mod list;
mod policy;
mod roles;

use guildsync::log::{Change, Draft, Profile};
use guildsync::types::{ProfileName, Reason};
use serde::Serialize;

use crate::args::{Acting, Globals};
use crate::desk::{self, Desk};
use crate::failure::Failure;
use crate::find;
use crate::out::{self, DryRun, Format};

/// List, create, switch, rename and delete profiles; grant and revoke roles; set policies
///
/// PROFILE is a label, or the first 8 or more digits of an id.
///
/// JSON of all that change something: did (a sentence), profile, profile_id, active, entries, state_hash, dry_run
#[derive(Debug, clap::Subcommand)]
#[command(verbatim_doc_comment)]
pub(crate) enum Command {
    List(list::Args),
    /// Create an empty profile
    Create(Create),
    /// Make a profile the active one
    Switch(Named),
    /// Give a profile another label; its id stays
    Rename(Rename),
    /// Forget a profile here; its numbers are never used again
    Delete(Named),
    /// Let a writer's entries count, in an owned profile
    Grant(roles::Grant),
    /// Let what a writer writes from now on not count
    Revoke(roles::Revoke),
    Policy(policy::Args),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    /// Its label, 1 to 64 characters
    #[arg(value_parser = ProfileName::new)]
    name: ProfileName,
    /// Only its owner, and whom an owner grants a role, may write in it
    #[arg(long)]
    owned: bool,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Named {
    /// The profile
    profile: String,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Rename {
    /// The profile
    profile: String,
    /// Its new label, 1 to 64 characters
    #[arg(value_parser = ProfileName::new)]
    new: ProfileName,
    #[command(flatten)]
    options: Options,
}

/// What all changes of profiles are told.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    acting: Acting,
    #[command(flatten)]
    dry_run: DryRun,
    #[command(flatten)]
    format: Format,
}

/// What was done to a profile.
#[derive(Debug, Serialize)]
struct Done {
    did: String,
    profile: String,
    profile_id: String,
    active: String,
    entries: usize,
    state_hash: String,
    dry_run: bool,
    #[serde(skip)]
    next: String,
}

pub(crate) fn run(globals: &Globals, command: &Command) -> Result<(), Failure> {
    match command {
        Command::List(args) => list::run(globals, args),
        Command::Create(args) => change(globals, &args.options, |desk| create(desk, args)),
        Command::Switch(args) => change(globals, &args.options, |desk| switch(desk, args)),
        Command::Rename(args) => change(globals, &args.options, |desk| rename(desk, args)),
        Command::Delete(args) => change(globals, &args.options, |desk| delete(desk, args)),
        Command::Grant(args) => change(globals, &args.options, |desk| roles::grant(desk, args)),
        Command::Revoke(args) => change(globals, &args.options, |desk| roles::revoke(desk, args)),
        Command::Policy(args) => policy::run(globals, args),
    }
}

/// Does one change and tells about it.
fn change(
    globals: &Globals,
    options: &Options,
    work: impl Fn(&mut Desk) -> Result<Done, Failure>,
) -> Result<(), Failure> {
    let planned = desk::plan(&globals.store, options.acting.who.as_ref(), work)?;
    let mut done = match options.dry_run.dry_run {
        true => planned.value,
        false => planned.commit()?.0,
    };
    done.dry_run = options.dry_run.dry_run;
    if options.format.json {
        return out::json(&done);
    }
    let told = options.dry_run.tell(&done.did);
    out::print(format_args!("{told}\n{}", done.next))
}

fn create(desk: &mut Desk, args: &Create) -> Result<Done, Failure> {
    desk::refuse_taken(desk.profiles(), args.name.as_str())?;
    let (profile, did) = match args.owned {
        false => {
            let profile = Profile::open(args.name.clone());
            desk.profiles_mut().add(profile.clone())?;
            (
                profile,
                format!("created the open profile {:?}: whoever is grouped may write", args.name),
            )
        }
        true => {
            let change = Change::ProfileCreated { name: args.name.clone() };
            let draft = draft(desk, desk.now(), change)?;
            let Some(profile) = Profile::owned(desk.writer(), &draft) else {
                return Err(Failure::error("this entry begins no profile"));
            };
            desk.profiles_mut().add(profile.clone())?;
            desk.append(&profile.id, &[draft])?;
            (profile, format!("created the profile {:?}, owned by this store's writer", args.name))
        }
    };
    let next = format!("To write in it: guildsync profile switch {:?}", args.name);
    done(desk, &profile.id.to_string(), did, next)
}

fn switch(desk: &mut Desk, args: &Named) -> Result<Done, Failure> {
    let log = find::profile(desk.profiles(), Some(&args.profile))?;
    let (id, label) = (log.profile().id, log.label().to_owned());
    let did = match id == desk.profiles().active_id() {
        true => format!("{label:?} was the active profile already"),
        false => format!("{label:?} is the active profile now"),
    };
    desk.profiles_mut().switch(&id)?;
    done(desk, &id.to_string(), did, String::new())
}

fn rename(desk: &mut Desk, args: &Rename) -> Result<Done, Failure> {
    let log = find::profile(desk.profiles(), Some(&args.profile))?;
    let (id, old) = (log.profile().id, log.label().to_owned());
    desk::refuse_taken(desk.profiles(), args.new.as_str())?;
    let stamp = desk.stamp(log);
    let renamed = draft(desk, stamp, Change::ProfileRenamed { name: args.new.clone() })?;
    desk.append(&id, &[renamed])?;
    let did = format!("profile {old:?} is called {:?} now", args.new);
    done(
        desk,
        &id.to_string(),
        did,
        "Its id stays; the others see the new label after a sync.".into(),
    )
}

fn delete(desk: &mut Desk, args: &Named) -> Result<Done, Failure> {
    let log = find::profile(desk.profiles(), Some(&args.profile))?;
    let (id, label, n) = (log.profile().id, log.label().to_owned(), log.len());
    let before = done(desk, &id.to_string(), String::new(), String::new())?;
    desk.profiles_mut().delete(&id)?;
    Ok(Done {
        did: format!("forgot profile {label:?} and its {}", out::entries(n)),
        next: "Other members still have it: a sync or a merge with one of them brings it back."
            .into(),
        entries: 0,
        state_hash: desk.profiles().state_hash().to_string(),
        ..before
    })
}

/// An entry about a profile.
fn draft(desk: &Desk, stamp: guildsync::types::Stamp, change: Change) -> Result<Draft, Failure> {
    let actor = desk.actor()?;
    Ok(Draft { stamp, actor, change, reason: Reason::default(), origin: None })
}

fn done(desk: &Desk, profile: &str, did: String, next: String) -> Result<Done, Failure> {
    let log = find::profile(desk.profiles(), Some(profile))?;
    Ok(Done {
        did,
        profile: log.label().to_owned(),
        profile_id: log.profile().id.to_string(),
        active: desk.profiles().active().label().to_owned(),
        entries: log.len(),
        state_hash: desk.profiles().state_hash().to_string(),
        dry_run: false,
        next,
    })
}
