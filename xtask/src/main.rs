//! The chores of the workspace, started as `cargo xtask <command>`.
//!
//! `cargo xtask test-all` is the whole gate, the same on a person's machine and in CI. It runs the
//! other programs (cargo, rustfmt, clippy, rustdoc, the built `guildsync`) and reads their output;
//! it links none of the workspace's crates, so it still works when one of them does not compile.
//!
//! One step is one module: [`cargo`] (format, clippy, docs), [`tests_run`], [`graph`], [`tidy`],
//! [`readme`] and [`features`]. [`steps`] runs them and prints the summary. [`programs`] starts the
//! measurements of `guildsync-bench`.

mod cargo;
mod features;
mod graph;
mod markdown;
mod process;
mod programs;
mod readme;
mod report;
mod source;
mod steps;
mod tests_parse;
mod tests_run;
mod tidy;
mod workspace;

use std::process::ExitCode;

use workspace::Workspace;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match command(&args) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(1)
        }
    }
}

fn command(args: &[&str]) -> anyhow::Result<ExitCode> {
    let all_passed = match args {
        [] | ["help" | "-h" | "--help"] => {
            print!("{HELP}");
            println!("\nSteps of test-all, in order: {}.", steps::names().join(", "));
            true
        }
        ["test-all"] => steps::run(&Workspace::load()?, &steps::names()),
        ["only", wanted @ ..] if !wanted.is_empty() => {
            if let Some(unknown) = wanted.iter().find(|name| !steps::names().contains(name)) {
                eprintln!("error: no step is named '{unknown}'");
                eprintln!("steps: {}", steps::names().join(", "));
                return Ok(ExitCode::from(2));
            }
            steps::run(&Workspace::load()?, wanted)
        }
        ["graph"] => {
            print!("{}", graph::draw(&Workspace::load()?));
            true
        }
        ["sizes", args @ ..] => programs::SIZES.run(&Workspace::load()?.root, args),
        ["tables", args @ ..] => programs::TABLES.run(&Workspace::load()?.root, args),
        ["sheets", args @ ..] => programs::SHEETS.run(&Workspace::load()?.root, args),
        ["sim", args @ ..] => programs::SIM.run(&Workspace::load()?.root, args),
        ["features"] => steps::run_features_by_list(&Workspace::load()?),
        _ => {
            eprintln!("error: '{}' is not a command\n\n{HELP}", args.join(" "));
            return Ok(ExitCode::from(2));
        }
    };
    Ok(ExitCode::from(u8::from(!all_passed)))
}

const HELP: &str = "\
The chores of guildsync.

  cargo xtask test-all      run every check over the whole workspace, as CI does
  cargo xtask only STEP...  run some steps of it (quote names of two words)
  cargo xtask features      check docs/features.md against the tests that exist (runs none)
  cargo xtask graph         print which workspace crate uses which
  cargo xtask sizes         print bytes per entry and frames, by corpus, batch size and codec;
                            --corpus FILE (repeatable), --seed N, --json; `sizes plot` draws them
  cargo xtask tables        print what syncing guild tables costs, beside other ways; --json, --write FILE
  cargo xtask sheets        print what assignment sheets cost; --json, --write FILE,
                            --trace publish|edit|join (--seed N, --loss P) prints a run's frames
  cargo xtask sim           run the simulator: --seeds A..B, --seed S --trace, --bugs, --json;
                            --tables: members have guild tables; --sections: assignment sheets;
                            --together: raids of forty in which all three are synced
  cargo xtask help          print this

With CI=true a step that cannot run on this machine is a failure instead of a note.
";
