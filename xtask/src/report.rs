//! What a step comes to, and how that is shown.
//!
//! A step never stops the run: it returns an [`Outcome`], and [`summary`] turns all of them into
//! the closing table. Its last line has the form of cargo's own, `N passed, N failed`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Whether a step did what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Everything that the step checks holds.
    Passed,
    /// Something does not hold.
    Failed,
    /// This machine lacks what the step needs.
    NotRun,
}

/// The result of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Whether the step passed.
    pub(crate) verdict: Verdict,
    /// What is wrong, one line each; empty when the step passed.
    pub(crate) problems: Vec<String>,
    /// What the person should know although nothing is wrong.
    pub(crate) notes: Vec<String>,
    /// How many checks of this step passed and failed, for the last line of the run.
    pub(crate) counts: (usize, usize),
}

impl Outcome {
    /// Judges a step by its list of problems: none means that it passed. It counts as one check.
    pub(crate) fn of(problems: Vec<String>) -> Self {
        let verdict = if problems.is_empty() { Verdict::Passed } else { Verdict::Failed };
        let failed = usize::from(verdict == Verdict::Failed);
        Self { verdict, problems, notes: Vec::new(), counts: (1 - failed, failed) }
    }

    /// A step that this machine cannot run. In CI that is a failure, elsewhere a note.
    pub(crate) fn not_run(reason: String, ci: bool) -> Self {
        let verdict = if ci { Verdict::Failed } else { Verdict::NotRun };
        Self { verdict, problems: vec![reason], notes: Vec::new(), counts: (0, usize::from(ci)) }
    }

    /// Adds things worth knowing that do not change the verdict.
    pub(crate) fn with_notes(mut self, notes: Vec<String>) -> Self {
        self.notes.extend(notes);
        self
    }
}

/// A test that found its optional data absent, and said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Skip {
    /// The test's full name, or the test binary's where the test is not known.
    pub(crate) test: String,
    /// What it printed after `skip: `.
    pub(crate) reason: String,
}

/// A step that has run.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    pub(crate) name: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) seconds: f64,
}

/// Whether nothing failed.
pub(crate) fn all_passed(finished: &[Finished]) -> bool {
    finished.iter().all(|step| step.outcome.verdict != Verdict::Failed)
}

/// The text that closes a run: table, notes, skips, problems and counts.
pub(crate) fn summary(finished: &[Finished], skips: &[Skip]) -> String {
    let mut text = String::new();
    let width = finished.iter().map(|step| step.name.len()).max().unwrap_or(0).max(4);
    _ = writeln!(text, "{:width$}  {:7}  {:>7}", "step", "result", "seconds");
    for step in finished {
        let result = word(step.outcome.verdict);
        _ = writeln!(text, "{:width$}  {result:7}  {:7.1}", step.name, step.seconds);
    }
    list(&mut text, "notes", lines(finished, |outcome| outcome.notes.clone()));
    list(&mut text, "skipped, because optional data is absent", by_reason(skips));
    list(&mut text, "not run on this machine", lines(finished, problems_if(Verdict::NotRun)));
    list(&mut text, "failed", lines(finished, problems_if(Verdict::Failed)));
    let passed: usize = finished.iter().map(|step| step.outcome.counts.0).sum();
    let failed: usize = finished.iter().map(|step| step.outcome.counts.1).sum();
    _ = writeln!(text, "\nEvery test counts as one, and so does every other step:");
    _ = writeln!(text, "{passed} passed, {failed} failed");
    text
}

/// The word for a verdict, as the table shows it.
pub(crate) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "FAILED",
        Verdict::NotRun => "not run",
    }
}

fn problems_if(verdict: Verdict) -> impl Fn(&Outcome) -> Vec<String> {
    move |outcome| if outcome.verdict == verdict { outcome.problems.clone() } else { Vec::new() }
}

fn lines(finished: &[Finished], of: impl Fn(&Outcome) -> Vec<String>) -> Vec<String> {
    let named = |step: &Finished| {
        let name = step.name;
        of(&step.outcome).into_iter().map(move |line| format!("{name}: {line}"))
    };
    finished.iter().flat_map(named).collect()
}

/// One line for each reason, since twenty tests may miss the same file.
fn by_reason(skips: &[Skip]) -> Vec<String> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for skip in skips {
        reasons.entry(&skip.reason).or_default().push(&skip.test);
    }
    reasons.iter().map(|(reason, tests)| format!("{reason} ({})", tests.join(", "))).collect()
}

fn list(text: &mut String, title: &str, items: Vec<String>) {
    if items.is_empty() {
        return;
    }
    _ = writeln!(text, "\n{title} ({}):", items.len());
    for item in items {
        _ = writeln!(text, "  {item}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(name: &'static str, outcome: Outcome) -> Finished {
        Finished { name, outcome, seconds: 1.25 }
    }

    #[test]
    fn summary_ends_with_the_counts_alone_on_a_line() {
        let mut tests = Outcome::of(vec!["a::b failed".to_owned()]);
        tests.counts = (7, 1);
        let steps = [finished("tests", tests), finished("docs", Outcome::of(Vec::new()))];
        let text = summary(&steps, &[]);
        assert_eq!(text.lines().last(), Some("8 passed, 1 failed"));
        assert!(text.contains("tests  FAILED       1.2\n"), "{text}");
        assert!(text.contains("  tests: a::b failed\n"), "{text}");
        assert!(!all_passed(&steps));
    }

    #[test]
    fn skips_are_grouped_by_reason() {
        let skip = |test: &str, reason: &str| Skip { test: test.into(), reason: reason.into() };
        let skips = [skip("a", "no file x"), skip("b", "no file x"), skip("c", "no file y")];
        let text = summary(&[], &skips);
        assert!(text.contains("absent (2):\n  no file x (a, b)\n  no file y (c)\n"), "{text}");
    }

    #[test]
    fn what_cannot_run_fails_in_ci_only() {
        let here = finished("format", Outcome::not_run("no rustfmt".to_owned(), false));
        let in_ci = finished("format", Outcome::not_run("no rustfmt".to_owned(), true));
        assert!(summary(std::slice::from_ref(&here), &[]).contains("not run on this machine (1):"));
        assert!(all_passed(&[here]));
        assert!(!all_passed(&[in_ci]));
    }
}
