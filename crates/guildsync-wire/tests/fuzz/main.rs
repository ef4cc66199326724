//! A short run of every fuzz target on stable Rust, the same bytes each time.
//!
//! `GUILDSYNC_FUZZ_EXECUTIONS` says how many inputs each target gets (3,000, the three with models a
//! quarter of it), `GUILDSYNC_FUZZ_SEED` where the generator begins. Inputs are samples and golden vectors, mutated. A longer run:
//! `GUILDSYNC_FUZZ_EXECUTIONS=10000000 cargo test --release -p guildsync-wire --test fuzz -- --nocapture`.

#[path = "../../fuzz/src/entry.rs"]
#[expect(unreachable_pub, reason = "the cargo-fuzz targets use it from another crate")]
mod entry;
mod mutate;
mod seeds;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use mutate::Mutator;

const EXECUTIONS: u64 = 3000;
/// Each execution sets up a model of many contexts: a hundred times what the others take.
const WITH_A_MODEL: [&str; 3] = ["rows", "records", "stream"];

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

/// Runs one target; a panic in it is told with the input that caused it, a long run's progress
/// every million executions.
#[expect(
    clippy::disallowed_methods,
    reason = "the speed is told, so that long runs can be planned"
)]
fn run(name: &str) {
    let (place, (_, target)) =
        (0..).zip(entry::ALL).find(|(_, (found, _))| *found == name).expect("a target");
    let default = if WITH_A_MODEL.contains(&name) { EXECUTIONS / 4 } else { EXECUTIONS };
    let executions = setting("GUILDSYNC_FUZZ_EXECUTIONS", default);
    let mut mutator = Mutator::new(setting("GUILDSYNC_FUZZ_SEED", 1) << 8 | place, seeds::of(name));
    let (start, mut taken) = (Instant::now(), 0);
    for execution in 0..executions {
        let input = mutator.next(execution);
        match catch_unwind(AssertUnwindSafe(|| target(input))) {
            Ok(took) => taken += u64::from(took),
            Err(_) => panic!("{name}: execution {execution}, input {}", seeds::hex(input)),
        }
        if (execution + 1) % 1_000_000 == 0 {
            println!("{name}: {} M executions", (execution + 1) / 1_000_000);
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let percent = 100.0 * taken as f64 / executions as f64;
    println!(
        "{name}: {executions} executions, {percent:.1} % taken, {:.0}/s",
        executions as f64 / seconds
    );
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            run(stringify!($name));
        })*

        #[test]
        fn no_target_is_left_out() {
            let names: Vec<&str> = entry::ALL.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
            for name in names {
                assert!(folder.join(name).with_extension("rs").exists(), "{name} has no cargo-fuzz target");
            }
        }
    };
}

targets! {
    rows records stream frame frame_request reassembler acecomm alphabet_no_nul alphabet_printable offer
    refusal pipe ids fixed colon dialect_chunk names payload_compact payload_json payload_lua
    lua_file deflate huffman text lines bits
}

#[test]
fn every_target_takes_at_least_one_of_its_seeds() {
    for (name, target) in entry::ALL {
        assert!(seeds::of(name).iter().any(|seed| target(seed)), "{name}");
    }
}

/// What cargo-fuzz can begin with: `GUILDSYNC_FUZZ_CORPUS=fuzz/corpus` names its folder.
#[test]
fn seeds_go_to_a_folder_where_one_is_named() {
    let Some(folder) = std::env::var_os("GUILDSYNC_FUZZ_CORPUS") else { return };
    for (name, _) in entry::ALL {
        let folder = std::path::Path::new(&folder).join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        for (number, seed) in seeds::of(name).iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number}")), seed).expect("a file");
        }
    }
}
