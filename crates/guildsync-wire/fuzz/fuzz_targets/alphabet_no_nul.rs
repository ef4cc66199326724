//! Fuzzes [`guildsync_wire_fuzz::entry::alphabet_no_nul`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    guildsync_wire_fuzz::entry::alphabet_no_nul(data);
});
