//! Which section is on screen.

use guildsync_sections::{Config, Event, ImportSpread, Message, Policy, Refusal};

use super::raid::World;

const TREES: [&str; 3] = ["Ash", "Oak", "Fir"];

fn point(
    world: &mut World,
    at: usize,
    id: guildsync_sections::DocumentId,
    nth: usize,
) -> guildsync_sections::SectionId {
    let section = world.members[at].shelf.get(id).unwrap().sections()[nth].id;
    world.step(at, Event::Point { document: id, section });
    section
}

#[test]
fn everyone_turns_to_the_section_within_a_second() {
    let mut waits: Vec<u64> = Vec::new();
    for seed in 0..40 {
        let mut world = World::new(40).seed(seed * 77 + 5, 50);
        world.all();
        let id = world.publish(0, "Raid", Policy::default(), 6);
        world.run(30_000);
        assert!(world.is_equal());
        let before = world.now;
        let section = point(&mut world, 0, id, 3);
        world.run(5_000);
        for member in &world.members[1..] {
            let shown = member.shown.iter().find(|(_, _, shown)| *shown == section);
            waits.push(shown.map_or(u64::MAX, |(at, ..)| at.since(before)));
        }
        // It is said twice, by one member, and by nobody else.
        assert_eq!(world.frames(&["SECTION"]), 2);
    }
    waits.sort_unstable();
    let p99 = waits[waits.len() * 99 / 100];
    assert!(p99 <= 1_000, "{p99}");
}

#[test]
fn a_cursor_for_data_that_is_not_here_waits_for_it() {
    let config = Config { spread: ImportSpread::Announce, ..Config::default() };
    let mut world = World::with(6, config);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 20);
    let section = point(&mut world, 0, id, 3);
    world.run(300);
    assert!(world.members[4].shown.is_empty() && world.members[4].shelf.is_empty());
    world.run(20_000);
    assert!(world.is_equal());
    assert_eq!(world.members[4].shown.iter().map(|(_, _, s)| *s).collect::<Vec<_>>(), [section]);
}

#[test]
fn a_cursor_in_an_older_version_is_ignored_until_its_mover_has_the_newer() {
    let mut world = World::new(3);
    world.all();
    let id = world.publish(0, "Raid", Policy::open(), 6);
    world.run(20_000);
    // The third does not hear of the edit.
    world.raid([0, 1]);
    world.edit(0, id, 2, &TREES);
    world.run(5_000);
    let old = world.members[2].shelf.get(id).unwrap().digest();
    world.members[2].is_online = false;
    world.raid([0, 1, 2]);
    let section = point(&mut world, 2, id, 4);
    world.run(250);
    assert_eq!(world.members[2].shelf.get(id).unwrap().digest(), old);
    assert!(world.members[1].shown.is_empty(), "its mover has an older version");
    world.run(30_000);
    assert!(world.is_equal());
    assert_eq!(world.members[1].shown.last().map(|(_, _, s)| *s), Some(section));
}

#[test]
fn whoever_joins_is_told_and_whoever_followed_tells_nobody() {
    let mut world = World::new(6);
    world.raid(0..5);
    let id = world.publish(0, "Raid", Policy::default(), 6);
    world.run(10_000);
    let section = point(&mut world, 0, id, 3);
    world.run(10_000);
    world.all();
    world.run(20_000);
    assert_eq!(world.members[5].shown.last().map(|(_, _, s)| *s), Some(section));
    assert!(world.members[1..].iter().all(|member| !member.frames.contains_key("SECTION")));
    // When the mover is gone nobody speaks in its place.
    world.raid(1..6);
    world.forget_frames();
    world.run(100_000);
    assert_eq!(world.frames(&["SECTION"]), 0);
}

#[test]
fn a_cursor_is_not_restored_as_new_after_a_restart() {
    let mut world = World::new(3);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 6);
    world.run(10_000);
    point(&mut world, 0, id, 3);
    world.run(5_000);
    world.restart(0);
    world.forget_frames();
    world.all();
    world.run(100_000);
    assert_eq!(world.frames(&["SECTION"]), 0);
    // Moved anew it counts, although the clock was set back: the others say which stamp is the latest.
    world.members[0].behind = 86_400;
    let section = point(&mut world, 0, id, 1);
    world.run(5_000);
    assert_eq!(world.members[2].shown.last().map(|(_, _, s)| *s), Some(section));
    assert_eq!(world.frames(&["LATER"]), 1, "what one says nobody else does");
}

#[test]
fn a_cursor_of_a_clock_that_runs_behind_is_said_again_with_a_later_stamp() {
    let mut world = World::new(12);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 6);
    world.run(20_000);
    world.raid((0..12).filter(|at| *at != 1));
    point(&mut world, 0, id, 3);
    world.run(20_000);
    // Whoever moved it is gone when an assistant comes back who never heard of that.
    world.raid(1..12);
    world.run(20_000);
    world.members[1].behind = 300;
    let section = point(&mut world, 1, id, 1);
    world.run(10_000);
    for member in &world.members[1..] {
        assert_eq!(member.shown.last().map(|(_, _, s)| *s), Some(section), "{}", member.name);
    }
    // Two may speak within the time that a frame takes.
    let told = world.frames(&["LATER"]);
    assert!((1..=3).contains(&told), "{told} of eleven");
    // From now on it knows.
    let section = point(&mut world, 1, id, 2);
    world.run(1_000);
    assert_eq!(world.members[7].shown.last().map(|(_, _, s)| *s), Some(section));
    world.run(20_000);
    assert_eq!(world.frames(&["LATER"]), told);
}

#[test]
fn whoever_missed_a_later_cursor_gives_way_to_it() {
    let mut world = World::new(5);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 6);
    world.run(20_000);
    point(&mut world, 1, id, 2);
    world.run(2_000);
    // The second hears nothing of what the first does.
    world.members[1].is_online = false;
    let section = point(&mut world, 0, id, 4);
    world.run(2_000);
    world.members[1].is_online = true;
    world.forget_frames();
    // It says its own once more, is told so, and turns when the first says it for the third time.
    world.run(12_000);
    assert_eq!(world.members[1].frames.get("SECTION"), Some(&1));
    for member in &world.members {
        assert_eq!(member.shown.last().map(|(_, _, s)| *s), Some(section), "{}", member.name);
    }
}

#[test]
fn a_cursor_that_is_overtaken_on_its_way_is_spoken_of_by_nobody() {
    let mut world = World::new(10);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 6);
    world.run(20_000);
    let cursor = |world: &World, nth: usize, seconds: u64| {
        let held = world.members[0].shelf.get(id).unwrap();
        let (digest, section) = (held.digest(), held.sections()[nth].id);
        let stamp = (world.now + seconds * 1_000).stamp();
        guildsync_sections::message::Cursor { document: id, digest, section, stamp }
    };
    let (first, second) = (cursor(&world, 2, 0), cursor(&world, 4, 1));
    let from = world.members[0].name.clone();
    for cursor in [second, first] {
        for at in 1..10 {
            let message = Message::Cursor(cursor);
            world.step(at, Event::Received { from: from.clone(), message });
        }
    }
    // It is said twice.
    world.run(400);
    for at in 1..10 {
        let message = Message::Cursor(second);
        world.step(at, Event::Received { from: from.clone(), message });
    }
    world.run(60_000);
    assert_eq!(world.frames(&["LATER"]), 0);
    assert_eq!(world.members[5].shown.len(), 1);
}

#[test]
fn a_cursor_of_the_end_of_time_leaves_room_for_later_ones() {
    let mut world = World::new(3);
    world.all();
    let id = world.publish(0, "Raid", Policy::open(), 6);
    world.run(20_000);
    point(&mut world, 0, id, 2);
    let held = world.members[2].shelf.get(id).unwrap();
    let (digest, section) = (held.digest(), held.sections()[4].id);
    let from = world.members[2].name.clone();
    let stamp = guildsync_types::Stamp::MAX;
    let cursor = guildsync_sections::message::Cursor { document: id, digest, section, stamp };
    for message in [Message::Cursor(cursor), Message::Later { stamp, seconds: 9 }] {
        for at in 0..2 {
            let (from, message) = (from.clone(), message.clone());
            world.step(at, Event::Received { from, message });
        }
    }
    assert!(matches!(world.members[0].refusals[..], [(_, Refusal::Nonsense(_)), ..]));
    assert_eq!(world.members[0].refusals.len(), 2);
    let section = point(&mut world, 0, id, 1);
    world.run(10_000);
    assert_eq!(world.members[1].shown.last().map(|(_, _, s)| *s), Some(section));
}

#[test]
fn the_latest_of_two_cursors_is_shown_everywhere() {
    let mut world = World::new(10);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 6);
    world.run(20_000);
    point(&mut world, 0, id, 2);
    world.run(1_100);
    let second = point(&mut world, 1, id, 4);
    world.run(10_000);
    for member in &world.members {
        assert_eq!(member.shown.last().map(|(_, _, s)| *s), Some(second), "{}", member.name);
    }
}

#[test]
fn who_may_not_point_is_told_so_and_nobody_turns() {
    let mut world = World::new(4);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 6);
    world.run(20_000);
    point(&mut world, 3, id, 2);
    assert!(matches!(world.members[3].refusals[..], [(_, Refusal::NotAllowed { .. })]));
    // A program that does not ask itself is refused by the others.
    let held = world.members[3].shelf.get(id).unwrap();
    let (digest, section) = (held.digest(), held.sections()[2].id);
    let stamp = world.now.stamp();
    let cursor = guildsync_sections::message::Cursor { document: id, digest, section, stamp };
    let from = world.members[3].name.clone();
    world.step(1, Event::Received { from, message: Message::Cursor(cursor) });
    world.run(1_000);
    assert!(world.members[1].shown.is_empty());
    assert!(matches!(world.members[3].refusals[1..], [(_, Refusal::RefusedBy { .. })]));
}

#[test]
fn who_does_not_follow_is_left_alone() {
    let mut world = World::new(3);
    world.members[2].sync.set_config(Config { follow: false, ..Config::default() });
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 6);
    world.run(10_000);
    point(&mut world, 0, id, 3);
    world.run(5_000);
    assert!(world.members[2].shown.is_empty() && !world.members[1].shown.is_empty());
}
