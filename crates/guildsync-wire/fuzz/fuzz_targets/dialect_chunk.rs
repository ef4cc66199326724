//! Fuzzes [`guildsync_wire_fuzz::entry::dialect_chunk`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    guildsync_wire_fuzz::entry::dialect_chunk(data);
});
