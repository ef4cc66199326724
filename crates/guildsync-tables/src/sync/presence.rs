//! Who is there, and how they are.

use std::collections::BTreeSet;

use guildsync_types::MemberName;
use guildsync_types::bugs::{Bug, planted};

use super::TableSync;
use crate::config::Mode;
use crate::event::{Action, Ctx, To};
use crate::message::{Message, Status};
use crate::report::{Failure, Outcome};

impl TableSync {
    /// These members are on the channel now.
    pub(super) fn set_online(
        &mut self,
        ctx: Ctx<'_>,
        members: BTreeSet<MemberName>,
        out: &mut Vec<Action>,
    ) {
        let came: Vec<MemberName> = members.difference(&self.online).cloned().collect();
        self.online = members;
        let gone: Vec<MemberName> =
            self.sessions.keys().filter(|peer| !self.online.contains(*peer)).cloned().collect();
        for peer in gone {
            self.with(ctx, &peer, out, |_, _| Some(Outcome::Failed(Failure::Gone)));
        }
        for member in came {
            self.go_on_with(&member);
        }
    }

    /// A member is there again: what was interrupted goes on.
    fn go_on_with(&mut self, member: &MemberName) {
        if self.saved.unfinished.contains_key(member) && !planted(Bug::UnfinishedForgotten) {
            // The unfinished session knows how far back it looks.
            self.enqueue(member.clone(), Mode::All);
        }
    }

    /// Somebody says how it is, and asks how others are.
    pub(super) fn was_asked(&mut self, from: MemberName, status: Status, out: &mut Vec<Action>) {
        let last_sync = self.saved.synced.values().max().copied();
        let message = Message::Presence { status: self.status(), last_sync };
        out.push(Action::Send { to: To::Member(from.clone()), message });
        self.is_present(from, status, None, out);
    }

    /// Somebody says how it is.
    pub(super) fn is_present(
        &mut self,
        from: MemberName,
        status: Status,
        last_sync: Option<u64>,
        out: &mut Vec<Action>,
    ) {
        if status == Status::Ready && self.online.contains(&from) {
            self.go_on_with(&from);
        }
        out.push(Action::Presence { member: from, status, last_sync });
    }
}
