//! Parts of documents as they come.
//!
//! The parts of a stream are read in order, since each is coded in the light of those before it. What is
//! read is put aside, where it survives a restart, and taken into the shelf only when all of it is there.

use std::collections::BTreeMap;
use std::sync::Arc;

use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{Digest, MemberName};

use super::SectionSync;
use crate::document::Document;
use crate::event::{Action, Ctx};
use crate::item::{Content, Slot};
use crate::message::{Answer, Batch, Carried, Part};
use crate::name::DocumentId;
use crate::pack;
use crate::report::Progress;
use crate::rights::Deed;
use crate::version::{Version, VersionError};

/// The most streams that are read at a time, and parts that wait for an earlier one.
const STREAMS_MAX: usize = 16;
const EARLY_MAX: usize = 16;

/// A stream of which something came.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    /// Parts that wait for an earlier one.
    early: BTreeMap<u16, Part>,
    /// How many parts have been read.
    next: u16,
    /// What was in them.
    read: Vec<Carried>,
}

/// What is to become of what somebody sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It is taken.
    Take,
    /// Its editor sent it, and may not do that.
    Refuse(Deed),
    /// Somebody else's edit, who may not do that as far as is known here: somebody who may has to have it.
    Wait,
}

impl SectionSync {
    /// A part of a document came.
    pub(super) fn heard_part(
        &mut self,
        ctx: Ctx<'_>,
        from: MemberName,
        part: Part,
        out: &mut Vec<Action>,
    ) {
        let Part { document, target, stream, .. } = part;
        self.somebody_sends(ctx, &part);
        let known = self.known.entry(document).or_default();
        let is_whole = matches!(part.answer, Answer::Document { .. } | Answer::Edit);
        if let Some(held) = ctx.shelf.get(document).filter(|_| is_whole)
            && known.has(target)
        {
            if held.digest() == target {
                self.agrees(document, &from);
            }
            return;
        }
        let may = self.may(ctx.shelf, document, Deed::Publish, &from);
        if known_refused(self, document, target) && !may {
            return;
        }
        if is_whole {
            self.want(ctx, document, target, &from);
            self.expect_more(ctx.now, document, self.config.times.silence);
        }
        let key = (from, document, stream);
        if self.incoming.len() >= STREAMS_MAX && !self.incoming.contains_key(&key) {
            self.incoming.pop_first();
        }
        let incoming = self.incoming.entry(key.clone()).or_default();
        if part.index < incoming.next || incoming.early.len() >= EARLY_MAX {
            return;
        }
        incoming.early.insert(part.index, part);
        while let Some(incoming) = self.incoming.get_mut(&key)
            && let Some(part) = incoming.early.remove(&incoming.next)
        {
            let read = std::mem::take(&mut incoming.read);
            if !self.read_part(ctx, &key, read, part, out) {
                self.incoming.remove(&key);
            }
        }
    }

    /// Reads the next part of a stream; whether the stream goes on.
    fn read_part(
        &mut self,
        ctx: Ctx<'_>,
        key: &(MemberName, DocumentId, u16),
        mut earlier: Vec<Carried>,
        part: Part,
        out: &mut Vec<Action>,
    ) -> bool {
        let (from, document, _) = key;
        let (document, target) = (*document, part.target);
        if planted(Bug::SheetClaimedEarly) {
            self.known.entry(document).or_default().absorb(target);
        }
        let carried = match part.batch {
            Batch::Plain(carried) => carried,
            Batch::Packed { base, ref bytes } => {
                let known = self.known.get(&document);
                let based = base.map(|base| known.and_then(|known| known.version(base)));
                if based == Some(None) {
                    // It is coded against a version that is not here: it has to be asked for.
                    self.want_more(ctx.now, document, false);
                    return false;
                }
                match pack::unpack(document, based.flatten(), &earlier, bytes) {
                    Ok(carried) => {
                        self.count_part(document, from, bytes.len());
                        carried
                    }
                    Err(why) => {
                        Self::nonsense(from, why, out);
                        return false;
                    }
                }
            }
        };
        if part.answer == Answer::Structure {
            out.push(outline(document, target, carried, ctx.shelf.get(document)));
            return !part.last;
        }
        let versions = match checked(document, carried.iter().cloned()) {
            Ok(versions) => versions,
            Err(why) => {
                Self::nonsense(from, why, out);
                return false;
            }
        };
        // What is aside may have come from others.
        let mut all = versions.clone();
        if part.last && part.answer != Answer::Sections {
            all.extend_from_slice(self.saved.aside(document));
            all.extend(checked(document, earlier.iter().cloned()).unwrap_or_default());
        }
        match self.verdict(ctx, from, document, &all) {
            Verdict::Take => {}
            Verdict::Refuse(deed) => {
                self.known.entry(document).or_default().refuse(target);
                self.forget(document, target);
                self.refuse(ctx, from.clone(), document, deed, out);
                return false;
            }
            Verdict::Wait => {
                self.known.entry(document).or_default().refuse(target);
                self.forget(document, target);
                if self.saved.put(document, &versions) {
                    out.push(Action::Save);
                }
                self.want_voucher(ctx, document, target);
                return false;
            }
        }
        self.count_sections(document, &versions);
        if part.last && part.answer == Answer::Sections {
            if ctx.shelf.get(document).is_some() {
                self.take(document, versions, None, out);
            } else if self.saved.put(document, &versions) {
                out.push(Action::Save);
            }
            return false;
        }
        if part.last {
            let mut stream = versions.clone();
            stream.extend(checked(document, earlier.iter().cloned()).unwrap_or_default());
            match self.completing(ctx, document, target, part.answer, stream) {
                Some(whole) => self.take(document, whole, Some(target), out),
                None => {
                    if self.saved.put(document, &versions) {
                        out.push(Action::Save);
                    }
                    let is_answer = part.answer != Answer::Edit;
                    self.want_more(ctx.now, document, is_answer);
                }
            }
            return false;
        }
        if self.saved.put(document, &versions) {
            out.push(Action::Save);
        }
        earlier.extend(carried);
        if let Some(incoming) = self.incoming.get_mut(key) {
            incoming.next += 1;
            incoming.read = earlier;
            let sections = self.wants.get(&document).map_or(0, |want| want.sections);
            let parts = incoming.next.into();
            out.push(Action::Progress(Progress { document, from: from.clone(), parts, sections }));
        }
        true
    }

    /// Whether the editors of what somebody sent may do that.
    fn verdict(
        &self,
        ctx: Ctx<'_>,
        from: &MemberName,
        document: DocumentId,
        versions: &[Version],
    ) -> Verdict {
        let vouches = self.may(ctx.shelf, document, Deed::Publish, from);
        let held = ctx.shelf.get(document);
        let mut verdict = Verdict::Take;
        for version in versions {
            let slot = version.item().slot;
            let deed = match slot {
                Slot::Structure => Deed::Publish,
                Slot::Section(_) => Deed::Edit,
            };
            let editor = &version.edit().editor;
            let is_here = held.is_some_and(|held| held.slot(slot).contains(version));
            if is_here || self.may(ctx.shelf, document, deed, editor) {
                continue;
            }
            verdict = match verdict {
                // Of several things the first is said.
                Verdict::Refuse(Deed::Publish) => verdict,
                _ if editor == from => Verdict::Refuse(deed),
                Verdict::Take if !vouches => Verdict::Wait,
                _ => verdict,
            };
        }
        verdict
    }

    /// Does not want a version any more.
    fn forget(&mut self, document: DocumentId, target: Digest) {
        if self.wants.get(&document).is_some_and(|want| want.target == target) {
            self.wants.remove(&document);
        }
    }

    fn count_part(&mut self, document: DocumentId, from: &MemberName, bytes: usize) {
        if let Some(want) = self.wants.get_mut(&document) {
            want.bytes += bytes as u64;
            *want.served.entry(from.clone()).or_default() += 1;
        }
    }

    fn count_sections(&mut self, document: DocumentId, versions: &[Version]) {
        if let Some(want) = self.wants.get_mut(&document) {
            want.sections +=
                versions.iter().filter(|version| version.body().is_some()).count() as u32;
        }
    }
}

/// Checks what is carried.
fn checked(
    document: DocumentId,
    carried: impl Iterator<Item = Carried>,
) -> Result<Vec<Version>, VersionError> {
    carried.map(|one| Version::new(document, one.item, one.edit, one.body)).collect()
}

fn known_refused(sync: &SectionSync, document: DocumentId, target: Digest) -> bool {
    sync.known.get(&document).is_some_and(|known| known.has_refused(target))
}

/// What a structure without bodies says.
fn outline(
    document: DocumentId,
    target: Digest,
    carried: Vec<Carried>,
    held: Option<&Document>,
) -> Action {
    let mut title = None;
    let mut sections = Vec::new();
    for one in carried {
        match (one.item.slot, Arc::new(one.item.content).as_ref()) {
            (_, Content::Structure(structure)) => title = title.or(Some(structure.title.clone())),
            (Slot::Section(id), Content::Section { name, body }) => {
                let section = held.and_then(|held| held.section(id));
                let is_here = section.is_some_and(|section| section.body.hash() == *body);
                sections.push((id, name.clone(), is_here));
            }
            _ => {}
        }
    }
    Action::Outline { document, digest: target, title, sections }
}
