//! Answers to requests: which entries, coded against what, to whom.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use guildsync_log::{Frontier, Log, Segment};
use guildsync_types::{MemberName, ProfileId, Time};

use crate::announcements::{Announcements, find};
use crate::batch::pack;
use crate::config::Config;
use crate::event::Refusal;
use crate::message::{Batch, Dialect, Difference, MemberTag, Message, To, Want};
use crate::requests::profile_tag;

/// How long the same request is not answered again: its answer may still be on the way.
const AGAIN_MS: u64 = 4_000;
/// The most requests that are remembered for that.
const REMEMBERED: usize = 256;
/// Requests for more writers than that are each answered by themselves.
const SHARED_MAX: usize = 16;

/// What was answered lately.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answers {
    requests: BTreeMap<(MemberName, u32), Time>,
    /// What was sent without a base, when, and to whom first; `None` once the group got it.
    sent: BTreeMap<(ProfileId, Vec<Want>), (Time, Option<MemberName>)>,
}

impl Answers {
    /// Whether a request is to be answered now; it is remembered that it was.
    pub(crate) fn is_new(&mut self, now: Time, from: &MemberName, request: u32) -> bool {
        self.requests.retain(|_, answered| now < *answered + AGAIN_MS);
        let key = (from.clone(), request);
        if self.requests.contains_key(&key) || self.requests.len() >= REMEMBERED {
            return false;
        }
        self.requests.insert(key, now);
        true
    }

    /// Whom to send what `from` asked to be sent `to`, coded against nothing. When several members ask for
    /// the same, as they do when they all heard what they cannot use yet, the second one's answer goes to
    /// the group, and the others have theirs with it.
    pub(crate) fn share(
        &mut self,
        now: Time,
        profile: ProfileId,
        wants: &[Want],
        from: &MemberName,
        to: To,
    ) -> Option<To> {
        self.sent.retain(|_, (sent, _)| now < *sent + AGAIN_MS);
        if wants.len() > SHARED_MAX || self.sent.len() >= REMEMBERED {
            return Some(to);
        }
        let first = (to != To::Group).then(|| from.clone());
        match self.sent.entry((profile, wants.to_vec())) {
            Entry::Vacant(unsent) => {
                unsent.insert((now, first));
                Some(to)
            }
            Entry::Occupied(mut sent) => match sent.get() {
                (_, None) => None,
                (_, Some(before)) if before == from => Some(to),
                _ => {
                    sent.insert((now, None));
                    Some(To::Group)
                }
            },
        }
    }
}

/// What `wants` ask of this member, as far as it is here.
pub(crate) fn wanted(log: &Log, wants: &[Want], me: &MemberName) -> Result<Vec<Segment>, Refusal> {
    let mine = MemberTag::of(me);
    let frontier = log.frontier();
    let asked: Vec<&Want> =
        wants.iter().filter(|want| want.of.is_none_or(|of| of == mine)).collect();
    let segment = |want: &&Want| log.segment(find(&frontier, want.writer)?, want.first);
    let segments: Vec<Segment> = asked.iter().filter_map(segment).collect();
    if segments.is_empty() && !asked.is_empty() {
        return Err(Refusal::NotHeld);
    }
    Ok(segments)
}

/// Packs segments for receivers that hold `base` (told in full where they may have missed what was
/// announced), in as many messages as needed: each is coded
/// against what those before it bring. Without a base, against nothing.
pub(crate) fn messages(
    log: &Log,
    announcements: &Announcements,
    base: Option<(&Frontier, bool)>,
    mut segments: Vec<Segment>,
    request: u32,
    config: &Config,
) -> Vec<Message> {
    let in_full = base.is_some_and(|(_, in_full)| in_full);
    let profile = log.profile().id;
    let compact = config.dialect == Dialect::Compact;
    let mut base = base.filter(|_| compact).map(|(base, _)| base.clone());
    let mut messages = Vec::new();
    segments.sort_by_key(|segment| segment.drafts.len());
    while !segments.is_empty() {
        let mut n = 0;
        let fits = |segment: &&Segment| {
            n += segment.drafts.len();
            n <= config.entries.most()
        };
        let taken = segments.iter().take_while(fits).count().max(1);
        let part: Vec<Segment> = segments.drain(..taken).collect();
        let named = base.as_ref().map(|base| {
            let frontier = before(base, &part);
            (announcements.base(&frontier, log, in_full), frontier)
        });
        let packed = pack(log, named.as_ref().map(|(name, base)| (name.clone(), base)), &part);
        if let Ok(batch) = packed {
            messages.push(Message::SendMissingLogs {
                profile: profile_tag(profile),
                request,
                batch,
            });
        }
        if let Some(base) = &mut base {
            part.iter().for_each(|segment| base.set(segment.writer, segment.last()));
        }
    }
    messages
}

/// What a batch's receivers must hold: `base`, with each segment right behind it.
fn before(base: &Frontier, segments: &[Segment]) -> Frontier {
    let mut before = base.clone();
    for segment in segments {
        before.set(segment.writer, before.last(segment.writer).min(segment.first - 1));
    }
    before
}

/// How many entries a batch's message brings, for reports.
pub(crate) fn n_entries(segments: &[Segment]) -> u64 {
    segments.iter().map(|segment| segment.drafts.len() as u64).sum()
}

/// A live batch: the smaller of coded against nothing and against what was announced, with the
/// writer's own entries since.
pub(crate) fn live(
    log: &Log,
    announcements: &Announcements,
    segment: &Segment,
    frame_bytes: usize,
    config: &Config,
) -> Option<Batch> {
    let profile = log.profile().id;
    let alone = pack(log, None, std::slice::from_ref(segment)).ok()?;
    let size = |batch: &Batch| {
        let live = Message::LogEntry { profile: profile_tag(profile), batch: batch.clone() };
        live.to_bytes(config.dialect).len()
    };
    if config.dialect == Dialect::Text || size(&alone) <= frame_bytes {
        return Some(alone);
    }
    let against = announcements.newest(profile).and_then(|(_, announcement)| {
        let mine = log.frontier();
        let announced = announcement.changed(&Difference::default(), &mine);
        if !announced.unknown.is_empty() || mine.n_lacking(&announced.frontier) > 0 {
            return None;
        }
        let mut base = announced.frontier;
        base.set(segment.writer, segment.first - 1);
        let name = announcements.base(&base, log, false);
        pack(log, Some((name, &base)), std::slice::from_ref(segment)).ok()
    });
    match against {
        Some(against) if size(&against) < size(&alone) => Some(against),
        _ => Some(alone),
    }
}
