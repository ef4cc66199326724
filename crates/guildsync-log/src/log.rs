//! The log of one profile: everything anyone wrote into it, and what replay makes of it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use guildsync_types::{Digest, EntryId, Hash, Stamp, WriterId};

use crate::content::{CHAINS_MAX, Content};
use crate::entry::{Change, Draft, Entry, Role};
use crate::order::{Order, Ref};
use crate::pen::Pen;
use crate::profile::{Profile, ProfileKind};
use crate::roles::Roles;
use crate::segment::Branch;
use crate::tally::{self, Tally};

/// The entries of one profile, with standings kept up to date.
///
/// Entries come in through [`Log::append`] (one's own) and [`Log::accept`] (anyone's, sealed).
/// Equal heads mean equal content, equal standings, equal state, byte for byte, whatever the order
/// in which entries arrived.
#[derive(Debug, Clone)]
pub struct Log {
    pub(crate) profile: Profile,
    pub(crate) content: Content,
    pub(crate) order: Order,
    pub(crate) tally: Tally,
    pub(crate) roles: Roles,
    /// Entries that bear on rights, label or policies, in replay order.
    pub(crate) role_entries: Vec<Ref>,
    pub(crate) undos: Vec<Undo>,
    /// Undos whose target is not here yet, by its hash.
    pub(crate) awaited: BTreeMap<Hash, Vec<usize>>,
    /// Imported rows that were pushed, and rows named by an undo, until their copies are settled.
    pub(crate) unsettled: Vec<Ref>,
    /// Segments with a gap before them.
    pub(crate) early: Pen,
    /// Segments of writers that nobody granted a role.
    pub(crate) held: Pen,
    /// The digest of the heads, once somebody asked for it since they last changed.
    pub(crate) digest: OnceLock<Digest>,
}

/// An undo and, once known, what it undoes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Undo {
    pub(crate) by: Ref,
    pub(crate) of: EntryId,
    pub(crate) hash: Hash,
    pub(crate) target: Option<Ref>,
}

impl Log {
    /// The most writers whose chains a log holds, each branch of a forked chain counted as one.
    pub const WRITERS_MAX: usize = CHAINS_MAX;
    /// The most entries that wait for others before them.
    pub const EARLY_MAX: usize = 1 << 16;
    /// The most entries that are held for writers without a role.
    pub const HELD_MAX: usize = 1 << 12;

    /// The empty log of a profile.
    #[must_use]
    pub fn new(profile: Profile) -> Self {
        let content = Content::default();
        let roles = Roles::of(&profile.id, &profile.kind, &content, &[]);
        Self {
            profile,
            content,
            order: Order::default(),
            tally: Tally::default(),
            roles,
            role_entries: Vec::new(),
            undos: Vec::new(),
            awaited: BTreeMap::new(),
            unsettled: Vec::new(),
            early: Pen::new(Self::EARLY_MAX),
            held: Pen::new(Self::HELD_MAX),
            digest: OnceLock::new(),
        }
    }

    /// The profile whose log this is.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The profile's label: the newest one given.
    #[must_use]
    pub fn label(&self) -> &str {
        self.roles.renamed.as_deref().unwrap_or(self.profile.name.as_str())
    }

    /// How many entries the log holds, counted or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.content.chains.iter().map(|chain| chain.rows.len()).sum()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many entries wait: early ones, and those of writers without a role.
    #[must_use]
    pub fn n_waiting(&self) -> usize {
        self.early.len() + self.held.len()
    }

    /// Writers that a forked chain was split into, beside the writer itself.
    #[must_use]
    pub fn forks(&self) -> Vec<(WriterId, Branch)> {
        let chains = self.content.by_writer();
        chains.filter_map(|chain| Some((chain.writer, chain.leaves()?))).collect()
    }

    /// Whether this writer's chain was forked: two entries had one number.
    #[must_use]
    pub fn is_forked(&self, writer: WriterId) -> bool {
        self.content.branches(writer).next().is_some()
    }

    /// One entry.
    #[must_use]
    pub fn entry(&self, id: EntryId) -> Option<Entry> {
        self.content.find(id).map(|at| self.content.entry(at))
    }

    /// One entry's hash, which covers its writer's whole chain up to it.
    #[must_use]
    pub fn entry_hash(&self, id: EntryId) -> Option<Hash> {
        self.content.find(id).map(|at| self.content.hash(at))
    }

    /// All entries in replay order.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = Entry> + '_ {
        self.order.iter().map(|at| self.content.entry(at))
    }

    /// The newest stamp held.
    #[must_use]
    pub fn newest_stamp(&self) -> Option<Stamp> {
        let at = self.order.iter().next_back()?;
        Stamp::from_packed(self.content.row(at).stamp()).ok()
    }

    /// What `writer` may do: in an open profile everyone is an officer. A branch of a forked chain has
    /// the rights of the writer that was forked.
    #[must_use]
    pub fn role(&self, writer: WriterId) -> Option<Role> {
        self.roles.role(self.content.root(writer))
    }

    /// Whether any writer was ever granted a role: then the profile has officers of its own.
    #[must_use]
    pub fn has_officers(&self) -> bool {
        matches!(self.profile.kind, ProfileKind::Owned { .. })
    }

    /// Why an entry does not count as far as its writer's rights go, as flags.
    pub(crate) fn right(&self, at: Ref) -> tally::Flags {
        let root = self.content.chains[usize::from(at.chain)].root;
        match (self.roles.admit(root), self.roles.allow(&self.content, at)) {
            (false, _) => tally::NO_ROLE | tally::HIDDEN,
            (true, false) => tally::NO_ROLE,
            (true, true) => 0,
        }
    }

    /// Puts a draft behind the last entry of a chain. The chain's seal is the caller's to set. For an
    /// undo, `target` is what it names, if the caller has found it already.
    pub(crate) fn push(&mut self, chain: u16, draft: &Draft, hash: Hash, target: Option<Ref>) {
        self.digest.take();
        let row = self.content.pack(draft);
        let rows = &mut self.content.chains[usize::from(chain)];
        rows.push(row, hash);
        let at = Ref { chain, place: rows.rows.len() as u32 - 1 };
        let landed = self.order.insert(&self.content, at);
        let right = self.right(at);
        // An imported row may have copies, and what an early undo names does not count either: both
        // go in uncounted and are settled with their kin.
        let wanted = self.take_awaited(at, &hash);
        let alone = !row.is_imported() && !wanted;
        let first = if alone { right } else { right | tally::COPY };
        self.tally.add(&self.content, &self.order, at, landed, first);
        if wanted {
            *self.tally.flags_mut(at) |= tally::NAMED;
        }
        if !alone {
            self.unsettled.push(at);
        }
        if let Some(change) = self.content.change_of(&row) {
            match change {
                Change::Undo { of, hash } => {
                    let (of, hash) = (*of, *hash);
                    self.register_undo(at, of, hash, target);
                }
                Change::Unknown { .. } => {}
                _ => self.register_role_entry(at),
            }
        }
    }

    /// Brings rights and totals up to date after rows were pushed.
    pub(crate) fn settle(&mut self, rights_may_have_changed: bool) {
        if rights_may_have_changed {
            let roles =
                Roles::of(&self.profile.id, &self.profile.kind, &self.content, &self.role_entries);
            // Most role entries change what may be written from now on and nothing that is held.
            let recount = roles.differ(&self.roles, &self.content);
            self.roles = roles;
            self.digest.take();
            if recount {
                self.unsettled.clear();
                self.tally = self.count_afresh();
            }
        }
        self.settle_copies();
        self.tally.settle(&self.content, &self.order);
    }

    /// Derives everything again from the chains alone, after rows have moved between them.
    pub(crate) fn rebuild(&mut self) {
        self.digest.take();
        self.order = Order::of(&self.content);
        self.role_entries.clear();
        self.undos.clear();
        self.awaited.clear();
        self.unsettled.clear();
        for at in self.order.iter().collect::<Vec<_>>() {
            match self.content.change_of(self.content.row(at)) {
                None | Some(Change::Unknown { .. }) => {}
                Some(Change::Undo { of, hash }) => {
                    let (of, hash) = (*of, *hash);
                    let target = self.content.find_meant(of, &hash);
                    self.note_undo(Undo { by: at, of, hash, target });
                }
                Some(_) => self.role_entries.push(at),
            }
        }
        self.roles =
            Roles::of(&self.profile.id, &self.profile.kind, &self.content, &self.role_entries);
        self.tally = self.count_afresh();
        self.tally.settle(&self.content, &self.order);
    }

    fn register_role_entry(&mut self, at: Ref) {
        let key = self.content.key(at);
        let place = self.role_entries.partition_point(|&r| self.content.key(r) < key);
        self.role_entries.insert(place, at);
    }

    fn register_undo(&mut self, by: Ref, of: EntryId, hash: Hash, target: Option<Ref>) {
        let target = target.or_else(|| self.content.find_meant(of, &hash));
        self.note_undo(Undo { by, of, hash, target });
        if let Some(target) = target
            && self.content.row(target).is_points()
            && self.roles.allow(&self.content, by)
        {
            *self.tally.flags_mut(target) |= tally::NAMED;
            self.unsettled.push(target);
        }
    }

    fn note_undo(&mut self, undo: Undo) {
        if undo.target.is_none() {
            self.awaited.entry(undo.hash).or_default().push(self.undos.len());
        }
        self.undos.push(undo);
    }

    /// Whether an undo waits that names its target by this writer, a branch that was unknown.
    pub(crate) fn awaits(&self, writer: WriterId) -> bool {
        self.awaited.values().flatten().any(|&undo| self.undos[undo].of.writer == writer)
    }

    /// Ties undos that came before their target, whose hash is `hash`, to it; true if one of them
    /// counts.
    fn take_awaited(&mut self, at: Ref, hash: &Hash) -> bool {
        if self.awaited.is_empty() {
            return false;
        }
        let Some(waiting) = self.awaited.remove(hash) else { return false };
        let seq = self.content.id(at).seq;
        let (meant, others): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|&undo| self.undos[undo].of.seq == seq);
        let mut counts = false;
        for undo in meant {
            self.undos[undo].target = Some(at);
            counts |= self.roles.allow(&self.content, self.undos[undo].by);
        }
        if !others.is_empty() {
            self.awaited.insert(*hash, others);
        }
        counts && self.content.row(at).is_points()
    }
}
