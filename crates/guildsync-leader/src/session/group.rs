//! The group that a member is in, and the order of its members that is the same for everyone.

use std::collections::BTreeSet;

use guildsync_types::MemberName;

use crate::message::MemberTag;

/// A group as the game tells it.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) members: BTreeSet<MemberName>,
    pub(super) leader: MemberName,
    /// The members by their tags.
    by_tag: Vec<MemberName>,
    /// Where in that order this member and the leader are. Worked out once: every step asks for it.
    my_place: Option<usize>,
    leader_place: Option<usize>,
}

impl Group {
    /// The group of `me`.
    pub(super) fn new(me: &MemberName, members: BTreeSet<MemberName>, leader: MemberName) -> Self {
        let mut by_tag: Vec<MemberName> = members.iter().cloned().collect();
        by_tag.sort_by_cached_key(MemberTag::of);
        let place = |name: &MemberName| by_tag.iter().position(|member| member == name);
        let (my_place, leader_place) = (place(me), place(&leader));
        Self { members, leader, by_tag, my_place, leader_place }
    }

    /// Whether there is anybody else in it.
    pub(super) fn is_shared(&self) -> bool {
        self.members.len() > 1
    }

    /// The others, in the order in which `me` asks them for help.
    pub(super) fn others(&self, me: &MemberName) -> Vec<MemberName> {
        self.by_tag.iter().filter(|&member| member != me).cloned().collect()
    }

    /// How many members would take over from `gone` before this one: the leader is first.
    pub(super) fn before_me(&self, gone: Option<&MemberName>) -> Option<usize> {
        let place = self.my_place?;
        if self.leader_place == Some(place) {
            return Some(0);
        }
        let leader_is_gone = gone == Some(&self.leader);
        let gone_is_earlier = match gone {
            Some(_) if leader_is_gone => self.leader_place.is_some_and(|leader| leader < place),
            Some(gone) => self.by_tag[..place].contains(gone),
            None => false,
        };
        let leader_is_later = !leader_is_gone && self.leader_place > Some(place);
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
            for me in &members {
                let group = Group::new(me, members.clone(), name(leader));
                for gone in std::iter::once(None).chain((0..9).map(|n| Some(name(n)))) {
                    if gone.as_ref() != Some(me) {
                        let expected = spelled_out(&group, me, gone.as_ref());
                        let before = group.before_me(gone.as_ref());
                        assert_eq!(before, expected, "{leads} {gone:?} {me}");
                    }
                }
            }
        }
    }
}
