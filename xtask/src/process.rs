//! Starting other programs and reading what they print.
//!
//! `cargo test` names the running binary on stderr while the binary prints its tests to stdout, so
//! both are given one pipe: the order of the lines is then the order in which they were written.

use std::io::{BufRead, BufReader, PipeReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use anyhow::Context as _;

/// Longer than any test of ours is silent; a hang is then an error with a name, not CI's time limit.
const SILENCE_MAX: Duration = Duration::from_secs(20 * 60);

/// The `cargo` that started us, in the workspace's root, without colour.
pub(crate) fn cargo(root: &Path) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root).stdin(Stdio::null()).env("CARGO_TERM_COLOR", "never");
    command
}

/// Whether CI runs us, where nothing may be left out.
pub(crate) fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// Runs `command` with its output on the terminal.
///
/// # Errors
/// A sentence that says how it ended, if not well.
pub(crate) fn run_visibly(mut command: Command) -> Result<(), String> {
    let line = shown(&command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` ended with {status}")),
        Err(error) => Err(format!("`{line}` did not start: {error}")),
    }
}

/// Runs `command`, gives `each` every line of its output in order, and returns its exit code, which
/// is `None` if a signal ended it.
///
/// # Errors
/// If it does not start, or prints nothing for so long that it must hang (it is then killed).
pub(crate) fn stream(
    mut command: Command,
    mut each: impl FnMut(&str),
) -> anyhow::Result<Option<i32>> {
    let line = shown(&command);
    let (reader, writer) = std::io::pipe().context("cannot open a pipe")?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("`{line}` did not start"))?;
    // The command holds our ends of the pipe; while they are open, reading would never end.
    drop(command);
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || forward(reader, &sender));
    loop {
        match lines.recv_timeout(SILENCE_MAX) {
            Ok(line) => each(&line),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                _ = child.kill();
                _ = child.wait();
                let minutes = SILENCE_MAX.as_secs() / 60;
                anyhow::bail!("`{line}` printed nothing for {minutes} minutes and was killed");
            }
        }
    }
    Ok(child.wait()?.code())
}

fn forward(reader: PipeReader, sender: &Sender<String>) {
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|len| len > 0) {
        let text = String::from_utf8_lossy(&line);
        if sender.send(text.trim_end_matches(['\n', '\r']).to_owned()).is_err() {
            return;
        }
        line.clear();
    }
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn sh(script: &str) -> (Vec<String>, Option<i32>) {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let mut lines = Vec::new();
        let code = stream(command, |line| lines.push(line.to_owned())).unwrap();
        (lines, code)
    }

    #[test]
    fn both_outputs_arrive_in_the_order_written() {
        let (lines, code) = sh("echo a; echo b >&2; echo c; printf d >&2; exit 3");
        assert_eq!(lines, ["a", "b", "c", "d"]);
        assert_eq!(code, Some(3));
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = stream(Command::new("guildsync-no-such-program"), |_| {}).unwrap_err();
        assert!(error.to_string().contains("`guildsync-no-such-program` did not start"));
    }
}
