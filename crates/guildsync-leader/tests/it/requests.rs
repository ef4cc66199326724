//! What was asked for: deadlines, other holders, answers that come late or to another question.

use guildsync_leader::{
    Announced, Answer, Config, Event, Has, Message, Refusal, Stage, SyncPlan, Tag, Want,
};

use crate::raid::*;

/// Lead has asked Ann for what she wrote, and she says nothing any more.
fn asked() -> Raid {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::of(&names, Config::default());
    raid.award("Ann", "Brindle", "1");
    raid.form(&names);
    while raid.n_said("REQUEST_MY_MISSING") == 0 {
        if !raid.deliver_one() {
            raid.tick();
        }
    }
    raid
}

#[test]
fn a_request_backs_off_and_ends_after_41_seconds_with_a_reason() {
    let mut raid = asked();
    raid.member("Ann").answers = false;
    let start = raid.now;
    raid.settle();
    // 5 s, and each time half as long again.
    assert_eq!(raid.times(start, "REQUEST_MY_MISSING"), [0, 5_000, 12_500, 23_750]);
    let report = raid.reports.last().unwrap();
    assert!(report.silent.contains(&name("Ann")), "{report:?}");
    assert_eq!(raid.stages.last(), Some(&(name("Ann"), Stage::Silent)));
    assert!(raid.now.since(start) <= 41_000, "{}", raid.now.since(start));
}

#[test]
fn pieces_of_an_answer_move_its_deadline() {
    let mut raid = asked();
    let start = raid.now;
    // Ann's answer takes half a minute to arrive.
    raid.lose("Ann");
    for _ in 0..10 {
        raid.run(3_000);
        raid.step(&name("Lead"), Event::Piece { from: name("Ann") });
    }
    assert_eq!(raid.times(start, "REQUEST_MY_MISSING"), [0]);
    // It breaks off.
    raid.settle();
    assert_eq!(raid.times(start, "REQUEST_MY_MISSING"), [0, 35_000]);
    assert!(raid.agree(&["Lead", "Ann", "Bo"]));
}

#[test]
fn an_answer_after_its_deadline_is_taken_all_the_same() {
    let mut raid = asked();
    raid.deliver();
    let answer = raid.spoken.iter().rev().find(|s| s.message.name() == "SEND_MISSING_LOGS");
    let answer = answer.expect("Ann answered").clone();
    // Nobody hears it in time.
    let mut raid = asked();
    raid.lose("Ann");
    raid.member("Ann").answers = false;
    raid.settle();
    assert!(raid.log("Lead").is_empty());
    let message = answer.message;
    raid.step(&name("Lead"), Event::Received { from: name("Ann"), message });
    assert_eq!(raid.log("Lead").len(), 1);
    raid.settle();
    assert!(raid.agree(&["Lead", "Ann", "Bo"]), "{:#?}", raid.said);
}

#[test]
fn a_holder_that_left_is_followed_by_another_at_once() {
    let names = ["Lead", "Ann", "Bo", "Cy"];
    let mut raid = Raid::of(&names, Config::default());
    raid.award("Cy", "Brindle", "1");
    raid.copy("Cy", "Ann");
    raid.copy("Cy", "Bo");
    raid.form(&names);
    while raid.n_said("REQUEST_MY_MISSING") == 0 {
        if !raid.deliver_one() {
            raid.tick();
        }
    }
    let asked = raid.spoken.last().unwrap().to.clone();
    let guildsync_leader::To::Member(asked) = asked else { panic!("{asked:?}") };
    let left: Vec<&str> = names.into_iter().filter(|who| *who != asked.as_str()).collect();
    let start = raid.now;
    raid.form(&left);
    raid.settle();
    assert!(raid.agree(&left));
    assert_eq!(raid.times(start, "REQUEST_MY_MISSING"), [0, 0], "it left: nothing is waited for");
}

#[test]
fn a_request_that_comes_twice_is_answered_once_until_its_answer_may_be_lost() {
    let names = ["Lead", "Ann"];
    let mut raid = Raid::of(&names, Config::default());
    raid.award("Ann", "Brindle", "1");
    raid.form(&names);
    raid.settle();
    let ann = raid.own("Ann", 1).writer;
    let request = |request| Message::RequestMyMissing {
        profile: Tag::short(raid.log("Ann").profile().id),
        request,
        answer: Answer::Me,
        base: None,
        wants: vec![Want { writer: Tag::short(ann), first: 1, of: None }],
    };
    let (seven, eight) = (request(7), request(8));
    let before = raid.n_said("SEND_MISSING_LOGS");
    let ask = |raid: &mut Raid, message: &Message| {
        let event = Event::Received { from: name("Lead"), message: message.clone() };
        raid.step(&name("Ann"), event);
        raid.n_said("SEND_MISSING_LOGS") - before
    };
    assert_eq!((ask(&mut raid, &seven), ask(&mut raid, &seven), ask(&mut raid, &eight)), (1, 1, 2));
    raid.run(4_000);
    assert_eq!(ask(&mut raid, &seven), 3);
}

#[test]
fn what_is_not_held_is_refused_with_a_reason() {
    let names = ["Lead", "Ann"];
    let mut raid = Raid::of(&names, Config::default());
    raid.form(&names);
    raid.settle();
    let message = Message::RequestMyMissing {
        profile: Tag::short(raid.log("Ann").profile().id),
        request: 1,
        answer: Answer::Me,
        base: None,
        wants: vec![Want {
            writer: Tag::short(guildsync_types::WriterId([9; 16])),
            first: 1,
            of: None,
        }],
    };
    raid.step(&name("Ann"), Event::Received { from: name("Lead"), message });
    assert_eq!(raid.refused.last(), Some(&(name("Ann"), Refusal::NotHeld)));
}

#[test]
fn an_answer_of_yesterdays_term_changes_nothing() {
    let names = ["Lead", "Ann"];
    let mut raid = Raid::of(&names, Config::default());
    raid.award("Lead", "Brindle", "1");
    raid.form(&names);
    raid.settle();
    raid.form_led_by(&names, "Ann");
    raid.settle();
    raid.form_led_by(&names, "Lead");
    raid.settle();
    let term = raid.members[&name("Lead")].session.epoch().unwrap().term;
    assert!(term >= 3);
    let (said, stages) = (raid.said.len(), raid.stages.len());
    let difference = guildsync_leader::Difference { behind: vec![(0, 1)], ..Default::default() };
    for term in 0..term {
        for has in [Has::Same, Has::Difference(difference.clone())] {
            for n in [0, 1, 2, 1_000_000] {
                let message = Message::LogListReply { at: Announced { term, n }, has: has.clone() };
                raid.step(&name("Lead"), Event::Received { from: name("Ann"), message });
            }
        }
    }
    raid.settle();
    assert_eq!((raid.said.len(), raid.stages.len()), (said, stages), "{:?}", &raid.said[said..]);
    // The same, said of the present term, is heard.
    let newest = |s: &&Spoken| match s.message {
        Message::ProfileAnnounce { at, .. } if at.term == term => Some(at),
        _ => None,
    };
    let at = raid.spoken.iter().rev().find_map(|s| newest(&s)).unwrap();
    let message = Message::LogListReply { at, has: Has::Difference(difference) };
    raid.step(&name("Lead"), Event::Received { from: name("Ann"), message });
    raid.settle();
    assert!(raid.said[said..].contains(&"Lead -> Ann: SEND_MISSING_LOGS".to_owned()));
}

#[test]
fn what_seventy_members_wrote_alone_is_asked_for_64_at_a_time() {
    let all: Vec<String> = (0..71).map(|i| format!("M{i:02}")).collect();
    let names: Vec<&str> = all.iter().map(String::as_str).collect();
    let mut raid = Raid::beating(&names, Config::default());
    names[1..].iter().for_each(|who| raid.award(who, "Brindle", "1"));
    raid.form(&names);
    raid.run(60_000);
    let wants = |s: &Spoken| match &s.message {
        Message::RequestMyMissing { wants, .. } => Some(wants.len()),
        _ => None,
    };
    let asked: Vec<usize> = raid.spoken.iter().filter_map(wants).collect();
    assert_eq!(asked[0], 64, "{asked:?}");
    assert!(raid.agree(&names));
}

#[test]
fn ten_members_of_twenty_that_leave_in_mid_sync_harm_nobody() {
    let all: Vec<String> = (0..20).map(|i| format!("M{i:02}")).collect();
    let names: Vec<&str> = all.iter().map(String::as_str).collect();
    for plan in [SyncPlan::Broadcast, SyncPlan::Queue { at_once: 1, pause_ms: 0 }] {
        for at in [0, 5, 25, 40, 80] {
            let mut raid = Raid::of(&names, Config { plan, ..Config::default() });
            names.iter().for_each(|who| raid.award(who, "Brindle", "1"));
            raid.form(&names);
            for _ in 0..at {
                if !raid.deliver_one() {
                    raid.tick();
                }
            }
            raid.form(&names[..10]);
            raid.settle();
            assert!(raid.agree(&names[..10]), "after {at} messages: {:#?}", raid.said);
            raid.form(&names);
            raid.settle();
            assert!(raid.agree(&names));
        }
    }
}

#[test]
fn what_several_members_ask_for_goes_to_the_group_and_only_once() {
    let names = ["Lead", "Ann", "Bo", "Cy", "Dee"];
    let mut raid = Raid::of(&names, Config::default());
    raid.form(&names);
    raid.award("Lead", "Brindle", "1");
    raid.settle();
    let (profile, writer) = {
        let log = raid.log("Lead");
        (Tag::short(log.profile().id), Tag::short(log.frontier().iter().next().unwrap().0))
    };
    let wants = vec![Want { writer, first: 1, of: None }];
    let before = raid.said.len();
    let ask = |raid: &mut Raid, who: &str, request| {
        let (answer, base, wants) = (Answer::Me, None, wants.clone());
        let message = Message::RequestMyMissing { profile, request, answer, base, wants };
        raid.step(&name("Lead"), Event::Received { from: name(who), message });
    };
    ask(&mut raid, "Ann", 1);
    // Ann did not get it, for she asks again; it is still hers alone.
    ask(&mut raid, "Ann", 2);
    ask(&mut raid, "Bo", 1);
    ask(&mut raid, "Cy", 1);
    ask(&mut raid, "Dee", 1);
    assert_eq!(
        raid.said[before..],
        ["Ann", "Ann", "group"].map(|to| format!("Lead -> {to}: SEND_MISSING_LOGS"))
    );
    // Later the same is asked for anew.
    raid.now = raid.now + 5_000;
    ask(&mut raid, "Dee", 2);
    assert_eq!(raid.said.last().unwrap(), "Lead -> Dee: SEND_MISSING_LOGS");
}
