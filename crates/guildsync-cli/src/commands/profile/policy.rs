//! `guildsync profile policy`: what a profile says about how it is synced.

use guildsync::leader::Config;
use guildsync::leader::policy::{KNOWN, Known, Policies};
use guildsync::log::{Change, Log};
use guildsync::types::{EntryId, PolicyName, PolicyValue};
use serde::Serialize;

use super::{Done, Options, done, draft};
use crate::args::Globals;
use crate::desk::Desk;
use crate::failure::Failure;
use crate::out;
use crate::{find, line, table};

/// What a person writes for "back to the default"; an entry says it with an empty value.
const DEFAULT: &str = "default";

/// Show what a profile says about how it is synced, or set it
///
/// Without VALUE, shows the policies; with it, sets one, for whoever holds the profile. In an owned
/// profile owners and officers set policies, in an open one everyone does; the newest counts.
///
/// Policies and their values, the default first:
///   manual-sync: officers, anyone      who may start a sync by hand
///   sync-plan:   broadcast, queue      how members are brought to the same data
///
/// JSON without VALUE: profile, profile_id, policies: [{policy, value (what was set, or null),
///   in_force (null where this program does not know the policy), values, about, officer, time,
///   seconds, id (of the entry that set it)}]
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The profile
    profile: String,
    /// The policy
    name: Option<String>,
    /// What to set it to; `default` takes back what was set
    value: Option<String>,
    #[command(flatten)]
    pub(super) options: Options,
}

#[derive(Serialize)]
struct Shown {
    profile: String,
    profile_id: String,
    policies: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    policy: String,
    value: Option<String>,
    in_force: Option<&'static str>,
    values: &'static [&'static str],
    about: &'static str,
    officer: Option<String>,
    time: Option<String>,
    seconds: Option<u64>,
    id: Option<String>,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    match &args.value {
        None => show(globals, args),
        Some(value) => super::change(globals, &args.options, |desk| set(desk, args, value)),
    }
}

fn set(desk: &mut Desk, args: &Args, value: &str) -> Result<Done, Failure> {
    let log = find::profile(desk.profiles(), Some(&args.profile))?;
    let (id, label) = (log.profile().id, log.label().to_owned());
    let known = known(args.name.as_deref().unwrap_or_default())?;
    let new = match value {
        "" | DEFAULT => "",
        value if known.values.contains(&value) => value,
        value => {
            return Err(Failure::usage(format!(
                "{value:?} is no value of {}; there are: {}, and {DEFAULT}",
                known.name,
                known.values.join(", ")
            )));
        }
    };
    if log.policy(known.name).unwrap_or_default() == new {
        let now = if new.is_empty() { "not set" } else { new };
        return Err(Failure::error(format!(
            "{} of {label:?} is {now} already: there is nothing to set",
            known.name
        )));
    }
    let (name, value) = (PolicyName::new(known.name)?, PolicyValue::new(new)?);
    let stamp = desk.stamp(log);
    let entry = draft(desk, stamp, Change::PolicySet { name, value })?;
    desk.append(&id, &[entry])?;
    let log = find::profile(desk.profiles(), Some(&id.to_string()))?;
    let holds = in_force(log).value(known.name).unwrap_or_default();
    let did = match new {
        "" => format!("{} of {label:?} is the default again: {holds}", known.name),
        new => format!("{} of {label:?} is {new} now", known.name),
    };
    done(desk, &id.to_string(), did, "It counts for the others after a sync or a merge.".into())
}

fn show(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let loaded = super::super::read(&globals.store)?;
    let log = find::profile(&loaded.profiles, Some(&args.profile))?;
    let wanted = args.name.as_deref();
    if let Some(name) = wanted.filter(|name| log.policy(name).is_none()) {
        known(name)?;
    }
    let mut policies: Vec<Row> = KNOWN.iter().map(|known| Row::of(log, known.name)).collect();
    let unknown = log.policies().filter(|p| KNOWN.iter().all(|k| k.name != p.name.as_str()));
    policies.extend(unknown.map(|policy| Row::of(log, policy.name.as_str())));
    policies.retain(|row| wanted.is_none_or(|wanted| row.policy == wanted));
    let shown = Shown {
        profile: log.label().to_owned(),
        profile_id: log.profile().id.to_string(),
        policies,
    };
    match args.options.format.json {
        true => out::json(&shown),
        false => out::print(told(&shown)),
    }
}

/// The policy of this name, or a refusal that says which there are.
fn known(name: &str) -> Result<&'static Known, Failure> {
    KNOWN.iter().find(|known| known.name == name).ok_or_else(|| {
        let line = |known: &Known| format!("{} ({})", known.name, known.values.join(", "));
        let lines: Vec<String> = KNOWN.iter().map(line).collect();
        Failure::usage(format!("there is no policy {name:?}; there are: {}", lines.join(", ")))
    })
}

/// What a session goes by that was told nothing else.
fn in_force(log: &Log) -> Policies {
    Policies::of(log, &Config::default())
}

impl Row {
    fn of(log: &Log, name: &str) -> Self {
        let set = log.policies().find(|policy| policy.name.as_str() == name);
        let entry = set.and_then(|policy| log.entry(policy.set_by));
        let stamp = entry.as_ref().map(|entry| entry.draft.stamp);
        let known = KNOWN.iter().find(|known| known.name == name);
        Self {
            policy: name.to_owned(),
            value: set.map(|policy| policy.value.to_string()),
            in_force: in_force(log).value(name),
            values: known.map_or(&[], |known| known.values),
            about: known.map_or("", |known| known.about),
            officer: entry.as_ref().map(|entry| entry.draft.actor.to_string()),
            time: stamp.map(line::time),
            seconds: stamp.map(|stamp| stamp.seconds()),
            id: entry.map(|entry| EntryId::to_string(&entry.id)),
        }
    }

    /// The value for people, and what it means here where that is something else.
    fn says(&self) -> String {
        match (&self.value, self.in_force) {
            (None, Some(in_force)) => format!("{in_force} (default)"),
            (Some(value), None) => format!("{value} (unknown here)"),
            (Some(value), Some(in_force)) if value != in_force => {
                format!("{value} (unknown here: {in_force})")
            }
            (value, _) => value.clone().unwrap_or_default(),
        }
    }
}

fn told(shown: &Shown) -> String {
    let mut table = table::new(["Policy", "Value", "Set by", "Time", "About"]);
    for row in &shown.policies {
        table.add_row([
            row.policy.clone(),
            row.says(),
            row.officer.clone().unwrap_or_default(),
            row.time.clone().unwrap_or_default(),
            row.about.to_owned(),
        ]);
    }
    let label = &shown.profile;
    format!("{}\n\nTo set one: guildsync profile policy {label:?} NAME VALUE", table::text(&table))
}
