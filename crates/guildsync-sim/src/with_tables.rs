//! `guildsync-sim --tables`: the same commands for runs in which members have tables.

use std::error::Error;

use guildsync_sim::tables::campaign::{Found, campaign};
use guildsync_sim::tables::options::Options;
use guildsync_sim::tables::{Story, TableBase, run};

use crate::command::{progress, show_run, tell_failed, tell_failure, tell_reached};
use crate::{Args, chosen};

/// Runs what was asked for; false if something is wrong.
pub(crate) fn go(args: &Args, threads: usize) -> Result<bool, Box<dyn Error>> {
    let story = chosen(&args.story, &Story::ALL, Story::name)?;
    let base = TableBase { channel: args.channel, story, calm: args.calm };
    if let Some(seed) = args.seed {
        return one(args, seed, &base);
    }
    let seeds = args.seeds.clone().unwrap_or(0..300);
    let mut progress = progress(seeds.end - seeds.start);
    let found = campaign(seeds, &base, threads, |outcome| progress(outcome.failure.is_some()));
    match args.json {
        true => println!("{}", serde_json::to_string(&found)?),
        false => tell(&found, args),
    }
    Ok(found.is_clean())
}

fn one(args: &Args, seed: u64, base: &TableBase) -> Result<bool, Box<dyn Error>> {
    let (outcome, records) = run(seed, base, args.trace || args.record.is_some());
    show_run(args, Options::draw(seed, base).channel.name, &outcome.options, &records)?;
    if args.json {
        println!("{}", serde_json::to_string(&outcome.summary)?);
    } else {
        println!("{}", outcome.options);
        println!(
            "hash {}, {} steps, {} changes acknowledged, {} sessions, healed in {} s, {:?}",
            outcome.hash,
            outcome.n_steps,
            outcome.n_acknowledged,
            outcome.n_sessions,
            outcome.heal_ms / 1000,
            outcome.summary,
        );
    }
    Ok(tell_failure(outcome.failure.as_ref()))
}

fn tell(found: &Found, args: &Args) {
    tell_reached(&found.reached);
    let sum = &found.sum;
    println!(
        "{} seeds, {} s of virtual time, {} steps, {} frames, {} sessions, {} changes acknowledged, \
         {} records pulled, {} pushed, {} conflicts, longest heal {} s",
        found.n_seeds,
        sum.virtual_seconds,
        found.n_steps,
        sum.frames,
        found.n_sessions,
        found.n_acknowledged,
        sum.pulled,
        sum.pushed,
        sum.conflicts,
        found.heal_ms_max / 1000,
    );
    tell_failed(args, " --tables", &found.hash, &found.unreached, &found.failed);
}
