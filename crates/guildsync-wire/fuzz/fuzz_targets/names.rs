//! Fuzzes [`guildsync_wire_fuzz::entry::names`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    guildsync_wire_fuzz::entry::names(data);
});
