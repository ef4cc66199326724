//! What a coordinator announces, under which name, and to whom it announces it again.

use std::collections::BTreeMap;

use guildsync_types::{MemberName, ProfileId, Time};

use super::Session;
use crate::announcements::Announcement;
use crate::coordination::{Announce, Coordination, announcement};
use crate::event::{Action, Ctx};
use crate::message::{Announced, Epoch, Message, Named, To};
use crate::requests::profile_tag;

/// The term that a member coordinates.
#[derive(Debug, Clone)]
pub(super) struct Leading {
    pub(super) epoch: Epoch,
    n_announced: u64,
    /// What was last announced again to somebody who asked for it.
    repeated: Option<Repeated>,
    pub(super) profiles: BTreeMap<ProfileId, Coordination>,
}

/// An announcement that was made again.
#[derive(Debug, Clone)]
struct Repeated {
    at: Announced,
    since: Time,
    to_group: bool,
}

impl Leading {
    /// A term in which nothing has been announced yet; its announcements are numbered behind `n_announced`.
    pub(super) fn new(
        epoch: Epoch,
        n_announced: u64,
        profiles: BTreeMap<ProfileId, Coordination>,
    ) -> Self {
        Self { epoch, n_announced, repeated: None, profiles }
    }

    /// Who is to hear an announcement that `from` asks for: whoever asks first, by whisper; when others
    /// do within the window, too, the whole group, once.
    pub(super) fn repeat_to(
        &mut self,
        at: Announced,
        from: &MemberName,
        now: Time,
        window_ms: u64,
    ) -> Option<To> {
        match &mut self.repeated {
            Some(last) if last.at == at && now < last.since + window_ms => {
                let is_first = !std::mem::replace(&mut last.to_group, true);
                is_first.then_some(To::Group)
            }
            _ => {
                self.repeated = Some(Repeated { at, since: now, to_group: false });
                Some(To::Member(from.clone()))
            }
        }
    }

    pub(super) fn is_draining(&self) -> bool {
        self.profiles.values().all(Coordination::is_draining)
    }
}

impl Session {
    /// Announces a profile: under a new name if what is here has changed since it was announced.
    pub(super) fn announce(
        &mut self,
        ctx: Ctx<'_>,
        leading: &mut Leading,
        profile: ProfileId,
        announce: Announce,
        out: &mut Vec<Action>,
    ) {
        let Some(log) = ctx.profiles.get(&profile) else { return };
        let now = announcement(log, self.pace);
        let before = self.announcements.newest(profile);
        let same = before
            .filter(|(at, known)| at.term == leading.epoch.term && known.digest == now.digest);
        let (at, heads) = match same {
            Some((at, _)) if !announce.whole => (at, None),
            Some((at, known)) => (at, Some(known.heads.clone())),
            None => {
                leading.n_announced += 1;
                let at = Announced { term: leading.epoch.term, n: leading.n_announced };
                let heads = now.heads.clone();
                self.announcements.insert(at, now.clone());
                (at, Some(heads))
            }
        };
        let named = match announce.whole {
            true => Named::Whole(log.profile().clone()),
            false => Named::Tag(profile_tag(profile)),
        };
        let message = Message::ProfileAnnounce {
            at,
            profile: named,
            switch: profile == ctx.profiles.active_id(),
            answer: announce.answer,
            digest: now.digest,
            heads,
        };
        self.heard = ctx.now;
        out.push(Action::Send { to: announce.to, message });
    }

    /// An announcement as it was given, for whoever missed it.
    pub(super) fn announced_before(&self, ctx: Ctx<'_>, at: Announced) -> Option<Message> {
        let known: &Announcement = self.announcements.get(at)?;
        let log = ctx.profiles.get(&known.profile)?;
        Some(Message::ProfileAnnounce {
            at,
            profile: Named::Whole(log.profile().clone()),
            switch: known.profile == ctx.profiles.active_id(),
            answer: false,
            digest: known.digest,
            heads: Some(known.heads.clone()),
        })
    }
}
