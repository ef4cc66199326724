//! A member's side of an announcement: say what differs, and see to it that it comes.

use std::collections::BTreeMap;

use guildsync_log::Log;
use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{Digest, MemberName, ProfileId, Time};

use crate::announcements::{Announcement, Announcements, heads};
use crate::config::Config;
use crate::event::Action;
use crate::message::{Announced, Difference, Has, Message, To};
use crate::requests::{later, profile_tag};

/// What this member follows, by profile.
#[derive(Debug, Clone, Default)]
pub(crate) struct Following {
    profiles: BTreeMap<ProfileId, Follow>,
    /// When the last piece of something longer came.
    arriving: Option<Time>,
}

#[derive(Debug, Clone)]
struct Follow {
    at: Announced,
    coordinator: MemberName,
    digest: Digest,
    /// The term in which this member last said that it has it all.
    confirmed: Option<u64>,
    /// When to say again what differs.
    again: Option<(Time, u32)>,
    /// What came could not be read against what is here: chains may have been forked.
    in_doubt: bool,
}

impl Following {
    /// Nothing is awaited.
    pub(crate) fn is_settled(&self) -> bool {
        self.profiles.values().all(|follow| follow.again.is_none())
    }

    /// Whether a coordinator has been told what is missing here of a profile.
    pub(crate) fn awaits(&self, profile: ProfileId) -> bool {
        self.profiles.get(&profile).is_some_and(|follow| follow.again.is_some())
    }

    pub(crate) fn deadline(&self) -> Option<Time> {
        self.profiles.values().filter_map(|follow| follow.again).map(|(due, _)| due).min()
    }

    /// Pieces arrive: what is missing may be among them.
    pub(crate) fn progress(&mut self, now: Time, config: &Config) {
        self.arriving = Some(now);
        for (due, _) in self.profiles.values_mut().filter_map(|follow| follow.again.as_mut()) {
            *due = (*due).max(now + config.answer_ms);
        }
    }

    /// An announcement came; `log` is what this member has of the profile.
    pub(crate) fn announced(
        &mut self,
        now: Time,
        log: &Log,
        coordinator: &MemberName,
        (at, announcement): (Announced, &Announcement),
        answer: bool,
        config: &Config,
        out: &mut Vec<Action>,
    ) {
        let before = self.profiles.remove(&announcement.profile);
        let confirmed = before.as_ref().and_then(|before| before.confirmed);
        let has_said = before.as_ref().is_some_and(|before| before.at == at || confirmed.is_some());
        let mut follow = Follow {
            at,
            coordinator: coordinator.clone(),
            digest: announcement.digest,
            confirmed,
            again: None,
            in_doubt: before.is_some_and(|before| before.in_doubt),
        };
        let as_many = || log.len() as u64 >= announcement.heads.lasts.iter().map(|(_, n)| n).sum();
        if log.digest() == announcement.digest || planted(Bug::CountsEntries) && as_many() {
            follow.in_doubt = false;
            if answer || confirmed != Some(at.term) || planted(Bug::HeartbeatAnswered) {
                follow.confirmed = Some(at.term);
                follow.say(Has::Same, out);
            }
        } else if let Some(last) = self.arriving.filter(|last| now < *last + config.answer_ms)
            && has_said
            && !answer
        {
            // What differs is probably on its way: a reply now would make it come twice.
            follow.again = Some((last + config.answer_ms, 1));
        } else {
            let lacks = follow.say_has(log, announcement, out);
            follow.again = lacks.then_some((now + config.answer_ms, 1));
        }
        self.profiles.insert(announcement.profile, follow);
    }

    /// Entries came to a profile.
    pub(crate) fn advanced(
        &mut self,
        now: Time,
        log: &Log,
        announcements: &Announcements,
        config: &Config,
    ) {
        let Some(follow) = self.profiles.get_mut(&log.profile().id) else { return };
        if follow.again.is_none() && follow.confirmed == Some(follow.at.term) {
            // Nothing is awaited, and nothing that came is news to the coordinator.
            return;
        }
        let lacks_nothing = || {
            let known = announcements.get(follow.at);
            known.is_some_and(|known| known.is_within(&log.frontier()))
        };
        if log.digest() == follow.digest || lacks_nothing() {
            follow.confirmed = Some(follow.at.term);
            follow.again = None;
        } else if let Some((due, _)) = &mut follow.again {
            *due = (*due).max(now + config.answer_ms);
        }
    }

    /// What came for a profile could not be read: the coordinator is told exactly what is here.
    pub(crate) fn doubt(&mut self, now: Time, profile: ProfileId) {
        if let Some(follow) = self.profiles.get_mut(&profile)
            && !follow.in_doubt
        {
            follow.in_doubt = true;
            follow.again = Some((now, 0));
        }
    }

    /// Says again what differs. Returns the profiles of which a coordinator did not send what it
    /// announced, however often it was told.
    pub(crate) fn advance<'a>(
        &mut self,
        now: Time,
        config: &Config,
        log: impl Fn(ProfileId) -> Option<&'a Log>,
        announcement: impl Fn(Announced) -> Option<&'a Announcement>,
        out: &mut Vec<Action>,
    ) -> Vec<(ProfileId, Announced)> {
        let mut given_up = Vec::new();
        for (&profile, follow) in &mut self.profiles {
            let Some((_, attempt)) = follow.again.filter(|(due, _)| *due <= now) else { continue };
            follow.again = None;
            let (Some(log), Some(announcement)) = (log(profile), announcement(follow.at)) else {
                continue;
            };
            if attempt >= config.attempts {
                given_up.push((profile, follow.at));
                continue;
            }
            // A list of some writers, told once, did not help: chains may have been forked.
            follow.in_doubt |= announcement.heads.is_partial;
            let lacks = follow.say_has(log, announcement, out);
            let due = now + later(config.answer_ms, attempt);
            follow.again = lacks.then_some((due, attempt + 1));
        }
        given_up
    }
}

impl Follow {
    /// Says what is here; `true` when that lacks something, so that something has to come. Whoever
    /// only has more need not say it again: the next heartbeat asks.
    fn say_has(&self, log: &Log, announcement: &Announcement, out: &mut Vec<Action>) -> bool {
        let has = match self.in_doubt {
            true => listed(log, true),
            false => has(log, announcement),
        };
        let lacks = match &has {
            Has::Same => false,
            Has::Difference(difference) => !difference.behind.is_empty(),
            Has::Listed { .. } => true,
        };
        self.say(has, out);
        lacks
    }

    fn say(&self, has: Has, out: &mut Vec<Action>) {
        let message = Message::LogListReply { at: self.at, has };
        out.push(Action::Send { to: To::Member(self.coordinator.clone()), message });
    }
}

/// What `log` has, told against an announcement where that tells it.
fn has(log: &Log, announcement: &Announcement) -> Has {
    if log.digest() == announcement.digest {
        return Has::Same;
    }
    let frontier = log.frontier();
    let difference = announcement.difference(&frontier, &frontier);
    if planted(Bug::EqualNumbersAreEqual) && difference == Difference::default() {
        return Has::Same;
    }
    match difference == Difference::default() {
        // Equal numbers: chains may have been forked.
        true => listed(log, true),
        // In one frame, where marks would take another.
        false if announcement.heads.is_partial => listed(log, false),
        false => Has::Difference(difference),
    }
}

/// All that `log` has.
pub(crate) fn listed(log: &Log, marks: bool) -> Has {
    Has::Listed {
        profile: profile_tag(log.profile().id),
        digest: log.digest(),
        heads: heads(log, Message::ITEMS_MAX, marks),
    }
}
