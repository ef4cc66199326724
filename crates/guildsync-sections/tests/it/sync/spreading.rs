//! How documents spread, and what that takes.

use guildsync_sections::message::What;
use guildsync_sections::{
    Action, Change, Config, Dialect, Event, ImportSpread, Message, Policy, Who,
};

use super::raid::{FRAME, World, sheet};

const TREES: [&str; 8] = ["Ash", "Oak", "Fir", "Elm", "Hazel", "Pine", "Birch", "Maple"];

/// Lets time pass until all have the same; how long that took, in milliseconds.
fn until_equal(world: &mut World, most: u64) -> u64 {
    let mut ms = 0;
    while !world.is_equal() {
        assert!(ms < most, "not equal after {ms} ms");
        world.run(100);
        ms += 100;
    }
    ms
}

#[test]
fn what_is_published_reaches_all_in_one_broadcast() {
    let mut world = World::new(40);
    world.all();
    world.run(60_000);
    world.publish(0, "Raid", Policy::default(), 20);
    until_equal(&mut world, 15_000);
    let frames = world.frames(&["RESP"]);
    world.run(60_000);
    assert_eq!(world.frames(&["RESP"]), frames);
    assert_eq!(world.frames(&["REQ", "BSREQ", "BSTR", "BSEC", "BSACK"]), 0);
    let held: Vec<_> = world.members[39].shelf.iter().collect();
    assert_eq!((held[0].title().as_str(), held[0].sections().len()), ("Raid", 20));
}

#[test]
fn an_edit_takes_one_frame_and_its_confirmation() {
    let mut world = World::new(40);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 20);
    world.run(200_000);
    world.forget_frames();
    world.edit(1, id, 3, &TREES);
    until_equal(&mut world, 1_000);
    world.run(3_000);
    assert_eq!(world.frames(&["RESP"]), 1);
    assert!(world.frames(&["ANC"]) <= 2);
    assert_eq!(world.frames(&["REQ", "BSREQ"]), 0);
}

#[test]
fn an_edit_reaches_all_whatever_is_lost() {
    for (loss, most) in [(50, 10_000), (100, 15_000), (300, 30_000), (500, 90_000)] {
        let mut world = World::new(40).seed(loss + 1, loss);
        world.all();
        let id = world.publish(0, "Raid", Policy::default(), 20);
        until_equal(&mut world, 60_000);
        world.edit(1, id, 3, &TREES);
        until_equal(&mut world, most);
    }
}

#[test]
fn forty_who_join_at_once_are_served_by_one_broadcast() {
    let mut world = World::new(45);
    world.raid(0..5);
    world.publish(0, "Raid", Policy::default(), 20);
    world.run(60_000);
    world.forget_frames();
    world.all();
    until_equal(&mut world, 20_000);
    assert!(world.members[5..].iter().all(|joiner| joiner.frames.values().sum::<usize>() <= 1));
    let n_asked = world.frames(&["REQ"]);
    assert!(n_asked <= 4, "{n_asked}");
    let broadcast = world.members[0].shelf.iter().count() * world.frames(&["BSTR", "BSEC"]);
    world.forget_frames();
    world.run(30_000);
    assert_eq!(world.frames(&["BSTR", "BSEC"]), 0, "{broadcast} frames were enough");
}

#[test]
fn an_import_can_be_announced_and_fetched_instead() {
    let config = Config { spread: ImportSpread::Announce, ..Config::default() };
    let mut world = World::with(10, config);
    world.all();
    world.publish(0, "Raid", Policy::default(), 6);
    until_equal(&mut world, 10_000);
    assert_eq!(world.frames(&["RESP"]), 0);
    let names: Vec<_> = world.members[0].sent.iter().map(|(_, message)| message.name()).collect();
    assert_eq!(names, ["ANC", "BSTR"]);
}

#[test]
fn both_dialects_bring_the_same() {
    let config = Config { dialect: Dialect::Text, ..Config::default() };
    let mut world = World::with(6, config);
    world.members[3].sync.set_config(Config::default());
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 6);
    until_equal(&mut world, 60_000);
    world.edit(1, id, 2, &TREES);
    until_equal(&mut world, 60_000);
    world.raid([0, 3]);
    world.edit(0, id, 4, &TREES);
    world.raid([1, 2, 3, 4, 5]);
    until_equal(&mut world, 60_000);
}

#[test]
fn a_large_document_comes_in_parts_and_is_shown_at_once() {
    let mut world = World::new(4);
    world.all();
    world.publish(0, "Raid", Policy::default(), 120);
    let parts = world.members[0].sent.iter().filter(|(_, message)| message.name() == "RESP");
    assert!(parts.count() > 1);
    let mut seen = 0;
    for _ in 0..600 {
        world.run(100);
        let n = world.members[2].shelf.iter().map(|held| held.sections().len()).sum();
        assert!(n == 0 || n == 120, "{n}");
        seen = n;
    }
    assert_eq!(seen, 120);
    let told = world.members[2].actions.iter().filter(|a| matches!(a, Action::Progress(_)));
    assert!(told.count() >= 1);
    let report = &world.members[2].reports[0];
    assert_eq!((report.fetched, report.reused, report.asked), (120, 0, 0));
}

#[test]
fn what_was_fetched_by_difference_says_what_it_saved() {
    let mut world = World::new(3);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 20);
    world.run(30_000);
    world.raid([0, 1]);
    world.edit(0, id, 3, &TREES);
    world.run(5_000);
    world.all();
    until_equal(&mut world, 20_000);
    let report = world.members[2].reports.last().unwrap();
    assert_eq!((report.fetched, report.reused, report.asked), (1, 19, 1));
    assert!(report.saved > 20 * report.bytes, "{report:?}");
    let by: u32 = report.served.values().sum();
    assert_eq!(by, 1);
    assert!(world.frames(&["BSTR"]) == 1);
}

#[test]
fn structure_and_single_sections_can_be_asked_for() {
    let mut config = Config::default();
    config.times.announce_min = 60_000;
    let mut world = World::with(2, config);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 6);
    world.run(10_000);
    let sections: Vec<_> =
        world.members[0].shelf.get(id).unwrap().sections().iter().map(|s| s.id).collect();
    // The second member has lost it.
    world.remove(1, id);
    world.restart(1);
    world.all();
    world.step(1, Event::Fetch { document: id, what: What::Structure });
    world.run(1_000);
    let outline = world.members[1].actions.iter().find_map(|action| match action {
        Action::Outline { title, sections, .. } => Some((title.clone(), sections.clone())),
        _ => None,
    });
    let (title, outlined) = outline.expect("an outline");
    assert_eq!(title.unwrap().as_str(), "Raid");
    assert_eq!(outlined.iter().map(|(id, ..)| *id).collect::<Vec<_>>(), sections);
    assert!(outlined.iter().all(|(_, _, is_here)| !is_here));
    let what = What::Sections([sections[2]].into());
    world.step(1, Event::Fetch { document: id, what });
    world.run(500);
    // One section alone is no document: it is kept aside, and need not come again.
    assert_eq!(world.members[1].sync.saved().aside(id).len(), 1);
    assert!(world.frames(&["SRES"]) >= 1 && world.frames(&["SECRES"]) >= 1);
    until_equal(&mut world, 130_000);
    let rest = world.members[0].sent.iter().rev().find_map(|(_, message)| match message {
        Message::Part(part) if message.name() == "BSTR" => Some(part.clone()),
        _ => None,
    });
    assert!(rest.is_some());
}

#[test]
fn two_who_publish_at_once_reach_all() {
    let mut world = World::new(12).seed(9, 100);
    world.all();
    world.publish(0, "Raid", Policy::default(), 20);
    world.publish(1, "Second raid", Policy::default(), 20);
    until_equal(&mut world, 60_000);
    assert_eq!(world.members[7].shelf.len(), 2);
}

#[test]
fn the_same_sheet_imported_by_two_is_one_document() {
    let mut world = World::new(4);
    world.all();
    world.publish(0, "Raid", Policy::default(), 8);
    let id = world.publish(1, "Raid", Policy::default(), 8);
    until_equal(&mut world, 60_000);
    let held = world.members[3].shelf.get(id).unwrap();
    assert_eq!((held.sections().len(), held.conflicts().len()), (8, 0));
    // Whoever edits it next has seen both.
    world.edit(0, id, 3, &TREES);
    until_equal(&mut world, 30_000);
    assert_eq!(world.members[3].shelf.get(id).unwrap().conflicts().len(), 0);
}

#[test]
fn an_import_of_what_is_here_changes_nothing_and_of_a_part_only_that() {
    let mut world = World::new(3);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 8);
    world.run(200_000);
    world.forget_frames();
    let held = world.members[0].shelf.get(id).unwrap().clone();
    world.change(0, id, held.difference(sheet(8)));
    world.run(1_000);
    assert_eq!(world.frames(&["RESP"]), 0);
    let mut changed = sheet(8);
    changed.remove(2);
    changed.swap(0, 1);
    world.change(0, id, held.difference(changed.clone()));
    until_equal(&mut world, 5_000);
    assert_eq!(world.frames(&["RESP"]), 1);
    let held = world.members[2].shelf.get(id).unwrap();
    let names: Vec<_> = held.sections().iter().map(|section| section.name.clone()).collect();
    assert_eq!(names, changed.into_iter().map(|(name, _)| name).collect::<Vec<_>>());
}

#[test]
fn a_policy_is_part_of_the_document() {
    let mut world = World::new(3);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 4);
    world.run(10_000);
    let member = world.members[2].name.clone();
    let edit = Who::Members([member].into());
    let policy = Policy { edit, ..Policy::default() };
    world.change(0, id, vec![Change::Policy(policy.clone())]);
    world.run(10_000);
    assert_eq!(world.members[2].shelf.get(id).unwrap().structure().policy, policy);
    world.edit(2, id, 1, &TREES);
    until_equal(&mut world, 10_000);
    assert!(world.members.iter().all(|member| member.refusals.is_empty()));
}

#[test]
fn a_raid_in_agreement_hears_one_small_message_a_minute() {
    let mut world = World::new(40);
    world.all();
    world.publish(0, "Raid", Policy::default(), 20);
    world.run(400_000);
    world.forget_frames();
    world.run(640_000);
    let announced = world.frames(&["ANC"]);
    assert!((5..=30).contains(&announced), "{announced} in ten intervals");
    let all: usize = world.members.iter().flat_map(|member| member.frames.values()).sum();
    assert_eq!(all, announced);
    let sent = world.members.iter().flat_map(|member| &member.sent).last().unwrap();
    assert!(sent.1.to_bytes(Dialect::Compact).len() < FRAME / 8);
}
