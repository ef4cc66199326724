//! The seven messages of seed 000, and their bytes.
//!
//! Layout: one byte for the kind, then its fields; numbers are varints, hashes and ids raw. A message
//! is decoded whole or not at all.

use guildsync_log::{Log, Profile, ProfileKind, Segment};
use guildsync_types::{Digest, MemberName, ProfileId, ProfileName, WriterId};
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

use crate::summary::Summary;

/// One coordinator's term. Later epochs fence earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch {
    /// Counts the terms of a group, from 1.
    pub term: u64,
    /// Who coordinates.
    pub coordinator: MemberName,
}

/// Whom something is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// Everyone in the group but the sender.
    Group,
    /// One member, by whisper.
    Member(MemberName),
}

/// What members say to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// Coordinator, to the group or a late joiner: this profile, and what I have of it.
    ProfileAnnounce {
        /// The coordinator's term.
        epoch: Epoch,
        /// The profile; whoever lacks it creates it.
        profile: Profile,
        /// Whether members are to make it their active one.
        switch: bool,
        /// What the coordinator has.
        summary: Summary,
    },
    /// Coordinator, by whisper: say again what you have.
    RequestLogList {
        /// The coordinator's term.
        epoch: Epoch,
        /// Of which profile.
        profile: ProfileId,
    },
    /// Member, by whisper: what I have; `None` when it is exactly what was announced.
    LogListReply {
        /// The term that is answered.
        term: u64,
        /// Of which profile.
        profile: ProfileId,
        /// What the member has.
        summary: Option<Summary>,
    },
    /// Anyone: entries that you lack.
    SendMissingLogs {
        /// Of which profile.
        profile: ProfileId,
        /// The request that this answers, 0 for none.
        request: u64,
        /// The entries, sealed.
        segments: Vec<Segment>,
    },
    /// Anyone, by whisper: send me these entries.
    RequestMyMissing {
        /// Of which profile.
        profile: ProfileId,
        /// Named in the answer.
        request: u64,
        /// Whether the answer goes to the group, because others lack them too.
        to_group: bool,
        /// Writer and first entry wanted, each to the writer's head.
        wants: Vec<(WriterId, u64)>,
    },
    /// The writer, to the group: a new entry, as it happens.
    LogEntry {
        /// Of which profile.
        profile: ProfileId,
        /// The new entries, sealed.
        segment: Segment,
    },
    /// Anyone allowed to: I coordinate from now on. An announcement follows.
    ManualSyncStart {
        /// The new term.
        epoch: Epoch,
    },
}

impl Message {
    /// The most segments, writers or wants in one message: a log's limit of writers.
    pub const ITEMS_MAX: usize = 1 << 16;

    /// The message's name in seed 000.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ProfileAnnounce { .. } => "PROFILE_ANNOUNCE",
            Self::RequestLogList { .. } => "REQUEST_LOG_LIST",
            Self::LogListReply { .. } => "LOG_LIST_REPLY",
            Self::SendMissingLogs { .. } => "SEND_MISSING_LOGS",
            Self::RequestMyMissing { .. } => "REQUEST_MY_MISSING",
            Self::LogEntry { .. } => "LOG_ENTRY",
            Self::ManualSyncStart { .. } => "MANUAL_SYNC_START",
        }
    }

    /// The epoch that the message belongs to, for those that name one.
    #[must_use]
    pub fn epoch(&self) -> Option<&Epoch> {
        match self {
            Self::ProfileAnnounce { epoch, .. }
            | Self::RequestLogList { epoch, .. }
            | Self::ManualSyncStart { epoch } => Some(epoch),
            _ => None,
        }
    }

    /// The bytes of the message.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut w = Writer::new();
        match self {
            Self::ProfileAnnounce { epoch, profile, switch, summary } => {
                w.u8(1);
                encode_epoch(epoch, &mut w);
                encode_profile(profile, &mut w);
                w.u8(u8::from(*switch));
                summary.encode(&mut w);
            }
            Self::RequestLogList { epoch, profile } => {
                w.u8(2);
                encode_epoch(epoch, &mut w);
                w.raw(&profile.0);
            }
            Self::LogListReply { term, profile, summary } => {
                w.u8(3);
                w.varint(*term);
                w.raw(&profile.0);
                w.u8(u8::from(summary.is_some()));
                if let Some(summary) = summary {
                    summary.encode(&mut w);
                }
            }
            Self::SendMissingLogs { profile, request, segments } => {
                w.u8(4);
                w.raw(&profile.0);
                w.varint(*request);
                w.varint(segments.len() as u64);
                segments.iter().for_each(|segment| segment.encode(&mut w));
            }
            Self::RequestMyMissing { profile, request, to_group, wants } => {
                w.u8(5);
                w.raw(&profile.0);
                w.varint(*request);
                w.u8(u8::from(*to_group));
                w.varint(wants.len() as u64);
                for (writer, first) in wants {
                    w.raw(&writer.0);
                    w.varint(*first);
                }
            }
            Self::LogEntry { profile, segment } => {
                w.u8(6);
                w.raw(&profile.0);
                segment.encode(&mut w);
            }
            Self::ManualSyncStart { epoch } => {
                w.u8(7);
                encode_epoch(epoch, &mut w);
            }
        }
        w.into_vec()
    }

    /// Reads exactly one message.
    ///
    /// # Errors
    /// The field that is wrong, and where.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let r = &mut r;
        let message = match r.u8("message kind")? {
            1 => Self::ProfileAnnounce {
                epoch: decode_epoch(r)?,
                profile: decode_profile(r)?,
                switch: flag(r, "switch")?,
                summary: Summary::decode(r)?,
            },
            2 => Self::RequestLogList { epoch: decode_epoch(r)?, profile: profile_id(r)? },
            3 => {
                let (term, profile) = (r.varint("term")?, profile_id(r)?);
                let differs = flag(r, "summary flag")?;
                let summary = differs.then(|| Summary::decode(r)).transpose()?;
                Self::LogListReply { term, profile, summary }
            }
            4 => {
                let (profile, request) = (profile_id(r)?, r.varint("request")?);
                let n = r.count(Self::ITEMS_MAX, 128, "segments")?;
                let segments = (0..n).map(|_| Segment::decode(r)).collect::<Result<_, _>>()?;
                Self::SendMissingLogs { profile, request, segments }
            }
            5 => {
                let (profile, request) = (profile_id(r)?, r.varint("request")?);
                let to_group = flag(r, "to group")?;
                let n = r.count(Self::ITEMS_MAX, 17, "wants")?;
                let want = |_| Ok((WriterId(r.array("writer")?), r.varint("first")?.max(1)));
                let wants = (0..n).map(want).collect::<Result<_, DecodeError>>()?;
                Self::RequestMyMissing { profile, request, to_group, wants }
            }
            6 => Self::LogEntry { profile: profile_id(r)?, segment: Segment::decode(r)? },
            7 => Self::ManualSyncStart { epoch: decode_epoch(r)? },
            _ => return Err(r.invalid("message kind", 0, "none of this version's seven")),
        };
        r.clone().finish()?;
        Ok(message)
    }
}

/// What the coordinator's announcement says of a log.
pub(crate) fn announce(epoch: &Epoch, log: &Log, switch: bool) -> Message {
    Message::ProfileAnnounce {
        epoch: epoch.clone(),
        profile: log.profile().clone(),
        switch,
        summary: Summary::of(log),
    }
}

fn encode_epoch(epoch: &Epoch, w: &mut Writer) {
    w.varint(epoch.term);
    w.str(epoch.coordinator.as_str());
}

fn decode_epoch(r: &mut Reader<'_>) -> Result<Epoch, DecodeError> {
    let term = r.varint("term")?;
    let at = r.at();
    let coordinator = MemberName::from_entry(r.str(MemberName::BYTES_MAX, "coordinator")?)
        .map_err(|e| r.invalid("coordinator", at, &e.to_string()))?;
    Ok(Epoch { term, coordinator })
}

fn encode_profile(profile: &Profile, w: &mut Writer) {
    w.raw(&profile.id.0);
    w.str(profile.name.as_str());
    match profile.kind {
        ProfileKind::Open => w.u8(0),
        ProfileKind::Owned { creator } => {
            w.u8(1);
            w.raw(&creator.0);
        }
    }
}

fn decode_profile(r: &mut Reader<'_>) -> Result<Profile, DecodeError> {
    let id = profile_id(r)?;
    let at = r.at();
    let name = ProfileName::new(r.str(ProfileName::BYTES_MAX, "profile name")?)
        .map_err(|e| r.invalid("profile name", at, &e.to_string()))?;
    let kind = match flag(r, "profile kind")? {
        false => ProfileKind::Open,
        true => ProfileKind::Owned { creator: WriterId(r.array("creator")?) },
    };
    let profile = Profile { id, kind, name };
    match profile.is_plausible() {
        true => Ok(profile),
        false => Err(r.invalid("profile", at, "the id is not that of an open profile's name")),
    }
}

fn profile_id(r: &mut Reader<'_>) -> Result<ProfileId, DecodeError> {
    Ok(ProfileId(r.array("profile id")?))
}

fn flag(r: &mut Reader<'_>, what: &'static str) -> Result<bool, DecodeError> {
    let at = r.at();
    match r.u8(what)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(r.invalid(what, at, "neither 0 nor 1")),
    }
}

pub(crate) fn encode_digest(digest: Digest, w: &mut Writer) {
    w.raw(&digest.0);
}
