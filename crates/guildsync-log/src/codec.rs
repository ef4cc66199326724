//! The canonical bytes of entries.
//!
//! The bytes of [`Draft::encode`] are what chains hash, stores keep and messages carry. Every value
//! has one encoding only, and a kind this version does not know is carried byte for byte.

use guildsync_types::{
    EntryId, Hash, MemberName, Points, PolicyName, PolicyValue, ProfileName, PublicKey, Reason,
    Signature, Stamp, WriterId,
};
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

use crate::entry::{Basis, Change, Draft, Role};

pub(crate) const POINTS_DELTA: u64 = 0;
pub(crate) const POINTS_TOTAL: u64 = 1;
pub(crate) const NOTE: u64 = 2;
const UNDO: u64 = 3;
const GRANT: u64 = 4;
const REVOKE: u64 = 5;
const PROFILE_CREATED: u64 = 6;
const PROFILE_RENAMED: u64 = 7;
const CONTINUES: u64 = 8;
const ADOPT: u64 = 9;
const POLICY_SET: u64 = 10;

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
        encode_fields(&self.change, w);
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

    /// Why these values have no bytes that read back as them; `None` for all that were ever read, and
    /// for nearly all that can be built.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let fault = match &self.change {
            Change::Undo { of, .. } | Change::Adopt { of, .. } if of.seq == 0 => {
                "entries are counted from 1"
            }
            Change::Unknown { kind, .. } if *kind <= POLICY_SET => "its kind is not an unknown one",
            Change::Unknown { bytes, .. } if bytes.len() > Change::UNKNOWN_BYTES_MAX => {
                "it holds more than 4096 bytes"
            }
            _ if self.stamp.seconds() > Stamp::SECONDS_MAX => "its stamp is after the year 9999",
            _ if matches!(self.origin, Some(0 | u32::MAX)) => "its occurrence number is none",
            _ => return None,
        };
        Some(fault)
    }

    pub(crate) fn kind_number(&self) -> u64 {
        kind_number(&self.change)
    }
}

/// The number by which a kind goes.
pub(crate) fn kind_number(change: &Change) -> u64 {
    match change {
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
        Change::PolicySet { .. } => POLICY_SET,
        Change::Unknown { kind, .. } => *kind,
    }
}

/// Writes what a kind holds beyond what all entries do.
pub(crate) fn encode_fields(change: &Change, w: &mut Writer) {
    match change {
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
        Change::PolicySet { name, value } => {
            w.str(name.as_str());
            w.str(value.as_str());
        }
        Change::Unknown { bytes, .. } => w.raw(bytes),
    }
}

/// Reads what [`encode_fields`] wrote.
pub(crate) fn decode_change(kind: u64, r: &mut Reader<'_>) -> Result<Change, DecodeError> {
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
        POLICY_SET => policy(r)?,
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

fn policy(r: &mut Reader<'_>) -> Result<Change, DecodeError> {
    let at = r.at();
    let name = PolicyName::new(r.str(PolicyName::BYTES_MAX, "policy name")?);
    let name = name.map_err(|e| r.invalid("policy name", at, &e.to_string()))?;
    let at = r.at();
    let value = PolicyValue::new(r.str(PolicyValue::BYTES_MAX, "policy value")?);
    let value = value.map_err(|e| r.invalid("policy value", at, &e.to_string()))?;
    Ok(Change::PolicySet { name, value })
}

fn role(r: &mut Reader<'_>) -> Result<Role, DecodeError> {
    let at = r.at();
    match r.u8("role")? {
        0 => Ok(Role::Officer),
        1 => Ok(Role::Owner),
        _ => Err(r.invalid("role", at, "neither officer nor owner")),
    }
}
