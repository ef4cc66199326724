//! The dumps of section messages in `docs/messages.md` are golden vectors: the page is right as long as
//! these are.

use guildsync_sections::Message;

use super::samples;
use super::vectors::path;

const PAGE: &str = include_str!("../../../../../docs/messages.md");

/// The blocks of a kind: the vector that each shows, and its lines.
fn blocks(kind: &str) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut blocks = Vec::new();
    let mut lines = PAGE.lines();
    while let Some(line) = lines.next() {
        if let Some(name) = line.strip_prefix("```").and_then(|tag| tag.strip_prefix(kind)) {
            blocks.push((name.trim(), lines.by_ref().take_while(|line| *line != "```").collect()));
        }
    }
    blocks
}

#[test]
fn the_dumps_of_the_page_are_golden_and_every_message_is_there() {
    let mut shown_names = Vec::new();
    for (name, lines) in blocks("section-hex ") {
        // What stands behind two blanks is said of the bytes.
        let bytes = lines.iter().map(|line| line.split("  ").next().unwrap_or_default());
        let shown: Vec<&str> = bytes.flat_map(str::split_whitespace).collect();
        let golden = std::fs::read_to_string(path(name, "hex")).unwrap();
        assert_eq!(shown, golden.split_whitespace().collect::<Vec<_>>(), "{name}");
        shown_names.push(name);
    }
    for (name, lines) in blocks("section-message ") {
        let golden = std::fs::read_to_string(path(name, "txt")).unwrap();
        assert_eq!(lines.join("\n"), golden.trim_end(), "{name}");
        shown_names.push(name);
    }
    for (name, message) in samples::all() {
        let is_like = |(one, like): &(&str, _)| {
            shown_names.contains(one) && Message::name(like) == message.name()
        };
        assert!(samples::all().iter().any(is_like), "no message like {name}");
    }
}
