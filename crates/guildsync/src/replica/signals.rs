//! What goes into a replica and what comes out: plain data.

use std::collections::BTreeSet;

use bytes::Bytes;
use guildsync_leader::{MessageError, Refusal, Report, Stage};
use guildsync_log::{AcceptError, ProfileError};
use guildsync_sections::message::{MessageError as SheetMessageError, What};
use guildsync_sections::{
    DocumentId, Label, Progress as SheetProgress, Refusal as SheetRefusal, Report as SheetReport,
    SectionId,
};
use guildsync_tables::message::{MessageError as TableMessageError, Status};
use guildsync_tables::{GuildName, Mode, Progress, Refusal as TableRefusal, Report as TableReport};
use guildsync_transport::{LinkError, Recipient, SendResult};
use guildsync_types::{Digest, MemberName, ProfileId, WriterId};
use guildsync_wire::frame::FrameError;
use guildsync_wire::negotiate::Versions;

/// What happened outside.
#[derive(Debug, Clone)]
pub enum Input {
    /// A frame arrived.
    Frame {
        /// From whom.
        from: MemberName,
        /// Its bytes.
        bytes: Bytes,
    },
    /// The group is now these members.
    Group {
        /// Everyone in it, this member included.
        members: BTreeSet<MemberName>,
        /// Who leads it.
        leader: MemberName,
    },
    /// What became of a frame: the oldest [`Output::Send`] that has not been reported yet.
    Sent(SendResult),
    /// This member left its group.
    Left,
    /// [`Output::Commit`] was carried out: all is durable.
    Committed,
    /// The user starts a manual sync.
    ManualSync,
    /// The user switches sync on or off.
    SetEnabled(bool),
    /// The active profile was changed by the user.
    Switched,
    /// The user asks for sessions of the tables.
    TableStart {
        /// With these, however fresh; `None`: with everyone who is online and was not synced lately.
        with: Option<Vec<MemberName>>,
        /// How far back; `None`: as the policy says.
        mode: Option<Mode>,
    },
    /// The user ends every session of the tables and forgets what is unfinished.
    TableReset,
    /// The user asks who is online.
    TableAsk,
    /// Which guild this member is in.
    Guild(GuildName),
    /// Whether this member fights.
    Fighting(bool),
    /// Who assists the group's leader.
    Assistants(BTreeSet<MemberName>),
    /// The user turns everyone's screen to a section of a sheet.
    Point {
        /// Of which document.
        document: DocumentId,
        /// Which section.
        section: SectionId,
    },
    /// The user asks the group for a sheet, or a part of it.
    SheetFetch {
        /// Which document.
        document: DocumentId,
        /// What of it.
        what: What,
    },
    /// [`Replica::deadline`](super::Replica::deadline) has passed.
    Tick,
}

/// What to do outside, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Send a frame.
    Send {
        /// To whom.
        to: Recipient,
        /// Its bytes.
        frame: Bytes,
    },
    /// Make [`Replica::data`](super::Replica::data) durable before anything else, then step with [`Input::Committed`].
    /// Always the last output of a step.
    Commit,
    /// Tell the user.
    Tell(Notice),
}

/// What the user, or the log file, may want to know.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Notice {
    /// A member's sync came this far.
    Progress {
        /// The profile.
        profile: ProfileId,
        /// The member.
        member: MemberName,
        /// How far.
        stage: Stage,
    },
    /// This coordinator is done.
    Finished(Report),
    /// Something was not done.
    Refused {
        /// Whose wish or message it was.
        from: MemberName,
        /// Why.
        why: Refusal,
    },
    /// A frame was not understood.
    BadFrame {
        /// From whom.
        from: MemberName,
        /// Why.
        why: FrameError,
    },
    /// A message was not understood.
    BadMessage {
        /// From whom.
        from: MemberName,
        /// Why.
        why: MessageError,
    },
    /// The sender speaks other versions of the wire format: one of the two has to be updated.
    OtherVersion {
        /// Who.
        from: MemberName,
        /// What it says it speaks; `None` when it has not said.
        speaks: Option<Versions>,
    },
    /// A message finds no room in the queue: the next heartbeat has to make up for it.
    NotQueued(LinkError),
    /// Entries do not follow what is here of their writer: its chain was forked, so all of it is asked for.
    Diverged {
        /// From whom.
        from: MemberName,
        /// Whose entries.
        writer: WriterId,
    },
    /// A segment was refused.
    BadSegment {
        /// From whom.
        from: MemberName,
        /// Why.
        why: AcceptError,
    },
    /// An announced profile could not be made or switched to.
    BadProfile(ProfileError),
    /// How a session of the tables stands.
    TableProgress(Progress),
    /// A session of the tables ended.
    TableFinished(Box<TableReport>),
    /// How somebody is.
    Presence {
        /// Who.
        member: MemberName,
        /// Able to sync, or why not.
        status: Status,
        /// When it last completed a session with anyone, in seconds since 1970.
        last_sync: Option<u64>,
    },
    /// Something about tables was not done.
    TableRefused {
        /// Whose wish or message it was.
        from: MemberName,
        /// Why.
        why: TableRefusal,
    },
    /// A message about tables was not understood.
    BadTableMessage {
        /// From whom.
        from: MemberName,
        /// Why.
        why: TableMessageError,
    },
    /// The screen turns to a section of a sheet.
    SheetShown {
        /// Of which document.
        document: DocumentId,
        /// Which section.
        section: SectionId,
        /// Who moved the cursor.
        by: MemberName,
    },
    /// A sheet has a new version.
    SheetChanged {
        /// Which document.
        document: DocumentId,
        /// Its version.
        digest: Digest,
    },
    /// What a sheet's structure says, which was asked for.
    SheetOutline {
        /// Which document.
        document: DocumentId,
        /// In which version.
        digest: Digest,
        /// Its title, if that was said.
        title: Option<Label>,
        /// Its sections, with whether the body of each is here.
        sections: Vec<(SectionId, Label, bool)>,
    },
    /// How the transfer of a sheet stands.
    SheetProgress(SheetProgress),
    /// The transfer of a sheet is over.
    SheetFinished(Box<SheetReport>),
    /// Something about sheets was not done.
    SheetRefused {
        /// Whose wish or message it was.
        from: MemberName,
        /// Why.
        why: SheetRefusal,
    },
    /// A message about sheets was not understood.
    BadSheetMessage {
        /// From whom.
        from: MemberName,
        /// Why.
        why: SheetMessageError,
    },
}
