//! The step `crate graph`: which crate may use which, as `docs/architecture.md` promises.
//!
//! [`MAY_USE`] is the whole rule. Only normal (and build) dependencies count: tests may use more.
//! The protocol crates must further have, in their whole tree, nothing that does IO, keeps time or
//! makes randomness; that tree comes from `cargo tree`, asked about each crate alone, because in a
//! resolution of the whole workspace the features of other crates would leak into it.

use std::fmt::Write as _;

use crate::process;
use crate::report::Outcome;
use crate::workspace::Workspace;

/// Every crate of the workspace and the workspace crates that it may use at most.
const MAY_USE: &[(&str, &[&str])] = &[
    ("guildsync-types", &[]),
    ("guildsync-wire", &["guildsync-types"]),
    ("guildsync-log", &["guildsync-types", "guildsync-wire"]),
    ("guildsync-leader", &["guildsync-types", "guildsync-wire", "guildsync-log"]),
    ("guildsync-tables", &["guildsync-types", "guildsync-wire"]),
    ("guildsync-sections", &["guildsync-types", "guildsync-wire"]),
    ("guildsync-transport", &["guildsync-types", "guildsync-wire"]),
    (
        "guildsync-files",
        &[
            "guildsync-types",
            "guildsync-wire",
            "guildsync-log",
            "guildsync-tables",
            "guildsync-sections",
        ],
    ),
    (
        "guildsync-store",
        &[
            "guildsync-types",
            "guildsync-wire",
            "guildsync-log",
            "guildsync-tables",
            "guildsync-sections",
        ],
    ),
    (
        "guildsync",
        &[
            "guildsync-types",
            "guildsync-wire",
            "guildsync-log",
            "guildsync-leader",
            "guildsync-tables",
            "guildsync-sections",
            "guildsync-transport",
            "guildsync-store",
        ],
    ),
    ("guildsync-golden", &[]),
    ("guildsync-sim", &["guildsync"]),
    ("guildsync-cli", &["guildsync", "guildsync-files", "guildsync-sim"]),
    (
        "guildsync-bench",
        &["guildsync", "guildsync-wire", "guildsync-log", "guildsync-files", "guildsync-sim"],
    ),
    ("xtask", &[]),
];

/// Deciding is pure: these crates see no IO, clock, thread or randomness.
pub(crate) const PROTOCOL: &[&str] = &[
    "guildsync-types",
    "guildsync-wire",
    "guildsync-log",
    "guildsync-leader",
    "guildsync-tables",
    "guildsync-sections",
];

/// What must not be anywhere below a protocol crate.
const IMPURE: &[&str] = &["tokio", "mio", "socket2", "redb", "getrandom", "rand", "fastrand"];

/// Whether the design has a crate of this name, built already or planned.
pub(crate) fn is_known(name: &str) -> bool {
    MAY_USE.iter().any(|(known, _)| *known == name)
}

/// Runs the step.
pub(crate) fn check(workspace: &Workspace) -> Outcome {
    let mut problems = violations(workspace);
    for name in PROTOCOL.iter().filter(|name| workspace.crates.contains_key(**name)) {
        match tree(workspace, name) {
            Ok(tree) => problems.extend(impurities(name, &tree)),
            Err(error) => problems.push(format!("{error:#}")),
        }
    }
    println!("{} crates, {} edges", workspace.crates.len(), edges(workspace));
    Outcome::of(problems)
}

/// The crates and what each uses, for people.
pub(crate) fn draw(workspace: &Workspace) -> String {
    let mut text = String::new();
    for (name, _) in MAY_USE {
        let Some(krate) = workspace.crates.get(*name) else { continue };
        let uses: Vec<&str> = krate.uses.iter().map(String::as_str).collect();
        let uses = if uses.is_empty() { "-".to_owned() } else { uses.join(", ") };
        _ = writeln!(text, "{name:20} {uses}");
    }
    for name in workspace.crates.keys().filter(|name| !is_known(name)) {
        _ = writeln!(text, "{name:20} (not in xtask's table)");
    }
    text
}

fn edges(workspace: &Workspace) -> usize {
    workspace.crates.values().map(|krate| krate.uses.len()).sum()
}

/// Every edge that the table does not allow, and every crate that it does not know.
fn violations(workspace: &Workspace) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, krate) in &workspace.crates {
        if krate.folder != *name {
            problems.push(format!("crate {name} is in folder {}: name it so", krate.folder));
        }
        let Some((_, allowed)) = MAY_USE.iter().find(|(known, _)| known == name) else {
            problems.push(format!(
                "crate {name} is unknown: add it, and what it may use, to MAY_USE in \
                 xtask/src/graph.rs"
            ));
            continue;
        };
        for used in krate.uses.iter().filter(|used| !allowed.contains(&used.as_str())) {
            let allowed = if allowed.is_empty() { "no crate".into() } else { allowed.join(", ") };
            problems.push(format!("{name} uses {used}, but may use only: {allowed}"));
        }
    }
    problems
}

/// The lines of the normal dependency tree of one crate, on every platform.
fn tree(workspace: &Workspace, name: &str) -> anyhow::Result<String> {
    let mut command = process::cargo(&workspace.root);
    command.args(["tree", "--package", name, "--edges", "normal", "--target", "all"]);
    command.args(["--prefix", "none", "--format", "{p}"]);
    let mut text = String::new();
    let code = process::stream(command, |line| {
        text.push_str(line);
        text.push('\n');
    })?;
    anyhow::ensure!(code == Some(0), "cargo tree --package {name} failed: {}", text.trim());
    Ok(text)
}

/// What of `tree` a protocol crate must not contain.
fn impurities(name: &str, tree: &str) -> Vec<String> {
    let found =
        |impure: &&&str| tree.lines().any(|line| line.split_whitespace().next() == Some(**impure));
    let sentence = |impure: &&str| {
        format!(
            "{name} is a protocol crate, yet {impure} is in its tree; \
             `cargo tree --package {name} --edges normal --target all --invert {impure}` shows why"
        )
    };
    IMPURE.iter().filter(found).map(sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn workspace(crates: &[(&str, &[&str])]) -> Workspace {
        let path = |name: &str| format!("/w/crates/{name}");
        let package = |(name, uses): &(&str, &[&str])| {
            let used: Vec<Value> =
                uses.iter().map(|used| json!({"name": used, "path": path(used)})).collect();
            let manifest = format!("{}/Cargo.toml", path(name));
            json!({"name": name, "manifest_path": manifest, "dependencies": used})
        };
        let packages: Vec<Value> = crates.iter().map(package).collect();
        let metadata =
            json!({"packages": packages, "workspace_root": "/w", "target_directory": "/t"});
        Workspace::read(&metadata).unwrap()
    }

    #[test]
    fn what_the_table_allows_passes() {
        let crates: &[(&str, &[&str])] = &[
            ("guildsync-types", &[]),
            ("guildsync-wire", &["guildsync-types"]),
            ("guildsync-log", &["guildsync-wire", "guildsync-types"]),
            ("guildsync-leader", &["guildsync-log"]),
            ("xtask", &[]),
        ];
        assert_eq!(violations(&workspace(crates)), Vec::<String>::new());
    }

    #[test]
    fn siblings_that_see_each_other_are_named() {
        let crates: &[(&str, &[&str])] =
            &[("guildsync-leader", &["guildsync-tables"]), ("guildsync-tables", &[])];
        let found = violations(&workspace(crates));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("guildsync-leader uses guildsync-tables, but"), "{found:?}");
    }

    #[test]
    fn wire_knows_no_entry() {
        let crates: &[(&str, &[&str])] =
            &[("guildsync-wire", &["guildsync-log"]), ("guildsync-log", &[])];
        assert_eq!(violations(&workspace(crates)).len(), 1);
    }

    #[test]
    fn an_unknown_crate_and_a_wrong_folder_are_told() {
        let mut workspace = workspace(&[("guildsync-extra", &[]), ("guildsync-log", &[])]);
        workspace.crates.get_mut("guildsync-log").unwrap().folder = "log".to_owned();
        let found = violations(&workspace);
        assert!(found[0].contains("guildsync-extra is unknown: add it"), "{found:?}");
        assert_eq!(found[1], "crate guildsync-log is in folder log: name it so");
        assert!(draw(&workspace).contains("guildsync-extra      (not in xtask's table)"));
    }

    #[test]
    fn the_table_has_no_circle() {
        let place = |name: &str| MAY_USE.iter().position(|(known, _)| *known == name).unwrap();
        for (index, (name, allowed)) in MAY_USE.iter().enumerate() {
            for used in *allowed {
                assert!(place(used) < index, "{name} may use {used}, which comes later");
            }
        }
    }

    #[test]
    fn impure_crates_are_found_by_whole_name() {
        let pure = "guildsync-log v0.1.0 (/w/crates/guildsync-log)\nrand_core v0.10.0\n";
        assert_eq!(impurities("guildsync-log", pure), Vec::<String>::new());
        let impure = "guildsync-log v0.1.0 (/w)\nblake3 v1.8.7\ngetrandom v0.4.3 (*)\n";
        let found = impurities("guildsync-log", impure);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("yet getrandom is in its tree"), "{found:?}");
    }
}
