//! Fuzzes [`guildsync_wire_fuzz::entry::bits`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    guildsync_wire_fuzz::entry::bits(data);
});
