//! The step `tidy`: rules about the files themselves, in Rust (see [`source`]) and in Markdown.

use std::fs;
use std::path::{Path, PathBuf};

use crate::markdown;
use crate::report::Outcome;
use crate::source;
use crate::workspace::Workspace;

/// The two commands that a newcomer needs, which the README must show.
const README_COMMANDS: [&str; 2] = ["cargo run --release -- demo", "cargo xtask test-all"];

/// Starts of paths that exist only on the machine of whoever wrote them.
const MACHINE_PATHS: &[&str] =
    &["/home/", "/root/", "/Users/", "/tmp/", "/var/", "/opt/", "C:\\Users\\"];

/// Runs the step.
pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let mut files = Vec::new();
    if let Err(error) = collect(&workspace.root, &workspace.target, &mut files) {
        return Outcome::of(vec![format!("{error:#}")]);
    }
    files.sort();
    let (mut problems, mut notes, mut seen) = (Vec::new(), Vec::new(), (0, 0));
    for file in &files {
        let path = file.strip_prefix(&workspace.root).unwrap_or(file);
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => {
                problems.push(format!("{}: {error}", path.display()));
                continue;
            }
        };
        let found = if path.extension().is_some_and(|ext| ext == "rs") {
            seen.0 += 1;
            notes.extend(source::warning(&text).map(|n| format!("{}: {n}", path.display())));
            source::problems(path, &text)
        } else {
            seen.1 += 1;
            markdown_problems(&text, |target| resolves(&workspace.root, file, target))
        };
        problems.extend(found.iter().map(|problem| format!("{}: {problem}", path.display())));
    }
    problems.extend(readme(fs::read_to_string(workspace.root.join("README.md")).ok()));
    println!("{} Rust files, {} Markdown files", seen.0, seen.1);
    Outcome::of(problems).with_notes(notes)
}

/// All Rust and Markdown files, except what is built and what is hidden.
fn collect(folder: &Path, target: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_symlink() || name.starts_with('.') || name == "target" || path == target {
            continue;
        }
        if path.is_dir() {
            collect(&path, target, files)?;
        } else if name.ends_with(".rs") || name.ends_with(".md") {
            files.push(path);
        }
    }
    Ok(())
}

fn markdown_problems(text: &str, resolves: impl Fn(&str) -> bool) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, line) in markdown::parts(text).prose {
        for target in markdown::links(line).into_iter().filter(|target| !resolves(target)) {
            problems.push(format!("line {number}: the link to `{target}` leads nowhere"));
        }
    }
    for (index, line) in text.lines().enumerate() {
        for start in MACHINE_PATHS.iter().filter(|start| has_path(line, start)) {
            problems.push(format!(
                "line {}: `{start}` is a path of one machine; write it relative",
                index + 1
            ));
        }
    }
    problems
}

/// Whether a path begins in `line` with `start`, rather than goes on with it (`docs/home/x`).
fn has_path(line: &str, start: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '~' | '*' | '}');
    line.match_indices(start).any(|(at, _)| !line[..at].ends_with(goes_on))
}

/// Whether a link in `file` leads somewhere: to the web, into the page itself, or to something in
/// the repository. What is beside the repository is not there in a fresh clone.
fn resolves(root: &Path, file: &Path, target: &str) -> bool {
    let scheme = target.split(['/', '#']).next().is_some_and(|start| start.contains(':'));
    let path = target.split('#').next().unwrap_or_default();
    if scheme || path.is_empty() {
        return true;
    }
    let folder = file.parent().unwrap_or(root);
    match (folder.join(path).canonicalize(), root.canonicalize()) {
        (Ok(found), Ok(root)) => found.starts_with(root),
        _ => false,
    }
}

fn readme(text: Option<String>) -> Vec<String> {
    let Some(text) = text else { return vec!["README.md is absent".to_owned()] };
    let absent = README_COMMANDS.iter().filter(|command| !text.contains(**command));
    absent.map(|command| format!("README.md does not show `{command}`")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_lead_nowhere_are_named_with_their_line() {
        let text = "[a](here.md)\n\n[b](gone.md)\n```\n[c](gone.md)\n```\n";
        let found = markdown_problems(text, |target| target == "here.md");
        assert_eq!(found, ["line 3: the link to `gone.md` leads nowhere"]);
    }

    #[test]
    fn links_resolve_to_files_of_the_repository_or_to_the_web() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let file = root.join("src/main.rs");
        let leads = |target: &str| resolves(root, &file, target);
        assert!(leads("tidy.rs"));
        assert!(leads("../Cargo.toml#L3"));
        assert!(leads("https://example.org/x"));
        assert!(leads("#a-heading"));
        assert!(!leads("no-such-file.md"));
        assert!(!leads("../.."), "outside the root");
    }

    #[test]
    fn paths_of_one_machine_are_found_in_code_blocks_too() {
        let found = |text: &str| markdown_problems(text, |_| true).len();
        assert_eq!(found(concat!("```\n$ run /ho", "me/anna/x\n```\n")), 1);
        assert_eq!(found(concat!("see `/op", "t/x`")), 1);
        assert_eq!(found("docs/home/page and ~/tmp/x and ../var/y"), 0);
        assert_eq!(found("see ../shared/data"), 0);
    }

    #[test]
    fn the_readme_shows_both_commands() {
        let both = README_COMMANDS.join("\n");
        assert_eq!(readme(Some(both)), Vec::<String>::new());
        let found = readme(Some(README_COMMANDS[0].to_owned()));
        assert_eq!(found, ["README.md does not show `cargo xtask test-all`"]);
        assert_eq!(readme(None), ["README.md is absent"]);
    }
}
