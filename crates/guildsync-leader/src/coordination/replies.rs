//! What a member's reply means: what it has, what of that is known already, and which chains were forked.

use guildsync_log::Log;
use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{EntryId, MemberName, WriterId};

use super::{Coordination, GATHER_MS, QUIET_MS, Work};
use crate::announcements::{Holding, find, holding};
use crate::event::Stage;
use crate::message::{Announced, Has, Heads, Tag};

impl Coordination {
    /// A member said what it has.
    pub(crate) fn replied(
        &mut self,
        work: &mut Work<'_>,
        from: &MemberName,
        at: Announced,
        has: Has,
    ) {
        if self.draining {
            return;
        }
        let mine = work.log.frontier();
        let (has, forked) = match has {
            Has::Listed { heads, .. } => (holding(&heads.lasts, &mine), forked(work.log, &heads)),
            _ if at.term != self.term => return,
            Has::Same => match work.announcements.get(at) {
                Some(known) => (known.changed(&Default::default(), &mine), Vec::new()),
                None => return,
            },
            Has::Difference(difference) => match work.announcements.get(at) {
                Some(known) => (known.changed(&difference, &mine), Vec::new()),
                None => return,
            },
        };
        let Holding { frontier, unknown } = has;
        let Some(member) = self.members.get_mut(from) else { return };
        if planted(Bug::SilentForGood) && member.stage == Stage::Silent {
            return;
        }
        member.deadline = None;
        let nothing_new = mine.n_lacking(&frontier) == 0 && unknown.is_empty() && forked.is_empty();
        // Which chains were forked nobody else says.
        let is_being_served = member.stage == Stage::Current && forked.is_empty();
        if is_being_served || work.now < member.busy_until && nothing_new {
            return;
        }
        (member.frontier, member.unknown, member.forked) = (frontier, unknown, forked);
        // It answered late: what it lacks may have gone to the group meanwhile.
        self.broadcasts.retain(|broadcast| work.now < broadcast.until);
        for broadcast in self.broadcasts.iter().filter(|_| member.forked.is_empty()) {
            let holds_base = member.frontier.n_lacking(&broadcast.base) == 0;
            if holds_base && member.since < broadcast.sent {
                member.frontier = member.frontier.max(&broadcast.reaches);
                member.busy_until = member.busy_until.max(broadcast.until);
            }
        }
        // Of a forked chain it holds something else: nothing can be coded against that.
        for writer in &member.forked {
            member.frontier.set(*writer, 0);
        }
        if member.stage != Stage::Queued {
            self.queue.push_back(from.clone());
            self.stage(from, Stage::Queued, work.out);
        }
        if work.now < self.window {
            self.window = self.window.min(work.now + QUIET_MS);
            self.serve_at = Some(work.now);
        } else {
            self.serve_at = Some(self.serve_at.unwrap_or(work.now + GATHER_MS));
        }
    }
}

/// Writers of whom they hold another entry under a number than there is here: forked chains. Of what is
/// beyond the chain here nothing says that it follows it, so that counts as another line, too.
fn forked(log: &Log, theirs: &Heads) -> Vec<WriterId> {
    let mine = log.frontier();
    let differs = |(&(tag, seq), mark): (&(Tag, u64), &[u8; 4])| {
        let writer = find(&mine, tag)?;
        let here = log.entry_hash(EntryId { writer, seq });
        (!here.is_some_and(|hash| hash.0.starts_with(mark))).then_some(writer)
    };
    theirs.lasts.iter().zip(&theirs.marks).filter_map(differs).collect()
}
