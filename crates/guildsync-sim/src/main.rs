//! The program `guildsync-sim`: campaigns over ranges of seeds, single runs with their trace, bug hunts,
//! what scenarios cost, and how fast all of that runs.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use guildsync::transport::ChannelProfile;
use guildsync_sim::bugs::{
    Hunter, OF_THE_WORLD, Planted, of_the_protocol, of_the_sheets, of_the_tables, table,
};
use guildsync_sim::campaign::{Summary, campaign};
use guildsync_sim::decode::describe;
use guildsync_sim::many::Kind;
use guildsync_sim::options::{Base, Options};
use guildsync_sim::run::run;
use guildsync_sim::scenario::Scenario;
use guildsync_sim::scenario::cost::{Report, replace_tables};
use guildsync_sim::scenario::speed::{Load, Raid};
use guildsync_sim::scenario::table::rows;
use guildsync_sim::sheets::{self, SheetBase};
use guildsync_sim::together;
use guildsync_sim::trace;
use guildsync_sim::trace::hearing::Hearing;

mod command;
mod with_tables;

use command::{progress, show_run, tell_failed, tell_failure, tell_reached};

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
    /// Runs in which members have tables.
    #[arg(long, conflicts_with_all = ["show", "scenario", "cost", "speed"])]
    tables: bool,
    /// Runs in which members have assignment sheets.
    #[arg(long, conflicts_with_all = ["tables", "show", "scenario", "cost", "speed"])]
    sections: bool,
    /// Raids of forty in which logs, tables and sheets are synced at once.
    #[arg(long, conflicts_with_all = ["tables", "sections", "bugs", "show", "scenario", "cost", "speed"])]
    together: bool,
    /// What all runs are about. With `--tables`: mixed, loss, restarts, all-write, three-guilds, clock-skew; with
    /// `--sections`: mixed, loss, all-edit, interrupted, large-raid, throw-away.
    #[arg(long)]
    story: Option<String>,
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
    /// With `--scenario`: in the seed's own way, for at most so many minutes of virtual time.
    #[arg(long, value_name = "MINUTES", requires = "scenario")]
    rival: Option<u64>,
    /// Runs all scenarios of `docs/cost.md` and prints its tables; with a file, writes them into it.
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with_all = ["seeds", "seed"])]
    cost: Option<Option<PathBuf>>,
    /// Measures how much faster than real time 40 members are simulated, on one core.
    #[arg(long, conflicts_with_all = ["seeds", "seed"])]
    speed: bool,
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

/// The story of this name, if one was named.
fn chosen<S: Copy>(
    name: &Option<String>,
    all: &[S],
    name_of: impl Fn(S) -> &'static str,
) -> Result<Option<S>, String> {
    let Some(name) = name else { return Ok(None) };
    let found = all.iter().copied().find(|story| name_of(*story) == name);
    found.map(Some).ok_or_else(|| format!("there is no story {name:?} of these runs"))
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
    let records = trace::read(BufReader::new(File::open(file)?))?;
    let mut hearing = Hearing::of(&records);
    for record in &records {
        writeln!(out, "{}", record.show(describe))?;
        if let Some(heard) = hearing.hear(record).filter(|heard| heard.n_frames > 1) {
            writeln!(out, "    = {}", heard.show())?;
        }
    }
    Ok(true)
}

fn go(args: &Args) -> Result<bool, Box<dyn std::error::Error>> {
    let base =
        Base { channel: args.channel, regroup: args.regroup, calm: args.calm, ..Base::default() };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = args.threads.unwrap_or(cores);
    if let Some(name) = &args.scenario {
        let rows = rows().into_iter().map(|row| row.scenario);
        let mut all = true;
        for mut row in rows.filter(|row| row.name.starts_with(name)) {
            row.channel = args.channel.unwrap_or(row.channel);
            if let Some(minutes) = args.rival {
                row = Scenario { patience_ms: minutes * 60_000, ..row.in_the_seeds_way() };
            }
            let cost = row.run(args.seed.unwrap_or(0), false).cost;
            all &= cost.converged;
            println!("{}", serde_json::to_string(&cost)?);
        }
        return Ok(all);
    }
    if let Some(file) = &args.cost {
        return cost(file.as_deref(), threads);
    }
    if args.speed {
        return speed();
    }
    if args.tables && !args.bugs {
        return with_tables::go(args, threads);
    }
    if args.together {
        return command::go(
            args,
            threads,
            " --together",
            &Kind { run: together::run, required: &[] },
        );
    }
    if args.sections && !args.bugs {
        let story = chosen(&args.story, &sheets::Story::ALL, sheets::Story::name)?;
        let base = SheetBase { channel: args.channel, story, calm: args.calm };
        return command::go(args, threads, " --sections", &sheets::kind(&base));
    }
    if let Some(seed) = args.seed {
        return one(args, seed, &base);
    }
    if args.bugs {
        let mut hunter = Hunter::new(base, threads);
        let mut hunts = Vec::new();
        let all: Vec<Planted> = match args.tables {
            _ if args.sections => of_the_sheets(),
            true => of_the_tables(),
            false => OF_THE_WORLD.iter().copied().chain(of_the_protocol()).collect(),
        };
        for bug in all {
            // A run with tables or sheets takes several times as long as one without.
            let is_long = args.tables || args.sections;
            let (enough, most) = if is_long { (5, 400) } else { (15, 1000) };
            let found = hunter.hunt(&bug, 0, enough, most);
            eprintln!("{}: {:?} seeds", found.bug, found.median_seeds);
            hunts.push(found);
        }
        match args.json {
            true => println!("{}", serde_json::to_string(&hunts)?),
            false => print!("{}", table(&hunts)),
        }
        return Ok(hunts.iter().all(|hunt| hunt.n_caught > 0));
    }
    let seeds = args.seeds.clone().unwrap_or(0..300);
    let mut progress = progress(seeds.end - seeds.start);
    let summary = campaign(seeds, &base, threads, |outcome| progress(outcome.failure.is_some()));
    match args.json {
        true => println!("{}", serde_json::to_string(&summary)?),
        false => tell(&summary, args),
    }
    Ok(summary.is_clean())
}

/// Prints the tables of the costs, or writes them into the document; false if a must does not hold.
fn cost(file: Option<&Path>, threads: usize) -> Result<bool, Box<dyn std::error::Error>> {
    let report = Report::measure(threads);
    match file {
        None => print!("{}", report.tables()),
        Some(file) => {
            let document = std::fs::read_to_string(file)?;
            let replaced = replace_tables(&document, &report.tables());
            let no_place = || format!("{} has no marks between which tables go", file.display());
            std::fs::write(file, replaced.ok_or_else(no_place)?)?;
        }
    }
    let broken = report.broken();
    for why in &broken {
        eprintln!("does not hold: {why}");
    }
    Ok(broken.is_empty())
}

/// Prints how fast forty members are simulated; false if that is below the must.
#[expect(clippy::disallowed_methods, reason = "how long it really takes is the question")]
fn speed() -> Result<bool, Box<dyn std::error::Error>> {
    /// Times real time.
    const MUST: f64 = 2_000.0;
    const PIECE_MS: u64 = 600_000;
    let mut out = io::stdout().lock();
    let mut all = true;
    for load in Load::ALL {
        let mut raid = Raid::new(load);
        let before = raid.work();
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(2) {
            raid.run(PIECE_MS);
        }
        let took = began.elapsed().as_secs_f64();
        let done = raid.work().after(before);
        let times = done.virtual_ms as f64 / 1000.0 / took;
        all &= times >= MUST;
        writeln!(
            out,
            "{times:>10.0} x real time: 40 members, {}; {:.1} steps and {:.2} frames a virtual second, \
             {:.2} us a step",
            load.name(),
            done.steps as f64 * 1000.0 / done.virtual_ms as f64,
            done.frames as f64 * 1000.0 / done.virtual_ms as f64,
            took * 1e6 / done.steps as f64,
        )?;
    }
    Ok(all)
}

fn one(args: &Args, seed: u64, base: &Base) -> Result<bool, Box<dyn std::error::Error>> {
    let (outcome, records) = run(seed, base, args.trace || args.record.is_some());
    show_run(args, Options::draw(seed, base).channel.name, &outcome.options, &records)?;
    println!("{}", outcome.options);
    println!(
        "hash {}, {} s of virtual time, {} steps, {} frames, {} entries acknowledged, heals {:?} ms",
        outcome.hash,
        outcome.virtual_ms / 1000,
        outcome.n_steps,
        outcome.n_frames,
        outcome.n_acknowledged,
        outcome.heal_ms,
    );
    Ok(tell_failure(outcome.failure.as_ref()))
}

fn tell(summary: &Summary, args: &Args) {
    tell_reached(&summary.reached);
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
    tell_failed(args, "", &summary.hash, &summary.unreached, &summary.failed);
}
