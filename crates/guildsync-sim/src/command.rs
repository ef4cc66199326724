//! What all kinds of runs have in common on the command line: progress, a trace, a file with the record, what
//! failed and how to see it again.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write};

use guildsync_sim::campaign::Failed;
use guildsync_sim::decode::describe;
use guildsync_sim::many::{Found, Kind, Numbers, Outcome};
use guildsync_sim::run::Failure;
use guildsync_sim::trace::{self, Record};

use crate::Args;

/// The most failed seeds that are listed.
const LISTED_MAX: usize = 20;

/// Counts seeds on one line of the screen; it is told of each whether it failed.
pub(crate) fn progress(n: u64) -> impl FnMut(bool) {
    let (mut done, mut failed) = (0, 0);
    move |is_failed| {
        done += 1;
        failed += u64::from(is_failed);
        if done % 50 == 0 || done == n {
            let end = if done == n { "\n" } else { "" };
            eprint!("\r{done} of {n} seeds, {failed} failed{end}");
        }
    }
}

/// Shows a recorded run, and writes it to a file, as far as that was asked for.
pub(crate) fn show_run(
    args: &Args,
    channel: &str,
    options: &str,
    records: &[Record],
) -> Result<(), Box<dyn Error>> {
    if args.trace {
        let mut out = io::stdout().lock();
        for record in records {
            writeln!(out, "{}", record.show(describe))?;
        }
    }
    if let Some(path) = &args.record {
        let begin = Record::Begin { channel: channel.to_owned(), what: options.to_owned() };
        let records = std::iter::once(&begin).chain(records);
        trace::write(records, BufWriter::new(File::create(path)?))?;
    }
    Ok(())
}

/// Says how a run failed; whether it did not.
pub(crate) fn tell_failure(failure: Option<&Failure>) -> bool {
    if let Some(failure) = failure {
        let at = trace::clock(failure.at_ms);
        println!("FAILED in phase {} at {at}: {}", failure.phase, failure.what);
    }
    failure.is_none()
}

/// Says what was reached and how often, first.
pub(crate) fn tell_reached<'a>(reached: impl IntoIterator<Item = (&'a String, &'a u64)>) {
    reached.into_iter().for_each(|(what, n)| println!("{n:>12}  {what}"));
}

/// Says what was never reached, which seeds failed, and how to see the first again.
pub(crate) fn tell_failed(
    args: &Args,
    kind: &str,
    hash: &str,
    unreached: &[&str],
    failed: &[Failed],
) {
    println!("trace hash over all seeds: {hash}");
    unreached.iter().for_each(|what| println!("NEVER REACHED: {what}"));
    for failed in failed.iter().take(LISTED_MAX) {
        let failure = &failed.failure;
        let at = trace::clock(failure.at_ms);
        println!("seed {} failed in phase {}, {at}: {}", failed.seed, failure.phase, failure.what);
    }
    if let Some(first) = failed.first() {
        println!("{} seeds failed; the first:", failed.len());
        println!("  {}", first.options);
        let more = [
            args.channel.map(|profile| format!(" --channel {}", profile.name)),
            args.story.as_ref().map(|story| format!(" --story {story}")),
            args.regroup.then(|| " --regroup".to_owned()),
            args.calm.then(|| " --calm".to_owned()),
        ];
        let more: String = more.into_iter().flatten().collect();
        println!("  replay: guildsync-sim{kind} --seed {} --trace{more}", first.seed);
    }
}

/// Runs what was asked for, of a kind that `flag` asks for; false if something is wrong.
pub(crate) fn go<N: Numbers>(
    args: &Args,
    threads: usize,
    flag: &str,
    kind: &Kind<impl Fn(u64, bool) -> (Outcome<N>, Vec<Record>) + Sync>,
) -> Result<bool, Box<dyn Error>> {
    if let Some(seed) = args.seed {
        let (outcome, records) = (kind.run)(seed, args.trace || args.record.is_some());
        show_run(args, outcome.channel, &outcome.options, &records)?;
        if args.json {
            println!("{}", serde_json::to_string(&outcome.numbers)?);
        } else {
            println!("{}", outcome.options);
            println!(
                "hash {}, {} s of virtual time, {} steps, {} frames, {}",
                outcome.hash,
                outcome.virtual_ms / 1000,
                outcome.n_steps,
                outcome.n_frames,
                outcome.numbers.words(),
            );
        }
        return Ok(tell_failure(outcome.failure.as_ref()));
    }
    let seeds = args.seeds.clone().unwrap_or(0..300);
    let mut progress = progress(seeds.end - seeds.start);
    let found: Found<N> =
        kind.campaign(seeds, threads, |outcome| progress(outcome.failure.is_some()));
    if args.json {
        println!("{}", serde_json::to_string(&found)?);
        return Ok(found.is_clean());
    }
    tell_reached(&found.reached);
    println!(
        "{} seeds, {} s of virtual time, {} steps, {} frames, {}",
        found.n_seeds,
        found.virtual_seconds,
        found.n_steps,
        found.n_frames,
        found.numbers.words(),
    );
    tell_failed(args, flag, &found.hash, &found.unreached, &found.failed);
    Ok(found.is_clean())
}
