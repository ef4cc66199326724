//! `cargo xtask sizes`: how many bytes an entry takes, measured by the program of `guildsync-bench`.
//!
//! The program is built with optimisation, since some of the rivals are slow without, and gets all
//! arguments as they are. It runs in the folder where the command was given, so that the names of
//! files mean what they mean there; its output goes to the terminal or the pipe untouched.

use std::path::Path;
use std::process::Command;

use crate::process;

/// Runs the program; false if it ended badly, its own message saying why.
pub(crate) fn run(root: &Path, args: &[&str]) -> bool {
    match process::run_visibly(command(root, args)) {
        Ok(()) => true,
        Err(problem) => {
            eprintln!("error: {problem}");
            false
        }
    }
}

fn command(root: &Path, args: &[&str]) -> Command {
    let mut command = process::cargo(root);
    // A path that begins here stays one: only cargo is told where the workspace is.
    command.current_dir(".").args(["run", "--release", "-q", "--manifest-path"]);
    command.arg(root.join("Cargo.toml")).args(["-p", "guildsync-bench", "--bin", "sizes", "--"]);
    command.args(args);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_go_to_the_program_behind_cargos_own() {
        let command = command(Path::new("w"), &["--json", "--corpus", "a file.psv"]);
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
        let at = args.iter().position(|arg| arg == "--").unwrap();
        assert_eq!(args[at + 1..], ["--json", "--corpus", "a file.psv"]);
        assert!(args[..at].contains(&"guildsync-bench".into()));
        assert_eq!(command.get_current_dir(), Some(Path::new(".")));
    }
}
