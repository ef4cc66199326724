//! Whether what came makes a version whole.
//!
//! A stream leaves out what its receiver is taken to have: the version it is coded against, or whatever the
//! one who asked has. Others hear it as well, and have something else. So a stream is a whole version for whoever
//! has just what it leaves out, by name; for others what came has to give the version's digest, alone or with
//! a version that is or was here.

use guildsync_types::Digest;
use guildsync_types::bugs::{Bug, planted};

use super::SectionSync;
use crate::document::Document;
use crate::event::Ctx;
use crate::message::Answer;
use crate::name::DocumentId;
use crate::version::{Have, Version};

impl SectionSync {
    /// What of a stream, and of what is aside, makes `target` whole together with what is or was here;
    /// `None`: it is not whole.
    pub(super) fn completing(
        &self,
        ctx: Ctx<'_>,
        document: DocumentId,
        target: Digest,
        answer: Answer,
        stream: Vec<Version>,
    ) -> Option<Vec<Version>> {
        if let Answer::Document { beyond } = answer
            && self.is_shown(ctx, document, beyond)
        {
            // What is aside may be of other versions, which are not whole.
            return Some(stream);
        }
        let known = self.known.get(&document);
        let makes_whole = |versions: &[Version]| {
            let versions = || versions.iter().cloned();
            let alone = Document::of(document, versions());
            let with = |base: &Document| {
                let mut base = base.clone();
                base.merge(versions()).is_ok() && base.digest() == target
            };
            alone.is_ok_and(|alone| alone.digest() == target)
                || known.is_some_and(|known| known.versions().any(with))
        };
        if makes_whole(&stream) || planted(Bug::StreamTakenForWhole) {
            return Some(stream);
        }
        let mut all = stream;
        all.extend_from_slice(self.saved.aside(document));
        makes_whole(&all).then_some(all)
    }
    /// Whether what a stream leaves out is shown here: it is nothing, or all of that, or what was when this
    /// member asked.
    fn is_shown(&self, ctx: Ctx<'_>, document: DocumentId, beyond: Have) -> bool {
        let shown = || ctx.shelf.get(document).map(|held| Have::of(&held.tags()));
        beyond == Have::default()
            || self.wants.get(&document).is_some_and(|want| want.said == Some(beyond))
            || shown() == Some(beyond)
    }
}
