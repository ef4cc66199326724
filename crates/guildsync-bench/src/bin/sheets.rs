//! `sheets`: what assignment sheets cost, beside a sheet alone.

use std::path::PathBuf;

use clap::Parser;
use guildsync_bench::sheet_cost::lines::Report;
use guildsync_bench::sheet_cost::page;
use guildsync_sim::decode::describe;
use guildsync_sim::scenario::sheets;

/// Frames, bytes and virtual seconds of raids that publish, edit and follow assignment sheets, on the
/// modelled retail channel.
#[derive(Debug, Parser)]
struct Cli {
    /// Print an object instead of tables.
    #[arg(long)]
    json: bool,
    /// Write the tables into this document, between their marks, and print nothing.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    write: Option<PathBuf>,
    /// Print every frame of one run instead, in words.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["json", "write"])]
    trace: Option<Run>,
    /// The seed of that run.
    #[arg(long, default_value_t = 0, requires = "trace")]
    seed: u64,
    /// The share of frames that each receiver misses in it.
    #[arg(long, default_value_t = 0.0, requires = "trace")]
    loss: f64,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Run {
    Publish,
    Edit,
    Join,
}

fn main() -> anyhow::Result<()> {
    let Cli { json, write, trace, seed, loss } = Cli::parse();
    if let Some(run) = trace {
        let (cost, records) = match run {
            Run::Publish => sheets::publish(seed, loss),
            Run::Edit => {
                let (cost, _, records) = sheets::edit(seed, loss);
                (cost, records)
            }
            Run::Join => sheets::join(seed, loss),
        };
        records.iter().for_each(|record| println!("{}", record.show(describe)));
        println!("{cost:?}");
        return Ok(());
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let report = Report::measure(threads)?;
    match write {
        Some(path) => page::MARKS.write(&path, &page::section(&report))?,
        None if json => println!("{}", serde_json::to_string_pretty(&report)?),
        None => println!("{}", page::tables(&report)),
    }
    Ok(())
}
