//! A short run of mutated messages and batches on stable Rust, the same each time.
//!
//! `GUILDSYNC_FUZZ_EXECUTIONS` says how many inputs each target gets (3,000; batches a quarter of it,
//! since each sets up a model), `GUILDSYNC_FUZZ_SEED` where the generator begins. A longer run:
//! `GUILDSYNC_FUZZ_EXECUTIONS=1000000 cargo test --release -p guildsync-leader --test codec fuzz -- --nocapture`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use bytes::Bytes;
use guildsync_leader::batch::open;
use guildsync_leader::{Dialect, Message};
use guildsync_log::{Frontier, Log};
use guildsync_types::hash::to_hex;

use crate::samples;
use crate::vectors::golden;
use crate::world::{Draw, guild};

const EXECUTIONS: u64 = 3000;
/// Longer inputs are cut: what they could find, shorter ones find sooner.
const LEN_MAX: usize = 4096;
/// Bytes at which the decoders decide.
const TELLING: [u8; 14] =
    [0, 1, 3, 0x7f, 0x80, 0xff, 0x11, 0x12, b'|', b'=', b'\n', b',', b'\\', b'A'];

/// The log of whoever opens batches: it holds the base of the samples, and what they name.
static LOG: LazyLock<(Log, Frontier)> = LazyLock::new(|| {
    let log = guild(4, 3, 300).log;
    let frontier = log.frontier();
    (log, frontier)
});

/// Whether the bytes were taken: what reads is written and read again, in both dialects.
fn message(data: &[u8]) -> bool {
    let bytes = Bytes::copy_from_slice(data);
    let Ok(message) = Message::from_bytes(&bytes) else { return false };
    for dialect in [Dialect::Compact, Dialect::Text] {
        let written = message.to_bytes(dialect);
        let again = Message::from_bytes(&written).expect("what was written can be read");
        assert_eq!(again, message);
    }
    if data[0] >= 0x80 {
        assert_eq!(message.to_bytes(Dialect::Compact), bytes, "a message has one compact form");
    }
    true
}

/// Opens the batch of a message against a log; whatever comes of it, the log takes or refuses it.
fn batch(data: &[u8]) -> bool {
    let read = Message::from_bytes(&Bytes::copy_from_slice(data));
    let Ok(Message::SendMissingLogs { batch, .. } | Message::LogEntry { batch, .. }) = read else {
        return false;
    };
    let (log, frontier) = &*LOG;
    let Ok(segments) = open(log, Some(frontier), &batch) else { return false };
    let mut log = log.clone();
    for segment in segments {
        let (writer, before) = (segment.writer, log.frontier());
        // Who has no seal has no entry.
        if log.accept(segment).is_err() {
            assert_eq!(log.frontier(), before);
        } else {
            assert!(log.frontier().last(writer) > 0);
        }
    }
    true
}

fn compact_seeds() -> Vec<Vec<u8>> {
    let unhex = |text: String| {
        let bytes = text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap());
        bytes.collect()
    };
    samples::all().iter().map(|(name, _)| unhex(golden().read(name, "hex"))).collect()
}

fn text_seeds() -> Vec<Vec<u8>> {
    let read = |name| golden().read(name, "txt");
    samples::all().iter().map(|(name, _)| read(name).trim_end().as_bytes().to_vec()).collect()
}

fn batch_seeds() -> Vec<Vec<u8>> {
    let has_batch = |message: &Message| {
        matches!(message, Message::SendMissingLogs { .. } | Message::LogEntry { .. })
    };
    let batches = samples::all().into_iter().filter(|(_, message)| has_batch(message));
    batches.map(|(_, message)| message.to_bytes(Dialect::Compact).to_vec()).collect()
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

fn run(name: &str, target: fn(&[u8]) -> bool, seeds: &[Vec<u8>], default: u64) {
    let executions = setting("GUILDSYNC_FUZZ_EXECUTIONS", default);
    let place = name.len() as u64;
    let mut draw = Draw(setting("GUILDSYNC_FUZZ_SEED", 1) << 8 | place);
    let mut taken = 0;
    for execution in 0..executions {
        let input = match seeds.get(execution as usize) {
            Some(seed) => seed.clone(),
            None => mutated(&mut draw, seeds),
        };
        match catch_unwind(AssertUnwindSafe(|| target(&input))) {
            Ok(took) => taken += u64::from(took),
            Err(_) => panic!("{name}: execution {execution}, input {}", to_hex(&input)),
        }
    }
    println!(
        "{name}: {executions} executions, {:.1} % taken",
        100.0 * taken as f64 / executions as f64
    );
    assert!(taken > 0, "{name} takes none of its seeds");
}

/// A seed with bits flipped, bytes replaced, pieces cut, doubled and mixed with another's.
fn mutated(draw: &mut Draw, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut input = seeds[draw.below(seeds.len())].clone();
    for _ in 0..=draw.below(4) {
        let len = input.len();
        let at = draw.below(len + 1);
        match draw.below(7) {
            0 | 1 if at < len => input[at] ^= 1 << draw.below(8),
            2 if at < len => input[at] = TELLING[draw.below(TELLING.len())],
            3 => input.truncate(at),
            4 => _ = input.drain(at..(at + draw.below(16)).min(len)),
            5 => {
                let piece = input[at..(at + draw.below(64)).min(len)].to_vec();
                let to = draw.below(len + 1);
                input.splice(to..to, piece);
            }
            _ => {
                let other = &seeds[draw.below(seeds.len())];
                input.truncate(at);
                input.extend_from_slice(&other[draw.below(other.len() + 1)..]);
            }
        }
    }
    input.truncate(LEN_MAX);
    input
}

#[test]
fn compact_messages() {
    run("compact", message, &compact_seeds(), EXECUTIONS);
}

#[test]
fn text_messages() {
    run("text", message, &text_seeds(), EXECUTIONS);
}

#[test]
fn batches() {
    run("batches", batch, &batch_seeds(), EXECUTIONS / 4);
}
