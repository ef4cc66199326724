//! Deliberate bugs of the world are caught, and soon.

use guildsync_sim::bugs::{
    Hunter, OF_THE_WORLD, of_the_protocol, of_the_sheets, of_the_tables, table,
};
use guildsync_sim::options::Base;

#[test]
fn every_bug_of_the_world_is_caught_within_few_seeds() {
    let mut hunter = Hunter::new(Base::default(), 2);
    let mut hunts = Vec::new();
    for bug in OF_THE_WORLD {
        let found = hunter.hunt(bug, 0, 1, 100);
        assert_eq!((found.n_caught > 0, found.seed.is_some()), (true, true), "{found:?}");
        hunts.push(found);
    }
    assert_eq!(table(&hunts).lines().count(), 2 + hunts.len());
}

#[test]
fn bugs_of_the_protocol_need_a_build_of_their_own() {
    assert_eq!(of_the_protocol().is_empty(), !cfg!(feature = "bugs"));
    assert_eq!(of_the_tables().is_empty(), !cfg!(feature = "bugs"));
    assert_eq!(of_the_sheets().is_empty(), !cfg!(feature = "bugs"));
}
