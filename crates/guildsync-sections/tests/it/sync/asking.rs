//! Who asks, who answers, and what happens when nobody does.

use guildsync_sections::message::{Ask, What};
use guildsync_sections::{Config, Event, ImportSpread, Message, Policy, Refusal};

use super::raid::World;

fn announcing() -> Config {
    Config { spread: ImportSpread::Announce, ..Config::default() }
}

#[test]
fn of_many_who_lack_the_same_few_ask() {
    let mut world = World::with(40, announcing());
    world.all();
    world.publish(0, "Raid", Policy::default(), 20);
    world.run(20_000);
    assert!(world.is_equal());
    let n_asked = world.frames(&["REQ"]);
    assert!((1..=4).contains(&n_asked), "{n_asked}");
    assert_eq!(world.members[1..].iter().filter(|m| m.frames.contains_key("BSTR")).count(), 0);
}

#[test]
fn when_whoever_was_asked_is_gone_another_holder_answers() {
    let mut world = World::new(12);
    world.raid(0..4);
    world.publish(0, "Raid", Policy::default(), 10);
    world.run(60_000);
    // Whoever announces is asked; here that is a member that goes at once.
    world.raid(0..12);
    world.until(|world| world.frames(&["REQ"]) > 0);
    let asked = world.members.iter().find_map(|member| {
        member.sent.iter().find_map(|(_, message)| match message {
            Message::Ask(ask) => ask.whom.clone(),
            _ => None,
        })
    });
    let asked = asked.expect("somebody is asked by name");
    let gone = (0..12).find(|at| world.members[*at].name == asked).unwrap();
    world.raid((0..12).filter(|at| *at != gone));
    world.run(30_000);
    assert!(world.is_equal());
    assert!(world.members[..4].iter().filter(|m| m.frames.contains_key("BSTR")).count() >= 1);
}

#[test]
fn nobody_who_has_it_is_asked_for_ever() {
    let mut world = World::with(2, announcing());
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 4);
    // It announces and never answers.
    world.run(200);
    world.remove(0, id);
    world.restart(0);
    world.members[0].is_online = true;
    world.run(600_000);
    let asked: Vec<_> = world.members[1].sent.iter().map(|(at, _)| at.0).collect();
    assert_eq!(asked.len(), 8);
    let gaps: Vec<u64> = asked.windows(2).map(|two| two[1] - two[0]).collect();
    assert!(gaps.windows(2).all(|two| two[1] > two[0] || two[0] > 50_000), "{gaps:?}");
    let why = Refusal::GaveUp(id);
    assert!(world.members[1].refusals.iter().any(|(_, refusal)| *refusal == why));
    assert!(world.members[1].sync.is_settled());
}

#[test]
fn where_nobody_is_named_one_of_the_holders_answers() {
    let mut world = World::new(12);
    world.raid(0..11);
    let id = world.publish(0, "Raid", Policy::default(), 10);
    world.run(60_000);
    world.forget_frames();
    world.all();
    world.step(11, Event::Fetch { document: id, what: What::Everything });
    world.run(20_000);
    assert!(world.is_equal());
    let answers = world.members.iter().filter(|m| m.frames.contains_key("BSTR")).count();
    assert!((1..=2).contains(&answers), "{answers}");
    assert!(world.frames(&["BSACK"]) >= 1);
}

#[test]
fn the_same_question_over_and_over_is_answered_once_in_a_while() {
    let mut world = World::new(3);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 10);
    world.run(30_000);
    world.forget_frames();
    let whom = Some(world.members[0].name.clone());
    let (target, base) = (None, None);
    for n in 0..200 {
        let what = if n % 2 == 0 { What::Everything } else { What::Structure };
        let message = Message::Ask(Ask { document: id, target, base, whom: whom.clone(), what });
        let from = world.members[2].name.clone();
        world.step(0, Event::Received { from, message });
        world.run(50);
    }
    let answers: usize =
        world.members[0].sent.iter().filter(|(_, m)| matches!(m.name(), "BSTR" | "SRES")).count();
    assert!(answers <= 10, "{answers} in ten seconds");
    assert!(answers >= 4, "{answers}");
}

#[test]
fn whoever_is_asked_gives_way_to_another_however_much_it_has_overheard() {
    let mut world = World::new(4);
    world.all();
    let id = world.publish(0, "Raid", Policy::default(), 10);
    world.run(30_000);
    let target = Some(world.members[0].shelf.get(id).unwrap().digest());
    let ask = |world: &mut World, whom: usize| {
        let (whom, from) = (world.members[whom].name.clone(), world.members[3].name.clone());
        let what = What::Everything;
        let ask = Ask { document: id, target, base: None, whom: Some(whom), what };
        world.step(1, Event::Received { from, message: Message::Ask(ask) });
    };
    // Questions to the first member, which the second hears, for minutes.
    for _ in 0..100 {
        ask(&mut world, 0);
        world.run(4_000);
    }
    world.forget_frames();
    ask(&mut world, 0);
    ask(&mut world, 1);
    world.run(2_000);
    assert_eq!(world.members[1].frames.get("BSTR"), None, "the first is asked for the same");
    world.run(10_000);
    ask(&mut world, 1);
    world.run(2_000);
    assert!(world.members[1].frames.contains_key("BSTR"), "nobody else is asked");
}

#[test]
fn whoever_takes_part_again_says_what_it_has() {
    let mut world = World::new(3);
    world.members[0].sync.set_config(Config { enabled: false, ..Config::default() });
    world.all();
    world.publish(0, "Raid", Policy::default(), 4);
    world.run(60_000);
    assert!(world.members[1].shelf.is_empty());
    world.members[0].sync.set_config(Config::default());
    world.run(30_000);
    assert!(world.is_equal());
}

#[test]
fn without_a_raid_nothing_is_said() {
    let mut world = World::new(2);
    let id = world.publish(0, "Raid", Policy::default(), 4);
    world.run(100_000);
    assert!(world.members[0].sent.is_empty() && world.members[0].sync.deadline().is_none());
    world.step(0, Event::Fetch { document: id, what: What::Everything });
    assert!(world.members[0].refusals.iter().any(|(_, why)| *why == Refusal::NoRaid));
    let mut world = World::with(2, Config { enabled: false, ..Config::default() });
    world.all();
    world.publish(0, "Raid", Policy::default(), 4);
    world.run(100_000);
    assert!(world.members[0].sent.is_empty());
}
