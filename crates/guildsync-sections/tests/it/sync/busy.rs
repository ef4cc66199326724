//! A channel that is full, or that the game has locked: what can be said later waits, so that what is overtaken
//! by then is never sent.

use guildsync_sections::message::{Answer, Ask, What};
use guildsync_sections::{DocumentId, Event, Message, Policy};

use super::raid::World;

const TREES: [[&str; 2]; 3] = [["Ash", "Oak"], ["Elm", "Fir"], ["Yew", "Box"]];

fn with_a_sheet(members: usize, sections: usize) -> (World, DocumentId) {
    let mut world = World::new(members);
    world.all();
    let id = world.publish(0, "Raid", Policy::open(), sections);
    world.run(60_000);
    assert!(world.is_equal());
    (world, id)
}

/// A question to one member or to all.
fn ask(world: &mut World, at: usize, from: usize, id: DocumentId, whom: Option<usize>) {
    let target = Some(world.members[0].shelf.get(id).unwrap().digest());
    let whom = whom.map(|whom| world.members[whom].name.clone());
    let from = world.members[from].name.clone();
    let message =
        Message::Ask(Ask { document: id, target, base: None, whom, what: What::Everything });
    world.step(at, Event::Received { from, message });
}

#[test]
fn edits_wait_while_much_is_queued_and_go_as_one() {
    let (mut world, id) = with_a_sheet(3, 4);
    let before = world.said(0, "RESP");
    world.edit(0, id, 0, &TREES[0]);
    world.run(10);
    assert_eq!(world.said(0, "RESP"), before + 1, "there is room: it goes at once");
    world.lock(0, 20_000);
    for nth in 0..12 {
        world.edit(0, id, nth % 2, &TREES[nth % 3]);
        world.run(1_000);
    }
    assert_eq!(world.said(0, "RESP"), before + 1);
    world.run(30_000);
    assert_eq!(world.said(0, "RESP"), before + 2, "of twelve edits the last of each section");
    assert!(world.is_equal());
}

#[test]
fn an_edit_does_not_wait_for_ever() {
    let (mut world, id) = with_a_sheet(3, 4);
    let before = world.said(0, "RESP");
    world.lock(0, 600_000);
    world.edit(0, id, 0, &TREES[0]);
    world.run(59_000);
    assert_eq!(world.said(0, "RESP"), before);
    world.run(2_000);
    assert_eq!(world.said(0, "RESP"), before + 1, "its turn among what waits is kept for it");
}

#[test]
fn whoever_cannot_speak_does_not_announce_over_and_over() {
    let (mut world, _) = with_a_sheet(3, 4);
    world.lock(1, 300_000);
    let before = world.said(1, "ANC");
    // Somebody lacks everything, again and again.
    let hears = |world: &mut World| {
        let from = world.members[2].name.clone();
        let message = Message::Announce(Vec::new());
        world.step(1, Event::Received { from, message });
        world.run(10_000);
    };
    (0..10).for_each(|_| hears(&mut world));
    assert_eq!(world.said(1, "ANC"), before);
    world.run(200_000);
    hears(&mut world);
    assert!(world.said(1, "ANC") > before, "once there is room it does");
}

#[test]
fn an_answer_that_waits_is_not_given_when_another_gives_it() {
    let (mut world, id) = with_a_sheet(4, 4);
    world.lock(1, 5_000);
    ask(&mut world, 1, 3, id, Some(1));
    world.run(2_000);
    assert_eq!(world.said(1, "BSTR"), 0);
    // The third answers the same question, which it heard as its own.
    ask(&mut world, 2, 3, id, Some(2));
    world.run(30_000);
    assert_eq!((world.said(1, "BSTR"), world.said(2, "BSTR")), (0, 1));
    // With nobody else it answers as soon as there is room.
    world.lock(1, 5_000);
    ask(&mut world, 1, 3, id, Some(1));
    world.run(30_000);
    assert_eq!(world.said(1, "BSTR"), 1);
}

#[test]
fn in_a_locked_chat_answers_do_not_pile_up() {
    let (mut world, id) = with_a_sheet(12, 4);
    (1..11).for_each(|at| world.lock(at, 60_000));
    // One asks all; all are locked, and say that they will answer when they can.
    (1..11).for_each(|at| ask(&mut world, at, 11, id, None));
    world.run(90_000);
    let answers: usize = (1..11).map(|at| world.said(at, "BSTR")).sum();
    assert_eq!(answers, 0, "the question is long over");
    // Locked for a moment, one of them answers.
    (1..11).for_each(|at| world.lock(at, 6_000));
    (1..11).for_each(|at| ask(&mut world, at, 11, id, None));
    world.run(30_000);
    let answers: usize = (1..11).map(|at| world.said(at, "BSTR")).sum();
    assert!((1..=3).contains(&answers), "{answers}");
}

#[test]
fn who_asks_the_same_as_others_is_answered_with_them_whoever_was_heard_first() {
    let (mut world, id) = with_a_sheet(8, 4);
    // Three ask, and each holder hears another of them first.
    for at in 1..5 {
        for nth in 0..3 {
            ask(&mut world, at, 5 + (at + nth) % 3, id, None);
        }
    }
    world.run(30_000);
    let answers: usize = (1..5).map(|at| world.said(at, "BSTR")).sum();
    assert_eq!(answers, 1);
}

#[test]
fn edits_that_cannot_be_read_are_asked_for_once() {
    let (mut world, id) = with_a_sheet(3, 6);
    // The third misses one edit, and so cannot read those that follow.
    world.edit(0, id, 0, &TREES[0]);
    world.lose_mail();
    let asked = |world: &World| world.said(2, "BSREQ") + world.said(2, "REQ");
    let before = asked(&world);
    // The first answers nobody for now.
    let edits: Vec<_> = (0..8)
        .flat_map(|nth| {
            let from = world.members[0].sent.len();
            world.edit(0, id, 1 + nth % 2, &TREES[nth % 3]);
            world.members[0].sent.split_off(from)
        })
        .collect();
    world.lose_mail();
    world.members[0].is_online = false;
    let from = world.members[0].name.clone();
    for (_, message) in edits {
        let is_edit = matches!(&message, Message::Part(part) if part.answer == Answer::Edit);
        assert!(is_edit);
        world.step(2, Event::Received { from: from.clone(), message });
        world.run(300);
    }
    assert_eq!(asked(&world), before + 1, "the answer may be on its way");
    world.members[0].is_online = true;
    world.run(30_000);
    assert!(world.is_equal());
}
