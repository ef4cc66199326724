//! What comes from the channel: messages, pieces of them, and requests for pieces.

use bytes::Bytes;
use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{MemberName, Time};
use guildsync_wire::alphabet::Alphabet;
use guildsync_wire::chunk::Outgoing;
use guildsync_wire::frame::{Frame, FrameError, is_to_group};
use guildsync_wire::reassemble::{Accepted, Outcome};

use super::kept::Key;
use super::peers::ME;
use super::{Link, Received};
use crate::outbox::To;

impl Link {
    /// Takes a frame as it came from the channel, which vouches for `from`.
    ///
    /// # Errors
    /// Any [`FrameError`]: the frame was of no use; what is held stays as that error says.
    pub fn receive(
        &mut self,
        now: Time,
        from: &MemberName,
        frame: &[u8],
    ) -> Result<Received, FrameError> {
        let peer = self.peers.intern(from).ok_or(FrameError::Full("names"))?;
        if let Some(known) = self.peers.get_mut(peer) {
            known.spent(now, frame.len());
        }
        if self.framing.alphabet() == Alphabet::Bytes {
            return self.receive_plain(now, peer, frame);
        }
        let mut plain = std::mem::take(&mut self.scratch);
        plain.clear();
        let decoded = self.framing.alphabet().decode(frame, &mut plain);
        let received =
            decoded.map_err(FrameError::from).and_then(|()| self.receive_plain(now, peer, &plain));
        self.scratch = plain;
        received
    }

    fn receive_plain(
        &mut self,
        now: Time,
        peer: u32,
        frame: &[u8],
    ) -> Result<Received, FrameError> {
        let frame = Frame::decode(frame)?;
        // The transfer that the frame is a piece of, where in it, what, and whether others sent it again.
        let piece = match frame {
            Frame::First { transfer, payload, .. } => Some((transfer, 0, payload, false)),
            Frame::Further { transfer, offset, payload } => {
                Some((transfer, offset, payload, false))
            }
            Frame::RelayedFirst { transfer, payload, .. } => Some((transfer, 0, payload, true)),
            Frame::RelayedFurther { transfer, offset, payload } => {
                Some((transfer, offset, payload, true))
            }
            Frame::Whole { .. } | Frame::Request(_) => None,
        };
        let of = if planted(Bug::KeyedWithoutSender) { ME } else { peer };
        let accepted = self.reassembler.accept_frame(now.0, &of, frame);
        if let Some((number, offset, payload, is_again)) = piece {
            let is_repeated =
                matches!(&accepted, Ok(Accepted { outcome: Outcome::Duplicate { .. }, .. }));
            if is_to_group(number) && (is_again || is_repeated || !self.pending.is_empty()) {
                self.overhear_piece(now, number, offset, payload);
            }
            if let Err(FrameError::Checksum { transfer }) = accepted {
                self.was_wrong(now, transfer, peer, is_again);
            }
        }
        let Accepted { of, outcome, dropped } = accepted?;
        let sender = of.unwrap_or(peer);
        for number in dropped {
            self.unwatch((number, sender));
        }
        self.expire(now);
        Ok(match outcome {
            Outcome::Message { transfer: None, bytes } => Received::Message(bytes.into()),
            Outcome::Message { transfer: Some(number), bytes } => {
                self.unwatch((number, sender));
                let message = Bytes::from(bytes);
                self.keep_for_others(now, (sender, number), &message);
                let of = of.and_then(|of| self.peers.get(of)).map(|of| of.name.clone());
                match of {
                    Some(from) => Received::Relayed { from, message },
                    None => Received::Message(message),
                }
            }
            Outcome::Progress { transfer, received, total } => {
                self.watch(now, (transfer, sender), of.is_none());
                Received::Piece { done: received, total }
            }
            Outcome::Duplicate { .. } => Received::Nothing,
            Outcome::Request(request) => {
                self.was_asked(now, peer, &request);
                Received::Nothing
            }
        })
    }

    /// Keeps a message that was sent to the group, if there is anyone who may lack pieces of it.
    fn keep_for_others(&mut self, now: Time, key: Key, message: &Bytes) {
        if !is_to_group(key.1) || self.peers.others().nth(1).is_none() {
            return;
        }
        let outgoing: Result<Outgoing<Bytes>, _> = self.framing.outgoing(key.1, message.clone());
        if let Ok(outgoing) = outgoing {
            let all = outgoing.frames();
            self.store.keep(now, key, To::Group, outgoing, all);
        }
    }

    /// Forgets what has been silent for too long.
    fn expire(&mut self, now: Time) {
        if self.reassembler.deadline().is_some_and(|deadline| deadline <= now.0) {
            for (sender, number) in self.reassembler.expire(now.0) {
                self.unwatch((number, sender));
            }
        }
    }
}
