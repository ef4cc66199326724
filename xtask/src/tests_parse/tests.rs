//! Tests of the `cargo test` reader, on output as cargo 1.95 writes it.

use super::*;

fn binaries() -> Binaries {
    let pairs = [("guildsync_log-1f", "guildsync-log"), ("it-2a", "guildsync-cli::it")];
    pairs.map(|(file, prefix)| (file.to_owned(), prefix.to_owned())).into()
}

fn parse(output: &str) -> (TestRun, Vec<String>) {
    let binaries = binaries();
    let mut parser = Parser::new(&binaries);
    let shown = output.lines().filter(|line| parser.line(line)).map(str::to_owned).collect();
    (parser.finish(), shown)
}

fn names(run: &TestRun) -> Vec<&str> {
    run.passed.iter().map(String::as_str).collect()
}

const TWO_BINARIES: &str = "\
    Finished `test` profile [optimized + debuginfo] target(s) in 0.03s
     Running unittests src/lib.rs (target/debug/deps/guildsync_log-1f)

running 3 tests
test replay::tests::same_everywhere ... ok
test log::tests::refuses - should panic ... ok
test log::tests::breaks ... FAILED

successes:

---- replay::tests::same_everywhere stdout ----
skip: no ../shared/data
test log::tests::invented ... ok
running 1 test


successes:
    log::tests::refuses
    replay::tests::same_everywhere

failures:

---- log::tests::breaks stdout ----

skip: printed before the failure
thread 'log::tests::breaks' panicked at src/log.rs:1:1:
assertion failed

failures:
    log::tests::breaks

test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

error: test failed, to rerun pass `-p guildsync-log --lib`
     Running tests/it/main.rs (/somewhere/debug/deps/it-2a)

running 2 tests
test import::twice_adds_nothing ... ok
test import::slow ... ignored, takes long

successes:

successes:
    import::twice_adds_nothing

test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s

   Doc-tests guildsync_log

running 1 test
test crates/guildsync-log/src/lib.rs - Log (line 12) ... ok

test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.20s
";

#[test]
fn names_carry_the_crate_and_the_binary() {
    let (run, _) = parse(TWO_BINARIES);
    let expected = [
        "guildsync-cli::it::import::twice_adds_nothing",
        "guildsync-log::doc::crates/guildsync-log/src/lib.rs - Log (line 12)",
        "guildsync-log::log::tests::refuses",
        "guildsync-log::replay::tests::same_everywhere",
    ];
    assert_eq!(names(&run), expected);
    assert_eq!(run.failed, ["guildsync-log::log::tests::breaks"]);
    assert_eq!(run.ignored, ["guildsync-cli::it::import::slow"]);
    assert_eq!((run.passed_count, run.passed_told), (4, 4));
}

#[test]
fn a_skip_is_attributed_to_the_test_that_printed_it() {
    let (run, _) = parse(TWO_BINARIES);
    let test = "guildsync-log::replay::tests::same_everywhere".to_owned();
    assert_eq!(run.skips, [Skip { test, reason: "no ../shared/data".to_owned() }]);
}

#[test]
fn what_a_test_prints_is_not_a_result_and_not_shown() {
    let (run, shown) = parse(TWO_BINARIES);
    assert!(!run.passed.contains("guildsync-log::log::tests::invented"));
    assert!(!shown.iter().any(|line| line.contains("invented") || line == "successes:"));
    for wanted in ["assertion failed", "test result: FAILED. 2", "Running tests/it", "... ok"] {
        assert!(shown.iter().any(|line| line.contains(wanted)), "{wanted} is hidden");
    }
}

#[test]
fn a_result_on_a_later_line_belongs_to_the_name_before_it() {
    let output = "
     Running unittests src/lib.rs (target/debug/deps/guildsync_log-1f)
running 2 tests
test a ... a child writes here
ok
test b ... FAILED
test result: FAILED. 1 passed; 1 failed; 0 ignored
";
    let (run, _) = parse(output);
    assert_eq!(names(&run), ["guildsync-log::a"]);
    assert_eq!(run.failed, ["guildsync-log::b"]);
}

#[test]
fn a_list_names_what_exists() {
    let output = "
     Running unittests src/lib.rs (target/debug/deps/guildsync_log-1f)
replay::tests::same_everywhere: test
1 test, 0 benchmarks
";
    assert_eq!(names(&parse(output).0), ["guildsync-log::replay::tests::same_everywhere"]);
}

#[test]
fn an_executable_that_cargo_did_not_report_keeps_its_file_name() {
    let output = "     Running unittests src/lib.rs (target/debug/deps/other-9)\n\
                  running 1 test\ntest a ... ok\n";
    assert_eq!(names(&parse(output).0), ["other-9::a"]);
}
