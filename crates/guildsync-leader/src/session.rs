//! The session: one replica's part in its group, as follower, as coordinator, or alone.
//!
//! Pure: it is told events, looks at the data through [`Ctx`], and asks for actions. Coordination of
//! one profile lives in `coordination`, what a member does with a message in `session::receive`; here
//! is who coordinates.

use std::collections::{BTreeMap, BTreeSet};

use guildsync_log::{Log, Role};
use guildsync_types::{MemberName, ProfileId, Time};

use crate::config::{Config, ManualSync, Scope};
use crate::coordination::Coordination;
use crate::event::{Action, Ctx, Event, Refusal};
use crate::message::{Epoch, Message, To, announce};
use crate::repair::Repairs;

mod receive;

/// Leader-coordinated log sync as one member of a group lives it.
#[derive(Debug, Clone)]
pub struct Session {
    me: MemberName,
    config: Config,
    enabled: bool,
    group: Option<Group>,
    /// The newest epoch seen in this group.
    epoch: Option<Epoch>,
    /// The newest epoch that was begun by hand: its coordinator need not be the leader.
    manual: Option<Epoch>,
    leading: Option<Leading>,
    repairs: Repairs,
    n_requests: u64,
}

#[derive(Debug, Clone)]
struct Group {
    members: BTreeSet<MemberName>,
    leader: MemberName,
}

#[derive(Debug, Clone)]
struct Leading {
    epoch: Epoch,
    profiles: BTreeMap<ProfileId, Coordination>,
}

impl Session {
    /// A session of member `me`, not in a group yet.
    #[must_use]
    pub fn new(me: MemberName, config: Config) -> Self {
        Self {
            me,
            config,
            enabled: true,
            group: None,
            epoch: None,
            manual: None,
            leading: None,
            repairs: Repairs::default(),
            n_requests: 0,
        }
    }

    /// Takes in one event and appends what is to be done.
    pub fn step(&mut self, ctx: Ctx<'_>, event: Event, out: &mut Vec<Action>) {
        match event {
            Event::GroupChanged { members, leader } => {
                self.group_changed(ctx, Group { members, leader }, out);
            }
            Event::Left => self.leave(),
            Event::Received { from, message } => self.received(ctx, from, message, out),
            Event::Appended { profile, segment } => {
                if self.enabled && self.is_grouped() {
                    let message = Message::LogEntry { profile, segment };
                    out.push(Action::Send { to: To::Group, message });
                }
            }
            Event::Accepted { from, profile, request, outcome } => {
                self.accepted(ctx, &from, profile, request, &outcome, out);
            }
            Event::Switched => {
                if let Some(leading) = &self.leading
                    && self.config.scope == Scope::Active
                {
                    let by_hand = self.manual.as_ref() == Some(&leading.epoch);
                    self.start(ctx, by_hand, out);
                }
            }
            Event::ManualSync => self.manual_sync(ctx, out),
            Event::SetEnabled(enabled) => self.set_enabled(ctx, enabled, out),
            Event::Tick => {}
        }
        self.advance(ctx, out);
    }

    /// When [`Event::Tick`] is due, if ever.
    #[must_use]
    pub fn deadline(&self) -> Option<Time> {
        let leading = self.leading.iter().flat_map(|l| l.profiles.values());
        leading.filter_map(Coordination::deadline).chain(self.repairs.deadline()).min()
    }

    /// Who coordinates, as far as this member knows.
    #[must_use]
    pub fn epoch(&self) -> Option<&Epoch> {
        self.epoch.as_ref()
    }

    /// Whether this member coordinates.
    #[must_use]
    pub fn is_coordinator(&self) -> bool {
        self.leading.is_some()
    }

    fn is_grouped(&self) -> bool {
        self.group.as_ref().is_some_and(|group| group.members.len() > 1)
    }

    fn leads_group(&self) -> bool {
        self.group.as_ref().is_some_and(|group| group.leader == self.me)
    }

    /// Whoever coordinated, by hand or as a former leader, is not in the group any more.
    fn coordinator_is_gone(&self) -> bool {
        match (&self.group, &self.epoch) {
            (Some(group), Some(epoch)) => !group.members.contains(&epoch.coordinator),
            _ => false,
        }
    }

    fn leave(&mut self) {
        self.group = None;
        self.epoch = None;
        self.manual = None;
        self.stop();
    }

    fn stop(&mut self) {
        self.leading = None;
        self.repairs = Repairs::default();
    }

    fn group_changed(&mut self, ctx: Ctx<'_>, group: Group, out: &mut Vec<Action>) {
        let before = self.group.take();
        if group.members.len() < 2 || !group.members.contains(&self.me) {
            // Solo means no session: whoever joins next starts afresh.
            self.leave();
            self.group = group.members.contains(&self.me).then_some(group);
            return;
        }
        let led_before = before.as_ref().map(|g| g.leader == self.me);
        let lead_now = group.leader == self.me;
        let members_before = before.as_ref().map(|g| g.members.clone()).unwrap_or_default();
        let was_solo = members_before.len() < 2;
        self.group = Some(group);
        if !self.enabled {
            return;
        }
        if lead_now && (was_solo || led_before != Some(true) || self.coordinator_is_gone()) {
            self.start(ctx, false, out);
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
        let (Some(group), Some(leading)) = (&self.group, &mut self.leading) else { return };
        for (id, coordination) in &mut leading.profiles {
            before.difference(&group.members).for_each(|left| coordination.forget(left));
            let Some(log) = ctx.profiles.get(id).filter(|_| !coordination.is_draining()) else {
                continue;
            };
            for joined in group.members.difference(before) {
                coordination.expect(joined.clone(), log.frontier(), ctx.now, &self.config);
                let message = announce(&leading.epoch, log, *id == ctx.profiles.active_id());
                coordination.send(To::Member(joined.clone()), message, out);
            }
        }
    }

    /// Becomes coordinator of a new epoch and announces; `by_hand` says so first.
    fn start(&mut self, ctx: Ctx<'_>, by_hand: bool, out: &mut Vec<Action>) {
        let Some(group) = self.group.as_ref().filter(|g| g.members.len() > 1) else { return };
        let term = self.epoch.as_ref().map_or(0, |epoch| epoch.term) + 1;
        let epoch = Epoch { term, coordinator: self.me.clone() };
        if by_hand {
            let message = Message::ManualSyncStart { epoch: epoch.clone() };
            out.push(Action::Send { to: To::Group, message });
            self.manual = Some(epoch.clone());
        }
        let active = ctx.profiles.active_id();
        let in_scope = |log: &&Log| self.config.scope == Scope::All || log.profile().id == active;
        let mut profiles = BTreeMap::new();
        for log in ctx.profiles.iter().filter(in_scope) {
            let id = log.profile().id;
            let others = group.members.iter().filter(|&member| *member != self.me);
            let mut coordination = Coordination::new(id, epoch.clone(), ctx.now);
            for member in others {
                coordination.expect(member.clone(), log.frontier(), ctx.now, &self.config);
            }
            coordination.send(To::Group, announce(&epoch, log, id == active), out);
            profiles.insert(id, coordination);
        }
        self.epoch = Some(epoch.clone());
        self.leading = Some(Leading { epoch, profiles });
    }

    /// Finishes with the members being served and serves no one else.
    fn drain(&mut self) {
        if let Some(leading) = &mut self.leading {
            leading.profiles.values_mut().for_each(Coordination::drain);
        }
    }

    fn manual_sync(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        let why = if !self.enabled {
            Refusal::Disabled
        } else if !self.is_grouped() {
            Refusal::Solo
        } else if !self.may_start(ctx, &self.me) {
            Refusal::NotAnOfficer
        } else {
            self.start(ctx, true, out);
            return;
        };
        out.push(Action::Refuse { from: self.me.clone(), why });
    }

    /// Whether the policy lets `member` start a manual sync of the active profile.
    fn may_start(&self, ctx: Ctx<'_>, member: &MemberName) -> bool {
        let log = ctx.profiles.active();
        let holds_role = |role: Option<Role>| role.is_some();
        self.config.manual == ManualSync::Anyone
            || !log.has_officers()
            || *member == self.me && holds_role(log.role(ctx.writer))
            || log.officers().iter().any(|officer| officer.member == *member)
    }

    fn set_enabled(&mut self, ctx: Ctx<'_>, enabled: bool, out: &mut Vec<Action>) {
        let was = std::mem::replace(&mut self.enabled, enabled);
        if !enabled {
            self.stop();
        } else if !was && self.leads_group() {
            self.start(ctx, false, out);
        }
    }

    fn advance(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        let coordinator = self.epoch.as_ref().map(|e| e.coordinator.clone());
        let fallback = coordinator.filter(|c| *c != self.me);
        self.repairs.advance(ctx.now, fallback.as_ref(), self.config.answer_ms, out);
        let Some(mut leading) = self.leading.take() else { return };
        let config = self.config.clone();
        for (id, coordination) in &mut leading.profiles {
            if let Some(log) = ctx.profiles.get(id) {
                let mut ask = || self.next_request(ctx);
                coordination.advance(ctx.now, log, &config, &mut ask, out);
            }
        }
        let over = |c: &Coordination| c.is_draining() && c.deadline().is_none();
        self.leading = (!leading.profiles.values().all(over)).then_some(leading);
    }

    fn coordination(&mut self, profile: ProfileId) -> Option<&mut Coordination> {
        self.leading.as_mut()?.profiles.get_mut(&profile)
    }

    /// Request numbers differ between members, because answers to the group are heard by all.
    fn next_request(&mut self, ctx: Ctx<'_>) -> u64 {
        self.n_requests += 1;
        let [a, b, c, d, ..] = ctx.writer.0;
        u64::from(u32::from_le_bytes([a, b, c, d])) << 20 | self.n_requests & 0xf_ffff
    }
}
