//! `guildsync log`: the entries, newest last.

use serde::Serialize;

use crate::args::{Globals, InProfile};
use crate::failure::Failure;
use crate::find;
use crate::line::{self, Filter, Line};
use crate::out::{self, Format};
use crate::table;

/// List entries, newest last
///
/// Lists the entries of a profile in replay order, newest last. An entry that does not count is
/// marked and never hidden.
///
/// JSON: profile, profile_id, entries (in all), shown, lines: [{id, short_id, time, seconds, officer,
///   kind, member, delta, stated_total, basis, before, after, counts, verdict, undone_by, undoes,
///   overrode, origin, reason}]
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(flatten)]
    filter: Filter,
    #[command(flatten)]
    profile: InProfile,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
pub(super) struct Shown<'a> {
    pub(super) profile: &'a str,
    pub(super) profile_id: String,
    pub(super) entries: usize,
    pub(super) shown: usize,
    pub(super) lines: Vec<Line>,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    show(globals, &args.profile, &args.filter, args.format, |lines| {
        let mut table =
            table::new(["Entry", "Time (UTC)", "Officer", "What", ">Points", "Reason", ""]);
        for line in lines {
            table.add_row([
                line.short_id.clone(),
                line.time.clone(),
                line.officer.clone(),
                line.says.clone(),
                line.points(),
                line::plain(&line.reason),
                mark(line),
            ]);
        }
        table::text(&table)
    })
}

/// Prints the wanted entries of a profile as `draw` draws them, or as JSON.
pub(super) fn show(
    globals: &Globals,
    profile: &InProfile,
    filter: &Filter,
    format: Format,
    draw: impl Fn(&[Line]) -> String,
) -> Result<(), Failure> {
    let loaded = super::read(&globals.store)?;
    let log = find::profile(&loaded.profiles, profile.profile.as_deref())?;
    let lines = line::lines(log, filter);
    let (entries, shown) = (log.len(), lines.len());
    if format.json {
        let profile_id = log.profile().id.to_string();
        return out::json(&Shown { profile: log.label(), profile_id, entries, shown, lines });
    }
    let head = format!("{shown} of {} in {:?}", out::entries(entries), log.label());
    if lines.is_empty() {
        return out::print(head);
    }
    out::print(format_args!("{head}\n\n{}", draw(&lines)))
}

fn mark(line: &Line) -> String {
    match line.counts {
        true => String::new(),
        false => format!("✗ {}", line.why_not()),
    }
}
