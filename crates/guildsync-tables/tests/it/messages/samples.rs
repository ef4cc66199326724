//! One message of each kind and form, by name: golden vectors, fuzz seeds and the documentation.

use bytes::Bytes;
use guildsync_tables::message::{
    Ask, Batch, Busy, Cell, CellSummary, Cells, Change, Content, Done, GuildTag, Last, Message,
    Metadata, Open, Refused, Reply, SessionId, Status, Wanted,
};
use guildsync_tables::{GuildName, Record, RecordId, RecordKey, TableKind, Updated};
use guildsync_types::Digest;
use guildsync_wire::lua::{Limits, Value, parse_value};

pub(crate) const SESSION: SessionId = SessionId(0x5eed_0007);
pub(crate) const DIGEST: Digest = Digest([0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8]);
/// 2024-12-01 20:00:00, a Sunday.
const CUT: u64 = 1_733_083_200;
const GUILDS: [GuildTag; 3] =
    [GuildTag([0x0a, 0x0b, 0x0c]), GuildTag([0x71, 0x72, 0x73]), GuildTag([0xf1, 0xf2, 0xf3])];

pub(crate) fn guild(name: &str) -> GuildName {
    GuildName::new(name).unwrap()
}

pub(crate) fn id(id: &str) -> RecordId {
    RecordId::new(id).unwrap()
}

pub(crate) fn updated(text: &str) -> Updated {
    Updated::from_value(&text.into()).unwrap()
}

pub(crate) fn record(
    (table, name): (TableKind, &str),
    guild_name: &str,
    time: impl Into<Value>,
    data: &str,
) -> Record {
    let Value::Table(data) = parse_value(data, &Limits::default()).unwrap() else { panic!() };
    let time = Updated::from_value(&time.into()).unwrap();
    Record::new(table, guild(guild_name), id(name), time, data).unwrap()
}

/// An opening as it mostly is, with so many records in each cell.
pub(crate) fn opening(counts: [u32; 6]) -> Open {
    Open {
        session: SESSION,
        round: 0,
        cut: Some(CUT),
        ask: None,
        guilds: GUILDS.into(),
        cells: counts.map(|count| CellSummary { count, digest: DIGEST }),
    }
}

pub(crate) fn ready(differ: Cells, count: u32, content: Content) -> Message {
    reply(Reply::Ready { differ, count, content })
}

pub(crate) fn reply(reply: Reply) -> Message {
    Message::Reply { session: SESSION, round: 0, reply }
}

pub(crate) fn pull(wanted: Wanted) -> Message {
    Message::Pull { session: SESSION, round: 1, first: 0, primed: true, coming: 3, wanted }
}

pub(crate) fn records(last: Option<Last>, batch: Batch) -> Message {
    Message::Records { session: SESSION, round: 1, number: 2, last, batch }
}

pub(crate) fn ack(done: Done) -> Message {
    Message::Ack { session: SESSION, round: 1, next: 3, done }
}

/// Three changes: an addition, an update of data with everything that Lua has, a deletion.
pub(crate) fn changes() -> Vec<(Change, Record)> {
    const OURS: &str = "No Rest For The Wicked-Eonar";
    let row = r#"{ ["name"] = "Sakarra-Skywall", ["level"] = 80, ["rank"] = "Alt; \"r\"", ["roles"] = {} }"#;
    let news =
        r#"{ ["title"] = "Raid\nat 8", ["content"] = "NA", [3] = 0.5, ["5"] = { 1, 2, { } } }"#;
    let gone = updated("2024-12-15 08:58:39");
    vec![
        (Change::Add, record((TableKind::Roster, "Sakarra-Skywall"), OURS, "20241215085707", row)),
        (
            Change::Update,
            record((TableKind::News, "202411301924102656"), OURS, 1_734_253_027, news),
        ),
        (
            Change::Delete,
            Record::deletion(TableKind::Calendar, guild("Salt;Pepper-Eonar"), id("1;2"), gone),
        ),
    ]
}

/// All of them.
pub(crate) fn all() -> Vec<(&'static str, Message)> {
    let ours = guild("No Rest For The Wicked-Eonar");
    let setup = Cells::NONE.with(Cell::Setup);
    let some = Cells::NONE.with(Cell::Newer(TableKind::News)).with(Cell::Older);
    let hashes = vec![5, 0x1000_0000, 0x9abc_def0, u32::MAX];
    let metadata = |table, name: &str, guild: &GuildName, time: &str, deleted| Metadata {
        table,
        id: id(name),
        guild: guild.clone(),
        updated: updated(time),
        deleted,
        hash: 0x0102_0304,
    };
    let metadata = vec![
        metadata(TableKind::News, "202411301924102656", &ours, "2024-12-01 05:09:22", false),
        metadata(TableKind::Roster, "Sakarra-Skywall", &ours, "20241130192941", true),
        metadata(TableKind::Roster, "Brindle-Eonar", &guild("a;b"), "1733083200", false),
    ];
    let keys = vec![
        RecordKey { table: TableKind::News, id: id("1;2"), guild: Some(ours) },
        RecordKey { table: TableKind::Roster, id: id("Sakarra-Skywall"), guild: None },
    ];
    let bare = Open { cut: None, ask: Some(Ask::Metadata), ..opening([0; 6]) };
    let mut sketched =
        Open { round: 1, ask: Some(Ask::Sketch { from: 0, len: 48 }), ..opening([1; 6]) };
    sketched.cells[2..].fill(CellSummary::default());
    let packed =
        |base| Batch::Packed { count: 10, base, bytes: Bytes::from_static(b"\x21;packed") };
    let ask = |ask| Message::RequestMetadata { session: SESSION, round: 1, ask };
    let last = Some(Last { digest: DIGEST });
    let sketch = Content::Sketch { from: 48, values: vec![1, 0x0403_0201, 0xffff_fffa] };
    let presence = |status, last_sync| Message::Presence { status, last_sync };
    vec![
        ("who", Message::WhoIsOnline { status: Status::Ready }),
        ("who-busy", Message::WhoIsOnline { status: Status::Busy(Busy::Grouped) }),
        ("online", presence(Status::Ready, Some(CUT))),
        ("busy", presence(Status::Busy(Busy::Fighting), None)),
        ("open", Message::Open(opening([1, 40, 3, 12, 1000, 9000]))),
        ("open-all", Message::Open(Open { guilds: Vec::new(), ..bare })),
        ("open-again", Message::Open(sketched)),
        ("reply-same", ready(Cells::NONE, 0, Content::Untold)),
        ("reply-none", ready(setup, 0, Content::Untold)),
        ("reply-many", ready(Cells::ALL, 9000, Content::Untold)),
        ("reply-sketch", ready(some, 700, sketch)),
        ("reply-hashes", ready(some, 4, Content::Hashes(hashes.clone()))),
        ("reply-metadata", ready(some, 3, Content::Metadata(metadata))),
        ("reply-busy", reply(Reply::Busy(Busy::Syncing))),
        ("reply-refused", reply(Reply::Refused(Refused::NotFederated))),
        ("reply-scope", reply(Reply::Scope(GUILDS[..2].into()))),
        ("ask-sketch", ask(Ask::Sketch { from: 48, len: 100 })),
        ("ask-hashes", ask(Ask::Hashes)),
        ("ask-metadata", ask(Ask::Metadata)),
        ("pull-all", pull(Wanted::All)),
        ("pull-hashes", pull(Wanted::Hashes(hashes))),
        ("pull-keys", pull(Wanted::Keys(keys))),
        ("records", records(None, packed(None))),
        ("records-primed", records(last, packed(Some(0x0201)))),
        ("records-plain", records(last, Batch::Plain(changes()))),
        ("ack", ack(Done::Batches)),
        ("ack-tables", ack(Done::Tables(0b1_0001))),
        ("ack-equal", ack(Done::Equal)),
        ("ack-different", ack(Done::Different)),
        ("end", Message::Close { session: SESSION, why: Refused::TimedOut }),
    ]
}

/// Cells that mostly differ.
pub(crate) fn reply_cells() -> Cells {
    Cells::NONE.with(Cell::Newer(TableKind::News))
}
