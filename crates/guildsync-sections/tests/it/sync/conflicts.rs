//! Edits that did not know of each other.

use guildsync_sections::{Change, Content, DocumentId, Policy, Shelf, Slot};

use super::raid::{World, body, label};

const A: [&str; 3] = ["Ash", "Oak", "Fir"];
const B: [&str; 3] = ["Elm", "Pine", "Larch"];

/// Two members edit apart from each other, then meet.
fn apart(edit: impl Fn(&mut World, usize, DocumentId)) -> (World, DocumentId) {
    let mut world = World::new(4);
    world.all();
    let id = world.publish(0, "Raid", Policy::open(), 6);
    world.run(10_000);
    for at in [0, 1] {
        world.raid([at]);
        edit(&mut world, at, id);
        world.run(2_000);
    }
    world.all();
    world.run(60_000);
    assert!(world.is_equal());
    (world, id)
}

#[test]
fn edits_of_different_sections_both_survive() {
    let (world, id) = apart(|world, at, id| {
        world.edit(at, id, at + 2, if at == 0 { &A } else { &B });
    });
    let held = world.members[3].shelf.get(id).unwrap();
    let sections = held.sections();
    assert_eq!((sections[2].body, sections[3].body), (&body(&A), &body(&B)));
    assert!(held.conflicts().is_empty());
}

#[test]
fn of_two_edits_of_one_section_one_wins_everywhere_and_the_other_can_be_picked() {
    let (mut world, id) = apart(|world, at, id| {
        world.edit(at, id, 2, if at == 0 { &A } else { &B });
    });
    let held = world.members[3].shelf.get(id).unwrap();
    // The later one is shown.
    assert_eq!(held.sections()[2].body, &body(&B));
    let [(slot, other)] = held.conflicts()[..] else { panic!("one conflict") };
    assert_eq!(other.body(), Some(&body(&A)));
    let (slot, version) = (slot, other.id());
    world.change(3, id, vec![Change::Pick { slot, version }]);
    world.run(20_000);
    assert!(world.is_equal());
    for member in &world.members {
        let held = member.shelf.get(id).unwrap();
        assert_eq!(held.sections()[2].body, &body(&A));
        assert!(held.conflicts().is_empty());
    }
}

#[test]
fn a_conflict_outlives_edits_by_those_who_did_not_settle_it() {
    let (mut world, id) = apart(|world, at, id| {
        world.edit(at, id, 2, if at == 0 { &A } else { &B });
    });
    world.edit(2, id, 2, &["Hazel"]);
    world.run(20_000);
    let held = world.members[3].shelf.get(id).unwrap();
    assert_eq!(held.sections()[2].body, &body(&["Hazel"]));
    assert_eq!(held.conflicts()[0].1.body(), Some(&body(&A)));
}

#[test]
fn equal_edits_are_no_conflict() {
    let (world, id) = apart(|world, at, id| {
        world.edit(at, id, 2, &A);
    });
    let held = world.members[3].shelf.get(id).unwrap();
    assert_eq!((held.conflicts().len(), held.sections()[2].body), (0, &body(&A)));
}

#[test]
fn who_edits_a_section_that_another_removes_keeps_it_and_the_removal_can_be_picked() {
    let (mut world, id) = apart(|world, at, id| {
        let section = world.members[at].shelf.get(id).unwrap().sections()[2].id;
        match at {
            0 => drop(world.edit(at, id, 2, &A)),
            _ => world.change(at, id, vec![Change::Remove(section)]),
        }
    });
    let held = world.members[3].shelf.get(id).unwrap();
    assert_eq!((held.sections().len(), held.sections()[2].body), (6, &body(&A)));
    let [(slot, other)] = held.conflicts()[..] else { panic!("one conflict") };
    assert_eq!(other.item().content, Content::Removed);
    let (slot, version) = (slot, other.id());
    world.change(3, id, vec![Change::Pick { slot, version }]);
    world.run(20_000);
    assert_eq!(world.members[0].shelf.get(id).unwrap().sections().len(), 5);
}

#[test]
fn sections_that_two_add_at_once_are_both_there() {
    let (world, id) = apart(|world, at, id| {
        let held = world.members[at].shelf.get(id).unwrap();
        let name = label(if at == 0 { "First" } else { "Second" });
        let section = held.new_section(&name);
        let mut order: Vec<_> = held.sections().iter().map(|one| one.id).collect();
        order.insert(0, section);
        let body = body(&A);
        let changes = vec![Change::Set { section, name, body }, Change::Order(order)];
        world.change(at, id, changes);
    });
    let held = world.members[3].shelf.get(id).unwrap();
    let names: Vec<_> = held.sections().iter().map(|one| one.name.to_string()).collect();
    assert_eq!(names.len(), 8);
    assert!(names.contains(&"First".into()) && names.contains(&"Second".into()));
    // Two orders cannot both be shown.
    assert_eq!(held.conflicts().len(), 1);
    assert_eq!(held.conflicts()[0].0, Slot::Structure);
}

#[test]
fn a_section_keeps_its_id_and_its_edits_when_it_is_renamed_and_moved() {
    let (world, id) = apart(|world, at, id| {
        let held = world.members[at].shelf.get(id).unwrap();
        let section = held.sections()[2];
        let (section, text) = (section.id, section.body.clone());
        match at {
            0 => {
                let mut order: Vec<_> = held.sections().iter().map(|one| one.id).collect();
                order.reverse();
                let name = label("Renamed \"quietly\"");
                let set = Change::Set { section, name, body: text };
                world.change(at, id, vec![set, Change::Order(order)]);
            }
            _ => drop(world.edit(at, id, 1, &B)),
        }
    });
    let held = world.members[3].shelf.get(id).unwrap();
    let sections = held.sections();
    assert_eq!(sections[3].name.as_str(), "Renamed \"quietly\"");
    assert_eq!(sections[4].body, &body(&B));
    assert!(held.conflicts().is_empty());
}

/// The first publishes a sheet, edits all of it, and begins anew after `gone`: what the third has then.
fn published_anew(gone: impl Fn(&mut World, DocumentId)) -> guildsync_sections::Document {
    let mut world = World::new(3);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 3);
    for nth in 0..3 {
        world.edit(0, id, nth, &A);
        world.run(5_000);
    }
    world.raid([1, 2]);
    gone(&mut world, id);
    world.restart(0);
    world.run(60_000);
    world.publish(0, "Raid", Policy::default(), 3);
    world.edit(0, id, 1, &B);
    world.all();
    world.run(60_000);
    assert!(world.is_equal());
    let held = world.members[2].shelf.get(id).unwrap();
    assert_eq!(held.sections()[1].body, &body(&B));
    held.clone()
}

#[test]
fn who_removed_a_document_here_and_publishes_it_anew_replaces_what_they_had_written() {
    let held = published_anew(|world, id| world.remove(0, id));
    assert!(held.conflicts().is_empty());
}

#[test]
fn who_lost_a_document_and_publishes_it_anew_loses_nothing_of_the_old_one() {
    let held = published_anew(|world, _| world.members[0].shelf = Shelf::default());
    assert!(held.conflicts().iter().any(|(_, other)| other.body() == Some(&body(&A))));
}
