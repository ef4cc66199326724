//! The steps that are one cargo command each: format, clippy, docs.

use std::process::Stdio;

use crate::process;
use crate::report::Outcome;
use crate::workspace::Workspace;

/// Is every file formatted?
pub(crate) fn format(workspace: &Workspace) -> Outcome {
    if let Some(outcome) = absent(workspace, "fmt", "rustfmt") {
        return outcome;
    }
    run(workspace, &["fmt", "--all", "--check"], &[], "`cargo fmt --all` puts it right")
}

/// Does clippy, on every target of every crate, have nothing to say?
pub(crate) fn clippy(workspace: &Workspace) -> Outcome {
    if let Some(outcome) = absent(workspace, "clippy", "clippy") {
        return outcome;
    }
    let args = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    run(workspace, &args, &[], "every warning is an error here")
}

/// Do the docs build, with every link in them leading somewhere?
///
/// A program that is named like another crate's library (`guildsync` is both) would be written to
/// the same pages at the same time, so such a crate is documented first and on its own.
pub(crate) fn docs(workspace: &Workspace) -> Outcome {
    let clashing = namesakes(workspace);
    let env = [("RUSTDOCFLAGS", "-D warnings")];
    let advice = "broken links are errors here";
    let mut rest = vec!["doc", "--workspace", "--no-deps"];
    let mut problems = Vec::new();
    for name in &clashing {
        let args = ["doc", "--no-deps", "--package", name];
        problems.extend(run(workspace, &args, &env, advice).problems);
        rest.extend(["--exclude", name]);
    }
    problems.extend(run(workspace, &rest, &env, advice).problems);
    Outcome::of(problems)
}

/// The crates with a program that has the name of another crate.
fn namesakes(workspace: &Workspace) -> Vec<&str> {
    let crates = workspace.crates.iter();
    let clash = |name: &str, bin: &str| bin != name && workspace.crates.contains_key(bin);
    let found = crates.filter(|(name, krate)| krate.bins.iter().any(|bin| clash(name, bin)));
    found.map(|(name, _)| name.as_str()).collect()
}

fn run(workspace: &Workspace, args: &[&str], env: &[(&str, &str)], advice: &str) -> Outcome {
    let mut command = process::cargo(&workspace.root);
    command.args(args).envs(env.iter().copied());
    let problem = process::run_visibly(command).err();
    Outcome::of(problem.map(|problem| format!("{problem}: {advice}")).into_iter().collect())
}

/// The outcome of a step whose toolchain component is not installed.
fn absent(workspace: &Workspace, subcommand: &str, component: &str) -> Option<Outcome> {
    let mut command = process::cargo(&workspace.root);
    command.args([subcommand, "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    if command.status().is_ok_and(|status| status.success()) {
        return None;
    }
    let reason = format!("{component} is absent; `rustup component add {component}` installs it");
    Some(Outcome::not_run(reason, process::in_ci()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_program_named_like_another_crate_is_found() {
        let package = |name: &str, bin: &str| {
            let manifest = format!("/w/crates/{name}/Cargo.toml");
            let target = json!({"name": bin, "kind": ["bin"]});
            json!({"name": name, "manifest_path": manifest, "targets": [target]})
        };
        let packages = [package("a", "a"), package("a-cli", "a"), package("xtask", "xtask")];
        let metadata =
            json!({"packages": packages, "workspace_root": "/w", "target_directory": "/t"});
        assert_eq!(namesakes(&Workspace::read(&metadata).unwrap()), ["a-cli"]);
    }
}
