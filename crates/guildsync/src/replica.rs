//! The pure replica: logs and session together, frames and commits as values.
//!
//! Nothing leaves a replica that is not durable: what a step put into the logs becomes visible to
//! others only in the step that follows its [`Output::Commit`].

use std::collections::BTreeSet;

use bytes::Bytes;
use guildsync_leader::{Action, Config, Ctx, Event, Outcome, Refusal, Report, Session, Stage, To};
use guildsync_log::{
    AcceptError, AppendError, Change, Draft, Log, ProfileError, Profiles, Segment,
};
use guildsync_transport::Recipient;
use guildsync_types::{MemberName, ProfileId, Reason, SecretKey, Stamp, Time};

use crate::frame::{self, FrameError};

/// One member's logs, key and session.
#[derive(Debug)]
pub struct Replica {
    me: MemberName,
    key: SecretKey,
    profiles: Profiles,
    session: Session,
    /// What the session is told once the store says that everything is durable.
    pending: Vec<Event>,
}

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
    /// [`Replica::deadline`] has passed.
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
    /// Make [`Replica::profiles`] durable before anything else, then step with [`Input::Committed`].
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
    /// A segment was refused.
    BadSegment {
        /// From whom.
        from: MemberName,
        /// Why.
        why: AcceptError,
    },
    /// An announced profile could not be made or switched to.
    BadProfile(ProfileError),
}

impl Replica {
    /// A replica of member `me`, not grouped.
    #[must_use]
    pub fn new(me: MemberName, key: SecretKey, profiles: Profiles, config: Config) -> Self {
        let session = Session::new(me.clone(), config);
        Self { me, key, profiles, session, pending: Vec::new() }
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

    /// When [`Input::Tick`] is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        self.session.deadline()
    }

    /// The stamp of the next live entry of a log: the clock's, or just after the newest entry's.
    /// An entry more than an hour ahead of the clock does not drag others along.
    #[must_use]
    pub fn stamp(log: &Log, now: Time) -> Stamp {
        let clock = now.stamp();
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
        self.profiles.is_behind(profile, writer)
            || self.profiles.get(profile).is_some_and(|log| log.is_forked(writer))
    }

    /// Goes on with a new key: the old one signs for it in every profile where it wrote or holds a role.
    /// Until that is committed, the old key is to be kept.
    pub fn go_on_as(&mut self, new: SecretKey, old: &SecretKey, now: Time) {
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
                stamp: Self::stamp(log, now),
                actor: self.me.clone(),
                change: Change::Continues { key: old.public(), proof },
                reason: Reason::default(),
                origin: None,
            };
            // A writer without a role has nothing to hand over.
            let _ = self.append(&id, &[draft]);
        }
    }

    /// Takes in one input and appends what is to be done.
    pub fn step(&mut self, now: Time, input: Input, out: &mut Vec<Output>) {
        let event = match input {
            Input::Frame { from, bytes } => match frame::unpack(&bytes) {
                Ok(message) => Event::Received { from, message },
                Err(why) => return out.push(Output::Tell(Notice::BadFrame { from, why })),
            },
            Input::Group { members, leader } => Event::GroupChanged { members, leader },
            Input::Left => Event::Left,
            Input::ManualSync => Event::ManualSync,
            Input::SetEnabled(enabled) => Event::SetEnabled(enabled),
            Input::Switched => Event::Switched,
            Input::Tick => Event::Tick,
            Input::Committed => {
                for event in std::mem::take(&mut self.pending) {
                    self.tell_session(now, event, out);
                }
                return self.ask_to_commit(out);
            }
        };
        self.tell_session(now, event, out);
        self.ask_to_commit(out);
    }

    fn ask_to_commit(&self, out: &mut Vec<Output>) {
        if !self.pending.is_empty() {
            out.push(Output::Commit);
        }
    }

    fn tell_session(&mut self, now: Time, event: Event, out: &mut Vec<Output>) {
        let mut actions = Vec::new();
        let ctx = Ctx { now, writer: self.key.writer(), profiles: &self.profiles };
        self.session.step(ctx, event, &mut actions);
        for action in actions {
            self.act(action, out);
        }
    }

    fn act(&mut self, action: Action, out: &mut Vec<Output>) {
        match action {
            Action::Send { to, message } => {
                let to = match to {
                    To::Group => Recipient::Group,
                    To::Member(member) => Recipient::Member(member),
                };
                out.push(Output::Send { to, frame: frame::pack(&message) });
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
                Err(AcceptError::Diverged { .. }) => outcome.diverged.push(writer),
                Err(why) => {
                    outcome.n_refused += 1;
                    out.push(Output::Tell(Notice::BadSegment { from: from.clone(), why }));
                }
            }
        }
        outcome
    }
}
