//! What a world with tables has besides: each member's guild, policies and disk, the books, and what is
//! known of the sessions that run.

use std::collections::{BTreeMap, BTreeSet};

use guildsync::tables::{
    Config, GuildName, Outcome, Record, RecordKey, Report, Rights, Side as End,
};
use guildsync::types::MemberName;

use super::books::{Books, Held};
use super::volume::Volume;
use crate::coverage::Coverage;

/// The tables of a world.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) members: Vec<One>,
    pub(crate) books: Books,
    /// Who may write what, as it is; who forges has another opinion.
    pub(crate) rights: Rights,
    /// Whoever writes what it may not.
    pub(crate) forger: Option<usize>,
    /// When somebody is to be killed.
    pub(crate) kill: Option<Kill>,
    pub(crate) sums: Sums,
    /// Whether the sync of logs is switched off.
    pub(crate) is_alone: bool,
}

/// One member.
#[derive(Debug)]
pub(crate) struct One {
    pub(crate) name: MemberName,
    pub(crate) guild: GuildName,
    pub(crate) config: Config,
    pub(crate) volume: Volume,
    /// Sessions that ended and were not looked at yet.
    pub(crate) ended: Vec<Report>,
    /// Sessions that run: since when, and what was held here then.
    begun: BTreeMap<(MemberName, IsInitiator), Begun>,
    /// When its disk went back last.
    pub(crate) went_back_at: Option<u64>,
}

type IsInitiator = bool;

#[derive(Debug)]
struct Begun {
    at: u64,
    held: Held,
}

/// Kills a member's program after so many frames.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kill {
    /// Whom.
    pub(crate) victim: usize,
    /// Frames until then, whoever sends them.
    pub(crate) frames: u64,
    /// How long until its program starts again, in milliseconds.
    pub(crate) pause_ms: u64,
    /// Whether it is time.
    pub(crate) is_due: bool,
}

/// What all sessions did together.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sums {
    /// Records that initiators got.
    pub(crate) pulled: u64,
    /// Records that initiators sent.
    pub(crate) pushed: u64,
    /// Two versions of one second.
    pub(crate) conflicts: u64,
    /// Sessions that ended.
    pub(crate) sessions: u64,
    /// Messages about tables.
    pub(crate) messages: u64,
    /// Records in those.
    pub(crate) carried: u64,
    /// The most records in one.
    pub(crate) largest: u64,
}

/// What is known of a member when a session with it is complete.
pub(crate) struct Peer<'a> {
    /// Which member.
    pub(crate) member: usize,
    /// What its clock says, in seconds since 1970.
    pub(crate) clock: u64,
    /// What it holds back for a time to come.
    pub(crate) held: BTreeSet<&'a RecordKey>,
}

impl One {
    pub(crate) fn new(name: MemberName, guild: GuildName, config: Config, volume: Volume) -> Self {
        let (ended, begun, went_back_at) = (Vec::new(), BTreeMap::new(), None);
        Self { name, guild, config, volume, ended, begun, went_back_at }
    }

    /// Its program ended: no session runs any more.
    pub(crate) fn ends(&mut self) {
        self.begun.clear();
        self.ended.clear();
    }
}

impl Side {
    pub(crate) fn new(members: Vec<One>, rights: Rights, forger: Option<usize>) -> Self {
        let books = Books::new(members.len());
        Self { members, books, rights, forger, kill: None, sums: Sums::default(), is_alone: true }
    }

    /// Takes note of the sessions that a member has now.
    ///
    /// # Errors
    /// More than its policy allows, or one that goes on for ever.
    pub(crate) fn runs<'a>(
        &mut self,
        now: u64,
        member: usize,
        running: impl Iterator<Item = (&'a MemberName, End)>,
    ) -> Result<(), String> {
        let Self { members, books, .. } = self;
        let one = &mut members[member];
        let running: BTreeSet<(MemberName, IsInitiator)> =
            running.map(|(peer, end)| (peer.clone(), end == End::Initiator)).collect();
        one.begun.retain(|session, _| running.contains(session));
        let n_begun = running.iter().filter(|(_, is_initiator)| *is_initiator).count();
        if n_begun > one.config.sessions.max(1) && !one.begun.keys().eq(running.iter()) {
            return Err(format!("member {member} began {n_begun} sessions at once"));
        }
        for session in running {
            one.begun.entry(session).or_insert_with_key(|(_, is_initiator)| {
                let held = if *is_initiator { books.now(member).clone() } else { Held::new() };
                Begun { at: now, held }
            });
        }
        let bound = one.config.limit_ms + SLACK_MS;
        match one.begun.iter().find(|(_, begun)| now > begun.at + bound) {
            None => Ok(()),
            Some(((peer, _), _)) => {
                let peer = peer.as_str();
                Err(format!("a session of member {member} with {peer} goes on for ever"))
            }
        }
    }

    /// A member's session ended; `peer` is the other side, if that is known.
    ///
    /// # Errors
    /// It took too long, or it is called complete, and what one side had when it began is not on the
    /// other's disk.
    pub(crate) fn ended(
        &mut self,
        member: usize,
        report: &Report,
        peer: Option<Peer<'_>>,
        seen: &mut Coverage,
    ) -> Result<(), String> {
        seen.hit_named("outcome", report.outcome.status());
        if let Outcome::Failed(why) = report.outcome {
            seen.hit_variant("failure", &why);
        }
        if report.widened {
            seen.hit("session: widened");
        }
        if report.outcome == Outcome::Complete && report.rounds > 1 {
            seen.hit("session: several rounds");
        }
        let is_initiator = report.side == End::Initiator;
        self.sums.sessions += 1;
        if is_initiator {
            self.sums.pulled += u64::from(report.received());
            self.sums.pushed += u64::from(report.sent());
        }
        self.sums.conflicts += u64::from(report.conflicts);
        let one = &mut self.members[member];
        let begun = one.begun.remove(&(report.peer.clone(), is_initiator));
        one.ended.push(report.clone());
        if report.took_ms > one.config.limit_ms + SLACK_MS {
            return Err(format!("a session of member {member} took {} ms", report.took_ms));
        }
        let is_plain = report.outcome == Outcome::Complete && report.errors.is_empty();
        let all = report.withheld + report.refused + report.held == 0;
        match (begun, peer) {
            (Some(begun), Some(peer)) if is_initiator && is_plain && all => {
                self.is_complete(member, &peer, &begun)
            }
            _ => Ok(()),
        }
    }

    /// What the initiator of a complete session held when it began is on the other side's disk.
    fn is_complete(&self, member: usize, peer: &Peer<'_>, begun: &Begun) -> Result<(), String> {
        let (one, other) = (&self.members[member], &self.members[peer.member]);
        let went_back = |one: &One| one.went_back_at.is_some_and(|at| at >= begun.at);
        let concerned = [member, peer.member];
        if went_back(one) || went_back(other) || concerned.contains(&self.forger.unwrap_or(99)) {
            return Ok(());
        }
        let is_concerned = |record: &&Record| {
            (*record.guild() == one.guild || *record.guild() == other.guild)
                && self.rights.may_send(&one.name, record)
                && !peer.held.contains(record.key())
                && record.updated().seconds() <= peer.clock
                && !super::keeps_setup(&one.config, record)
        };
        for (key, version) in &begun.held {
            let record = self.books.record(version);
            let there = self.books.on_disk(peer.member).get(key);
            if record.as_ref().is_some_and(is_concerned) && there.is_none_or(|it| it < version) {
                let (key, peer) = (super::books::name(key), peer.member);
                return Err(format!(
                    "member {member} was told that a session is complete, and {key} is not on the disk \
                     of member {peer}"
                ));
            }
        }
        Ok(())
    }

    /// A frame was sent: whether somebody is to be killed now.
    pub(crate) fn count_frame(&mut self) {
        if let Some(kill) = &mut self.kill {
            kill.frames = kill.frames.saturating_sub(1);
            kill.is_due = kill.frames == 0;
        }
    }

    /// Whether a member is about to be killed, and sends nothing any more.
    pub(crate) fn is_dying(&self, member: usize) -> bool {
        self.kill.is_some_and(|kill| kill.is_due && kill.victim == member)
    }

    /// Who is to be killed now.
    pub(crate) fn take_due(&mut self) -> Option<Kill> {
        self.kill.take_if(|kill| kill.is_due)
    }

    /// A message about tables was sent.
    pub(crate) fn count_message(&mut self, n_records: u32) {
        self.sums.messages += 1;
        self.sums.carried += u64::from(n_records);
        self.sums.largest = self.sums.largest.max(u64::from(n_records));
    }
}

/// What a session may take beyond its limit: its last patience, in milliseconds.
const SLACK_MS: u64 = 180_000;
