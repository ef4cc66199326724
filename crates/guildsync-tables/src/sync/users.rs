//! Users, one after the other: with whom to sync next, and how a session with them begins.

use guildsync_types::hash::Domain;
use guildsync_types::{Hash, MemberName};

use super::TableSync;
use crate::config::Mode;
use crate::event::{Action, Ctx, Refusal};
use crate::message::SessionId;
use crate::report::Outcome;
use crate::session::{Phase, Session, Turn};

impl TableSync {
    pub(super) fn start(
        &mut self,
        ctx: Ctx<'_>,
        with: Option<Vec<MemberName>>,
        mode: Option<Mode>,
        out: &mut Vec<Action>,
    ) {
        let mode = mode.unwrap_or(self.config.mode);
        let refuse = |why| Action::Refuse { from: self.me.clone(), why };
        if self.guild.is_none() {
            out.push(refuse(Refusal::NoGuild));
            return;
        }
        if let Some(why) = self.busy_at_all() {
            out.push(refuse(Refusal::NotReady(why)));
            return;
        }
        let is_fresh = |member: &&MemberName| {
            let age = |at: &u64| ctx.clock.saturating_sub(*at).saturating_mul(1000);
            self.saved.synced.get(*member).is_some_and(|at| age(at) < self.config.fresh_ms)
        };
        let users: Vec<MemberName> = match with {
            Some(named) => named,
            None => self.online.iter().filter(|member| !is_fresh(member)).cloned().collect(),
        };
        let (users, absent): (Vec<_>, Vec<_>) = users
            .into_iter()
            .filter(|user| *user != self.me)
            .partition(|user| self.online.contains(user));
        for from in absent {
            out.push(Action::Refuse { from, why: Refusal::NotOnline });
        }
        if users.is_empty() {
            out.push(refuse(Refusal::Nobody));
        }
        for user in users {
            self.enqueue(user, mode);
        }
    }

    pub(super) fn enqueue(&mut self, user: MemberName, mode: Mode) {
        let runs = self.sessions.get(&user).is_some_and(|one| one.phase != Phase::Lingering);
        if !runs && !self.queue.iter().any(|(waits, _)| *waits == user) {
            self.queue.push_back((user, mode));
        }
    }

    /// Begins with the next user, if there may be another session.
    pub(super) fn next_user(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        while self.busy_at_all().is_none() && self.n_active(None) < self.config.sessions.max(1) {
            let Some((peer, mode)) = self.queue.pop_front() else { return };
            if !self.online.contains(&peer) {
                continue;
            }
            self.begin(ctx, peer, mode, out);
        }
    }

    fn begin(&mut self, ctx: Ctx<'_>, peer: MemberName, mode: Mode, out: &mut Vec<Action>) {
        if let Some(lingers) = self.sessions.remove(&peer) {
            self.finish(ctx, lingers, Outcome::Complete, out);
        }
        let Some(own) = &self.guild else { return };
        let cut = match mode {
            Mode::Days(days) => Some(ctx.clock.saturating_sub(u64::from(days) * 86_400)),
            Mode::All => None,
        };
        self.n_sessions = self.n_sessions.wrapping_add(1);
        let Hash(hash) = Hash::of(Domain::Session)
            .with(self.me.folded().as_bytes())
            .with(peer.folded().as_bytes())
            .with(&ctx.now.0.to_le_bytes())
            .with(&ctx.clock.to_le_bytes())
            .with(&self.n_sessions.to_le_bytes())
            .finish();
        let id = SessionId(u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]));
        let age = |began: u64| ctx.clock.saturating_sub(began).saturating_mul(1000);
        let unfinished = self.saved.unfinished.remove(&peer);
        // What is older than a session may be is begun anew.
        let unfinished = unfinished.filter(|one| age(one.began) < self.config.limit_ms);
        let id = unfinished.as_ref().map_or(id, |one| one.session);
        let cut = unfinished.as_ref().map_or(cut, |one| one.cut);
        let Self { me, config, frame, saved, .. } = self;
        let mut turn = Turn { ctx, me, own, config, frame: *frame, logs: &mut saved.logs, out };
        let session = Session::open(&mut turn, id, peer.clone(), cut, unfinished.as_ref());
        self.saved.unfinished.insert(peer.clone(), session.unfinished());
        self.sessions.insert(peer, session);
        out.push(Action::Save);
    }
}
