//! Fuzzes [`guildsync_wire_fuzz::entry::lines`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    guildsync_wire_fuzz::entry::lines(data);
});
