//! Fuzzes [`guildsync_wire_fuzz::entry::id_list`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    guildsync_wire_fuzz::entry::id_list(data);
});
