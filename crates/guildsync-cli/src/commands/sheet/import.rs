//! `guildsync sheet import`: a sheet from a file: a new one, or what has changed of one that is there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};

use guildsync::sections::{
    Change, Content, Document, DocumentId, Label, Plain, Policy, SectionId, Slot,
};
use guildsync_files::sheets::{self, Form, Sheet};
use serde::Serialize;

use super::policy::Rights;
use super::{Work, beside, find};
use crate::args::{Acting, Globals};
use crate::failure::Failure;
use crate::line;
use crate::out::{self, DryRun, Format};

/// Read a sheet from a file: TWRA's SavedVariables or import text, CSV, or JSON
///
/// If a sheet of that title is here, it becomes what the file says: sections are found again by name, so
/// that those that stayed the same stay as they are, and those that are not in the file are removed, for
/// everyone. Otherwise a new sheet is published. What the addon keeps for its own player is left out.
///
/// JSON: file, form, title, document (its id), published (it is new), changed (anything), added,
///   updated, same, removed: names of sections, reordered, rows, left_out: [{section, fields}],
///   unpacked, unread: texts, example (it is the addon's), conflicts, digest, dry_run
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The file
    file: PathBuf,
    /// What the sheet is called [default: as the file says; the addon's does not]
    #[arg(long, value_name = "TITLE", value_parser = Label::new)]
    title: Option<Label>,
    #[command(flatten)]
    acting: Acting,
    #[command(flatten)]
    dry_run: DryRun,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    policy: Rights,
}

#[derive(Debug, Serialize)]
struct Done<'a> {
    file: &'a Path,
    form: Form,
    title: String,
    document: String,
    published: bool,
    changed: bool,
    #[serde(flatten)]
    became: Became,
    rows: usize,
    left_out: Vec<LeftOut>,
    unpacked: Vec<String>,
    unread: Vec<String>,
    example: bool,
    conflicts: usize,
    digest: String,
    dry_run: bool,
}

/// What became of the sections, by name.
#[derive(Debug, Default, Serialize)]
struct Became {
    added: Vec<String>,
    updated: Vec<String>,
    same: Vec<String>,
    removed: Vec<String>,
    reordered: bool,
}

/// Fields of one member's game, which go to nobody.
#[derive(Debug, Clone, Serialize)]
struct LeftOut {
    section: String,
    fields: Vec<String>,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let sheet = open(&args.file)?;
    let title = args.title.clone().or_else(|| sheet.title.clone()).ok_or_else(|| {
        Failure::error(format!(
            "{} does not say what the sheet is called: add `--title TITLE`",
            args.file.display()
        ))
    })?;
    let sections: Vec<(Label, Plain)> = sheet
        .sections
        .iter()
        .map(|(name, body)| Ok((name.clone(), body.plain()?)))
        .collect::<Result<_, Failure>>()?;
    let done = super::change(&globals.store, Some(&args.acting), args.dry_run, |work| {
        let (id, before, changed) = take(args, work, &title, sections.clone())?;
        let document = work.get(id)?;
        let report = sheet.report.clone();
        Ok(Done {
            file: &args.file,
            form: report.form,
            title: document.title().to_string(),
            document: id.to_string(),
            published: before.is_none(),
            changed,
            became: Became::of(before.as_ref(), document),
            rows: report.rows,
            left_out: left_out(&sheet),
            unpacked: report.unpacked,
            unread: report.unread,
            example: report.is_example,
            conflicts: beside::all(document).len(),
            digest: document.digest().to_string(),
            dry_run: args.dry_run.dry_run,
        })
    })?;
    match args.format.json {
        true => out::json(&done),
        false => out::print(told(globals, args, &done)),
    }
}

/// Reads a file with a sheet.
pub(super) fn open(path: &Path) -> Result<Sheet, Failure> {
    let named = |failure: Failure| failure.about(format_args!("{} was not read", path.display()));
    let file = File::open(path).map_err(|why| {
        named(Failure::error(format!("it cannot be opened: {why}; check its name")))
    })?;
    if file.metadata().is_ok_and(|about| about.is_dir()) {
        return Err(named(Failure::error("it is a folder; name a file in it")));
    }
    sheets::read(file).map_err(|why| named(why.into()))
}

/// Takes the sections in: which sheet it is, what it was before if it was there, and whether it changed.
fn take(
    args: &Args,
    work: &mut Work,
    title: &Label,
    sections: Vec<(Label, Plain)>,
) -> Result<(DocumentId, Option<Document>, bool), Failure> {
    let id = DocumentId::of_title(title);
    if work.shelf.titled(title).is_some() {
        let before = find::document(&work.shelf, title.as_str())?.clone();
        let mut changes = before.difference(sections);
        if args.policy.is_said() {
            changes.push(Change::Policy(args.policy.over(&before.structure().policy)));
        }
        let changed = work.change(before.id(), changes)?;
        return Ok((before.id(), Some(before), changed));
    }
    if let Some(renamed) = work.shelf.get(id) {
        return Err(Failure::error(format!(
            "the sheet that was first called \"{title}\" is called \"{0}\" now: bring the file in as \
             that with `--title \"{0}\"`, or under another title",
            renamed.title()
        )));
    }
    let policy = args.policy.over(&Policy::default());
    Ok((work.publish(title.clone(), policy, sections)?, None, true))
}

impl Became {
    fn of(before: Option<&Document>, after: &Document) -> Self {
        let order = |document: &Document| -> Vec<SectionId> {
            document.sections().iter().map(|section| section.id).collect()
        };
        let said = |document: &Document| -> BTreeMap<SectionId, Content> {
            let content =
                |id| Some(document.slot(Slot::Section(id)).first()?.item().content.clone());
            order(document).into_iter().filter_map(|id| Some((id, content(id)?))).collect()
        };
        let was = before.map(said).unwrap_or_default();
        let mut became = Self::default();
        for section in after.sections() {
            let list = match was.get(&section.id) {
                None => &mut became.added,
                Some(was) if *was == section.version.item().content => &mut became.same,
                Some(_) => &mut became.updated,
            };
            list.push(section.name.to_string());
        }
        let Some(before) = before else { return became };
        let (was, is) = (order(before), order(after));
        let gone = before.sections().into_iter().filter(|section| !is.contains(&section.id));
        became.removed = gone.map(|section| section.name.to_string()).collect();
        let (of_was, of_is): (BTreeSet<_>, BTreeSet<_>) =
            (was.iter().collect(), is.iter().collect());
        let stayed = was.iter().filter(|id| of_is.contains(id));
        became.reordered = !stayed.eq(is.iter().filter(|id| of_was.contains(id)));
        became
    }

    fn words(&self) -> String {
        let Self { added, updated, same, removed, reordered } = self;
        let parts =
            [(added, "added"), (updated, "changed"), (same, "the same"), (removed, "removed")];
        let parts = parts.into_iter().filter(|(names, _)| !names.is_empty());
        let parts = parts.map(|(names, what)| format!("{} {what}", names.len()));
        let order = reordered.then(|| "in another order".to_owned());
        let parts: Vec<String> = parts.chain(order).collect();
        if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
    }
}

fn left_out(sheet: &Sheet) -> Vec<LeftOut> {
    let of = |(name, fields): &(Label, BTreeMap<String, String>)| LeftOut {
        section: name.to_string(),
        fields: fields.keys().cloned().collect(),
    };
    sheet.local.iter().map(of).collect()
}

fn told(globals: &Globals, args: &Args, done: &Done<'_>) -> String {
    let title = line::plain(&done.title);
    let did = match (done.published, done.changed) {
        (true, _) => format!("published \"{title}\""),
        (false, true) => format!("updated \"{title}\""),
        (false, false) => format!("\"{title}\" is so already"),
    };
    let rows = out::count(done.rows as u64, "row", "rows");
    let sections = match done.published {
        true => out::count(done.became.added.len() as u64, "section", "sections"),
        false => format!("sections: {}", done.became.words()),
    };
    let did = format!("{did} in {}; {sections}; {rows} in all", globals.store.display());
    let mut text = args.dry_run.tell(&did);
    let Became { added, updated, removed, .. } = &done.became;
    let changes = [(updated, "changed"), (removed, "removed"), (added, "added")];
    for (names, what) in changes.into_iter().filter(|_| !done.published) {
        names.iter().for_each(|name| text += &format!("\n{what}: {}", line::plain(name)));
    }
    if !done.left_out.is_empty() {
        let fields: BTreeSet<&str> =
            done.left_out.iter().flat_map(|one| &one.fields).map(String::as_str).collect();
        text += &format!(
            "\nleft out, as it is of your own game alone: {} ({})",
            fields.into_iter().collect::<Vec<_>>().join(", "),
            out::count(done.left_out.len() as u64, "section", "sections")
        );
    }
    for (what, names) in [("unpacked", &done.unpacked), ("not read", &done.unread)] {
        if !names.is_empty() {
            text += &format!("\n{what}: {}", line::plain(&names.join(", ")));
        }
    }
    if done.example {
        text += "\nit is the addon's example, and nobody's sheet";
    }
    if done.conflicts > 0 {
        text += &format!(
            "\n{} more than one version: `guildsync sheet show` with --conflicts shows them",
            out::count(done.conflicts as u64, "part has", "parts have")
        );
    }
    text
}
