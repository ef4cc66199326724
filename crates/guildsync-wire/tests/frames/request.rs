//! Requests for what is missing: what they say, what they refuse, what answers them.

use guildsync_wire::alphabet::Alphabet;
use guildsync_wire::checksum::{Checksum, crc24};
use guildsync_wire::chunk::{ChunkSize, Framing};
use guildsync_wire::frame::Frame;
use guildsync_wire::frame::request::Request;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::world::{ALPHABETS, message, plain};

/// Ranges from alternating lengths of what is held and what is missing.
fn ranges(lens: &[(u32, u32)]) -> Vec<std::ops::Range<u32>> {
    let mut end = 0;
    let mut ranges = Vec::new();
    for (held, missing) in lens {
        let start = end + held;
        end = start + missing;
        ranges.push(start..end);
    }
    ranges
}

fn decoded(frame: &[u8], alphabet: Alphabet) -> Request {
    let mut plain = Vec::new();
    alphabet.decode(frame, &mut plain).unwrap();
    match Frame::decode(&plain).unwrap() {
        Frame::Request(request) => request,
        other => panic!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn a_request_fits_and_reads_as_it_was_written_and_names_the_first_part_at_least(
        lens in vec((1u32..40_000, 1u32..40_000), 1..150),
        alphabet in proptest::sample::select(&ALPHABETS[..]),
        limit in 32usize..300,
    ) {
        let missing = ranges(&lens);
        let request = Request::fitting(9, missing.clone(), alphabet, limit).unwrap();
        let mut frame = Vec::new();
        request.write_frame(alphabet, &mut frame);
        prop_assert!(frame.len() <= limit);
        prop_assert_eq!(&decoded(&frame, alphabet), &request);
        let named = request.ranges().len();
        prop_assert_eq!(request.ranges(), &missing[..named]);
        prop_assert_eq!(request.is_all(), named == missing.len());
        // Not one range more would have fit: each takes 8 bytes at most.
        prop_assert!(request.is_all() || frame.len() + 12 > limit);
    }

    #[test]
    fn any_request_that_reads_is_the_only_writing_of_itself(
        ranges in vec(any::<u8>(), 0..40),
        part in any::<bool>(),
    ) {
        let mut frame = vec![0x17 + u8::from(part), 5, 0];
        frame.extend(crc24(&[&frame, &ranges]));
        frame.extend(&ranges);
        if let Ok(request) = Frame::decode(&frame) {
            let mut again = Vec::new();
            request.encode(Checksum::None, &mut again);
            prop_assert_eq!(again, frame);
        }
    }

    #[test]
    fn the_answer_covers_what_was_asked_for_and_no_frame_twice(
        len in 1usize..9_000,
        lens in vec((1u32..900, 1u32..900), 1..12),
    ) {
        let outgoing = plain().outgoing(9, message(len, 1)).unwrap();
        let request = plain().request(9, ranges(&lens)).unwrap();
        let answer: Vec<u32> = outgoing.requested(&request).collect();
        prop_assert!(answer.is_sorted_by(|a, b| a < b));
        for byte in request.ranges().iter().cloned().flatten().take_while(|&b| b < len as u32) {
            let carries = |&index: &u32| outgoing.range(index).unwrap().contains(&byte);
            prop_assert!(answer.iter().any(carries), "byte {}", byte);
        }
        for index in answer {
            let sent = outgoing.range(index).unwrap();
            let is_asked = |r: &std::ops::Range<u32>| r.start < sent.end && sent.start < r.end;
            prop_assert!(request.ranges().iter().any(is_asked), "frame {}", index);
        }
    }
}

#[test]
fn touching_ranges_become_one_and_wrong_ones_are_left_out() {
    let missing = [5..9, 9..12, 3..4, 20..20, 30..40, 39..50, 60..(1 << 24) + 1];
    let request = plain().request(1, missing).unwrap();
    assert_eq!(request.ranges(), [5..12, 30..40]);
    assert!(request.is_all());
    assert_eq!(plain().request(1, []), None);
}

#[test]
fn a_request_for_another_transfer_or_beyond_the_end_is_answered_with_nothing() {
    let outgoing = plain().outgoing(1, message(900, 1)).unwrap();
    let indices = |transfer, range: std::ops::Range<u32>| {
        let request = plain().request(transfer, [range]).unwrap();
        outgoing.requested(&request).collect::<Vec<_>>()
    };
    assert_eq!(indices(2, 0..900), [0u32; 0]);
    assert_eq!(indices(1, 900..1 << 24), [0u32; 0]);
    assert_eq!(indices(1, 899..1 << 24), [3]);
    assert_eq!(indices(1, 244..246), [0, 1]);
}

#[test]
fn a_message_of_one_frame_is_answered_with_it() {
    let framing = Framing::new(64, Alphabet::NoNul, Checksum::None, ChunkSize::Fill).unwrap();
    let outgoing = framing.outgoing(1, message(40, 1)).unwrap();
    let request = framing.request(1, [0..1 << 24]).unwrap();
    assert_eq!(outgoing.requested(&request).collect::<Vec<_>>(), [0]);
}
