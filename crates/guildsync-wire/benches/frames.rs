//! Criterion benches of frames and alphabets, beside the `cobs` crate as control.
//!
//! `cargo bench -p guildsync-wire --bench frames`. One message of a megabyte in order, in frames of 255
//! bytes; alphabets on one frame and on a megabyte, of bytes that look compressed.

#![allow(clippy::unwrap_used, reason = "a bench that cannot go on fails here and now")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use guildsync_wire::alphabet::Alphabet;
use guildsync_wire::checksum::Checksum;
use guildsync_wire::chunk::{ChunkSize, Framing, Outgoing};
use guildsync_wire::reassemble::{Limits, Outcome, Reassembler};

const MESSAGE_BYTES: usize = 1_000_000;

/// Bytes that look random, the same every time.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

fn framing(alphabet: Alphabet, checksum: Checksum) -> Framing {
    Framing::new(255, alphabet, checksum, ChunkSize::Fill).unwrap()
}

/// Every frame through one buffer into a reassembler; the length of the message that came out.
fn there_and_back(framing: Framing, message: &[u8]) -> usize {
    let outgoing = framing.outgoing(1, message).unwrap();
    let mut reassembler = Reassembler::new(framing, Limits::default());
    let mut frame = Vec::with_capacity(framing.limit());
    for index in 0..outgoing.frames() {
        outgoing.write_frame(index, &mut frame);
        let accepted = reassembler.accept(0, &1u32, &frame).unwrap();
        if let Outcome::Message { bytes, .. } = accepted.outcome {
            return bytes.len();
        }
    }
    0
}

fn messages(c: &mut Criterion) {
    let message = noise(MESSAGE_BYTES);
    let mut group = c.benchmark_group("message of 1 MB");
    group.measurement_time(Duration::from_secs(3)).throughput(Throughput::Bytes(1_000_000));

    let plain = framing(Alphabet::Bytes, Checksum::PerTransfer);
    group.bench_function("chunk", |b| {
        let mut frame = Vec::with_capacity(255);
        b.iter(|| {
            let outgoing: Outgoing<&[u8]> = plain.outgoing(1, &message[..]).unwrap();
            for index in 0..outgoing.frames() {
                outgoing.write_frame(index, &mut frame);
                black_box(&frame);
            }
        });
    });
    let frames: Vec<Vec<u8>> = plain.outgoing(1, &message[..]).unwrap().iter().collect();
    let reassemble = |frames: &[Vec<u8>]| {
        let mut reassembler = Reassembler::new(plain, Limits::default());
        for frame in frames {
            black_box(reassembler.accept(0, &1u32, frame).unwrap());
        }
        assert!(reassembler.unfinished().next().is_none());
    };
    group.bench_function("reassemble", |b| b.iter(|| reassemble(&frames)));
    let backwards: Vec<Vec<u8>> = frames.iter().rev().cloned().collect();
    group.bench_function("reassemble backwards", |b| b.iter(|| reassemble(&backwards)));

    for alphabet in [Alphabet::Bytes, Alphabet::NoNul, Alphabet::Printable] {
        for checksum in [Checksum::PerTransfer, Checksum::PerChunk, Checksum::None] {
            let id = BenchmarkId::new("chunk and reassemble", format!("{alphabet:?} {checksum:?}"));
            let framing = framing(alphabet, checksum);
            group.bench_function(id, |b| {
                b.iter(|| assert_eq!(there_and_back(framing, &message), MESSAGE_BYTES));
            });
        }
    }
}

fn alphabets(c: &mut Criterion) {
    for (name, len) in [("250 bytes", 250), ("1 MB", MESSAGE_BYTES)] {
        let payload = noise(len);
        let mut group = c.benchmark_group(format!("alphabet, {name}"));
        group.measurement_time(Duration::from_secs(2)).throughput(Throughput::Bytes(len as u64));
        for alphabet in [Alphabet::NoNul, Alphabet::Printable] {
            let mut out = Vec::new();
            group.bench_function(format!("{alphabet:?} encode"), |b| {
                b.iter(|| {
                    out.clear();
                    alphabet.encode(black_box(&payload), &mut out);
                    black_box(&out);
                });
            });
            let mut encoded = Vec::new();
            alphabet.encode(&payload, &mut encoded);
            group.bench_function(format!("{alphabet:?} decode"), |b| {
                b.iter(|| {
                    out.clear();
                    alphabet.decode(black_box(&encoded), &mut out).unwrap();
                    black_box(&out);
                });
            });
        }
        let mut out = vec![0; cobs::max_encoding_length(len)];
        group.bench_function("cobs encode", |b| {
            b.iter(|| black_box(cobs::encode(black_box(&payload), &mut out)));
        });
        let encoded = cobs::encode_vec(&payload);
        let mut out = vec![0; encoded.len()];
        group.bench_function("cobs decode", |b| {
            b.iter(|| black_box(cobs::decode(black_box(&encoded), &mut out).unwrap()));
        });
    }
}

criterion_group!(benches, messages, alphabets);
criterion_main!(benches);
