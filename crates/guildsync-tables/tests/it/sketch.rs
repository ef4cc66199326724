//! Sketches tell every difference that they have points for, and nothing else.

use std::collections::BTreeSet;

use guildsync_tables::sketch::{
    Difference, DifferenceError, ELEMENT_MAX, POINTS_MAX, Sketch, SketchError, difference, element,
};
use proptest::prelude::*;

const P: u64 = (1 << 32) - 5;

fn an_element() -> impl Strategy<Value = u32> {
    prop_oneof![30 => 0..ELEMENT_MAX, 1 => 0..99u32, 1 => ELEMENT_MAX - 99..ELEMENT_MAX]
}

/// What both have, what only one has, and what only the other has.
#[derive(Debug, Clone)]
struct Sets {
    both: Vec<u32>,
    mine: Vec<u32>,
    theirs: Vec<u32>,
}

impl Sets {
    fn all(&self, own: &[u32]) -> Vec<u32> {
        // In an order that is not the ascending one.
        [own, &self.both].concat()
    }

    /// What comes out when the other sent `points` points from `from` on.
    fn compare(&self, from: usize, points: usize) -> Result<Difference, DifferenceError> {
        let (mine, theirs) = (self.all(&self.mine), self.all(&self.theirs));
        let told = Sketch::of(&theirs, from, points).expect("512 points at most").to_bytes();
        let told = Sketch::from_bytes(from, &told).expect("bytes of a sketch");
        let own = Sketch::of(&mine, from, points).expect("512 points at most");
        difference(&mine, &own, &told, theirs.len() as u32)
    }

    fn difference(&self) -> Difference {
        let sorted = |side: &[u32]| {
            let mut side = side.to_vec();
            side.sort_unstable();
            side
        };
        Difference { only_mine: sorted(&self.mine), only_theirs: sorted(&self.theirs) }
    }
}

fn sets(
    both: std::ops::Range<usize>,
    differences: std::ops::Range<usize>,
) -> impl Strategy<Value = Sets> {
    (both, differences).prop_flat_map(|(both, differences)| {
        let all = prop::collection::btree_set(an_element(), both + differences);
        (all.prop_map(|all| all.into_iter().collect::<Vec<u32>>()).prop_shuffle(), 0..=differences)
            .prop_map(move |(all, mine)| {
                let (differ, both) = all.split_at(differences);
                let (mine, theirs) = differ.split_at(mine);
                Sets { both: both.to_vec(), mine: mine.to_vec(), theirs: theirs.to_vec() }
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn every_difference_that_has_fewer_elements_than_there_are_points_is_found(
        sets in sets(0..200, 0..60), more in 0usize..20, from in 0usize..400,
    ) {
        let points = sets.mine.len() + sets.theirs.len() + 1 + more;
        prop_assert_eq!(sets.compare(from, points), Ok(sets.difference()));
    }

    #[test]
    fn sets_that_differ_in_more_are_never_told_wrong(
        sets in sets(0..200, 8..120), less in 0usize..100,
    ) {
        let differences = sets.mine.len() + sets.theirs.len();
        let points = differences.saturating_sub(less).max(8);
        let found = sets.compare(0, points);
        prop_assert!(matches!(
            found,
            Err(DifferenceError::Undecodable { .. } | DifferenceError::TooMany { .. }),
        ), "{:?}", found);
    }

    #[test]
    fn a_sketch_that_goes_on_is_the_longer_one(
        elements in prop::collection::vec(an_element(), 0..60),
        (from, to) in (0..=POINTS_MAX, 0..=POINTS_MAX),
        cuts in prop::collection::vec(0..=POINTS_MAX, 0..4),
    ) {
        let (from, to) = (from.min(to), from.max(to));
        let mut ends: BTreeSet<usize> = cuts.into_iter().map(|cut| cut.clamp(from, to)).collect();
        ends.insert(to);
        let mut sketch = Sketch::of(&elements, from, 0).unwrap();
        for end in ends {
            let more = Sketch::of(&elements, sketch.end(), end - sketch.end()).unwrap();
            sketch.extend(&more).unwrap();
        }
        let whole = Sketch::of(&elements, from, to - from).unwrap();
        prop_assert_eq!(whole.to_bytes().len(), 4 * (to - from));
        prop_assert_eq!(Sketch::from_bytes(from, &whole.to_bytes()), Ok(whole.clone()));
        prop_assert_eq!(sketch, whole);
    }

    #[test]
    fn whatever_is_sent_what_comes_out_has_the_values_sent(
        mine in prop::collection::btree_set(an_element(), 0..60),
        values in prop::collection::vec(1..P as u32, 1..40),
        // Values that are nearly those of one's own set.
        near in prop::option::of(0usize..4),
        excess in -6i64..6,
    ) {
        let mine: Vec<u32> = mine.into_iter().collect();
        let own = Sketch::of(&mine, 0, values.len()).unwrap();
        let mut bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        if let Some(places) = near {
            let own = own.to_bytes();
            let kept = own.len() - 4 * places.min(values.len());
            bytes[..kept].copy_from_slice(&own[..kept]);
        }
        let told = Sketch::from_bytes(0, &bytes).unwrap();
        let count = (mine.len() as i64 - excess).max(0) as u32;
        if let Ok(found) = difference(&mine, &own, &told, count) {
            let mut theirs = mine;
            theirs.retain(|x| !found.only_mine.contains(x));
            theirs.extend(found.only_theirs);
            prop_assert_eq!(theirs.len(), count as usize);
            prop_assert_eq!(Sketch::of(&theirs, 0, values.len()).unwrap(), told);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Short sketches are where lies would be likeliest, and one side alone likelier than both.
    #[test]
    fn short_sketches_are_never_told_wrong(
        all in prop::collection::btree_set(an_element(), 9..40), mine in 0usize..40, points in 1usize..10,
    ) {
        let all: Vec<u32> = all.into_iter().collect();
        let (mine, theirs) = all.split_at(mine.min(all.len()));
        let sets = Sets { both: vec![], mine: mine.to_vec(), theirs: theirs.to_vec() };
        prop_assert!(sets.compare(0, points.min(all.len())).is_err());
    }
}

#[test]
fn equal_sets_differ_in_nothing_however_short_the_sketch() {
    for count in [0u64, 1, 700] {
        let both = (0..count).map(|n| element(n << 40)).collect();
        let sets = Sets { both, mine: vec![], theirs: vec![] };
        for points in [1, 2, 8, 512] {
            assert_eq!(sets.compare(0, points), Ok(Difference::default()), "{count} {points}");
        }
    }
}

#[test]
fn the_longest_sketch_tells_511_differences() {
    let all: Vec<u32> =
        (0..1511u64).map(|n| element(n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
    for mine in [0, 1, 255, 511] {
        let (differ, both) = all.split_at(511);
        let (mine, theirs) = differ.split_at(mine);
        let sets = Sets { both: both.to_vec(), mine: mine.to_vec(), theirs: theirs.to_vec() };
        assert_eq!(sets.compare(0, 512), Ok(sets.difference()));
        assert!(sets.compare(0, 511).is_err());
    }
}

#[test]
fn the_bytes_are_these() {
    let set = [0, 1, 0x1234_5678, 0xdead_beef, ELEMENT_MAX - 1];
    let sketch = Sketch::of(&set, 0, 4).unwrap();
    let product =
        |i: u64| set.iter().fold(1, |product, &x| product * ((u64::from(x) + 1 + i) % P) % P);
    let values: Vec<u8> = (0..4).flat_map(|i| (product(i) as u32).to_le_bytes()).collect();
    assert_eq!(sketch.to_bytes(), values);
    assert_eq!(hex(&sketch), "1d425ced08427b2ae7fdf3ae04f78d07");
    assert_eq!(hex(&Sketch::of(&set, 511, 1).unwrap()), "44c6ae6e");
    assert_eq!(hex(&Sketch::of(&[], 7, 2).unwrap()), "0100000001000000");
    let elements = [0, 1, u64::MAX / 2, u64::MAX].map(element);
    assert_eq!(elements, [0, 0, (ELEMENT_MAX - 1) / 2, ELEMENT_MAX - 1]);
}

fn hex(sketch: &Sketch) -> String {
    sketch.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn an_element_that_comes_twice_counts_twice() {
    let sets = |both: &[u32], mine: &[u32], theirs: &[u32]| Sets {
        both: both.to_vec(),
        mine: mine.to_vec(),
        theirs: theirs.to_vec(),
    };
    // A pair that both have hides nothing.
    let shared = sets(&[5, 5, 9], &[6], &[7]);
    assert_eq!(shared.compare(0, 8), Ok(shared.difference()));
    let once_more = sets(&[5, 9], &[5], &[7]);
    assert_eq!(once_more.compare(0, 8), Ok(once_more.difference()));
    let undecodable = Err(DifferenceError::Undecodable { points: 8 });
    assert_eq!(sets(&[5, 9], &[], &[5]).compare(0, 8), undecodable);
    assert_eq!(sets(&[9], &[], &[5, 5]).compare(0, 8), undecodable);
    assert_eq!(sets(&[9], &[5, 5], &[]).compare(0, 8), undecodable);
}

#[test]
fn values_of_no_possible_set_are_undecodable() {
    let mine: Vec<u32> = (0..50).map(|n| n * 80_000_000 + 1).collect();
    let own = Sketch::of(&mine, 0, 8).unwrap();
    // One's own values times those of a factor at 1, 2, ..., with a count that fits its degree.
    let told = |factor: &dyn Fn(u64) -> u64, degree: i64| {
        let values = own.to_bytes();
        let values = values.as_chunks::<4>().0.iter().map(|&value| u32::from_le_bytes(value));
        let times = |(y, value): (u64, u32)| (u64::from(value) * (factor(y) % P) % P) as u32;
        let bytes: Vec<u8> = (1..).zip(values).map(times).flat_map(u32::to_le_bytes).collect();
        let told = Sketch::from_bytes(0, &bytes).unwrap();
        difference(&mine, &own, &told, (mine.len() as i64 + degree) as u32)
    };
    let inverse = |a: u64| {
        (0..32).rev().fold(1, |power, bit| {
            let square = power * power % P;
            if (P - 2) >> bit & 1 == 1 { square * (a % P) % P } else { square }
        })
    };
    let theirs = |only_theirs: &[u32]| {
        Ok(Difference { only_mine: vec![], only_theirs: only_theirs.to_vec() })
    };
    let undecodable = Err(DifferenceError::Undecodable { points: 8 });

    assert_eq!(told(&|y| y + 70, 1), theirs(&[70]));
    assert_eq!(told(&|y| y, 1), theirs(&[0]));
    assert_eq!(told(&|y| (y + 70) * (y + 71), 2), theirs(&[70, 71]));
    let last = u64::from(ELEMENT_MAX) - 1;
    assert_eq!(told(&|y| y + last, 1), theirs(&[ELEMENT_MAX - 1]));
    // No element, though a number.
    assert_eq!(told(&|y| y + last + 1, 1), undecodable);
    assert_eq!(told(&|y| y + P - 9, 1), undecodable);
    // A count that does not fit.
    assert_eq!(told(&|y| y + 70, 2), undecodable);
    assert_eq!(told(&|y| y + 70, 0), undecodable);
    // A leading coefficient.
    assert_eq!(told(&|y| 2 * (y + 70), 1), undecodable);
    assert_eq!(told(&|_| 2, 0), undecodable);
    // No roots at all, and one too few.
    assert_eq!(told(&|y| y * y + 25, 2), undecodable);
    assert_eq!(told(&|y| (y * y + 25) * (y + 70) % P * (y + 71), 4), undecodable);
    // An element twice, and one that one has oneself.
    assert_eq!(told(&|y| (y + 70) * (y + 70), 2), undecodable);
    assert_eq!(told(&|y| y + 1, 1), undecodable);
    // An element less that one never had.
    assert_eq!(told(&|y| inverse(y + 70), -1), undecodable);
    let only_mine = Difference { only_mine: vec![80_000_001], only_theirs: vec![] };
    assert_eq!(told(&|y| inverse(y + 80_000_001), -1), Ok(only_mine));
}

#[test]
fn what_is_wrong_is_said() {
    let too_many = |from, len| Err(SketchError::TooManyPoints { from, len });
    assert_eq!(Sketch::of(&[1], 0, 513), too_many(0, 513));
    assert_eq!(Sketch::of(&[1], usize::MAX, 2), too_many(usize::MAX, 2));
    assert_eq!(Sketch::from_bytes(510, &[1; 12]), too_many(510, 3));
    assert_eq!(
        Sketch::of(&[1, ELEMENT_MAX], 0, 4),
        Err(SketchError::NotAnElement { element: ELEMENT_MAX })
    );
    assert_eq!(Sketch::from_bytes(0, &[1; 7]), Err(SketchError::Cut { bytes: 7 }));
    for value in [0, P as u32, u32::MAX] {
        let bytes = [1, value].map(u32::to_le_bytes).concat();
        assert_eq!(
            Sketch::from_bytes(3, &bytes),
            Err(SketchError::NoSuchValue { point: 4, value })
        );
    }
    let mut sketch = Sketch::of(&[1], 4, 4).unwrap();
    let before = sketch.clone();
    for from in [0, 7, 9] {
        let more = Sketch::of(&[1], from, 4).unwrap();
        assert_eq!(sketch.extend(&more), Err(SketchError::Gap { end: 8, from }));
    }
    assert_eq!(sketch, before);
    let longer = Sketch::of(&[1], 4, 5).unwrap();
    assert_eq!(difference(&[1], &longer, &sketch, 1), Ok(Difference::default()));
    let others = |theirs| Err(DifferenceError::OtherPoints { mine: (4, 8), theirs });
    assert_eq!(difference(&[1], &sketch, &longer, 1), others((4, 9)));
    let from_0 = Sketch::of(&[1], 0, 4).unwrap();
    assert_eq!(difference(&[1], &sketch, &from_0, 1), others((0, 4)));
    assert_eq!(
        difference(&[1], &sketch, &sketch, 5),
        Err(DifferenceError::TooMany { at_least: 4, points: 4 })
    );
    assert_eq!(
        difference(&[1], &sketch, &sketch, u32::MAX),
        Err(DifferenceError::TooMany { at_least: u64::from(u32::MAX) - 1, points: 4 })
    );
    let empty = Sketch::of(&[1], 0, 0).unwrap();
    assert!(empty.is_empty());
    assert_eq!(
        difference(&[1], &empty, &empty, 1),
        Err(DifferenceError::TooMany { at_least: 0, points: 0 })
    );
}
