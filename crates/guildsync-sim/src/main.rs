//! The program `guildsync-sim`: campaigns over ranges of seeds, single runs with their trace, bug hunts.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::ops::Range;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use guildsync::transport::ChannelProfile;
use guildsync_sim::bugs::{OF_THE_WORLD, hunt};
use guildsync_sim::campaign::{Summary, campaign};
use guildsync_sim::decode::describe;
use guildsync_sim::options::Base;
use guildsync_sim::run::run;
use guildsync_sim::scenario::Scenario;
use guildsync_sim::trace;

/// Runs the guildsync replicas of many seeds in virtual time and checks what must be true.
#[derive(Debug, Parser)]
#[command(name = "guildsync-sim")]
struct Args {
    /// The seeds of a campaign, as A..B (B not included).
    #[arg(long, value_parser = parse_range, value_name = "A..B")]
    seeds: Option<Range<u64>>,
    /// One seed alone.
    #[arg(long, conflicts_with = "seeds")]
    seed: Option<u64>,
    /// With `--seed`: shows the run message by message.
    #[arg(long, requires = "seed")]
    trace: bool,
    /// With `--seed`: writes the recorded run to a file.
    #[arg(long, requires = "seed", value_name = "FILE")]
    record: Option<PathBuf>,
    /// Shows a recorded run.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seeds", "seed"])]
    show: Option<PathBuf>,
    /// Hunts the deliberate bugs of the world.
    #[arg(long, conflicts_with_all = ["seeds", "seed"])]
    bugs: bool,
    /// Runs the scenarios of the cost table whose name begins so; a JSON object each.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["seeds"])]
    scenario: Option<String>,
    /// The channel of all runs: retail, ctl, vanilla, wide or open. Each seed draws one otherwise.
    #[arg(long, value_parser = parse_channel)]
    channel: Option<ChannelProfile>,
    /// Healed members leave their group and join again.
    #[arg(long)]
    regroup: bool,
    /// No faults: people only.
    #[arg(long)]
    calm: bool,
    /// Threads; as many as there are cores otherwise.
    #[arg(long)]
    threads: Option<usize>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

fn parse_range(text: &str) -> Result<Range<u64>, String> {
    let (from, to) = text.split_once("..").ok_or("write a range as 0..2000")?;
    let number = |text: &str| text.parse().map_err(|_| format!("{text:?} is no seed"));
    let range = number(from)?..number(to)?;
    if range.is_empty() { Err(format!("{text} is empty")) } else { Ok(range) }
}

fn parse_channel(name: &str) -> Result<ChannelProfile, String> {
    let found = ChannelProfile::ALL.into_iter().find(|profile| profile.name == name);
    found.ok_or_else(|| format!("there is no channel {name:?}"))
}

fn main() -> ExitCode {
    let args = Args::parse();
    let result = if let Some(file) = &args.show { show(file) } else { go(&args) };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn show(file: &PathBuf) -> Result<bool, Box<dyn std::error::Error>> {
    let mut out = io::stdout().lock();
    for record in trace::read(BufReader::new(File::open(file)?))? {
        writeln!(out, "{}", record.show(describe))?;
    }
    Ok(true)
}

fn go(args: &Args) -> Result<bool, Box<dyn std::error::Error>> {
    let base =
        Base { channel: args.channel, regroup: args.regroup, calm: args.calm, ..Base::default() };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.threads.unwrap_or(cores);
    if let Some(name) = &args.scenario {
        let rows = Scenario::table().into_iter().filter(|row| row.name.starts_with(name));
        let mut all = true;
        for mut row in rows {
            row.channel = args.channel.unwrap_or(row.channel);
            let cost = row.run(args.seed.unwrap_or(0), false).cost;
            all &= cost.converged;
            println!("{}", serde_json::to_string(&cost)?);
        }
        return Ok(all);
    }
    if let Some(seed) = args.seed {
        return one(args, seed, &base);
    }
    if args.bugs {
        let mut all = true;
        for bug in OF_THE_WORLD {
            let found = hunt(bug, &base, 0, 15, 2000, threads);
            all &= found.n_caught > 0;
            println!("{}", serde_json::to_string(&found)?);
        }
        return Ok(all);
    }
    let seeds = args.seeds.clone().unwrap_or(0..300);
    let n = seeds.end - seeds.start;
    let (mut done, mut failed) = (0, 0);
    let summary = campaign(seeds, &base, threads, |outcome| {
        done += 1;
        failed += u64::from(outcome.failure.is_some());
        if done % 50 == 0 || done == n {
            eprint!("\r{done} of {n} seeds, {failed} failed");
        }
    });
    eprintln!();
    match args.json {
        true => println!("{}", serde_json::to_string(&summary)?),
        false => tell(&summary, args),
    }
    Ok(summary.is_clean())
}

fn one(args: &Args, seed: u64, base: &Base) -> Result<bool, Box<dyn std::error::Error>> {
    let (outcome, records) = run(seed, base, args.trace || args.record.is_some());
    let mut out = io::stdout().lock();
    if args.trace {
        for record in &records {
            writeln!(out, "{}", record.show(describe))?;
        }
    }
    if let Some(path) = &args.record {
        trace::write(&records, BufWriter::new(File::create(path)?))?;
    }
    writeln!(out, "{}", outcome.options)?;
    writeln!(
        out,
        "hash {}, {} s of virtual time, {} steps, {} frames, {} entries acknowledged, heals {:?} ms",
        outcome.hash,
        outcome.virtual_ms / 1000,
        outcome.n_steps,
        outcome.n_frames,
        outcome.n_acknowledged,
        outcome.heal_ms,
    )?;
    if let Some(failure) = &outcome.failure {
        let at = trace::clock(failure.at_ms);
        writeln!(out, "FAILED in phase {} at {at}: {}", failure.phase, failure.what)?;
    }
    Ok(outcome.failure.is_none())
}

fn tell(summary: &Summary, args: &Args) {
    for (what, n) in &summary.reached {
        println!("{n:>12}  {what}");
    }
    println!(
        "{} seeds, {} s of virtual time, {} steps, {} frames, {} entries acknowledged ({} went \
         down with disks), longest heals {:?} ms",
        summary.n_seeds,
        summary.virtual_seconds,
        summary.n_steps,
        summary.n_frames,
        summary.n_acknowledged,
        summary.n_lost,
        summary.heal_ms_max,
    );
    println!("trace hash over all seeds: {}", summary.hash);
    for what in &summary.unreached {
        println!("NEVER REACHED: {what}");
    }
    if let Some(first) = summary.failed.first() {
        let failure = &first.failure;
        println!("{} seeds failed; the first:", summary.failed.len());
        println!("  {}", first.options);
        println!("  phase {}, {}: {}", failure.phase, trace::clock(failure.at_ms), failure.what);
        let more = [
            args.channel.map(|profile| format!(" --channel {}", profile.name)),
            args.regroup.then(|| " --regroup".to_owned()),
            args.calm.then(|| " --calm".to_owned()),
        ];
        let more: String = more.into_iter().flatten().collect();
        println!("  replay: guildsync-sim --seed {} --trace{more}", first.seed);
    }
}
