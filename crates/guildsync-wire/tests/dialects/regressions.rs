//! What went wrong in the addons, and does not here. C numbers are those of the bug list that the
//! seeds came with.

use guildsync_wire::bytes::Writer;
use guildsync_wire::compress::{CEILING, CompressError, Method, pack, unpack};
use guildsync_wire::dialect::Part;
use guildsync_wire::dialect::chunk::{Chunk, Form};
use guildsync_wire::dialect::colon::{Command, Name, read_names, write_names};
use guildsync_wire::dialect::fixed::{Data, Kind, Message, Table, Verb};
use guildsync_wire::dialect::pipe::{Decimal, PipeEntry};
use guildsync_wire::text::{Delimiter, join, split};

/// The addon split at `[^|]+`: an empty reason made seven fields and the entry was refused; a
/// literal `\p`, a line end, a pipe or a tab in a text came back as something else; `%d` failed on
/// half a point.
#[test]
fn c6_empty_fields_and_literal_escapes_survive() {
    let link = "|cffa335ee|Hitem:5634:0:0:0|h[Free Action Potion]|h|r";
    let decimal = |text| Some(Decimal::new(text).unwrap());
    let plain = PipeEntry {
        id: "17".into(),
        timestamp: 1_735_689_600,
        actor: "Oakhand-Eonar".into(),
        target: "Jägerin-Die Aldor".into(),
        delta: decimal("-12.5"),
        new_total: decimal("87.50"),
        reason: link.into(),
        profile: "Raid-Team-A".into(),
    };
    let texts =
        ["", r"\p", r"\\p", "a|b", "a\tb", "a\nb\r\n", "|", "\\", "ø|ß", link, "SYNC_REQ\t1"];
    for text in texts {
        let entries = [
            PipeEntry { id: text.into(), ..plain.clone() },
            PipeEntry { actor: text.into(), ..plain.clone() },
            PipeEntry { target: text.into(), ..plain.clone() },
            PipeEntry { reason: text.into(), ..plain.clone() },
            PipeEntry { profile: text.into(), ..plain.clone() },
        ];
        for entry in entries {
            let line = entry.to_string();
            assert_eq!(line.matches('|').count(), 7, "{line}");
            assert!(!line.contains(['\n', '\r', '\t']), "{line}");
            assert_eq!(PipeEntry::read(&line).unwrap(), entry, "{line}");
        }
    }
    for delta in [None, decimal("0.5"), decimal("-0.01"), decimal("3"), decimal("1.50")] {
        let entry = PipeEntry { delta: delta.clone(), new_total: delta, ..plain.clone() };
        assert_eq!(PipeEntry::read(&entry.to_string()).unwrap(), entry);
    }
    assert_eq!(plain.delta.as_ref().and_then(Decimal::hundredths), Some(-1250));
    let empty = PipeEntry::read("|0|||||||").unwrap_err();
    assert!(empty.to_string().starts_with("9 fields"), "{empty}");
    let empty = PipeEntry::read("|0||||||").unwrap();
    assert_eq!((&*empty.id, empty.delta, &*empty.profile), ("", None, ""));
}

/// A structure was the sections' names in their order. A quote in a name, a hole, a hundred and
/// first section, or an empty field anywhere moved every later section to another index.
#[test]
fn c29_quotes_holes_and_more_than_100_sections_keep_their_places() {
    let mut names: Vec<String> = (1..=150).map(|place| format!("Section {place}")).collect();
    names[0] = r#"The "Four" Horsemen"#.to_owned();
    names[6] = String::new();
    names[7] = String::new();
    names[40] = r#"Thaddius, Feugen: "Stalagg"\ "#.to_owned();
    names[101] = "Kel'Thuzad: Phase 2".to_owned();
    names[149] = String::new();

    let command = Command::new(Name::BulkStructure, ["1735689600".into(), write_names(&names)]);
    let read = Command::read(&command.to_string()).unwrap();
    let [stamp, field] = read.fields_exactly().unwrap();
    assert_eq!(stamp, "1735689600");
    assert_eq!(read_names(field, 150).unwrap(), names);
    assert!(read_names(field, 149).is_err());

    // The same as fields of the command itself.
    let command = Command::new(Name::StructureResponse, names.clone());
    let read = Command::read(&command.to_string()).unwrap();
    assert_eq!(read.fields, names);
}

/// The addon looked for a command's name anywhere in a message, so that a text which named one was
/// taken for it.
#[test]
fn c33_a_command_name_inside_a_payload_is_payload() {
    let part = Part::new(1, 1).unwrap();
    for payload in [
        "ACK;DATA;SETU",
        "SND;DATA;ROST;00001;00001;x",
        "please send SAVE_USER; then REQUEST_METADATA;ALL;0;roster",
        ";;;;;",
        "",
    ] {
        let data = Some(Data { part, payload: payload.as_bytes() });
        let message = Message { verb: Verb::Send, kind: Kind::Data, table: Table::News, data };
        assert_eq!(Message::read(&message.write()).unwrap(), message, "{payload}");
        // And a text alone is no message, whatever it holds further on.
        let text = format!("look: {}", String::from_utf8_lossy(&message.write()));
        assert!(Message::read(text.as_bytes()).is_err(), "{text}");
    }
    let chunk = Chunk {
        table: "news".into(),
        user: "Brindle-Eonar".into(),
        entry_id: None,
        part,
        data: b"setup:Oakhand-Eonar:1:1:x",
    };
    assert_eq!(Chunk::read(&chunk.write(), Form::Metadata).unwrap(), chunk);
    let command = Command::new(Name::SectionResponse, ["1", "2", "SECTION:9:9"]);
    assert_eq!(Command::read(&command.to_string()).unwrap(), command);
}

/// A `;` in a guild's name or an id cut the message in another place.
#[test]
fn c33_semicolons_in_guild_names_survive() {
    let names = ["Salt;Pepper-Eonar", ";", "", r"Back\slash;-Alleria", "Bären;Höhle-Die Aldor"];
    let payload = join(names, Delimiter::Semicolon);
    let bytes = payload.as_bytes();
    // Cut in every place, in the middle of a letter as well.
    for cut in 0..=bytes.len() {
        let mut whole = Vec::new();
        for (index, payload) in (1..).zip([&bytes[..cut], &bytes[cut..]]) {
            let part = Part::new(index, 2).unwrap();
            let data = Some(Data { part, payload });
            let message = Message { verb: Verb::Send, kind: Kind::Data, table: Table::Setup, data };
            let written = message.write();
            let read = Message::read(&written).unwrap();
            whole.extend_from_slice(read.data.unwrap().payload);
        }
        let text = String::from_utf8(whole).unwrap();
        assert_eq!(split(&text, Delimiter::Semicolon).unwrap(), names);
    }
}

#[test]
fn a_decompression_bomb_stops_at_its_ceiling() {
    let zeros = vec![0; 64 << 20];
    let deflate = pack(Method::Deflate, &zeros, zeros.len()).unwrap();
    assert!(deflate.len() < 80_000, "{} bytes for 64 MiB", deflate.len());
    for ceiling in [0, 1, 1000, CEILING] {
        assert_eq!(unpack(&deflate, ceiling), Err(CompressError::TooLarge { ceiling }));
    }
    // The ceiling is what is refused, not the ratio.
    assert_eq!(unpack(&deflate, zeros.len()).unwrap().len(), zeros.len());

    // One symbol of one bit, and bits for all that the three length bytes can claim.
    let mut huffman = Writer::new();
    huffman.raw(&[3, 0, 0xff, 0xff, 0xff, b'a', 0b110]);
    huffman.raw(&vec![0; (1 << 24) / 8]);
    let huffman = huffman.into_vec();
    assert_eq!(unpack(&huffman, CEILING), Err(CompressError::TooLarge { ceiling: CEILING }));
    let stored = pack(Method::Stored, &zeros, zeros.len()).unwrap();
    assert_eq!(unpack(&stored, CEILING), Err(CompressError::TooLarge { ceiling: CEILING }));
}
