//! The log of one profile: everything anyone wrote into it, and what replay makes of it.

use std::collections::BTreeMap;

use guildsync_types::{Digest, EntryId, Hash, Stamp, WriterId};

use crate::chain::{Chain, Linker};
use crate::content::Content;
use crate::entry::{Change, Draft, Entry, Role};
use crate::frontier::{Frontier, Heads};
use crate::order::{Order, Ref};
use crate::pen::Pen;
use crate::profile::{Profile, ProfileKind};
use crate::roles::Roles;
use crate::segment::{Branch, Segment};
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
    /// Entries that bear on rights or label, in replay order.
    pub(crate) role_entries: Vec<Ref>,
    pub(crate) undos: Vec<Undo>,
    /// Undos whose target is not here yet, by its id.
    pub(crate) awaited: BTreeMap<EntryId, Vec<usize>>,
    /// Segments with a gap before them.
    pub(crate) early: Pen,
    /// Segments of writers that nobody granted a role.
    pub(crate) held: Pen,
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
            early: Pen::new(Self::EARLY_MAX),
            held: Pen::new(Self::HELD_MAX),
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

    /// What this log has, writer by writer. Writers without a role in an owned profile are not in it.
    #[must_use]
    pub fn frontier(&self) -> Frontier {
        self.admitted().map(|chain| (chain.writer, chain.last())).collect()
    }

    /// The frontier with the hash of each head.
    #[must_use]
    pub fn heads(&self) -> Heads {
        Heads(self.admitted().map(|c| (c.writer, (c.last(), c.head))).collect())
    }

    /// Eight bytes over the heads: what two members compare first.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.heads().digest()
    }

    /// Writers that a forked chain was split into, beside the writer itself.
    #[must_use]
    pub fn forks(&self) -> Vec<(WriterId, Branch)> {
        let branches = self.content.by_writer().filter(|chain| chain.writer != chain.root);
        branches.map(|chain| (chain.writer, branch_of(chain).expect("a branch"))).collect()
    }

    /// Whether this writer's chain was forked: two entries had one number.
    #[must_use]
    pub fn is_forked(&self, writer: WriterId) -> bool {
        self.content.by_writer().any(|chain| chain.root == writer && chain.writer != writer)
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

    /// What `writer` may do: in an open profile everyone is an officer.
    #[must_use]
    pub fn role(&self, writer: WriterId) -> Option<Role> {
        self.roles.role(writer)
    }

    /// Whether any writer was ever granted a role: then the profile has officers of its own.
    #[must_use]
    pub fn has_officers(&self) -> bool {
        matches!(self.profile.kind, ProfileKind::Owned { .. })
    }

    /// What `have` lacks of this log, a segment a writer.
    #[must_use]
    pub fn since(&self, have: &Frontier) -> Vec<Segment> {
        let behind = self.admitted().filter(|c| have.last(c.writer) < c.last());
        behind.filter_map(|c| self.segment(c.writer, have.last(c.writer) + 1)).collect()
    }

    /// A writer's entries from number `first` to its head.
    #[must_use]
    pub fn segment(&self, writer: WriterId, first: u64) -> Option<Segment> {
        let chain = self.content.chain(writer)?;
        let first = first.max(chain.first);
        let place = chain.place(first)?;
        Some(Segment {
            writer,
            first,
            drafts: chain.rows[place..].iter().map(|row| self.content.unpack(row)).collect(),
            seal: chain.seal?,
            branch: branch_of(chain),
        })
    }

    /// Takes in a chain's beginning without its seal: what is left of a damaged store. It shows in
    /// frontier and standings, and cannot be passed on.
    pub fn salvage(&mut self, writer: WriterId, branch: Option<Branch>, drafts: &[Draft]) {
        if self.content.chain_index(writer).is_some() || drafts.is_empty() {
            return;
        }
        let chain = match branch {
            None => Chain::new(&self.profile.id, writer),
            Some(Branch { root, first, base }) => Chain::branch(writer, root, first, base),
        };
        let chain = self.content.add_chain(chain);
        let mut linker = Linker::behind(self.content.chains[usize::from(chain)].head);
        for draft in drafts {
            self.push(chain, draft, linker.next(draft));
        }
        self.settle(true);
    }

    fn admitted(&self) -> impl Iterator<Item = &Chain> {
        let admitted = |c: &&Chain| !c.rows.is_empty() && self.roles.admit(c.root);
        self.content.by_writer().filter(admitted)
    }

    /// Puts a draft behind the last entry of a chain. The chain's seal is the caller's to set.
    pub(crate) fn push(&mut self, chain: u16, draft: &Draft, hash: Hash) {
        let row = self.content.pack(draft);
        let rows = &mut self.content.chains[usize::from(chain)];
        rows.push(row, hash);
        let at = Ref { chain, place: rows.rows.len() as u32 - 1 };
        let landed = self.order.insert(&self.content, at);
        let right = if self.roles.allow(&self.content, at) { 0 } else { tally::NO_ROLE };
        // An imported row may have copies, and what an early undo names does not count either: both
        // go in uncounted and are settled with their kin.
        let wanted = self.take_awaited(at);
        let alone = !row.is_imported() && !wanted;
        let first = if alone { right } else { right | tally::COPY };
        self.tally.add(&self.content, &self.order, at, landed, first);
        if wanted {
            *self.tally.flags_mut(at) |= tally::NAMED;
        }
        if !alone {
            self.resettle(at);
        }
        if let Some(change) = self.content.change_of(&row) {
            match change {
                Change::Undo { of, hash } => {
                    let (of, hash) = (*of, *hash);
                    self.register_undo(at, of, hash);
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
            if recount {
                self.tally = self.count_afresh();
            }
        }
        self.tally.settle(&self.content, &self.order);
    }

    /// Derives everything again from the chains alone, after rows have moved between them.
    pub(crate) fn rebuild(&mut self) {
        self.order = Order::of(&self.content);
        self.role_entries.clear();
        self.undos.clear();
        self.awaited.clear();
        for at in self.order.iter().collect::<Vec<_>>() {
            match self.content.change_of(self.content.row(at)) {
                None | Some(Change::Unknown { .. }) => {}
                Some(Change::Undo { of, hash }) => {
                    let (of, hash) = (*of, *hash);
                    let target = self.content.find_hashed(of, &hash);
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

    fn register_undo(&mut self, by: Ref, of: EntryId, hash: Hash) {
        let target = self.content.find_hashed(of, &hash);
        self.note_undo(Undo { by, of, hash, target });
        if let Some(target) = target
            && self.content.row(target).is_points()
            && self.roles.allow(&self.content, by)
        {
            *self.tally.flags_mut(target) |= tally::NAMED;
            self.resettle(target);
        }
    }

    fn note_undo(&mut self, undo: Undo) {
        if undo.target.is_none() {
            self.awaited.entry(undo.of).or_default().push(self.undos.len());
        }
        self.undos.push(undo);
    }

    /// Ties undos that came before their target to it; true if one of them counts.
    fn take_awaited(&mut self, at: Ref) -> bool {
        if self.awaited.is_empty() {
            return false;
        }
        let id = self.content.id(at);
        let root = self.content.chains[usize::from(at.chain)].root;
        let mut counts = false;
        for name in [id, EntryId { writer: root, seq: id.seq }] {
            let Some(waiting) = self.awaited.remove(&name) else { continue };
            let hash = self.content.hash(at);
            let (meant, others): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|&undo| self.undos[undo].hash == hash);
            for undo in meant {
                self.undos[undo].target = Some(at);
                counts |= self.roles.allow(&self.content, self.undos[undo].by);
            }
            if !others.is_empty() {
                self.awaited.insert(name, others);
            }
        }
        counts && self.content.row(at).is_points()
    }
}

fn branch_of(chain: &Chain) -> Option<Branch> {
    (chain.writer != chain.root).then_some(Branch {
        root: chain.root,
        first: chain.first,
        base: chain.base,
    })
}
