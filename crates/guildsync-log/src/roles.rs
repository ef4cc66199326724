//! Who may write: the rights of every writer, derived from an owned profile's grants and revokes.
//!
//! In an open profile every writer counts. In an owned one:
//! - the creator is owner for good; an owner grants, revokes, adopts and renames;
//! - a writer's first grant vouches for its whole chain (an officer who imports an old history writes
//!   stamps older than any grant), a later grant for what sorts after it;
//! - a revoke ends all grants before it beyond its cut, wherever what lies beyond sorts: a revoked
//!   officer cannot backdate;
//! - an adopted entry counts all the same;
//! - a writer that `Continues` another holds the rights that the other held then;
//! - the branches of a forked chain hold the rights of the writer that was forked, whose key sealed them
//!   all; a cut goes by number in each of them.

use std::collections::{BTreeMap, BTreeSet};

use guildsync_types::{ProfileId, PublicKey, WriterId};

use crate::chain::Chain;
use crate::content::Content;
use crate::entry::{Change, Role};
use crate::order::{Key, Ref};
use crate::policies::{Policies, policies};
use crate::profile::ProfileKind;

/// What one writer was granted and what was taken from it, in replay order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Rights {
    grants: Vec<(Key, Role)>,
    revokes: Vec<(Key, u64)>,
}

/// The rights of all writers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Roles {
    /// Nobody's rights are asked: the profile is open.
    open: bool,
    creator: Option<WriterId>,
    writers: BTreeMap<WriterId, Rights>,
    adopted: BTreeSet<(WriterId, u64)>,
    /// An adoption names an entry that is not here yet, so that any entry may change rights.
    pub(crate) adoption_waits: bool,
    /// The label that counts, if it was ever changed.
    pub(crate) renamed: Option<String>,
    /// The policies that are set.
    pub(crate) policies: Policies,
}

impl Rights {
    /// Whether a grant holds for the entry (key, seq) that nothing has ended.
    fn hold(&self, key: Key, seq: u64, role: Role) -> bool {
        self.grants.iter().enumerate().any(|(i, &(granted, as_role))| {
            as_role >= role
                && (i == 0 || key > granted)
                && !self.revokes.iter().any(|&(revoked, cut)| revoked > granted && seq > cut)
        })
    }

    /// Up to this number all entries count: the first grant vouches for a whole chain, as far as no
    /// revoke after it cuts.
    fn vouched(&self) -> u64 {
        let Some(&(granted, _)) = self.grants.first() else { return 0 };
        let after = self.revokes.iter().filter(|&&(revoked, _)| revoked > granted);
        after.map(|&(_, cut)| cut).min().unwrap_or(u64::MAX)
    }

    /// The role held after what sorts before `until`, or held now, for new entries.
    fn role(&self, until: Option<Key>) -> Option<Role> {
        let before = |key: Key| until.is_none_or(|until| key < until);
        let held = |&&(granted, _): &&(Key, Role)| {
            before(granted) && !self.revokes.iter().any(|&(r, _)| r > granted && before(r))
        };
        self.grants.iter().filter(held).map(|&(_, role)| role).max()
    }
}

impl Roles {
    /// Derives the rights from the role entries at `refs`, which are in replay order.
    pub(crate) fn of(
        profile: &ProfileId,
        kind: &ProfileKind,
        content: &Content,
        refs: &[Ref],
    ) -> Self {
        let creator = match kind {
            ProfileKind::Open => None,
            ProfileKind::Owned { creator } => Some(*creator),
        };
        let mut roles = Self {
            open: creator.is_none(),
            creator,
            writers: BTreeMap::new(),
            adopted: BTreeSet::new(),
            adoption_waits: false,
            renamed: None,
            policies: Policies::new(),
        };
        for &at in refs {
            roles.take(profile, content, at);
        }
        // Whether a policy's entry counts depends on all rights, also on those that come after it.
        roles.policies = policies(&roles, content, refs);
        roles
    }

    /// Whether an entry counts, as far as its writer's rights go.
    pub(crate) fn allow(&self, content: &Content, at: Ref) -> bool {
        self.open || {
            let key = content.key(at);
            self.holds(content.chains[usize::from(at.chain)].root, key, Role::Officer)
                || self.adopted.contains(&(key.writer, key.seq))
        }
    }

    /// Up to which number all entries of `root`'s chain and its branches count, so that only those
    /// beyond need a look each.
    pub(crate) fn vouched(&self, root: WriterId) -> u64 {
        match self.open || Some(root) == self.creator {
            true => u64::MAX,
            false => self.writers.get(&root).map_or(0, Rights::vouched),
        }
    }

    /// Whether an entry that is held may count now and did not under `old` rights, or the reverse.
    pub(crate) fn differ(&self, old: &Self, content: &Content) -> bool {
        let differs = |chain: &Chain| {
            let all_count = |roles: &Self| roles.vouched(chain.root) >= chain.last();
            self.writers.get(&chain.root) != old.writers.get(&chain.root)
                && !(all_count(self) && all_count(old))
        };
        self.adopted != old.adopted
            || content.chains.iter().any(|chain| !chain.rows.is_empty() && differs(chain))
    }

    /// Whether entries of `root`'s chain and its branches enter the log at all, counted or not.
    pub(crate) fn admit(&self, root: WriterId) -> bool {
        self.open || Some(root) == self.creator || self.writers.contains_key(&root)
    }

    /// Whether a chain is admitted by its entry at `key`, which says that it continues `old`'s: if that
    /// held a role then.
    pub(crate) fn continues(&self, old: &PublicKey, key: Key) -> bool {
        self.role_until(WriterId::of_key(old), Some(key)).is_some()
    }

    /// What `root` may do from now on; in an open profile everyone is an officer.
    pub(crate) fn role(&self, root: WriterId) -> Option<Role> {
        self.role_until(root, None)
    }

    fn role_until(&self, root: WriterId, until: Option<Key>) -> Option<Role> {
        if Some(root) == self.creator {
            return Some(Role::Owner);
        }
        match self.writers.get(&root) {
            Some(rights) => rights.role(until),
            None => self.open.then_some(Role::Officer),
        }
    }

    fn holds(&self, root: WriterId, key: Key, role: Role) -> bool {
        Some(root) == self.creator
            || self.writers.get(&root).is_some_and(|r| r.hold(key, key.seq, role))
    }

    fn take(&mut self, profile: &ProfileId, content: &Content, at: Ref) {
        let key = content.key(at);
        let root = content.chains[usize::from(at.chain)].root;
        let Some(change) = content.change_of(content.row(at)) else { return };
        if let Change::Continues { key: old, proof } = change {
            let old_writer = WriterId::of_key(old);
            if let Some(role) = self.role(old_writer).filter(|_| !self.open)
                && old.handed_over(profile, root, proof)
            {
                self.writers.entry(root).or_default().grants.push((key, role));
            }
            return;
        }
        // A role entry counts only where its author already was owner; the order of replay decides.
        let granted_before = |r: &Rights| {
            r.grants.iter().any(|&(granted, role)| role == Role::Owner && granted < key)
                && r.hold(key, key.seq, Role::Owner)
        };
        let by_owner = self.open
            || Some(root) == self.creator
            || self.writers.get(&root).is_some_and(granted_before);
        match change {
            Change::ProfileRenamed { name } if by_owner => {
                self.renamed = Some(name.as_str().to_owned());
            }
            _ if self.open || !by_owner => {}
            Change::Grant { writer, role, .. } => {
                self.writers.entry(*writer).or_default().grants.push((key, *role));
            }
            Change::Revoke { writer, cut } => {
                if let Some(rights) = self.writers.get_mut(writer) {
                    rights.revokes.push((key, *cut));
                }
            }
            Change::Adopt { of, hash } => match content.find_hashed(*of, hash) {
                None => self.adoption_waits = true,
                Some(at) => {
                    let id = content.id(at);
                    self.adopted.insert((id.writer, id.seq));
                }
            },
            _ => {}
        }
    }
}
