//! `guildsync sheet`: the assignment sheets: looked at, edited, and in files.
//!
//! - here: the subcommands, and how a change of the sheets is made durable
//! - `list`, `show`: what there is; `beside`: what was written at the same time; `row`: as programs read it
//! - `edit`: sections and the sheet as a whole; `given`: what a person says a section is to be
//! - `import`, `export`: files; `remove`: away from this machine
//! - `find`: sheets and sections as people name them; `policy`: who may do what

pub(super) mod beside;
mod edit;
mod export;
mod find;
mod given;
mod import;
mod list;
mod policy;
mod remove;
mod row;
mod show;

use std::path::Path;

use guildsync::sections::{
    Author, Change, Document, DocumentId, Label, Plain, Policy, SHELF_MAX, Shelf,
};
use guildsync::store::{Data, Loaded, Store};
use guildsync::types::{MemberName, SecretKey, Time};

use crate::args::{Acting, Globals};
use crate::clock;
use crate::desk;
use crate::failure::Failure;
use crate::out::{self, DryRun};
use crate::progress::Busy;

/// Import, show, edit, export and remove assignment sheets
///
/// A sheet is named by its title, or by its id where two have the same; `sheet list` shows both. A
/// section is named by its name, or by its number in `sheet show` where names repeat.
/// Of two edits of one section that were made at once, one is shown, everywhere the same one. The other
/// stays beside it until somebody picks: `sheet show TITLE SECTION --conflicts` shows both,
/// `sheet edit TITLE SECTION --pick N` settles it.
#[derive(Debug, clap::Subcommand)]
#[command(verbatim_doc_comment)]
pub(crate) enum Command {
    Import(import::Args),
    Export(export::Args),
    List(list::Args),
    Show(show::Args),
    Edit(Box<edit::Args>),
    Remove(remove::Args),
}

pub(crate) fn run(globals: &Globals, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Import(args) => import::run(globals, args),
        Command::Export(args) => export::run(globals, args),
        Command::List(args) => list::run(globals, args),
        Command::Show(args) => show::run(globals, args),
        Command::Edit(args) => edit::run(globals, args),
        Command::Remove(args) => remove::run(globals, args),
    }
}

/// Sheets on which work is done.
struct Work {
    shelf: Shelf,
    /// Signs what is written.
    key: SecretKey,
    member: Option<MemberName>,
    now: Time,
}

impl Work {
    /// A new sheet.
    fn publish(
        &mut self,
        title: Label,
        policy: Policy,
        sections: Vec<(Label, Plain)>,
    ) -> Result<DocumentId, Failure> {
        if self.shelf.len() >= SHELF_MAX {
            return Err(full());
        }
        let id = DocumentId::of_title(&title);
        let me = desk::actor(self.member.clone())?;
        let document = Document::publish(self.author(id, &me), title, policy, sections)?;
        self.shelf.put(document)?;
        Ok(id)
    }

    /// Changes a sheet as one edit; whether there was anything to change.
    fn change(&mut self, id: DocumentId, changes: Vec<Change>) -> Result<bool, Failure> {
        let mut document = self.get(id)?.clone();
        let me = desk::actor(self.member.clone())?;
        let is_changed = document.change(self.author(id, &me), changes)?;
        if is_changed {
            self.shelf.put(document)?;
        }
        Ok(is_changed)
    }

    /// A sheet that is there.
    fn get(&self, id: DocumentId) -> Result<&Document, Failure> {
        self.shelf.get(id).ok_or_else(|| Failure::error(format!("there is no sheet {id} any more")))
    }

    fn author<'a>(&'a self, id: DocumentId, me: &'a MemberName) -> Author<'a> {
        self.shelf.author(id, me, &self.key, self.now.stamp())
    }
}

/// Does work on a store's sheets: first in memory, so that a refusal and a dry run leave every byte as
/// it was, then on what is there when it is opened, and in one commit.
fn change<T>(
    path: &Path,
    acting: Option<&Acting>,
    dry_run: DryRun,
    work: impl Fn(&mut Work) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let busy = Busy::new("reading the store");
    let Loaded { shelf, member, .. } = super::sound(path)?;
    let who = |member| acting.and_then(|acting| acting.who.clone()).or(member);
    let (before, now) = (shelf.clone(), clock::now());
    let key = desk::planning_key(path)?;
    let mut planned = Work { shelf, key, member: who(member), now };
    let done = work(&mut planned)?;
    if dry_run.dry_run || planned.shelf == before {
        return Ok(done);
    }
    busy.say("writing the store".to_owned());
    let mut opened = Store::open(path)?;
    if let Some(new) = &opened.new_writer {
        desk::tell_new_writer(new);
    }
    let key = opened.store.key().clone();
    let mut real = Work { shelf: opened.shelf, key, member: who(opened.member), now };
    let done = work(&mut real)?;
    let sheets = Some((&real.shelf, &opened.section_sync));
    opened.store.commit(Data { sheets, ..Data::from(&opened.profiles) })?;
    Ok(done)
}

/// As many sheets are here as a store takes.
fn full() -> Failure {
    Failure::error(format!(
        "there are {} here, as many as a store takes: remove one first with `guildsync sheet \
         remove TITLE`",
        out::sheets(SHELF_MAX)
    ))
}
