//! Chores that are programs of their own: `cargo xtask sizes`, `cargo xtask tables` and `cargo xtask sheets`
//! (guildsync-bench: how many bytes an entry takes, what syncing guild tables costs, and what assignment
//! sheets cost), and `cargo xtask sim` (guildsync-sim: campaigns over seeds).
//!
//! A program is built with optimisation and gets all arguments as they are. It runs in the folder where
//! the command was given, so that the names of files mean what they mean there; its output goes to the
//! terminal or the pipe untouched.

use std::path::Path;
use std::process::Command;

use crate::process;

/// A program of the workspace.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program {
    package: &'static str,
    bin: &'static str,
    features: &'static str,
}

/// Sizes of the wire beside those of rivals.
pub(crate) const SIZES: Program =
    Program { package: "guildsync-bench", bin: "sizes", features: "" };
/// What syncing guild tables costs.
pub(crate) const TABLES: Program =
    Program { package: "guildsync-bench", bin: "tables", features: "" };
/// What assignment sheets cost.
pub(crate) const SHEETS: Program =
    Program { package: "guildsync-bench", bin: "sheets", features: "" };
/// The simulator, with the switch for deliberate bugs built in.
pub(crate) const SIM: Program =
    Program { package: "guildsync-sim", bin: "guildsync-sim", features: "bugs" };

impl Program {
    /// Runs the program; false if it ended badly, its own message saying why.
    pub(crate) fn run(self, root: &Path, args: &[&str]) -> bool {
        match process::run_visibly(self.command(root, args)) {
            Ok(()) => true,
            Err(problem) => {
                eprintln!("error: {problem}");
                false
            }
        }
    }

    fn command(self, root: &Path, args: &[&str]) -> Command {
        let mut command = process::cargo(root);
        // A path that begins here stays one: only cargo is told where the workspace is.
        command.current_dir(".").args(["run", "--release", "-q", "--manifest-path"]);
        command.arg(root.join("Cargo.toml")).args(["-p", self.package, "--bin", self.bin]);
        if !self.features.is_empty() {
            command.args(["--features", self.features]);
        }
        command.arg("--").args(args);
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_go_to_the_program_behind_cargos_own() {
        let command = SIZES.command(Path::new("w"), &["--json", "--corpus", "a file.psv"]);
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
        let at = args.iter().position(|arg| arg == "--").unwrap();
        assert_eq!(args[at + 1..], ["--json", "--corpus", "a file.psv"]);
        assert!(args[..at].contains(&"guildsync-bench".into()));
        assert_eq!(command.get_current_dir(), Some(Path::new(".")));
    }
}
