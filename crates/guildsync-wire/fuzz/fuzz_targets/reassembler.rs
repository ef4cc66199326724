//! Fuzzes [`guildsync_wire_fuzz::entry::reassembler`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    guildsync_wire_fuzz::entry::reassembler(data);
});
