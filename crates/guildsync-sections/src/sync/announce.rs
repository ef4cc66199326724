//! Who has which versions: said, and heard.

use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{MemberName, Time};

use super::SectionSync;
use super::spread::BURST_FRAMES;
use super::trickle::Trickle;
use crate::event::{Action, Ctx, To};
use crate::message::{Announced, Message};
use crate::rights::Deed;
use crate::shelf::Shelf;

impl SectionSync {
    /// Says soon what is here: somebody may lack it.
    pub(super) fn start_announcing(&mut self, now: Time) {
        let shortest = self.shortest();
        if self.trickle.is_none_or(|trickle| !trickle.is_fresh(shortest)) {
            let draw = self.draw();
            self.trickle = Some(Trickle::start(now, shortest, draw));
        }
    }

    /// The shortest interval: larger raids take longer, or several would speak before they hear the first.
    pub(super) fn shortest(&self) -> u64 {
        let times = &self.config.times;
        times.announce_min.max(times.spread_each * self.raid.members.len() as u64)
    }

    pub(super) fn tick_announcements(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        let longest = self.config.times.announce_max.max(self.shortest());
        let draw = self.draw_if_due(ctx.now);
        let is_due = self.trickle.as_mut().is_some_and(|one| one.tick(ctx.now, longest, draw));
        let is_confirmed = self.confirm.iter().any(|due| *due <= ctx.now);
        self.confirm.retain(|due| *due > ctx.now);
        // What is on its way to all says more than its digest does, and must not wait for that.
        let is_streaming = self.streaming.iter().any(|stream| stream.until > ctx.now);
        if !self.unsaid.is_empty() || !((is_due && !is_streaming) || is_confirmed) {
            return;
        }
        match self.queued(ctx, BURST_FRAMES) {
            0 => self.announce(ctx, out),
            // In a chat that is locked one announcement after the other would wait for its end.
            queued => self.trickle.iter_mut().for_each(|trickle| trickle.put_off(ctx.now + queued)),
        }
    }

    /// How long what waits to be sent will take, less so many frames, in milliseconds; 0: it can be sent now.
    pub(super) fn queued(&self, ctx: Ctx<'_>, frames: usize) -> u64 {
        let queued = ctx.backlog_frames.saturating_sub(frames) as u64;
        if queued == 0 { 0 } else { (queued * self.frame_ms).max(1) }
    }

    fn draw_if_due(&mut self, now: Time) -> u64 {
        let is_due = self.trickle.is_some_and(|trickle| trickle.deadline() <= now);
        if is_due { self.draw() } else { 0 }
    }

    /// Says which documents are here.
    pub(super) fn announce(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        if let Some(trickle) = &mut self.trickle {
            trickle.heard();
        }
        let list = announced(ctx.shelf);
        if !list.is_empty() {
            out.push(Action::Send { to: To::Raid, message: Message::Announce(list) });
        }
    }

    /// Somebody says which documents they have.
    pub(super) fn heard_announcement(
        &mut self,
        ctx: Ctx<'_>,
        from: &MemberName,
        list: &[Announced],
    ) {
        let mut they_lack = ctx
            .shelf
            .iter()
            .any(|held| list.iter().all(|announced| announced.document != held.id()));
        let mut we_lack = false;
        for announced in list {
            let Announced { document, digest, .. } = *announced;
            let held = ctx.shelf.get(document).map(|held| held.digest());
            if held == Some(digest) {
                self.agrees(document, from);
                continue;
            }
            let is_of_then = |held: &crate::Document| held.stamp() == announced.stamp;
            if planted(Bug::EqualStampsAreEqual) && ctx.shelf.get(document).is_some_and(is_of_then)
            {
                continue;
            }
            let known = self.known.entry(document).or_default();
            if held.is_some() && known.has(digest) {
                they_lack = true;
            } else if !known.has_refused(digest)
                || self.may(ctx.shelf, document, Deed::Publish, from)
            {
                we_lack = true;
                self.want(ctx, document, digest, from);
            }
        }
        if they_lack {
            self.start_announcing(ctx.now);
        } else if !we_lack && let Some(trickle) = &mut self.trickle {
            trickle.heard();
        }
    }
}

fn announced(shelf: &Shelf) -> Vec<Announced> {
    let announced = shelf.iter().map(|document| Announced {
        document: document.id(),
        digest: document.digest(),
        stamp: document.stamp(),
    });
    announced.take(Message::DOCUMENTS_MAX).collect()
}
