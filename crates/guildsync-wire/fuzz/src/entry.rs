//! Every decoder of the crate as a function of arbitrary bytes.
//!
//! An entry point may refuse its input, never panic. What it takes, it writes again and reads again,
//! and that must be equal. It says whether it took the input, so that a harness can tell whether it
//! still reaches what lies behind the first check.

use std::sync::LazyLock;

use guildsync_wire::alphabet::Alphabet;
use guildsync_wire::bits::{BitReader, BitWriter, read_hashes, write_hashes};
use guildsync_wire::bytes::{Reader, Writer};
use guildsync_wire::checksum::{Checksum, crc24};
use guildsync_wire::chunk::{ChunkSize, Framing};
use guildsync_wire::compress::{CEILING, Method, pack, unpack};
use guildsync_wire::dialect::chunk::{Chunk, Form};
use guildsync_wire::dialect::colon::{Command, read_names, write_names};
use guildsync_wire::dialect::fixed::Message;
use guildsync_wire::dialect::ids;
use guildsync_wire::dialect::pipe::PipeEntry;
use guildsync_wire::frame::Frame;
use guildsync_wire::frame::acecomm::{Joiner, PartLimits, parts};
use guildsync_wire::line::{LineError, LineWriter, Lines};
use guildsync_wire::lua::{
    Key, Limits as LuaLimits, Value, parse_assignments, parse_value, print_assignments,
};
use guildsync_wire::negotiate::{Offer, Refusal};
use guildsync_wire::payload::{Payload, RECEIVED};
use guildsync_wire::reassemble::{Limits, Outcome, Reassembler};
use guildsync_wire::records;
use guildsync_wire::rows::{self, Base, Mode, Row, Rows, RowsBuilder};
use guildsync_wire::text::{Delimiter, join, split};

/// An entry point: whether it took the bytes.
pub type Entry = fn(&[u8]) -> bool;

/// All of them by name.
pub const ALL: [(&str, Entry); 26] = [
    ("rows", rows),
    ("records", records),
    ("stream", stream),
    ("frame", frame),
    ("frame_request", frame_request),
    ("reassembler", reassembler),
    ("acecomm", acecomm),
    ("alphabet_no_nul", alphabet_no_nul),
    ("alphabet_printable", alphabet_printable),
    ("offer", offer),
    ("refusal", refusal),
    ("pipe", pipe),
    ("ids", id_list),
    ("fixed", fixed),
    ("colon", colon),
    ("dialect_chunk", dialect_chunk),
    ("names", names),
    ("payload_compact", payload_compact),
    ("payload_json", payload_json),
    ("payload_lua", payload_lua),
    ("lua_file", lua_file),
    ("deflate", deflate),
    ("huffman", huffman),
    ("text", text),
    ("lines", lines),
    ("bits", bits),
];

/// The rows that both sides hold in these tests, and the number of that base.
pub const BASE_NUMBER: u32 = 5;
/// See [`BASE_NUMBER`]. Few, so that priming costs little of an execution.
pub static BASE: LazyLock<Rows> = LazyLock::new(|| sample(40, 0));
/// The records that both sides hold, under the number [`RECORDS_BASE`].
pub static RECORDS: LazyLock<Vec<Value>> = LazyLock::new(|| sample_records(8, 0));
/// See [`RECORDS`].
pub const RECORDS_BASE: u32 = 0x0234_5678;

/// `n` rows, the first of them number `from`, with something of everything that rows can have.
pub fn sample(n: u64, from: u64) -> Rows {
    let mut builder = RowsBuilder::new(b"Raid-Team-A");
    for at in from..from + n {
        let actor = format!("Oakhand{}-Eonar", at % 3);
        let target = format!("Brindle{}-Die Aldor", at * 7 % 11);
        let reason = ["On time", "Boss kill", "", "J\u{e4}ger|cff"][at as usize % 4];
        let delta = [500, -250, 1000][at as usize % 3];
        let (is_note, is_odd) = (at % 13 == 5, at % 17 == 6);
        builder.push(&Row {
            writer: &[at as u8 % 2; 16],
            seq: at / 2 + 1,
            seconds: 1_733_083_200 + at / 3 * 97,
            count: (at % 3) as u16,
            kind: if is_odd { 200 } else { u8::from(is_note) },
            flags: u8::from(at % 19 == 7),
            origin: if at % 5 == 4 { at as u32 } else { 0 },
            actor: actor.as_bytes(),
            target: (!is_note).then_some(target.as_bytes()),
            delta,
            total: delta * (at as i64 / 11 + 1),
            reason: reason.as_bytes(),
            body: if is_odd { b"\0more\xff" } else { b"" },
        });
    }
    builder.finish()
}

/// `n` records, the first of them number `from`.
pub fn sample_records(n: usize, from: usize) -> Vec<Value> {
    let record = |at: usize| {
        let text = format!(
            r#"{{ ["id"] = "Brindle{at}-Eonar", ["lastUpdated"] = "202411{:02}120000",
            ["deleted"] = false, [4] = {{}}, ["data"] = {{ ["name"] = "Brindle{at}", ["level"] = {},
            ["share"] = 0.5, ["roles"] = {{ "Tank", "07" }}, [true] = "NA" }} }}"#,
            at % 28 + 1,
            at * 3
        );
        parse_value(text, &LuaLimits::default()).expect("a table")
    };
    (from..from + n).map(record).collect()
}

/// A batch of rows, with or without a base.
pub fn rows(data: &[u8]) -> bool {
    let mut asked = None;
    let known = |number| {
        asked = Some(number);
        Some(&*BASE)
    };
    let Ok(rows) = rows::decode(data, known) else { return false };
    let mode = match (data[0] & 15, asked) {
        (0, _) => Mode::Fast,
        (_, None) => Mode::Small,
        (_, Some(number)) => Mode::History(Base { number, rows: &BASE }),
    };
    let bytes = rows::encode(&rows, mode).expect("what was read can be written");
    let again = rows::decode(&bytes, |_| Some(&*BASE)).expect("what was written can be read");
    assert!(rows == again, "rows differ");
    true
}

/// A batch of records, with or without a base.
pub fn records(data: &[u8]) -> bool {
    // Low bits of 9: primed. Setting up a model is what an execution costs, so it is done once.
    let is_primed = data.first().is_some_and(|first| first & 15 == 9);
    let base = records::Base { number: RECORDS_BASE, records: &RECORDS };
    let base = is_primed.then_some(base);
    let Ok(values) = records::decode(data, base) else { return false };
    let bytes = records::encode(&values, base).expect("what was read can be written");
    let again = records::decode(&bytes, base).expect("what was written can be read");
    assert_same(&values, &again);
    true
}

/// Batches of a primed stream, each behind its length in two bytes, up to the first that is refused.
pub fn stream(data: &[u8]) -> bool {
    let primed = || records::Stream::sized(&RECORDS, records::Memory::Small).expect("a base");
    let (mut given, mut sender, mut receiver) = (primed(), primed(), primed());
    let (mut rest, mut taken) = (data, false);
    while let [high, low, tail @ ..] = rest {
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        let (batch, tail) = tail.split_at(tail.len().min(len));
        rest = tail;
        let Ok(values) = given.decode(batch) else {
            assert_eq!(given.decode(batch), Err(records::RecordsError::StreamEnded));
            break;
        };
        let bytes = sender.encode(&values).expect("what was read can be written");
        assert_same(&values, &receiver.decode(&bytes).expect("what was written can be read"));
        taken = true;
    }
    taken
}

/// One frame; as it is, and with its check put right, since few guess a check.
pub fn frame(data: &[u8]) -> bool {
    let mut taken = false;
    let mut fixed = data.to_vec();
    let check_at = match data.first().map_or(9, |first| first & 15) {
        0 => Some(1),
        3 => Some(10),
        6 => Some(6),
        7 | 8 => Some(3),
        _ => None,
    };
    if let Some(at) = check_at
        && data.len() >= at + 3
    {
        let check = crc24(&[&data[..at], &data[at + 3..]]);
        fixed[at..at + 3].copy_from_slice(&check);
    }
    for bytes in [data, &fixed] {
        let Ok(frame) = Frame::decode(bytes) else { continue };
        taken = true;
        let checksum = match bytes[0] & 15 {
            1 | 4 => Checksum::None,
            3 | 6 => Checksum::PerChunk,
            _ => Checksum::PerTransfer,
        };
        let mut again = Vec::new();
        frame.encode(checksum, &mut again);
        assert_eq!(Frame::decode(&again).as_ref(), Ok(&frame));
    }
    taken
}

/// A request's ranges behind a right check.
pub fn frame_request(data: &[u8]) -> bool {
    let header = [0x17, 1, 2];
    let bytes = [&header[..], &crc24(&[&header, data]), data].concat();
    let Ok(Frame::Request(request)) = Frame::decode(&bytes) else { return false };
    let outgoing = Framing::default().outgoing(0x0201, vec![7; 5000]).expect("a short message");
    assert!(outgoing.requested(&request).count() <= outgoing.frames() as usize);
    let mut again = Vec::new();
    request.write_frame(Alphabet::Bytes, &mut again);
    assert_eq!(Frame::decode(&again), Ok(Frame::Request(request)));
    true
}

/// Frames of several senders, each a byte of sender, a byte of length and its bytes. A check that a
/// frame carries is put right, for half of the senders.
pub fn reassembler(data: &[u8]) -> bool {
    let limits = Limits {
        message_bytes: 1 << 16,
        bytes_per_sender: 40_000,
        bytes_overall: 100_000,
        transfers_per_sender: 3,
        transfers_overall: 8,
        senders: 4,
        pieces: 64,
        finished_per_sender: 2,
        idle_ms: 50,
    };
    let framing = Framing::new(255, Alphabet::Bytes, Checksum::PerTransfer, ChunkSize::Fill);
    let mut reassembler = Reassembler::new(framing.expect("a channel"), limits);
    let (mut rest, mut now, mut taken) = (data, 0, false);
    while let [sender, len, tail @ ..] = rest {
        let (bytes, tail) = tail.split_at(tail.len().min(usize::from(*len)));
        rest = tail;
        now += u64::from(*sender >> 4);
        let mut bytes = bytes.to_vec();
        // Half of the chunks of some are as if relayed.
        if sender & 6 == 6 && bytes.len() >= 3 && matches!(bytes[0] & 15, 2 | 5) {
            bytes[0] = 0x10 | if bytes[0] & 15 == 2 { 10 } else { 9 };
        }
        if sender & 1 == 0 && bytes.len() >= 4 && bytes[0] & 15 == 0 {
            let check = crc24(&[&bytes[..1], &bytes[4..]]);
            bytes[1..4].copy_from_slice(&check);
        }
        if let Ok(accepted) = reassembler.accept(now, &(sender & 7), &bytes) {
            taken = true;
            if let Outcome::Message { bytes, .. } = accepted.outcome {
                assert!(bytes.len() <= 1 << 16);
            }
        }
        assert!(reassembler.held_bytes() <= 100_000);
    }
    assert!(reassembler.unfinished().count() <= 8);
    reassembler.expire(now + 1000);
    assert_eq!(reassembler.unfinished().count(), 0);
    taken
}

/// AceComm's parts, each a byte of length and its bytes; and the whole as a text.
pub fn acecomm(data: &[u8]) -> bool {
    let mut joiner = Joiner::new(PartLimits { text_bytes: 600, senders: 2, idle_ms: 10 });
    let (mut rest, mut now, mut taken) = (data, 0, false);
    while let [len, tail @ ..] = rest {
        let (part, tail) = tail.split_at(tail.len().min(usize::from(*len)));
        rest = tail;
        now += u64::from(len % 4);
        taken |= matches!(joiner.accept(now, &(len % 3), part), Ok(Some(_)));
        assert!(joiner.held_bytes() <= 2 * 4096);
    }
    let mut joiner = Joiner::new(PartLimits::default());
    let mut joined = None;
    for part in parts(data, 255) {
        joined = joiner.accept(0, &0, &part).expect("a part that was made here");
    }
    assert_eq!(joined.as_deref(), Some(data));
    taken
}

/// Text without NUL, and any bytes written so.
pub fn alphabet_no_nul(data: &[u8]) -> bool {
    alphabet(Alphabet::NoNul, data)
}

/// Printable text, and any bytes written so.
pub fn alphabet_printable(data: &[u8]) -> bool {
    alphabet(Alphabet::Printable, data)
}

fn alphabet(alphabet: Alphabet, data: &[u8]) -> bool {
    let (mut encoded, mut back) = (Vec::new(), Vec::new());
    alphabet.encode(data, &mut encoded);
    assert_eq!(encoded.len(), alphabet.encoded_len(data.len()));
    assert!(encoded.iter().all(|byte| alphabet.allows(*byte)));
    alphabet.decode(&encoded, &mut back).expect("what was written can be read");
    assert_eq!(back, data);
    let mut payload = b"before".to_vec();
    if alphabet.decode(data, &mut payload).is_err() {
        assert_eq!(payload, b"before");
        return false;
    }
    let (mut again, mut second) = (Vec::new(), Vec::new());
    alphabet.encode(&payload[6..], &mut again);
    alphabet.decode(&again, &mut second).expect("what was written can be read");
    assert_eq!(second, &payload[6..]);
    true
}

/// An offer of versions and capabilities.
pub fn offer(data: &[u8]) -> bool {
    let Ok(offer) = Offer::read(&mut Reader::new(data)) else { return false };
    let mut writer = Writer::new();
    offer.write(&mut writer);
    assert_eq!(Offer::read(&mut Reader::new(writer.as_slice())), Ok(offer));
    true
}

/// A refusal.
pub fn refusal(data: &[u8]) -> bool {
    let Ok(refusal) = Refusal::read(data) else { return false };
    assert_eq!(refusal.write(), data);
    true
}

/// A pipe line.
pub fn pipe(data: &[u8]) -> bool {
    let entry = utf8(data).and_then(|line| PipeEntry::read(line).ok());
    let Some(entry) = entry else { return false };
    assert_eq!(PipeEntry::read(&entry.to_string()), Ok(entry));
    true
}

/// A list of ids.
pub fn id_list(data: &[u8]) -> bool {
    let list = utf8(data).and_then(|text| ids::read(text, 1000).ok());
    let Some(list) = list else { return false };
    assert!(list.len() <= 1000);
    assert_eq!(ids::read(&ids::write(list.iter().copied()), 1000), Ok(list));
    true
}

/// A message in fixed columns.
pub fn fixed(data: &[u8]) -> bool {
    let Ok(message) = Message::read(data) else { return false };
    assert_eq!(message.write(), data);
    true
}

/// A command and its fields.
pub fn colon(data: &[u8]) -> bool {
    let command = utf8(data).and_then(|line| Command::read(line).ok());
    let Some(command) = command else { return false };
    assert_eq!(Command::read(&command.to_string()), Ok(command));
    true
}

/// A chunk with its fields, in both forms.
pub fn dialect_chunk(data: &[u8]) -> bool {
    let mut taken = false;
    for form in [Form::Metadata, Form::Entry] {
        let Ok(chunk) = Chunk::read(data, form) else { continue };
        taken = true;
        assert_eq!(chunk.form(), form);
        assert_eq!(Chunk::read(&chunk.write(), form).as_ref(), Ok(&chunk));
    }
    taken
}

/// Names of sections, with holes.
pub fn names(data: &[u8]) -> bool {
    let names = utf8(data).and_then(|text| read_names(text, 1000).ok());
    let Some(names) = names else { return false };
    assert_eq!(read_names(&write_names(&names), 1000), Ok(names));
    true
}

/// A value as compact bytes.
pub fn payload_compact(data: &[u8]) -> bool {
    payload(Payload::Compact, data)
}

/// A value as JSON.
pub fn payload_json(data: &[u8]) -> bool {
    payload(Payload::Json, data)
}

/// A value as Lua text.
pub fn payload_lua(data: &[u8]) -> bool {
    payload(Payload::LuaTable, data)
}

fn payload(payload: Payload, data: &[u8]) -> bool {
    let Ok(value) = payload.read(data, &RECEIVED) else { return false };
    let bytes = payload.write(&value).expect("what was read can be written");
    let limits = LuaLimits { bytes: u64::MAX, ..RECEIVED };
    let again = payload.read(&bytes, &limits).expect("what was written can be read");
    match payload {
        Payload::Compact => assert_eq!(exact(&value), exact(&again)),
        Payload::Json | Payload::LuaTable => assert_eq!(contents(&value), contents(&again)),
    }
    true
}

/// A SavedVariables file.
pub fn lua_file(data: &[u8]) -> bool {
    let limits = LuaLimits { depth: 64, bytes: 1 << 20, values: 65_536, string_bytes: 1 << 16 };
    let Ok(globals) = parse_assignments(data, &limits) else { return false };
    let Ok(printed) = print_assignments(&globals) else { return true };
    let limits = LuaLimits { bytes: u64::MAX, ..limits };
    let again = parse_assignments(printed, &limits).expect("what was printed can be read");
    assert!(globals == again);
    true
}

/// Deflate behind its method byte, and any bytes packed.
pub fn deflate(data: &[u8]) -> bool {
    let packed = pack(Method::Deflate, data, CEILING).expect("short enough");
    assert!(packed.len() <= data.len() + 1);
    assert_eq!(unpack(&packed, CEILING).as_deref(), Ok(data));
    let bytes = [&[Method::Deflate.byte()], data].concat();
    let Ok(text) = unpack(&bytes, CEILING) else { return false };
    assert!(text.len() <= CEILING);
    true
}

/// The addon's Huffman coder behind its method byte.
pub fn huffman(data: &[u8]) -> bool {
    let bytes = [&[Method::Huffman.byte()], data].concat();
    let Ok(text) = unpack(&bytes, CEILING) else { return false };
    assert!(text.len() <= CEILING);
    true
}

/// Fields of a line, by each delimiter.
pub fn text(data: &[u8]) -> bool {
    let Some(line) = utf8(data) else { return false };
    let mut taken = false;
    let (pipe, colon, comma) = (Delimiter::Pipe, Delimiter::Colon, Delimiter::Comma);
    for delimiter in [pipe, colon, comma, Delimiter::Semicolon, Delimiter::Tab] {
        assert_eq!(split(&join([line], delimiter), delimiter), Ok(vec![line.to_owned()]));
        let Ok(fields) = split(line, delimiter) else { continue };
        taken = true;
        assert_eq!(split(&join(&fields, delimiter), delimiter), Ok(fields));
    }
    taken
}

/// A text of lines. What is read is written again, its words as they stand.
pub fn lines(data: &[u8]) -> bool {
    let Some(text) = utf8(data) else { return false };
    let read = |text: &str| {
        let (mut lines, mut all) = (Lines::new(text, Delimiter::Semicolon), Vec::new());
        while lines.word().is_some() {
            let (word, mut fields) = lines.take()?;
            all.push((word.to_owned(), Vec::new()));
            while !fields.is_empty() {
                let field = fields.next("the field", "there", |field| Some(field.to_owned()))?;
                all.last_mut().expect("a line").1.push(field);
            }
        }
        lines.finish().map(|()| all)
    };
    let all: Vec<(String, Vec<String>)> = match read(text) {
        Ok(all) => all,
        Err(LineError { line, .. }) => {
            assert!((1..=text.split('\n').count()).contains(&line));
            return false;
        }
    };
    // A line without a word is one that no writer begins.
    if all.iter().any(|(word, _)| word.is_empty()) {
        return true;
    }
    let mut out = LineWriter::new(Delimiter::Semicolon);
    for (word, fields) in &all {
        out.word(word);
        fields.iter().for_each(|field| out.value(field));
    }
    assert_eq!(read(&out.finish()), Ok(all));
    true
}

/// Numbers in bits, as many as the first byte says, and a list of hashes.
pub fn bits(data: &[u8]) -> bool {
    let mut r = Reader::new(data);
    let is_list = read_hashes(1000, "hashes", &mut r).is_ok_and(|hashes| {
        assert!(hashes.len() <= 1000 && hashes.is_sorted_by(|a, b| a < b));
        let mut w = Writer::new();
        write_hashes(&hashes, &mut w);
        assert_eq!(w.as_slice(), &data[..r.at()]);
        true
    });
    let mut r = Reader::new(data);
    let Ok(n) = r.u8("how many") else { return is_list };
    let mut bits = BitReader::new(&mut r, "numbers");
    let Ok(values) = bits.numbers(n.into()) else { return is_list };
    if bits.finish().is_err() {
        return is_list;
    }
    let mut w = Writer::from(vec![n]);
    let mut again = BitWriter::new(&mut w);
    again.numbers(&values);
    again.finish();
    assert_eq!(w.as_slice(), &data[..r.at()]);
    true
}

fn utf8(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

fn assert_same(values: &[Value], again: &[Value]) {
    assert_eq!(values.len(), again.len());
    for (value, again) in values.iter().zip(again) {
        assert_eq!(exact(value), exact(again));
    }
}

/// A value's every detail, as text: kinds, order of keys, positional or keyed. All that is not a number
/// is alike.
fn exact(value: &Value) -> String {
    let Value::Table(table) = value else { return format!("{value:?}") };
    let positional: Vec<String> = table.positional().iter().map(exact).collect();
    let keyed = table.keyed().map(|(key, value)| format!("{key:?}={}", exact(value)));
    format!("{{{};{}}}", positional.join(","), keyed.collect::<Vec<_>>().join(","))
}

/// As [`exact`], but equal as Lua compares: 2 and 2.0, and tables by their entries, in any order.
fn contents(value: &Value) -> String {
    let Value::Table(table) = value else {
        return value.as_i64().map_or_else(|| format!("{value:?}"), |whole| whole.to_string());
    };
    let positional = (1..).zip(table.positional()).map(|(at, value)| (Key::Int(at), value));
    let keyed = table.keyed().map(|(key, value)| (key.clone(), value));
    let entry = |(key, value): (Key, &Value)| format!("{key:?}={}", contents(value));
    let mut entries: Vec<String> = positional.chain(keyed).map(entry).collect();
    entries.sort();
    format!("{{{}}}", entries.join(","))
}
