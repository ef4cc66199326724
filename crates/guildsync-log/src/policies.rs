//! The policies of a profile: registers that the newest entry in replay order wins.
//!
//! Whoever may write sets them: anyone in an open profile, owners and officers in an owned one. A
//! policy counts where its entry counts, so a late grant, revoke or adoption decides about it as about
//! an award.

use std::collections::BTreeMap;

use guildsync_types::{EntryId, PolicyName, PolicyValue};

use crate::content::Content;
use crate::entry::Change;
use crate::log::Log;
use crate::order::Ref;
use crate::roles::Roles;

/// The policies set, each by the entry that did it.
pub(crate) type Policies = BTreeMap<PolicyName, Ref>;

/// A policy that is set, and by which entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy<'a> {
    /// Which.
    pub name: &'a PolicyName,
    /// What it is set to, never empty.
    pub value: &'a PolicyValue,
    /// The entry that says so.
    pub set_by: EntryId,
}

/// The policies that the entries at `refs`, in replay order, set under these rights.
pub(crate) fn policies(roles: &Roles, content: &Content, refs: &[Ref]) -> Policies {
    let mut policies = Policies::new();
    for &at in refs {
        let Some((name, value)) = set_at(content, at) else { continue };
        let finds_room = policies.len() < Log::POLICIES_MAX || policies.contains_key(name);
        if !roles.allow(content, at) {
            continue;
        } else if value.is_empty() {
            policies.remove(name);
        } else if finds_room {
            policies.insert(name.clone(), at);
        }
    }
    policies
}

fn set_at(content: &Content, at: Ref) -> Option<(&PolicyName, &PolicyValue)> {
    match content.change_of(content.row(at)) {
        Some(Change::PolicySet { name, value }) => Some((name, value)),
        _ => None,
    }
}

impl Log {
    /// The most policies that are set at a time. An entry that sets one more is kept as any other and
    /// has no effect.
    pub const POLICIES_MAX: usize = 64;

    /// What a policy is set to; `None` if nothing is said, or if it was set back to the default.
    #[must_use]
    pub fn policy(&self, name: &str) -> Option<&str> {
        let at = self.roles.policies.get(name)?;
        set_at(&self.content, *at).map(|(_, value)| value.as_str())
    }

    /// All policies that are set, by name.
    pub fn policies(&self) -> impl Iterator<Item = Policy<'_>> {
        self.roles.policies.values().filter_map(|&at| {
            let (name, value) = set_at(&self.content, at)?;
            Some(Policy { name, value, set_by: self.content.id(at) })
        })
    }
}
