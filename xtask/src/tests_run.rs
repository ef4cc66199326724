//! The step `tests`: every test of every crate, doctests included, with plain `cargo test`.
//!
//! The tests are built first, with cargo's messages as JSON, because only these tell which crate a
//! test executable belongs to; then they run. Results are shown as they come, the output of tests
//! that pass is read for `skip:` lines and not shown.

use serde_json::Value;

use crate::process;
use crate::report::{Outcome, Skip, Verdict};
use crate::tests_parse::{Binaries, Parser, TestRun};
use crate::workspace::Workspace;

/// Builds and runs all tests.
pub(crate) fn check(workspace: &Workspace) -> (Outcome, TestRun) {
    let (run, code) = match run(workspace, &[], &["--no-fail-fast", "--", "--show-output"], true) {
        Ok(ended) => ended,
        Err(error) => return (Outcome::of(vec![format!("{error:#}")]), TestRun::default()),
    };
    (judge(&run, code), run)
}

/// The one test that needs a build of its own: deliberate bugs in the protocol, which only a feature puts
/// there, and the simulator that has to catch them.
pub(crate) fn check_bugs(workspace: &Workspace) -> Outcome {
    let mut command = process::cargo(&workspace.root);
    command.args(["test", "--package", "guildsync-sim", "--features", "bugs", "--test", "bugs"]);
    let mut passed = 0;
    let code = process::stream(command, |line| {
        println!("{line}");
        passed += usize::from(line.starts_with("test ") && line.ends_with("... ok"));
    });
    let problem = match code {
        Ok(Some(0)) if passed > 0 => return Outcome { counts: (passed, 0), ..Outcome::of(vec![]) },
        Ok(Some(0)) => "no test ran".to_owned(),
        Ok(_) => "a deliberate bug was not caught".to_owned(),
        Err(error) => format!("{error:#}"),
    };
    Outcome { counts: (passed, 1), ..Outcome::of(vec![problem]) }
}

/// The names of all tests except doctests, running none.
///
/// # Errors
/// If they do not build.
pub(crate) fn list(workspace: &Workspace) -> anyhow::Result<TestRun> {
    let (run, code) = run(workspace, &["--tests"], &["--", "--list"], false)?;
    anyhow::ensure!(code == Some(0), "listing the tests failed");
    Ok(run)
}

fn run(
    workspace: &Workspace,
    targets: &[&str],
    how: &[&str],
    visibly: bool,
) -> anyhow::Result<(TestRun, Option<i32>)> {
    let binaries = build(workspace, targets)?;
    let mut command = process::cargo(&workspace.root);
    command.args(["test", "--workspace"]).args(targets).args(how);
    let mut parser = Parser::new(&binaries);
    let code = process::stream(command, |line| {
        if parser.line(line) && visibly {
            println!("{line}");
        }
    })?;
    Ok((parser.finish(), code))
}

fn judge(run: &TestRun, code: Option<i32>) -> Outcome {
    let mut problems: Vec<String> =
        run.failed.iter().map(|name| format!("{name} failed")).collect();
    problems.extend(run.ignored.iter().map(|name| {
        format!("{name} is ignored: a test either runs, or prints why it skips, or is not there")
    }));
    if code != Some(0) && run.failed.is_empty() {
        let code = code.map_or("a signal".to_owned(), |code| format!("exit code {code}"));
        problems.push(format!("cargo test ended with {code}, and not because a test failed"));
    }
    if run.passed_count + run.failed.len() == 0 {
        problems.push("no test ran".to_owned());
    }
    let mut notes = Vec::new();
    let (read, told) = (run.passed_count, run.passed_told);
    if read < told {
        // Something wrote into libtest's line. The rows of the features table would notice.
        notes.push(format!("{told} tests passed, but only {read} names were readable"));
    } else if read > told {
        problems.push(format!("{read} results were read, but {told} tests passed: one is forged"));
    }
    let mut outcome = Outcome::of(problems).with_notes(notes);
    let broken = outcome.verdict == Verdict::Failed && run.failed.is_empty();
    outcome.counts = (run.passed_told, run.failed.len() + usize::from(broken));
    outcome
}

/// The tests that skipped, which therefore prove nothing.
pub(crate) fn skipped(skips: &[Skip]) -> Vec<&str> {
    skips.iter().map(|skip| skip.test.as_str()).collect()
}

/// Builds the tests and returns which executable holds the tests of what.
fn build(workspace: &Workspace, targets: &[&str]) -> anyhow::Result<Binaries> {
    let mut command = process::cargo(&workspace.root);
    command.args(["test", "--workspace", "--no-run"]).args(targets);
    command.arg("--message-format=json-render-diagnostics");
    let mut binaries = Binaries::new();
    let code = process::stream(command, |line| {
        // Diagnostics and progress arrive rendered, between the messages.
        match serde_json::from_str::<Value>(line) {
            Ok(message) => binaries.extend(executable(&message)),
            Err(_) => println!("{line}"),
        }
    })?;
    anyhow::ensure!(code == Some(0), "the tests do not compile");
    Ok(binaries)
}

/// The executable that an artifact message tells of, with the start of its tests' names.
fn executable(message: &Value) -> Option<(String, String)> {
    if message["profile"]["test"] != true {
        return None;
    }
    let file = message["executable"].as_str()?.rsplit(['/', '\\']).next()?;
    let krate = crate_name(message["package_id"].as_str()?)?;
    let target = message["target"]["name"].as_str()?;
    let kinds = message["target"]["kind"].as_array()?;
    let prefix = match kinds.first()?.as_str()? {
        "test" => format!("{krate}::{target}"),
        _ => krate.to_owned(),
    };
    Some((file.to_owned(), prefix))
}

/// The name in a package id: `path+file:///w/crates/x#0.1.0`, or with `#name@0.1.0` where the
/// folder has another name.
fn crate_name(id: &str) -> Option<&str> {
    let (path, version) = id.rsplit_once('#')?;
    match version.split_once('@') {
        Some((name, _)) => Some(name),
        None => path.rsplit('/').next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn artifact(id: &str, target: &str, kind: &str, file: &str, test: bool) -> Value {
        json!({
            "reason": "compiler-artifact", "package_id": id, "executable": file,
            "target": {"name": target, "kind": [kind]}, "profile": {"test": test},
        })
    }

    #[test]
    fn executables_are_named_after_crate_and_binary() {
        let cli = "path+file:///w/crates/guildsync-cli#0.1.0";
        let unit = artifact(cli, "guildsync", "bin", "/t/debug/deps/guildsync-5c", true);
        let integration = artifact(cli, "it", "test", "/t/debug/deps/it-9b", true);
        let program = artifact(cli, "guildsync", "bin", "/t/debug/guildsync", false);
        let pair = |file: &str, prefix: &str| Some((file.to_owned(), prefix.to_owned()));
        assert_eq!(executable(&unit), pair("guildsync-5c", "guildsync-cli"));
        assert_eq!(executable(&integration), pair("it-9b", "guildsync-cli::it"));
        assert_eq!(executable(&program), None);
    }

    #[test]
    fn both_forms_of_package_id_are_read() {
        assert_eq!(crate_name("path+file:///w/xtask#0.1.0"), Some("xtask"));
        assert_eq!(crate_name("path+file:///w/odd#guildsync-log@0.1.0"), Some("guildsync-log"));
        assert_eq!(crate_name("nonsense"), None);
    }

    #[test]
    fn a_failed_an_ignored_and_no_test_at_all_are_problems() {
        let passing = TestRun { passed_count: 2, passed_told: 2, ..TestRun::default() };
        assert_eq!(judge(&passing, Some(0)).verdict, Verdict::Passed);
        assert_eq!(judge(&passing, Some(0)).counts, (2, 0));

        let failing = TestRun { failed: vec!["a".to_owned()], ..passing.clone() };
        assert_eq!(judge(&failing, Some(101)).problems, ["a failed"]);
        assert_eq!(judge(&failing, Some(101)).counts, (2, 1));

        let ignoring = TestRun { ignored: vec!["b".to_owned()], ..passing.clone() };
        assert_eq!(judge(&ignoring, Some(0)).verdict, Verdict::Failed);

        assert_eq!(judge(&passing, Some(101)).counts, (2, 1));
        assert_eq!(judge(&TestRun::default(), Some(0)).problems, ["no test ran"]);
    }

    #[test]
    fn unreadable_results_are_noted_and_forged_ones_refused() {
        let run = TestRun { passed_count: 2, passed_told: 3, ..TestRun::default() };
        let notes = judge(&run, Some(0)).notes;
        assert_eq!(notes, ["3 tests passed, but only 2 names were readable"]);
        let run = TestRun { passed_count: 3, passed_told: 2, ..TestRun::default() };
        assert_eq!(judge(&run, Some(0)).verdict, Verdict::Failed);
    }
}
