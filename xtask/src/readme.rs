//! The step `readme commands`: what the README shows is run, in order, and must work.
//!
//! The convention, for blocks that begin with ```` ```sh ````:
//! - If a line of the block begins with `$ `, those lines are the commands and the rest is output,
//!   which is not compared. Otherwise every line is a command, but for blank lines and comments.
//!   A command may go on in the next line after a `\`.
//! - A command is `guildsync ...`, `cargo run --release -- ...` (the same program) or
//!   `cargo xtask ...`. The first two are run; the last is not, since it is what runs us.
//! - A command that ends in `# exits with N` must exit with N, any other with 0.
//! - No command may need optional data or hold a placeholder such as `<file>`. What cannot be run,
//!   like `git clone`, goes into a block of another language, for instance ```` ```text ````.
//!
//! All commands share one new, empty folder, which is also their home folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::markdown;
use crate::process;
use crate::report::Outcome;
use crate::workspace::Workspace;

/// The program that the README is about.
const PROGRAM: &str = "guildsync";

/// A command of the README.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shown {
    /// Its line in the file.
    number: usize,
    /// As written, without the comment at its end.
    text: String,
    /// The exit code that the README promises.
    code: i32,
}

/// Runs the step.
pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let Ok(text) = fs::read_to_string(workspace.root.join("README.md")) else {
        return Outcome::of(vec!["README.md is absent".to_owned()]);
    };
    let (commands, problems) = commands(&text);
    if !problems.is_empty() {
        return Outcome::of(problems);
    }
    if !workspace.crates.values().any(|krate| krate.bins.iter().any(|bin| bin == PROGRAM)) {
        return Outcome::of(vec![format!("no crate has a program named {PROGRAM}")]);
    }
    if let Err(problem) = build(workspace) {
        return Outcome::of(vec![problem]);
    }
    if Command::new("sh").args(["-c", "exit 0"]).status().is_err() {
        let reason = "the README's commands need a POSIX shell, and `sh` is absent";
        return Outcome::not_run(reason.to_owned(), process::in_ci());
    }
    match run_all(workspace, &commands) {
        Ok(problems) => Outcome::of(problems),
        Err(error) => Outcome::of(vec![format!("{error:#}")]),
    }
}

/// Builds the program, and makes sure that it is what `cargo run` starts.
fn build(workspace: &Workspace) -> Result<(), String> {
    let mut build = process::cargo(&workspace.root);
    build.args(["build", "--release", "--bin", PROGRAM]);
    process::run_visibly(build)?;
    let mut help = process::cargo(&workspace.root);
    help.args(["run", "--release", "--quiet", "--", "--help"]);
    let output = help.output().map_err(|error| format!("cargo did not start: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    Err(format!("`cargo run --release -- --help` failed: {}", told.trim()))
}

/// The commands to run, and what is wrong with how the README shows them.
fn commands(text: &str) -> (Vec<Shown>, Vec<String>) {
    let (mut commands, mut problems) = (Vec::new(), Vec::new());
    for fence in markdown::parts(text).fences.iter().filter(|fence| fence.language == "sh") {
        for (number, line) in joined(&command_lines(&fence.lines)) {
            match shown(number, &line) {
                Ok(Some(command)) => commands.push(command),
                Ok(None) => {}
                Err(problem) => problems.push(format!("README.md line {number}: {problem}")),
            }
        }
    }
    if commands.is_empty() && problems.is_empty() {
        problems.push("README.md has no command to run in a block marked ```sh".to_owned());
    }
    (commands, problems)
}

/// The lines of a block that belong to commands, without their `$ `.
fn command_lines<'a>(lines: &[(usize, &'a str)]) -> Vec<(usize, &'a str)> {
    if !lines.iter().any(|(_, line)| line.starts_with("$ ")) {
        let is_command = |line: &str| !line.trim().is_empty() && !line.starts_with('#');
        return lines.iter().copied().filter(|(_, line)| is_command(line)).collect();
    }
    let mut found = Vec::new();
    let mut goes_on = false;
    for (number, line) in lines {
        let command = line.strip_prefix("$ ").or(goes_on.then_some(*line));
        goes_on = command.is_some_and(|command| command.ends_with('\\'));
        found.extend(command.map(|command| (*number, command)));
    }
    found
}

/// Joins lines that end in a backslash with the next one.
fn joined(lines: &[(usize, &str)]) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (number, line) in lines {
        let part = line.strip_suffix('\\');
        match found.last_mut().filter(|_| goes_on) {
            Some((_, before)) => before.push_str(part.unwrap_or(line).trim_start()),
            None => found.push((*number, part.unwrap_or(line).to_owned())),
        }
        goes_on = part.is_some();
    }
    found
}

/// Reads one command; `None` if it is one of ours that is not to be run.
fn shown(number: usize, line: &str) -> Result<Option<Shown>, String> {
    let (text, code) = match line.rsplit_once("# exits with ") {
        Some((text, code)) => {
            let code = code.trim().parse();
            (text, code.map_err(|_| "`# exits with` is followed by no number".to_owned())?)
        }
        None => (line, 0),
    };
    let text = text.trim();
    let starts = |start: &str| text == start || text.starts_with(&format!("{start} "));
    if starts("cargo xtask") {
        return Ok(None);
    }
    if !starts(PROGRAM) && !starts("cargo run --release --") {
        return Err(format!("`{text}` is not run here; put it into a block marked ```text"));
    }
    if text.contains("../shared") || has_placeholder(text) {
        return Err(format!("`{text}` cannot be run as it stands: optional data or a placeholder"));
    }
    Ok(Some(Shown { number, text: text.to_owned(), code }))
}

/// Whether something like `<file>` or `path/to/it` is to be replaced by the reader.
fn has_placeholder(text: &str) -> bool {
    let angled = |(at, _)| {
        let rest: &str = &text[at + 1..];
        let name = rest.split('>').next().unwrap_or_default();
        name.len() < rest.len() && name.starts_with(char::is_alphabetic) && !name.contains(' ')
    };
    text.contains("path/to/") || text.contains("...") || text.match_indices('<').any(angled)
}

fn run_all(workspace: &Workspace, commands: &[Shown]) -> anyhow::Result<Vec<String>> {
    let folder = Folder::new()?;
    let programs = workspace.target.join("release");
    let mut problems = Vec::new();
    for command in commands {
        println!("$ {}", command.text);
        let mut tail = Vec::new();
        let code = process::stream(shell(&folder.0, &programs, &command.text)?, |line| {
            tail.push(line.to_owned());
            if tail.len() > 20 {
                tail.remove(0);
            }
        })?;
        if code == Some(command.code) {
            continue;
        }
        for line in &tail {
            println!("  | {line}");
        }
        let code = code.map_or("a signal".to_owned(), |code| code.to_string());
        let Shown { number, text, code: promised } = command;
        problems.push(format!(
            "README.md line {number}: `{text}` exits with {code}, and should with {promised}"
        ));
    }
    Ok(problems)
}

/// A shell that runs `text` in `folder`, where `guildsync` is the program just built and nothing
/// of the person's own settings is seen or touched.
fn shell(folder: &Path, programs: &Path, text: &str) -> anyhow::Result<Command> {
    let script = text.replace("cargo run --release --", PROGRAM);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(programs.to_owned()).chain(std::env::split_paths(&path));
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(folder);
    command.env("PATH", std::env::join_paths(paths)?).env("HOME", folder);
    let ours = |name: &str| name.starts_with("GUILDSYNC_") || name.starts_with("XDG_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| ours(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    Ok(command)
}

/// A new folder that goes away in the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Self> {
        let name = format!("guildsync-readme-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<(usize, String, i32)> {
        let (commands, problems) = commands(text);
        assert_eq!(problems, Vec::<String>::new());
        commands.into_iter().map(|shown| (shown.number, shown.text, shown.code)).collect()
    }

    #[test]
    fn prompts_mark_the_commands_and_the_rest_is_output() {
        let text =
            "```sh\n$ guildsync standings\nAnna 5\n$ guildsync diff a b  # exits with 3\n```";
        let expected =
            [(2, "guildsync standings".to_owned(), 0), (4, "guildsync diff a b".to_owned(), 3)];
        assert_eq!(texts(text), expected);
    }

    #[test]
    fn without_prompts_every_line_is_a_command() {
        let text = "```sh\n# first\ncargo run --release -- demo\n\ncargo xtask test-all\n```\n\
                    ```text\ngit clone x\n```\n";
        assert_eq!(texts(text), [(3, "cargo run --release -- demo".to_owned(), 0)]);
    }

    #[test]
    fn a_backslash_joins_lines() {
        let text = "```sh\n$ guildsync award Anna 5 \\\n    --reason boss\nok\n```";
        assert_eq!(texts(text), [(2, "guildsync award Anna 5 --reason boss".to_owned(), 0)]);
    }

    #[test]
    fn what_cannot_be_run_is_refused() {
        let problem = |line: &str| commands(&format!("```sh\n$ {line}\n```")).1.join("\n");
        assert!(problem("git clone x").contains("```text"));
        assert!(problem("guildsync-other").contains("```text"));
        assert!(problem("guildsync import ../shared/data/x.lua").contains("optional data"));
        assert!(problem("guildsync import <file>").contains("placeholder"));
        assert!(problem("guildsync diff a b # exits with three").contains("no number"));
        assert!(commands("no blocks").1[0].contains("no command"));
    }

    #[test]
    fn a_redirection_is_not_a_placeholder() {
        assert!(!has_placeholder("guildsync import - < log.csv > out.txt"));
        assert!(!has_placeholder("guildsync import - <log.csv"));
        assert!(has_placeholder("guildsync import <log.csv>"));
    }

    #[cfg(unix)]
    #[test]
    fn commands_run_in_their_own_home_with_the_built_program_first() {
        let text = "test \"$HOME\" = \"$(pwd -P)\" && case $PATH in /built:*) exit 5; esac";
        let folder = Folder::new().unwrap();
        let real = folder.0.canonicalize().unwrap();
        let mut command = shell(&real, Path::new("/built"), text).unwrap();
        assert_eq!(command.status().unwrap().code(), Some(5));
    }
}
