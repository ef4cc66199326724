//! Runs with tables: one seed is one run, all end as they should, and a session goes on wherever it is
//! interrupted.

use guildsync::transport::ChannelProfile;
use guildsync_sim::tables::campaign::{REQUIRED, campaign};
use guildsync_sim::tables::options::Options;
use guildsync_sim::tables::restarts::{Interruption, interrupted, smooth};
use guildsync_sim::tables::{Story, TableBase, run};

fn about(story: Story) -> TableBase {
    TableBase { story: Some(story), ..TableBase::default() }
}

#[test]
fn a_seed_gives_the_same_run_byte_for_byte() {
    for seed in [0, 3, 5] {
        let (first, records) = run(seed, &TableBase::default(), true);
        let (second, again) = run(seed, &TableBase::default(), true);
        assert_eq!((&first.hash, &first.summary), (&second.hash, &second.summary));
        assert_eq!(records, again);
        assert_eq!(run(seed, &TableBase::default(), false).0.hash, first.hash);
    }
}

#[test]
fn a_hundred_seeds_with_tables_end_as_they_should() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let found = campaign(0..100, &TableBase::default(), threads, |_| ());
    let failed: Vec<String> = found
        .failed
        .iter()
        .map(|failed| {
            let failure = &failed.failure;
            format!("seed {}, {}: {}", failed.seed, failure.phase, failure.what)
        })
        .collect();
    assert_eq!(failed, Vec::<String>::new(), "cargo xtask sim --tables --seed N --trace shows one");
    // A hundred seeds reach nearly all that two hundred have to.
    let reached = REQUIRED.iter().filter(|what| found.reached.contains_key(**what)).count();
    assert!(reached * 10 >= REQUIRED.len() * 9, "{reached} of {}", REQUIRED.len());
}

#[test]
fn threads_change_nothing_with_tables() {
    let one = campaign(40..46, &TableBase::default(), 1, |_| ());
    let mut order = Vec::new();
    let three = campaign(40..46, &TableBase::default(), 3, |outcome| order.push(outcome.seed));
    assert_eq!(order, (40..46).collect::<Vec<_>>());
    assert_eq!((one.hash, one.reached), (three.hash, three.reached));
}

#[test]
fn each_story_is_told_and_ends_well() {
    for story in Story::ALL {
        for seed in 0..3 {
            let (outcome, _) = run(seed, &about(story), false);
            assert_eq!(outcome.failure, None, "{}", outcome.options);
            assert!(outcome.summary.converged && outcome.summary.frames > 0);
            let options = Options::draw(seed, &about(story));
            assert_eq!(options.story, story);
            assert!(story != Story::ThreeGuilds || options.linked.len() == 3);
        }
    }
}

/// The session of a seed, interrupted at every frame, on either side.
#[test]
fn a_session_that_is_interrupted_at_any_frame_goes_on_and_never_starts_over() {
    let base = TableBase { channel: Some(ChannelProfile::retail()), ..about(Story::Restarts) };
    for seed in [1, 2] {
        let (frames, records) = smooth(seed, &base).unwrap();
        assert!(frames >= 4 && records >= 10, "{frames} frames, {records} records");
        for frame in 1..=frames {
            for initiator in [true, false] {
                let interruption = Interruption { initiator, frames: frame };
                let done = interrupted(seed, &base, interruption).unwrap();
                // What has arrived does not go again, but for what was on its way.
                assert!(done.records_after <= records + done.missing, "{interruption:?}: {done:?}");
            }
        }
    }
}

#[test]
fn a_run_without_faults_ends_as_well() {
    let base = TableBase { calm: true, ..TableBase::default() };
    for seed in 0..6 {
        let (outcome, _) = run(seed, &base, false);
        assert_eq!(outcome.failure, None, "{}", outcome.options);
        assert!(!outcome.seen.iter().any(|(what, _)| what == "fault: loss"));
    }
}
