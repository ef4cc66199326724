//! The queue and the group plan, and members that do not answer.

use guildsync_leader::{Config, Stage, SyncPlan};

use crate::raid::*;

fn queue(at_once: usize, pause_ms: u64) -> Config {
    Config { plan: SyncPlan::Queue { at_once, pause_ms }, ..Config::default() }
}

/// The stages in the order in which the coordinator went through them, without the waiting.
fn served(raid: &Raid) -> Vec<String> {
    let shown = raid.stages.iter().filter(|(_, s)| matches!(s, Stage::Current | Stage::Done));
    shown.map(|(who, stage)| format!("{who} {stage:?}")).collect()
}

#[test]
fn the_queue_serves_first_come_first_one_at_a_time() {
    let names = ["Lead", "Ann", "Bo", "Cy"];
    let mut raid = Raid::of(&names, queue(1, 1000));
    for who in &names {
        raid.award(who, "Brindle", "1");
    }
    raid.form(&names);
    raid.settle();
    assert_eq!(
        served(&raid),
        ["Ann Current", "Ann Done", "Bo Current", "Bo Done", "Cy Current", "Cy Done"]
    );
    assert!(raid.agree(&names));
}

#[test]
fn a_new_joiner_goes_to_the_end_of_the_queue() {
    let names = ["Lead", "Cy", "Bo", "Ann"];
    let mut raid = Raid::of(&names, queue(1, 1000));
    for who in &names {
        raid.award(who, "Brindle", "1");
    }
    raid.form(&["Lead", "Bo", "Cy"]);
    raid.deliver();
    raid.form_led_by(&names, "Lead");
    raid.settle();
    let order: Vec<String> = served(&raid).into_iter().filter(|s| s.ends_with("Done")).collect();
    assert_eq!(order, ["Bo Done", "Cy Done", "Ann Done"]);
    assert!(raid.agree(&names));
}

#[test]
fn the_queue_pauses_between_members() {
    let names = ["Lead", "Ann", "Bo", "Cy"];
    let took = |pause_ms| {
        let mut raid = Raid::of(&names, queue(1, pause_ms));
        raid.award("Lead", "Brindle", "1");
        raid.form(&names);
        raid.settle();
        assert!(raid.agree(&names));
        raid.reports[0].took_ms
    };
    assert_eq!((took(0), took(1000), took(2000)), (0, 2000, 4000));
}

#[test]
fn several_may_be_served_at_once() {
    let names = ["Lead", "Ann", "Bo", "Cy"];
    let mut raid = Raid::of(&names, queue(2, 0));
    for who in &names {
        raid.award(who, "Brindle", "1");
    }
    raid.form(&names);
    raid.deliver_one();
    raid.deliver_one();
    raid.deliver();
    raid.settle();
    let served = served(&raid);
    assert_eq!(served[..2], ["Ann Current", "Bo Current"], "{served:?}");
    assert!(raid.agree(&names));
}

#[test]
fn what_one_member_brings_is_broadcast_once_to_all() {
    let names = ["Lead", "Ann", "Bo", "Cy"];
    let mut raid = Raid::of(&names, queue(1, 0));
    raid.award("Cy", "Brindle", "1");
    raid.form(&names);
    raid.settle();
    assert!(raid.agree(&names));
    assert_eq!(raid.n_said("Lead -> group: SEND_MISSING_LOGS"), 1);
    assert_eq!(raid.n_said("SEND_MISSING_LOGS"), 2);
}

#[test]
fn a_silent_member_costs_one_timeout_and_never_the_queue() {
    for plan in [SyncPlan::Broadcast, SyncPlan::queue()] {
        let names = ["Lead", "Ann", "Bo", "Cy"];
        let mut raid = Raid::of(&names, Config { plan, ..Config::default() });
        for who in &names {
            raid.award(who, "Brindle", "1");
        }
        raid.member("Ann").answers = false;
        raid.form(&names);
        raid.settle();
        let report = raid.reports.last().unwrap();
        assert_eq!(report.silent.iter().map(|m| m.as_str()).collect::<Vec<_>>(), ["Ann"]);
        assert!(raid.agree(&["Lead", "Bo", "Cy"]));
        // Four announcements, each waited for half as long again.
        assert!(report.took_ms <= 1000 + 1500 + 2250 + 3375, "{} ms", report.took_ms);
        assert_eq!(raid.n_said("Lead -> Ann: PROFILE_ANNOUNCE"), 3);
    }
}

#[test]
fn twenty_silent_members_of_forty_cost_no_more_than_one() {
    let all: Vec<String> = (0..40).map(|i| format!("M{i:02}")).collect();
    let names: Vec<&str> = all.iter().map(String::as_str).collect();
    for plan in [SyncPlan::Broadcast, SyncPlan::Queue { at_once: 1, pause_ms: 0 }] {
        let mut raid = Raid::of(&names, Config { plan, ..Config::default() });
        raid.award("M00", "Brindle", "1");
        names[20..].iter().for_each(|silent| raid.member(silent).answers = false);
        raid.form(&names);
        raid.settle();
        assert!(raid.agree(&names[..20]));
        assert!(raid.reports.last().unwrap().took_ms <= 1000 + 1500 + 2250 + 3375);
    }
}

#[test]
fn whoever_falls_silent_in_mid_answer_is_replaced_by_another_holder() {
    let names = ["Lead", "Ann", "Bo", "Cy"];
    let mut raid = Raid::of(&names, Config::default());
    raid.award("Cy", "Brindle", "1");
    raid.copy("Cy", "Ann");
    raid.copy("Cy", "Bo");
    raid.form(&names);
    while raid.n_said("REQUEST_MY_MISSING") == 0 {
        assert!(raid.deliver_one());
    }
    let asked = raid.said.last().unwrap().clone();
    let silent = names.into_iter().find(|who| asked.starts_with(&format!("Lead -> {who}:")));
    let silent = silent.unwrap();
    raid.member(silent).answers = false;
    raid.settle();
    let others: Vec<&str> = names.into_iter().filter(|who| *who != silent).collect();
    assert!(raid.agree(&others));
    // It was asked, and then one other.
    assert_eq!(raid.n_said("REQUEST_MY_MISSING"), 2, "{:#?}", raid.said);
    assert_eq!(raid.n_said(&asked), 1);
}

#[test]
fn the_report_counts_what_was_sent_received_and_refused() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::of(&names, Config::default());
    raid.award("Lead", "Brindle", "1");
    raid.award("Lead", "Brindle", "1");
    raid.award("Ann", "Brindle", "1");
    raid.form(&names);
    raid.settle();
    let report = raid.reports.last().unwrap();
    assert_eq!((report.n_sent, report.n_received, report.n_refused), (2, 1, 0));
    assert_eq!(report.n_messages, 3);
    assert_eq!(report.done.len(), 2);
}

#[test]
fn no_deadline_lies_in_the_past_while_a_silent_member_is_being_served() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::of(&names, queue(1, 1000));
    raid.award("Ann", "Brindle", "1");
    raid.form(&names);
    while raid.n_said("Lead -> Ann: REQUEST_MY_MISSING") == 0 {
        assert!(raid.deliver_one());
    }
    raid.member("Ann").answers = false;
    raid.deliver();
    // A pause, three waits for the member's answer, the repetition of what was live, and what these
    // let others wait for: a few ticks, not a busy wait.
    assert!(raid.settle_counting() <= 12);
    assert!(raid.agree(&["Lead", "Bo"]));
}
