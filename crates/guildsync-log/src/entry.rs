//! Entries: what one replica says happened. Their bytes are in `codec`.

use guildsync_types::{
    EntryId, Hash, MemberName, Points, PolicyName, PolicyValue, ProfileName, PublicKey, Reason,
    Signature, Stamp, WriterId,
};

/// An entry of a profile's log. Immutable: sync only ever adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who appended it, and its place in that writer's chain.
    pub id: EntryId,
    /// What it says.
    pub draft: Draft,
}

/// What an entry says, before it has a place in a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// When it happened. Imports and corrections may carry a stamp of the past.
    pub stamp: Stamp,
    /// Who did it, as the game or the file tells.
    pub actor: MemberName,
    /// What happened.
    pub change: Change,
    /// Why.
    pub reason: Reason,
    /// For an imported row: its occurrence number among equal rows of its file, from 1.
    ///
    /// Together with the entry's own seconds, actor, target, delta, total and reason it identifies
    /// the row, so that files of two officers that overlap count each row once.
    pub origin: Option<u32>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Points moved.
    Points {
        /// Whose.
        target: MemberName,
        /// By how much.
        delta: Points,
        /// The member's total afterwards, as the writer saw it.
        total: Points,
        /// What replay goes by.
        basis: Basis,
    },
    /// Something happened that moves no points.
    Note {
        /// The member it is about, if any.
        about: Option<MemberName>,
    },
    /// The named entry counts no longer. It must be `Points`; an undo cannot be undone.
    Undo {
        /// The entry.
        of: EntryId,
        /// Its hash, so that a fork cannot swap it.
        hash: Hash,
    },
    /// A writer may write: counts when an owner says so, in owned profiles.
    Grant {
        /// The writer.
        writer: WriterId,
        /// The member who writes there, for people.
        member: MemberName,
        /// What it may do.
        role: Role,
    },
    /// A writer may write no longer: what lies beyond `cut` in its chain does not count.
    Revoke {
        /// The writer.
        writer: WriterId,
        /// The last entry of it that the revoking owner held.
        cut: u64,
    },
    /// The profile begins. An owned profile's id is the hash of this entry.
    ProfileCreated {
        /// Its first label.
        name: ProfileName,
    },
    /// The profile has another label; its id stays.
    ProfileRenamed {
        /// The new label.
        name: ProfileName,
    },
    /// This writer goes on for an older one whose key signed so.
    Continues {
        /// The older writer's public key.
        key: PublicKey,
        /// Its signature over profile and new writer.
        proof: Signature,
    },
    /// An owner lets an entry count that lies beyond a cut.
    Adopt {
        /// The entry.
        of: EntryId,
        /// Its hash.
        hash: Hash,
    },
    /// A policy of the profile has another value: its newest counts, in replay order.
    PolicySet {
        /// Which.
        name: PolicyName,
        /// What it is set to; empty is back to the default.
        value: PolicyValue,
    },
    /// A kind of a later version: stored, forwarded, shown as unknown, never counted.
    Unknown {
        /// The kind's number.
        kind: u64,
        /// Its fields, at most [`Change::UNKNOWN_BYTES_MAX`] bytes.
        bytes: Vec<u8>,
    },
}

/// What replay goes by when it counts a `Points` entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Adds the delta. Everything that people do.
    Delta,
    /// Sets the member's total. Only imports, where a file's "before" does not fit.
    Total,
}

/// What a writer may do in an owned profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Its entries count, policies among them.
    Officer,
    /// Also grants, revokes, adopts and renames.
    Owner,
}

impl Change {
    /// The most bytes that an unknown kind may hold.
    pub const UNKNOWN_BYTES_MAX: usize = 4096;

    /// The kind's name, for tables and exports.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Points { .. } => "points",
            Self::Note { .. } => "note",
            Self::Undo { .. } => "undo",
            Self::Grant { .. } => "grant",
            Self::Revoke { .. } => "revoke",
            Self::ProfileCreated { .. } => "profile-created",
            Self::ProfileRenamed { .. } => "profile-renamed",
            Self::Continues { .. } => "continues",
            Self::Adopt { .. } => "adopt",
            Self::PolicySet { .. } => "policy-set",
            Self::Unknown { .. } => "unknown",
        }
    }
}

impl Role {
    /// The role's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Officer => "officer",
            Self::Owner => "owner",
        }
    }
}
