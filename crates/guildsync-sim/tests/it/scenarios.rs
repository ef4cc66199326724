//! Scenarios: what they deal out, what they cost, the least they could cost.

use guildsync::transport::ChannelProfile;
use guildsync_sim::dice::Dice;
use guildsync_sim::scenario::bound::{Bound, seconds};
use guildsync_sim::scenario::{Corpus, Lack, Scenario, Stock};

fn small(lack: Lack) -> Scenario {
    let channel = ChannelProfile::open();
    Scenario { entries: 600, channel, ..Scenario::new("small", 8, lack) }
}

#[test]
fn members_lack_what_the_scenario_says() {
    let deal = |lack| {
        let stock = Stock::new(&small(lack), &mut Dice::new(1));
        (0..8).map(|member| stock.log_of(member).len()).collect::<Vec<_>>()
    };
    assert_eq!(deal(Lack::Nothing), [600; 8]);
    assert_eq!(deal(Lack::Same(50)), [600, 550, 550, 550, 550, 550, 550, 550]);
    assert_eq!(deal(Lack::One(usize::MAX)), [600, 600, 600, 600, 600, 600, 600, 0]);
    let tails = deal(Lack::Tails { each: 10, writers: 3 });
    assert!(tails[0] == 600 && tails[1..].iter().all(|n| (570..=590).contains(n)), "{tails:?}");
    let officers = deal(Lack::Officers { n: 4, each: 10 });
    assert_eq!(officers, [570, 570, 570, 570, 560, 560, 560, 560]);
}

#[test]
fn no_two_frontiers_are_equal_where_tails_are_lacked() {
    let stock = Stock::new(
        &Scenario { members: 40, ..small(Lack::Tails { each: 10, writers: 3 }) },
        &mut Dice::new(1),
    );
    let mut seen: Vec<String> =
        (1..40).map(|m| format!("{:?}", stock.log_of(m).frontier())).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 39);
}

#[test]
fn the_parts_make_the_whole_log_in_replay_order() {
    for corpus in [Corpus::Independent, Corpus::Correlated] {
        let stock = Stock::new(&Scenario { corpus, ..small(Lack::Same(100)) }, &mut Dice::new(1));
        let whole = stock.whole();
        assert_eq!(whole.len(), 600);
        // Few raid-wide awards come from few officers.
        assert!((9..=10).contains(&whole.frontier().len()));
        assert_eq!(stock.log_of(0).heads(), whole.heads());
        assert_eq!(stock.base().len(), 500);
    }
}

#[test]
fn the_bound_of_the_table_is_what_the_codec_needs() {
    let scenario = Scenario::new("same 500", 40, Lack::Same(500));
    let stock = Stock::new(&scenario, &mut Dice::new(1));
    let bound = Bound::of(&scenario, &stock);
    // About three bytes an entry and ten seals of 64 bytes.
    assert!((1_800..2_600).contains(&bound.bytes), "{bound:?}");
    assert!((8..=12).contains(&bound.frames), "{bound:?}");
    let retail = ChannelProfile::retail();
    assert_eq!((seconds(&retail, 10), seconds(&retail, 25)), (0.0, 15.0));
    assert_eq!(seconds(&ChannelProfile::open(), 1_000_000), 0.0);
}

#[test]
fn a_scenario_runs_to_convergence_and_costs_the_same_again() {
    for lack in [Lack::Nothing, Lack::Same(50), Lack::One(100)] {
        let seen = small(lack).run(1, false);
        assert!(seen.cost.converged, "{lack:?}: {:?}", seen.cost);
        assert!(seen.cost.frames >= seen.cost.bound_frames.min(2));
        let again = small(lack).run(1, true);
        assert_eq!(seen.cost.trace_hash, again.cost.trace_hash);
        assert!(!again.records.is_empty());
    }
}
