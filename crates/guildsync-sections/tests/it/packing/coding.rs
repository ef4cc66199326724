//! A raid of forty in one thread codes each part once.

use std::collections::BTreeSet;

use bytes::Bytes;
use guildsync_sections::message::{Batch, Message, Part};
use guildsync_sections::{Author, Body, Document, Event, Policy, coded};

use crate::sync::raid::{World, label};

/// All packed parts that were sent, each once.
fn parts(world: &World) -> BTreeSet<Bytes> {
    let sent = world.members.iter().flat_map(|member| &member.sent);
    sent.filter_map(|(_, message)| match message {
        Message::Part(Part { batch: Batch::Packed { bytes, .. }, .. }) => Some(bytes.clone()),
        _ => None,
    })
    .collect()
}

#[test]
fn forty_members_code_each_part_once() {
    let mut world = World::new(40);
    world.all();
    let before = coded();
    let id = world.publish(0, "Raid", Policy::open(), 20);
    world.run(120_000);
    assert!(world.is_equal());
    let published = parts(&world).len() as u64;
    assert!(published > 0);
    assert_eq!(coded() - before, published);
    for nth in 0..6 {
        world.edit(nth, id, nth, &["Ash", "Oak"]);
        world.run(20_000);
    }
    assert!(world.is_equal());
    assert_eq!(parts(&world).len() as u64, published + 6);
    assert_eq!(coded() - before, published + 6);
}

/// Publishes bodies, and says whether another has them after a while.
fn comes_over(bodies: Vec<Body>) -> bool {
    let mut world = World::new(2);
    world.all();
    let stamp = world.now.stamp();
    let member = &mut world.members[0];
    let section = |(at, body): (usize, Body)| (label(&at.to_string()), body.plain().unwrap());
    let sections = bodies.into_iter().enumerate().map(section).collect();
    let author = Author { name: &member.name, key: &member.key, stamp, after: 0 };
    let document = Document::publish(author, label("Raid"), Policy::open(), sections).unwrap();
    let id = document.id();
    member.shelf.put(document).unwrap();
    world.step(0, Event::Edited(id));
    world.run(600_000);
    world.members[1].shelf.get(id).is_some() && world.is_equal()
}

#[test]
fn a_sheet_of_more_records_than_can_prime_comes_over() {
    // Each word is a letter and takes five times that as a record; the later parts are told by all of it.
    let words = || Some("x ".repeat(1_500));
    let body = || Body { note: words(), warning: words(), ..Body::default() };
    assert!(comes_over((0..60).map(|_| body()).collect()));
}

#[test]
fn a_sheet_of_many_short_rows_comes_over() {
    let body = || Body { rows: vec![vec!["x".into()]; 490], ..Body::default() };
    assert!(comes_over((0..12).map(|_| body()).collect()));
}
