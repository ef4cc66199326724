//! Entries: what one replica says happened, and its canonical bytes.
//!
//! The bytes of [`Draft::encode`] are what chains hash, stores keep and messages carry. Every value
//! has one encoding only, and a kind this version does not know is carried byte for byte.

use guildsync_types::{
    EntryId, Hash, MemberName, Points, ProfileName, PublicKey, Reason, Signature, Stamp, WriterId,
};
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

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
    /// Its entries count.
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

const POINTS_DELTA: u64 = 0;
const POINTS_TOTAL: u64 = 1;
const NOTE: u64 = 2;
const UNDO: u64 = 3;
const GRANT: u64 = 4;
const REVOKE: u64 = 5;
const PROFILE_CREATED: u64 = 6;
const PROFILE_RENAMED: u64 = 7;
const CONTINUES: u64 = 8;
const ADOPT: u64 = 9;

impl Draft {
    /// The most bytes that an encoded entry may take.
    pub const BYTES_MAX: usize = Change::UNKNOWN_BYTES_MAX + 512;

    /// The canonical bytes: kind, stamp, actor, reason, origin, then the kind's fields.
    pub fn encode(&self, w: &mut Writer) {
        w.varint(self.kind_number());
        w.varint(self.stamp.packed());
        w.str(self.actor.as_str());
        w.str(self.reason.as_str());
        w.varint(self.origin.map_or(0, u64::from));
        match &self.change {
            Change::Points { target, delta, total, .. } => {
                w.str(target.as_str());
                w.zigzag(delta.hundredths());
                w.zigzag(total.hundredths());
            }
            Change::Note { about } => w.str(about.as_ref().map_or("", MemberName::as_str)),
            Change::Undo { of, hash } | Change::Adopt { of, hash } => {
                w.raw(&of.writer.0);
                w.varint(of.seq);
                w.raw(&hash.0);
            }
            Change::Grant { writer, member, role } => {
                w.raw(&writer.0);
                w.str(member.as_str());
                w.u8(*role as u8);
            }
            Change::Revoke { writer, cut } => {
                w.raw(&writer.0);
                w.varint(*cut);
            }
            Change::ProfileCreated { name } | Change::ProfileRenamed { name } => {
                w.str(name.as_str());
            }
            Change::Continues { key, proof } => {
                w.raw(&key.0);
                w.raw(&proof.0);
            }
            Change::Unknown { bytes, .. } => w.raw(bytes),
        }
    }

    /// The canonical bytes as a vector.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new();
        self.encode(&mut w);
        w.into_vec()
    }

    /// Reads the canonical bytes of exactly one entry.
    ///
    /// # Errors
    /// The field that is wrong, and where.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > Self::BYTES_MAX {
            return Err(DecodeError::Trailing {
                left: bytes.len() - Self::BYTES_MAX,
                at: Self::BYTES_MAX,
            });
        }
        let mut r = Reader::new(bytes);
        let kind = r.varint("kind")?;
        let at = r.at();
        let stamp = Stamp::from_packed(r.varint("stamp")?)
            .map_err(|e| r.invalid("stamp", at, &e.to_string()))?;
        let actor = member(&mut r, "actor")?;
        let at = r.at();
        let reason = Reason::new(r.str(Reason::BYTES_MAX, "reason")?)
            .map_err(|e| r.invalid("reason", at, &e.to_string()))?;
        let at = r.at();
        let origin = match r.varint("origin")? {
            0 => None,
            n if n < u64::from(u32::MAX) => Some(n as u32),
            _ => return Err(r.invalid("origin", at, "an occurrence beyond 32 bits")),
        };
        let change = decode_change(kind, &mut r)?;
        r.finish()?;
        Ok(Self { stamp, actor, change, reason, origin })
    }

    fn kind_number(&self) -> u64 {
        match &self.change {
            Change::Points { basis: Basis::Delta, .. } => POINTS_DELTA,
            Change::Points { basis: Basis::Total, .. } => POINTS_TOTAL,
            Change::Note { .. } => NOTE,
            Change::Undo { .. } => UNDO,
            Change::Grant { .. } => GRANT,
            Change::Revoke { .. } => REVOKE,
            Change::ProfileCreated { .. } => PROFILE_CREATED,
            Change::ProfileRenamed { .. } => PROFILE_RENAMED,
            Change::Continues { .. } => CONTINUES,
            Change::Adopt { .. } => ADOPT,
            Change::Unknown { kind, .. } => *kind,
        }
    }
}

fn decode_change(kind: u64, r: &mut Reader<'_>) -> Result<Change, DecodeError> {
    Ok(match kind {
        POINTS_DELTA | POINTS_TOTAL => Change::Points {
            target: member(r, "target")?,
            delta: points(r, "delta")?,
            total: points(r, "total")?,
            basis: if kind == POINTS_DELTA { Basis::Delta } else { Basis::Total },
        },
        NOTE => {
            let at = r.at();
            let about = match r.str(MemberName::BYTES_MAX, "about")? {
                "" => None,
                text => Some(
                    MemberName::from_entry(text)
                        .map_err(|e| r.invalid("about", at, &e.to_string()))?,
                ),
            };
            Change::Note { about }
        }
        UNDO => {
            let (of, hash) = reference(r)?;
            Change::Undo { of, hash }
        }
        ADOPT => {
            let (of, hash) = reference(r)?;
            Change::Adopt { of, hash }
        }
        GRANT => Change::Grant {
            writer: WriterId(r.array("writer")?),
            member: member(r, "member")?,
            role: role(r)?,
        },
        REVOKE => Change::Revoke { writer: WriterId(r.array("writer")?), cut: r.varint("cut")? },
        PROFILE_CREATED => Change::ProfileCreated { name: profile_name(r)? },
        PROFILE_RENAMED => Change::ProfileRenamed { name: profile_name(r)? },
        CONTINUES => Change::Continues {
            key: PublicKey(r.array("key")?),
            proof: Signature(r.array("proof")?),
        },
        kind => {
            let at = r.at();
            let bytes = r.raw(r.left(), "unknown kind")?.to_vec();
            if bytes.len() > Change::UNKNOWN_BYTES_MAX {
                return Err(r.invalid("unknown kind", at, "more than 4096 bytes"));
            }
            Change::Unknown { kind, bytes }
        }
    })
}

fn reference(r: &mut Reader<'_>) -> Result<(EntryId, Hash), DecodeError> {
    let writer = WriterId(r.array("writer")?);
    let at = r.at();
    let seq = r.varint("seq")?;
    if seq == 0 {
        return Err(r.invalid("seq", at, "entries are counted from 1"));
    }
    Ok((EntryId { writer, seq }, Hash(r.array("hash")?)))
}

fn member(r: &mut Reader<'_>, what: &'static str) -> Result<MemberName, DecodeError> {
    let at = r.at();
    MemberName::from_entry(r.str(MemberName::BYTES_MAX, what)?)
        .map_err(|e| r.invalid(what, at, &e.to_string()))
}

fn points(r: &mut Reader<'_>, what: &'static str) -> Result<Points, DecodeError> {
    let at = r.at();
    Points::from_hundredths(r.zigzag(what)?).map_err(|e| r.invalid(what, at, &e.to_string()))
}

fn profile_name(r: &mut Reader<'_>) -> Result<ProfileName, DecodeError> {
    let at = r.at();
    let text = r.str(ProfileName::BYTES_MAX, "profile name")?;
    let name = ProfileName::new(text).map_err(|e| r.invalid("profile name", at, &e.to_string()))?;
    match name.as_str() == text {
        true => Ok(name),
        false => Err(r.invalid("profile name", at, "white space at an end")),
    }
}

fn role(r: &mut Reader<'_>) -> Result<Role, DecodeError> {
    let at = r.at();
    match r.u8("role")? {
        0 => Ok(Role::Officer),
        1 => Ok(Role::Owner),
        _ => Err(r.invalid("role", at, "neither officer nor owner")),
    }
}
