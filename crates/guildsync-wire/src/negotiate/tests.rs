//! Tests of offers, agreements, refusals and courtesy.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn any_versions() -> impl Strategy<Value = Versions> {
    (1..=255u8, 1..=255u8).prop_map(|(a, b)| Versions::new(a.min(b), a.max(b)).unwrap())
}

fn any_offer() -> impl Strategy<Value = Offer> {
    let bits = prop_oneof![any::<u64>(), Just(u64::MAX), 0..1u64 << 18];
    (any_versions(), bits).prop_map(|(versions, bits)| {
        let capabilities = Capabilities::from_bits(bits);
        Offer { versions, capabilities }
    })
}

fn bytes(offer: &Offer) -> Vec<u8> {
    let mut writer = Writer::new();
    offer.write(&mut writer);
    writer.into_vec()
}

proptest! {
    #[test]
    fn an_offer_reads_back_equal_with_every_unknown_bit(offer in any_offer()) {
        let bytes = bytes(&offer);
        let mut reader = Reader::new(&bytes);
        prop_assert_eq!(Offer::read(&mut reader).unwrap(), offer);
        reader.finish().unwrap();
    }

    #[test]
    fn both_sides_agree_on_the_same(a in any_offer(), b in any_offer()) {
        match (agree(&a, &b), agree(&b, &a)) {
            (Ok(ours), Ok(theirs)) => {
                prop_assert_eq!(ours, theirs);
                prop_assert!((a.versions.low()..=a.versions.high()).contains(&ours.version));
                prop_assert!((b.versions.low()..=b.versions.high()).contains(&ours.version));
                for agreed in [
                    Capability::Dialect(ours.dialect),
                    Capability::Payload(ours.payload),
                    Capability::Compression(ours.compression),
                    Capability::Alphabet(ours.alphabet),
                    Capability::Checksum(ours.checksum),
                ] {
                    prop_assert!(a.capabilities.has(agreed) && b.capabilities.has(agreed));
                }
            }
            (
                Err(NoCommon::Version { ours, theirs }),
                Err(NoCommon::Version { ours: their_ours, theirs: their_theirs }),
            ) => prop_assert_eq!((ours, theirs), (their_theirs, their_ours)),
            (ours, theirs) => prop_assert_eq!(ours, theirs),
        }
    }

    #[test]
    fn unknown_bits_change_no_agreement(a in any_offer(), b in any_offer(), later: u64) {
        let mut more = a;
        more.capabilities = Capabilities::from_bits(a.capabilities.bits() | later << 18);
        prop_assert_eq!(agree(&a, &b), agree(&more, &b));
    }

    #[test]
    fn any_bytes_are_an_offer_that_writes_the_same_or_are_refused(input: Vec<u8>) {
        let mut reader = Reader::new(&input);
        if let Ok(offer) = Offer::read(&mut reader) {
            prop_assert_eq!(&bytes(&offer)[..], &input[..reader.at()]);
        }
        if let Ok(refusal) = Refusal::read(&input) {
            prop_assert_eq!(refusal.write(), input);
        }
    }

    #[test]
    fn a_refusal_reads_back_equal(versions in any_versions()) {
        let refusal = Refusal { versions };
        prop_assert!(refusal.write().len() <= 14);
        prop_assert_eq!(Refusal::read(&refusal.write()), Ok(refusal));
    }

    #[test]
    fn no_interval_sees_more_answers_than_stated(
        asks in vec((0..30u8, 0..40u64), 0..300),
        interval_ms in 1..200u64,
        answers_max in 0..5usize,
    ) {
        let mut courtesy = Courtesy::new(interval_ms, answers_max);
        let mut answers: Vec<(u64, u8)> = Vec::new();
        let mut now_ms = 0;
        for (sender, later_ms) in asks {
            now_ms += later_ms;
            if courtesy.may_answer(&sender, now_ms) {
                let recent = |(at, _): &&(u64, u8)| now_ms - at < interval_ms;
                prop_assert!(answers.iter().filter(recent).count() < answers_max);
                prop_assert!(!answers.iter().filter(recent).any(|(_, other)| *other == sender));
                answers.push((now_ms, sender));
            }
            prop_assert!(courtesy.remembered() <= answers_max);
        }
    }
}

#[test]
fn every_capability_has_a_bit_of_its_own() {
    let bits: Vec<u64> = Capability::ALL.iter().map(|it| it.bit()).collect();
    assert_eq!(bits, (0..18).map(|place| 1 << place).collect::<Vec<_>>());
    assert_eq!(Capability::ALL.into_iter().collect::<Capabilities>(), Capabilities::ALL);
    let mut set = Capabilities::from_bits(u64::MAX);
    set.remove(Capability::Payload(Payload::Json));
    assert_eq!(set.bits(), u64::MAX - 8);
    assert!(!set.has(Capability::Payload(Payload::Json)));
    assert_eq!(set.iter().count(), 17);
}

#[test]
fn the_first_common_of_a_group_is_agreed() {
    let versions = Versions::new(1, 1).unwrap();
    let all = Offer { versions, capabilities: Capabilities::ALL };
    let agreement = agree(&all, &all).unwrap();
    let expected = Agreement {
        version: 1,
        dialect: Dialect::Compact,
        payload: Payload::Compact,
        compression: Method::Deflate,
        alphabet: Alphabet::Bytes,
        checksum: Checksum::PerTransfer,
        common: Capabilities::ALL,
    };
    assert_eq!(agreement, expected);

    let mut less = all;
    for capability in [
        Capability::Dialect(Dialect::Compact),
        Capability::Payload(Payload::Compact),
        Capability::Payload(Payload::Json),
        Capability::Compression(Method::Deflate),
        Capability::Alphabet(Alphabet::Bytes),
        Capability::Checksum(Checksum::PerTransfer),
        Capability::Checksum(Checksum::PerChunk),
    ] {
        less.capabilities.remove(capability);
    }
    let agreement = agree(&all, &less).unwrap();
    assert_eq!((agreement.dialect, agreement.payload), (Dialect::Text, Payload::LuaTable));
    assert_eq!((agreement.compression, agreement.alphabet), (Method::Stored, Alphabet::NoNul));
    assert_eq!(agreement.checksum, Checksum::None);
}

#[test]
fn a_missing_group_or_version_is_named() {
    let offer = |low, high, bits| Offer {
        versions: Versions::new(low, high).unwrap(),
        capabilities: Capabilities::from_bits(bits),
    };
    let error = |a, b| agree(&a, &b).unwrap_err().to_string();
    let all = Capabilities::ALL.bits();
    assert_eq!(
        error(offer(1, 2, all), offer(3, 9, all)),
        "we speak versions 1 to 2, they speak 3 to 9"
    );
    for (bits, group) in [
        (0b11, "dialect"),
        (0b111 << 2, "payload"),
        // Huffman alone is nothing that could be written.
        (0b11 << 5, "compression"),
        (0b111 << 8, "alphabet"),
        (0b1111 << 11, "kind of batch"),
        (0b111 << 15, "checksum"),
    ] {
        let message = format!("no {group} is common");
        assert_eq!(error(offer(1, 1, all), offer(1, 1, all & !bits)), message);
    }
}

#[test]
fn what_is_no_refusal() {
    for text in [
        "",
        "speaks",
        "speaks 1",
        "speaks 0-1",
        "speaks 2-1",
        "speaks 01-2",
        "speaks +1-2",
        "speaks 1-256",
        "speaks 1-2 ",
        "Speaks 1-2",
        "speaks 1-2-3",
    ] {
        assert_eq!(text.parse::<Refusal>(), Err(RefusalError), "{text}");
    }
}

#[test]
fn a_flood_of_invented_senders_gets_the_stated_number_of_answers() {
    let mut courtesy = Courtesy::<u32>::default();
    let mut ask = |from: u32, now_ms| {
        (from..from + 100_000).filter(|sender| courtesy.may_answer(sender, now_ms)).count()
    };
    assert_eq!(ask(0, 0), Courtesy::<u32>::ANSWERS_MAX);
    assert_eq!(ask(100_000, 599_999), 0);
    assert_eq!(ask(200_000, 600_000), Courtesy::<u32>::ANSWERS_MAX);
    assert_eq!(courtesy.remembered(), 40);
}

#[test]
fn a_clock_that_goes_back_neither_opens_the_gate_nor_locks_it() {
    let mut courtesy = Courtesy::default();
    assert!(courtesy.may_answer(&1, 5_000_000));
    assert!(!courtesy.may_answer(&1, 1000));
    assert!(courtesy.may_answer(&1, 601_000));
}
