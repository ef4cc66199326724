//! Streams: batches that learn from each other, in order or not at all.

use guildsync_wire::lua::{Table, Value};
use guildsync_wire::records::{
    DECODED_BYTES_MAX, DEPTH_MAX, Memory, RECORDS_MAX, RecordsError, STREAM_BYTES_MAX,
    STREAM_RECORDS_MAX, Stream, encode, weight,
};
use proptest::prelude::*;

use crate::guild::{Draw, bank};
use crate::world::{all_same, any_value, array};

/// The batches' bytes, after a look that another stream reads them back the same.
#[track_caller]
fn converse<'a>(base: &[Value], batches: impl IntoIterator<Item = &'a [Value]>) -> Vec<Vec<u8>> {
    let (mut sender, mut receiver) = (Stream::new(base).unwrap(), Stream::new(base).unwrap());
    let step = |records: &'a [Value]| {
        let bytes = sender.encode(records).unwrap();
        let back = receiver.decode(&bytes).unwrap();
        assert!(all_same(records, &back), "{records:?} came back as {back:?}");
        bytes
    };
    batches.into_iter().map(step).collect()
}

fn sum(batches: &[Vec<u8>]) -> usize {
    batches.iter().map(Vec::len).sum()
}

/// The account with another balance.
fn edited(account: &Value, balance: i64) -> Value {
    let mut account = account.clone();
    let Value::Table(row) = &mut account else { panic!("a row") };
    row.insert("balance", balance);
    account
}

/// Records of which some come again, changed or not.
fn versions() -> impl Strategy<Value = Vec<Value>> {
    let change = (any::<prop::sample::Index>(), any_value(), any::<bool>());
    let changes = prop::collection::vec(change, 0..8);
    (prop::collection::vec(any_value(), 1..6), changes).prop_map(|(mut records, changes)| {
        for (at, value, is_kept) in changes {
            let mut record = at.get(&records).clone();
            if let Value::Table(table) = &mut record
                && !is_kept
            {
                let keys: Vec<_> = table.keyed().map(|(key, _)| key.clone()).collect();
                if !keys.is_empty() {
                    table.insert(at.get(&keys).clone(), value);
                }
            }
            records.push(record);
        }
        records
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_records_in_any_batches_come_back_exactly(
        base in versions(),
        records in versions(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
        has_base: bool,
        is_small: bool,
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(records.len() + 1)).collect();
        cuts.extend([0, records.len()]);
        cuts.sort_unstable();
        let base = if has_base { &base[..] } else { &[] };
        let memory = if is_small { Memory::Small } else { Memory::Large };
        let stream = || Stream::sized(base, memory).unwrap();
        let (mut sender, mut receiver) = (stream(), stream());
        for cut in cuts.windows(2) {
            let batch = &records[cut[0]..cut[1]];
            let bytes = sender.encode(batch).unwrap();
            prop_assert!(all_same(batch, &receiver.decode(&bytes).unwrap()));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(mut bytes: Vec<u8>, is_ours: bool) {
        if is_ours {
            bytes.insert(0, 0x1a);
        }
        let mut stream = Stream::sized(&bank(3, 5, 0), Memory::Small).unwrap();
        if let Ok(records) = stream.decode(&bytes) {
            assert!(records.iter().map(weight).sum::<usize>() <= DECODED_BYTES_MAX);
        }
    }
}

#[test]
fn damaged_batches_are_read_or_refused() {
    let (held, rows) = (bank(3, 5, 0), bank(4, 8, 8));
    let rows: Vec<Value> = held.iter().map(|row| edited(row, 7)).chain(rows).collect();
    let good = converse(&held, rows.chunks(7));
    let mut draw = Draw(12);
    let mut refused = 0;
    for _ in 0..150 {
        let mut receiver = Stream::sized(&held, Memory::default()).unwrap();
        let hit = draw.below(good.len() as u64) as usize;
        let mut ended = false;
        for (at, bytes) in good.iter().enumerate() {
            let mut bytes = bytes.clone();
            if at == hit {
                let at = draw.below(bytes.len() as u64) as usize;
                match draw.below(3) {
                    0 => bytes[at] ^= 1 << draw.below(8),
                    1 => bytes.truncate(at),
                    _ => bytes.insert(at, draw.below(256) as u8),
                }
            }
            match receiver.decode(&bytes) {
                Ok(_) => assert!(!ended),
                Err(why) => {
                    assert_eq!(ended, why == RecordsError::StreamEnded);
                    ended = true;
                }
            }
        }
        refused += u32::from(ended);
    }
    assert!(refused > 130, "{refused} of 150 were noticed");
}

#[test]
fn an_error_ends_the_stream() {
    let rows = bank(2, 6, 0);
    let deep = (0..=DEPTH_MAX).fold(Value::Bool(true), |value, _| array(vec![value]));
    let good = encode(&rows, None).unwrap();
    let mut stream = Stream::new(&rows).unwrap();
    assert_eq!(stream.decode(&good), Err(RecordsError::UnknownForm { first: 0x18 }));
    assert_eq!(stream.encode(&rows), Err(RecordsError::StreamEnded));
    assert_eq!(stream.decode(&good), Err(RecordsError::StreamEnded));
    assert!(!stream.has_room_for(&[]));

    let mut stream = Stream::new(&[]).unwrap();
    stream.encode(&rows).unwrap();
    assert_eq!(
        stream.encode(std::slice::from_ref(&deep)),
        Err(RecordsError::TooDeep { record: 0 })
    );
    assert_eq!(stream.encode(&rows), Err(RecordsError::StreamEnded));
    assert!(matches!(Stream::new(&[deep]), Err(RecordsError::TooDeep { record: 0 })));

    let mut stream = Stream::new(&[]).unwrap();
    assert!(matches!(stream.decode(&[]), Err(RecordsError::Header(_))));
    let more = vec![Value::Bool(true); RECORDS_MAX + 1];
    let mut stream = Stream::new(&[]).unwrap();
    assert_eq!(stream.encode(&more), Err(RecordsError::TooMany { count: RECORDS_MAX + 1 }));
}

#[test]
fn a_batch_of_a_stream_is_no_batch_of_its_own() {
    let bytes = Stream::new(&[]).unwrap().encode(&bank(2, 1, 0)).unwrap();
    let read = guildsync_wire::records::decode(&bytes, None);
    assert_eq!(read, Err(RecordsError::UnknownForm { first: 0x1a }));
}

#[test]
fn a_batch_out_of_order_is_refused_or_another() {
    let rows = bank(2, 30, 30);
    let batches = converse(&[], rows.chunks(15));
    let mut receiver = Stream::new(&[]).unwrap();
    receiver.decode(&batches[0]).unwrap();
    assert!(!receiver.decode(&batches[2]).is_ok_and(|read| all_same(&read, &rows[30..45])));
}

#[test]
fn a_stream_is_full_at_its_records() {
    let batch = vec![Value::Bool(true); RECORDS_MAX];
    let stream = || Stream::sized(&batch, Memory::Small).unwrap();
    let (mut sender, mut receiver) = (stream(), stream());
    for _ in 1..STREAM_RECORDS_MAX / RECORDS_MAX {
        assert!(sender.has_room_for(&batch));
        let bytes = sender.encode(&batch).unwrap();
        assert_eq!(receiver.decode(&bytes).unwrap().len(), RECORDS_MAX);
    }
    assert!(sender.has_room_for(&[]) && !sender.has_room_for(&batch[..1]));
    assert_eq!(receiver.decode(&sender.encode(&[]).unwrap()).unwrap(), []);
    assert_eq!(sender.encode(&batch[..1]), Err(RecordsError::StreamFull));
    assert_eq!(sender.encode(&[]), Err(RecordsError::StreamEnded));
}

#[test]
fn a_stream_is_full_at_its_weight() {
    let full = [Value::Str("x".repeat(DECODED_BYTES_MAX - 4))];
    let mut sender = Stream::sized(&full, Memory::Small).unwrap();
    for _ in 1..STREAM_BYTES_MAX / DECODED_BYTES_MAX {
        assert!(sender.has_room_for(&full));
        assert!(sender.encode(&full).unwrap().len() < 10);
    }
    assert!(!sender.has_room_for(&[Value::Bool(true)]));
    assert_eq!(sender.encode(&[Value::Bool(true)]), Err(RecordsError::StreamFull));
}

#[test]
fn little_stands_around_the_records() {
    let trivial = [Value::Bool(true)];
    let lens: Vec<usize> =
        converse(&[], [&[][..], &[], &trivial, &trivial]).iter().map(Vec::len).collect();
    assert_eq!(lens, [2, 2, 2, 2]);
}

#[test]
fn many_batches_take_hardly_more_than_one() {
    let rows = bank(1, 400, 200);
    let one = sum(&converse(&[], [&rows[..]]));
    let many = sum(&converse(&[], rows.chunks(48)));
    let cold: usize = rows.chunks(48).map(|rows| encode(rows, None).unwrap().len()).sum();
    println!("600 records: {one} bytes in one batch, {many} in 13, {cold} in 13 cold ones");
    assert!(many < one + 13 * 3, "{many} bytes, {one} in one batch");
}

#[test]
fn an_older_version_makes_a_record_cheap() {
    let held = bank(1, 64, 0);
    let new = [edited(&held[21], 99_999)];
    let without: Vec<Value> = held.iter().filter(|row| **row != held[21]).cloned().collect();
    let cold = sum(&converse(&without, [&new[..]]));
    let warm = sum(&converse(&held, [&new[..]]));
    println!("an edited record: {warm} bytes, {cold} without its older version");
    assert!(warm <= 8 && warm * 3 < cold * 2, "{warm} bytes, {cold} without its older version");
    // Each further version is as cheap, and names the newest.
    let again: Vec<Vec<Value>> = (0..8).map(|at| vec![edited(&held[21], at * 1013)]).collect();
    let bytes = converse(&held, again.iter().map(Vec::as_slice));
    assert!(bytes.iter().all(|bytes| bytes.len() <= 9), "{bytes:?}");
}

#[test]
fn the_newest_version_is_the_one_compared_with() {
    let held = bank(1, 64, 0);
    let mut newest = held[21].clone();
    let steps = ["holder", "town", "label", "since", "agent", "holder"].map(|key| {
        let Value::Table(row) = &mut newest else { panic!("a row") };
        row.insert(key, format!("changed with {key}"));
        [newest.clone()]
    });
    let last = steps.len() - 1;
    let bytes = converse(&held, steps.iter().chain([&steps[last]]).map(|step| &step[..]));
    println!("again as it is: {} bytes", bytes[last + 1].len());
    assert!(bytes[last + 1].len() <= 2, "{bytes:?}");
}

#[test]
fn versions_of_any_shape_survive() {
    let mut rows = bank(6, 12, 0);
    for at in 0..12 {
        let Value::Table(mut row) = rows[at].clone() else { panic!("a row") };
        match at % 4 {
            0 => drop(row.remove(&"holder".into())),
            1 => drop(row.insert("holder", Table::new())),
            2 => drop(row.insert("goods", array(vec!["ore".into(), 5.into(), true.into()]))),
            _ => drop(row.insert("balance", "none")),
        }
        rows.push(row.into());
    }
    converse(&rows[..6], rows[6..].chunks(5));
    converse(&[], rows.chunks(1));
}
