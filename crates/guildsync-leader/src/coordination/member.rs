//! A member as its coordinator sees it.

use guildsync_log::Frontier;
use guildsync_types::{Time, WriterId};

use crate::announcements::find;
use crate::event::Stage;
use crate::message::Tag;

#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) stage: Stage,
    pub(super) frontier: Frontier,
    /// What it has of writers that the coordinator knows nothing of.
    pub(super) unknown: Vec<(Tag, u64)>,
    /// Chains that member and coordinator hold different branches of.
    pub(super) forked: Vec<WriterId>,
    /// When it is announced to again.
    pub(super) deadline: Option<Time>,
    pub(super) attempt: u32,
    /// Since when it is expected.
    pub(super) since: Time,
    /// Until when what it was sent may still be on its way.
    pub(super) busy_until: Time,
}

impl Member {
    /// Writers that were unknown here may not be any more.
    pub(super) fn learn(&mut self, mine: &Frontier) {
        let frontier = &mut self.frontier;
        self.unknown.retain(|&(tag, last)| match find(mine, tag) {
            Some(writer) => {
                frontier.set(writer, last.max(frontier.last(writer)));
                false
            }
            None => true,
        });
    }

    /// It is sent a writer's entries, and holds them then if it held those before.
    pub(super) fn gets(&mut self, writer: WriterId, first: u64, last: u64) {
        let held = self.frontier.last(writer);
        if held + 1 >= first && held < last {
            self.frontier.set(writer, last);
        }
    }
}
