//! Deliberate bugs of the world are caught, and soon.

use guildsync_sim::bugs::{OF_THE_WORLD, hunt};

use crate::base;

#[test]
fn every_bug_of_the_world_is_caught_within_few_seeds() {
    for bug in OF_THE_WORLD {
        let found = hunt(bug, &base(), 0, 2, 60, 2);
        assert!(found.n_caught >= 2, "{}: {found:?}", bug.name);
        assert!(found.median_seeds.is_some() && found.first.is_some());
    }
}
