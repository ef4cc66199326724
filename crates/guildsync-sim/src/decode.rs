//! What a frame says: the one place of the simulator that knows how messages lie in frames.

use bytes::Bytes;
use guildsync::leader::Message;
use guildsync::sections::Message as SheetMessage;
use guildsync::tables::message::{Batch, Message as TableMessage};
use guildsync::transport::ChannelProfile;
use guildsync::wire::alphabet::Alphabet;
use guildsync::wire::frame::{Frame, is_to_group};
use guildsync::wire::reassemble::{Limits, Outcome, Reassembler};

/// Hears every frame that was sent, before the channel loses any, and tells which message it completes.
#[derive(Debug)]
pub struct Ear {
    reassembler: Reassembler<usize>,
}

impl Ear {
    /// An ear for a channel.
    #[must_use]
    pub fn new(channel: ChannelProfile) -> Self {
        Self { reassembler: Reassembler::new(channel.framing(), Limits::default()) }
    }

    /// The message that is complete with this frame.
    pub fn hear(&mut self, now_ms: u64, sender: usize, frame: &[u8]) -> Option<Heard> {
        let accepted = self.reassembler.accept(now_ms, &sender, frame).ok()?;
        let Outcome::Message { bytes, .. } = accepted.outcome else { return None };
        let bytes = Bytes::from(bytes);
        let dialect = if bytes.first()?.is_ascii_uppercase() { "text" } else { "compact" };
        let (name, about) = if TableMessage::speaks(&bytes) {
            let message = TableMessage::from_bytes(&bytes).ok()?;
            (message.name(), About::Tables { n_records: n_records(&message) })
        } else if SheetMessage::speaks(&bytes) {
            let message = SheetMessage::from_bytes(&bytes).ok()?;
            (message.name(), About::Sheets(Box::new(message)))
        } else {
            (Message::from_bytes(&bytes).ok()?.name(), About::Logs)
        };
        Some(Heard { name, dialect, about })
    }
}

/// A message that was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Its name.
    pub name: &'static str,
    /// Its dialect's.
    pub dialect: &'static str,
    /// What it is about.
    pub about: About,
}

/// What a message is about.
#[derive(Debug, Clone, PartialEq)]
pub enum About {
    /// Logs.
    Logs,
    /// Tables.
    Tables {
        /// How many records it carries.
        n_records: u32,
    },
    /// Assignment sheets.
    Sheets(Box<SheetMessage>),
}

fn n_records(message: &TableMessage) -> u32 {
    match message {
        TableMessage::Records { batch: Batch::Packed { count, .. }, .. } => *count,
        TableMessage::Records { batch: Batch::Plain(records), .. } => records.len() as u32,
        _ => 0,
    }
}

/// A frame in words: its message where it holds a whole one, else what piece it is.
#[must_use]
pub fn describe(frame: &[u8]) -> String {
    let mut plain = Vec::new();
    let no_nul = Alphabet::NoNul.decode(frame, &mut plain).ok().and_then(|()| words(&plain));
    let words = no_nul.or_else(|| words(frame));
    words.unwrap_or_else(|| format!("{} bytes that are no frame", frame.len()))
}

fn words(plain: &[u8]) -> Option<String> {
    let to = |number: u16| if is_to_group(number) { "to the group" } else { "by whisper" };
    Some(match Frame::decode(plain).ok()? {
        Frame::Whole { payload, .. } => {
            let bytes = Bytes::copy_from_slice(payload);
            if TableMessage::speaks(&bytes) {
                return Some(format!("{:?}", TableMessage::from_bytes(&bytes).ok()?));
            }
            if SheetMessage::speaks(&bytes) {
                return Some(format!("{:?}", SheetMessage::from_bytes(&bytes).ok()?));
            }
            format!("{:?}", Message::from_bytes(&bytes).ok()?)
        }
        Frame::First { transfer, total, payload, .. } => {
            let (n, to) = (payload.len(), to(transfer));
            format!("transfer {transfer} {to}: bytes 0 to {n} of {total}")
        }
        Frame::Further { transfer, offset, payload } => {
            let end = offset as usize + payload.len();
            format!("transfer {transfer} {}: bytes {offset} to {end}", to(transfer))
        }
        Frame::RelayedFirst { transfer, payload, .. } => {
            format!("transfer {transfer}, passed on: bytes 0 to {}", payload.len())
        }
        Frame::RelayedFurther { transfer, offset, payload } => {
            let end = offset as usize + payload.len();
            format!("transfer {transfer}, passed on: bytes {offset} to {end}")
        }
        Frame::Request(request) => {
            let ranges: Vec<String> = request
                .ranges()
                .iter()
                .map(|range| format!("{}..{}", range.start, range.end))
                .collect();
            format!("transfer {}: bytes {} are missing", request.transfer(), ranges.join(", "))
        }
    })
}

/// A frame of a later version of the program.
#[must_use]
pub fn of_a_newer_version() -> Vec<u8> {
    vec![0xee, 1, 2, 3, 4]
}
