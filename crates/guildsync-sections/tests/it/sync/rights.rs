//! Who may do what, and how that is said.

use guildsync_sections::{Action, Change, Config, Deed, Policy, Refusal, Who};

use super::raid::World;

const TREES: [&str; 3] = ["Ash", "Oak", "Fir"];

fn is_refused(world: &World, at: usize, deed: Deed) -> bool {
    let is = |why: &Refusal| matches!(why, Refusal::RefusedBy { deed: d, .. } if *d == deed);
    world.members[at].refusals.iter().any(|(_, why)| is(why))
}

/// A world of four in which the fourth member's own program lets it do everything.
fn lawless() -> World {
    let mut world = World::new(4);
    let config = Config { publish: Who::Everyone, ..Config::default() };
    world.members[3].sync.set_config(config);
    world.all();
    world
}

#[test]
fn a_publisher_without_permission_is_refused_by_all_and_told_who_may() {
    let mut world = lawless();
    world.publish(3, "Mine", Policy::open(), 4);
    world.run(60_000);
    assert!(world.members[..3].iter().all(|member| member.shelf.is_empty()));
    assert!(is_refused(&world, 3, Deed::Publish));
    let (_, why) = &world.members[3].refusals[0];
    assert_eq!(
        why.to_string(),
        "the raid did not take it: only the leader and the assistants may publish"
    );
    // It goes on announcing it, and is not asked again and again.
    assert!(world.frames(&["REQ"]) <= 3);
}

#[test]
fn an_own_program_refuses_first() {
    let mut world = World::new(4);
    world.all();
    world.publish(3, "Mine", Policy::open(), 4);
    let (_, why) = &world.members[3].refusals[0];
    assert_eq!(why.to_string(), "only the leader and the assistants may publish");
    assert_eq!(world.frames(&["RESP"]), 0);
}

#[test]
fn an_edit_without_permission_is_refused_and_others_go_on() {
    let mut world = World::new(4);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 6);
    world.run(20_000);
    // Its own document says that it may not: it edits all the same, alone, and comes back.
    world.raid([3]);
    world.edit(3, id, 2, &TREES);
    world.raid(0..4);
    world.run(60_000);
    let digests: Vec<_> =
        world.members[..3].iter().map(|m| m.shelf.get(id).unwrap().digest()).collect();
    assert!(digests.iter().all(|digest| *digest == digests[0]));
    assert_ne!(world.members[3].shelf.get(id).unwrap().digest(), digests[0]);
    assert!(is_refused(&world, 3, Deed::Edit));
    world.edit(0, id, 4, &TREES);
    world.run(60_000);
    // It still gets what the others write.
    let held = world.members[3].shelf.get(id).unwrap();
    assert_eq!(held.sections()[4].body, world.members[0].shelf.get(id).unwrap().sections()[4].body);
}

#[test]
fn an_assistant_may_and_is_believed_through_others_while_one_who_may_has_it() {
    let mut world = World::new(6);
    world.raid(0..4);
    let id = world.publish(1, "Raid", Policy::default(), 6);
    world.run(20_000);
    assert!(world.is_equal());
    // The assistant goes and is none any more; members who join get it from the others.
    world.assistants.clear();
    world.raid([0, 2, 3, 4, 5]);
    world.run(60_000);
    assert!(world.members[5].shelf.get(id).is_some());
    assert!(world.is_equal());
}

#[test]
fn what_nobody_vouches_for_waits_and_is_taken_when_its_editor_may_again() {
    let mut world = World::new(4);
    // The third holds what an assistant published in another raid.
    world.leader = 2;
    world.raid([1, 2]);
    let id = world.publish(1, "Raid", Policy::default(), 6);
    world.run(20_000);
    world.leader = 0;
    world.assistants.clear();
    world.raid([0, 2, 3]);
    world.run(60_000);
    assert!(world.members[0].shelf.is_empty() && world.members[3].shelf.is_empty());
    assert!(!is_refused(&world, 2, Deed::Publish), "whoever passes it on does nothing wrong");
    assert!(world.frames(&["BSTR", "BSEC"]) < 20, "and is not asked for ever");
    world.assistants = vec![1];
    world.raid(0..4);
    world.run(120_000);
    assert!(world.is_equal() && world.members[3].shelf.get(id).is_some());
}

#[test]
fn a_document_says_who_may_edit_it() {
    let mut world = World::new(4);
    world.all();
    let name = world.members[2].name.clone();
    let policy = Policy { edit: Who::Members([name].into()), ..Policy::default() };
    let id = world.publish(0, "Raid", policy, 6);
    world.run(20_000);
    world.edit(2, id, 1, &TREES);
    world.run(20_000);
    assert!(world.is_equal());
    // It may edit sections, and not say who else may.
    world.change(2, id, vec![Change::Policy(Policy::open())]);
    let last = world.members[2].actions.last();
    assert!(matches!(
        last,
        Some(Action::Refuse { why: Refusal::NotAllowed { deed: Deed::Publish, .. }, .. })
    ));
}
