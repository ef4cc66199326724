//! The cursor: which section is on everyone's screen.
//!
//! It is said by whoever moves it and by nobody else, twice since one frame is easily lost, a third time when it
//! has stayed for a while, and again when somebody joins or the document changes. It is never kept: after a
//! restart there is none.
//!
//! The latest stamp counts. Whoever moves the cursor with a clock that runs behind and has not heard of the
//! latest stamp is told it, and says the cursor again with a later one.

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
    /// When that was first heard of here.
    latest_at: Time,
    /// Where this member has put it, and when, unless somebody else has moved it since.
    mine: Option<(Time, Cursor)>,
    /// When to say that again.
    again: Vec<Time>,
    /// Where somebody has put it in a version that is not here yet.
    pending: Option<(MemberName, Cursor)>,
    /// When to say that somebody's cursor is older than the latest, unless the others hear so before.
    tell: Option<Time>,
}

/// The last second of which a stamp counts: there has to be room for later ones.
const SECONDS_MAX: u64 = Stamp::SECONDS_MAX - 366 * 86_400;
const TOO_LATE: &str = "a cursor of the end of time: check the clock";

impl Pointing {
    pub(super) fn deadline(&self) -> Option<Time> {
        self.again.first().copied().into_iter().chain(self.tell).min()
    }

    /// Whether it has been said twice: the third time is for whoever missed both.
    pub(super) fn is_quiet(&self) -> bool {
        self.again.len() < 2
    }

    /// Somebody has put the cursor somewhere.
    fn moved(&mut self, now: Time, moved: (Stamp, String)) {
        if self.latest != moved {
            (self.latest, self.latest_at) = (moved, now);
        }
        self.mine = None;
        self.again.clear();
        self.pending = None;
        self.tell = None;
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
        let cursor = Cursor { document, digest: held.digest(), section, stamp: Stamp::ZERO };
        out.push(Action::Show { document, section, by: from });
        self.say_mine(ctx, ctx.now, cursor, out);
    }

    /// Says where this member put the cursor, `at` which moment, with a stamp beyond all others.
    fn say_mine(&mut self, ctx: Ctx<'_>, at: Time, cursor: Cursor, out: &mut Vec<Action>) {
        let clock = Time(ctx.clock.saturating_mul(1000)).stamp();
        let stamp = Stamp::next(self.pointing.latest.0, clock);
        let cursor = Cursor { stamp, ..cursor };
        self.pointing.moved(at, (stamp, self.me.folded()));
        self.pointing.mine = Some((at, cursor));
        if self.takes_part() {
            out.push(Action::Send { to: To::Raid, message: Message::Cursor(cursor) });
            self.point_again(ctx.now);
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
        let mine = self.pointing.mine.as_mut().map(|(_, mine)| mine);
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
        if self.pointing.again.first().is_some_and(|again| *again <= ctx.now) {
            self.pointing.again.retain(|again| *again > ctx.now);
            if let Some((_, mine)) = self.pointing.mine {
                out.push(Action::Send { to: To::Raid, message: Message::Cursor(mine) });
            }
        }
        if self.pointing.tell.take_if(|tell| *tell <= ctx.now).is_some() {
            let stamp = self.pointing.latest.0;
            let ago = ctx.now.since(self.pointing.latest_at).div_ceil(1000);
            let seconds = u32::try_from(ago).unwrap_or(u32::MAX);
            out.push(Action::Send { to: To::Raid, message: Message::Later { stamp, seconds } });
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
        if moved < self.pointing.latest && !planted(Bug::CursorByArrival) {
            // Overtaken on its way, most often, as its mover will hear from who overtook it.
            if self.pointing.tell.is_none() {
                let soon = self.config.times.yield_to + self.draw() % self.shortest().max(1);
                self.pointing.tell = Some(ctx.now + soon);
            }
            return;
        }
        if stamp.seconds() > SECONDS_MAX {
            return Self::nonsense(&from, TOO_LATE, out);
        }
        self.pointing.tell = None;
        if moved == self.pointing.latest && !repeats {
            return;
        }
        let held = ctx.shelf.get(document);
        let known = self.known.get(&document);
        if held.is_some_and(|held| held.digest() == digest) {
            self.pointing.moved(ctx.now, moved);
            self.show(ctx, from, cursor, out);
        } else if held.is_some() && known.is_some_and(|known| known.has(digest)) {
            // Whoever moved it has an older version. It says so again once it has this one.
            self.start_announcing(ctx.now);
        } else {
            self.pointing.moved(ctx.now, moved);
            self.pointing.pending = Some((from.clone(), cursor));
            self.want(ctx, document, digest, &from);
        }
    }

    /// Somebody has heard a cursor that is older than the latest of which they know. If that is this
    /// member's and was moved after the latest was heard of, its clock runs behind.
    pub(super) fn heard_of_later(
        &mut self,
        ctx: Ctx<'_>,
        from: &MemberName,
        stamp: Stamp,
        seconds: u32,
        out: &mut Vec<Action>,
    ) {
        if stamp.seconds() > SECONDS_MAX {
            return Self::nonsense(from, TOO_LATE, out);
        }
        if stamp >= self.pointing.latest.0 {
            self.pointing.tell = None;
        }
        let Some((at, mine)) = self.pointing.mine.filter(|(_, mine)| mine.stamp < stamp) else {
            return;
        };
        let moved_at = Time(ctx.now.0.saturating_sub(u64::from(seconds) * 1000));
        // Nobody is named: whoever it was counts when they say it again.
        self.pointing.moved(moved_at, (stamp, String::new()));
        if moved_at <= at {
            self.say_mine(ctx, at, mine, out);
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
