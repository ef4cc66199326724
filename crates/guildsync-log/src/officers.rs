//! Who holds a role in a profile, for people and for policies that go by names.

use guildsync_types::{MemberName, WriterId};

use crate::entry::{Change, Role};
use crate::log::Log;

/// A writer with a role, and the member who writes there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Officer {
    /// The writer.
    pub writer: WriterId,
    /// The member named in the newest grant, or the creator's own name.
    pub member: MemberName,
    /// The role held now.
    pub role: Role,
}

impl Log {
    /// Everyone who holds a role now, by writer. Empty for open profiles, where everyone may write.
    #[must_use]
    pub fn officers(&self) -> Vec<Officer> {
        let mut named: Vec<(WriterId, MemberName)> = Vec::new();
        for &at in &self.role_entries {
            let row = self.content.row(at);
            let writer = self.content.chains[usize::from(at.chain)].root;
            let draft = self.content.unpack(row);
            match draft.change {
                Change::Grant { writer, member, .. } => named.push((writer, member)),
                Change::ProfileCreated { .. } | Change::Continues { .. } => {
                    named.push((writer, draft.actor));
                }
                _ => {}
            }
        }
        // The newest name of a writer stands.
        named.reverse();
        named.sort_by_key(|&(writer, _)| writer);
        named.dedup_by_key(|&mut (writer, _)| writer);
        let held = |(writer, member)| {
            let role = self.role(writer).filter(|_| self.has_officers())?;
            Some(Officer { writer, member, role })
        };
        named.into_iter().filter_map(held).collect()
    }
}
