//! How few bytes it takes: bounds with a little air over what was measured.

use std::path::Path;

use guildsync_wire::lua::Value;
use guildsync_wire::records::Base;

use crate::guild::bank;
use crate::world::{Json, round_trip};

#[test]
fn the_shared_guild_tables_fit_13_000_bytes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/guild-tables.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skip: optional data guild-tables.json is absent");
        return;
    };
    let Json(Value::Table(tables)) = serde_json::from_str(&text).unwrap() else {
        panic!("an object of tables")
    };
    let mut all = Vec::new();
    for name in ["roster", "news", "calendar"] {
        let rows = tables.get(name).and_then(Value::as_table).unwrap().positional();
        println!("{name}: {} records, {} bytes", rows.len(), round_trip(rows, None).len());
        all.extend_from_slice(rows);
    }
    let bytes = round_trip(&all, None).len();
    println!("{} records in one batch: {bytes} bytes", all.len());
    assert!(bytes <= 13_000, "{bytes} bytes");
}

#[test]
fn tables_of_another_schema_take_as_little() {
    for seed in [1, 2] {
        let rows = bank(seed, 400, 200);
        let bytes = round_trip(&rows, None).len();
        println!("seed {seed}: {bytes} bytes for {} records", rows.len());
        assert!(bytes <= BANK_BYTES_MAX, "{bytes} bytes");
    }
}

/// What the generator draws is 4,100 bytes (the sum of its choices' entropies), and its words 250.
const BANK_BYTES_MAX: usize = 5_900;

#[test]
fn records_that_continue_held_ones_take_less() {
    let rows = bank(1, 450, 0);
    let (held, new) = rows.split_at(400);
    let cold = round_trip(new, None).len();
    let primed = round_trip(new, Some(Base { number: 1, records: held })).len();
    println!("50 records: {cold} bytes cold, {primed} primed");
    assert!(primed * 3 < cold * 2, "{primed} bytes primed, {cold} cold");
}
