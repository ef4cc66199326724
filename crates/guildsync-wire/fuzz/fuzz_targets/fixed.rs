//! Fuzzes [`guildsync_wire_fuzz::entry::fixed`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    guildsync_wire_fuzz::entry::fixed(data);
});
