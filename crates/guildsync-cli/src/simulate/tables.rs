//! `guildsync simulate --tables`: members of one to three guilds whose tables are synced while things go
//! wrong.

use guildsync_sim::tables::options::Options;
use guildsync_sim::tables::{Outcome, Story, TableBase, run as run_seed};
use guildsync_sim::trace::{self, Record};

use super::Args;
use crate::failure::Failure;
use crate::out;

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let story = args.story.unwrap_or(Story::Mixed);
    let base =
        TableBase { channel: Some(args.profile), story: Some(story), ..TableBase::default() };
    let (outcome, records) = run_seed(args.seed, &base, args.record.is_some());
    if let Some(path) = &args.record {
        let (channel, what) = (args.profile.name.to_owned(), outcome.options.clone());
        let mut file = Vec::new();
        let begin = Record::Begin { channel, what };
        trace::write(std::iter::once(&begin).chain(&records), &mut file)?;
        super::write(path, &file)?;
    }
    match args.format.json {
        true => out::json(&outcome.summary)?,
        false => out::print(told(args, story, &Options::draw(args.seed, &base), &outcome))?,
    }
    match &outcome.failure {
        None => Ok(()),
        Some(failure) => Err(Failure::out_of_sync(format!(
            "in phase {} at {}: {}; see what was said with --record FILE and `guildsync trace show \
             FILE`",
            failure.phase,
            trace::clock(failure.at_ms),
            failure.what
        ))),
    }
}

/// Reads the name of a story.
pub(super) fn story(name: &str) -> Result<Story, String> {
    Story::ALL.into_iter().find(|story| story.name() == name).ok_or_else(|| {
        let names = Story::ALL.map(Story::name).join(", ");
        format!("there is no such story; write one of {names}")
    })
}

fn told(args: &Args, story: Story, options: &Options, outcome: &Outcome) -> String {
    let n_members = out::count(options.n_members() as u64, "member", "members");
    let n_guilds = out::count(options.linked.len() as u64, "guild", "guilds");
    let what = match story {
        Story::Mixed => "people write and sync, while whatever the seed draws goes wrong",
        Story::Loss => "frames are lost, repeated and overtaken",
        Story::Restarts => "a session is interrupted after a frame that the seed draws",
        Story::AllWrite => "everyone writes while sessions run",
        Story::ThreeGuilds => "three guilds share all of their tables",
        Story::ClockSkew => "clocks are wrong by minutes to days",
    };
    let summary = &outcome.summary;
    let end = match summary.converged {
        true => format!(
            "Everyone holds what counts, {} s after all was well; state hash {}",
            outcome.heal_ms / 1000,
            summary.state_hash
        ),
        false => "Not everyone holds what counts".to_owned(),
    };
    format!(
        "{n_members} of {n_guilds} on {}, seed {}: {what}. All times are virtual.\n\n\
         {} changed something, and {} ended on one side or the other\n\
         {} came to those who began one, {} went from them; {}\n\
         {}, {}, {} s; trace hash {}\n\
         {end}",
        args.profile.name,
        args.seed,
        out::count(outcome.n_acknowledged as u64, "edit", "edits"),
        out::count(outcome.n_sessions, "session", "sessions"),
        out::count(summary.pulled, "record", "records"),
        summary.pushed,
        out::count(summary.conflicts, "conflict", "conflicts"),
        out::count(summary.frames, "frame", "frames"),
        crate::demo::bytes(summary.bytes),
        summary.virtual_seconds,
        outcome.hash,
    )
}
