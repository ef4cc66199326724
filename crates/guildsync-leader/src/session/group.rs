//! The group that a member is in, and the order of its members that is the same for everyone.

use std::collections::BTreeSet;

use guildsync_types::MemberName;

use crate::message::MemberTag;

/// A group as the game tells it.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) members: BTreeSet<MemberName>,
    pub(super) leader: MemberName,
    /// The members by their tags. Worked out once: every step asks for somebody's place in it.
    by_tag: Vec<MemberName>,
}

impl Group {
    pub(super) fn new(members: BTreeSet<MemberName>, leader: MemberName) -> Self {
        let mut by_tag: Vec<MemberName> = members.iter().cloned().collect();
        by_tag.sort_by_cached_key(MemberTag::of);
        Self { members, leader, by_tag }
    }

    /// Whether there is anybody else in it.
    pub(super) fn is_shared(&self) -> bool {
        self.members.len() > 1
    }

    /// The others, in the order in which `me` asks them for help.
    pub(super) fn others(&self, me: &MemberName) -> Vec<MemberName> {
        self.by_tag.iter().filter(|&member| member != me).cloned().collect()
    }

    /// How many members would take over from `gone` before `me`: the leader is first.
    pub(super) fn before(&self, me: &MemberName, gone: Option<&MemberName>) -> Option<usize> {
        let place = self.by_tag.iter().position(|member| member == me)?;
        if *me == self.leader {
            return Some(0);
        }
        let (earlier, later) = self.by_tag.split_at(place);
        let leader_is_later = later.contains(&self.leader) && gone != Some(&self.leader);
        let gone_is_earlier = gone.is_some_and(|gone| earlier.contains(gone));
        Some(place + usize::from(leader_is_later) - usize::from(gone_is_earlier))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(n: usize) -> MemberName {
        MemberName::from_entry(&format!("Member{n}")).unwrap()
    }

    /// The order as it is meant: all but the one who is gone, the leader first, the others by tag.
    fn spelled_out(group: &Group, me: &MemberName, gone: Option<&MemberName>) -> Option<usize> {
        let mut able: Vec<&MemberName> =
            group.members.iter().filter(|&member| Some(member) != gone).collect();
        able.sort_by_key(|&member| (*member != group.leader, MemberTag::of(member)));
        able.iter().position(|&member| member == me)
    }

    #[test]
    fn whoever_takes_over_stands_in_the_same_order_for_everyone() {
        for leader in 0..9 {
            // A game may tell a leader that is not in the group any more.
            let members: BTreeSet<MemberName> = (0..8).map(name).collect();
            let leads = members.contains(&name(leader));
            let group = Group::new(members.clone(), name(leader));
            for gone in std::iter::once(None).chain((0..9).map(|n| Some(name(n)))) {
                for me in members.iter().filter(|&me| Some(me) != gone.as_ref()) {
                    let expected = spelled_out(&group, me, gone.as_ref());
                    assert_eq!(group.before(me, gone.as_ref()), expected, "{leads} {gone:?} {me}");
                }
            }
        }
    }
}
