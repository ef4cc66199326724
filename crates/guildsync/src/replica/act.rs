//! What the session of the logs is told, and what it wants done.

use bytes::Bytes;
use guildsync_leader::{Action, Backlog, Ctx, Event, Message, Outcome, To};
use guildsync_log::{AcceptError, Segment};
use guildsync_transport::{Priority, Recipient};
use guildsync_types::{MemberName, ProfileId, Time};

use super::{Notice, Output, Replica};
use crate::moment::Moment;

impl Replica {
    pub(super) fn tell_session(&mut self, moment: Moment, event: Event, out: &mut Vec<Output>) {
        let mut actions = Vec::new();
        let link = self.link.as_ref();
        let waits = |member: &MemberName| link.is_some_and(|link| link.has_bulk_for(member));
        let backlog = Backlog { frames: self.backlog_frames(), waits_for: Some(&waits) };
        let (now, writer, profiles) = (moment.now, self.key.writer(), &self.profiles);
        self.session.step(Ctx { now, writer, profiles, backlog }, event, &mut actions);
        for action in actions {
            self.act(now, action, out);
        }
    }

    /// How many frames wait for the channel, about.
    pub(super) fn backlog_frames(&self) -> usize {
        let bytes = self.link.as_ref().map_or(0, |link| link.queued().bytes);
        bytes.div_ceil(self.channel.frame_bytes_max)
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
                self.push(now, to, priority, bytes, out);
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

    /// Queues a message for the channel.
    pub(super) fn push(
        &mut self,
        now: Time,
        to: Recipient,
        priority: Priority,
        message: Bytes,
        out: &mut Vec<Output>,
    ) {
        if let Err(why) = self.link(now).push(to, priority, message) {
            out.push(Output::Tell(Notice::NotQueued(why)));
        }
    }
}
