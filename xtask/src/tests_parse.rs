//! Reads the output of `cargo test`: which tests ran, how they ended, which skipped.
//!
//! The output is lines of cargo (`Running unittests src/lib.rs (target/debug/deps/x-0123abcd)`)
//! and of libtest (`test replay::tests::name ... ok`), in order. With `--show-output` libtest also
//! repeats what passing tests printed, in a section `successes:`, and that is where the lines
//! `skip: reason` are found. Whatever a test prints is never taken for a result.
//!
//! A test's full name is `crate::path` for a unit test and `crate::binary::path` for one under
//! `tests/`. Two crates may both have a binary `it`, so names come from [`Binaries`], which cargo
//! itself reports, and not from the path in the `Running` line.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::Skip;

/// File name of a test executable -> what the names of its tests start with.
pub(crate) type Binaries = BTreeMap<String, String>;

/// What a run of the tests came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TestRun {
    /// Full names of the tests that passed.
    pub(crate) passed: BTreeSet<String>,
    /// Full names of the tests that failed.
    pub(crate) failed: Vec<String>,
    /// Full names of the tests that libtest left out.
    pub(crate) ignored: Vec<String>,
    /// Tests that lacked optional data.
    pub(crate) skips: Vec<Skip>,
    /// How often `ok` was read; names may repeat between a crate's library and its program.
    pub(crate) passed_count: usize,
    /// How many passed according to libtest's own totals.
    pub(crate) passed_told: usize,
}

/// Where in the output of one test executable a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    /// Cargo's own lines, and those of `--list`.
    Outside,
    /// Between `running N tests` and the first section.
    Results,
    /// Repeated output of tests that passed.
    Successes,
    /// Repeated output of tests that failed.
    Failures,
}

/// Reads the lines one by one.
#[derive(Debug)]
pub(crate) struct Parser<'a> {
    binaries: &'a Binaries,
    prefix: String,
    section: Section,
    /// A test whose result did not stand on the line of its name.
    pending: Option<String>,
    /// The test whose repeated output is being read.
    speaker: Option<String>,
    run: TestRun,
}

impl<'a> Parser<'a> {
    /// Starts before the first line.
    pub(crate) fn new(binaries: &'a Binaries) -> Self {
        Self {
            binaries,
            prefix: "?".to_owned(),
            section: Section::Outside,
            pending: None,
            speaker: None,
            run: TestRun::default(),
        }
    }

    /// Takes the next line and says whether a person wants to see it.
    pub(crate) fn line(&mut self, line: &str) -> bool {
        self.skip(line);
        match self.section {
            Section::Outside => self.outside(line),
            Section::Results => self.result(line),
            Section::Successes => return self.repeated(line),
            Section::Failures => _ = self.repeated(line),
        }
        self.section != Section::Successes
    }

    /// What was read. A test that failed did not skip, whatever it printed.
    pub(crate) fn finish(mut self) -> TestRun {
        let failed = &self.run.failed;
        self.run.skips.retain(|skip| !failed.contains(&skip.test));
        self.run
    }

    fn outside(&mut self, line: &str) {
        let trimmed = line.trim_start();
        if trimmed.starts_with("Running ") && trimmed.ends_with(')') {
            let path = trimmed.trim_end_matches(')').rsplit('(').next().unwrap_or_default();
            let file = path.rsplit(['/', '\\']).next().unwrap_or_default();
            self.prefix = self.binaries.get(file).cloned().unwrap_or_else(|| file.to_owned());
        } else if let Some(library) = trimmed.strip_prefix("Doc-tests ") {
            self.prefix = format!("{}::doc", library.trim().replace('_', "-"));
        } else if is_start(line) {
            self.section = Section::Results;
        } else if let Some(name) = line.strip_suffix(": test") {
            // The form of `--list`, which runs nothing: being there is all that it tells.
            self.run.passed.insert(self.full(name));
        }
    }

    fn result(&mut self, line: &str) {
        match line {
            "successes:" => self.section = Section::Successes,
            "failures:" => self.section = Section::Failures,
            _ if self.total(line) => {}
            _ => {
                // On one thread the name is written before the test runs, so that something else
                // may stand between it and its result.
                let named = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... "));
                let (name, word) = match (named, self.pending.take()) {
                    (Some((name, word)), _) => (name.to_owned(), word),
                    (None, Some(name)) => (name, line),
                    (None, None) => return,
                };
                if !self.end(&name, word) {
                    self.pending = Some(name);
                }
            }
        }
    }

    /// Notes how a test ended; `false` if `word` does not say so.
    fn end(&mut self, name: &str, word: &str) -> bool {
        let name = self.full(name);
        // A time may follow in brackets, and a reason may follow a comma.
        match word.split([' ', ',']).next() {
            Some("ok") => {
                self.run.passed.insert(name);
                self.run.passed_count += 1;
            }
            Some("FAILED") => self.run.failed.push(name),
            Some("ignored") => self.run.ignored.push(name),
            _ => return false,
        }
        true
    }

    /// Handles a line inside repeated output; always `false`, for these lines are not shown.
    fn repeated(&mut self, line: &str) -> bool {
        if let Some(name) = line.strip_prefix("---- ").and_then(|l| l.strip_suffix(" stdout ----"))
        {
            self.speaker = Some(self.full(name));
        } else if line == "failures:" {
            self.section = Section::Failures;
            self.speaker = None;
            return true;
        } else if self.total(line) {
            return true;
        }
        false
    }

    /// Reads libtest's closing line, `test result: ok. 3 passed; 0 failed; ...`.
    fn total(&mut self, line: &str) -> bool {
        let Some(rest) = line.strip_prefix("test result: ") else { return false };
        let Some((_, counts)) = rest.split_once(". ") else { return false };
        let Some((count, _)) = counts.split_once(" passed;") else { return false };
        let Ok(count) = count.parse::<usize>() else { return false };
        self.run.passed_told += count;
        self.section = Section::Outside;
        self.speaker = None;
        self.pending = None;
        true
    }

    fn skip(&mut self, line: &str) {
        let Some(reason) = line.trim_start().strip_prefix("skip: ") else { return };
        let test = self.speaker.clone().unwrap_or_else(|| self.prefix.clone());
        let skip = Skip { test, reason: reason.trim().to_owned() };
        if !self.run.skips.contains(&skip) {
            self.run.skips.push(skip);
        }
    }

    fn full(&self, name: &str) -> String {
        let name = name.strip_suffix(" - should panic").unwrap_or(name);
        format!("{}::{name}", self.prefix)
    }
}

fn is_start(line: &str) -> bool {
    let count = line.strip_prefix("running ").and_then(|rest| rest.split_once(" test"));
    count.is_some_and(|(count, rest)| count.parse::<usize>().is_ok() && rest.len() <= 1)
}

#[cfg(test)]
mod tests;
