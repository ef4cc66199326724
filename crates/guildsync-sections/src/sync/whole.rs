//! Whether what came makes a version whole.
//!
//! A stream leaves out what its receiver is taken to have: the version it is coded against, or whatever the
//! one who asked has. Others hear it as well, and have something else. So a stream is a whole version for whoever
//! has just what it leaves out, by name; for others what came has to give the version's digest, alone or with
//! a version that is or was here.

use guildsync_types::Digest;
use guildsync_types::bugs::{Bug, planted};

use super::SectionSync;
use super::known::Known;
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
        // All of it is taken in, also what is from a version that was here: something of that may have gone over
        // the edge of a full slot since.
        let whole = |versions: &[Version]| {
            let versions = || versions.iter().cloned();
            let alone = Document::of(document, versions()).ok();
            let with = |base: &Document| {
                let mut base = base.clone();
                base.merge(versions()).ok().map(|_| base)
            };
            let before = known.into_iter().flat_map(Known::versions);
            let all = alone.into_iter().chain(before.filter_map(with));
            let whole = all.into_iter().find(|whole| whole.digest() == target);
            whole.map(|whole| whole.versions().cloned().collect())
        };
        if planted(Bug::StreamTakenForWhole) {
            return Some(stream);
        }
        whole(&stream).or_else(|| {
            let mut all = stream;
            all.extend_from_slice(self.saved.aside(document));
            whole(&all)
        })
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
