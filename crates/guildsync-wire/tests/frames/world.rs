//! Messages, channels and receivers for the tests beside this file.

use guildsync_wire::alphabet::Alphabet;
use guildsync_wire::checksum::Checksum;
use guildsync_wire::chunk::{ChunkSize, Framing};
use guildsync_wire::frame::FrameError;
use guildsync_wire::reassemble::{Accepted, Limits, Outcome, Reassembler};
use proptest::prelude::*;

pub(crate) type Receiver = Reassembler<&'static str>;

pub(crate) const ALPHABETS: [Alphabet; 3] = [Alphabet::Bytes, Alphabet::NoNul, Alphabet::Printable];
pub(crate) const CHECKSUMS: [Checksum; 3] =
    [Checksum::PerTransfer, Checksum::PerChunk, Checksum::None];

/// 255-byte frames of plain bytes, as most tests want them.
pub(crate) fn plain() -> Framing {
    Framing::new(255, Alphabet::Bytes, Checksum::PerTransfer, ChunkSize::Fill).unwrap()
}

pub(crate) fn receiver(framing: Framing) -> Receiver {
    Reassembler::new(framing, Limits::default())
}

/// Any channel and any options.
pub(crate) fn framings() -> impl Strategy<Value = Framing> {
    let limit = prop_oneof![32usize..64, Just(254), Just(255), Just(2_000), Just(65_535)];
    let chunk_size = prop_oneof![Just(ChunkSize::Fill), (12usize..300).prop_map(ChunkSize::AtMost)];
    let alphabet = proptest::sample::select(&ALPHABETS[..]);
    let checksum = proptest::sample::select(&CHECKSUMS[..]);
    (limit, alphabet, checksum, chunk_size)
        .prop_map(|(limit, a, c, size)| Framing::new(limit, a, c, size).unwrap())
}

/// Bytes that differ from place to place and from seed to seed.
pub(crate) fn message(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

pub(crate) fn frames(framing: Framing, transfer: u16, message: &[u8]) -> Vec<Vec<u8>> {
    framing.outgoing(transfer, message).unwrap().iter().collect()
}

/// The message that a frame completed, if any.
pub(crate) fn message_of(accepted: Result<Accepted<&'static str>, FrameError>) -> Option<Vec<u8>> {
    match accepted.unwrap().outcome {
        Outcome::Message { bytes, .. } => Some(bytes),
        _ => None,
    }
}

/// All that comes out when `frames` come from one sender.
pub(crate) fn feed<'a>(
    receiver: &mut Receiver,
    sender: &'static str,
    frames: impl IntoIterator<Item = &'a Vec<u8>>,
) -> Vec<Vec<u8>> {
    frames.into_iter().filter_map(|frame| message_of(receiver.accept(0, &sender, frame))).collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
