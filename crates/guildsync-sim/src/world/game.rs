//! What the game knows and tells: who is on line, who is in the group, who leads it.
//!
//! Every member is told at a moment of its own, but never older news after newer.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use guildsync::Input;

use super::{Roster, What, World};

impl World {
    /// The group is now these members, led by `leader`. Everyone concerned is told.
    pub fn set_group(&mut self, members: &BTreeSet<usize>, leader: usize) {
        let concerned: BTreeSet<usize> = self.group.union(members).copied().collect();
        self.group = members.clone();
        self.leader = members.contains(&leader).then_some(leader);
        self.publish(&concerned);
    }

    /// A member joins the group.
    pub fn join(&mut self, member: usize) {
        if self.group.insert(member) {
            self.leader.get_or_insert(member);
            self.publish(&self.group.clone());
        }
    }

    /// A member leaves the group. If it led, the game makes somebody on line leader.
    pub fn leave(&mut self, member: usize) {
        let concerned = self.group.clone();
        if self.group.remove(&member) {
            if self.leader == Some(member) {
                self.leader = self.somebody_on_line();
            }
            self.publish(&concerned);
        }
    }

    /// Makes a member of the group its leader.
    pub fn set_leader(&mut self, member: usize) {
        if self.group.contains(&member) && self.leader != Some(member) {
            self.leader = Some(member);
            self.publish(&self.group.clone());
        }
    }

    /// Who is in the group.
    #[must_use]
    pub fn group(&self) -> &BTreeSet<usize> {
        &self.group
    }

    /// Who leads it.
    #[must_use]
    pub fn leader(&self) -> Option<usize> {
        self.leader
    }

    /// A member leaves the game: its program ends as after a crash, its place in the group stays. If it
    /// led, the game makes somebody on line leader.
    pub fn log_off(&mut self, member: usize) {
        self.members[member].online = false;
        self.kill(member);
        if self.leader == Some(member)
            && let Some(next) = self.somebody_on_line()
        {
            self.set_leader(next);
        }
    }

    /// A member is in the game again, and its program starts.
    pub fn log_on(&mut self, member: usize) {
        self.members[member].online = true;
        self.start(member);
    }

    /// Gives everyone on line in the group a frame as if `from` had sent it.
    pub fn inject(&mut self, from: usize, frame: &Bytes) {
        let others = self.group.iter().filter(|other| **other != from);
        for to in others.copied().collect::<Vec<_>>() {
            self.at(self.now + 50, What::Arrive { to, from, frame: frame.clone() });
        }
    }

    fn somebody_on_line(&self) -> Option<usize> {
        self.group.iter().copied().find(|member| self.members[*member].online)
    }

    fn publish(&mut self, concerned: &BTreeSet<usize>) {
        let name = |member: &usize| self.members[*member].name.clone();
        let members = self.group.iter().map(name).collect();
        let leader = self.leader.as_ref().map(name);
        self.told = Arc::new(Roster { members, leader });
        concerned.iter().for_each(|member| self.tell(*member));
    }

    /// Queues the present news for a member.
    pub(super) fn tell(&mut self, member: usize) {
        let (short, long) = self.setup.tell_ms;
        let at = self.now + self.dice.between(short, long);
        let one = &mut self.members[member];
        one.told_at = one.told_at.max(at);
        let (at, roster) = (one.told_at, Arc::clone(&self.told));
        self.at(at, What::Told { member, roster });
    }

    pub(super) fn hear_game(&mut self, member: usize, roster: &Roster) {
        if !self.members[member].online {
            return;
        }
        self.hear_of_assistants(member);
        let input = match &roster.leader {
            Some(leader) if roster.members.contains(&self.members[member].name) => {
                Input::Group { members: roster.members.clone(), leader: leader.clone() }
            }
            _ => Input::Left,
        };
        self.give(member, input);
    }
}
