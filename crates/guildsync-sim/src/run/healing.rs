//! What is demanded once nothing goes wrong any more: equality within a bound, and then silence.

use std::collections::BTreeSet;

use guildsync::Replica;
use guildsync::leader::Scope;
use guildsync::log::Log;
use guildsync::types::ProfileId;

use super::{LOOK_EVERY_MS, Run};
use crate::world::{Act, World};

/// How long after a heal a group is quiet, in virtual milliseconds: heartbeats come often at first.
const QUIET_AFTER_MS: u64 = 30_000;

impl Run {
    /// Nothing goes wrong from here on; wrong clocks stay wrong.
    pub(super) fn calm(&mut self) {
        self.world.channel.heal();
        self.world.be_prompt();
    }

    /// Brings `on_line` on line, makes `group` the group, and demands that `able`, those who can, become
    /// equal.
    pub(super) fn heal(
        &mut self,
        group: &BTreeSet<usize>,
        on_line: &BTreeSet<usize>,
        able: &BTreeSet<usize>,
        everything: bool,
    ) -> Result<(), String> {
        for member in on_line {
            self.world.log_on(*member);
            self.world.act(*member, Act::SetEnabled(true));
        }
        let candidates: Vec<usize> = able.iter().copied().collect();
        let stays = self.world.leader().filter(|leader| able.contains(leader));
        let leader = stays.or_else(|| self.dice.of(&candidates).copied()).unwrap_or(0);
        if self.base.regroup {
            self.world.set_group(&BTreeSet::new(), leader);
        }
        self.world.set_group(group, leader);
        let began = self.world.now();
        let bound = self.heal_ms();
        loop {
            self.world.advance(LOOK_EVERY_MS)?;
            let Err(why) = self.is_healed(leader, able, everything) else { break };
            if self.world.now() > began + bound {
                return Err(format!("not equal within {} s: {why}", bound / 1000));
            }
        }
        self.heal_ms.push(self.world.now() - began);
        for member in able {
            self.world.check_author(*member);
            self.world.check_logs(*member);
        }
        self.world.advance(0)
    }

    /// How long healing may take, in milliseconds.
    pub(super) fn heal_ms(&self) -> u64 {
        let oracle = &self.world.oracle;
        let entries = oracle.n_acknowledged() as u64;
        let is_once = oracle.nothing_went_back() && self.world.seen.count("user: policy") == 0;
        self.options.heal_ms(&self.base.bounds, entries, is_once)
    }

    /// Whether all hold the same in what their coordinator syncs, be it `leader` or somebody who started by
    /// hand; if not, who lacks what.
    pub(super) fn is_healed(
        &mut self,
        leader: usize,
        able: &BTreeSet<usize>,
        everything: bool,
    ) -> Result<(), String> {
        let model = able.iter().copied().find(|one| self.coordinates(*one)).unwrap_or(leader);
        let profiles = self.world.profiles(model);
        let ids: Vec<ProfileId> = match self.options.config.scope {
            Scope::Active => vec![profiles.active_id()],
            _ => profiles.iter().map(|log| log.profile().id).collect(),
        };
        for id in ids {
            let digest = self.world.profiles(model).get(&id).map(Log::digest);
            for member in able {
                let log = self.world.profiles(*member).get(&id);
                if log.map(Log::digest) != digest {
                    let of = |member| self.world.profiles(member).get(&id).map_or(0, Log::len);
                    return Err(format!(
                        "member {member} has {} entries of profile {}, the coordinator, {model}, {}",
                        of(*member),
                        id.short(),
                        of(model)
                    ));
                }
            }
            // All have what the coordinator has.
            if everything {
                self.world.check_complete(model, &id)?;
            }
        }
        Ok(())
    }

    /// Equal members with nothing to do are nearly silent; one of them coordinates, nothing is awaited
    /// and nothing that the channel refused is still to be sent.
    pub(super) fn quiet(&mut self, able: &BTreeSet<usize>) -> Result<(), String> {
        self.come_to_rest(able)?;
        self.world.advance(QUIET_AFTER_MS)?;
        let n_profiles = |member: &usize| self.world.profiles(*member).iter().count() as u64;
        let most = self.base.bounds.quiet_frames * able.iter().map(n_profiles).max().unwrap_or(1);
        let mut n = self.quiet_minute()?;
        if let Err(term) = n {
            // The leader took its term back, as it may every ten minutes: that is one round of answers.
            n = self.quiet_minute()?.map_err(|_| term);
        }
        match n {
            Ok(n) if n <= most => {}
            Ok(n) => {
                return Err(format!(
                    "{n} frames in a minute in which nothing happened, {most} may be"
                ));
            }
            Err(term) => return Err(format!("terms follow each other in a quiet group: {term}")),
        }
        let coordinators: Vec<usize> =
            able.iter().copied().filter(|one| self.coordinates(*one)).collect();
        if able.len() > 1 && coordinators.len() != 1 {
            return Err(format!("in a quiet group {coordinators:?} coordinate"));
        }
        for member in able {
            let replica = self.world.member(*member).replica();
            if replica.is_some_and(|replica| !replica.is_settled()) {
                return Err(format!("member {member} still waits for something in a quiet group"));
            }
            let owes = self.world.owes(*member);
            if owes > 0 {
                return Err(format!("member {member} never sent {owes} frames that were refused"));
            }
        }
        Ok(())
    }

    /// The frames of a minute; `Err` with the present term if that began in it.
    fn quiet_minute(&mut self) -> Result<Result<u64, u64>, String> {
        let term = |world: &World| {
            let replicas = (0..world.len()).filter_map(|one| world.member(one).replica());
            replicas.filter_map(Replica::epoch).map(|epoch| epoch.term).max().unwrap_or(0)
        };
        let (before, began) = (self.world.trace.frames, term(&self.world));
        self.world.advance(60_000)?;
        let (n, now) = (self.world.trace.frames - before, term(&self.world));
        Ok(if now == began { Ok(n) } else { Err(now) })
    }

    /// What was on its way when all had become equal arrives, though nobody needs it any more; and if
    /// nobody coordinates, somebody takes over.
    fn come_to_rest(&mut self, able: &BTreeSet<usize>) -> Result<(), String> {
        let bound = self.heal_ms().max(self.succession_ms());
        let began = self.world.now();
        while let Some(why) = self.unrest(able) {
            if self.world.now() > began + bound {
                return Err(format!("{why} after {} s", bound / 1000));
            }
            self.world.advance(1_000)?;
        }
        Ok(())
    }

    fn unrest(&self, able: &BTreeSet<usize>) -> Option<String> {
        let rests = |one: usize| self.world.member(one).replica().is_none_or(Replica::is_settled);
        if let Some(member) = able.iter().find(|one| !rests(**one)) {
            return Some(format!("member {member} still waits for something"));
        }
        let n = able.iter().filter(|one| self.coordinates(**one)).count();
        (able.len() > 1 && n != 1).then(|| format!("{n} members coordinate"))
    }

    /// How long a group may be without a coordinator that answers, in milliseconds.
    pub(super) fn succession_ms(&self) -> u64 {
        let bounds = &self.base.bounds;
        bounds.succession_ms + self.world.len() as u64 * bounds.rank_ms
    }
}
