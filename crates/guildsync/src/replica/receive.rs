//! What frames are: messages about logs, tables or sheets, pieces of these, or none of that.

use bytes::Bytes;
use guildsync_leader::{Event, Message};
use guildsync_sections as sections;
use guildsync_tables as tables;
use guildsync_transport::{Received, Recipient, SendResult, Undeliverable};
use guildsync_types::MemberName;
use guildsync_wire::frame::{FrameError, VERSION};
use guildsync_wire::negotiate::{Refusal, Versions};

use super::{Notice, Output, Replica};
use crate::moment::Moment;

impl Replica {
    /// Takes in a frame, and tells whom it concerns what it is.
    pub(super) fn receive(
        &mut self,
        moment: Moment,
        from: MemberName,
        frame: &[u8],
        out: &mut Vec<Output>,
    ) {
        self.counting.counters.frames_received += 1;
        let notice = match self.link(moment.now).receive(moment.now, &from, frame) {
            Ok(Received::Message(message)) => return self.read(moment, from, &message, out),
            Ok(Received::Relayed { from, message }) => {
                return self.read(moment, from, &message, out);
            }
            Ok(Received::Piece { .. }) => {
                // Of what, only the whole message says.
                self.tell_session(moment, Event::Piece { from: from.clone() }, out);
                self.tell_tables(moment, tables::Event::Piece { from: from.clone() }, out);
                return self.tell_sheets(moment, sections::Event::Piece { from }, out);
            }
            Ok(Received::Nothing) => return,
            Err(FrameError::UnknownVersion(_)) => self.other_version(moment, from, frame),
            Err(why) => Notice::BadFrame { from, why },
        };
        out.push(Output::Tell(notice));
    }

    /// Reads a whole message, and tells whom it concerns.
    fn read(&mut self, moment: Moment, from: MemberName, message: &Bytes, out: &mut Vec<Output>) {
        if tables::Message::speaks(message) {
            return match tables::Message::from_bytes(message) {
                Ok(message) => {
                    self.counting.counters.messages_received += 1;
                    self.tell_tables(moment, tables::Event::Received { from, message }, out);
                }
                Err(why) => out.push(Output::Tell(Notice::BadTableMessage { from, why })),
            };
        }
        if sections::Message::speaks(message) {
            return match sections::Message::from_bytes(message) {
                Ok(message) => {
                    self.counting.counters.messages_received += 1;
                    self.tell_sheets(moment, sections::Event::Received { from, message }, out);
                }
                Err(why) => out.push(Output::Tell(Notice::BadSheetMessage { from, why })),
            };
        }
        match Message::from_bytes(message) {
            Ok(message) => {
                self.counting.heard(moment.now, &from, &message);
                self.tell_session(moment, Event::Received { from, message }, out);
            }
            Err(why) => out.push(Output::Tell(Notice::BadMessage { from, why })),
        }
    }

    /// Takes in what became of a frame.
    pub(super) fn sent(&mut self, moment: Moment, result: SendResult, out: &mut Vec<Output>) {
        let counters = &mut self.counting.counters;
        match result {
            SendResult::Sent => counters.frames_sent += 1,
            _ => counters.frames_refused += 1,
        }
        let undeliverable = self.link(moment.now).sent(moment.now, result);
        if let Some(Undeliverable { to: Recipient::Member(member), .. }) = undeliverable {
            self.tell_session(moment, Event::Unreachable(member.clone()), out);
            self.tell_tables(moment, tables::Event::Unreachable(member), out);
        }
    }

    /// A frame of another version, or somebody's answer to one of ours. It is answered with the versions
    /// spoken here, politely and rarely; such an answer is never answered.
    fn other_version(&mut self, moment: Moment, from: MemberName, frame: &[u8]) -> Notice {
        let refusal = std::str::from_utf8(frame).ok().and_then(|text| text.parse().ok());
        if let Some(Refusal { versions }) = refusal {
            return Notice::OtherVersion { from, speaks: Some(versions) };
        }
        if self.courtesy.may_answer(&from, moment.now.0)
            && let Some(versions) = Versions::new(VERSION, VERSION)
        {
            let refusal = Refusal { versions }.to_string();
            self.link(moment.now).push_frame(&from, refusal);
        }
        Notice::OtherVersion { from, speaks: None }
    }
}
