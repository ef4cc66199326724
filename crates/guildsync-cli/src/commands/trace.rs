//! `guildsync trace`: runs of the simulator, recorded and shown message by message.

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::PathBuf;

use guildsync_sim::decode::describe;
use guildsync_sim::options::{Base, Options};
use guildsync_sim::run::run as run_seed;
use guildsync_sim::trace::hearing::Hearing;
use guildsync_sim::trace::{self, Record};

use crate::failure::Failure;
use crate::out;

/// Record a run of the simulator, or show one message by message
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    Record(RecordArgs),
    Show(ShowArgs),
}

/// Record the run of a seed: people, faults, healing, all of it drawn
///
/// The run is the simulator's: chaos, then healing, then a restart of everyone. For a recorded sync
/// without faults, see `guildsync simulate --record FILE`.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct RecordArgs {
    /// Decides everything about the run
    #[arg(long, value_name = "S")]
    seed: u64,
    /// The file to write; what it held is replaced
    file: PathBuf,
}

/// Show a recorded run, message by message: when, from whom, to whom, bytes, what it says
///
/// A message is shown when its last frame leaves, before the channel loses any of it. Lines with two
/// dashes are what the world did.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ShowArgs {
    /// A recorded run
    file: PathBuf,
    /// Show every frame, also the pieces, and what programs told their users
    #[arg(long)]
    frames: bool,
}

pub(crate) fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Record(args) => record(args),
        Command::Show(args) => show(args),
    }
}

fn record(args: &RecordArgs) -> Result<(), Failure> {
    let base = Base::default();
    let channel = Options::draw(args.seed, &base).channel.name.to_owned();
    let (outcome, records) = run_seed(args.seed, &base, true);
    let begin = Record::Begin { channel, what: outcome.options };
    let about = |why: Failure| why.about(args.file.display());
    let file = File::create(&args.file).map_err(|why| about(why.into()))?;
    let mut file = std::io::BufWriter::new(file);
    let all = std::iter::once(&begin).chain(&records);
    trace::write(all, &mut file).map_err(|why| about(why.into()))?;
    file.flush().map_err(|why| about(why.into()))?;
    out::print(format_args!(
        "recorded seed {} in {}: {} frames in {} s of virtual time; trace hash {}",
        args.seed,
        args.file.display(),
        outcome.n_frames,
        outcome.virtual_ms / 1000,
        outcome.hash,
    ))?;
    match outcome.failure {
        None => Ok(()),
        Some(failure) => Err(Failure::error(format!(
            "the run failed in phase {} at {}: {}; it is recorded up to there",
            failure.phase,
            trace::clock(failure.at_ms),
            failure.what
        ))),
    }
}

fn show(args: &ShowArgs) -> Result<(), Failure> {
    let about = |why: Failure| why.about(args.file.display());
    let file = File::open(&args.file).map_err(|why| about(why.into()))?;
    let records = trace::read(BufReader::new(file)).map_err(|why| {
        about(Failure::error(format!(
            "{why}; record a run with `guildsync trace record --seed S FILE`"
        )))
    })?;
    let mut hearing = Hearing::of(&records);
    let mut text = String::new();
    for record in &records {
        let heard = hearing.hear(record);
        let is_frame = matches!(record, Record::Frame { .. });
        if args.frames || matches!(record, Record::Event { .. } | Record::Begin { .. }) {
            text.push_str(&record.show(describe));
            text.push('\n');
        }
        if let Some(heard) = heard.filter(|heard| !args.frames || heard.n_frames > 1) {
            text.push_str(&heard.show());
            text.push('\n');
        } else if is_frame && !args.frames && is_refused(record) {
            text.push_str(&record.show(|_| "not carried".to_owned()));
            text.push('\n');
        }
    }
    out::print(text)
}

/// Whether the channel did not take a frame.
fn is_refused(record: &Record) -> bool {
    matches!(record, Record::Frame { result, .. } if result != "Sent")
}
