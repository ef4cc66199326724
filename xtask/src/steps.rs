//! The steps of `test-all`: their names, their order, running and timing them.
//!
//! Nothing stops at the first failure: a person learns everything that is wrong in one run.

use std::time::Instant;

use crate::features::Proofs;
use crate::report::{self, Finished, Outcome};
use crate::tests_parse::TestRun;
use crate::workspace::Workspace;
use crate::{cargo, features, graph, readme, tests_run, tidy};

/// A step; it may leave the tests' results for a later one.
type Step = fn(&Workspace, &mut Option<TestRun>) -> Outcome;

/// Every step in the order in which they run.
const STEPS: &[(&str, Step)] = &[
    ("format", |workspace, _| cargo::format(workspace)),
    ("clippy", |workspace, _| cargo::clippy(workspace)),
    ("tests", |workspace, tests| {
        let (outcome, run) = tests_run::check(workspace);
        *tests = Some(run);
        outcome
    }),
    ("bugs", |workspace, _| tests_run::check_bugs(workspace)),
    ("docs", |workspace, _| cargo::docs(workspace)),
    ("crate graph", |workspace, _| graph::check(workspace)),
    ("tidy", |workspace, _| tidy::check(workspace)),
    ("readme commands", |workspace, _| readme::check(workspace)),
    ("features", |workspace, tests| match tests {
        Some(run) => {
            let skipped = tests_run::skipped(&run.skips);
            features::check(workspace, &Proofs { passed: &run.passed, skipped })
        }
        None => Outcome::of(vec!["needs the step `tests` before it".to_owned()]),
    }),
];

/// The names of all steps.
pub(crate) fn names() -> Vec<&'static str> {
    STEPS.iter().map(|(name, _)| *name).collect()
}

/// Runs the steps named in `wanted`, prints the summary, and says whether nothing failed.
pub(crate) fn run(workspace: &Workspace, wanted: &[&str]) -> bool {
    let mut tests = None;
    let mut finished = Vec::new();
    for (name, step) in STEPS.iter().filter(|(name, _)| wanted.contains(name)) {
        finished.push(timed(name, || step(workspace, &mut tests)));
    }
    let skips = tests.map(|run| run.skips).unwrap_or_default();
    print!("\n{}", report::summary(&finished, &skips));
    report::all_passed(&finished)
}

/// Checks the features table against the tests that exist, without running them.
pub(crate) fn run_features_by_list(workspace: &Workspace) -> bool {
    let step = || match tests_run::list(workspace) {
        Ok(run) => features::check(workspace, &Proofs { passed: &run.passed, skipped: Vec::new() }),
        Err(error) => Outcome::of(vec![format!("{error:#}")]),
    };
    let finished = [timed("features", step)];
    print!("\n{}", report::summary(&finished, &[]));
    report::all_passed(&finished)
}

#[expect(clippy::disallowed_methods, reason = "how long a step takes is what the person sees")]
fn timed(name: &'static str, step: impl FnOnce() -> Outcome) -> Finished {
    println!("\n── {name}");
    let start = Instant::now();
    let outcome = step();
    let seconds = start.elapsed().as_secs_f64();
    println!("── {name}: {} in {seconds:.1} s", report::word(outcome.verdict));
    Finished { name, outcome, seconds }
}
