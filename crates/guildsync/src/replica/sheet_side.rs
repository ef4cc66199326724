//! The assignment sheets of a replica: what their sync is told, and what it wants done.
//!
//! As with tables, what came is merged at the end of a step, right before its [`Output::Commit`].

use std::collections::BTreeSet;

use guildsync_sections::{
    Action, ChangeError, Config, Ctx, Document, DocumentId, Event, Message, Raid, Saved,
    SectionSync, Shelf, To, Version,
};
use guildsync_transport::{Priority, Recipient};
use guildsync_types::{MemberName, WriterId};

use super::{Notice, Output, Replica};
use crate::moment::Moment;

/// The most frames that a message takes which overtakes bulk.
const LIVE_FRAMES: usize = 4;

/// Documents, their sync, and what is between two commits.
#[derive(Debug)]
pub(super) struct SheetSide {
    pub(super) shelf: Shelf,
    pub(super) sync: SectionSync,
    /// Who assists the leader of the group.
    assistants: BTreeSet<MemberName>,
    /// What is to be merged at the end of this step.
    taking: Vec<(DocumentId, Vec<Version>)>,
    /// What the sync is told once the store says that everything is durable.
    pending: Vec<Event>,
    is_unsaved: bool,
}

impl SheetSide {
    pub(super) fn new(me: MemberName) -> Self {
        Self {
            shelf: Shelf::default(),
            sync: SectionSync::new(me, Config::default(), Saved::default()),
            assistants: BTreeSet::new(),
            taking: Vec::new(),
            pending: Vec::new(),
            is_unsaved: false,
        }
    }

    /// Whether something has to become durable before the next step.
    pub(super) fn must_commit(&self) -> bool {
        self.is_unsaved || !self.pending.is_empty()
    }

    /// Everything is durable: what the sync is told of that.
    pub(super) fn committed(&mut self) -> Vec<Event> {
        self.is_unsaved = false;
        std::mem::take(&mut self.pending)
    }

    /// Ends a step: merges what came.
    pub(super) fn settle(&mut self) {
        for (document, versions) in self.taking.drain(..) {
            let result = self.shelf.merge(document, versions);
            self.pending.push(Event::Taken { document, result });
        }
    }
}

impl Replica {
    /// Goes on with the documents of a store, and with what their sync kept there; until then there are none.
    #[must_use]
    pub fn with_sheets(mut self, shelf: Shelf, saved: Saved) -> Self {
        let (config, pace) = (self.sheets.sync.config().clone(), self.pace());
        self.sheets.sync = SectionSync::new(self.me.clone(), config, saved);
        self.sheets.sync.use_frame(pace.frame_bytes, pace.frame_ms);
        self.sheets.shelf = shelf;
        self
    }

    /// Changes the policies of section sync.
    pub fn set_sheet_config(&mut self, config: Config) {
        self.sheets.sync.set_config(config);
    }

    /// The documents.
    #[must_use]
    pub fn sheets(&self) -> &Shelf {
        &self.sheets.shelf
    }

    /// Section sync.
    #[must_use]
    pub fn section_sync(&self) -> &SectionSync {
        &self.sheets.sync
    }

    /// Puts a document that this member made or changed in its place. It is told to the raid once committed.
    ///
    /// # Errors
    /// Too many documents; nothing was changed then.
    pub fn put_sheet(&mut self, document: Document) -> Result<(), ChangeError> {
        let id = document.id();
        self.sheets.shelf.put(document)?;
        self.sheets.pending.push(Event::Edited(id));
        Ok(())
    }

    /// Takes a document away, here alone; it is gone with the next commit. `writer` is this member's.
    pub fn remove_sheet(&mut self, id: DocumentId, writer: WriterId) -> Option<Document> {
        let removed = self.sheets.shelf.remove(id, writer);
        self.sheets.is_unsaved |= removed.is_some();
        removed
    }

    pub(super) fn tell_sheets(&mut self, moment: Moment, event: Event, out: &mut Vec<Output>) {
        let mut actions = Vec::new();
        // What the channel refused waits as well, and is all that waits where a chat is locked.
        let refused = self.link.as_ref().map_or(0, |link| link.queued().frames);
        let backlog_frames = self.backlog_frames() + refused;
        let SheetSide { shelf, sync, .. } = &mut self.sheets;
        let ctx = Ctx { now: moment.now, clock: moment.seconds(), shelf, backlog_frames };
        sync.step(ctx, event, &mut actions);
        for action in actions {
            self.act_on_sheets(moment, action, out);
        }
    }

    /// Says how the raid is: for now the group is the raid.
    pub(super) fn tell_raid(
        &mut self,
        moment: Moment,
        members: BTreeSet<MemberName>,
        leader: Option<MemberName>,
        out: &mut Vec<Output>,
    ) {
        let assistants = self.sheets.assistants.clone();
        self.tell_sheets(moment, Event::Raid(Raid { members, leader, assistants }), out);
    }

    /// Says who assists the leader.
    pub(super) fn tell_assistants(
        &mut self,
        moment: Moment,
        assistants: BTreeSet<MemberName>,
        out: &mut Vec<Output>,
    ) {
        self.sheets.assistants.clone_from(&assistants);
        let raid = Raid { assistants, ..self.sheets.sync.raid().clone() };
        self.tell_sheets(moment, Event::Raid(raid), out);
    }

    fn act_on_sheets(&mut self, moment: Moment, action: Action, out: &mut Vec<Output>) {
        let notice = match action {
            Action::Send { to, message } => {
                self.counting.counters.messages_sent += 1;
                let to = match to {
                    To::Raid => Recipient::Group,
                    To::Member(member) => Recipient::Member(member),
                };
                let bytes = message.to_bytes(self.sheets.sync.config().dialect);
                let is_long = bytes.len() > LIVE_FRAMES * self.channel.frame_bytes_max;
                let priority = match message {
                    _ if is_long => Priority::Bulk,
                    Message::Cursor(_) | Message::Part(_) => Priority::Live,
                    _ => Priority::Control,
                };
                return self.push(moment.now, to, priority, bytes, out);
            }
            Action::Take { document, versions } => {
                return self.sheets.taking.push((document, versions));
            }
            Action::Save => {
                self.sheets.is_unsaved = true;
                return;
            }
            Action::Show { document, section, by } => Notice::SheetShown { document, section, by },
            Action::Changed { document, digest } => Notice::SheetChanged { document, digest },
            Action::Outline { document, digest, title, sections } => {
                Notice::SheetOutline { document, digest, title, sections }
            }
            Action::Progress(progress) => Notice::SheetProgress(progress),
            Action::Finished(report) => Notice::SheetFinished(report),
            Action::Refuse { from, why } => Notice::SheetRefused { from, why },
            _ => return,
        };
        out.push(Output::Tell(notice));
    }
}
