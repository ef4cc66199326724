//! A short run of mutated messages on stable Rust, the same each time.
//!
//! `GUILDSYNC_FUZZ_EXECUTIONS` says how many inputs each target gets (3,000), `GUILDSYNC_FUZZ_SEED`
//! where the generator begins. A longer run: `GUILDSYNC_FUZZ_EXECUTIONS=1000000 cargo test --release -p
//! guildsync-tables --test it fuzz -- --nocapture`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use guildsync_tables::{Dialect, Message};
use guildsync_types::hash::to_hex;

use super::samples;

const EXECUTIONS: u64 = 3000;
/// Longer inputs are cut: what they could find, shorter ones find sooner.
const LEN_MAX: usize = 4096;
/// Bytes at which the decoders decide.
const TELLING: [u8; 14] =
    [0, 1, 2, 3, 0x3f, 0x40, 0x7f, 0x80, 0xff, b';', b'=', b'\n', b'\\', b'"'];

/// A generator of numbers (SplitMix64).
struct Draw(u64);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ mixed >> 31) % n as u64) as usize
    }
}

/// Whether the bytes were taken: what reads is written and read again, in both dialects.
fn message(data: &[u8]) -> bool {
    let bytes = Bytes::copy_from_slice(data);
    let Ok(message) = Message::from_bytes(&bytes) else { return false };
    assert!(Message::speaks(data), "what reads is a table message");
    for dialect in [Dialect::Compact, Dialect::Text] {
        let written = message.to_bytes(dialect);
        let again = Message::from_bytes(&written).expect("what was written can be read");
        assert_eq!(again, message);
    }
    if !data[0].is_ascii_uppercase() {
        assert_eq!(message.to_bytes(Dialect::Compact), bytes, "a message has one compact form");
    }
    true
}

fn seeds(dialect: Dialect) -> Vec<Vec<u8>> {
    samples::all().iter().map(|(_, message)| message.to_bytes(dialect).to_vec()).collect()
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

fn run(name: &str, seeds: &[Vec<u8>]) {
    let executions = setting("GUILDSYNC_FUZZ_EXECUTIONS", EXECUTIONS);
    let mut draw = Draw(setting("GUILDSYNC_FUZZ_SEED", 1) << 8 | name.len() as u64);
    let mut taken = 0;
    for execution in 0..executions {
        let input = match seeds.get(execution as usize) {
            Some(seed) => seed.clone(),
            None => mutated(&mut draw, seeds),
        };
        match catch_unwind(AssertUnwindSafe(|| message(&input))) {
            Ok(took) => taken += u64::from(took),
            Err(_) => panic!("{name}: execution {execution}, input {}", to_hex(&input)),
        }
    }
    println!(
        "{name}: {executions} executions, {:.1} % taken",
        100.0 * taken as f64 / executions as f64
    );
    assert!(taken >= seeds.len() as u64, "{name} does not take all of its seeds");
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
    run("compact", &seeds(Dialect::Compact));
}

#[test]
fn text_messages() {
    run("text", &seeds(Dialect::Text));
}
