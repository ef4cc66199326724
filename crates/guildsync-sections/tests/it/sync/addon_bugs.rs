//! The faults that were found in TWRA, by their numbers in the list of known bugs: none of them here.

use guildsync_sections::message::{Batch, Part};
use guildsync_sections::{Body, Config, Dialect, Event, ImportSpread, Label, Message, Policy};

use super::raid::{World, label};

const TREES: [&str; 3] = ["Ash", "Oak", "Fir"];

#[test]
fn c23_received_text_is_only_text() {
    let mut world = World::with(2, Config { dialect: Dialect::Text, ..Config::default() });
    world.all();
    let evil = "\"]]; os.execute('rm -rf /') --[[";
    let body = Body {
        header: vec![evil.into()],
        rows: vec![vec![evil.into(), "return 1".into()]],
        note: Some(evil.into()),
        ..Body::default()
    };
    let id = world.publish(0, "Raid", Policy::default(), 1);
    let section = world.members[0].shelf.get(id).unwrap().sections()[0].id;
    let (name, body) = (label(evil), body.plain().unwrap());
    let set = guildsync_sections::Change::Set { section, name, body: body.clone() };
    world.change(0, id, vec![set]);
    world.run(20_000);
    let held = world.members[1].shelf.get(id).unwrap();
    assert_eq!(held.sections()[0].name.as_str(), evil);
    assert_eq!(held.sections()[0].body.open().unwrap(), body.open().unwrap());
}

#[test]
fn c24_an_older_sender_overwrites_nothing_and_no_version_is_claimed_before_it_is_whole() {
    let mut world = World::new(3);
    world.all();
    let id = world.publish(0, "Raid", Policy::open(), 6);
    world.run(20_000);
    let old = world.members[0].sent.iter().find_map(|(_, message)| match message {
        Message::Part(part) => Some(part.clone()),
        _ => None,
    });
    world.edit(1, id, 2, &TREES);
    world.run(20_000);
    let newest = world.members[2].shelf.get(id).unwrap().digest();
    let from = world.members[0].name.clone();
    world.step(2, Event::Received { from, message: Message::Part(old.unwrap()) });
    assert_eq!(world.members[2].shelf.get(id).unwrap().digest(), newest);
    // A large one of which the rest never comes changes nothing, and is not announced.
    let large = world.publish(1, "Large", Policy::open(), 120);
    world.until(|world| !world.members[2].sync.saved().aside(large).is_empty());
    world.raid([0, 2]);
    world.run(200_000);
    let n = world.members[2].sent.iter().filter(|(_, message)| match message {
        Message::Announce(list) => list.iter().any(|one| one.document == large),
        _ => false,
    });
    assert_eq!((n.count(), world.members[2].shelf.len()), (0, 1));
}

/// The parts of a large document, as they were sent.
fn parts() -> (World, Vec<Part>) {
    let mut world = World::new(2);
    world.all();
    world.publish(0, "Raid", Policy::default(), 120);
    let parts = world.members[0].sent.iter().filter_map(|(_, message)| match message {
        Message::Part(part) => Some(part.clone()),
        _ => None,
    });
    let parts: Vec<Part> = parts.collect();
    assert_eq!(parts.len(), 3);
    world.lose_mail();
    world.restart(1);
    world.members[1].is_online = true;
    world.restart(0);
    world.all();
    (world, parts)
}

#[test]
fn c25_parts_may_come_twice_and_in_any_order() {
    for order in [vec![0, 0, 1, 1, 2, 2], vec![2, 1, 1, 0], vec![1, 0, 1, 2, 0], vec![2, 2, 0, 1]] {
        let (mut world, parts) = parts();
        let mut came = std::collections::BTreeSet::new();
        for at in order {
            assert_eq!(world.members[1].shelf.is_empty(), came.len() < 3);
            came.insert(at);
            let from = world.members[0].name.clone();
            let message = Message::Part(parts[at].clone());
            world.step(1, Event::Received { from, message });
        }
        assert_eq!(world.members[1].shelf.iter().next().unwrap().sections().len(), 120);
    }
}

#[test]
fn c25_parts_of_two_senders_with_one_stream_number_never_mix() {
    let (mut world, parts) = parts();
    let from =
        [world.members[0].name.clone(), guildsync_types::MemberName::new("Stranger").unwrap()];
    for (at, part) in parts.iter().enumerate() {
        let message = Message::Part(part.clone());
        world.step(1, Event::Received { from: from[at % 2].clone(), message });
    }
    assert!(world.members[1].shelf.is_empty());
}

#[test]
fn c26_missing_sections_are_asked_for_and_come() {
    let (mut world, parts) = parts();
    let from = world.members[0].name.clone();
    world.step(1, Event::Received { from, message: Message::Part(parts[0].clone()) });
    let before = world.members[1].sync.saved().tags(parts[0].document).len();
    world.run(240_000);
    assert!(world.is_equal());
    let asked = world.members[1].sent.iter().find_map(|(_, message)| match message {
        Message::Ask(ask) => Some(ask.what.clone()),
        _ => None,
    });
    let Some(guildsync_sections::message::What::Rest(have)) = asked else { panic!("{asked:?}") };
    assert_eq!(have.len(), before);
}

#[test]
fn c27_of_all_who_have_it_one_sends_it() {
    let config = Config { spread: ImportSpread::Announce, ..Config::default() };
    let mut world = World::with(20, config);
    world.raid(0..19);
    world.publish(0, "Raid", Policy::default(), 20);
    world.run(60_000);
    world.forget_frames();
    world.all();
    world.run(60_000);
    assert!(world.is_equal());
    let senders = world.members.iter().filter(|m| m.frames.contains_key("BSTR")).count();
    assert_eq!(senders, 1);
}

#[test]
fn c28_equal_stamps_with_different_content_are_told_apart_and_a_clock_ahead_does_not_win_for_ever()
{
    let mut world = World::new(3);
    world.all();
    let id = world.publish(0, "Raid", Policy::open(), 6);
    world.run(20_000);
    let now = world.now;
    for at in [0, 1] {
        world.raid([at]);
        world.now = now;
        world.edit(at, id, 2, &[["Ash", "Oak"][at]]);
    }
    world.all();
    world.run(60_000);
    assert!(world.is_equal());
    assert_eq!(world.members[2].shelf.get(id).unwrap().conflicts().len(), 1);
    // A member's clock is a day ahead.
    world.now = world.now + 86_400_000;
    world.edit(1, id, 3, &["Elm"]);
    world.run(10_000);
    world.now = guildsync_types::Time(world.now.0 - 86_400_000);
    for member in &mut world.members {
        let (name, config) = (member.name.clone(), member.sync.config().clone());
        member.sync = guildsync_sections::SectionSync::new(name, config, Default::default());
        member.is_online = false;
    }
    world.all();
    world.run(5_000);
    world.edit(0, id, 3, &["Fir"]);
    world.run(30_000);
    assert!(world.is_equal());
    let held = world.members[2].shelf.get(id).unwrap();
    assert_eq!(held.sections()[3].body, &super::raid::body(&["Fir"]));
}

#[test]
fn c29_names_with_quotes_equal_names_and_many_sections_keep_their_places() {
    let mut world = World::new(2);
    world.all();
    let names: Vec<Label> =
        (0..150).map(|at| label(["\"Quoted\", twice", "Same", "a:b|c;d,e", "1"][at % 4])).collect();
    let bodies = super::raid::sheet(150).into_iter().map(|(_, body)| body);
    let sections: Vec<_> = names.into_iter().zip(bodies).collect();
    let id = world.publish(0, "Raid", Policy::default(), 1);
    let changes = world.members[0].shelf.get(id).unwrap().difference(sections.clone());
    world.change(0, id, changes);
    world.run(120_000);
    let held = world.members[1].shelf.get(id).unwrap();
    let read: Vec<_> =
        held.sections().iter().map(|one| (one.name.clone(), one.body.clone())).collect();
    assert_eq!(read, sections);
    let Batch::Packed { .. } = parts().1[0].batch else { panic!("packed") };
}
