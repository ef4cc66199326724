//! Who coordinates: the group's leader, whoever starts by hand, or whoever takes over from the silent.

use std::collections::{BTreeMap, BTreeSet};

use guildsync_log::{Log, Role};
use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{MemberName, Time};

use super::group::Group;
use super::{Leading, Session};
use crate::config::{ManualSync, Scope};
use crate::coordination::{Announce, Coordination};
use crate::event::{Action, Ctx, Refusal};
use crate::message::{Announced, Cause, Epoch, MemberTag, Message, To};
use crate::policy::Policies;

/// How many heartbeats a coordinator may miss.
const MISSED: u64 = 3;
/// How often a member takes back what somebody else coordinates, within the time below.
const INSISTS: u32 = 2;
/// After this time, in milliseconds, it may do so again.
const INSISTED_MS: u64 = 600_000;
/// How far apart those who may take over stand, in milliseconds.
const RANK_MS: u64 = 5_000;
/// Where the numbers of a term's announcements begin is below this: they take two bytes.
const NUMBERS: u64 = 1 << 13;
/// How far ahead of the last term a new one may be: a group counts one a change of coordinators.
pub(super) const JUMP_MAX: u64 = 1 << 12;

impl Session {
    pub(super) fn leads_group(&self) -> bool {
        self.group.as_ref().is_some_and(|group| group.leader == self.me)
    }

    /// Whether this member takes back what somebody else coordinates. Not without end: the game may have
    /// told somebody else that it leads, and then one of the two has to give way.
    pub(super) fn insists(&mut self, now: Time) -> bool {
        let (n, since) = match self.insisted {
            (n, since) if n > 0 && now < since + INSISTED_MS => (n, since),
            _ => (0, now),
        };
        self.insisted = (n + 1, since);
        n < INSISTS
    }

    /// Whoever coordinated, by hand or as a former leader, is not in the group any more.
    fn coordinator_is_gone(&self) -> bool {
        match (&self.group, &self.epoch) {
            (Some(group), Some(epoch)) => !group.members.contains(&epoch.coordinator),
            _ => false,
        }
    }

    /// No group, no session: whoever comes back starts afresh.
    pub(super) fn leave(&mut self) {
        self.group = None;
        if planted(Bug::LeavingKeepsState) {
            return;
        }
        self.epoch = None;
        self.manual = None;
        self.stop();
    }

    fn stop(&mut self) {
        self.leading = None;
        self.announcements = Default::default();
        self.following = Default::default();
        self.requests = Default::default();
        self.held = Default::default();
        self.live = Default::default();
    }

    pub(super) fn group_changed(&mut self, ctx: Ctx<'_>, group: Group, out: &mut Vec<Action>) {
        let before = self.group.take();
        if !group.is_shared() || !group.members.contains(&self.me) {
            self.leave();
            self.group = group.members.contains(&self.me).then_some(group);
            return;
        }
        let led_before = before.as_ref().map(|g| g.leader == self.me);
        let lead_now = group.leader == self.me;
        let members_before = before.as_ref().map(|g| g.members.clone()).unwrap_or_default();
        let was_solo = members_before.len() < 2;
        for left in members_before.difference(&group.members) {
            self.requests.unreachable(left, ctx.now);
        }
        self.group = Some(group);
        if was_solo {
            self.heard = ctx.now;
        }
        if self.off().is_some() {
            return;
        }
        if lead_now && (was_solo || led_before != Some(true) || self.coordinator_is_gone()) {
            self.start(ctx, None, out);
        } else if !lead_now && led_before == Some(true) {
            self.drain();
        } else {
            self.members_changed(ctx, &members_before, out);
        }
    }

    /// A coordinator announces to whoever joined and forgets whoever left.
    fn members_changed(
        &mut self,
        ctx: Ctx<'_>,
        before: &BTreeSet<MemberName>,
        out: &mut Vec<Action>,
    ) {
        if planted(Bug::JoinersForgotten) {
            return;
        }
        let (Some(group), Some(mut leading)) = (&self.group, self.leading.take()) else { return };
        let joined: Vec<MemberName> = group.members.difference(before).cloned().collect();
        let mut due = Vec::new();
        for (id, coordination) in &mut leading.profiles {
            before.difference(&group.members).for_each(|left| coordination.forget(left));
            let log = ctx.profiles.get(id).filter(|_| !coordination.is_draining());
            let Some(log) = log else { continue };
            for member in &joined {
                coordination.expect(member.clone(), log.frontier(), ctx.now, &self.config);
            }
            let to = match &joined[..] {
                [] => continue,
                [one] => To::Member(one.clone()),
                _ => To::Group,
            };
            coordination.count(1);
            due.push((*id, Announce { to, answer: false, whole: true }));
        }
        for (id, announce) in due {
            self.announce(ctx, &mut leading, id, announce, out);
        }
        self.leading = Some(leading);
    }

    /// Becomes coordinator of a new epoch and announces; a cause is said first.
    pub(super) fn start(&mut self, ctx: Ctx<'_>, cause: Option<Cause>, out: &mut Vec<Action>) {
        let Some(group) = self.group.as_ref().filter(|g| g.is_shared()) else { return };
        let term = self.epoch.as_ref().map_or(0, |epoch| epoch.term) + 1;
        let epoch = Epoch { term, coordinator: self.me.clone() };
        if let Some(cause) = cause {
            out.push(Action::Send {
                to: To::Group,
                message: Message::ManualSyncStart { term, cause },
            });
        }
        if cause == Some(Cause::ByHand) {
            self.manual = Some(epoch.clone());
        }
        let in_scope = ctx.profiles.iter().filter(|log| self.is_in_scope(ctx, log));
        let profiles: BTreeMap<_, _> = in_scope
            .map(|log| (log.profile().id, self.coordination(ctx, log, term, &group.members)))
            .collect();
        self.announcements.forget_term(term);
        self.epoch = Some(epoch.clone());
        let ids: Vec<_> = profiles.keys().copied().collect();
        // Not from 1: a coordinator that restarts may take up the same term again, and what it, or another
        // coordinator of that term, announced in it before must not pass for what it announces now.
        let [a, b, c] = MemberTag::of(&self.me).0;
        let own = u64::from_be_bytes([0, 0, 0, 0, 0, a, b, c]);
        let n_announced = (ctx.now.0 / 100 + own) % NUMBERS;
        let mut leading = Leading::new(epoch, n_announced, profiles);
        for id in ids {
            if let Some(coordination) = leading.profiles.get_mut(&id) {
                coordination.count(1);
            }
            // By tag: most know the profile, and who does not asks.
            let announce = Announce { to: To::Group, answer: true, whole: false };
            self.announce(ctx, &mut leading, id, announce, out);
        }
        self.leading = Some(leading);
    }

    fn is_in_scope(&self, ctx: Ctx<'_>, log: &Log) -> bool {
        self.config.scope == Scope::All || log.profile().id == ctx.profiles.active_id()
    }

    /// A coordination of a profile that is about to be announced to everyone.
    fn coordination(
        &self,
        ctx: Ctx<'_>,
        log: &Log,
        term: u64,
        members: &BTreeSet<MemberName>,
    ) -> Coordination {
        let mut coordination = Coordination::new(log, term, &self.me, ctx.now, &self.config);
        for member in members.iter().filter(|&member| *member != self.me) {
            coordination.expect(member.clone(), log.frontier(), ctx.now, &self.config);
        }
        coordination
    }

    /// Coordinates also what has come into scope since the term began: a profile that was created here.
    pub(super) fn take_on(&mut self, ctx: Ctx<'_>, leading: &mut Leading, out: &mut Vec<Action>) {
        let is_new = |log: &&Log| !leading.profiles.contains_key(&log.profile().id);
        if self.config.scope != Scope::All || leading.is_draining() {
            return;
        }
        let Some(members) = self.group.as_ref().map(|group| &group.members) else { return };
        let new: Vec<_> = ctx
            .profiles
            .iter()
            .filter(is_new)
            .map(|log| (log.profile().id, self.coordination(ctx, log, leading.epoch.term, members)))
            .collect();
        for (id, mut coordination) in new {
            coordination.count(1);
            leading.profiles.insert(id, coordination);
            let announce = Announce { to: To::Group, answer: true, whole: true };
            self.announce(ctx, leading, id, announce, out);
        }
    }

    /// Finishes with the members being served and serves no one else.
    pub(super) fn drain(&mut self) {
        if planted(Bug::FormerLeaderGoesOn) {
            return;
        }
        if let Some(leading) = &mut self.leading {
            leading.profiles.values_mut().for_each(Coordination::drain);
        }
    }

    pub(super) fn switched(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        if let Some(leading) = &self.leading
            && self.config.scope == Scope::Active
        {
            let by_hand = self.manual.as_ref() == Some(&leading.epoch);
            self.start(ctx, by_hand.then_some(Cause::ByHand), out);
        }
    }

    pub(super) fn manual_sync(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        let why = if let Some(why) = self.off() {
            why
        } else if !self.is_grouped() {
            Refusal::Solo
        } else if !self.may_start(ctx, &self.me) {
            Refusal::NotAnOfficer
        } else {
            self.start(ctx, Some(Cause::ByHand), out);
            return;
        };
        out.push(Action::Refuse { from: self.me.clone(), why });
    }

    /// Whether the policy lets `member` start a manual sync of the active profile.
    pub(super) fn may_start(&self, ctx: Ctx<'_>, member: &MemberName) -> bool {
        let log = ctx.profiles.active();
        let holds_role = |role: Option<Role>| role.is_some();
        Policies::of(log, &self.config).manual == ManualSync::Anyone
            || !log.has_officers()
            || *member == self.me && holds_role(log.role(ctx.writer))
            || log.officers().iter().any(|officer| officer.member == *member)
    }

    pub(super) fn set_enabled(&mut self, ctx: Ctx<'_>, enabled: bool, out: &mut Vec<Action>) {
        let was = std::mem::replace(&mut self.enabled, enabled);
        if !enabled {
            self.stop();
        } else if !was {
            self.heard = ctx.now;
            if self.leads_group() && self.off().is_none() {
                self.start(ctx, None, out);
            }
        }
    }

    /// Goes along with a coordinator unless a later one is known.
    pub(super) fn follow(&mut self, ctx: Ctx<'_>, epoch: Epoch) -> Result<(), Refusal> {
        if let Some(newest) = &self.epoch {
            if epoch < *newest && !planted(Bug::EpochNotFenced) {
                return Err(Refusal::StaleEpoch { stale: epoch });
            }
            if epoch.term > newest.term.saturating_add(JUMP_MAX) {
                return Err(Refusal::EpochJump { to: epoch });
            }
            if epoch.term == newest.term && epoch != *newest {
                self.announcements.forget_term(epoch.term);
            }
        }
        if self.leading.as_ref().is_some_and(|leading| leading.epoch < epoch) {
            self.drain();
        }
        self.epoch = Some(epoch);
        self.heard = ctx.now;
        Ok(())
    }

    /// Somebody says that the group knows a later term than the one that this member coordinates, or
    /// another coordinator of the same. It counts on from there, since that one may be gone; but if this
    /// happens again and again, that one is there and only slow to be heard, and this one gives way.
    pub(super) fn hear_of(
        &mut self,
        ctx: Ctx<'_>,
        later: Announced,
        out: &mut Vec<Action>,
    ) -> bool {
        let Some(leading) = self.leading.as_ref().filter(|l| !l.is_draining()) else {
            return false;
        };
        let term = leading.epoch.term;
        let is_later = later.term > term || later.term == term && later.n == Announced::OF_ANOTHER;
        if self.epoch.as_ref() != Some(&leading.epoch)
            || !is_later
            || later.term > term.saturating_add(JUMP_MAX)
        {
            return false;
        }
        self.announcements.forget_term(term);
        let coordinator = self.me.clone();
        if self.insists(ctx.now) {
            self.epoch = Some(Epoch { term: later.term, coordinator });
            self.start(ctx, None, out);
        } else {
            // Whoever holds the later term is later than this, whatever its name.
            self.epoch = Some(Epoch { term: term.max(later.term - 1), coordinator });
            self.leading = None;
            self.heard = ctx.now;
        }
        true
    }

    /// When this member coordinates if nobody is heard to do so before.
    pub(super) fn takeover_at(&self) -> Option<Time> {
        let group = self.group.as_ref().filter(|g| g.is_shared() && self.off().is_none())?;
        let leads = self.leading.as_ref().is_some_and(|l| Some(&l.epoch) == self.epoch.as_ref());
        if leads || self.config.heartbeat_ms == 0 || planted(Bug::TakeoverNever) {
            return None;
        }
        let coordinator = self.epoch.as_ref().map(|epoch| &epoch.coordinator);
        let coordinator = coordinator.filter(|coordinator| **coordinator != self.me);
        let rank = group.before_me(coordinator)? as u64;
        let silence =
            self.config.heartbeat_ms * (MISSED + 1) / if coordinator.is_some() { 1 } else { 2 };
        Some(self.heard + (silence + rank * RANK_MS))
    }

    /// Takes over from a coordinator that fell silent, or that never spoke.
    pub(super) fn take_over(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        if self.takeover_at().is_some_and(|at| at <= ctx.now) {
            self.start(ctx, Some(Cause::Takeover), out);
        }
    }
}
