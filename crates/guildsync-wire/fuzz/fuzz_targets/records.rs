//! Fuzzes [`guildsync_wire_fuzz::entry::records`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    guildsync_wire_fuzz::entry::records(data);
});
