//! How many bytes messages take.

use bytes::Bytes;
use guildsync_tables::message::{
    Ask, Batch, Cell, Cells, Content, Done, Last, Message, Open, Status, Wanted,
};
use guildsync_tables::{Dialect, TableKind};

use super::samples::{DIGEST, SESSION, ack, opening, pull, ready, records};

fn len(message: &Message) -> usize {
    message.to_bytes(Dialect::Compact).len()
}

/// So many hashes, spread as hashes are.
fn hashes(n: u64) -> Vec<u32> {
    let mix = |i: u64| (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let spread = |x: u64| ((x ^ x >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32) as u32;
    let mut hashes: Vec<u32> = (0..n).map(|i| spread(mix(i))).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

#[test]
fn who_is_in_sync_says_so_in_one_frame() {
    let open = opening([1, 9999, 10_000, 10_000, 10_000, 10_000]);
    assert_eq!(len(&Message::Open(open.clone())), 81, "at most 90 wanted");
    let ask = Some(Ask::Sketch { from: 0, len: 200 });
    assert_eq!(len(&Message::Open(Open { ask, ..open })), 84);
    assert_eq!(len(&ready(Cells::NONE, 0, Content::Untold)), 6, "at most 8 wanted");
}

#[test]
fn what_comes_before_records_is_short() {
    assert_eq!(len(&pull(Wanted::All)), 8);
    let packed = |base| Batch::Packed { count: 100, base, bytes: Bytes::new() };
    assert_eq!(len(&records(None, packed(None))), 8);
    assert_eq!(len(&records(Some(Last { digest: DIGEST }), packed(Some(1)))), 18);
    assert_eq!(len(&ack(Done::Equal)), 7);
    assert_eq!(len(&ack(Done::Tables(1))), 8);
    assert_eq!(len(&Message::RequestMetadata { session: SESSION, round: 1, ask: Ask::Hashes }), 6);
    assert_eq!(len(&Message::WhoIsOnline { status: Status::Ready }), 2);
    let online = Message::Presence { status: Status::Ready, last_sync: Some(1_733_083_200) };
    assert_eq!(len(&online), 7);
}

#[test]
fn a_list_of_hashes_takes_a_bit_and_a_half_more_than_it_needs() {
    let told = |n| {
        let hashes = hashes(n);
        assert_eq!(hashes.len() as u64, n);
        len(&pull(Wanted::Hashes(hashes))) - len(&pull(Wanted::All))
    };
    assert_eq!([told(1), told(10), told(100)], [6, 39, 337]);
    assert_eq!([told(700), told(10_000)], [2104, 25_250]);
}

#[test]
fn a_sketch_takes_four_bytes_a_point() {
    let differ = Cells::NONE.with(Cell::Newer(TableKind::Roster));
    let content = Content::Sketch { from: 0, values: vec![1; 48] };
    assert_eq!(len(&ready(differ, 700, content)), 10 + 4 * 48);
}
