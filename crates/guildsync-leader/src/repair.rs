//! Gap repair: a live entry that came without those before it, or behind a fork, is asked for.

use std::collections::BTreeMap;

use guildsync_types::{MemberName, ProfileId, Time, WriterId};

use crate::event::Action;
use crate::message::{Message, To};

/// Repairs under way, one a writer and profile.
#[derive(Debug, Clone, Default)]
pub(crate) struct Repairs(BTreeMap<(ProfileId, WriterId), Repair>);

#[derive(Debug, Clone)]
struct Repair {
    request: u64,
    first: u64,
    asked: MemberName,
    deadline: Time,
}

impl Repairs {
    pub(crate) fn deadline(&self) -> Option<Time> {
        self.0.values().map(|repair| repair.deadline).min()
    }

    /// Asks `whom` for a writer's entries from `first` on, unless that is under way.
    pub(crate) fn ask(
        &mut self,
        profile: ProfileId,
        (writer, first): (WriterId, u64),
        request: u64,
        whom: &MemberName,
        deadline: Time,
        out: &mut Vec<Action>,
    ) {
        if self.0.get(&(profile, writer)).is_some_and(|repair| repair.first <= first) {
            return;
        }
        let repair = Repair { request, first, asked: whom.clone(), deadline };
        out.push(repair.message(profile, writer));
        self.0.insert((profile, writer), repair);
    }

    /// Forgets repairs of writers whose entries have come.
    pub(crate) fn settle(&mut self, profile: ProfileId, added: &BTreeMap<WriterId, (u64, u64)>) {
        self.0.retain(|&(p, writer), _| p != profile || !added.contains_key(&writer));
    }

    /// Asks `fallback` where an answer is overdue, once; then the next announcement has to do.
    pub(crate) fn advance(
        &mut self,
        now: Time,
        fallback: Option<&MemberName>,
        answer_ms: u64,
        out: &mut Vec<Action>,
    ) {
        self.0.retain(|&(profile, writer), repair| {
            if repair.deadline > now {
                return true;
            }
            let Some(other) = fallback.filter(|&other| *other != repair.asked) else {
                return false;
            };
            repair.asked = other.clone();
            repair.deadline = now + answer_ms;
            out.push(repair.message(profile, writer));
            true
        });
    }
}

impl Repair {
    fn message(&self, profile: ProfileId, writer: WriterId) -> Action {
        Action::Send {
            to: To::Member(self.asked.clone()),
            message: Message::RequestMyMissing {
                profile,
                request: self.request,
                to_group: false,
                wants: vec![(writer, self.first)],
            },
        }
    }
}
