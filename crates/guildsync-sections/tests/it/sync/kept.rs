//! What is kept of versions that are not whole.

use std::sync::Arc;

use guildsync_sections::message::{Answer, Batch, Carried, Part};
use guildsync_sections::{Content, Event, Have, Item, Message, Policy, Saved, Slot};
use guildsync_types::Digest;

use super::raid::World;

#[test]
fn whatever_is_kept_can_be_read_again() {
    let mut world = World::new(2);
    let id = world.publish(0, "Raid", Policy::default(), 1);
    world.members[1].is_online = true;
    world.all();
    let document = world.members[0].shelf.get(id).unwrap().clone();
    let section = document.sections()[0].id;
    // The publisher removes one section thousands of times over: each time a version of its own.
    for stream in 0..24u16 {
        let mut changed = document.clone();
        let member = &world.members[0];
        let author = guildsync_sections::Author {
            name: &member.name,
            key: &member.key,
            stamp: guildsync_types::Stamp::new(u64::from(stream), 0).unwrap(),
            after: 0,
        };
        let mut carried: Vec<Carried> = Vec::new();
        for count in 0..100u16 {
            let stamp = guildsync_types::Stamp::new(u64::from(stream), count).unwrap();
            let author = guildsync_sections::Author { stamp, ..author };
            changed.clone_from(&document);
            let remove = guildsync_sections::Change::Remove(section);
            changed.change(author, vec![remove]).unwrap();
            let [version] = changed.slot(Slot::Section(section)) else { panic!("one") };
            let item: Item = version.item().clone();
            assert_eq!(item.content, Content::Removed);
            carried.push(Carried { item, edit: Arc::clone(version.edit()), body: None });
        }
        let part = Part {
            document: id,
            target: Digest([9; 8]),
            answer: Answer::Document { beyond: Have(7) },
            stream,
            index: 0,
            last: false,
            batch: Batch::Plain(carried),
        };
        let from = world.members[0].name.clone();
        world.step(1, Event::Received { from, message: Message::Part(part) });
    }
    let saved = world.members[1].sync.saved();
    assert!(saved.aside(id).len() >= 2_000, "{}", saved.aside(id).len());
    assert_eq!(Saved::decode(&saved.encode()).as_ref(), Ok(saved));
}
