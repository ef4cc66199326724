//! Lists of ids: `1,5,7,12,45`, as seed 000 sends a log's and TWRA the missing sections'.
//!
//! Whole numbers in their shortest form, a comma between two, nothing else; no ids are no text. The
//! order and what is repeated stay as they are: what a list means is for its reader to say.
//!
//! ```
//! use guildsync_wire::dialect::ids;
//! assert_eq!(ids::write([1, 5, 7, 12, 45]), "1,5,7,12,45");
//! assert_eq!(ids::read("1,5,7,12,45", ids::COUNT_MAX)?, [1, 5, 7, 12, 45]);
//! # Ok::<(), guildsync_wire::dialect::DialectError>(())
//! ```

use std::fmt::Write as _;

use super::{DialectError, RawField};
use crate::text::Delimiter;

/// How many ids a list from outside may hold where its reader has no reason for another number.
pub const COUNT_MAX: usize = 65_536;

/// Writes a list. It is as long as the ids need.
#[must_use]
pub fn write(ids: impl IntoIterator<Item = u64>) -> String {
    let mut text = String::new();
    for id in ids {
        if !text.is_empty() {
            text.push(Delimiter::Comma.as_char());
        }
        // Writing to a `String` cannot fail.
        _ = write!(text, "{id}");
    }
    text
}

/// Reads a list of at most `count_max` ids; the count is checked before anything is kept.
///
/// # Errors
/// Too many, or an item that is no whole number in its shortest form (a sign, a blank, a leading
/// zero, nothing at all, 2^64 and more), named with its offset.
pub fn read(text: &str, count_max: usize) -> Result<Vec<u64>, DialectError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let comma = Delimiter::Comma.as_char();
    if text.matches(comma).count() >= count_max {
        return Err(DialectError::TooMany { what: "ids", limit: count_max });
    }
    let mut at = 0;
    let ids = text.split(comma).map(|raw| {
        let field = RawField { name: "id", at, raw };
        at += raw.len() + 1;
        field.number()
    });
    ids.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_reads_back_equal(ids: Vec<u64>) {
            prop_assert_eq!(read(&write(ids.iter().copied()), COUNT_MAX).unwrap(), ids);
        }

        #[test]
        fn any_text_is_a_list_that_writes_the_same_or_is_refused(
            text in prop_oneof![any::<String>(), "[0-9,]{0,30}", "[0-9, +-]{0,9}"],
        ) {
            if let Ok(ids) = read(&text, COUNT_MAX) {
                prop_assert_eq!(write(ids), text);
            }
        }
    }

    #[test]
    fn what_is_no_list_is_refused_with_the_offset() {
        let error = |text| read(text, COUNT_MAX).unwrap_err().to_string();
        for (text, at) in [
            (",", 0),
            ("1,", 2),
            (",1", 0),
            ("1,,2", 2),
            ("1, 2", 2),
            ("12,007", 3),
            ("5,-1", 2),
            ("1,2x", 2),
            ("18446744073709551616", 0),
        ] {
            assert_eq!(error(text), format!("id at byte {at} is not a whole number"), "{text:?}");
        }
    }

    #[test]
    fn the_count_is_bounded() {
        assert_eq!(read("1,2,3", 3).unwrap(), [1, 2, 3]);
        assert_eq!(read("1,2,3", 2).unwrap_err().to_string(), "more than 2 ids");
        assert_eq!(read("1", 0).unwrap_err().to_string(), "more than 0 ids");
        assert!(read("", 0).unwrap().is_empty());
        // A megabyte of commas keeps nothing.
        let commas = ",".repeat(1 << 20);
        assert!(matches!(read(&commas, COUNT_MAX), Err(DialectError::TooMany { .. })));
    }
}
