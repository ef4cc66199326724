//! Faults of real addons, by their number in the survey of them, and that none is here.

use guildsync_wire::alphabet::Alphabet;
use guildsync_wire::checksum::Checksum;
use guildsync_wire::chunk::{ChunkSize, Framing};
use guildsync_wire::frame::Frame;
use guildsync_wire::reassemble::Outcome;

use crate::world::{ALPHABETS, feed, frames, message, message_of, plain, receiver};

/// C16: bulk was one unbounded message with three attempts of 24 s in all, each from the start: 20 kB
/// never arrived. Here half of the frames are lost every time, and each round asks for the rest; time
/// passes, and nothing begins again because of it.
#[test]
fn c16_bulk_finishes_although_half_of_every_round_is_lost() {
    let sent = message(200_000, 16);
    let outgoing = plain().outgoing(1, sent.clone()).unwrap();
    let mut receiver = receiver(plain());
    let mut frame = Vec::new();
    let mut wanted: Vec<u32> = (0..outgoing.frames()).collect();
    let (mut now, mut sends, mut coin) = (0, 0, 1u32);
    let mut got = None;
    while got.is_none() {
        for index in wanted.drain(..) {
            (now, sends) = (now + 1_000, sends + 1);
            coin = coin.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            outgoing.write_frame(index, &mut frame);
            if coin >> 31 == 0 {
                got = message_of(receiver.accept(now, &"helper", &frame)).or(got);
            }
            assert_eq!(receiver.expire(now), [], "no timer ends a transfer that goes on");
        }
        if let Some(request) = plain().request(1, receiver.missing(&"helper", 1)) {
            wanted.extend(outgoing.requested(&request));
        }
    }
    assert_eq!(got, Some(sent));
    assert!(sends < outgoing.frames() * 3, "{sends} frames for {}", outgoing.frames());
}

/// C25: duplicates were counted as chunks, a repeated header wiped what had come, chunks before the
/// header were thrown away, and a wrong length was taken.
#[test]
fn c25_duplicates_do_not_complete_a_transfer() {
    let sent = message(2_000, 25);
    let frames = frames(plain(), 1, &sent);
    let last = frames.len() - 1;
    let mut receiver = receiver(plain());
    for _ in 0..frames.len() {
        assert!(feed(&mut receiver, "a", &frames[1..last]).is_empty());
        assert!(feed(&mut receiver, "a", &frames[..1]).is_empty());
    }
    let held: Vec<_> = receiver.unfinished().map(|held| held.received).collect();
    assert_eq!(held, [outgoing_end(last as u32 - 1)]);
    assert_eq!(feed(&mut receiver, "a", &frames), [sent]);
}

/// Where a frame of a message of 2,000 bytes ends.
fn outgoing_end(index: u32) -> u32 {
    plain().outgoing(1, message(2_000, 25)).unwrap().range(index).unwrap().end
}

/// C29: a marker of 0xF1 came out as `?`, quotes and delimiters in names moved fields.
#[test]
fn c29_markers_of_any_byte_value_survive() {
    for alphabet in ALPHABETS {
        for limit in [32, 255] {
            let framing =
                Framing::new(limit, alphabet, Checksum::PerTransfer, ChunkSize::Fill).unwrap();
            for value in 0..=255u8 {
                let alone = vec![value];
                let around = [&[value], "\"Onyxia|;:\"".as_bytes(), &[value]].concat();
                let many = vec![value; 600];
                for sent in [alone, around, many] {
                    let frames = frames(framing, 1, &sent);
                    assert!(frames.iter().flatten().all(|&byte| alphabet.allows(byte)));
                    assert_eq!(feed(&mut receiver(framing), "a", &frames), [sent]);
                }
            }
        }
    }
}

/// C32: reassembly by table: a transfer of 13 chunks and one of 11 came at once and became one text
/// ("Invalid json syntax starting at position 192"); a lost chunk waited for ever.
#[test]
fn c32_interleaved_transfers_of_two_senders_both_arrive() {
    let framing =
        Framing::new(255, Alphabet::NoNul, Checksum::PerTransfer, ChunkSize::AtMost(200)).unwrap();
    let (long, short) = (message(13 * 200, 1), message(11 * 200, 2));
    let (of_long, of_short) = (frames(framing, 1, &long), frames(framing, 1, &short));
    assert_eq!((of_long.len(), of_short.len()), (13, 11));
    let mut receiver = receiver(framing);
    let mut got = Vec::new();
    for n in 0..13 {
        got.extend(feed(&mut receiver, "Karl", &of_long[n..=n]));
        got.extend(feed(&mut receiver, "Nym", of_short.get(n)));
    }
    assert_eq!(got, [short, long]);
    // Two transfers of the same sender too, and one lost chunk is asked for.
    let (a, b) = (message(3_000, 3), message(3_000, 4));
    for (n, (a, b)) in frames(framing, 2, &a).iter().zip(&frames(framing, 3, &b)).enumerate() {
        assert!(n == 4 || feed(&mut receiver, "Karl", [a]).is_empty());
        assert_eq!(feed(&mut receiver, "Karl", [b]).len(), usize::from(n == 14));
    }
    assert_eq!(receiver.missing(&"Karl", 2).collect::<Vec<_>>(), [800..1_000]);
    let request = framing.request(2, receiver.missing(&"Karl", 2)).unwrap();
    let outgoing = framing.outgoing(2, a.clone()).unwrap();
    let answer: Vec<_> = outgoing.requested(&request).filter_map(|i| outgoing.frame(i)).collect();
    assert_eq!(answer.len(), 1);
    assert_eq!(feed(&mut receiver, "Karl", &answer), [a]);
}

/// C33: a payload with `SAVE_USER` in it was taken for that command, and a long name in the header
/// made a frame of 263 bytes, of which the channel dropped eight.
#[test]
fn c33_payload_that_looks_like_a_command_is_data() {
    let text = "SAVE_USER;SND;DATA;SETU;00001;00003;\x10\x17REQ;;".repeat(40);
    let frames_of_text = frames(plain(), 1, text.as_bytes());
    let mut receiver = receiver(plain());
    for frame in &frames_of_text {
        // What a frame is depends on its first byte.
        let is_chunk =
            matches!(Frame::decode(frame), Ok(Frame::First { .. } | Frame::Further { .. }));
        assert!(is_chunk);
    }
    assert_eq!(feed(&mut receiver, "a", &frames_of_text), [text.as_bytes()]);
    // A message that is itself a frame, a request say, is a message.
    let mut request = Vec::new();
    plain().request(1, [0..99]).unwrap().write_frame(Alphabet::Bytes, &mut request);
    let inside = frames(plain(), 2, &request);
    let accepted = receiver.accept(0, &"a", &inside[0]).unwrap();
    assert_eq!(accepted.outcome, Outcome::Message { transfer: None, bytes: request });
}

/// C33: whoever sends, whatever the name: it is no part of a frame, and no frame is too long.
#[test]
fn c33_no_frame_exceeds_the_limit_whatever_the_senders_name() {
    let name: &'static str = "Ünbelievablylongname-Aggramar-and-a-realm-of-48-b";
    for len in (0..3_000).step_by(7) {
        let sent = message(len, 33);
        let frames = frames(Framing::default(), 1, &sent);
        assert!(frames.iter().all(|frame| frame.len() <= 255));
        assert_eq!(feed(&mut receiver(Framing::default()), name, &frames), [sent]);
    }
}
