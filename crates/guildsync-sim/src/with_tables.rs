//! `guildsync-sim --tables`: the same commands for runs in which members have tables.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write};

use guildsync_sim::decode::describe;
use guildsync_sim::tables::campaign::{Found, campaign};
use guildsync_sim::tables::options::Options;
use guildsync_sim::tables::{TableBase, run};
use guildsync_sim::trace::{self, Record};

use crate::Args;

/// Runs what was asked for; false if something is wrong.
pub(crate) fn go(args: &Args, threads: usize) -> Result<bool, Box<dyn Error>> {
    let base = TableBase { channel: args.channel, story: args.story, calm: args.calm };
    if let Some(seed) = args.seed {
        return one(args, seed, &base);
    }
    let seeds = args.seeds.clone().unwrap_or(0..300);
    let n = seeds.end - seeds.start;
    let (mut done, mut failed) = (0, 0);
    let found = campaign(seeds, &base, threads, |outcome| {
        done += 1;
        failed += u64::from(outcome.failure.is_some());
        if done % 50 == 0 || done == n {
            eprint!("\r{done} of {n} seeds, {failed} failed");
        }
    });
    eprintln!();
    match args.json {
        true => println!("{}", serde_json::to_string(&found)?),
        false => tell(&found, args),
    }
    Ok(found.is_clean())
}

fn one(args: &Args, seed: u64, base: &TableBase) -> Result<bool, Box<dyn Error>> {
    let (outcome, records) = run(seed, base, args.trace || args.record.is_some());
    let mut out = io::stdout().lock();
    if args.trace {
        for record in &records {
            writeln!(out, "{}", record.show(describe))?;
        }
    }
    if let Some(path) = &args.record {
        let channel = Options::draw(seed, base).channel.name.to_owned();
        let begin = Record::Begin { channel, what: outcome.options.clone() };
        let records = std::iter::once(&begin).chain(&records);
        trace::write(records, BufWriter::new(File::create(path)?))?;
    }
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&outcome.summary)?)?;
    } else {
        writeln!(out, "{}", outcome.options)?;
        writeln!(
            out,
            "hash {}, {} steps, {} changes acknowledged, {} sessions, healed in {} s, {:?}",
            outcome.hash,
            outcome.n_steps,
            outcome.n_acknowledged,
            outcome.n_sessions,
            outcome.heal_ms / 1000,
            outcome.summary,
        )?;
    }
    if let Some(failure) = &outcome.failure {
        let at = trace::clock(failure.at_ms);
        writeln!(out, "FAILED in phase {} at {at}: {}", failure.phase, failure.what)?;
    }
    Ok(outcome.failure.is_none())
}

fn tell(found: &Found, args: &Args) {
    for (what, n) in &found.reached {
        println!("{n:>12}  {what}");
    }
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
    println!("trace hash over all seeds: {}", found.hash);
    for what in &found.unreached {
        println!("NEVER REACHED: {what}");
    }
    for failed in found.failed.iter().take(20) {
        let failure = &failed.failure;
        let at = trace::clock(failure.at_ms);
        println!("seed {} failed in phase {}, {at}: {}", failed.seed, failure.phase, failure.what);
    }
    if let Some(first) = found.failed.first() {
        println!("{} seeds failed; the first:", found.failed.len());
        println!("  {}", first.options);
        let more = [
            args.channel.map(|profile| format!(" --channel {}", profile.name)),
            args.story.map(|story| format!(" --story {}", story.name())),
            args.calm.then(|| " --calm".to_owned()),
        ];
        let more: String = more.into_iter().flatten().collect();
        println!("  replay: guildsync-sim --tables --seed {} --trace{more}", first.seed);
    }
}
