//! Who is in the raid, who may do what, and who is told that they may not.

use guildsync_types::MemberName;

use super::SectionSync;
use super::cursor::Pointing;
use crate::event::{Action, Ctx, Refusal, To};
use crate::message::Message;
use crate::name::DocumentId;
use crate::rights::{Deed, Policy, Raid, Who};
use crate::shelf::Shelf;

impl SectionSync {
    /// Whether a member may do something with a document, as the raid is now: the document's policy, or
    /// this member's own for one that is not here.
    #[must_use]
    pub fn may(
        &self,
        shelf: &Shelf,
        document: DocumentId,
        deed: Deed,
        member: &MemberName,
    ) -> bool {
        self.who_may(shelf, document, deed).includes(member, &self.raid)
    }

    pub(super) fn who_may<'a>(
        &'a self,
        shelf: &'a Shelf,
        document: DocumentId,
        deed: Deed,
    ) -> &'a Who {
        let policy: Option<&Policy> = shelf.get(document).map(|held| &held.structure().policy);
        policy.map_or(&self.config.publish, |policy| policy.who(deed))
    }

    /// Whether there is anybody to talk to, and a wish to.
    pub(super) fn takes_part(&self) -> bool {
        self.config.enabled && self.raid.members.iter().any(|member| *member != self.me)
    }

    /// The raid is now so.
    pub(super) fn set_raid(&mut self, ctx: Ctx<'_>, raid: Raid) {
        let is_new = |member: &MemberName| !self.raid.members.contains(member);
        let somebody_came = raid.members.iter().any(|member| *member != self.me && is_new(member));
        let gone: Vec<MemberName> = self.raid.members.difference(&raid.members).cloned().collect();
        self.raid = raid;
        for member in gone {
            self.incoming.retain(|(from, ..), _| *from != member);
            self.pieces.remove(&member);
            self.serving.iter_mut().for_each(|one| one.askers.retain(|asker| *asker != member));
            self.serving.retain(|one| !one.askers.is_empty());
            self.wants.values_mut().for_each(|want| want.lost(ctx.now, &member));
        }
        if !self.takes_part() {
            self.trickle = None;
            self.confirm.clear();
            self.wants.clear();
            self.incoming.clear();
            self.unsaid.clear();
            self.streaming.clear();
            self.overheard.clear();
            self.serving.clear();
            self.pointing = Pointing::default();
        } else if somebody_came {
            self.start_announcing(ctx.now);
            self.point_again(ctx.now);
        }
    }

    /// Tells somebody that something was refused, rarely, and the user as well.
    pub(super) fn refuse(
        &mut self,
        ctx: Ctx<'_>,
        from: MemberName,
        document: DocumentId,
        deed: Deed,
        out: &mut Vec<Action>,
    ) {
        let who = self.who_may(ctx.shelf, document, deed).clone();
        let again = self.config.times.again;
        self.told.retain(|(at, ..)| ctx.now.since(*at) < again);
        if !self.told.iter().any(|(_, member, of)| *member == from && *of == document) {
            self.told.push_back((ctx.now, from.clone(), document));
            let message = Message::Refused { document, deed, who: who.clone() };
            out.push(Action::Send { to: To::Member(from.clone()), message });
            out.push(Action::Refuse { from, why: Refusal::NotAllowed { document, deed, who } });
        }
    }

    /// Tells the user of something that was sent and makes no sense.
    pub(super) fn nonsense(from: &MemberName, why: impl ToString, out: &mut Vec<Action>) {
        let why = Refusal::Nonsense(why.to_string());
        out.push(Action::Refuse { from: from.clone(), why });
    }
}
