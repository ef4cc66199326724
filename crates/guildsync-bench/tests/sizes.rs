//! The program as it is run: a real worker process, real files, real JSON.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use guildsync_bench::codec::Codec;
use guildsync_bench::corpus::{loot, officers, read};
use guildsync_bench::measure::Bench;
use guildsync_bench::rivals::Form;
use guildsync_bench::worker::{Reply, Request, Worker};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sizes");

fn sizes(args: &[&str]) -> Output {
    Command::new(PROGRAM).args(args).output().expect("the program starts")
}

fn data(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skip: ../shared/data/{name} is absent");
    None
}

#[test]
fn another_process_gives_back_every_field_of_every_codec() {
    for corpus in [loot::correlated(3, 240), officers::officers(3, 240)] {
        let mut bench = Bench::start(Path::new(PROGRAM), |_| {}).unwrap();
        let mut hashes = Vec::new();
        for codec in Codec::all(Form::of(&corpus.rows)) {
            let line = bench.size(&corpus, codec, 40, 3).unwrap().unwrap();
            assert!(line.bytes_per_entry > 0.1 && line.frames >= 1.0, "{line:?}");
            hashes.push(line.hash);
        }
        assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{hashes:?}");
    }
}

#[test]
fn the_worker_tells_why_it_cannot_and_goes_on() {
    let corpus = loot::independent(3, 20);
    let mut worker = Worker::start(Path::new(PROGRAM)).unwrap();
    let profile = corpus.profile.clone();
    let request =
        |codec, bytes| Request::Rows { codec, bytes, profile: profile.clone(), base: vec![] };
    let error = worker.ask(&request(Codec::Small, vec![0xff, 1])).unwrap_err().to_string();
    assert!(error.contains("the decoding process could not"), "{error}");
    let bytes = Codec::Small.encode(&profile, &corpus.rows, &[]).unwrap();
    let reply = worker.ask(&request(Codec::Small, bytes)).unwrap();
    assert_eq!(reply, Reply::Rows(profile.clone(), corpus.rows));
}

#[test]
fn json_is_an_array_of_objects_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tiny.psv");
    let line = |id: i64| {
        format!("{id}|{}|Oakhand-X|Brindle-X|5|{}|On time|Team\n", 1_700_000_000 + id, id * 5)
    };
    std::fs::write(&file, (1..=60).map(line).collect::<String>()).unwrap();
    let output = sizes(&["--json", "--corpus", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let lines = json.as_array().unwrap();
    for line in lines {
        assert_eq!(line["corpus"], "tiny");
        assert!(line["mode"].is_string() && line["n"].is_u64());
        assert!(line["bytes_per_entry"].as_f64().unwrap() > 0.0);
        assert!(line["frames"].as_f64().unwrap() >= 1.0);
    }
    for mode in
        ["fast", "small", "history", "postcard", "bitcode", "bitcode+brotli", "postcard+zstd"]
    {
        assert!(lines.iter().any(|line| line["mode"] == mode && line["n"] == 5), "{mode}");
    }
}

#[test]
fn a_file_that_is_no_corpus_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("odd.psv");
    std::fs::write(&file, "1|2|3\n").unwrap();
    let output = sizes(&["--corpus", file.to_str().unwrap()]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        !output.status.success() && told.contains("odd.psv") && told.contains("line 1"),
        "{told}"
    );
}

#[test]
fn the_measured_files_hold_what_the_method_says() {
    for (name, rows) in [
        ("loot-independent.psv", 20_000),
        ("loot-correlated.psv", 20_000),
        ("cepgp_wrath_traffic.lua", 2614),
    ] {
        let Some(path) = data(name) else { continue };
        let read::Content::Log(corpus) = read::file(&path).unwrap() else {
            panic!("{name} is a log")
        };
        assert_eq!(corpus.rows.len(), rows, "{name}");
        assert!(corpus.rows.is_sorted_by_key(|row| (row.seconds, row.seq)), "{name}");
    }
    let Some(path) = data("guild-tables.json") else { return };
    let read::Content::Tables(tables) = read::file(&path).unwrap() else { panic!("tables") };
    assert_eq!(tables.len(), 700);
}
