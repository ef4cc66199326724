//! The entries that were asked for and have not come.
//!
//! Each is asked of one member at a time, with a deadline that grows with every attempt; whoever
//! does not answer is followed by the next that may have it. After the last attempt it is given up:
//! the next heartbeat finds it missing again.

use std::collections::BTreeMap;

use guildsync_log::{Frontier, Log};
use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{MemberName, ProfileId, Time, WriterId};

use crate::announcements::find;
use crate::config::Config;
use crate::event::Action;
use crate::message::{Answer, Base, MemberTag, Message, Tag, To, Want};

/// The most that may be open at a time.
const OPEN_MAX: usize = 64;

/// What this replica asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Requests {
    open: BTreeMap<(u32, MemberName), Request>,
    n_asked: u32,
}

#[derive(Debug, Clone)]
struct Request {
    profile: ProfileId,
    tag: Tag,
    wants: Vec<(Tag, u64)>,
    answer: Answer,
    /// Whom to ask next, first come first.
    others: Vec<MemberName>,
    attempt: u32,
    deadline: Time,
}

/// What to ask for, of one member.
#[derive(Debug, Clone)]
pub(crate) struct Asking {
    pub(crate) of: MemberName,
    pub(crate) wants: Vec<(Tag, u64)>,
    /// Who else may have it.
    pub(crate) others: Vec<MemberName>,
}

impl Requests {
    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(crate) fn deadline(&self) -> Option<Time> {
        self.open.values().map(|request| request.deadline).min()
    }

    /// Whether anything of a profile is under way.
    pub(crate) fn concerns(&self, profile: ProfileId) -> bool {
        self.open.values().any(|request| request.profile == profile)
    }

    /// Whether a member was asked for something of a profile.
    pub(crate) fn is_of(&self, profile: ProfileId, member: &MemberName) -> bool {
        self.open.iter().any(|((_, of), open)| of == member && open.profile == profile)
    }

    /// A request that somebody sends entries to `to`; nobody here waits for them.
    pub(crate) fn help(
        &mut self,
        log: &Log,
        wants: Vec<(Tag, u64)>,
        to: &MemberName,
        base: Option<Base>,
    ) -> Message {
        self.n_asked = self.n_asked % 0xffff + 1;
        let wants = wants.into_iter().map(|(writer, first)| Want { writer, first, of: None });
        Message::RequestMyMissing {
            profile: profile_tag(log.profile().id),
            request: self.n_asked,
            answer: Answer::Member(MemberTag::of(to)),
            base,
            wants: wants.collect(),
        }
    }

    /// Whether a writer's entries from `first` on are asked for already.
    pub(crate) fn covers(&self, profile: ProfileId, tag: Tag, first: u64) -> bool {
        let wanted = |request: &Request| {
            let wanted = |&(other, from): &(Tag, u64)| other == tag && from <= first;
            request.profile == profile && request.wants.iter().any(wanted)
        };
        self.open.values().any(wanted)
    }

    /// Whether an answer to this request goes to the group.
    pub(crate) fn is_for_group(&self, request: u32, from: &MemberName) -> bool {
        self.open.get(&(request, from.clone())).is_some_and(|open| open.answer == Answer::Group)
    }

    /// Asks several members at once: with one message to the group, where that is one fewer.
    pub(crate) fn ask(
        &mut self,
        log: &Log,
        askings: Vec<Asking>,
        answer: Answer,
        base: Option<Base>,
        deadline: Time,
        out: &mut Vec<Action>,
    ) {
        let room = OPEN_MAX.saturating_sub(self.open.len());
        let askings: Vec<Asking> = askings.into_iter().take(room).collect();
        if askings.is_empty() {
            return;
        }
        self.n_asked = self.n_asked % 0xffff + 1;
        let (request, tag) = (self.n_asked, profile_tag(log.profile().id));
        let to = match &askings[..] {
            [one] => To::Member(one.of.clone()),
            _ => To::Group,
        };
        let mut wants = Vec::new();
        for asking in askings {
            let of = (to == To::Group).then(|| MemberTag::of(&asking.of));
            wants.extend(asking.wants.iter().map(|&(writer, first)| Want { writer, first, of }));
            let open = Request {
                profile: log.profile().id,
                tag,
                wants: asking.wants,
                answer,
                others: asking.others,
                attempt: 1,
                deadline,
            };
            self.open.insert((request, asking.of), open);
        }
        let message = Message::RequestMyMissing { profile: tag, request, answer, base, wants };
        out.push(Action::Send { to, message });
    }

    /// An answer came that could not be read: it is asked for again, coded against nothing.
    pub(crate) fn unread(&mut self, request: u32, from: &MemberName, now: Time) {
        if let Some(open) = self.open.get_mut(&(request, from.clone())) {
            open.deadline = now;
            open.others.insert(0, from.clone());
        }
    }

    /// An answer came.
    pub(crate) fn answered(&mut self, request: u32, from: &MemberName) {
        self.open.remove(&(request, from.clone()));
    }

    /// Forgets what has come some other way.
    pub(crate) fn settle(&mut self, profile: ProfileId, mine: &Frontier) {
        let lacking = |&(tag, first): &(Tag, u64)| {
            find(mine, tag).is_none_or(|writer: WriterId| mine.last(writer) < first)
        };
        self.open.retain(|_, open| open.profile != profile || open.wants.iter().any(lacking));
    }

    /// Something of what `from` was asked for is arriving.
    pub(crate) fn progress(&mut self, from: &MemberName, deadline: Time) {
        let of = |((_, of), open): (&(u32, MemberName), &mut Request)| {
            if of == from {
                open.deadline = open.deadline.max(deadline);
            }
        };
        self.open.iter_mut().for_each(of);
    }

    /// Nobody of this name can be asked any more.
    pub(crate) fn unreachable(&mut self, member: &MemberName, now: Time) {
        for ((_, of), open) in &mut self.open {
            open.others.retain(|other| other != member);
            if of == member {
                open.deadline = now;
            }
        }
    }

    /// Asks again what is overdue; returns the members that did not answer.
    pub(crate) fn advance(
        &mut self,
        now: Time,
        config: &Config,
        out: &mut Vec<Action>,
    ) -> Vec<MemberName> {
        if planted(Bug::RequestsNeverExpire) {
            self.open.values_mut().for_each(|open| open.deadline = Time(u64::MAX));
        }
        let overdue = |(_, open): &(&(u32, MemberName), &Request)| open.deadline <= now;
        let late: Vec<_> = self.open.iter().filter(overdue).map(|(key, _)| key.clone()).collect();
        let mut silent = Vec::new();
        for (request, of) in late {
            let Some(mut open) = self.open.remove(&(request, of.clone())) else { continue };
            silent.push(of.clone());
            if open.attempt >= config.attempts {
                continue;
            }
            let next = match open.others.is_empty() {
                true => of.clone(),
                false => open.others.remove(0),
            };
            open.others.push(of);
            open.deadline = now + later(config.answer_ms, open.attempt);
            open.attempt += 1;
            let wants = open.wants.iter().map(|&(writer, first)| Want { writer, first, of: None });
            let message = Message::RequestMyMissing {
                profile: open.tag,
                request,
                answer: open.answer,
                // What it was coded against may have been what went wrong.
                base: None,
                wants: wants.collect(),
            };
            out.push(Action::Send { to: To::Member(next.clone()), message });
            self.open.insert((request, next), open);
        }
        silent
    }
}

/// How long to wait for attempt `n` + 1, half as long again each time.
pub(crate) fn later(ms: u64, n: u32) -> u64 {
    (0..n.min(10)).fold(ms, |ms, _| ms + ms / 2)
}

/// A profile's tag.
pub(crate) fn profile_tag(id: ProfileId) -> Tag {
    Tag::short(id)
}
