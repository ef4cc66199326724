//! Frames byte by byte, as docs/wire.md shows them, and what each costs.

use guildsync_wire::alphabet::Alphabet;
use guildsync_wire::checksum::Checksum;
use guildsync_wire::chunk::{ChunkSize, Framing, FramingError};
use guildsync_wire::frame::{Frame, FrameError};

use crate::world::{ALPHABETS, hex, message, plain, receiver};

fn framing(checksum: Checksum) -> Framing {
    Framing::new(32, Alphabet::Bytes, checksum, ChunkSize::Fill).unwrap()
}

/// The frames of a message, one line of hexadecimal each.
#[track_caller]
fn check(framing: Framing, transfer: u16, message: &[u8], expected: &[&str]) {
    let frames: Vec<String> =
        framing.outgoing(transfer, message).unwrap().iter().map(|frame| hex(&frame)).collect();
    assert_eq!(frames, expected);
}

/// 40 characters: two frames of 32 bytes.
const TEXT: &[u8] = b"AWARD|Arthas-Lordaeron|+25|Boss: Onyxia|";

#[test]
fn a_whole_message() {
    check(plain(), 0, b"HELLO", &["10 13 30 72 48 45 4c 4c 4f"]);
    check(plain(), 0, b"", &["10 e9 ff b5"]);
    check(framing(Checksum::PerChunk), 0, b"HELLO", &["10 13 30 72 48 45 4c 4c 4f"]);
    check(framing(Checksum::None), 0, b"HELLO", &["11 48 45 4c 4c 4f"]);
}

#[test]
fn a_message_in_chunks() {
    check(
        framing(Checksum::PerTransfer),
        0x1234,
        TEXT,
        &[
            "12 34 12 27 00 00 d3 4a 5e 95 41 57 41 52 44 7c 41 72 74 68 61 73 2d 4c 6f 72 64 61 65 72 6f 6e",
            "15 34 12 16 00 00 7c 2b 32 35 7c 42 6f 73 73 3a 20 4f 6e 79 78 69 61 7c",
        ],
    );
}

#[test]
fn a_message_in_chunks_that_are_checked_each() {
    check(
        framing(Checksum::PerChunk),
        0x1234,
        TEXT,
        &[
            "13 34 12 27 00 00 d3 4a 5e 95 55 71 f6 41 57 41 52 44 7c 41 72 74 68 61 73 2d 4c 6f 72 64 61 65",
            "16 34 12 13 00 00 ed ec fe 72 6f 6e 7c 2b 32 35 7c 42 6f 73 73 3a 20 4f 6e 79 78 69 61 7c",
        ],
    );
}

#[test]
fn a_message_in_chunks_without_any_check() {
    check(
        framing(Checksum::None),
        0x1234,
        TEXT,
        &[
            "14 34 12 27 00 00 41 57 41 52 44 7c 41 72 74 68 61 73 2d 4c 6f 72 64 61 65 72 6f 6e 7c 2b 32 35",
            "15 34 12 1a 00 00 7c 42 6f 73 73 3a 20 4f 6e 79 78 69 61 7c",
        ],
    );
}

#[test]
fn a_message_that_somebody_else_relays() {
    let relayed = |frame: Frame<'_>| {
        let mut bytes = Vec::new();
        frame.encode(Checksum::PerTransfer, &mut bytes);
        assert_eq!(Frame::decode(&bytes), Ok(frame));
        hex(&bytes)
    };
    let checksum = guildsync_wire::checksum::crc32(&[TEXT]);
    let first = Frame::RelayedFirst { transfer: 0x9234, total: 40, checksum, payload: &TEXT[..22] };
    assert_eq!(
        relayed(first),
        "1a 34 92 27 00 00 d3 4a 5e 95 41 57 41 52 44 7c 41 72 74 68 61 73 2d 4c 6f 72 64 61 65 72 6f 6e"
    );
    let further = Frame::RelayedFurther { transfer: 0x9234, offset: 22, payload: &TEXT[22..] };
    assert_eq!(
        relayed(further),
        "19 34 92 16 00 00 7c 2b 32 35 7c 42 6f 73 73 3a 20 4f 6e 79 78 69 61 7c"
    );
}

#[test]
fn a_request() {
    let framing = framing(Checksum::PerTransfer);
    let request = |missing: &[std::ops::Range<u32>]| {
        let mut frame = Vec::new();
        let request = framing.request(0x1234, missing.to_vec()).unwrap();
        request.write_frame(Alphabet::Bytes, &mut frame);
        hex(&frame)
    };
    assert_eq!(request(&[22..40]), "17 34 12 f8 60 28 16 12");
    assert_eq!(
        request(&[0..22, 300..800, 1 << 20..1 << 24]),
        "17 34 12 49 a9 3b 00 16 96 02 f4 03 e0 f9 3f 80 80 c0 07"
    );
    let many: Vec<_> = (0..40u32).map(|n| n * 1000..n * 1000 + 500).collect();
    assert_eq!(
        request(&many),
        "18 34 12 3e 74 91 00 f4 03 f4 03 f4 03 f4 03 f4 03 f4 03 f4 03 f4 03 f4 03 f4 03 f4 03"
    );
}

#[test]
fn frames_in_other_alphabets() {
    let with =
        |alphabet| Framing::new(64, alphabet, Checksum::PerTransfer, ChunkSize::Fill).unwrap();
    check(with(Alphabet::NoNul), 0, b"\0\x01\x02", &["03 13 ed db 4b 03 02 01"]);
    check(with(Alphabet::Printable), 0, b"HELLO", &["26 50 50 7a 6f 65 79 33 75 76 7a"]);
}

#[test]
fn overhead_is_4_for_a_whole_message_10_for_the_first_chunk_6_for_a_further_one() {
    let overhead = |checksum, len| {
        let framing = Framing::new(255, Alphabet::Bytes, checksum, ChunkSize::Fill).unwrap();
        let outgoing = framing.outgoing(0, message(len, 1)).unwrap();
        let cost =
            |index| outgoing.frame(index).unwrap().len() - outgoing.range(index).unwrap().len();
        (0..outgoing.frames()).map(cost).collect::<Vec<_>>()
    };
    assert_eq!(overhead(Checksum::PerTransfer, 251), [4]);
    assert_eq!(overhead(Checksum::PerTransfer, 252), [10, 6]);
    assert_eq!(overhead(Checksum::PerTransfer, 743), [10, 6, 6]);
    assert_eq!(overhead(Checksum::PerChunk, 251), [4]);
    assert_eq!(overhead(Checksum::PerChunk, 734), [13, 9, 9]);
    assert_eq!(overhead(Checksum::None, 254), [1]);
    assert_eq!(overhead(Checksum::None, 747), [6, 6, 6]);
}

#[test]
fn every_length_is_cut_into_frames_that_fit_and_cover_it() {
    for alphabet in ALPHABETS {
        for checksum in [Checksum::PerTransfer, Checksum::PerChunk, Checksum::None] {
            for (limit, chunk_size) in
                [(32, ChunkSize::Fill), (100, ChunkSize::AtMost(12)), (255, ChunkSize::AtMost(200))]
            {
                let framing = Framing::new(limit, alphabet, checksum, chunk_size).unwrap();
                for len in 0..450 {
                    let sent = message(len, 3);
                    let outgoing = framing.outgoing(9, &sent).unwrap();
                    assert_eq!(outgoing.frames() as usize, framing.frames_for(len));
                    assert_eq!(outgoing.frames() == 1, len <= framing.whole_bytes_max());
                    let mut end = 0;
                    for index in 0..outgoing.frames() {
                        let range = outgoing.range(index).unwrap();
                        assert!(range.start <= end && range.end > end || len == 0);
                        end = range.end;
                        let frame = outgoing.frame(index).unwrap();
                        assert!(frame.len() <= limit);
                        assert_eq!(frame.len(), outgoing.frame_bytes(index));
                        assert!(frame.iter().all(|&byte| alphabet.allows(byte)));
                        if let ChunkSize::AtMost(most) = chunk_size {
                            assert!(range.len() <= most);
                        }
                    }
                    assert_eq!(end as usize, len);
                    let mut receiver = receiver(framing);
                    let got = crate::world::feed(
                        &mut receiver,
                        "a",
                        &outgoing.iter().collect::<Vec<_>>(),
                    );
                    assert_eq!(got, [sent]);
                }
            }
        }
    }
}

#[test]
fn an_unknown_version_or_kind_is_an_error_of_its_own() {
    assert_eq!(Frame::decode(&[0x20, 1, 2]), Err(FrameError::UnknownVersion(2)));
    assert_eq!(Frame::decode(&[0x0f]), Err(FrameError::UnknownVersion(0)));
    assert_eq!(Frame::decode(&[0xf0]), Err(FrameError::UnknownVersion(15)));
    for kind in 11..16 {
        assert_eq!(Frame::decode(&[0x10 | kind, 1]), Err(FrameError::UnknownKind(kind)));
    }
}

#[test]
fn malformed_frames_are_named_with_the_field_and_the_offset() {
    let error = |bytes: &[u8]| Frame::decode(bytes).unwrap_err().to_string();
    assert_eq!(error(&[]), "malformed frame: input ends inside version at byte 0");
    assert_eq!(error(&[0x10, 1]), "malformed frame: input ends inside check at byte 1");
    assert_eq!(error(&[0x15, 1, 2, 3]), "malformed frame: input ends inside offset at byte 3");
    let mut zero = vec![0x15, 1, 2, 0, 0, 0];
    zero.extend([7; 12]);
    assert!(error(&zero).contains("offset at byte 3 is not valid: 0 is the first chunk's"));
    assert!(error(&zero[..17]).contains("payload at byte 6 is not valid: a chunk shorter"));
    let mut all = vec![0x14, 1, 2, 11, 0, 0];
    all.extend([7; 12]);
    assert!(error(&all).contains("payload at byte 6 is not valid: all of a message in a chunk"));
    let mut beyond = vec![0x15, 1, 2, 0xff, 0xff, 0xff];
    beyond.extend([7; 12]);
    assert!(error(&beyond).contains("beyond the longest message"));
    let mut whisper = vec![0x19, 1, 0x7f, 1, 0, 0];
    whisper.extend([7; 12]);
    assert!(
        error(&whisper).contains("transfer at byte 1 is not valid: a relayed chunk of a whisper")
    );
    assert_eq!(Frame::decode(&[0x10, 1, 2, 3, 4]), Err(FrameError::Damaged));
}

#[test]
fn channels_and_messages_outside_the_bounds_are_refused() {
    let new = |limit, size| {
        Framing::new(limit, Alphabet::NoNul, Checksum::PerTransfer, size).map(|f| f.limit())
    };
    assert_eq!(new(31, ChunkSize::Fill), Err(FramingError::Limit(31)));
    assert_eq!(new(65_536, ChunkSize::Fill), Err(FramingError::Limit(65_536)));
    assert_eq!(new(255, ChunkSize::AtMost(11)), Err(FramingError::ChunkSize(11)));
    let longest = vec![0; 1 << 24];
    assert_eq!(plain().outgoing(0, &longest[..]).unwrap().frames(), 67_379);
    let longer = vec![0; (1 << 24) + 1];
    assert_eq!(plain().outgoing(0, &longer[..]), Err(FramingError::TooLong((1 << 24) + 1)));
}
