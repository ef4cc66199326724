//! Fuzzes [`guildsync_wire_fuzz::entry::frame`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    guildsync_wire_fuzz::entry::frame(data);
});
