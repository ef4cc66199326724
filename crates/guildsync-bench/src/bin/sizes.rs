//! `sizes`: how many bytes a loot-log entry and a table record take, here and elsewhere.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use guildsync_bench::corpus::read::{self, Content};
use guildsync_bench::corpus::{loot, officers, tables};
use guildsync_bench::measure::{Bench, Measurement};
use guildsync_bench::{plot, report, worker};
use indicatif::ProgressBar;

/// Rows of a generated log: as many as the measured files have.
const ROWS: usize = 20_000;
/// The seed of what stands in for an absent file.
const SEED: u64 = 20_261_121;

/// Bytes per entry and frames of 255 bytes, per corpus, batch size and mode.
///
/// Every batch is decoded in another process from the bytes and the base alone; a field that comes
/// back different ends the run.
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(flatten)]
    what: What,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args)]
struct What {
    /// A log as pipe text, CEPGP's SavedVariables (.lua), or guild tables as JSON; can be repeated.
    /// By default the four of ../shared/data beside the workspace, generated ones where absent, and the
    /// generated entries of ten writers.
    #[arg(long, value_name = "FILE")]
    corpus: Vec<PathBuf>,
    /// Measure corpora generated from this seed; files only where --corpus names them.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Print an array of objects instead of tables.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Draw sizes by mode and rival at N = 1,000 as an SVG.
    Plot {
        /// Where to write it; by default docs/plots/sizes.svg of the workspace.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Decode what comes on standard input.
    #[command(name = worker::SUBCOMMAND, hide = true)]
    DecodeWorker,
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    match cli.command {
        Some(Command::DecodeWorker) => {
            worker::serve(std::io::stdin().lock(), std::io::stdout().lock())
        }
        Some(Command::Plot { out }) => {
            let logs = defaults()?.into_iter().filter(plot::wants).collect::<Vec<_>>();
            let lines = measure(&logs)?;
            let out = out.unwrap_or_else(|| root().join("docs/plots/sizes.svg"));
            if let Some(folder) = out.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&out, plot::svg(&lines)).with_context(|| format!("{}", out.display()))
        }
        None => {
            let lines = measure(&contents(&cli.what)?)?;
            match cli.what.json {
                true => println!("{}", serde_json::to_string_pretty(&lines)?),
                false => print!("{}", report::text(&lines)),
            }
            Ok(())
        }
    }
}

fn measure(contents: &[Content]) -> anyhow::Result<Vec<Measurement>> {
    let bar = match std::io::stderr().is_terminal() {
        true => ProgressBar::new_spinner(),
        false => ProgressBar::hidden(),
    };
    bar.enable_steady_tick(Duration::from_millis(120));
    let program = std::env::current_exe().context("this program's own path")?;
    let mut bench = Bench::start(&program, |what| bar.set_message(what.to_owned()))?;
    let mut lines = Vec::new();
    for content in contents {
        lines.extend(match content {
            Content::Log(corpus) => bench.log(corpus)?,
            Content::Tables(tables) => bench.tables(tables)?,
        });
    }
    bar.finish_and_clear();
    Ok(lines)
}

fn contents(what: &What) -> anyhow::Result<Vec<Content>> {
    let mut contents: Vec<Content> =
        what.corpus.iter().map(|path| read::file(path)).collect::<Result<_, _>>()?;
    match what.seed {
        Some(seed) => contents.extend(generated(seed)?),
        None if contents.is_empty() => contents = defaults()?,
        None => {}
    }
    Ok(contents)
}

fn generated(seed: u64) -> anyhow::Result<[Content; 4]> {
    Ok([
        Content::Log(loot::independent(seed, ROWS)),
        Content::Log(loot::correlated(seed, ROWS)),
        Content::Log(officers::officers(seed, ROWS)),
        Content::Tables(tables::generated(seed)?),
    ])
}

/// The usual corpora; what is absent is named, and generated where that can be.
fn defaults() -> anyhow::Result<Vec<Content>> {
    let [independent, correlated, officers, tables] = generated(SEED)?;
    let wanted = [
        ("loot-independent.psv", Some(independent)),
        ("loot-correlated.psv", Some(correlated)),
        ("cepgp_wrath_traffic.lua", None),
        ("guild-tables.json", Some(tables)),
    ];
    let folder = root().join("../shared/data");
    let mut contents = Vec::new();
    for (name, instead) in wanted {
        let path = folder.join(name);
        if path.exists() {
            contents.push(read::file(&path)?);
            continue;
        }
        match instead {
            Some(instead) => {
                eprintln!("../shared/data/{name} is absent: a generated corpus stands in");
                contents.push(instead);
            }
            None => eprintln!(
                "../shared/data/{name} is absent: left out, a real history has no stand-in"
            ),
        }
    }
    contents.insert(contents.len() - 1, officers);
    Ok(contents)
}

/// The workspace's folder.
fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.ancestors().nth(2).map_or_else(|| here.clone(), Path::to_owned)
}
