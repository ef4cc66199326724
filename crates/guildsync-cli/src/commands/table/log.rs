//! `guildsync table log` and `guildsync table reset`: what happened in sessions, and forgetting those
//! that are unfinished.

use guildsync::store::Store;
use guildsync::tables::Side;
use guildsync::tables::log::Line;
use guildsync::types::{MemberName, Stamp};
use guildsync::{Config, Input, Local};
use serde::Serialize;

use crate::args::Globals;
use crate::failure::Failure;
use crate::out::{self, DryRun, Format};
use crate::{clock, desk, line, table};

/// How much of a line is shown where not all of it is asked for, in characters.
const SHOWN: usize = 100;

/// Show what happened in table sessions, step by step
///
/// A store keeps two logs: of the sessions that its member began (the sender's) and of those that it
/// answered (the receiver's), 200 lines each. Steps: 1 begin, 2 readiness, 3 compare, 4 ask, 5 receive,
/// 6 send, 7 acknowledge, 8 table complete, 9 end. A session of `table sync --trace` has every record
/// in it, with its data.
///
/// JSON: sender: lines, receiver: lines (those that were asked for), each {time, seconds, session, with,
///   step, text}
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// Only the log of the sessions that this member began
    #[arg(long)]
    sender: bool,
    /// Only the log of the sessions that this member answered
    #[arg(long)]
    receiver: bool,
    /// Whole lines, with the data that is in them
    #[arg(long)]
    trace: bool,
    #[command(flatten)]
    format: Format,
}

/// Forget sessions that are unfinished
///
/// A session that was interrupted goes on when the two members meet again. After a reset the next one
/// begins anew. What was received stays.
///
/// JSON: forgotten: names of the other sides, dry_run
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ResetArgs {
    #[command(flatten)]
    dry_run: DryRun,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Shown {
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<Vec<Step>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver: Option<Vec<Step>>,
}

#[derive(Serialize)]
struct Step {
    time: String,
    seconds: u64,
    session: String,
    with: String,
    step: u8,
    text: String,
}

impl Step {
    fn of(line: &Line) -> Self {
        let Line { at, session, peer, step, text } = line;
        Self {
            time: Stamp::new(*at, 0).unwrap_or_default().to_string(),
            seconds: *at,
            session: format!("{:08x}", session.0),
            with: peer.to_string(),
            step: *step as u8,
            text: text.clone(),
        }
    }
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let logs = crate::commands::read(&globals.store)?.table_sync.logs;
    let both = args.sender == args.receiver;
    let lines = |side, wanted: bool| {
        (both || wanted).then(|| logs.of(side).map(Step::of).collect::<Vec<_>>())
    };
    let (sender, receiver) =
        (lines(Side::Initiator, args.sender), lines(Side::Responder, args.receiver));
    if args.format.json {
        return out::json(&Shown { sender, receiver });
    }
    let heads =
        ["Sender: sessions that were begun here", "Receiver: sessions that were answered here"];
    let mut text = String::new();
    for (head, steps) in heads.into_iter().zip([sender, receiver]) {
        let Some(steps) = steps else { continue };
        let n = out::count(steps.len() as u64, "line", "lines");
        text += &format!("{head}, {n}\n\n");
        if !steps.is_empty() {
            text += &format!("{}\n\n", draw(&steps, args.trace));
        }
    }
    out::print(text)
}

fn draw(steps: &[Step], is_whole: bool) -> String {
    let mut table = table::new(["Time (UTC)", "Session", "With", ">Step", "What"]);
    for Step { time, session, with, step, text, .. } in steps {
        let mut text = line::plain(text);
        if !is_whole && text.chars().count() > SHOWN {
            text = text.chars().take(SHOWN - 1).chain(['…']).collect();
        }
        table.add_row([time.clone(), session.clone(), with.clone(), step.to_string(), text]);
    }
    table::text(&table)
}

#[derive(Serialize)]
struct Forgotten {
    forgotten: Vec<String>,
    dry_run: bool,
}

pub(crate) fn reset(globals: &Globals, args: &ResetArgs) -> Result<(), Failure> {
    let loaded = crate::commands::sound(&globals.store)?;
    let unfinished = &loaded.table_sync.unfinished;
    let forgotten: Vec<String> = unfinished.keys().map(MemberName::to_string).collect();
    let dry_run = args.dry_run.dry_run;
    if !dry_run && !forgotten.is_empty() {
        let opened = Store::open(&globals.store)?;
        if let Some(new) = &opened.new_writer {
            desk::tell_new_writer(new);
        }
        let me = opened.member.clone().unwrap_or_else(desk::nobody);
        let mut local = Local::of(opened, me, Config::default());
        local.step(clock::now(), Input::TableReset, &mut Vec::new())?;
    }
    let did = match forgotten.len() {
        0 => "no session is unfinished".to_owned(),
        1 => format!("forgot the unfinished session with {}", forgotten[0]),
        n => format!("forgot {n} unfinished sessions, with {}", forgotten.join(", ")),
    };
    match args.format.json {
        true => out::json(&Forgotten { forgotten, dry_run }),
        false => out::print(args.dry_run.tell(&did)),
    }
}
