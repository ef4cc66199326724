//! A folder with stores and files in it, and the program run there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use redb::{Database, ReadableTable, TableDefinition};
use serde_json::Value;
use tempfile::TempDir;

/// The table of entries: profile (32), writer (16), number (8) -> canonical bytes.
const ENTRIES: TableDefinition<'_, &[u8; 56], &[u8]> = TableDefinition::new("entries");

/// A folder of its own for one test.
pub(crate) struct World(TempDir);

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl World {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A world with the store `guild.gsync` of Oakhand.
    pub(crate) fn with_store() -> Self {
        let world = Self::new();
        world.ok("init --as Oakhand");
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Copies a store and its key.
    pub(crate) fn copy(&self, from: &str, to: &str) {
        for ending in ["", ".key"] {
            let name = |name: &str| self.path(&format!("{name}{ending}"));
            fs::copy(name(from), name(to)).unwrap();
        }
    }

    /// The names of all files here, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let names = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            names.map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn run_with(&self, args: &[&str], env: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_guildsync"));
        command.current_dir(self.0.path()).args(args);
        let ranks = ["GUILDSYNC_OFFICERS", "GUILDSYNC_LEADERS"];
        for name in ["GUILDSYNC_STORE", "GUILDSYNC_LOG", "RUST_LOG"].into_iter().chain(ranks) {
            command.env_remove(name);
        }
        let output = command.envs(env.iter().copied()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    pub(crate) fn args(&self, args: &[&str]) -> Ran {
        self.run_with(args, &[])
    }

    /// Runs a line, split at blanks; `_` stands for a blank inside an argument.
    pub(crate) fn run(&self, line: &str) -> Ran {
        let args: Vec<String> = line.split_whitespace().map(|arg| arg.replace('_', " ")).collect();
        self.args(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Runs a line that has to work, and returns what it prints.
    #[track_caller]
    pub(crate) fn ok(&self, line: &str) -> String {
        let ran = self.run(line);
        assert_eq!(ran.code, 0, "{line}: {ran:?}");
        ran.out
    }

    /// Runs a line that has to work with `--json`.
    #[track_caller]
    pub(crate) fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.ok(&format!("{line} --json"))).unwrap()
    }

    /// Runs a line that has to be refused with `code`, saying all of `said`, and that changes nothing
    /// in this folder.
    #[track_caller]
    pub(crate) fn refused(&self, line: &str, code: i32, said: &[&str]) {
        let before = self.snapshot();
        let ran = self.run(line);
        assert_eq!(ran.code, code, "{line}: {ran:?}");
        assert!(ran.err.contains("error: "), "{line}: {ran:?}");
        for part in said {
            assert!(ran.err.contains(part), "{line}: {part:?} is not in {:?}", ran.err);
        }
        assert!(before == self.snapshot(), "{line} changed something");
    }

    /// Every file here with its bytes.
    pub(crate) fn snapshot(&self) -> Vec<(String, Vec<u8>)> {
        self.files().into_iter().map(|name| (name.clone(), self.bytes(&name))).collect()
    }

    #[track_caller]
    pub(crate) fn state(&self, store: &str) -> String {
        let standings = self.json(&format!("--store {store} standings"));
        standings["state_hash"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn writer(&self, store: &str) -> String {
        let list = self.json(&format!("--store {store} profile list"));
        list["writer"].as_str().unwrap().to_owned()
    }

    /// (member, total as text) of a profile, highest first.
    #[track_caller]
    pub(crate) fn standings(&self, store: &str, profile: &str) -> Vec<(String, String)> {
        let shown = self.json(&format!("--store {store} standings --profile {profile}"));
        let pair = |place: &Value| {
            (place["member"].as_str().unwrap().to_owned(), place["total"].to_string())
        };
        shown["standings"].as_array().unwrap().iter().map(pair).collect()
    }

    /// How many entries each profile has.
    pub(crate) fn entries(&self, store: &str) -> Vec<(String, u64)> {
        let list = self.json(&format!("--store {store} profile list"));
        let pair = |row: &Value| {
            (row["profile"].as_str().unwrap().to_owned(), row["entries"].as_u64().unwrap())
        };
        list["profiles"].as_array().unwrap().iter().map(pair).collect()
    }

    /// Deletes entry `seq` of `writer` from the file, as a failing disk might.
    pub(crate) fn lose_entry(&self, store: &str, writer: &str, seq: u64) {
        let db = Database::open(self.path(store)).unwrap();
        let txn = db.begin_write().unwrap();
        {
            let mut entries = txn.open_table(ENTRIES).unwrap();
            let is_it = |key: &[u8; 56]| {
                let hex: String = key[32..48].iter().map(|byte| format!("{byte:02x}")).collect();
                hex == writer && key[48..] == seq.to_be_bytes()
            };
            let mut keys = entries.iter().unwrap().map(|row| *row.unwrap().0.value());
            let key = keys.find(|key| is_it(key)).unwrap();
            drop(keys);
            assert!(entries.remove(&key).unwrap().is_some());
        }
        txn.commit().unwrap();
    }
}

/// CEPGP traffic of these rows, each as Lua text without its braces.
pub(crate) fn traffic(rows: &[String]) -> String {
    let rows: String = rows.iter().map(|row| format!("\t\t{{ {row}, }},\n")).collect();
    format!("\nCEPGP = {{\n\t[\"Traffic\"] = {{\n{rows}\t}},\n}}\n")
}

/// A made-up history of `n` rows, several a second, with raid-wide rows and decay that list nobody.
pub(crate) fn history(n: usize) -> Vec<String> {
    const MEMBERS: [&str; 5] = ["Brindle", "Thorn", "Ærøskjøl", "Wick", "Moss"];
    let mut totals = [[0i64; 2]; MEMBERS.len()];
    let mut rows = Vec::new();
    for i in 0..n {
        let second = 1_630_000_000 + (i as u64 / 3) * 60;
        if i % 11 == 7 {
            totals.iter_mut().for_each(|total| total[0] += 5);
            rows.push(format!(
                r#""Raid", "Oakhand", "Add Raid EP 5 - Boss {i}", "", "", "", "", "", {second}"#
            ));
            continue;
        }
        let who = i * 7 % MEMBERS.len();
        let before = totals[who];
        totals[who][i % 2] += (i as i64 * 13) % 40 - 8;
        let after = totals[who];
        let officer = if i % 4 == 0 { "Anna" } else { "Oakhand" };
        rows.push(format!(
            r#""{}", "{officer}", "Add points ({i})", {}, {}, {}, {}, "", {second}"#,
            MEMBERS[who], before[0], after[0], before[1], after[1]
        ));
    }
    rows
}

/// Real input that may be beside the repository.
pub(crate) fn optional(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    let text = fs::read_to_string(path).ok();
    if text.is_none() {
        println!("skip: optional data {name} is absent");
    }
    text
}
