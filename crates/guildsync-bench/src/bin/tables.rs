//! `tables`: what syncing guild tables costs, here and in other ways.

use std::path::PathBuf;

use clap::Parser;
use guildsync_bench::corpus::read::{self, Content};
use guildsync_bench::table_cost::records::Set;
use guildsync_bench::table_cost::{page, scenarios, telling};

/// Frames, bytes and virtual seconds of sessions that sync guild tables, on the modelled retail channel.
///
/// Generated records always, the same anywhere; those of ../shared/data/guild-tables.json beside the
/// workspace too, where it is present.
#[derive(Debug, Parser)]
struct Cli {
    /// Print an object of arrays instead of tables.
    #[arg(long)]
    json: bool,
    /// Write the tables of the generated records into this document, between its marks, and print nothing.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    write: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let rows = scenarios::generated()?;
    if let Some(path) = &cli.write {
        return page::MARKS.write(path, &page::section(&rows));
    }
    let file = of_file()?;
    let telling = telling::all()?;
    if cli.json {
        let all = serde_json::json!({ "generated": rows, "file": file, "telling": telling });
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    println!("Generated records\n\n{}", page::sessions(&rows));
    match &file {
        Some(rows) => println!("../shared/data/guild-tables.json\n\n{}", page::sessions(rows)),
        None => eprintln!("../shared/data/guild-tables.json is absent: generated records only"),
    }
    println!("Telling the difference, behind the opening\n\n{}", page::telling(&telling));
    Ok(())
}

fn of_file() -> anyhow::Result<Option<Vec<scenarios::Row>>> {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let path = here.join("../../../shared/data/guild-tables.json");
    if !path.exists() {
        return Ok(None);
    }
    let Content::Tables(tables) = read::file(&path)? else { return Ok(None) };
    Ok(Some(scenarios::small(&Set::of(&tables, "guild-tables")?)?))
}
