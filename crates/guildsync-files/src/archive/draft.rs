//! One entry of an archive: a draft as text and numbers, and back.

use std::fmt::Display;
use std::str::FromStr;

use guildsync_log::{Basis, Change, Draft, Role};
use guildsync_types::hash::to_hex;
use guildsync_types::{
    EntryId, MemberName, Points, PolicyName, PolicyValue, ProfileName, Reason, Stamp,
};
use serde::{Deserialize, Serialize};

/// An entry as every form of an archive holds it: fields that its kind has no use for are absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivedEntry {
    /// Its number in its writer's chain.
    #[serde(with = "number")]
    pub seq: u64,
    /// `YYYY-MM-DD HH:MM:SS` in UTC: for people, `seconds` says the same.
    #[serde(default)]
    pub time: String,
    /// Seconds since 1970 UTC.
    #[serde(with = "number")]
    pub seconds: u64,
    /// The count within the second.
    #[serde(with = "number")]
    pub count: u16,
    /// Who did it.
    pub actor: String,
    /// The kind by its name, as [`Change::kind`] gives it.
    pub kind: String,
    /// Whose points, whom a note is about, or who writes as the granted writer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// By how much, as a decimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delta: Option<String>,
    /// The total afterwards as the writer saw it, as a decimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// `delta` or `total`: what replay goes by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// The occurrence number of an imported row.
    #[serde(default, with = "maybe_number", skip_serializing_if = "Option::is_none")]
    pub origin: Option<u32>,
    /// The entry that is undone or adopted, `writer:seq`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    /// That entry's hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// The writer that is granted a role, or revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grantee: Option<String>,
    /// `officer` or `owner`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The last entry of a revoked writer that counts.
    #[serde(default, with = "maybe_number", skip_serializing_if = "Option::is_none")]
    pub cut: Option<u64>,
    /// A profile's label, or a policy's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What a policy is set to; absent where that is the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The key of the writer that is continued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// The number of a kind that the writing program did not know.
    #[serde(default, with = "maybe_number", skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// Its fields, in hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<String>,
}

/// A field that is missing or wrong: its name and why.
pub(super) type Fault = (&'static str, String);

impl ArchivedEntry {
    pub(super) fn of(seq: u64, draft: &Draft) -> Self {
        let entry = Self {
            seq,
            time: draft.stamp.to_string(),
            seconds: draft.stamp.seconds(),
            count: draft.stamp.count(),
            actor: draft.actor.as_str().to_owned(),
            kind: draft.change.kind().to_owned(),
            reason: draft.reason.as_str().to_owned(),
            origin: draft.origin,
            ..Self::default()
        };
        let text = |value: &dyn Display| Some(value.to_string());
        match &draft.change {
            Change::Points { target, delta, total, basis } => Self {
                member: text(target),
                delta: text(delta),
                total: text(total),
                basis: text(&if *basis == Basis::Delta { "delta" } else { "total" }),
                ..entry
            },
            Change::Note { about } => {
                Self { member: about.as_ref().and_then(|m| text(m)), ..entry }
            }
            Change::Undo { of, hash } | Change::Adopt { of, hash } => {
                Self { entry: text(of), hash: text(hash), ..entry }
            }
            Change::Grant { writer, member, role } => Self {
                grantee: text(writer),
                member: text(member),
                role: text(&role.name()),
                ..entry
            },
            Change::Revoke { writer, cut } => {
                Self { grantee: text(writer), cut: Some(*cut), ..entry }
            }
            Change::ProfileCreated { name } | Change::ProfileRenamed { name } => {
                Self { name: text(name), ..entry }
            }
            Change::PolicySet { name, value } => {
                let set = (!value.is_empty()).then(|| value.to_string());
                Self { name: text(name), value: set, ..entry }
            }
            Change::Continues { key, proof } => {
                Self { key: text(key), proof: text(proof), ..entry }
            }
            Change::Unknown { kind, bytes } => {
                Self { number: Some(*kind), bytes: Some(to_hex(bytes)), ..entry }
            }
            // `Change` may grow. A kind without an arm here does not read back, which the test over
            // all kinds shows.
            _ => entry,
        }
    }

    pub(super) fn draft(&self) -> Result<Draft, Fault> {
        let stamp =
            Stamp::new(self.seconds, self.count).map_err(|why| ("seconds", why.to_string()))?;
        if !self.time.is_empty() && self.time != stamp.to_string() {
            let why = format!("{:?} is not {} seconds, which is {stamp}", self.time, self.seconds);
            return Err(("time", why));
        }
        Ok(Draft {
            stamp,
            actor: MemberName::from_entry(&self.actor).map_err(|why| ("actor", why.to_string()))?,
            change: self.change()?,
            reason: Reason::new(&self.reason).map_err(|why| ("reason", why.to_string()))?,
            origin: match self.origin {
                Some(0 | u32::MAX) => return Err(("origin", "occurrences begin at 1".to_owned())),
                origin => origin,
            },
        })
    }

    fn change(&self) -> Result<Change, Fault> {
        let member =
            |name: &str| MemberName::from_entry(name).map_err(|why| ("member", why.to_string()));
        let name = || {
            let text = need("name", self.name.as_ref())?;
            ProfileName::new(text).map_err(|why| ("name", why.to_string()))
        };
        let reference = || -> Result<_, Fault> {
            Ok((
                parsed::<EntryId>("entry", self.entry.as_ref())?,
                parsed("hash", self.hash.as_ref())?,
            ))
        };
        Ok(match self.kind.as_str() {
            "points" => Change::Points {
                target: member(need("member", self.member.as_ref())?)?,
                delta: parsed::<Points>("delta", self.delta.as_ref())?,
                total: parsed::<Points>("total", self.total.as_ref())?,
                basis: match need("basis", self.basis.as_ref())? {
                    "delta" => Basis::Delta,
                    "total" => Basis::Total,
                    other => {
                        return Err(("basis", format!("{other:?} is neither delta nor total")));
                    }
                },
            },
            "note" => Change::Note { about: self.member.as_deref().map(member).transpose()? },
            "undo" => reference().map(|(of, hash)| Change::Undo { of, hash })?,
            "adopt" => reference().map(|(of, hash)| Change::Adopt { of, hash })?,
            "grant" => Change::Grant {
                writer: parsed("grantee", self.grantee.as_ref())?,
                member: member(need("member", self.member.as_ref())?)?,
                role: match need("role", self.role.as_ref())? {
                    "officer" => Role::Officer,
                    "owner" => Role::Owner,
                    other => {
                        return Err(("role", format!("{other:?} is neither officer nor owner")));
                    }
                },
            },
            "revoke" => Change::Revoke {
                writer: parsed("grantee", self.grantee.as_ref())?,
                cut: self.cut.ok_or_else(|| missing("cut"))?,
            },
            "profile-created" => Change::ProfileCreated { name: name()? },
            "profile-renamed" => Change::ProfileRenamed { name: name()? },
            "policy-set" => Change::PolicySet {
                name: PolicyName::new(need("name", self.name.as_ref())?)
                    .map_err(|why| ("name", why.to_string()))?,
                value: PolicyValue::new(self.value.as_deref().unwrap_or(""))
                    .map_err(|why| ("value", why.to_string()))?,
            },
            "continues" => Change::Continues {
                key: parsed("key", self.key.as_ref())?,
                proof: parsed("proof", self.proof.as_ref())?,
            },
            "unknown" => Change::Unknown {
                kind: self.number.ok_or_else(|| missing("number"))?,
                bytes: from_hex(self.bytes.as_deref().unwrap_or(""))
                    .ok_or_else(|| ("bytes", "not hex".to_owned()))?,
            },
            other => return Err(("kind", format!("{other:?} is no kind of entry"))),
        })
    }
}

fn missing(field: &'static str) -> Fault {
    (field, "it is missing".to_owned())
}

fn need<'a>(field: &'static str, text: Option<&'a String>) -> Result<&'a str, Fault> {
    text.map(String::as_str).ok_or_else(|| missing(field))
}

fn parsed<T: FromStr<Err: Display>>(
    field: &'static str,
    text: Option<&String>,
) -> Result<T, Fault> {
    need(field, text)?.parse().map_err(|why: T::Err| (field, why.to_string()))
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || text.len() > 2 * Change::UNKNOWN_BYTES_MAX {
        return None;
    }
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect();
    Some(digits?.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// A whole number that is also read from text, since a cell of a table has no other kind.
pub(super) mod number {
    use super::{Deserialize, FromStr};
    use serde::{Deserializer, Serialize, Serializer, de::Error};

    pub(in super::super) fn serialize<T: Serialize, S: Serializer>(
        number: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        number.serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: TryFrom<u64> + FromStr,
        D: Deserializer<'de>,
    {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Number(u64),
            Text(String),
        }
        let number = match Either::deserialize(deserializer)? {
            Either::Number(number) => T::try_from(number).ok(),
            Either::Text(text) => text.parse().ok(),
        };
        number.ok_or_else(|| D::Error::custom("not a whole number in range"))
    }
}

/// As [`number`], for one that may be absent.
mod maybe_number {
    use super::{FromStr, number};
    use serde::{Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        number: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        number.serialize(serializer)
    }

    pub(super) fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: TryFrom<u64> + FromStr,
        D: Deserializer<'de>,
    {
        number::deserialize(deserializer).map(Some)
    }
}
