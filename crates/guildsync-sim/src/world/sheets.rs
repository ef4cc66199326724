//! The sheets of a world's members: what people do with them, what is durable, what screens show.

use std::collections::BTreeSet;

use guildsync::sections::message::Answer;
use guildsync::sections::{Config, Document, DocumentId, Label, Message, Policy, Saved, Shelf};
use guildsync::types::MemberName;
use guildsync::{Input, Notice, Replica};

use super::{Sabotage, Work, World};
use crate::corpus::sheet::Sheet;
use crate::sheets::books::Books;
use crate::sheets::side::{Shown, Told};

mod acts;

pub use acts::SheetAct;
use acts::{nth_of, publish};

impl World {
    /// Lets a member's user do something with a sheet; nothing happens if its program does not run.
    pub fn sheet_act(&mut self, member: usize, act: SheetAct) {
        if self.members[member].replica.is_some() {
            self.members[member].inbox.push_back(Work::Sheet(act));
            self.go_on(member);
        }
    }

    /// Lets a member publish a sheet.
    pub fn publish_sheet(&mut self, member: usize, sheet: &Sheet, policy: Policy) {
        self.sheet_act(member, SheetAct::Publish { sheet: Box::new(sheet.clone()), policy });
    }

    /// Lets a member edit the `nth` section of a document of its own shelf.
    pub fn edit_sheet(&mut self, member: usize, document: DocumentId, nth: usize, seed: u64) {
        self.sheet_act(member, SheetAct::Edit { document, nth, seed });
    }

    /// Lets a member turn everyone's screen to the `nth` section.
    pub fn point(&mut self, member: usize, document: DocumentId, nth: usize) {
        self.sheet_act(member, SheetAct::Point { document, nth });
    }

    /// From now on these assist the leader. Everyone in the group is told.
    pub fn set_assistants(&mut self, assistants: &BTreeSet<usize>) {
        self.sheets.assistants.clone_from(assistants);
        self.group.clone().into_iter().for_each(|member| self.tell(member));
    }

    /// Nobody syncs logs, from now on: only sheets.
    pub(crate) fn be_without_logs(&mut self) {
        self.sheets.is_alone = true;
        (0..self.len()).for_each(|member| self.give(member, Input::SetEnabled(false)));
    }

    /// Changes a member's policies of section sync, for its program's next starts too.
    pub fn set_sheet_config(&mut self, member: usize, config: Config) {
        if let Some(replica) = &mut self.members[member].replica {
            replica.set_sheet_config(config.clone());
        }
        self.sheets.members[member].config = config;
        self.set_alarm(member);
    }

    /// A member's documents: the running program's, or what is on its disk.
    #[must_use]
    pub fn shelf(&self, member: usize) -> &Shelf {
        let on_disk = || self.sheets.members[member].disk.shelf();
        self.members[member].replica.as_ref().map_or_else(on_disk, Replica::sheets)
    }

    /// What a member's screen shows. A program that starts shows nothing.
    #[must_use]
    pub fn screen(&self, member: usize) -> Option<&Shown> {
        self.sheets.members[member].screen.as_ref()
    }

    /// Everything that screens turned to, the first first.
    #[must_use]
    pub fn shown(&self) -> &[Shown] {
        &self.sheets.shown
    }

    /// What else people were told about sheets, the first first.
    #[must_use]
    pub fn told_of_sheets(&self) -> &[Told] {
        &self.sheets.told
    }

    pub(super) fn carry_out_sheet_act(&mut self, member: usize, act: SheetAct) {
        self.trace.event(self.now, format_args!("{member} does {act:?}"));
        let clock = self.clock(member);
        let Some(replica) = &self.members[member].replica else { return };
        let (shelf, me) = (replica.sheets(), replica.me().clone());
        let id = match &act {
            SheetAct::Publish { sheet, .. } => {
                let Ok(title) = Label::new(&sheet.title) else { return };
                DocumentId::of_title(&title)
            }
            act => act.document(),
        };
        let before = shelf.get(id).cloned();
        let author = shelf.author(id, &me, self.members[member].disk.key(), clock.stamp());
        let picks = matches!(act, SheetAct::Pick { .. });
        let imports = matches!(act, SheetAct::Publish { .. });
        let changed = match (act, before.clone()) {
            (SheetAct::Publish { sheet, policy }, before) => {
                publish(author, &sheet, policy, before)
            }
            (_, None) => return,
            (SheetAct::Remove(_), Some(_)) => return self.remove_sheet(member, id),
            (SheetAct::Fetch { document, what }, _) => {
                return self.step(member, Input::SheetFetch { document, what });
            }
            (SheetAct::Point { nth, .. }, Some(document)) => {
                let sections = document.sections();
                let Some(section) = nth_of(&sections, nth) else { return };
                let section = section.id;
                return self.step(member, Input::Point { document: id, section });
            }
            (act, Some(mut document)) => {
                let done = document.change(author, act.changes(&document));
                done.map(|is_change| is_change.then_some(document)).map_err(|why| why.to_string())
            }
        };
        match changed {
            Ok(Some(document)) => {
                let before = before.as_ref();
                if let Some(before) = before.filter(|_| imports)
                    && let Err(why) = Books::imported(before, &document)
                {
                    self.fail(why);
                }
                self.put_sheet(member, before, document, picks);
            }
            Ok(None) => {}
            // Full is full: nothing was changed.
            Err(_) => self.seen.hit("sheet: refused an edit of its own"),
        }
    }

    fn put_sheet(
        &mut self,
        member: usize,
        before: Option<&Document>,
        document: Document,
        picks: bool,
    ) {
        let Some(replica) = &mut self.members[member].replica else { return };
        if replica.put_sheet(document.clone()).is_err() {
            return self.seen.hit("sheet: no room on the shelf");
        }
        let books = self.sheets.books.as_mut();
        if let Some(Err(why)) = books.map(|books| books.edited(member, before, &document, picks)) {
            return self.fail(why);
        }
        self.look_at_sheets(member);
        self.begin_commit(member, Vec::new(), None, Input::Committed);
    }

    fn remove_sheet(&mut self, member: usize, id: DocumentId) {
        let writer = self.members[member].disk.key().writer();
        let Some(replica) = &mut self.members[member].replica else { return };
        let removed = replica.remove_sheet(id, writer);
        if let (Some(books), Some(removed)) = (&mut self.sheets.books, removed) {
            books.removed(member, &removed);
        }
        self.begin_commit(member, Vec::new(), None, Input::Committed);
    }

    /// Gives a program that starts what its disk holds of sheets: `stored`, if a real store read it.
    pub(super) fn load_sheets(
        &mut self,
        member: usize,
        stored: Option<(Shelf, Saved)>,
    ) -> Result<(Shelf, Saved), String> {
        let one = &mut self.sheets.members[member];
        let (shelf, saved) = match stored {
            Some(stored) => stored,
            None => one.disk.load()?,
        };
        one.disk.save(&shelf, &saved);
        (one.screen, one.assistants) = (None, BTreeSet::new());
        if saved != Saved::default() {
            self.seen.hit("sheet: starts with parts aside");
        }
        if let Some(books) = &mut self.sheets.books {
            books.started(member, &shelf)?;
        }
        Ok((shelf, saved))
    }

    /// Tells a program that has just started what it has to know where only sheets are synced.
    pub(super) fn introduce_sheets(&mut self, member: usize) {
        if self.sheets.is_alone {
            self.give(member, Input::SetEnabled(false));
        }
    }

    /// What a program holds of sheets arrived on the disk. Where there are tables, a real store decides that.
    pub(super) fn save_sheets(&mut self, member: usize, replica: &Replica) {
        if self.tables.is_none() {
            let (shelf, saved) = (replica.sheets(), replica.section_sync().saved());
            self.sheets.members[member].disk.save(shelf, saved);
        }
    }

    /// A commit is done.
    pub(super) fn commit_sheets(&mut self, member: usize) {
        let Self { sheets, members, sabotage, seen, .. } = self;
        let Some(replica) = &members[member].replica else { return };
        let (shelf, saved) = (replica.sheets(), replica.section_sync().saved());
        if *saved == Saved::default() && sheets.members[member].disk.has_aside() {
            seen.hit("sheet: takes what was aside");
        }
        if *sabotage != Some(Sabotage::CommitsAreLost) {
            sheets.members[member].disk.save(shelf, saved);
        }
        if let Some(books) = &mut sheets.books {
            books.durable(member, shelf);
        }
    }

    /// Who assists is known before who leads, as the game tells both at once.
    pub(super) fn hear_of_assistants(&mut self, member: usize) {
        if self.sheets.members[member].assistants != self.sheets.assistants {
            self.sheets.members[member].assistants.clone_from(&self.sheets.assistants);
            let name = |one: &usize| self.members[*one].name.clone();
            let names: BTreeSet<MemberName> = self.sheets.assistants.iter().map(name).collect();
            self.give(member, Input::Assistants(names));
        }
    }

    /// Looks at what a step has done to a member's sheets.
    pub(super) fn look_at_sheets(&mut self, member: usize) {
        let Self { sheets, members, seen, .. } = self;
        let (Some(books), Some(replica)) = (&mut sheets.books, &members[member].replica) else {
            return;
        };
        if let Err(why) = books.stepped(member, replica.sheets(), seen) {
            self.fail(why);
        }
    }

    /// A member has sent a message about sheets: what it speaks of is on its disk.
    pub(super) fn said_of_sheets(&mut self, member: usize, message: &Message) {
        let Some(books) = &mut self.sheets.books else { return };
        let said = match message {
            Message::Announce(list) => {
                list.iter().try_for_each(|one| books.said(member, one.document, one.digest))
            }
            Message::Answering { document, target, .. } => books.said(member, *document, *target),
            Message::Part(part) => {
                let (document, target) = (part.document, part.target);
                let begins = matches!(part.answer, Answer::Document { .. }) && part.index == 0;
                let done = match begins {
                    true => books.answered(self.now, member, document, target),
                    false => Ok(()),
                };
                done.and_then(|()| books.said(member, document, target))
            }
            Message::Cursor(cursor) => {
                if !books.pointed(member, *cursor) {
                    self.seen.hit("sheet: a cursor was said again");
                }
                books.said(member, cursor.document, cursor.digest)
            }
            _ => Ok(()),
        };
        if let Err(why) = said {
            self.fail(why);
        }
    }

    /// A member was told something about sheets.
    pub(super) fn told_about_sheets(&mut self, member: usize, notice: &Notice) {
        let at = self.now;
        match notice {
            Notice::SheetShown { document, section, by } => {
                let (document, section, by) = (*document, *section, by.clone());
                let shown = Shown { at, member, document, section, by };
                let is_new = |told: &Told| {
                    (told.at, told.member) == (at, member)
                        && matches!(told.notice, Notice::SheetChanged { .. })
                };
                if self.sheets.told.iter().rev().take(4).any(is_new) {
                    self.seen.hit("sheet: a cursor waited for its version");
                }
                self.sheets.members[member].screen = Some(shown.clone());
                self.sheets.shown.push(shown);
            }
            Notice::SheetChanged { .. }
            | Notice::SheetOutline { .. }
            | Notice::SheetProgress(_)
            | Notice::SheetFinished(_)
            | Notice::SheetRefused { .. } => {
                if let Notice::SheetFinished(report) = notice {
                    match report.asked {
                        0 => self.seen.hit("sheet: came without a question"),
                        1 => {}
                        _ => self.seen.hit("sheet: asked again"),
                    }
                }
                self.sheets.told.push(Told { at, member, notice: notice.clone() });
            }
            _ => {}
        }
    }
}
