//! Laws of both codecs: what is written reads back, and every message has one compact form.

use bytes::Bytes;
use guildsync_leader::{
    Announced, Answer, Base, Batch, Cause, Dialect, Difference, Has, Heads, MemberTag, Message,
    Named, SealPart, Tag, Want,
};
use guildsync_log::{Branch, Profile, ProfileKind};
use guildsync_types::{Digest, Hash, ProfileId, ProfileName, PublicKey, Signature, WriterId};
use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;

use crate::samples;

fn tag() -> impl Strategy<Value = Tag> {
    prop_oneof![
        4 => any::<[u8; 3]>().prop_map(Tag::Short),
        1 => any::<[u8; 16]>().prop_map(Tag::Whole),
    ]
}

fn at() -> impl Strategy<Value = Announced> {
    (0u64..400, any::<u64>()).prop_map(|(term, n)| Announced { term, n })
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 1u64..300, 1 => 1u64..70_000, 1 => 1u64..=u64::MAX]
}

fn heads() -> impl Strategy<Value = Heads> {
    let writers = btree_map(tag(), (number(), any::<[u8; 4]>()), 0..20);
    (writers, any::<bool>(), any::<bool>()).prop_map(|(all, has_marks, is_partial)| Heads {
        lasts: all.iter().map(|(&tag, &(last, _))| (tag, last)).collect(),
        marks: all.values().filter(|_| has_marks).map(|&(_, mark)| mark).collect(),
        is_partial,
    })
}

fn places() -> impl Strategy<Value = Vec<(u16, u64)>> {
    let place = prop_oneof![8 => 0u16..12, 1 => any::<u16>(), 1 => 65_530u16..=65_535];
    btree_map(place, number(), 0..12).prop_map(|places| places.into_iter().collect())
}

fn difference() -> impl Strategy<Value = Difference> {
    (places(), places(), btree_map(tag(), number(), 0..6)).prop_map(|(behind, ahead, beside)| {
        Difference { behind, ahead, beside: beside.into_iter().collect() }
    })
}

fn base() -> impl Strategy<Value = Base> {
    (at(), difference()).prop_map(|(at, difference)| Base { at, difference })
}

fn seal() -> impl Strategy<Value = SealPart> {
    let branch = (any::<[u8; 16]>(), number(), any::<[u8; 32]>())
        .prop_map(|(root, first, base)| Branch { root: WriterId(root), first, base: Hash(base) });
    (vec(any::<u8>(), 64), of((any::<[u8; 32]>(), of(branch)))).prop_map(|(signature, key)| {
        SealPart {
            signature: Signature(signature.try_into().unwrap()),
            key: key.map(|(key, _)| PublicKey(key)),
            branch: key.and_then(|(_, branch)| branch),
        }
    })
}

fn batch() -> impl Strategy<Value = Batch> {
    let rows = vec(vec(any::<u8>(), 0..20).prop_map(Bytes::from), 0..4);
    let noise = (of(base()), rows, vec(seal(), 0..4)).prop_map(|(base, rows, seals)| Batch {
        base,
        rows,
        seals,
    });
    let real = samples::all().into_iter().filter_map(|(_, message)| match message {
        Message::SendMissingLogs { batch, .. } | Message::LogEntry { batch, .. } => Some(batch),
        _ => None,
    });
    prop_oneof![3 => noise, 1 => prop::sample::select(real.collect::<Vec<_>>())]
}

fn named() -> impl Strategy<Value = Named> {
    let name = || "[A-Za-z|=;\u{e4}]{1,20}".prop_map(|name| ProfileName::new(&name).unwrap());
    prop_oneof![
        tag().prop_map(Named::Tag),
        name().prop_map(|name| Named::Whole(Profile::open(name))),
        (name(), any::<[u8; 32]>(), any::<[u8; 16]>()).prop_map(|(name, id, creator)| {
            let kind = ProfileKind::Owned { creator: WriterId(creator) };
            Named::Whole(Profile { id: ProfileId(id), kind, name })
        }),
    ]
}

fn member() -> impl Strategy<Value = MemberTag> {
    prop::sample::select(vec![[1, 2, 3], [0, 0, 0], [255, 1, 9]]).prop_map(MemberTag)
}

fn message() -> impl Strategy<Value = Message> {
    let announce =
        (at(), named(), any::<[bool; 2]>(), any::<[u8; 8]>().prop_map(Digest), of(heads()));
    let listed = (tag(), any::<[u8; 8]>().prop_map(Digest), heads());
    let has = prop_oneof![
        Just(Has::Same),
        difference().prop_map(Has::Difference),
        listed.prop_map(|(profile, digest, heads)| Has::Listed { profile, digest, heads }),
    ];
    let answer =
        prop_oneof![Just(Answer::Me), Just(Answer::Group), member().prop_map(Answer::Member),];
    let want =
        (tag(), number(), of(member())).prop_map(|(writer, first, of)| Want { writer, first, of });
    let request = (tag(), 1u32.., answer, of(base()), vec(want, 0..8));
    let cause = prop_oneof![Just(Cause::ByHand), Just(Cause::Takeover)];
    prop_oneof![
        announce.prop_map(|(at, profile, [switch, answer], digest, heads)| {
            Message::ProfileAnnounce { at, profile, switch, answer, digest, heads }
        }),
        (tag(), of(at()))
            .prop_map(|(profile, announced)| Message::RequestLogList { profile, announced }),
        (at(), has).prop_map(|(at, has)| Message::LogListReply { at, has }),
        (tag(), any::<u32>(), batch()).prop_map(|(profile, request, batch)| {
            Message::SendMissingLogs { profile, request, batch }
        }),
        request.prop_map(|(profile, request, answer, base, wants)| {
            Message::RequestMyMissing { profile, request, answer, base, wants }
        }),
        (tag(), batch()).prop_map(|(profile, batch)| Message::LogEntry { profile, batch }),
        (any::<u64>(), cause).prop_map(|(term, cause)| Message::ManualSyncStart { term, cause }),
    ]
}

proptest! {
    #[test]
    fn every_message_reads_back_from_both_dialects(message in message()) {
        for dialect in [Dialect::Compact, Dialect::Text] {
            let bytes = message.to_bytes(dialect);
            prop_assert_eq!(bytes[0].is_ascii_uppercase(), dialect == Dialect::Text);
            prop_assert_eq!(&Message::from_bytes(&bytes).unwrap(), &message);
        }
    }

    #[test]
    fn a_message_that_is_cut_short_is_an_error_or_has_fewer_rows(
        message in message(),
        cut: prop::sample::Index,
    ) {
        let bytes = message.to_bytes(Dialect::Compact);
        let cut = bytes.slice(..cut.index(bytes.len()));
        // The last row batch goes to the end: that is cut is for its own check to find.
        if let Ok(read) = Message::from_bytes(&cut) {
            let has_rows =
                matches!(read, Message::SendMissingLogs { .. } | Message::LogEntry { .. });
            prop_assert!(has_rows);
            prop_assert_ne!(read, message);
        }
    }

    #[test]
    fn what_reads_as_compact_is_written_as_the_same_bytes(
        message in message(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    ) {
        let mut bytes = message.to_bytes(Dialect::Compact).to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let bytes = Bytes::from(bytes);
        if bytes[0] >= 0x80 && let Ok(read) = Message::from_bytes(&bytes) {
            prop_assert_eq!(read.to_bytes(Dialect::Compact), bytes);
        }
    }

    #[test]
    fn any_bytes_are_a_message_or_an_error(bytes: Vec<u8>, text in "[A-Z_]{1,20}(\\|[a-z]{1,8}=.{0,9}){0,4}") {
        _ = Message::from_bytes(&bytes.into());
        _ = Message::from_bytes(&text.into());
    }
}
