//! What syncing costs, in messages and bytes, where nothing is lost.

use std::collections::BTreeSet;

use guildsync_leader::{
    Answer, Config, EntriesPerMessage, Event, Has, Heads, MemberTag, Message, Pace, SyncPlan, To,
};
use guildsync_types::Time;

use crate::raid::*;

/// What a frame of 255 bytes carries.
const FRAME: usize = 246;

fn forty() -> Vec<String> {
    (0..40).map(|i| format!("M{i:02}")).collect()
}

fn refs(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// A raid in which the first `n_writers` have written `n_each` and everybody holds all of it.
fn in_sync(names: &[&str], n_writers: usize, n_each: usize) -> Raid {
    let mut raid = Raid::beating(names, Config::default());
    for _ in 0..n_each {
        names[..n_writers].iter().for_each(|who| raid.award(who, "Brindle", "1"));
    }
    for from in &names[..n_writers] {
        for to in names.iter().filter(|to| *to != from) {
            raid.copy(from, to);
        }
    }
    raid
}

#[test]
fn in_sync_costs_one_group_message_and_a_small_one_a_member() {
    let all = forty();
    let names = refs(&all);
    let mut raid = in_sync(&names, 10, 100);
    raid.use_pace(Pace { frame_bytes: FRAME, frame_ms: 1000 });
    raid.form(&names);
    raid.run(3_000);
    let (group, whispers): (Vec<_>, Vec<_>) = raid.spoken.iter().partition(|s| s.to == To::Group);
    assert_eq!((group.len(), whispers.len()), (1, 39), "{:#?}", raid.said);
    assert!(group[0].bytes <= 100, "{}", group[0].bytes);
    for whisper in whispers {
        assert!(matches!(whisper.message, Message::LogListReply { has: Has::Same, .. }));
        assert!(whisper.bytes <= 5, "{}", whisper.bytes);
    }
}

#[test]
fn a_member_that_confirmed_in_this_epoch_stays_silent_when_it_has_what_is_announced() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = in_sync(&names, 3, 5);
    raid.form(&names);
    raid.run(100_000);
    raid.award("Ann", "Brindle", "1");
    let written = raid.now;
    raid.run(100_000);
    // They heard the entry, and the announcements after it tell them nothing.
    assert!(raid.times(written, "PROFILE_ANNOUNCE").len() >= 4);
    assert_eq!(raid.times(written, "LOG_LIST_REPLY"), [0; 0]);
}

#[test]
fn what_all_lack_goes_out_once() {
    let all = forty();
    let names = refs(&all);
    let mut raid = in_sync(&names, 10, 3);
    raid.use_pace(Pace { frame_bytes: FRAME, frame_ms: 1000 });
    for _ in 0..30 {
        raid.award("M00", "Brindle", "1");
    }
    raid.form(&names);
    raid.run(10_000);
    assert!(raid.agree(&names));
    assert_eq!(raid.n_said("M00 -> group: SEND_MISSING_LOGS"), 1);
    assert_eq!(raid.n_said("SEND_MISSING_LOGS"), 1);
    // The announcement, and a reply of each; the heartbeats after it are answered by nobody.
    assert_eq!(raid.n_said("LOG_LIST_REPLY"), 39, "{:#?}", raid.said);
}

#[test]
fn forty_who_join_at_once_cost_no_more_than_forty_who_are_there() {
    let all = forty();
    let names = refs(&all);
    for plan in [SyncPlan::Broadcast, SyncPlan::Queue { at_once: 1, pause_ms: 0 }] {
        let mut raid = Raid::of(&names, Config { plan, ..Config::default() });
        raid.award("M00", "Brindle", "1");
        raid.form(&names[..2]);
        raid.run(10_000);
        let before = raid.said.len();
        raid.form(&names);
        raid.run(10_000);
        assert!(raid.agree(&names));
        let said = &raid.said[before..];
        let count = |what: &str| said.iter().filter(|line| line.ends_with(what)).count();
        // One announcement to all, one answer of each who came, and what they lack: once to the group,
        // or once to each where members are served in turn.
        let n_sent = if plan == SyncPlan::Broadcast { 1 } else { 38 };
        assert_eq!(count("PROFILE_ANNOUNCE"), 1);
        assert_eq!((count("LOG_LIST_REPLY"), count("SEND_MISSING_LOGS")), (38, n_sent));
    }
}

#[test]
fn what_ten_officers_wrote_alone_is_asked_for_with_one_message_and_goes_to_the_group_at_once() {
    let all = forty();
    let names = refs(&all);
    let mut raid = Raid::of(&names, Config::default());
    raid.use_pace(Pace { frame_bytes: FRAME, frame_ms: 1000 });
    for officer in &names[1..11] {
        for _ in 0..5 {
            raid.award(officer, "Brindle", "1");
        }
    }
    raid.form(&names);
    raid.settle();
    assert!(raid.agree(&names), "{:#?}", raid.said);
    let asked: Vec<_> =
        raid.spoken.iter().filter(|s| s.message.name() == "REQUEST_MY_MISSING").collect();
    let Message::RequestMyMissing { answer, wants, .. } = &asked[0].message else { panic!() };
    assert_eq!((asked.len(), &asked[0].to, answer), (1, &To::Group, &Answer::Group));
    let of: BTreeSet<MemberTag> = wants.iter().filter_map(|want| want.of).collect();
    assert_eq!(of.len(), 10);
    // Each from its own budget, and nobody sends it again.
    let sent: Vec<_> =
        raid.spoken.iter().filter(|s| s.message.name() == "SEND_MISSING_LOGS").collect();
    assert!(sent.iter().all(|s| s.to == To::Group && s.from != name("M00")));
    assert_eq!(sent.len(), 10);
}

#[test]
fn twenty_writers_fit_a_frame_and_of_more_those_that_wrote_last_are_announced() {
    let all: Vec<String> = (0..70).map(|i| format!("W{i:02}")).collect();
    for n_writers in [20, 60] {
        let mut names = vec!["Lead", "Ann"];
        names.extend(all[..n_writers].iter().map(String::as_str));
        let mut raid = Raid::beating(&names, Config::default());
        raid.use_pace(Pace { frame_bytes: FRAME, frame_ms: 1000 });
        for writer in &names[2..] {
            raid.award(writer, "Brindle", "1");
            raid.copy(writer, "Lead");
            raid.copy(writer, "Ann");
        }
        // What Ann alone has is of a writer that is not among the announced ones.
        raid.award(names[2], "Brindle", "1");
        raid.copy(names[2], "Ann");
        raid.form(&["Lead", "Ann"]);
        raid.run(20_000);
        let announcement = &raid.spoken[0];
        let Message::ProfileAnnounce { heads: Some(Heads { lasts, is_partial, .. }), .. } =
            &announcement.message
        else {
            panic!("{announcement:?}")
        };
        assert!(announcement.bytes <= FRAME, "{n_writers} writers: {}", announcement.bytes);
        assert_eq!(*is_partial, n_writers > 40, "{}", lasts.len());
        assert!(raid.agree(&["Lead", "Ann"]), "{:#?}", raid.said);
    }
}

#[test]
fn a_message_carries_at_most_so_many_entries_where_the_option_says_so() {
    let names = ["Lead", "Ann", "A", "B", "C", "D", "E", "F", "G", "H"];
    let mut sizes = Vec::new();
    for entries in
        [EntriesPerMessage::Fit, EntriesPerMessage::AtMost(3), EntriesPerMessage::AtMost(0)]
    {
        for plan in [SyncPlan::Broadcast, SyncPlan::queue()] {
            let mut raid = Raid::of(&names, Config { entries, plan, ..Config::default() });
            for who in &names[2..] {
                raid.award(who, "Brindle", "1");
                raid.copy(who, "Lead");
            }
            raid.form(&["Lead", "Ann"]);
            raid.settle();
            assert!(raid.agree(&["Lead", "Ann"]), "{:#?}", raid.said);
            // Each writer has one entry here, and there is a seal for each writer.
            let n_entries = |s: &Spoken| match &s.message {
                Message::SendMissingLogs { batch, .. } => Some(batch.seals.len()),
                _ => None,
            };
            sizes.push(raid.spoken.iter().filter_map(n_entries).collect::<Vec<_>>());
        }
    }
    let one_each = vec![1; 8];
    assert_eq!(sizes, [vec![8], vec![8], vec![3, 3, 2], vec![3, 3, 2], one_each.clone(), one_each]);
}

#[test]
fn a_newcomer_is_served_by_helpers_too_and_nothing_comes_twice() {
    let names = ["Lead", "Ann", "Bo", "Cy", "Dee", "New"];
    let mut raid = Raid::of(&names, Config::default());
    raid.use_pace(Pace { frame_bytes: FRAME, frame_ms: 1000 });
    for _ in 0..400 {
        names[..5].iter().for_each(|who| raid.award(who, "Brindle", "1"));
    }
    for from in &names[..5] {
        names[..5].iter().filter(|to| *to != from).for_each(|to| raid.copy(from, to));
    }
    raid.form(&names[..5]);
    raid.settle();
    let joined = raid.now;
    raid.form(&names);
    raid.settle();
    assert!(raid.agree(&names));
    let sent: Vec<_> = raid
        .spoken
        .iter()
        .filter(|s| s.at >= joined && s.message.name() == "SEND_MISSING_LOGS")
        .collect();
    assert!(sent.iter().all(|s| s.to == To::Member(name("New"))));
    let mut by_tag = ["Ann", "Bo", "Cy", "Dee"].map(name);
    by_tag.sort_by_key(MemberTag::of);
    let senders: BTreeSet<_> = sent.iter().map(|s| s.from.clone()).collect();
    let expected = BTreeSet::from([name("Lead"), by_tag[0].clone(), by_tag[1].clone()]);
    assert_eq!(senders, expected, "the coordinator and the first two of those who have it all");
    // Five writers, a seal each: each writer's entries come of one sender.
    let n_seals = |s: &&&Spoken| match &s.message {
        Message::SendMissingLogs { batch, .. } => batch.seals.len(),
        _ => 0,
    };
    assert_eq!(sent.iter().map(|s| n_seals(&s)).sum::<usize>(), 5);
}

#[test]
fn live_entries_are_said_twice_and_no_more() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::of(&names, Config::default());
    raid.form(&names);
    raid.settle();
    let mut written: Vec<Time> = Vec::new();
    for _ in 0..5 {
        raid.award("Ann", "Brindle", "1");
        written.push(raid.now);
        raid.run(900);
    }
    let said = raid.times(written[0], "LOG_ENTRY");
    let expected: BTreeSet<u64> =
        written.iter().flat_map(|at| [at.since(written[0]), at.since(written[0]) + 700]).collect();
    assert_eq!(said.iter().copied().collect::<BTreeSet<_>>(), expected);
    assert_eq!(said.len(), 10);
    let n_of = |s: &&Spoken| s.message.name() == "LOG_ENTRY" && s.from != name("Ann");
    assert_eq!(raid.spoken.iter().filter(n_of).count(), 0, "nobody passes on what all have heard");
}

#[test]
fn with_sync_off_nothing_is_said_whatever_comes() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::beating(&names, Config::default());
    raid.step(&name("Ann"), Event::SetEnabled(false));
    raid.award("Ann", "Brindle", "1");
    raid.form(&names);
    raid.run(60_000);
    raid.award("Lead", "Brindle", "1");
    raid.award("Ann", "Brindle", "1");
    raid.step(&name("Bo"), Event::ManualSync);
    raid.run(1_000_000);
    assert!(!raid.spoken.iter().any(|s| s.from == name("Ann")), "{:#?}", raid.said);
    assert!(raid.agree(&["Lead", "Bo"]));
}
