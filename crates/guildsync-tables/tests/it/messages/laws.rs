//! Laws of both codecs: what is written reads back, and every message has one compact form.

use bytes::Bytes;
use guildsync_tables::message::{
    Ask, Batch, Busy, CellSummary, Cells, Change, Content, Done, GuildTag, Last, Message, Metadata,
    Open, Refused, Reply, SessionId, Status, Wanted,
};
use guildsync_tables::{Dialect, GuildName, Record, RecordId, RecordKey, TableKind, Updated};
use guildsync_types::Digest;
use guildsync_wire::lua::{Table, Value};
use proptest::collection::{btree_set, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

const BUSY: [Busy; 5] =
    [Busy::Fighting, Busy::Syncing, Busy::Grouped, Busy::Ungrouped, Busy::Disabled];
const REFUSED: [Refused; 5] = [
    Refused::NotFederated,
    Refused::UnknownSession,
    Refused::TimedOut,
    Refused::Reset,
    Refused::Nonsense,
];

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![Just(Status::Ready), select(&BUSY[..]).prop_map(Status::Busy)]
}

fn number() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 0u32..300, 1 => 0u32..70_000, 1 => any::<u32>()]
}

fn digest() -> impl Strategy<Value = Digest> {
    prop_oneof![3 => any::<[u8; 8]>(), 1 => Just([0; 8])].prop_map(Digest)
}

fn guild_tags() -> impl Strategy<Value = Vec<GuildTag>> {
    vec(any::<[u8; 3]>().prop_map(GuildTag), 0..=Message::GUILDS_MAX)
}

fn ask() -> impl Strategy<Value = Ask> {
    let sketch = (0u16..=512, 0u16..=512)
        .prop_map(|(from, len)| Ask::Sketch { from, len: len.min(512 - from) });
    prop_oneof![sketch, Just(Ask::Hashes), Just(Ask::Metadata)]
}

fn open() -> impl Strategy<Value = Open> {
    let cell = (prop_oneof![Just(0), number()], digest())
        .prop_map(|(count, digest)| CellSummary { count, digest });
    let cut = of(prop_oneof![1_600_000_000u64..1_800_000_000, any::<u64>()]);
    (any::<u32>(), any::<u8>(), cut, of(ask()), guild_tags(), vec(cell, 6)).prop_map(
        |(session, round, cut, ask, guilds, cells)| Open {
            session: SessionId(session),
            round,
            cut,
            ask,
            guilds,
            cells: cells.try_into().unwrap(),
        },
    )
}

fn hashes() -> impl Strategy<Value = Vec<u32>> {
    let near = |to: u32| btree_set(to - 200..to, 0..30);
    prop_oneof![btree_set(any::<u32>(), 0..40), near(400), near(u32::MAX)]
        .prop_map(|hashes| hashes.into_iter().collect())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9;=,:\\\\|\u{e4} -]{1,24}".prop_filter("blank", |text| !text.trim().is_empty()),
        select(&["Brindle-Eonar", "SYNC_END;why=reset", "n;a=b\\"][..]).prop_map(str::to_owned),
    ]
}

fn guild() -> impl Strategy<Value = GuildName> {
    prop_oneof![
        1 => Just(GuildName::new("Eonar").unwrap()),
        1 => text().prop_map(|name| GuildName::new(&name).unwrap()),
    ]
}

fn id() -> impl Strategy<Value = RecordId> {
    text().prop_map(|id| RecordId::new(&id).unwrap())
}

fn table() -> impl Strategy<Value = TableKind> {
    select(&TableKind::ALL[..])
}

fn updated() -> impl Strategy<Value = Updated> {
    let seconds = prop_oneof![Just(Updated::DEFAULT_SECONDS), 0u64..=253_402_207_200];
    (seconds, 0usize..5).prop_map(|(seconds, form)| {
        use guildsync_types::stamp::StampForm::{Compact, Dashed, Date, Epoch};
        let value = match form {
            0 => Value::Int(seconds as i64),
            form => {
                Value::Str(Updated::at(seconds).print([Compact, Dashed, Date, Epoch][form - 1]))
            }
        };
        Updated::from_value(&value).unwrap()
    })
}

fn data() -> impl Strategy<Value = Table> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(Value::Float),
        "\\PC{0,12}".prop_map(Value::Str),
        select(&["NA", "[inf]", "\n\u{7f}\u{1}", "SAVE_USER;{}"][..]).prop_map(Value::from),
    ];
    let name = prop_oneof![
        "[a-z_]{1,8}",
        select(&["id", "data", "entry_x", "[5]"][..]).prop_map(str::to_owned)
    ];
    let tree = leaf.prop_recursive(3, 12, 4, move |inner| {
        let positional = vec(inner.clone(), 0..3);
        let keyed = vec(("[a-z;5]{0,4}", inner.clone()), 0..3);
        let numbered = vec((-2i64..12, inner), 0..2);
        (positional, keyed, numbered).prop_map(|(positional, keyed, numbered)| {
            let mut table: Table = positional.into_iter().collect();
            keyed.into_iter().for_each(|(key, value)| _ = table.insert(key, value));
            numbered.into_iter().for_each(|(key, value)| _ = table.insert(key, value));
            Value::Table(table)
        })
    });
    vec((name, tree), 0..4).prop_map(|fields| {
        let mut table = Table::new();
        fields.into_iter().for_each(|(name, value)| _ = table.insert(name, value));
        table
    })
}

fn record() -> impl Strategy<Value = Record> {
    (table(), guild(), id(), updated(), of(data())).prop_map(|(table, guild, id, updated, data)| {
        match data {
            None => Record::deletion(table, guild, id, updated),
            Some(data) => Record::new(table, guild, id, updated, data).unwrap(),
        }
    })
}

fn metadata() -> impl Strategy<Value = Metadata> {
    (table(), id(), guild(), updated(), any::<bool>(), any::<u32>()).prop_map(
        |(table, id, guild, updated, deleted, hash)| Metadata {
            table,
            id,
            guild,
            updated,
            deleted,
            hash,
        },
    )
}

fn content() -> impl Strategy<Value = Content> {
    prop_oneof![
        Just(Content::Untold),
        (0u16..=400, vec(any::<u32>(), 0..100))
            .prop_map(|(from, values)| Content::Sketch { from, values }),
        hashes().prop_map(Content::Hashes),
        vec(metadata(), 0..6).prop_map(Content::Metadata),
    ]
}

fn reply() -> impl Strategy<Value = Reply> {
    let count = prop_oneof![Just(0), number()];
    prop_oneof![
        select(&BUSY[..]).prop_map(Reply::Busy),
        select(&REFUSED[..]).prop_map(Reply::Refused),
        guild_tags().prop_map(Reply::Scope),
        (0u8..64, count, content()).prop_map(|(differ, count, content)| Reply::Ready {
            differ: Cells(differ),
            count,
            content
        }),
    ]
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let key = (table(), id(), guild()).prop_map(|(table, id, guild)| {
        let guild = (table != TableKind::Roster).then_some(guild);
        RecordKey { table, id, guild }
    });
    prop_oneof![
        Just(Wanted::All),
        hashes().prop_map(Wanted::Hashes),
        vec(key, 0..6).prop_map(Wanted::Keys),
    ]
}

fn batch() -> impl Strategy<Value = Batch> {
    let packed = (0u32..=65_536, of(any::<u16>()), vec(any::<u8>(), 0..60));
    let change = select(&[Change::Add, Change::Update, Change::Delete][..]);
    prop_oneof![
        packed.prop_map(|(count, base, bytes)| Batch::Packed { count, base, bytes: bytes.into() }),
        vec((change, record()), 0..4).prop_map(Batch::Plain),
    ]
}

fn done() -> impl Strategy<Value = Done> {
    prop_oneof![
        Just(Done::Batches),
        Just(Done::Equal),
        Just(Done::Different),
        (0u8..32).prop_map(Done::Tables),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    let head = || (any::<u32>().prop_map(SessionId), any::<u8>());
    prop_oneof![
        status().prop_map(|status| Message::WhoIsOnline { status }),
        (status(), of(any::<u64>()))
            .prop_map(|(status, last_sync)| Message::Presence { status, last_sync }),
        open().prop_map(Message::Open),
        (head(), reply()).prop_map(|((session, round), reply)| Message::Reply {
            session,
            round,
            reply
        }),
        (head(), ask()).prop_map(|((session, round), ask)| Message::RequestMetadata {
            session,
            round,
            ask
        }),
        (head(), number(), any::<bool>(), number(), wanted()).prop_map(
            |((session, round), first, primed, coming, wanted)| {
                Message::Pull { session, round, first, primed, coming, wanted }
            }
        ),
        (head(), number(), of(digest()), batch()).prop_map(
            |((session, round), number, digest, batch)| {
                let last = digest.map(|digest| Last { digest });
                Message::Records { session, round, number, last, batch }
            }
        ),
        (head(), number(), done()).prop_map(|((session, round), next, done)| Message::Ack {
            session,
            round,
            next,
            done
        }),
        (head(), select(&REFUSED[..]))
            .prop_map(|((session, _), why)| Message::Close { session, why }),
    ]
}

proptest! {
    #[test]
    fn every_message_reads_back_from_both_dialects(message in message()) {
        for dialect in [Dialect::Compact, Dialect::Text] {
            let bytes = message.to_bytes(dialect);
            prop_assert_eq!(bytes[0].is_ascii_uppercase(), dialect == Dialect::Text);
            prop_assert!(Message::speaks(&bytes));
            prop_assert_eq!(&Message::from_bytes(&bytes).unwrap(), &message);
        }
    }

    #[test]
    fn a_text_begins_with_the_messages_name_and_has_no_line_that_is_not_its_own(
        message in message(),
    ) {
        let text = message.to_bytes(Dialect::Text);
        let text = std::str::from_utf8(&text).unwrap();
        let mut words = text.split('\n').map(|line| line.split(';').next().unwrap());
        prop_assert_eq!(words.next(), Some(message.name()));
        for word in words {
            let behind =
                ["HAS", "SKETCH", "HASHES", "SND", "DELETE", "REQUEST_ENTRY", "PACKED", "ACK"];
            prop_assert!(behind.contains(&word), "{}", word);
        }
    }

    #[test]
    fn a_message_that_is_cut_short_is_an_error_or_another_one(
        message in message(),
        cut: prop::sample::Index,
    ) {
        let bytes = message.to_bytes(Dialect::Compact);
        if let Ok(read) = Message::from_bytes(&bytes.slice(..cut.index(bytes.len()))) {
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
        if !bytes[0].is_ascii_uppercase() && let Ok(read) = Message::from_bytes(&bytes) {
            prop_assert_eq!(read.to_bytes(Dialect::Compact), bytes);
        }
    }

    #[test]
    fn any_bytes_are_a_message_or_an_error(
        first in 1u8..32,
        bytes: Vec<u8>,
        line in "(META|ACK|SYNC_DATA|NO_META|SYNC_INITIATE)(;[a-z]{1,8}=.{0,9}){0,4}",
    ) {
        let mut compact = bytes.clone();
        compact.insert(0, first);
        for bytes in [bytes.into(), Bytes::from(compact), Bytes::from(line)] {
            if let Ok(read) = Message::from_bytes(&bytes) {
                prop_assert!(Message::speaks(&bytes));
                let again = read.to_bytes(Dialect::Compact);
                prop_assert_eq!(Message::from_bytes(&again).unwrap(), read);
            }
        }
    }
}
