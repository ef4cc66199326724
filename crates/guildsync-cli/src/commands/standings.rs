//! `guildsync standings`: every member's points.

use serde::Serialize;

use crate::args::{Globals, InProfile, Limit};
use crate::failure::Failure;
use crate::find;
use crate::line;
use crate::out::{self, Amount, Format};
use crate::table;

/// Show every member's points, now or at a past moment
///
/// Shows every member's total in a profile, highest first.
///
/// JSON: profile, profile_id, kind, at (null for now), entries, state_hash (over all profiles, now,
///   recomputed from the entries on disk), standings: [{member, total}]
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(flatten)]
    profile: InProfile,
    /// As of this time, this second or day included [default: now]
    #[arg(long, value_name = "TIME", value_parser = Limit::parse)]
    at: Option<Limit>,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Shown<'a> {
    profile: &'a str,
    profile_id: String,
    kind: &'static str,
    at: Option<String>,
    entries: usize,
    state_hash: String,
    standings: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    member: &'a str,
    total: Amount,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let loaded = super::read(&globals.store)?;
    let log = find::profile(&loaded.profiles, args.profile.profile.as_deref())?;
    let standings = match args.at {
        Some(at) => log.standings_at(at.to),
        None => log.standings(),
    };
    let places = standings.iter().map(|standing| (standing.member, standing.total));
    if args.format.json {
        return out::json(&Shown {
            profile: log.label(),
            profile_id: log.profile().id.to_string(),
            kind: find::kind(log),
            at: args.at.map(|at| line::time(at.to)),
            entries: log.len(),
            state_hash: loaded.profiles.state_hash().to_string(),
            standings: places
                .map(|(member, total)| Place { member, total: total.into() })
                .collect(),
        });
    }
    let when = args.at.map_or_else(String::new, |at| format!(" as of {} UTC", line::time(at.to)));
    let head = format!(
        "{} in {:?}{when}, from {}",
        out::count(standings.len() as u64, "member", "members"),
        log.label(),
        out::entries(log.len())
    );
    if standings.is_empty() {
        return out::print(format_args!(
            "{head}\nNobody has points here yet: `guildsync award NAME POINTS REASON`, or \
             `guildsync import FILE`"
        ));
    }
    let mut table = table::new([">#", "Member", ">Points"]);
    for (index, (member, total)) in places.enumerate() {
        table.add_row([(index + 1).to_string(), member.to_owned(), total.to_string()]);
    }
    out::print(format_args!("{head}\n\n{}", table::text(&table)))
}
