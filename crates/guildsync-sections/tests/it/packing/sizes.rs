//! How many bytes a sheet takes. The numbers are exact so that a change of the format shows; where one is
//! meant, take what the failed test says for the new number, as long as the bound beside it holds.

use guildsync_sections::message::{Batch, Message, Part};
use guildsync_sections::{Change, DocumentId, Policy};

use crate::sync::raid::{World, body, label};

/// The packed bytes that somebody has sent so far, the number of parts, and then forgets.
fn sent(world: &mut World, at: usize) -> (usize, usize) {
    let sent = std::mem::take(&mut world.members[at].sent);
    let packed = sent.into_iter().filter_map(|(_, message)| match message {
        Message::Part(Part { batch: Batch::Packed { bytes, .. }, .. }) => Some(bytes.len()),
        _ => None,
    });
    packed.fold((0, 0), |(sum, n), len| (sum + len, n + 1))
}

/// Three members have the sheet.
fn world() -> (World, DocumentId, (usize, usize)) {
    let mut world = World::new(3);
    world.all();
    let id = world.publish(0, "Raid", Policy::open(), 20);
    world.run(60_000);
    assert!(world.is_equal());
    let whole = sent(&mut world, 0);
    (world, id, whole)
}

/// What a change takes that everyone hears at once.
fn change(changes: impl FnOnce(&World, DocumentId) -> Vec<Change>) -> usize {
    let (mut world, id, _) = world();
    let changes = changes(&world, id);
    world.change(1, id, changes);
    world.run(20_000);
    assert!(world.is_equal());
    let (bytes, parts) = sent(&mut world, 1);
    assert_eq!(parts, 1);
    bytes
}

#[test]
fn a_whole_sheet_is_little_more_than_its_notes() {
    let (world, id, (bytes, parts)) = world();
    // 800 random words of six letters hold 2,820 bytes, whatever codes them.
    let document = world.members[2].shelf.get(id).unwrap();
    let plain: usize = document.sections().iter().map(|one| one.body.bytes().len()).sum();
    assert_eq!((plain, parts, bytes), (9_418, 1, 3_231), "at most 3,400 of them wanted");
}

#[test]
fn one_edit_is_little_more_than_its_signature() {
    let set = |nth: usize, words: &'static [&'static str]| {
        change(move |world, id| {
            let section = world.members[1].shelf.get(id).unwrap().sections()[nth];
            // As it was, but for two cells.
            let mut edited = section.body.open().unwrap();
            for (row, word) in edited.rows.iter_mut().zip(words) {
                row[2] = (*word).to_owned();
            }
            let body = edited.plain().unwrap();
            vec![Change::Set { section: section.id, name: section.name.clone(), body }]
        })
    };
    let rename = change(|world, id| {
        let section = world.members[1].shelf.get(id).unwrap().sections()[3];
        let (name, body) = (label("Renamed"), section.body.clone());
        vec![Change::Set { section: section.id, name, body }]
    });
    let remove = change(|world, id| {
        vec![Change::Remove(world.members[1].shelf.get(id).unwrap().sections()[3].id)]
    });
    let reverse = change(|world, id| {
        let held = world.members[1].shelf.get(id).unwrap();
        vec![Change::Order(held.sections().iter().rev().map(|one| one.id).collect())]
    });
    let add = change(|world, id| {
        let name = label("Willow 1");
        let section = world.members[1].shelf.get(id).unwrap().new_section(&name);
        vec![Change::Set { section, name, body: body(&["Ash", "Elm"]) }]
    });
    let cells = [set(0, &["Oak", "Zander"]), set(19, &["Oak", "Zander"])];
    // 64 for the signature, 33 and 15 for the editor's key and name, and what was edited.
    assert_eq!((cells, rename, remove), ([144, 141], 177, 125), "at most 160, 190, 130 wanted");
    assert_eq!((reverse, add), (140, 147), "at most 160, 180 wanted");
}
