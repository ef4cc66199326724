//! Golden vectors: each file under `tests/vectors/dialects` is what the code writes today, or what
//! another program wrote once. A format that changes fails here; if it was meant to change, the
//! failure prints the new file.

use std::fs::read_to_string;
use std::path::Path;

use guildsync_wire::bytes::Writer;
use guildsync_wire::compress::{CEILING, unpack};
use guildsync_wire::dialect::Part;
use guildsync_wire::dialect::chunk::{Chunk, Form};
use guildsync_wire::dialect::colon::{Command, Name, write_names};
use guildsync_wire::dialect::fixed::{Data, Kind, Message, Table, Verb};
use guildsync_wire::dialect::ids;
use guildsync_wire::dialect::pipe::{Decimal, PipeEntry};
use guildsync_wire::lua::{Key, Value, parse_value, to_compact};
use guildsync_wire::negotiate::{Capabilities, Capability, Offer, Refusal, Versions};
use guildsync_wire::payload::{Payload, RECEIVED};

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/dialects").join(name);
    read_to_string(&path).unwrap_or_else(|error| format!("{}: {error}", path.display()))
}

/// Compares lines with a file that holds them.
#[track_caller]
fn check(name: &str, lines: &[String]) {
    let actual: String = lines.iter().map(|line| format!("{line}\n")).collect();
    assert!(file(name) == actual, "the format has changed; {name} would now be:\n{actual}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn pipe_entries() {
    let entry = |id: &'static str, amounts: [&str; 2], reason: &'static str| PipeEntry {
        id: id.into(),
        timestamp: 1_735_689_600,
        actor: "Oakhand-Eonar".into(),
        target: "Jägerin-Die Aldor".into(),
        delta: Decimal::new(amounts[0]),
        new_total: Decimal::new(amounts[1]),
        reason: reason.into(),
        profile: "Default".into(),
    };
    let entries = [
        entry("1", ["10", "10"], "attendance"),
        entry("2", ["-2.5", "7.50"], ""),
        entry("a|b:c,d;e", ["", ""], "line\nend\ttab\\p"),
        entry("", ["+0.25", "7.75"], "|cffa335ee|Hitem:5634:0:0:0|h[Free Action Potion]|h|r"),
    ];
    check("pipe.txt", &entries.each_ref().map(ToString::to_string));
    for (line, entry) in file("pipe.txt").lines().zip(entries) {
        assert_eq!(PipeEntry::read(line).unwrap(), entry);
    }
}

#[test]
fn id_lists() {
    let lists = [vec![], vec![1, 5, 7, 12, 45], vec![0, u64::MAX, 3, 3]];
    check("ids.txt", &lists.each_ref().map(|list| ids::write(list.iter().copied())));
    for (line, list) in file("ids.txt").lines().zip(lists) {
        assert_eq!(ids::read(line, ids::COUNT_MAX).unwrap(), list);
    }
}

#[test]
fn fixed_columns() {
    let message = |verb, kind, table, data: Option<(u32, u32, &'static str)>| {
        let data = data.map(|(index, total, payload)| {
            let part = Part::new(index, total).unwrap();
            Data { part, payload: payload.as_bytes() }
        });
        Message { verb, kind, table, data }
    };
    let other = Table::from_code("BANK").unwrap();
    let messages = [
        message(Verb::Send, Kind::Data, Table::Setup, Some((1, 3, "data_chunk_1"))),
        message(Verb::Ack, Kind::Data, Table::Setup, None),
        message(Verb::Request, Kind::Metadata, Table::Roster, None),
        message(Verb::Send, Kind::Metadata, Table::GuildInfo, Some((99_999, 99_999, ""))),
        message(Verb::Send, Kind::Data, Table::News, Some((1, 1, "ACK;DATA;SETU;ø"))),
        message(Verb::from_code("X_9").unwrap(), Kind::Data, other, None),
        message(Verb::Ack, Kind::Metadata, Table::Calendar, None),
    ];
    check("fixed.txt", &messages.each_ref().map(|message| text(message.write())));
    for (line, message) in file("fixed.txt").lines().zip(messages) {
        assert_eq!(Message::read(line.as_bytes()).unwrap(), message);
    }
}

#[test]
fn colon_commands() {
    let names = write_names(["Naxxramas \"Anub\"", "", "Onyxia, again", "A:B"]);
    let mut commands: Vec<Command> = Name::KNOWN
        .iter()
        .map(|name| Command::new(name.clone(), name.shape().split(':').skip(1)))
        .collect();
    commands.extend([
        Command::new(Name::Section, ["1735689600", "4"]),
        Command::new(Name::BulkStructure, ["1735689600".to_owned(), names]),
        Command::new(Name::BulkSection, ["1735689600", "4", Name::ChunkHeader.code(), "17"]),
        Command::new(Name::BulkAck, ["", "a:b\\c\n|d"]),
        Command::new(Name::Request, [""; 0]),
        Command::new(Name::from_code("BULKREQ").unwrap(), ["1"]),
    ]);
    let lines: Vec<String> = commands.iter().map(ToString::to_string).collect();
    check("colon.txt", &lines);
    for (line, command) in file("colon.txt").lines().zip(commands) {
        assert_eq!(Command::read(line).unwrap(), command);
    }
}

#[test]
fn chunks() {
    let part = Part::new(2, 13).unwrap();
    let chunk = |table: &'static str, entry: Option<&'static str>, data: &'static str| Chunk {
        table: table.into(),
        user: "Brindle-Eonar".into(),
        entry_id: entry.map(Into::into),
        part,
        data: data.as_bytes(),
    };
    let chunks = [
        chunk("roster", None, "chunkdata"),
        chunk("roster", Some("Sakarra-Skywall"), "chunkdata"),
        chunk("a:b,c", None, "x:y,z\\"),
        chunk("a:b,c", Some("1,2"), "x:y,z\\"),
        chunk("", Some(""), ""),
    ];
    check("chunk.txt", &chunks.each_ref().map(|chunk| text(chunk.write())));
    for (line, chunk) in file("chunk.txt").lines().zip(chunks) {
        let form = if chunk.entry_id.is_some() { Form::Entry } else { Form::Metadata };
        assert_eq!(Chunk::read(line.as_bytes(), form).unwrap(), chunk);
    }
}

fn values() -> Vec<Value> {
    let read = |text: &str| parse_value(text, &RECEIVED).unwrap();
    let mut values = vec![
        read("true"),
        read("{}"),
        read("{ 1, 127, 128, -1, 2.5, '5', 'NA' }"),
        read("{ 'Skull', [3] = 'Cross', [0] = false, [0.5] = {}, [true] = 1, ['3'] = 2 }"),
        read(
            "{ ['Sakarra-Skywall'] = { pt_level = 80, pt_roles = {}, gb_birthdate = 'NA', \
             lastUpdated = '20241130192941', deleted = false } }",
        ),
        read("{ ['[5]'] = '[inf]', ['[x]'] = '[Free Action Potion]' }"),
        read("'Jäger\\n\\0\"\\\\'"),
        Value::Str("a".repeat(112)),
        Value::Int(i64::MIN),
    ];
    values.extend([f64::INFINITY, f64::NEG_INFINITY].map(Value::Float));
    let mut table = guildsync_wire::lua::Table::new();
    table.insert(Key::Float(f64::INFINITY), 1);
    values.push(Value::Table(table));
    values
}

fn check_payload(name: &str, payload: Payload, shown: fn(Vec<u8>) -> String) {
    let line = |value: &Value| {
        let bytes = payload.write(value).unwrap();
        assert_eq!(payload.read(&bytes, &RECEIVED).as_ref(), Ok(value));
        format!("{}\t{}", to_compact(value).replace('\n', "\\n"), shown(bytes))
    };
    check(name, &values().iter().map(line).collect::<Vec<_>>());
}

#[test]
fn json_payloads() {
    check_payload("json.txt", Payload::Json, text);
}

#[test]
fn compact_payloads() {
    check_payload("compact.txt", Payload::Compact, |bytes| hex(&bytes));
}

/// Compressed by other programs: the library LibCompress (its encoder, run under Lua 5.1) and zlib.
/// Each line has a name, the text and the compressed bytes, both in hexadecimal.
#[test]
fn compressed_texts() {
    let mut lines = 0;
    for name in ["huffman.txt", "deflate.txt"] {
        for line in file(name).lines() {
            let fields: Vec<&str> = line.split('\t').collect();
            let &[what, text, packed] = &fields[..] else { panic!("{name}: {line}") };
            assert_eq!(hex(&unpack(&unhex(packed), CEILING).unwrap()), text, "{name}: {what}");
            lines += 1;
        }
    }
    assert_eq!(lines, 12);
}

#[test]
fn offers_and_refusals() {
    let mut lines = Vec::new();
    for capability in Capability::ALL {
        let capabilities: Capabilities = [capability].into_iter().collect();
        lines.push(format!("{capability:?}\t{:#x}", capabilities.bits()));
    }
    for (low, high, capabilities) in [
        (1, 1, Capabilities::ALL),
        (2, 255, Capabilities::NONE),
        (1, 3, Capabilities::from_bits(u64::MAX)),
    ] {
        let versions = Versions::new(low, high).unwrap();
        let mut writer = Writer::new();
        Offer { versions, capabilities }.write(&mut writer);
        lines.push(format!(
            "{low} to {high}, {:#x}\t{}",
            capabilities.bits(),
            hex(writer.as_slice())
        ));
        lines.push(text(Refusal { versions }.write()));
    }
    check("negotiate.txt", &lines);
}
