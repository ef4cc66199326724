//! Who wrote and held what: a model of documents as plain data, which believes no replica.
//!
//! It knows of every act which versions it made, what its author had on the shelf then, and so what each
//! of them was written over: what its editor had seen in that place and replaced, and whatever that had
//! replaced. No counts, no stamps, and no merging of documents.
//!
//! Here is what is written down; `checks` is what has to be true.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use guildsync::sections::message::Cursor;
use guildsync::sections::{
    Content, Document, DocumentId, SectionId, Shelf, Slot, VERSIONS_MAX, Version,
};
use guildsync::types::{Digest, Hash, Stamp};

mod checks;

/// The books.
#[derive(Debug)]
pub(crate) struct Books {
    written: BTreeMap<Hash, Written>,
    acts: Vec<Act>,
    members: Vec<One>,
    /// Cursors that were sent: who put them where.
    cursors: BTreeSet<(Stamp, usize, DocumentId, SectionId)>,
    /// Whether nothing goes wrong any more.
    pub(crate) is_calm: bool,
    /// Who answered lately, with which version of which document, and when.
    answers: VecDeque<(u64, usize, DocumentId, Digest)>,
    /// Places in which more was written at once than is kept: what went over the edge is nobody's fault.
    overfull: BTreeSet<(DocumentId, Slot)>,
    /// How many acts were acknowledged to their authors.
    pub(crate) n_acknowledged: usize,
    /// The most members that answered the same at about the same time, where nothing went wrong.
    pub(crate) most_answer: usize,
}

/// One version.
#[derive(Debug)]
struct Written {
    document: DocumentId,
    slot: Slot,
    act: usize,
    /// Everything that its editor had seen in this place and replaced.
    over: BTreeSet<Hash>,
    /// What somebody else had written, and its editor had replaced in a copy that they threw away: whoever heard
    /// of that has replaced it, and whoever did not still has it.
    perhaps_over: BTreeSet<Hash>,
}

/// One act of one person.
#[derive(Debug)]
struct Act {
    author: usize,
    /// Everything in its author's document right after it, by place.
    whole: Vec<(Slot, Hash)>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not durable yet.
    Written,
    /// Durable at its author.
    Durable,
    /// Durable once, and then thrown away by the only member that had it: it may have been on its way.
    ThrownAway,
    /// A crash took it before it was durable.
    Lost,
}

/// What is known of one member.
#[derive(Debug, Default)]
struct One {
    /// Acts that are not durable yet.
    pending: Vec<usize>,
    /// What its disk holds.
    disk: Shelf,
    /// What its disk held at any time.
    digests: BTreeSet<(DocumentId, Digest)>,
    /// Documents thrown away and not yet gone from the disk.
    removing: BTreeSet<DocumentId>,
    /// What it had written in documents that it threw away, and what that had replaced: publishing such a
    /// document anew replaces what it had written itself.
    thrown_away: BTreeMap<(DocumentId, Slot), BTreeSet<Hash>>,
    /// What was on its shelf when that was last looked at, and the acts that were found whole in it.
    seen: BTreeMap<DocumentId, (Digest, BTreeSet<usize>)>,
}

impl Books {
    pub(crate) fn new(n: usize) -> Self {
        let members = (0..n).map(|_| One::default()).collect();
        Self {
            written: BTreeMap::new(),
            acts: Vec::new(),
            members,
            cursors: BTreeSet::new(),
            is_calm: false,
            answers: VecDeque::new(),
            overfull: BTreeSet::new(),
            n_acknowledged: 0,
            most_answer: 0,
        }
    }

    /// A member changed a document; it is not durable yet.
    ///
    /// # Errors
    /// Something went that its editor had not seen, or was not meant to go.
    pub(crate) fn edited(
        &mut self,
        member: usize,
        before: Option<&Document>,
        after: &Document,
        picks: bool,
    ) -> Result<(), String> {
        let act = self.acts.len();
        // Whoever writes the same again in one second, since a crash took it, writes the same version.
        let is_new = |version: &&Version| {
            let written = self.written.get(&version.id());
            written.is_none_or(|written| self.acts[written.act].state == State::Lost)
        };
        for version in after.versions().filter(is_new).collect::<Vec<_>>() {
            let slot = version.item().slot;
            let held = before.map_or(&[][..], |before| before.slot(slot));
            // A section is removed with all that stands beside it.
            let is_removal = version.item().content == Content::Removed;
            let mut over = BTreeSet::new();
            // What is shown, what says the same, and its own editor's: nobody edits beside themselves.
            let goes = |old: &&Version| {
                picks
                    || is_removal
                    || old.says_the_same_as(&held[0])
                    || old.writer() == version.writer()
            };
            let document = after.id();
            let mut perhaps_over = BTreeSet::new();
            for old in held.iter().filter(goes) {
                over.insert(old.id());
                let written = self.written.get(&old.id());
                over.extend(written.into_iter().flat_map(|old| &old.over));
                perhaps_over.extend(written.into_iter().flat_map(|old| &old.perhaps_over));
            }
            for old in self.members[member].thrown_away.get(&(document, slot)).into_iter().flatten()
            {
                match self.written.get(old).map(|old| self.acts[old.act].author) {
                    Some(author) if author == member => over.insert(*old),
                    _ => perhaps_over.insert(*old),
                };
            }
            let written = Written { document, slot, act, over, perhaps_over };
            self.written.insert(version.id(), written);
        }
        self.note_overfull(after);
        let whole = after.versions().map(|one| (one.item().slot, one.id())).collect();
        self.acts.push(Act { author: member, whole, state: State::Written });
        self.members[member].pending.push(act);
        let gone = before.into_iter().flat_map(Document::versions);
        match gone.into_iter().find(|old| !self.is_in(old.item().slot, old.id(), after)) {
            Some(old) => Err(format!(
                "member {member} edits, and {} goes that was not replaced",
                self.name(old)
            )),
            None => Ok(()),
        }
    }

    /// A commit of a member is done.
    pub(crate) fn durable(&mut self, member: usize, shelf: &Shelf) {
        let one = &mut self.members[member];
        for act in one.pending.drain(..) {
            if self.acts[act].state == State::Written {
                self.acts[act].state = State::Durable;
            }
            self.n_acknowledged += 1;
        }
        one.removing.clear();
        one.digests.extend(shelf.iter().map(|held| (held.id(), held.digest())));
        one.disk.clone_from(shelf);
    }

    /// A member's program starts with this: what it had written is there or gone for good, and what was
    /// durable is there.
    ///
    /// # Errors
    /// What is not.
    pub(crate) fn started(&mut self, member: usize, shelf: &Shelf) -> Result<(), String> {
        for act in std::mem::take(&mut self.members[member].pending) {
            let is_there = |(slot, id): &(Slot, Hash)| {
                let written = self.written.get(id);
                let document = written.and_then(|written| shelf.get(written.document));
                document.is_some_and(|document| self.is_in(*slot, *id, document))
            };
            let arrived = self.acts[act].whole.iter().all(is_there);
            self.acts[act].state = if arrived { State::Durable } else { State::Lost };
        }
        let one = &self.members[member];
        for held in one.disk.iter() {
            let now = shelf.get(held.id());
            if now.is_none() && one.removing.contains(&held.id()) {
                continue;
            }
            let is_in =
                |old: &&Version| now.is_some_and(|now| self.is_in(old.item().slot, old.id(), now));
            if let Some(old) = held.versions().find(|old| !is_in(old)) {
                return Err(format!("the disk of member {member} lost {}", self.name(old)));
            }
        }
        let one = &mut self.members[member];
        one.removing.clear();
        one.seen.clear();
        one.digests.extend(shelf.iter().map(|held| (held.id(), held.digest())));
        one.disk.clone_from(shelf);
        Ok(())
    }

    /// A member throws a document away. What nobody else has on a disk is given up with it.
    pub(crate) fn removed(&mut self, member: usize, document: &Document) {
        let others = self.members.iter().enumerate().filter(|(other, _)| *other != member);
        let others: Vec<&Document> =
            others.filter_map(|(_, other)| other.disk.get(document.id())).collect();
        let is_elsewhere =
            |slot: Slot, id: &Hash| others.iter().any(|other| self.is_in(slot, *id, other));
        let mut given_up = BTreeSet::new();
        for version in document.versions() {
            let slot = version.item().slot;
            let written = self.written.get(&version.id());
            // What it replaced went with it, where nobody else has that either.
            let over = written.into_iter().flat_map(|written| &written.over).copied();
            let these = std::iter::once(version.id()).chain(over);
            given_up.extend(these.filter(|id| !is_elsewhere(slot, id)));
        }
        let acts: BTreeSet<usize> = given_up
            .iter()
            .filter_map(|id| self.written.get(id))
            .filter(|written| self.acts[written.act].state != State::Lost)
            .map(|written| written.act)
            .collect();
        for act in acts {
            self.acts[act].state = State::ThrownAway;
        }
        let is_own = |id: &Hash| {
            let written = self.written.get(id);
            written.is_some_and(|written| self.acts[written.act].author == member)
        };
        let mut own: Vec<(Slot, Hash)> = Vec::new();
        for version in document.versions() {
            let written = self.written.get(&version.id());
            let over = written.into_iter().flat_map(|it| it.over.iter().chain(&it.perhaps_over));
            let over: Vec<Hash> = over.copied().collect();
            if is_own(&version.id()) || over.iter().any(is_own) {
                let these = std::iter::once(version.id()).filter(is_own).chain(over);
                own.extend(these.map(|id| (version.item().slot, id)));
            }
        }
        let one = &mut self.members[member];
        for (slot, id) in own {
            one.thrown_away.entry((document.id(), slot)).or_default().insert(id);
        }
        one.removing.insert(document.id());
    }

    fn note_overfull(&mut self, document: &Document) {
        let slots = document.versions().map(|version| version.item().slot);
        let full = slots.filter(|slot| document.slot(*slot).len() >= VERSIONS_MAX);
        self.overfull.extend(full.map(|slot| (document.id(), slot)));
    }

    /// Whether a document has a version, or one that was written over it.
    fn is_in(&self, slot: Slot, id: Hash, document: &Document) -> bool {
        let versions = document.slot(slot);
        let covers = |one: &Version| {
            let is_over = |it: &Written| it.over.contains(&id) || it.perhaps_over.contains(&id);
            one.id() == id || self.written.get(&one.id()).is_some_and(is_over)
        };
        self.overfull.contains(&(document.id(), slot)) || versions.iter().any(covers)
    }

    /// A member has sent a cursor; whether for the first time.
    pub(crate) fn pointed(&mut self, member: usize, cursor: Cursor) -> bool {
        let Cursor { document, section, stamp, .. } = cursor;
        self.cursors.insert((stamp, member, document, section))
    }

    /// What was pointed to before does not count any more.
    pub(crate) fn forget_cursors(&mut self) {
        self.cursors.clear();
    }

    /// The last cursor by its stamp: stamp, who moved it, and where to.
    pub(crate) fn last_cursor(&self) -> Option<(Stamp, usize, DocumentId, SectionId)> {
        self.cursors.last().copied()
    }

    fn name(&self, version: &Version) -> String {
        let author = self.written.get(&version.id()).map(|it| self.acts[it.act].author);
        let slot = version.item().slot;
        match author {
            Some(author) => format!("member {author}'s version {:?} of {slot:?}", version.id()),
            None => format!("version {:?} of {slot:?}", version.id()),
        }
    }
}
