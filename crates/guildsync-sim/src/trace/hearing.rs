//! The messages of a recorded run: who told whom what, and what that took.
//!
//! Frames are put together as their senders sent them, before the channel loses any.

use std::collections::BTreeMap;

use bytes::Bytes;
use guildsync::leader::{Answer, Cause, Difference, Has, Message, Named};
use guildsync::transport::ChannelProfile;
use guildsync::wire::reassemble::{Limits, Outcome, Reassembler};

use super::{Record, clock, unhex};

/// Puts the frames of a run together.
#[derive(Debug)]
pub struct Hearing {
    reassembler: Reassembler<String>,
    /// By sender and transfer: when it began, its frames so far, their bytes.
    under_way: BTreeMap<(String, u16), (u64, usize, usize)>,
}

/// A message that was sent whole.
#[derive(Debug, Clone)]
pub struct Heard {
    /// When its first frame left, in virtual milliseconds.
    pub from_ms: u64,
    /// When its last frame left.
    pub to_ms: u64,
    /// By whom.
    pub sender: String,
    /// For whom; `None` for the group.
    pub to: Option<String>,
    /// Its frames.
    pub n_frames: usize,
    /// Their bytes.
    pub n_bytes: usize,
    /// What it says.
    pub message: Message,
}

impl Hearing {
    /// Hears a run on this channel.
    #[must_use]
    pub fn new(channel: ChannelProfile) -> Self {
        let reassembler = Reassembler::new(channel.framing(), Limits::default());
        Self { reassembler, under_way: BTreeMap::new() }
    }

    /// Hears a run on the channel that its first record names; retail, if it names none that is known.
    #[must_use]
    pub fn of(records: &[Record]) -> Self {
        let name = match records.first() {
            Some(Record::Begin { channel, .. }) => channel,
            _ => "",
        };
        let known = ChannelProfile::ALL.into_iter().find(|channel| channel.name == name);
        Self::new(known.unwrap_or_else(ChannelProfile::retail))
    }

    /// The message that a record completes, if it does.
    pub fn hear(&mut self, record: &Record) -> Option<Heard> {
        let Record::Frame { at, from, to, bytes, result } = record else { return None };
        if result != "Sent" {
            return None;
        }
        let frame = unhex(bytes);
        let accepted = self.reassembler.accept(*at, from, &frame).ok()?;
        // A relayed piece belongs to somebody else's transfer.
        let sender = accepted.of.unwrap_or_else(|| from.clone());
        let (transfer, whole) = match accepted.outcome {
            Outcome::Message { transfer, bytes } => (transfer, Some(bytes)),
            Outcome::Progress { transfer, .. } => (Some(transfer), None),
            _ => return None,
        };
        let (mut from_ms, mut n_frames, mut n_bytes) = (*at, 0, 0);
        if let Some(transfer) = transfer {
            let known = self.under_way.remove(&(sender.clone(), transfer));
            (from_ms, n_frames, n_bytes) = known.unwrap_or((*at, 0, 0));
        }
        (n_frames, n_bytes) = (n_frames + 1, n_bytes + frame.len());
        let Some(whole) = whole else {
            let transfer = transfer.unwrap_or_default();
            self.under_way.insert((sender, transfer), (from_ms, n_frames, n_bytes));
            return None;
        };
        let message = Message::from_bytes(&Bytes::from(whole)).ok()?;
        let to = to.clone();
        Some(Heard { from_ms, to_ms: *at, sender, to, n_frames, n_bytes, message })
    }
}

impl Heard {
    /// One line: when, who, to whom, how much, what.
    #[must_use]
    pub fn show(&self) -> String {
        let to = self.to.as_deref().unwrap_or("the group");
        let (n, bytes) = (self.n_frames, self.n_bytes);
        let size = match n {
            1 => format!("{bytes} B"),
            _ => format!("{bytes} B in {n} frames since {}", clock(self.from_ms)),
        };
        format!("{} {} to {to}, {size}: {}", clock(self.to_ms), self.sender, words(&self.message))
    }
}

/// What a message says, in words.
#[must_use]
pub fn words(message: &Message) -> String {
    let what = match message {
        Message::ProfileAnnounce { at, profile, switch, answer, heads, .. } => {
            let profile = match profile {
                Named::Tag(tag) => tag.to_string(),
                Named::Whole(profile) => format!("{:?}", profile.name.as_str()),
            };
            let has = match heads {
                None => "as announced before".to_owned(),
                Some(heads) => {
                    let n: u64 = heads.lasts.iter().map(|(_, last)| last).sum();
                    let part = if heads.is_partial { ", more writers apart" } else { "" };
                    format!("{n} entries of {} writers{part}", heads.lasts.len())
                }
            };
            let switch = if *switch { ", to be the active one" } else { "" };
            let answer = if *answer { ", all are to answer" } else { "" };
            format!("term {} number {}: profile {profile}, {has}{switch}{answer}", at.term, at.n)
        }
        Message::RequestLogList { profile, .. } => format!("what do you have of {profile}?"),
        Message::LogListReply { at, has } => {
            let has = match has {
                Has::Same => "the same".to_owned(),
                Has::Difference(difference) => self::difference(difference),
                Has::Listed { profile, heads, .. } => {
                    let n: u64 = heads.lasts.iter().map(|(_, last)| last).sum();
                    format!("of {profile} {n} entries of {} writers", heads.lasts.len())
                }
            };
            format!("I have, to term {} number {}: {has}", at.term, at.n)
        }
        Message::SendMissingLogs { profile, request, batch } => {
            let bytes: usize = batch.rows.iter().map(Bytes::len).sum();
            let (rows, seals) = (batch.rows.len(), batch.seals.len());
            let answers = match request {
                0 => String::new(),
                n => format!(", to your request {n}"),
            };
            format!("entries of {seals} writers in {profile}: {rows} batches, {bytes} B{answers}")
        }
        Message::RequestMyMissing { profile, request, answer, wants, .. } => {
            let answer = match answer {
                Answer::Me => "me".to_owned(),
                Answer::Group => "the group".to_owned(),
                Answer::Member(member) => format!("member {member}"),
            };
            let n = wants.len();
            format!("request {request}: send {answer} what I list of {n} writers in {profile}")
        }
        Message::LogEntry { profile, batch } => {
            let bytes: usize = batch.rows.iter().map(Bytes::len).sum();
            format!("new in {profile}: {bytes} B of entries")
        }
        Message::ManualSyncStart { term, cause: Cause::ByHand } => {
            format!("I coordinate term {term}, by hand")
        }
        Message::ManualSyncStart { term, cause: Cause::Takeover } => {
            format!("I coordinate term {term}: the coordinator is silent")
        }
        _ => "something of a later version".to_owned(),
    };
    format!("{}, {what}", message.name())
}

fn difference(difference: &Difference) -> String {
    let Difference { behind, ahead, beside } = difference;
    let sum = |list: &[(u16, u64)]| list.iter().map(|(_, n)| n).sum::<u64>();
    let mut parts = Vec::new();
    if !behind.is_empty() {
        parts.push(format!("{} entries of {} writers fewer", sum(behind), behind.len()));
    }
    if !ahead.is_empty() {
        parts.push(format!("{} entries of {} writers more", sum(ahead), ahead.len()));
    }
    if !beside.is_empty() {
        parts.push(format!("entries of {} other writers", beside.len()));
    }
    if parts.is_empty() { "the same".to_owned() } else { parts.join(", ") }
}
