//! Keys and numbers that JSON has no way to write, as strings in Lua's brackets.
//!
//! `[5]`, `[0.5]`, `[true]`, `[inf]` stand for what is between the brackets, if it is spelled exactly
//! as [`key_text`] would. A string that happens to look like that, behind any number of further `[`,
//! gets one more `[` in front: so every string and every key has one spelling, and one that looks
//! like nothing of this kind, `[Free Action Potion]` too, stays as it is.

use std::borrow::Cow;

use crate::lua::Key;

/// What a JSON string stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning<'a> {
    /// A key, or a number, that is no string.
    Bracketed(Key),
    /// This text.
    Text(&'a str),
}

/// The string for a key.
pub(super) fn key_text(key: &Key) -> Cow<'_, str> {
    match key {
        Key::Str(text) => string_text(text, looks_bracketed),
        Key::Bool(flag) => format!("[{flag}]").into(),
        Key::Int(number) => format!("[{number}]").into(),
        Key::Float(number) => float_text(*number).into(),
    }
}

/// What an object's key stands for.
pub(super) fn key_meaning(text: &str) -> Meaning<'_> {
    meaning(text, looks_bracketed)
}

/// The string for a value that is a string.
pub(super) fn value_text(text: &str) -> Cow<'_, str> {
    string_text(text, looks_not_finite)
}

/// The string for a number that is not finite.
pub(super) fn float_text(number: f64) -> String {
    match number {
        _ if number.is_nan() => "[nan]".to_owned(),
        _ if number == f64::INFINITY => "[inf]".to_owned(),
        _ if number == f64::NEG_INFINITY => "[-inf]".to_owned(),
        _ => format!("[{number:?}]"),
    }
}

/// What a value that is a string stands for.
pub(super) fn value_meaning(text: &str) -> Meaning<'_> {
    meaning(text, looks_not_finite)
}

type Looks = fn(&str) -> Option<Key>;

fn string_text(text: &str, looks: Looks) -> Cow<'_, str> {
    // Only the last of several `[` can begin a bracketed key.
    match looks(last_bracket(text)) {
        Some(_) => format!("[{text}").into(),
        None => text.into(),
    }
}

fn meaning(text: &str, looks: Looks) -> Meaning<'_> {
    let last = last_bracket(text);
    match looks(last) {
        None => Meaning::Text(text),
        Some(key) if last.len() == text.len() => Meaning::Bracketed(key),
        Some(_) => Meaning::Text(&text[1..]),
    }
}

/// `text` without all but one of the `[` that it begins with.
fn last_bracket(text: &str) -> &str {
    let more = text.len() - text.trim_start_matches('[').len();
    &text[more.saturating_sub(1)..]
}

/// The key that is spelled so.
fn looks_bracketed(text: &str) -> Option<Key> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let key = match inner {
        "true" => Key::Bool(true),
        "false" => Key::Bool(false),
        _ => match inner.parse() {
            Ok(number) => Key::Int(number),
            Err(_) => Key::Float(inner.parse().ok()?),
        },
    };
    (key_text(&key) == text).then_some(key)
}

/// The number that is spelled so, if it is not finite.
fn looks_not_finite(text: &str) -> Option<Key> {
    let key = looks_bracketed(text)?;
    matches!(key, Key::Float(number) if !number.is_finite()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_string_comes_back(text in prop_oneof![
            any::<String>(),
            "\\[{0,3}(-?[0-9]{0,3}(\\.[05])?|true|false|nan|-?inf)\\]?",
        ]) {
            let key = Key::Str(text.clone());
            let (as_key, as_value) = (key_text(&key), value_text(&text));
            prop_assert_eq!(key_meaning(&as_key), Meaning::Text(&text));
            prop_assert_eq!(value_meaning(&as_value), Meaning::Text(&text));
        }

        #[test]
        fn every_other_key_comes_back(key in prop_oneof![
            any::<i64>().prop_map(Key::Int),
            any::<bool>().prop_map(Key::Bool),
            proptest::num::f64::ANY.prop_map(Key::Float),
        ]) {
            let text = key_text(&key);
            let Meaning::Bracketed(read) = key_meaning(&text) else { panic!("{text}") };
            // There is one NaN, whatever its bits.
            prop_assert_eq!(key_text(&read), text.clone());
            prop_assert!(read == key || text == "[nan]");
        }
    }

    #[test]
    fn only_the_exact_spelling_is_bracketed() {
        for text in
            ["[]", "[007]", "[+1]", "[1 ]", "[1e3]", "[NaN]", "[infinity]", "[9", "9]", "[x]"]
        {
            assert_eq!(key_meaning(text), Meaning::Text(text), "{text}");
        }
        assert_eq!(key_meaning("[7]"), Meaning::Bracketed(Key::Int(7)));
        assert_eq!(key_meaning("[[7]"), Meaning::Text("[7]"));
        assert_eq!(key_meaning("[[[7]"), Meaning::Text("[[7]"));
        assert_eq!(key_meaning("[[x]"), Meaning::Text("[[x]"));
        assert_eq!(value_meaning("[7]"), Meaning::Text("[7]"));
        assert_eq!(value_meaning("[inf]"), Meaning::Bracketed(Key::Float(f64::INFINITY)));
    }
}
