//! Transfers that break off.

use guildsync_sections::{Action, Policy};

use super::raid::World;

const SECTIONS: usize = 120;

/// A world in which a member has part of a large document and is gone.
fn broken_off() -> (World, guildsync_sections::DocumentId) {
    let mut world = World::new(4);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), SECTIONS);
    world.until(|world| !world.members[2].sync.saved().aside(id).is_empty());
    world.raid([0, 1, 3]);
    world.run(60_000);
    assert!(world.members[2].shelf.is_empty());
    (world, id)
}

#[test]
fn what_has_come_of_a_version_is_not_sent_again() {
    let (mut world, id) = broken_off();
    let aside = world.members[2].sync.saved().aside(id).len();
    let whole = world.frames(&["RESP"]);
    world.forget_frames();
    world.all();
    world.run(60_000);
    assert!(world.is_equal());
    let rest = world.frames(&["BSEC", "BSTR"]);
    assert!(aside > 20 && rest < whole, "{aside} aside, {rest} of {whole} frames");
    assert!(world.members[2].sync.saved().aside(id).is_empty());
}

#[test]
fn what_has_come_survives_a_restart() {
    let (mut world, id) = broken_off();
    let aside = world.members[2].sync.saved().aside(id).to_vec();
    let saves = world.members[2].actions.iter().filter(|action| **action == Action::Save);
    assert!(saves.count() >= 1);
    world.restart(2);
    assert_eq!(world.members[2].sync.saved().aside(id), aside);
    let whole = world.frames(&["RESP"]);
    world.forget_frames();
    world.all();
    world.run(60_000);
    assert!(world.is_equal() && world.frames(&["BSEC", "BSTR"]) < whole);
}

#[test]
fn what_has_come_helps_with_a_newer_version_too() {
    let (mut world, id) = broken_off();
    world.edit(0, id, 3, &["Oak", "Elm"]);
    world.run(10_000);
    let whole = world.frames(&["RESP"]);
    world.forget_frames();
    world.all();
    world.run(60_000);
    assert!(world.is_equal() && world.frames(&["BSEC", "BSTR"]) < whole);
    let held = world.members[2].shelf.get(id).unwrap();
    assert_eq!(held.sections().len(), SECTIONS);
}

#[test]
fn a_sender_that_goes_in_the_middle_is_replaced() {
    let mut world = World::new(5);
    world.raid([0, 1]);
    let id = world.publish(0, "Raid", Policy::default(), SECTIONS);
    world.run(120_000);
    assert!(world.is_equal());
    world.all();
    world.until(|world| !world.members[3].sync.saved().aside(id).is_empty());
    let sends = |at: usize| world.members[at].frames.contains_key("BSEC");
    let sender = [0, 1].into_iter().find(|at| sends(*at)).unwrap();
    world.raid((0..5).filter(|at| *at != sender));
    world.run(120_000);
    assert!(world.is_equal());
    assert_eq!(world.members[3].shelf.len(), 1);
}

#[test]
fn who_edited_at_home_and_started_anew_is_sent_the_difference_and_sends_only_that() {
    let mut world = World::new(4);
    world.all();
    let id = world.publish(0, "Raid", Policy::open(), 20);
    world.run(60_000);
    world.raid([0, 2, 3]);
    world.edit(0, id, 3, &["Oak", "Elm"]);
    world.run(10_000);
    // The second edits alone, and its program is started anew: it does not know the old version any more.
    world.raid([]);
    world.edit(1, id, 7, &["Fir", "Ash"]);
    world.restart(1);
    world.forget_frames();
    world.all();
    world.run(60_000);
    assert!(world.is_equal());
    let sections = world.members[3].shelf.get(id).unwrap().sections().len();
    let frames = world.frames(&["BSTR", "BSEC"]);
    assert!(sections == 20 && frames <= 10, "{frames} frames for two sections");
    assert_eq!(world.frames(&["REQ"]), 0);
}
