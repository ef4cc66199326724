//! What cargo knows about the workspace: its crates, what they use, where things are built.
//!
//! Everything is read from `cargo metadata`, cargo's own JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde_json::Value;

use crate::process;

/// The workspace as cargo sees it.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo builds, with `CARGO_TARGET_DIR` taken into account.
    pub(crate) target: PathBuf,
    /// The crates by name.
    pub(crate) crates: BTreeMap<String, Crate>,
}

/// One crate of the workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Crate {
    /// The name of the folder that the crate is in.
    pub(crate) folder: String,
    /// The workspace crates that it depends on normally or in its build script, not in tests alone.
    pub(crate) uses: BTreeSet<String>,
    /// The names of its programs.
    pub(crate) bins: Vec<String>,
}

impl Workspace {
    /// Asks cargo.
    ///
    /// # Errors
    /// If cargo cannot read the workspace; its own message says why.
    pub(crate) fn load() -> anyhow::Result<Self> {
        let here = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = here.parent().context("xtask is not inside a workspace")?.to_owned();
        let mut command = process::cargo(&root);
        command.args(["metadata", "--format-version", "1", "--no-deps"]);
        let output = command.output().context("cargo did not start")?;
        anyhow::ensure!(
            output.status.success(),
            "cargo metadata failed:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Self::read(&serde_json::from_slice(&output.stdout)?)
    }

    /// Reads the output of `cargo metadata --no-deps`.
    ///
    /// # Errors
    /// If a field that cargo always writes is not there.
    pub(crate) fn read(metadata: &Value) -> anyhow::Result<Self> {
        let packages = metadata["packages"].as_array().context("metadata without packages")?;
        let names: BTreeSet<&str> = packages.iter().filter_map(|p| p["name"].as_str()).collect();
        let mut crates = BTreeMap::new();
        for package in packages {
            let name = text(package, "name")?;
            let manifest = Path::new(text(package, "manifest_path")?);
            let folder = manifest.parent().and_then(Path::file_name).unwrap_or_default();
            crates.insert(
                name.to_owned(),
                Crate {
                    folder: folder.to_string_lossy().into_owned(),
                    uses: uses(package, &names),
                    bins: bins(package),
                },
            );
        }
        Ok(Self {
            root: text(metadata, "workspace_root")?.into(),
            target: text(metadata, "target_directory")?.into(),
            crates,
        })
    }
}

/// The names of the workspace crates in `package`'s dependency list. A crate from a registry that
/// happens to have such a name has no path.
fn uses(package: &Value, names: &BTreeSet<&str>) -> BTreeSet<String> {
    let dependencies = package["dependencies"].as_array().map_or(&[][..], Vec::as_slice);
    let counts = |d: &&Value| d["kind"].as_str() != Some("dev") && d["path"].is_string();
    let listed = dependencies.iter().filter(counts).filter_map(|d| d["name"].as_str());
    listed.filter(|name| names.contains(name)).map(str::to_owned).collect()
}

fn bins(package: &Value) -> Vec<String> {
    let targets = package["targets"].as_array().map_or(&[][..], Vec::as_slice);
    let is_bin = |target: &&Value| {
        target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "bin"))
    };
    let names = targets.iter().filter(is_bin).filter_map(|target| target["name"].as_str());
    names.map(str::to_owned).collect()
}

fn text<'a>(value: &'a Value, field: &str) -> anyhow::Result<&'a str> {
    value[field].as_str().with_context(|| format!("cargo metadata without `{field}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn normal_and_build_dependencies_inside_the_workspace_are_read() {
        let dependency = |name: &str, kind: Value, path: Value| json!({"name": name, "kind": kind, "path": path});
        let a = json!({
            "name": "a", "manifest_path": "/w/crates/a-folder/Cargo.toml",
            "targets": [{"name": "a", "kind": ["lib"]}, {"name": "tool", "kind": ["bin"]}],
            "dependencies": [
                dependency("b", Value::Null, json!("/w/crates/b")),
                dependency("c", json!("dev"), json!("/w/crates/c")),
                dependency("d", json!("build"), json!("/w/crates/d")),
                dependency("e", Value::Null, Value::Null),
                dependency("serde", Value::Null, Value::Null),
            ],
        });
        let plain = |name: &str| json!({"name": name, "manifest_path": format!("/w/crates/{name}/Cargo.toml")});
        let metadata = json!({
            "workspace_root": "/w", "target_directory": "/t",
            "packages": [a, plain("b"), plain("c"), plain("d"), plain("e")],
        });
        let workspace = Workspace::read(&metadata).unwrap();
        let expected = Crate {
            folder: "a-folder".to_owned(),
            uses: BTreeSet::from(["b".to_owned(), "d".to_owned()]),
            bins: vec!["tool".to_owned()],
        };
        assert_eq!(workspace.crates["a"], expected);
        assert_eq!(workspace.target, Path::new("/t"));
    }

    #[test]
    fn metadata_that_lacks_a_field_is_refused_by_name() {
        let error = Workspace::read(&json!({"packages": []})).unwrap_err();
        assert!(error.to_string().contains("workspace_root"), "{error}");
    }
}
