//! What a program sends and says, and what is wrong with it.

use bytes::Bytes;
use guildsync::Notice;
use guildsync::leader::Refusal;
use guildsync::sections::Refusal as SheetRefusal;
use guildsync::transport::{Recipient, SendResult};
use guildsync::wire::frame::Frame;

use super::{Sabotage, What, World};
use crate::decode::About;

/// Who is in no group is silent from then on, in virtual milliseconds.
const ALONE_MS: u64 = 1_000;

impl World {
    pub(super) fn send(&mut self, member: usize, to: &Recipient, frame: &Bytes) {
        if self.tables.as_ref().is_some_and(|side| side.is_dying(member)) {
            return;
        }
        let mut peer = None;
        let (result, whom) = match to {
            _ if !self.members[member].online => (Some(SendResult::NotInGroup), None),
            Recipient::Group if !self.group.contains(&member) => {
                (Some(SendResult::NotInGroup), None)
            }
            Recipient::Group => {
                self.receivers.clear();
                let on_line = |&&other: &&usize| other != member && self.members[other].online;
                self.receivers.extend(self.group.iter().filter(on_line));
                (None, None)
            }
            Recipient::Member(name) => {
                self.receivers.clear();
                let known = self.by_name.get(name).copied();
                peer = known;
                self.receivers.extend(known.filter(|other| self.members[*other].online));
                let offline = self.receivers.is_empty().then_some(SendResult::TargetOffline);
                (offline, Some(name.as_str()))
            }
        };
        let result = result.unwrap_or_else(|| {
            let Self { channel, receivers, arrivals, seen, now, .. } = self;
            channel.send(*now, member, receivers, frame, arrivals, seen)
        });
        self.trace.frame(self.now, self.members[member].name.as_str(), whom, frame, result);
        self.members[member].results.push_back(result);
        let is_alone = |since: u64| self.now > since + ALONE_MS;
        if self.members[member].alone_since.is_some_and(is_alone) && self.is_message(frame) {
            self.fail(format!("member {member} sends without a group: {} bytes", frame.len()));
        }
        if self.setup.watches
            && let Err(why) = self.debts.told(self.now, member, peer, frame, result)
        {
            self.fail(why);
        }
        if self.setup.watches {
            self.seen.hit_variant("result", &result);
        }
        if result != SendResult::Sent {
            return self.check_channel(member, frame.len());
        }
        self.frames_of[member] += 1;
        self.bytes_of[member] += frame.len() as u64;
        if self.setup.watches
            && let Some(heard) = self.ear.hear(self.now, member, frame)
        {
            self.seen.hit_named("message", heard.name);
            self.seen.hit_named("dialect", heard.dialect);
            match heard.about {
                About::Logs => {}
                About::Tables { n_records } => {
                    if let Some(side) = &mut self.tables {
                        side.count_message(n_records);
                    }
                }
                About::Sheets(message) => self.said_of_sheets(member, &message),
            }
        }
        if let Some(side) = &mut self.tables {
            side.count_frame();
        }
        let from = match self.sabotage {
            Some(Sabotage::SendersAreSwapped) => (member + 1) % self.members.len(),
            _ => member,
        };
        for (to, at) in std::mem::take(&mut self.arrivals.at) {
            self.at(at, What::Arrive { to, from, frame: frame.clone() });
        }
    }

    /// How many frames of a member the channel refused that were not sent again.
    #[must_use]
    pub fn owes(&self, member: usize) -> usize {
        self.debts.owes(member)
    }

    /// Whether a frame is a whole message. Pieces of what comes late may be asked for, and sent again, also
    /// by those who are alone: the channel refuses that.
    fn is_message(&self, frame: &[u8]) -> bool {
        let mut plain = Vec::new();
        let decoded = self.setup.channel.framing().alphabet().decode(frame, &mut plain);
        decoded.is_ok() && matches!(Frame::decode(&plain), Ok(Frame::Whole { .. }))
    }

    /// A correct sender never breaks the channel's limits.
    fn check_channel(&mut self, member: usize, bytes: usize) {
        let violations = self.channel.violations;
        if violations != crate::channel::Violations::default() {
            self.fail(format!(
                "member {member} broke the channel's limits with a frame of {bytes} bytes: {violations:?}"
            ));
        }
    }

    pub(super) fn tell_user(&mut self, member: usize, notice: &Notice) {
        self.trace.notice(self.now, self.members[member].name.as_str(), notice);
        self.told_about_sheets(member, notice);
        if !self.setup.watches {
            return;
        }
        self.seen.hit_variant("notice", notice);
        match notice {
            Notice::TableFinished(report) => self.session_ended(member, report),
            Notice::TableRefused { why, .. } => self.seen.hit_variant("table refusal", why),
            Notice::BadTableMessage { why, .. } => {
                self.fail(format!("member {member} cannot read what an honest one sent: {why}"));
            }
            Notice::SheetRefused { why, .. } => {
                self.seen.hit_variant("sheet refusal", why);
                if let SheetRefusal::Nonsense(why) = why {
                    self.fail(format!("member {member} refused what an honest one sent: {why}"));
                }
            }
            Notice::BadSheetMessage { why, .. } => {
                self.fail(format!("member {member} cannot read what an honest one sent: {why}"));
            }
            Notice::Progress { stage, .. } => self.seen.hit_variant("stage", stage),
            Notice::Refused { why, .. } => {
                self.seen.hit_variant("refusal", why);
                let is_plain = self.sabotage.is_none() && self.oracle.nothing_went_back();
                if is_plain && matches!(why, Refusal::BadBatch(_)) {
                    self.fail(format!("member {member} refused what an honest one sent: {why}"));
                }
            }
            Notice::Diverged { from, writer }
                if self.sabotage.is_none() && self.oracle.nothing_went_back() =>
            {
                let writer = writer.short();
                self.fail(format!(
                    "member {member} finds writer {writer} forked by what {from} sent"
                ));
            }
            // Everyone is honest: a segment that is refused for what it says was damaged here. (Read against
            // another branch than it was written against, it says anything.)
            Notice::BadSegment { why, .. }
                if self.sabotage.is_none() && self.oracle.nothing_went_back() =>
            {
                self.fail(format!("member {member} refused an honest segment: {why}"));
            }
            _ => {}
        }
    }
}
