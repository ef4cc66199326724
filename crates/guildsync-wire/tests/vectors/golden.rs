//! Golden bytes as text: sixteen a line, so that a change shows where it is.

use std::fmt::Write as _;

/// Fails when `bytes` are not the golden ones of `name`.
#[track_caller]
pub(crate) fn check(golden: &str, bytes: &[u8], name: &str) {
    let mut text = String::new();
    for line in bytes.chunks(16) {
        line.iter().for_each(|byte| _ = write!(text, "{byte:02x} "));
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    assert_eq!(
        text, golden,
        "the bytes of {name} changed: give the format another form byte, or undo the change"
    );
}
