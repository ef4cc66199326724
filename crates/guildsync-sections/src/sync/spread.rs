//! What this member wrote goes out; and documents as parts.

use std::collections::BTreeSet;

use guildsync_types::{Digest, Time};

use super::SectionSync;
use crate::body::Plain;
use crate::change::EDIT_BYTES;
use crate::config::ImportSpread;
use crate::document::Document;
use crate::event::{Action, Ctx, Refusal, To};
use crate::item::Slot;
use crate::message::{Answer, Batch, Carried, Message, Part};
use crate::name::DocumentId;
use crate::pack;
use crate::rights::Deed;
use crate::version::{Have, Version};
use guildsync_wire::negotiate::Dialect;

/// About how much of a document goes in one part, by [`Plain::weight`]: what is lost when a transfer breaks off.
/// Packed that is some fifteen frames, and a raid's sheet is mostly less.
const PART_BYTES: usize = EDIT_BYTES;
/// What goes out at once, in frames: of that it is not remembered that it is on its way.
pub(super) const BURST_FRAMES: usize = 2;
/// The most versions in a part.
const PART_VERSIONS: usize = 256;

/// What is being sent to all.
#[derive(Debug)]
pub(super) struct Streaming {
    pub(super) document: DocumentId,
    pub(super) target: Digest,
    /// Against which version it is coded.
    pub(super) base: Option<Digest>,
    /// What is not in it, by name, if that is known.
    pub(super) beyond: Option<Have>,
    /// When the last of it is about to go.
    pub(super) until: Time,
}

/// What this member wrote and has not said yet.
#[derive(Debug)]
pub(super) struct Unsaid {
    /// The version before it.
    before: Option<Document>,
    /// When the first of it was written.
    at: Time,
    /// When to say it.
    pub(super) due: Time,
}

impl SectionSync {
    /// This member wrote something, and it is durable.
    pub(super) fn edited(&mut self, ctx: Ctx<'_>, document: DocumentId, out: &mut Vec<Action>) {
        if !self.takes_part() {
            return;
        }
        let Some(held) = ctx.shelf.get(document) else { return };
        let before = self.known.get(&document).and_then(|known| known.before(held.digest()));
        let before = before.cloned();
        let tags = before.as_ref().map(Document::tags).unwrap_or_default();
        let new = held.beyond(&tags);
        let deed = match new.iter().any(|version| version.item().slot == Slot::Structure) {
            true => Deed::Publish,
            false => Deed::Edit,
        };
        let who = match &before {
            Some(before) => before.structure().policy.who(deed),
            None => &self.config.publish,
        };
        if !who.includes(&self.me, &self.raid) {
            let why = Refusal::NotAllowed { document, deed, who: who.clone() };
            return out.push(Action::Refuse { from: self.me.clone(), why });
        }
        self.point_to_new_version(ctx, document, held.digest());
        match self.config.spread {
            ImportSpread::Announce => self.announce(ctx, out),
            ImportSpread::Push => {
                let (at, due) = (ctx.now, ctx.now);
                self.unsaid.entry(document).or_insert(Unsaid { before, at, due });
            }
        }
    }

    /// Says what was written. Where much waits to be sent already it waits as well, so that what is
    /// replaced meanwhile is never sent.
    pub(super) fn tick_unsaid(&mut self, ctx: Ctx<'_>, out: &mut Vec<Action>) {
        let queued = self.queued(ctx, BURST_FRAMES);
        let due = self.unsaid.iter_mut().find(|(_, unsaid)| unsaid.due <= ctx.now);
        let Some((&document, unsaid)) = due else { return };
        let patience = unsaid.at + self.config.times.ask_max;
        if queued > 0 && ctx.now < patience {
            unsaid.due = (ctx.now + queued).min(patience);
            return;
        }
        let before = self.unsaid.remove(&document).and_then(|unsaid| unsaid.before);
        let Some(held) = ctx.shelf.get(document) else { return };
        let new = held.beyond(&before.as_ref().map(Document::tags).unwrap_or_default());
        let bytes = self.send_parts(ctx, To::Raid, held, Answer::Edit, before.as_ref(), new, out);
        // One or two frames can be lost by many; of more than that everyone gets one and asks for the rest.
        if bytes / 2 <= self.frame_bytes {
            self.confirm = self.config.times.confirm.map(|ms| ctx.now + ms).to_vec();
        }
    }

    /// Sends versions as a stream of parts; the size of all.
    pub(super) fn send_parts(
        &mut self,
        ctx: Ctx<'_>,
        to: To,
        held: &Document,
        answer: Answer,
        base: Option<&Document>,
        versions: Vec<Version>,
        out: &mut Vec<Action>,
    ) -> usize {
        let stream = self.n_streams;
        self.n_streams = self.n_streams.wrapping_add(1);
        let mut carried: Vec<Carried> = in_reading_order(held, versions)
            .into_iter()
            .map(|version| Carried {
                item: version.item().clone(),
                edit: version.edit().clone(),
                body: version.body().filter(|_| answer != Answer::Structure).cloned(),
            })
            .collect();
        let mut earlier: Vec<Carried> = Vec::new();
        let mut index = 0;
        let mut sum = 0;
        loop {
            let rest = carried.split_off(part_len(&carried));
            let part = std::mem::replace(&mut carried, rest);
            let last = carried.is_empty();
            let packed = match self.config.dialect {
                Dialect::Compact => pack::pack(held.id(), base, &earlier, &part),
                Dialect::Text => None,
            };
            let batch = match packed {
                Some(bytes) => {
                    sum += bytes.len();
                    Batch::Packed { base: base.map(Document::digest), bytes }
                }
                None => {
                    sum += part.iter().map(weight).sum::<usize>();
                    Batch::Plain(part.clone())
                }
            };
            earlier.extend(part);
            let (document, target) = (held.id(), held.digest());
            let part = Part { document, target, answer, stream, index, last, batch };
            out.push(Action::Send { to: to.clone(), message: Message::Part(part) });
            index += 1;
            if last {
                break;
            }
        }
        let frames = sum.div_ceil(self.frame_bytes) + usize::from(index);
        if to == To::Raid && frames > BURST_FRAMES {
            let takes = (ctx.backlog_frames + frames) as u64 * self.frame_ms;
            let beyond = match answer {
                Answer::Document { beyond } => Some(beyond),
                _ if base.is_none() => Some(Have::default()),
                _ => None,
            };
            let (document, target) = (held.id(), held.digest());
            let (base, until) = (base.map(Document::digest), ctx.now + takes);
            self.streaming.push(Streaming { document, target, base, beyond, until });
        }
        sum
    }
}

/// The structure first, then sections as they are shown, then the rest.
fn in_reading_order(held: &Document, versions: Vec<Version>) -> Vec<Version> {
    let mut left: BTreeSet<usize> = (0..versions.len()).collect();
    let mut ordered = Vec::with_capacity(versions.len());
    let shown = held.sections().into_iter().map(|section| section.version.id());
    let structure = held.slot(Slot::Structure).iter().map(Version::id);
    for id in structure.chain(shown) {
        if let Some(at) = left.iter().copied().find(|at| versions[*at].id() == id) {
            left.remove(&at);
            ordered.push(versions[at].clone());
        }
    }
    ordered.extend(left.into_iter().map(|at| versions[at].clone()));
    ordered
}

/// How many of these make the next part: at least one, if there is any.
fn part_len(carried: &[Carried]) -> usize {
    let mut sum = 0;
    let fits = |one: &&Carried| {
        sum += weight(one);
        sum <= PART_BYTES
    };
    carried.iter().take(PART_VERSIONS).take_while(fits).count().max(1).min(carried.len())
}

fn weight(one: &Carried) -> usize {
    one.body.as_ref().map_or(0, Plain::weight)
}
