//! What a member on the channel may send, and what comes of it.

use std::collections::BTreeSet;

use guildsync_sections::message::{Announced, Answer, Ask, Batch, Carried, Part, What};
use guildsync_sections::{Document, Event, Have, MergeError, Message, Policy, Refusal, Tag};
use guildsync_types::{Digest, Stamp};

use super::raid::{World, body};

const TREES: [&str; 3] = ["Ash", "Oak", "Fir"];

/// What is carried of a document that its publisher sends.
fn carried(world: &World, id: guildsync_sections::DocumentId) -> Vec<Carried> {
    let held = world.members[0].shelf.get(id).unwrap();
    let carry = |version: &guildsync_sections::Version| Carried {
        item: version.item().clone(),
        edit: version.edit().clone(),
        body: version.body().cloned(),
    };
    held.versions().map(carry).collect()
}

fn part(held: &Document, carried: Vec<Carried>) -> Message {
    Message::Part(Part {
        document: held.id(),
        target: held.digest(),
        answer: Answer::Edit,
        stream: 900,
        index: 0,
        last: true,
        batch: Batch::Plain(carried),
    })
}

/// A raid in which only the first has a document, of which nobody has heard.
fn alone() -> (World, guildsync_sections::DocumentId) {
    let mut world = World::new(2);
    let id = world.publish(0, "Raid", Policy::default(), 4);
    world.members[1].is_online = true;
    world.all();
    (world, id)
}

fn document(world: &World, id: guildsync_sections::DocumentId) -> Document {
    world.members[0].shelf.get(id).unwrap().clone()
}

fn nonsense(world: &World) -> Vec<String> {
    let why = |(_, why): &(_, Refusal)| match why {
        Refusal::Nonsense(why) => Some(why.clone()),
        _ => None,
    };
    world.members[1].refusals.iter().filter_map(why).collect()
}

fn send(world: &mut World, message: Message) {
    let from = world.members[0].name.clone();
    world.step(1, Event::Received { from, message });
}

#[test]
fn a_body_whose_hash_is_wrong_is_refused() {
    let (mut world, id) = alone();
    let mut carried = carried(&world, id);
    carried[1].body = Some(body(&TREES));
    let message = part(&document(&world, id), carried);
    send(&mut world, message);
    assert!(world.members[1].shelf.is_empty());
    assert!(
        nonsense(&world)[0].contains("is not the one that was signed"),
        "{:?}",
        nonsense(&world)
    );
}

#[test]
fn a_section_that_its_editor_did_not_sign_is_refused() {
    let (mut world, id) = alone();
    let mut carried = carried(&world, id);
    carried[1].item.count = 2;
    let message = part(&document(&world, id), carried);
    send(&mut world, message);
    assert!(nonsense(&world)[0].contains("did not set this"), "{:?}", nonsense(&world));
}

#[test]
fn a_changed_signature_is_refused() {
    let (mut world, id) = alone();
    let mut carried = carried(&world, id);
    let mut edit = (*carried[0].edit).clone();
    edit.editor = world.members[1].name.clone();
    let edit = std::sync::Arc::new(edit);
    carried.iter_mut().for_each(|one| one.edit = edit.clone());
    let message = part(&document(&world, id), carried);
    send(&mut world, message);
    assert!(nonsense(&world)[0].contains("signature"), "{:?}", nonsense(&world));
    assert!(world.members[1].shelf.is_empty());
}

#[test]
fn sections_without_a_structure_are_no_document_and_the_rest_is_asked_for() {
    let (mut world, id) = alone();
    let mut carried = carried(&world, id);
    carried.remove(0);
    let message = part(&document(&world, id), carried);
    send(&mut world, message);
    assert!(world.members[1].shelf.is_empty());
    assert_eq!(world.members[1].sync.saved().aside(id).len(), 4);
    world.run(20_000);
    assert!(world.is_equal() && world.frames(&["BSTR"]) >= 1);
}

#[test]
fn a_section_that_is_claimed_and_never_sent_holds_up_nothing() {
    let mut world = World::new(3);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 4);
    world.run(20_000);
    // The second claims another version of it, and never sends any.
    let announced = Announced { document: id, digest: Digest([9; 8]), stamp: Stamp::MAX };
    let from = world.members[1].name.clone();
    for _ in 0..50 {
        let message = Message::Announce(vec![announced]);
        world.step(2, Event::Received { from: from.clone(), message });
        world.run(1_000);
    }
    assert_eq!(world.members[2].shelf.get(id).unwrap().sections().len(), 4);
    world.edit(0, id, 2, &TREES);
    world.run(20_000);
    let held = world.members[2].shelf.get(id).unwrap();
    assert_eq!(held.sections()[2].body, &body(&TREES));
    let asked = world.members[2].frames.get("BSREQ").copied().unwrap_or(0);
    assert!(asked <= 12, "{asked} questions in 70 seconds");
    world.run(600_000);
    assert!(world.members[2].sync.is_settled());
}

#[test]
fn a_stamp_in_the_future_wins_no_longer_than_until_the_next_edit() {
    let mut world = World::new(2);
    world.all();
    let id = world.publish(0, "Raid", Policy::open(), 4);
    world.run(20_000);
    let held = world.members[1].shelf.get(id).unwrap().clone();
    let section = held.sections()[1];
    let (section, name) = (section.id, section.name.clone());
    let member = &mut world.members[1];
    let author = guildsync_sections::Author {
        name: &member.name,
        key: &member.key,
        stamp: Stamp::MAX,
        after: 0,
    };
    let mut changed = held;
    let set = guildsync_sections::Change::Set { section, name, body: body(&["Elm"]) };
    changed.change(author, vec![set]).unwrap();
    member.shelf.put(changed).unwrap();
    world.step(1, Event::Edited(id));
    world.run(10_000);
    assert_eq!(world.members[0].shelf.get(id).unwrap().sections()[1].body, &body(&["Elm"]));
    world.edit(0, id, 1, &TREES);
    world.run(10_000);
    assert!(world.is_equal());
    assert_eq!(world.members[1].shelf.get(id).unwrap().sections()[1].body, &body(&TREES));
}

#[test]
fn streams_without_end_take_bounded_room() {
    let (mut world, id) = alone();
    let all = carried(&world, id);
    for n in 0..500u16 {
        let message = Message::Part(Part {
            document: id,
            target: Digest([1; 8]),
            answer: Answer::Document { beyond: Have(7) },
            stream: n,
            index: n % 40 + 1,
            last: false,
            batch: Batch::Plain(all.clone()),
        });
        send(&mut world, message);
    }
    // What it holds of them is not said; it still takes what comes right.
    let message = part(&document(&world, id), all);
    send(&mut world, message);
    assert_eq!(world.members[1].shelf.get(id).unwrap().sections().len(), 4);
}

#[test]
fn questions_for_what_nobody_has_are_not_answered() {
    let (mut world, id) = alone();
    let whom = Some(world.members[1].name.clone());
    for what in [
        What::Structure,
        What::Everything,
        What::Rest((0..4_000).map(Tag).collect()),
        What::Sections(BTreeSet::new()),
    ] {
        let ask = Ask { document: id, target: None, base: None, whom: whom.clone(), what };
        send(&mut world, Message::Ask(ask));
    }
    assert!(world.members[1].sent.is_empty());
}

#[test]
fn bytes_that_are_no_part_are_refused() {
    let (mut world, id) = alone();
    for bytes in [&b""[..], b"\0", b"\x01\x03Ann", &[0xff; 300]] {
        let batch = Batch::Packed { base: None, bytes: bytes.to_vec().into() };
        let Message::Part(head) = part(&document(&world, id), Vec::new()) else { panic!("a part") };
        let stream = bytes.len() as u16;
        send(&mut world, Message::Part(Part { batch, stream, ..head }));
    }
    assert_eq!(world.members[1].shelf.len(), 0);
    assert_eq!(nonsense(&world).len(), 4, "{:?}", nonsense(&world));
}

#[test]
fn documents_without_end_fill_the_shelf_and_no_more() {
    let mut world = World::new(2);
    world.all();
    for n in 0..20 {
        let member = &mut world.members[0];
        let title = super::raid::label(&format!("Raid {n}"));
        let author = guildsync_sections::Author {
            name: &member.name,
            key: &member.key,
            stamp: Stamp::ZERO,
            after: 0,
        };
        let made = Document::publish(author, title, Policy::open(), Vec::new());
        let made = made.unwrap();
        let versions: Vec<_> = made.versions().cloned().collect();
        let carry = |version: &guildsync_sections::Version| Carried {
            item: version.item().clone(),
            edit: version.edit().clone(),
            body: None,
        };
        let message = part(&made, versions.iter().map(carry).collect());
        send(&mut world, message);
    }
    assert_eq!(world.members[1].shelf.len(), guildsync_sections::SHELF_MAX);
    // Of each of the others the user is told why it was not taken.
    let is_full =
        |why: &Refusal| matches!(why, Refusal::NotTaken { why: MergeError::ShelfFull, .. });
    let told = world.members[1].refusals.iter().filter(|(_, why)| is_full(why)).count();
    assert_eq!(told, 20 - guildsync_sections::SHELF_MAX);
}
