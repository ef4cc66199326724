//! Rules for a single Rust file, by its text alone.
//!
//! A file is judged by lines that are code: comments may name what code may not do. Words that are
//! forbidden everywhere are spelled in two halves here, so that this file passes its own rules.

use std::path::Path;

use crate::graph::PROTOCOL;

/// A file longer than this is split; see also [`LINES_WARN`].
pub(crate) const LINES_MAX: usize = 700;
/// A file longer than this should be split soon.
pub(crate) const LINES_WARN: usize = 500;

/// What code must not contain, and why.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("to", "do!"), "unfinished code does not land"),
    (concat!("unimple", "mented!"), "unfinished code does not land"),
    (concat!("#[ig", "nore"), "a test runs, or prints `skip: reason`, or is not there"),
];

/// What a protocol crate must not contain outside its tests: there, deciding is pure.
const IMPURE: &[&str] =
    &["Instant", "SystemTime", "::now(", "std::fs", "std::net", "std::env", "std::thread"];

/// What is wrong with the file at `path` (relative to the root), one sentence each.
pub(crate) fn problems(path: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if in_src(path) && !text.starts_with("//!") {
        found.push("the first line is not a `//!` header".to_owned());
    }
    let len = text.lines().count();
    if len > LINES_MAX {
        found.push(format!("{len} lines; more than {LINES_MAX} is two modules"));
    }
    let tests_from = tests_from(path, text);
    let protocol = PROTOCOL.iter().any(|name| path.starts_with(Path::new("crates").join(name)));
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("//") {
            continue;
        }
        let mut tell = |what: &str, why: &str| {
            found.push(format!("line {}: `{what}`: {why}", index + 1));
        };
        for (word, why) in FORBIDDEN.iter().filter(|(word, _)| line.contains(word)) {
            tell(word, why);
        }
        if index >= tests_from && has_word(line, concat!("sle", "ep")) {
            tell(concat!("sle", "ep"), "no test waits for real time; tests have virtual time");
        }
        if protocol && in_src(path) && index < tests_from {
            for word in IMPURE.iter().filter(|word| line.contains(**word)) {
                tell(word, "a protocol crate has no clock, IO, thread or environment");
            }
        }
    }
    found
}

/// A sentence for a file that will soon be too long.
pub(crate) fn warning(text: &str) -> Option<String> {
    let len = text.lines().count();
    let soon = len > LINES_WARN && len <= LINES_MAX;
    soon.then(|| format!("{len} lines; more than {LINES_MAX} fails"))
}

fn in_src(path: &Path) -> bool {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str()).collect();
    match parts.first().and_then(|first| first.to_str()) {
        Some("crates") => parts.get(2).is_some_and(|part| *part == "src"),
        Some("xtask") => parts.get(1).is_some_and(|part| *part == "src"),
        _ => false,
    }
}

/// The index of the first line that is test code; the number of lines if none is.
fn tests_from(path: &Path, text: &str) -> usize {
    let is_tests = |part: &std::ffi::OsStr| part == "tests" || part == "tests.rs";
    if path.components().any(|part| is_tests(part.as_os_str())) {
        return 0;
    }
    let mut lines = text.lines();
    // A module of tests in a file of its own is judged there; what follows the line is code again.
    let opens = |(line, next): (&str, Option<&str>)| {
        line.trim_start().starts_with("#[cfg(") && line.contains("test") && {
            let next = next.unwrap_or_default().trim_start();
            next.starts_with("mod ") && next.trim_end().ends_with('{')
        }
    };
    let mut index = 0;
    while let Some(line) = lines.next() {
        if opens((line, lines.clone().next())) {
            return index;
        }
        index += 1;
    }
    index
}

/// Whether `word` stands in `line` with no letter, digit or underscore beside it.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(is_part) && !line[at + word.len()..].starts_with(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &str, text: &str) -> Vec<String> {
        problems(Path::new(path), text)
    }

    #[test]
    fn a_module_needs_a_header_and_a_test_file_does_not() {
        assert_eq!(told("crates/guildsync-log/src/lib.rs", "//! Header.\nfn a() {}\n").len(), 0);
        let found = told("crates/guildsync-log/src/sub/a.rs", "// no header\n");
        assert_eq!(found, ["the first line is not a `//!` header"]);
        assert_eq!(told("xtask/src/a.rs", "fn a() {}\n").len(), 1);
        assert_eq!(told("crates/guildsync-log/benches/a.rs", "fn a() {}\n").len(), 0);
    }

    #[test]
    fn length_warns_first_and_then_fails() {
        let text = |len: usize| format!("//! Header.\n{}", "\n".repeat(len - 1));
        assert_eq!(warning(&text(500)), None);
        assert!(warning(&text(501)).is_some());
        assert_eq!(told("xtask/src/a.rs", &text(700)).len(), 0);
        assert_eq!(told("xtask/src/a.rs", &text(701)).len(), 1);
        assert_eq!(warning(&text(701)), None);
    }

    #[test]
    fn unfinished_code_is_found_but_not_in_comments() {
        for (word, _) in FORBIDDEN {
            let code = format!("//! Header.\n    {word}(\"later\")\n");
            assert_eq!(told("xtask/src/a.rs", &code).len(), 1, "{word}");
            let comment = format!("//! Header.\n    // {word}\n");
            assert_eq!(told("xtask/src/a.rs", &comment).len(), 0, "{word}");
        }
    }

    #[test]
    fn waiting_is_refused_in_tests_only() {
        let wait = concat!("tokio::time::sle", "ep(second).await;");
        let name = concat!("fn a_sle", "eper() {}");
        let code = format!("//! Header.\n{wait}\n#[cfg(test)]\nmod tests {{\n{name}\n}}\n");
        assert_eq!(told("crates/guildsync/src/node.rs", &code).len(), 0);
        let test = format!("//! Header.\n{name}\n#[cfg(test)]\nmod tests {{\n{wait}\n}}\n");
        let found = told("crates/guildsync/src/node.rs", &test);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("line 5: "), "{found:?}");
        assert_eq!(told("crates/guildsync/tests/it/a.rs", wait).len(), 1);
        let declared = format!("//! Header.\n#[cfg(test)]\nmod tests;\n{wait}\n");
        assert_eq!(told("crates/guildsync/src/node.rs", &declared).len(), 0);
    }

    #[test]
    fn a_protocol_crate_has_no_clock_outside_its_tests() {
        let code = "//! Header.\nlet now = std::time::SystemTime::now();\n";
        assert_eq!(told("crates/guildsync-log/src/log.rs", code).len(), 2);
        assert_eq!(told("crates/guildsync-cli/src/log.rs", code).len(), 0);
        assert_eq!(told("crates/guildsync-log/src/log/tests.rs", code).len(), 0);
        assert_eq!(told("crates/guildsync-log/benches/log.rs", code).len(), 0);
    }
}
