//! Assignment sheets of replicas, beside logs and tables on one link.

use std::collections::BTreeSet;

use guildsync::sections::message::What;
use guildsync::sections::{
    Body, Change, Document, DocumentId, Label, Plain, Policy, SHELF_MAX, SectionId,
};
use guildsync::transport::ChannelProfile;
use guildsync::types::Time;
use guildsync::{Config, Input, Local, Notice};

use crate::world::*;

fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

fn body(text: &str) -> Plain {
    let row = vec!["Skull".to_owned(), text.to_owned()];
    Body { rows: vec![row; 6], note: Some(text.repeat(8)), ..Body::default() }.plain().unwrap()
}

fn sheet(n: usize) -> Vec<(Label, Plain)> {
    (0..n).map(|at| (label(&format!("Boss {at}")), body(&format!("Tank{at}")))).collect()
}

fn raid(channel: ChannelProfile) -> World {
    let mut world = World::of(&["Lead", "Ann", "Bob"], channel, Config::default());
    world.form("Lead");
    world.run(10_000);
    world
}

fn publish(world: &mut World, who: &str, title: &str, n: usize) -> DocumentId {
    world.put_sheet(who, |author, _| {
        Document::publish(author, label(title), Policy::default(), sheet(n)).ok()
    });
    DocumentId::of_title(&label(title))
}

fn edit(world: &mut World, who: &str, id: DocumentId, nth: usize, text: &str) -> SectionId {
    let held = world.members[&name(who)].replica.sheets().get(id).unwrap();
    let section = held.sections()[nth].id;
    world.put_sheet(who, |author, shelf| {
        let mut document = shelf.get(id)?.clone();
        let set = Change::Set { section, name: label("Edited"), body: body(text) };
        document.change(author, vec![set]).ok()?.then_some(document)
    });
    section
}

fn equal(world: &World) -> bool {
    let shelves = world.members.values().map(|member| member.replica.sheets().state_hash());
    shelves.collect::<BTreeSet<_>>().len() == 1
}

fn shown(world: &World, who: &str) -> Vec<SectionId> {
    let notices = world.members[&name(who)].notices.iter();
    let shown = notices.filter_map(|notice| match notice {
        Notice::SheetShown { section, .. } => Some(*section),
        _ => None,
    });
    shown.collect()
}

#[test]
fn a_sheet_is_published_edited_and_followed_beside_awards() {
    for channel in [ChannelProfile::retail(), ChannelProfile::wide(), ChannelProfile::vanilla()] {
        let mut world = raid(channel);
        let id = publish(&mut world, "Lead", "Raid", 12);
        world.award("Ann");
        world.commit("Lead");
        world.run(30_000);
        assert!(equal(&world) && world.agree());
        let section = edit(&mut world, "Lead", id, 3, "Shield");
        world.commit("Lead");
        world.step(&name("Lead"), Input::Point { document: id, section });
        world.award("Bob");
        world.run(5_000);
        assert!(equal(&world) && world.agree());
        assert_eq!(shown(&world, "Bob"), [section]);
        for member in world.members.values() {
            let misread = |notice: &&Notice| {
                matches!(notice, Notice::BadMessage { .. } | Notice::BadSheetMessage { .. })
            };
            assert_eq!(member.notices.iter().find(misread), None);
            assert!(member.replica.is_settled());
        }
    }
}

#[test]
fn what_is_not_durable_is_not_told() {
    let mut world = raid(ChannelProfile::retail());
    let n_left = world.left.len();
    let id = publish(&mut world, "Lead", "Raid", 4);
    assert_eq!(world.left.len(), n_left);
    world.commit("Lead");
    assert!(world.left.len() > n_left);
    world.run(30_000);
    assert!(equal(&world));
    // A member whose program ends before an edit is on disk has not said that it has it.
    world.ends_before_sheets = Some(name("Ann"));
    edit(&mut world, "Lead", id, 2, "Shield");
    world.commit("Lead");
    while world.ends_before_sheets.is_some() {
        world.run(1);
    }
    let (old, new) = (world.durable("Ann").shelf.clone(), world.durable("Lead").shelf.clone());
    assert_ne!(old, new);
    world.run(120_000);
    assert!(equal(&world));
    assert_eq!(world.durable("Ann").shelf, new);
}

#[test]
fn an_assistant_is_believed_once_the_group_says_so() {
    let mut world = raid(ChannelProfile::retail());
    publish(&mut world, "Ann", "Hers", 4);
    world.commit("Ann");
    world.run(20_000);
    assert!(world.members[&name("Bob")].replica.sheets().is_empty());
    let refused = |notice: &Notice| matches!(notice, Notice::SheetRefused { .. });
    assert!(world.members[&name("Ann")].notices.iter().any(refused));
    for who in ["Lead", "Ann", "Bob"] {
        world.step(&name(who), Input::Assistants([name("Ann")].into()));
    }
    let id = DocumentId::of_title(&label("Hers"));
    edit(&mut world, "Ann", id, 1, "Shield");
    world.commit("Ann");
    world.run(90_000);
    assert!(equal(&world));
}

#[test]
fn a_user_can_fetch_and_sees_the_outline() {
    let mut world = raid(ChannelProfile::retail());
    let id = publish(&mut world, "Lead", "Raid", 4);
    world.commit("Lead");
    world.run(20_000);
    world.step(&name("Bob"), Input::SheetFetch { document: id, what: What::Structure });
    world.run(5_000);
    let notices = &world.members[&name("Bob")].notices;
    let outline = notices.iter().find_map(|notice| match notice {
        Notice::SheetOutline { sections, .. } => Some(sections.clone()),
        _ => None,
    });
    let outline = outline.expect("an outline");
    assert_eq!(outline.len(), 4);
    assert!(outline.iter().all(|(_, _, is_here)| *is_here));
}

#[test]
fn a_local_member_publishes_imports_anew_edits_and_removes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut local = Local::create(&path, name("Lead"), Config::default()).unwrap();
    let now = Time(1_700_000_000_000);
    let mut out = Vec::new();
    let out = &mut out;
    let publish = |local: &mut Local, title: &str, sections| {
        local.publish_sheet(now, label(title), Policy::default(), sections, &mut Vec::new())
    };
    let id = publish(&mut local, "Raid", sheet(5)).unwrap();
    let first = local.sheets().get(id).unwrap().digest();
    assert_eq!(publish(&mut local, "Raid", sheet(5)).unwrap(), id);
    assert_eq!(local.sheets().get(id).unwrap().digest(), first);
    let mut sections = sheet(6);
    sections.remove(0);
    publish(&mut local, "Raid", sections.clone()).unwrap();
    drop(local);
    let mut local = Local::open(&path, name("Lead"), Config::default()).unwrap();
    let held = local.sheets().get(id).unwrap();
    let names: Vec<_> = held.sections().iter().map(|section| section.name.clone()).collect();
    let expected: Vec<_> = sections.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, expected);
    let unknown = DocumentId::of_title(&label("None"));
    let error = local.change_sheet(now, unknown, Vec::new(), out).unwrap_err();
    assert!(error.to_string().starts_with("there is no document"), "{error}");
    for n in 1..SHELF_MAX {
        publish(&mut local, &format!("Raid {n}"), sheet(1)).unwrap();
    }
    assert!(publish(&mut local, "One more", sheet(1)).is_err());
    assert!(local.remove_sheet(now, id, out).unwrap());
    assert!(!local.remove_sheet(now, id, out).unwrap());
    publish(&mut local, "One more", sheet(1)).unwrap();
    drop(local);
    let local = Local::open(&path, name("Lead"), Config::default()).unwrap();
    assert!(local.sheets().get(id).is_none() && local.sheets().len() == SHELF_MAX);
}

#[test]
fn a_sheet_that_was_removed_and_is_published_anew_later_is_nobodys_conflict() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let now = Time(1_700_000_000_000);
    let out = &mut Vec::new();
    let publish = |local: &mut Local, sections| {
        local.publish_sheet(now, label("Raid"), Policy::default(), sections, &mut Vec::new())
    };
    let mut local = Local::create(&path, name("Lead"), Config::default()).unwrap();
    let id = publish(&mut local, sheet(2)).unwrap();
    let section = local.sheets().get(id).unwrap().sections()[0].id;
    // Far more often than the clock counts seconds.
    for nth in 0..40 {
        let (name, body) = (label("Boss 0"), body(&format!("try {nth}")));
        let set = vec![Change::Set { section, name, body }];
        assert!(local.change_sheet(now, id, set, out).unwrap());
    }
    let others = local.sheets().get(id).unwrap().clone();
    assert!(local.remove_sheet(now, id, out).unwrap());
    drop(local);
    let mut local = Local::open(&path, name("Lead"), Config::default()).unwrap();
    publish(&mut local, sheet(2)).unwrap();
    let anew = local.sheets().get(id).unwrap();
    let mut merged = others.clone();
    assert_eq!(merged.merge(anew.versions().cloned()), Ok(true));
    assert_eq!(&merged, anew);
}
