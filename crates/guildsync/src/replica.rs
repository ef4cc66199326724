//! The pure replica: logs, session and link together, frames and commits as values.
//!
//! Nothing leaves a replica that is not durable: what a step put into the logs becomes visible to
//! others only in the step that follows its [`Output::Commit`].

use std::collections::BTreeSet;

use guildsync_leader::{
    Action, Backlog, Config, Ctx, Epoch, Event, Message, Outcome, Pace, Session, To,
};
use guildsync_log::{AcceptError, AppendError, Change, Draft, Log, Profiles, Segment};
use guildsync_transport::{
    ChannelProfile, Link, Priority, Received, Recipient, SendResult, Undeliverable,
};
use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{MemberName, ProfileId, Reason, SecretKey, Stamp, Time};
use guildsync_wire::frame::{FrameError, VERSION};
use guildsync_wire::negotiate::{self, Courtesy, Versions};

use crate::counters::{Counters, Counting};

mod signals;

pub use signals::{Input, Notice, Output};

/// One member's logs, key and session.
#[derive(Debug)]
pub struct Replica {
    me: MemberName,
    key: SecretKey,
    profiles: Profiles,
    session: Session,
    channel: ChannelProfile,
    /// Made when it is first needed: its numbers begin with the time of that.
    link: Option<Link>,
    courtesy: Courtesy<MemberName>,
    counting: Counting,
    /// What the session is told once the store says that everything is durable.
    pending: Vec<Event>,
}

impl Replica {
    /// A replica of member `me`, not grouped.
    #[must_use]
    pub fn new(me: MemberName, key: SecretKey, profiles: Profiles, config: Config) -> Self {
        let session = Session::new(me.clone(), config);
        let channel = ChannelProfile::open();
        Self {
            me,
            key,
            profiles,
            session,
            channel,
            link: None,
            courtesy: Courtesy::default(),
            counting: Counting::default(),
            pending: Vec::new(),
        }
    }

    /// Says which channel frames go to from now on: [`ChannelProfile::open`] unless told otherwise.
    /// What was under way is forgotten.
    pub fn use_channel(&mut self, channel: ChannelProfile) {
        self.channel = channel;
        self.link = None;
        let framing = channel.framing();
        let frame_ms = channel.rate.frame_ms(framing.limit());
        self.session.use_pace(Pace { frame_bytes: framing.whole_bytes_max(), frame_ms });
    }

    /// Who this is.
    #[must_use]
    pub fn me(&self) -> &MemberName {
        &self.me
    }

    /// The logs.
    #[must_use]
    pub fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// The logs, to change: commit before the next step.
    pub fn profiles_mut(&mut self) -> &mut Profiles {
        &mut self.profiles
    }

    /// Whether this replica coordinates its group.
    #[must_use]
    pub fn is_coordinator(&self) -> bool {
        self.session.is_coordinator()
    }

    /// Whom this member takes for its group's coordinator.
    #[must_use]
    pub fn epoch(&self) -> Option<&Epoch> {
        self.session.epoch()
    }

    /// When [`Input::Tick`] is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        let link = self.link.as_ref().and_then(Link::deadline);
        self.session.deadline().into_iter().chain(link).min()
    }

    /// Whether nothing is under way: no answer awaited, nothing queued, no piece missing. Heartbeats do
    /// not count.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.session.is_settled() && self.link.as_ref().is_none_or(Link::is_idle)
    }

    /// What was counted so far, and what waits now.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let queued = self.link.as_ref().map(Link::queued).unwrap_or_default();
        Counters { queued, ..self.counting.counters }
    }

    /// The stamp of the next live entry of a log: the clock's, or just after the newest entry's.
    /// An entry more than an hour ahead of the clock does not drag others along.
    #[must_use]
    pub fn stamp(log: &Log, clock: Time) -> Stamp {
        let clock = clock.stamp();
        let newest = log.newest_stamp().filter(|s| s.seconds() < clock.seconds() + 3600);
        newest.map_or(clock, |newest| Stamp::next(newest, clock))
    }

    /// Appends entries to a profile. They are announced to the group once committed.
    ///
    /// # Errors
    /// A rule that one of them breaks; nothing was changed then.
    pub fn append(
        &mut self,
        profile: &ProfileId,
        drafts: &[Draft],
    ) -> Result<Segment, AppendError> {
        let log = self.profiles.get_mut(profile).ok_or(AppendError::Nothing)?;
        let segment = log.append(&self.key, drafts)?;
        self.pending.push(Event::Appended { profile: *profile, segment: segment.clone() });
        Ok(segment)
    }

    /// Whether this replica has to go on as a new writer before it appends to a profile: its chain
    /// was forked, or entries of it are known to exist that are not here.
    #[must_use]
    pub fn needs_new_writer(&self, profile: &ProfileId) -> bool {
        let writer = self.key.writer();
        if planted(Bug::NumbersReused) {
            return false;
        }
        self.profiles.is_behind(profile, writer)
            || self.profiles.get(profile).is_some_and(|log| log.is_forked(writer))
    }

    /// Goes on with a new key: the old one signs for it in every profile where it wrote or holds a role.
    /// Until that is committed, the old key is to be kept.
    pub fn go_on_as(&mut self, new: SecretKey, old: &SecretKey, clock: Time) {
        self.key = new;
        let next = self.key.writer();
        let concerns = |log: &&Log| {
            let writer = old.writer();
            let has_role = log.has_officers() && log.role(writer).is_some();
            has_role || log.is_forked(writer) || log.frontier().last(writer) > 0
        };
        let ids: Vec<ProfileId> =
            self.profiles.iter().filter(concerns).map(|log| log.profile().id).collect();
        for id in ids {
            let Some(log) = self.profiles.get(&id) else { continue };
            let proof = old.hand_over(&id, next);
            let draft = Draft {
                stamp: Self::stamp(log, clock),
                actor: self.me.clone(),
                change: Change::Continues { key: old.public(), proof },
                reason: Reason::default(),
                origin: None,
            };
            // A writer without a role has nothing to hand over.
            let _ = self.append(&id, &[draft]);
        }
    }

    /// Takes in one input and appends what is to be done. `now` only goes forward: it is not the clock's
    /// time, which people set.
    pub fn step(&mut self, now: Time, input: Input, out: &mut Vec<Output>) {
        let event = match input {
            Input::Frame { from, bytes } => self.unpack(now, from, &bytes, out),
            Input::Group { members, leader } => {
                if members.len() < 2 {
                    self.counting.start_over();
                }
                self.link(now).set_group(now, &members);
                Some(Event::GroupChanged { members, leader })
            }
            Input::Sent(result) => {
                let counters = &mut self.counting.counters;
                match result {
                    SendResult::Sent => counters.frames_sent += 1,
                    _ => counters.frames_refused += 1,
                }
                match self.link(now).sent(now, result) {
                    Some(Undeliverable { to: Recipient::Member(member), .. }) => {
                        Some(Event::Unreachable(member))
                    }
                    _ => None,
                }
            }
            Input::Left => {
                self.counting.start_over();
                self.link(now).set_group(now, &BTreeSet::new());
                Some(Event::Left)
            }
            Input::ManualSync => Some(Event::ManualSync),
            Input::SetEnabled(enabled) => {
                if !enabled {
                    self.counting.start_over();
                }
                Some(Event::SetEnabled(enabled))
            }
            Input::Switched => Some(Event::Switched),
            Input::Tick => Some(Event::Tick),
            Input::Committed => {
                for event in std::mem::take(&mut self.pending) {
                    self.tell_session(now, event, out);
                }
                None
            }
        };
        if let Some(event) = event {
            self.tell_session(now, event, out);
        }
        while planted(Bug::CommitForgotten) && !self.pending.is_empty() {
            let events = std::mem::take(&mut self.pending);
            events.into_iter().for_each(|event| self.tell_session(now, event, out));
        }
        while let Some((to, frame)) = self.link(now).poll(now) {
            out.push(Output::Send { to, frame });
        }
        self.ask_to_commit(out);
    }

    /// The link, as of now.
    fn link(&mut self, now: Time) -> &mut Link {
        let (me, channel) = (&self.me, self.channel);
        self.link.get_or_insert_with(|| Link::new(me.clone(), channel, (now.0 / 100) as u16))
    }

    /// What a frame means for the session.
    fn unpack(
        &mut self,
        now: Time,
        from: MemberName,
        frame: &[u8],
        out: &mut Vec<Output>,
    ) -> Option<Event> {
        self.counting.counters.frames_received += 1;
        let (from, message) = match self.link(now).receive(now, &from, frame) {
            Ok(Received::Message(message)) => (from, message),
            Ok(Received::Relayed { from, message }) => (from, message),
            Ok(Received::Piece { .. }) => return Some(Event::Piece { from }),
            Ok(Received::Nothing) => return None,
            Err(FrameError::UnknownVersion(_)) => {
                let notice = self.other_version(now, from, frame);
                out.push(Output::Tell(notice));
                return None;
            }
            Err(why) => {
                out.push(Output::Tell(Notice::BadFrame { from, why }));
                return None;
            }
        };
        match Message::from_bytes(&message) {
            Ok(message) => {
                self.counting.heard(now, &from, &message);
                Some(Event::Received { from, message })
            }
            Err(why) => {
                out.push(Output::Tell(Notice::BadMessage { from, why }));
                None
            }
        }
    }

    /// A frame of another version, or somebody's answer to one of ours. It is answered with the versions
    /// spoken here, politely and rarely; such an answer is never answered.
    fn other_version(&mut self, now: Time, from: MemberName, frame: &[u8]) -> Notice {
        let refusal = std::str::from_utf8(frame).ok().and_then(|text| text.parse().ok());
        if let Some(negotiate::Refusal { versions }) = refusal {
            return Notice::OtherVersion { from, speaks: Some(versions) };
        }
        if self.courtesy.may_answer(&from, now.0)
            && let Some(versions) = Versions::new(VERSION, VERSION)
        {
            let refusal = negotiate::Refusal { versions }.to_string();
            self.link(now).push_frame(&from, refusal);
        }
        Notice::OtherVersion { from, speaks: None }
    }

    fn ask_to_commit(&self, out: &mut Vec<Output>) {
        if !self.pending.is_empty() {
            out.push(Output::Commit);
        }
    }

    fn tell_session(&mut self, now: Time, event: Event, out: &mut Vec<Output>) {
        let mut actions = Vec::new();
        let link = self.link.as_ref();
        let frame_bytes = self.channel.frame_bytes_max;
        let frames = link.map_or(0, |link| link.queued().bytes.div_ceil(frame_bytes));
        let waits = |member: &MemberName| link.is_some_and(|link| link.has_bulk_for(member));
        let backlog = Backlog { frames, waits_for: Some(&waits) };
        let ctx = Ctx { now, writer: self.key.writer(), profiles: &self.profiles, backlog };
        self.session.step(ctx, event, &mut actions);
        for action in actions {
            self.act(now, action, out);
        }
    }

    fn act(&mut self, now: Time, action: Action, out: &mut Vec<Output>) {
        match action {
            Action::Send { to, message } => {
                self.counting.said(now, &to, &message);
                let to = match to {
                    To::Group => Recipient::Group,
                    To::Member(member) => Recipient::Member(member),
                };
                let priority = match message {
                    Message::SendMissingLogs { .. } => Priority::Bulk,
                    Message::LogEntry { .. } => Priority::Live,
                    _ => Priority::Control,
                };
                let bytes = message.to_bytes(self.session.config().dialect);
                if let Err(why) = self.link(now).push(to, priority, bytes) {
                    out.push(Output::Tell(Notice::NotQueued(why)));
                }
            }
            Action::CreateProfile(profile) => {
                if let Err(why) = self.profiles.add(profile) {
                    out.push(Output::Tell(Notice::BadProfile(why)));
                }
            }
            Action::SwitchProfile(id) => match self.profiles.switch(&id) {
                Ok(()) => self.pending.push(Event::Switched),
                Err(why) => out.push(Output::Tell(Notice::BadProfile(why))),
            },
            Action::Accept { from, profile, request, segments } => {
                let outcome = self.accept(&from, &profile, segments, out);
                self.pending.push(Event::Accepted { from, profile, request, outcome });
            }
            Action::Progress { profile, member, stage } => {
                out.push(Output::Tell(Notice::Progress { profile, member, stage }));
            }
            Action::Finished(report) => out.push(Output::Tell(Notice::Finished(report))),
            Action::Refuse { from, why } => {
                out.push(Output::Tell(Notice::Refused { from, why }));
            }
            _ => {}
        }
    }

    fn accept(
        &mut self,
        from: &MemberName,
        profile: &ProfileId,
        segments: Vec<Segment>,
        out: &mut Vec<Output>,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let Some(log) = self.profiles.get_mut(profile) else { return outcome };
        for segment in segments {
            let writer = segment.writer;
            match log.accept(segment) {
                Ok(accepted) => {
                    if accepted.waits_for_earlier {
                        outcome.early.push(writer);
                    }
                    outcome.added.extend(accepted.added);
                }
                // A seal's head is computed behind the entries here: if those are of another branch, it is
                // the seal that does not fit.
                Err(AcceptError::Diverged { .. } | AcceptError::Seal(_)) => {
                    outcome.diverged.push(writer);
                    out.push(Output::Tell(Notice::Diverged { from: from.clone(), writer }));
                }
                Err(why) => {
                    outcome.n_refused += 1;
                    out.push(Output::Tell(Notice::BadSegment { from: from.clone(), why }));
                }
            }
        }
        outcome
    }
}
