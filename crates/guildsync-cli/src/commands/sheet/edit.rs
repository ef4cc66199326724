//! `guildsync sheet edit`: one section, or the sheet as a whole, as one edit.

use guildsync::sections::{Body, Change, Document, DocumentId, Label, Section, SectionId, Slot};
use serde::Serialize;

use super::row::Row;
use super::{Work, beside, find, given, policy};
use crate::args::{Acting, Globals};
use crate::failure::Failure;
use crate::line;
use crate::out::{self, DryRun, Format};

/// Edit a section, add one, or change the sheet's title and policy
///
/// All options of one call make one edit, which others see at once. A section that is renamed or moved
/// stays the same section to everyone.
///
/// JSON: did (a sentence), changed, dry_run, section (its id, or null), and the sheet as in `sheet list`
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The sheet's title, or its id
    #[arg(value_name = "TITLE")]
    sheet: String,
    /// The section: its name, or its number where names repeat
    section: Option<String>,
    /// Add a section of this name
    #[arg(long, value_name = "NAME", value_parser = Label::new, conflicts_with = "section")]
    add: Option<Label>,
    /// Call the section something else
    #[arg(long, value_name = "NAME", value_parser = Label::new, conflicts_with = "add")]
    rename: Option<Label>,
    /// Make it the Nth section
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    move_to: Option<u32>,
    /// Remove the section, for everyone
    #[arg(long, conflicts_with_all = ["add", "rename", "move_to", "pick", "body", "cell", "remove_row", "add_row", "note", "warning"])]
    remove: bool,
    /// Settle a conflict: show version N of `sheet show --conflicts`, and forget the others; without
    /// SECTION that of the sheet's title, order and policy
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), conflicts_with_all = ["add", "rename", "move_to", "body", "cell", "remove_row", "add_row", "note", "warning", "title", "publish", "edit", "point"])]
    pick: Option<u32>,
    /// Call the sheet something else
    #[arg(long, value_name = "TITLE", value_parser = Label::new)]
    title: Option<Label>,
    #[command(flatten)]
    acting: Acting,
    #[command(flatten)]
    dry_run: DryRun,
    #[command(flatten)]
    format: Format,
    #[command(flatten)]
    wanted: given::Wanted,
    #[command(flatten)]
    policy: policy::Rights,
}

#[derive(Debug, Serialize)]
struct Done {
    did: String,
    changed: bool,
    dry_run: bool,
    section: Option<String>,
    #[serde(flatten)]
    row: Row,
}

/// What is to be done.
struct Plan {
    changes: Vec<Change>,
    /// In words.
    parts: Vec<String>,
    /// With what.
    what: String,
    section: Option<SectionId>,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    args.check()?;
    let done = super::change(&globals.store, Some(&args.acting), args.dry_run, |work| {
        let document = find::document(&work.shelf, &args.sheet)?;
        let (id, plan) = (document.id(), args.plan(work, document)?);
        let Plan { changes, parts, what, section } = plan;
        let changed = work.change(id, changes)?;
        let did = match changed {
            true => format!("{what}: {}", parts.join(", ")),
            false => format!("{what} is so already"),
        };
        let row = Row::of(work.get(id)?);
        let section = section.map(|id| id.to_string());
        Ok(Done { did, changed, dry_run: args.dry_run.dry_run, section, row })
    })?;
    match args.format.json {
        true => out::json(&done),
        false => out::print(args.dry_run.tell(&done.did)),
    }
}

impl Args {
    /// Whether anything is said about a section.
    fn is_of_section(&self) -> bool {
        self.rename.is_some() || self.move_to.is_some() || self.remove || self.wanted.is_said()
    }

    /// Refuses what makes no sense without looking at any sheet.
    fn check(&self) -> Result<(), Failure> {
        let is_of_sheet = self.title.is_some() || self.policy.is_said();
        let is_of_section = self.is_of_section() || self.pick.is_some();
        let why = match (&self.section, &self.add) {
            (None, None) if self.is_of_section() => {
                "which section? Name it behind the sheet's title, or add one with --add NAME"
            }
            (Some(_), _) if !is_of_section => {
                "what is the section to be? Say it with --cell ROW:COLUMN=TEXT, --add-row, --note, \
                 --rename, --move-to, --remove or --pick"
            }
            (None, None) if !is_of_sheet && !is_of_section => {
                "nothing is to be changed: name a section and what it is to be, or say --add, --title, \
                 --publish, --edit, --point or --pick"
            }
            _ => return Ok(()),
        };
        Err(Failure::usage(why))
    }

    fn plan(&self, work: &Work, document: &Document) -> Result<Plan, Failure> {
        let title = line::plain(document.title().as_str());
        let mut plan = Plan {
            changes: Vec::new(),
            parts: Vec::new(),
            what: format!("\"{title}\""),
            section: None,
        };
        if let Some(name) = &self.add {
            self.add(&mut plan, document, name)?;
        } else if let Some(named) = &self.section {
            let (_, section) = find::section(document, named)?;
            plan.section = Some(section.id);
            plan.what = format!("\"{}\" of {}", line::plain(section.name.as_str()), plan.what);
            self.section(&mut plan, document, &section)?;
        } else if let Some(number) = self.pick {
            plan.pick(document, Slot::Structure, number)?;
        }
        if let (Some(to), Some(section)) = (self.move_to, plan.section) {
            plan.move_to(document, section, to)?;
        }
        if let Some(title) = &self.title {
            refuse_taken(work, document.id(), title)?;
            plan.changes.push(Change::Title(title.clone()));
            plan.parts.push(format!("called \"{}\" now", line::plain(title.as_str())));
        }
        if self.policy.is_said() {
            let policy = self.policy.over(&document.structure().policy);
            plan.parts.push(policy::sentence(&policy));
            plan.changes.push(Change::Policy(policy));
        }
        Ok(plan)
    }

    fn add(&self, plan: &mut Plan, document: &Document, name: &Label) -> Result<(), Failure> {
        let (section, mut body) = (document.new_section(name), Body::default());
        self.wanted.apply(name, &mut body)?;
        plan.changes.push(Change::Set { section, name: name.clone(), body: body.plain()? });
        plan.section = Some(section);
        plan.parts.push(format!("section \"{}\" added", line::plain(name.as_str())));
        Ok(())
    }

    fn section(
        &self,
        plan: &mut Plan,
        document: &Document,
        section: &Section<'_>,
    ) -> Result<(), Failure> {
        if self.remove {
            plan.changes.push(Change::Remove(section.id));
            plan.parts.push("removed, for everyone".to_owned());
            return Ok(());
        }
        if let Some(number) = self.pick {
            return plan.pick(document, Slot::Section(section.id), number);
        }
        if self.wanted.is_said() || self.rename.is_some() {
            let name = self.rename.as_ref().unwrap_or(section.name).clone();
            let mut body = section.body.open()?;
            self.wanted.apply(section.name, &mut body)?;
            plan.parts.extend(self.wanted.words());
            if self.rename.is_some() {
                plan.parts.push(format!("called \"{}\" now", line::plain(name.as_str())));
            }
            plan.changes.push(Change::Set { section: section.id, name, body: body.plain()? });
        }
        Ok(())
    }
}

impl Plan {
    /// Settles a conflict for the `number`th of the versions beside each other.
    fn pick(&mut self, document: &Document, slot: Slot, number: u32) -> Result<(), Failure> {
        let versions = beside::versions(document, slot);
        let what = &self.what;
        let wanted = versions.get(number as usize - 1).ok_or_else(|| {
            Failure::error(match versions.len() {
                0 | 1 => format!("{what} has one version, and nothing to settle"),
                n => format!(
                    "{what} has {n} versions, and none is {number}: `guildsync sheet show` with \
                     --conflicts shows them"
                ),
            })
        })?;
        if versions.len() == 1 {
            return Err(Failure::error(format!("{what} has one version, and nothing to settle")));
        }
        let editor = line::plain(wanted.edit().editor.as_str());
        self.parts.push(format!("{editor}'s version is shown, the others are gone"));
        self.changes.push(Change::Pick { slot, version: wanted.id() });
        Ok(())
    }

    /// Makes a section, an old or a new one, the `to`th.
    fn move_to(&mut self, document: &Document, section: SectionId, to: u32) -> Result<(), Failure> {
        let mut order: Vec<SectionId> =
            document.sections().iter().map(|other| other.id).filter(|id| *id != section).collect();
        let (to, n) = (to as usize, order.len() + 1);
        if to > n {
            return Err(Failure::error(format!(
                "there would be {}, and none is number {to}: move it to 1 to {n}",
                out::count(n as u64, "section", "sections")
            )));
        }
        order.insert(to - 1, section);
        self.changes.push(Change::Order(order));
        self.parts.push(format!("number {to} of {n}"));
        Ok(())
    }
}

/// Refuses a title that another sheet has.
fn refuse_taken(work: &Work, id: DocumentId, title: &Label) -> Result<(), Failure> {
    match work.shelf.iter().find(|other| other.title() == title && other.id() != id) {
        None => Ok(()),
        Some(_) => Err(Failure::error(format!(
            "another sheet is called \"{title}\" already: choose another title"
        ))),
    }
}
