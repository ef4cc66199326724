//! The cursor: which section is on everyone's screen.
//!
//! It is said by whoever moves it and by nobody else, repeated once since one frame is easily lost, and
//! said again when somebody joins or the document changes. It is never kept: after a restart there is none.

use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{Digest, MemberName, Stamp, Time};

use super::SectionSync;
use crate::event::{Action, Ctx, Refusal, To};
use crate::message::{Cursor, Message};
use crate::name::{DocumentId, SectionId};
use crate::rights::Deed;

/// The cursor as this member knows it.
#[derive(Debug, Default)]
pub(super) struct Pointing {
    /// The latest stamp that was seen, and the folded name of whoever moved the cursor then: of two who
    /// do so in one second, the one whose name comes later counts, everywhere.
    latest: (Stamp, String),
    /// Where this member has put it, unless somebody else has moved it since.
    mine: Option<Cursor>,
    /// When to say that again.
    again: Vec<Time>,
    /// Where somebody has put it in a version that is not here yet.
    pending: Option<(MemberName, Cursor)>,
}

impl Pointing {
    pub(super) fn deadline(&self) -> Option<Time> {
        self.again.first().copied()
    }

    /// Whether everyone has been told, but for whoever missed it twice.
    pub(super) fn is_quiet(&self) -> bool {
        self.again.len() < 2
    }
}

impl SectionSync {
    /// The user turns everyone's screen to a section.
    pub(super) fn point(
        &mut self,
        ctx: Ctx<'_>,
        document: DocumentId,
        section: SectionId,
        out: &mut Vec<Action>,
    ) {
        let from = self.me.clone();
        let held = ctx.shelf.get(document);
        let Some(held) = held.filter(|held| held.section(section).is_some()) else {
            return out.push(Action::Refuse { from, why: Refusal::NotHere(document) });
        };
        if self.takes_part() && !self.may(ctx.shelf, document, Deed::Point, &from) {
            let who = self.who_may(ctx.shelf, document, Deed::Point).clone();
            let why = Refusal::NotAllowed { document, deed: Deed::Point, who };
            return out.push(Action::Refuse { from, why });
        }
        let clock = Time(ctx.clock.saturating_mul(1000)).stamp();
        let stamp = Stamp::next(self.pointing.latest.0, clock);
        let cursor = Cursor { document, digest: held.digest(), section, stamp };
        self.pointing.latest = (stamp, from.folded());
        self.pointing.pending = None;
        self.pointing.mine = Some(cursor);
        out.push(Action::Show { document, section, by: from });
        if self.takes_part() {
            out.push(Action::Send { to: To::Raid, message: Message::Cursor(cursor) });
            self.pointing.again = self.config.times.cursor_again.map(|ms| ctx.now + ms).to_vec();
        }
    }

    /// Says the cursor again soon: somebody may not know it.
    pub(super) fn point_again(&mut self, now: Time) {
        if self.pointing.mine.is_some() {
            self.pointing.again = self.config.times.cursor_again.map(|ms| now + ms).to_vec();
        }
    }

    /// The document on screen changed here: the cursor is in its new version.
    pub(super) fn point_to_new_version(
        &mut self,
        ctx: Ctx<'_>,
        document: DocumentId,
        digest: Digest,
    ) {
        let mine = self.pointing.mine.as_mut();
        if let Some(mine) = mine.filter(|mine| mine.document == document && mine.digest != digest) {
            let is_here = |held: &crate::document::Document| held.section(mine.section).is_some();
            if ctx.shelf.get(document).is_some_and(is_here) {
                mine.digest = digest;
                self.point_again(ctx.now);
            } else {
                self.pointing.mine = None;
                self.pointing.again.clear();
            }
        }
    }

    pub(super) fn tick_cursor(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        if self.pointing.deadline().is_some_and(|again| again <= ctx.now) {
            self.pointing.again.retain(|again| *again > ctx.now);
            if let Some(mine) = self.pointing.mine {
                out.push(Action::Send { to: To::Raid, message: Message::Cursor(mine) });
            }
        }
    }

    /// Somebody turns everyone's screen to a section.
    pub(super) fn heard_cursor(
        &mut self,
        ctx: Ctx<'_>,
        from: MemberName,
        cursor: Cursor,
        out: &mut Vec<Action>,
    ) {
        let Cursor { document, digest, stamp, .. } = cursor;
        if !self.may(ctx.shelf, document, Deed::Point, &from) {
            return self.refuse(ctx, from, document, Deed::Point, out);
        }
        let is_pending = |(member, pending): &(MemberName, Cursor)| {
            *member == from && pending.section == cursor.section && pending.document == document
        };
        let repeats = self.pointing.pending.as_ref().is_some_and(is_pending);
        let moved = (stamp, from.folded());
        let is_old = moved < self.pointing.latest && !planted(Bug::CursorByArrival);
        if is_old || (moved == self.pointing.latest && !repeats) {
            return;
        }
        let held = ctx.shelf.get(document);
        let known = self.known.get(&document);
        if held.is_some_and(|held| held.digest() == digest) {
            self.pointing.latest = moved;
            self.pointing.mine = None;
            self.pointing.pending = None;
            self.show(ctx, from, cursor, out);
        } else if held.is_some() && known.is_some_and(|known| known.has(digest)) {
            // Whoever moved it has an older version. It says so again once it has this one.
            self.start_announcing(ctx.now);
        } else {
            self.pointing.latest = moved;
            self.pointing.mine = None;
            self.pointing.pending = Some((from.clone(), cursor));
            self.want(ctx, document, digest, &from);
        }
    }

    /// A new version is here: a cursor may have waited for it.
    pub(super) fn follow_pending(
        &mut self,
        ctx: Ctx<'_>,
        document: DocumentId,
        out: &mut Vec<Action>,
    ) {
        let known = self.known.get(&document);
        let is_here = |(_, cursor): &mut (MemberName, Cursor)| {
            cursor.document == document && known.is_some_and(|known| known.has(cursor.digest))
        };
        if let Some((from, cursor)) = self.pointing.pending.take_if(is_here) {
            self.show(ctx, from, cursor, out);
        }
    }

    fn show(&self, ctx: Ctx<'_>, by: MemberName, cursor: Cursor, out: &mut Vec<Action>) {
        let Cursor { document, section, .. } = cursor;
        let is_here = ctx.shelf.get(document).is_some_and(|held| held.section(section).is_some());
        if self.config.follow && is_here {
            out.push(Action::Show { document, section, by });
        }
    }
}
