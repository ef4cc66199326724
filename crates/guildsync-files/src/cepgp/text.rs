//! A row's reason: its action text, and the item it was about.

use guildsync_types::{Reason, TextError};

/// `action`, a space and `item` where that is a link or a text; numbers there are leftovers. What is
/// too long loses the link's codes first, then its end: content alone decides, so two officers' files
/// give one reason.
pub(super) fn reason(action: &str, item: &str) -> Result<Reason, TextError> {
    let leftover = |byte: u8| byte.is_ascii_digit() || b"+-.".contains(&byte);
    let item = if item.trim().bytes().all(leftover) { "" } else { item.trim() };
    let mut text = joined(action, item);
    if text.len() > Reason::BYTES_MAX {
        text = joined(action, link_name(item).unwrap_or(item));
    }
    text.truncate(text.floor_char_boundary(Reason::BYTES_MAX));
    Reason::new(&text)
}

fn joined(action: &str, item: &str) -> String {
    match (action, item) {
        (only, "") | ("", only) => only.to_owned(),
        (action, item) => format!("{action} {item}"),
    }
}

/// `[Name]` of `|cff......|Hitem:...|h[Name]|h|r`.
fn link_name(item: &str) -> Option<&str> {
    let start = item.find("|h[")? + 2;
    let len = item[start..].find("]|h")?;
    Some(&item[start..=start + len])
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "|cffa335ee|Hitem:29765:::::::::::::|h[Example Leggings]|h|r";

    #[test]
    fn a_reason_is_the_action_and_the_item() {
        let table = [
            ("Add GP 44 (Full Price)", LINK, &*format!("Add GP 44 (Full Price) {LINK}")),
            ("Add GP 44", "Consumable", "Add GP 44 Consumable"),
            ("Add GP 44", "", "Add GP 44"),
            ("Add GP 44", "2.7000000476837", "Add GP 44"),
            ("Add GP 44", "-1", "Add GP 44"),
            ("", LINK, LINK),
            ("", "", ""),
        ];
        for (action, item, expected) in table {
            assert_eq!(reason(action, item).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn what_is_too_long_loses_the_links_codes_then_its_end() {
        let long = "x".repeat(220);
        let short = reason(&long, LINK).unwrap();
        assert_eq!(short.as_str(), format!("{long} [Example Leggings]"));
        let longer = "ß".repeat(130);
        let cut = reason(&longer, LINK).unwrap();
        assert_eq!(cut.as_str(), "ß".repeat(127), "254 bytes: a letter is not cut in two");
        assert!(reason(&"x".repeat(999), "").is_ok());
    }
}
