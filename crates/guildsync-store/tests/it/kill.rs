//! kill -9: 200 times, a process that awards is killed before, inside and after a commit.
//!
//! The child is this test program again, running [`child`] alone. It awards until the planned point,
//! says so and waits to be killed; the parent remembers everything that was acknowledged, or was
//! there after an earlier kill, and looks for it.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Read, Write};
use std::ops::Bound;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use guildsync_store::{Store, key_path, read, verify};
use guildsync_tables::TableKind;
use guildsync_types::{Hash, SecretKey};
use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};

use crate::support::{active, award, commit_all, hashes, says, set, write_sheet};

const PLAN: &str = "GUILDSYNC_KILL_PLAN";
const N_CYCLES: u64 = 200;
const KINDS: [&str; 3] = ["before", "inside", "after"];

#[test]
fn no_acknowledged_award_is_lost_and_no_number_issued_twice_in_200_kills() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guild.gsync");
    let opened = Store::create(&path, Some([7; 32])).unwrap();
    let (me, profile) = (opened.store.key().writer(), opened.profiles.active_id());
    drop(opened);
    let mut known: BTreeMap<u64, Hash> = BTreeMap::new();
    let (mut counts, mut inside, mut n_acked) = (BTreeMap::new(), BTreeMap::new(), 0);
    let mut n_more = 0;
    for cycle in 0..N_CYCLES {
        let (acked, at) = run_and_kill(&path, cycle);
        let (kind, detail) = at.split_once(' ').unwrap_or((&at, ""));
        *counts.entry(kind.to_owned()).or_insert(0) += 1;
        if kind == "inside" {
            *inside.entry(detail.to_owned()).or_insert(0) += 1;
        }
        n_acked += acked.len();
        for (seq, hash) in acked {
            assert_eq!(*known.entry(seq).or_insert(hash), hash, "cycle {cycle}: {seq} twice");
        }
        let before = std::fs::read(&path).unwrap();
        let report = verify(&path).unwrap();
        assert!(report.damage.is_empty(), "cycle {cycle}: {:?}", report.damage);
        let loaded = read(&path).unwrap();
        let (profiles, tables, shelf) = (loaded.profiles, loaded.tables, loaded.shelf);
        assert_eq!(std::fs::read(&path).unwrap(), before, "cycle {cycle}: a reader wrote");
        let held = hashes(&profiles, &profile, me);
        assert!(held.len() as u64 >= known.len() as u64, "cycle {cycle}: an award is lost");
        for (seq, &hash) in (1..).zip(&held) {
            let new = !known.contains_key(&seq);
            n_more += u64::from(new);
            assert_eq!(*known.entry(seq).or_insert(hash), hash, "cycle {cycle}: {seq} twice");
        }
        assert_eq!(known.keys().next_back().copied().unwrap_or(0), held.len() as u64);
        // With every award a record and a version of a sheet were written, in the same commit.
        let ids: Vec<String> = tables.iter().map(|record| record.id().to_string()).collect();
        let awards: Vec<String> = (1..=held.len()).map(|seq| format!("{seq:06}")).collect();
        assert_eq!(ids, awards, "cycle {cycle}: a record is lost, or came without its award");
        let version = shelf.iter().next().map(says);
        let newest = (!held.is_empty()).then(|| format!("Version {}", held.len()));
        assert_eq!(version, newest, "cycle {cycle}: the sheet is not of the newest award");
    }
    eprintln!(
        "{N_CYCLES} kills: {counts:?}, inside the commit before its call {inside:?}; \
         {n_acked} awards acknowledged, {n_more} more were durable when their process died"
    );
    for kind in KINDS {
        assert!(counts[kind] >= 20, "{kind}: {}", counts[kind]);
    }
    assert!(inside.len() >= 3, "the kills inside a commit hit different calls");
    // What was killed can be opened for writing, and goes on.
    let mut opened = Store::open(&path).unwrap();
    let key = opened.store.key().clone();
    assert_eq!(award(active(&mut opened.profiles), &key, 1).first, known.len() as u64 + 1);
    opened.store.commit(&opened.profiles).unwrap();
}

/// Runs one child until it is at its point, and kills it there.
fn run_and_kill(path: &Path, cycle: u64) -> (Vec<(u64, Hash)>, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "kill::child", "--nocapture", "--test-threads=1"]);
    command.env(PLAN, format!("{cycle} {}", path.display()));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = Killed(command.spawn().unwrap());
    let mut acked = Vec::new();
    for line in BufReader::new(child.0.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(at) = line.strip_prefix("> at ") {
            return (acked, at.to_owned());
        }
        if let Some((seq, hash)) = line.strip_prefix("> ack ").and_then(|l| l.split_once(' ')) {
            acked.push((seq.parse().unwrap(), hash.parse().unwrap()));
        }
    }
    panic!("cycle {cycle}: the child ended before its point");
}

/// A child that does not outlive its test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Not a test by itself: what the killed process does.
#[test]
fn child() {
    let Ok(plan) = std::env::var(PLAN) else { return };
    let (cycle, path) = plan.split_once(' ').unwrap();
    let cycle: u64 = cycle.parse().unwrap();
    let kind = KINDS[(cycle % 3) as usize];
    let path = Path::new(path);
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let calls_left = Arc::new(AtomicI64::new(i64::MAX));
    let file = FileBackend::new(file).unwrap();
    let backend = Stopping { file, calls_left: calls_left.clone() };
    let seed = std::fs::read(key_path(path)).unwrap().try_into().unwrap();
    let key = SecretKey::from_seed(&seed);
    let mut opened = Store::open_with_backend(backend, key.clone()).unwrap();
    let n_awards = 1 + cycle / 3 % 5;
    let mut n_calls = 8;
    for n in 1.. {
        let log = active(&mut opened.profiles);
        let segment = award(log, &key, cycle * 100 + n);
        set(&mut opened.tables, TableKind::News, &format!("{:06}", segment.first), n);
        write_sheet(&mut opened.shelf, "Gate of Ash", segment.first);
        let last = n >= n_awards;
        if last && kind == "before" {
            stop("before");
        }
        let allowed = match last && kind == "inside" {
            // The first commits of this process show how many calls one makes.
            true => (cycle / 3) as i64 % n_calls,
            false => i64::MAX,
        };
        calls_left.store(allowed, Ordering::SeqCst);
        commit_all(&mut opened).unwrap();
        if !last {
            n_calls = (i64::MAX - calls_left.load(Ordering::SeqCst)).max(1);
        }
        calls_left.store(i64::MAX, Ordering::SeqCst);
        if last && kind == "after" {
            stop("after");
        }
        say(&format!("ack {} {}", segment.first, segment.seal.head));
    }
}

/// Says where the process is, and waits to be killed there.
fn stop(at: &str) {
    say(&format!("at {at}"));
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    panic!("nobody killed this process");
}

fn say(line: &str) {
    // The test harness leaves the cursor behind the test's name.
    let mut out = std::io::stdout().lock();
    write!(out, "\n> {line}\n").unwrap();
    out.flush().unwrap();
}

/// A file that stops the process before its `calls_left`th call from now.
#[derive(Debug)]
struct Stopping {
    file: FileBackend,
    calls_left: Arc<AtomicI64>,
}

impl Stopping {
    fn count(&self, call: &str) {
        if self.calls_left.fetch_sub(1, Ordering::SeqCst) == 0 {
            stop(&format!("inside {call}"));
        }
    }
}

impl StorageBackend for Stopping {
    fn len(&self) -> std::io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> std::io::Result<()> {
        self.count("set_len");
        self.file.set_len(len)
    }

    fn sync_data(&self) -> std::io::Result<()> {
        self.count("sync");
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> std::io::Result<()> {
        let header = if offset == 0 { "write of the header" } else { "write" };
        self.count(header);
        self.file.write(offset, data)
    }

    fn close(&self) -> std::io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }
}
