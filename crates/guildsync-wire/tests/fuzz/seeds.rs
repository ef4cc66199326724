//! What each target begins with: samples encoded here, and the golden vectors.

use std::path::Path;

use guildsync_wire::alphabet::Alphabet;
use guildsync_wire::bits::{BitWriter, write_hashes};
use guildsync_wire::bytes::Writer;
use guildsync_wire::checksum::Checksum;
use guildsync_wire::chunk::{ChunkSize, Framing};
use guildsync_wire::frame::GROUP;
use guildsync_wire::frame::acecomm::parts;
use guildsync_wire::lua::{print_assignments, to_compact};
use guildsync_wire::negotiate::{Capabilities, Offer, Versions};
use guildsync_wire::payload::Payload;
use guildsync_wire::records;
use guildsync_wire::rows::{self, Base, Mode};

use crate::entry::{self, BASE, BASE_NUMBER, RECORDS, RECORDS_BASE};

pub(crate) fn of(target: &str) -> Vec<Vec<u8>> {
    let texts = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    let values = || entry::sample_records(3, 8);
    match target {
        "rows" => row_batches(),
        "stream" => {
            let mut stream =
                records::Stream::sized(&RECORDS, records::Memory::Small).expect("a base");
            let again: Vec<_> = RECORDS.iter().skip(2).step_by(3).cloned().collect();
            let batches = [values(), Vec::new(), again, values()];
            let batches = batches.map(|values| {
                let bytes = stream.encode(&values).expect("a sample");
                [&(bytes.len() as u16).to_be_bytes()[..], &bytes].concat()
            });
            vec![batches.concat(), batches[0].clone(), batches[..2].concat()]
        }
        "records" => {
            let base = records::Base { number: RECORDS_BASE, records: &RECORDS };
            let all = [(values(), None), (values(), Some(base)), (Vec::new(), None)];
            all.iter()
                .map(|(values, base)| records::encode(values, *base).expect("a sample"))
                .collect()
        }
        "frame" => frames(Checksum::PerTransfer)
            .chain(frames(Checksum::PerChunk))
            .chain(frames(Checksum::None))
            .chain(frames(Checksum::PerTransfer).filter_map(relayed))
            .collect(),
        "frame_request" => vec![vec![0, 10, 5, 200, 1], vec![0, 1], vec![3, 0xff, 1]],
        "reassembler" => [Checksum::PerTransfer, Checksum::None]
            .map(|checksum| {
                let prefixed = |(at, frame): (u8, Vec<u8>)| {
                    [&[at % 3 * 2, frame.len() as u8], &frame[..]].concat()
                };
                (0..).zip(frames(checksum)).flat_map(prefixed).collect()
            })
            .to_vec(),
        "acecomm" => {
            let text = vec![b'x'; 500];
            let prefixed = |part: Vec<u8>| [&[part.len() as u8], &part[..]].concat();
            vec![parts(&text, 200).flat_map(prefixed).collect(), b"\x05\x04\x02hey".to_vec()]
        }
        "alphabet_no_nul" | "alphabet_printable" => {
            let alphabet =
                if target == "alphabet_no_nul" { Alphabet::NoNul } else { Alphabet::Printable };
            [0, 3, 300].map(|len| encoded(alphabet, &vec![0; len])).to_vec()
        }
        "offer" => {
            let versions = Versions::new(1, 3).expect("a sample");
            let mut writer = Writer::new();
            Offer { versions, capabilities: Capabilities::ALL }.write(&mut writer);
            vec![writer.into_vec()]
        }
        "refusal" => texts(&["speaks 1-3", "speaks 255-255"]),
        "names" => texts(&["Molten Core,,Onyxia", "", r"a\cb"]),
        "payload_compact" | "payload_json" | "payload_lua" => {
            let (payload, file) = match target {
                "payload_compact" => (Payload::Compact, "compact"),
                "payload_json" => (Payload::Json, "json"),
                _ => (Payload::LuaTable, "json"),
            };
            let mut all: Vec<Vec<u8>> =
                values().iter().map(|value| payload.write(value).expect("a sample")).collect();
            let column = if target == "payload_lua" { 0 } else { 1 };
            all.extend(vectors(file).into_iter().filter_map(|fields| fields.get(column).cloned()));
            all
        }
        "lua_file" => {
            let globals: Vec<_> =
                values().into_iter().map(|value| ("GUILD".to_owned(), value)).collect();
            let long =
                format!("-- a comment\nA = {}\nB = [==[ x ]==] C = nil", to_compact(&globals[0].1));
            vec![print_assignments(&globals).expect("a sample").into_bytes(), long.into_bytes()]
        }
        "deflate" | "huffman" => {
            // The last field is the packed text, its method byte in front.
            let packed = |fields: Vec<Vec<u8>>| {
                fields.last().map(|packed| packed.get(1..).unwrap_or(&[]).to_vec())
            };
            vectors(target).into_iter().filter_map(packed).collect()
        }
        "text" => texts(&[r"AWARD||a\pb", "", r"a\n\t\\\k\c\s,b;c:d", "J\u{e4}ger|x"]),
        "lines" => {
            texts(&["ACK;next=3;done=tables\nACK;DATA;SETU", r"A;b=\s\n;;\\", "PACKED;00ff\n"])
        }
        "bits" => {
            let (mut hashes, mut numbers) = (Writer::new(), Writer::from(vec![4]));
            write_hashes(&[5, 70_000, 1 << 20, u32::MAX], &mut hashes);
            let mut bits = BitWriter::new(&mut numbers);
            bits.numbers(&[90_000, 94_000, 0, u64::MAX]);
            bits.finish();
            vec![hashes.into_vec(), numbers.into_vec()]
        }
        "dialect_chunk" => lines("chunk"),
        "pipe" | "ids" | "fixed" | "colon" => lines(target),
        other => panic!("no seeds for {other}"),
    }
}

fn row_batches() -> Vec<Vec<u8>> {
    let history = || Mode::History(Base { number: BASE_NUMBER, rows: &BASE });
    let mut all = Vec::new();
    for n in [0, 1, 7, 30] {
        let rows = entry::sample(n, 40);
        all.extend(
            [Mode::Fast, Mode::Small, history()]
                .map(|mode| rows::encode(&rows, mode).expect("a sample")),
        );
    }
    all
}

/// The frames of a message of one frame and of one of three, before the alphabet.
fn frames(checksum: Checksum) -> impl Iterator<Item = Vec<u8>> {
    let framing = Framing::new(255, Alphabet::Bytes, checksum, ChunkSize::Fill).expect("a sample");
    [20, 600].into_iter().flat_map(move |len| {
        let outgoing = framing.outgoing(GROUP | 7, vec![42; len]).expect("a sample");
        outgoing.iter().collect::<Vec<_>>()
    })
}

/// A chunk as somebody else relays it.
fn relayed(mut frame: Vec<u8>) -> Option<Vec<u8>> {
    frame[0] = match frame[0] {
        0x12 => 0x1a,
        0x15 => 0x19,
        _ => return None,
    };
    Some(frame)
}

fn encoded(alphabet: Alphabet, bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    alphabet.encode(bytes, &mut encoded);
    encoded
}

/// The lines of a file of golden vectors.
fn lines(file: &str) -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/dialects").join(file);
    let text = std::fs::read_to_string(path.with_extension("txt")).expect("a sample");
    text.lines().map(|line| line.as_bytes().to_vec()).collect()
}

/// The fields of each line; what is hex becomes its bytes.
fn vectors(file: &str) -> Vec<Vec<Vec<u8>>> {
    let field = |field: &[u8]| unhex(field).unwrap_or_else(|| field.to_vec());
    lines(file).iter().map(|line| line.split(|byte| *byte == b'\t').map(field).collect()).collect()
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text)
        .ok()
        .filter(|text| text.len() > 1 && text.len().is_multiple_of(2))?;
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

/// Bytes for a message about them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
