//! Announcements after the first: how often, how small, and what they find.

use guildsync_leader::{Config, Has, Heads, Message, To};
use guildsync_types::Time;

use crate::raid::*;

fn announcements(raid: &Raid, since: Time) -> Vec<&Spoken> {
    let announced = |s: &&Spoken| {
        s.at >= since && matches!(s.message, Message::ProfileAnnounce { .. }) && s.to == To::Group
    };
    raid.spoken.iter().filter(announced).collect()
}

#[test]
fn a_heartbeat_takes_16_bytes_and_nobody_in_sync_answers_it() {
    let names = ["Lead", "Ann", "Bo", "Cy"];
    let mut raid = Raid::beating(&names, Config::default());
    raid.award("Lead", "Brindle", "1");
    raid.form(&names);
    raid.run(120_000);
    let quiet = raid.now;
    raid.run(10 * 60_000);
    let spoken: Vec<_> = raid.spoken.iter().filter(|s| s.at > quiet).collect();
    assert_eq!(spoken.len(), 20, "one in 30 s");
    for spoken in spoken {
        assert!(matches!(spoken.message, Message::ProfileAnnounce { heads: None, .. }));
        assert!(spoken.bytes <= 16, "{}", spoken.bytes);
    }
}

#[test]
fn after_a_change_the_next_announcement_comes_soon_and_then_ever_more_seldom() {
    let names = ["Lead", "Ann"];
    let mut raid = Raid::beating(&names, Config::default());
    raid.form(&names);
    raid.run(200_000);
    raid.award("Ann", "Brindle", "1");
    let written = raid.now;
    raid.run(100_000);
    let times: Vec<u64> =
        announcements(&raid, written).iter().map(|s| s.at.since(written)).collect();
    let gaps: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(times[0] <= 3_750, "{times:?}");
    assert_eq!(gaps[..3], [7_500, 15_000, 30_000], "{times:?}");
}

#[test]
fn what_escaped_a_member_is_found_by_the_next_announcement() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::beating(&names, Config::default());
    raid.form(&names);
    raid.run(100_000);
    raid.member("Ann").answers = false;
    raid.award("Bo", "Brindle", "1");
    raid.deliver();
    raid.run(1_000);
    raid.member("Ann").answers = true;
    assert!(!raid.agree(&names));
    // An eighth of the longest time, and then the window in which others might say the same.
    raid.run(3_750 + 150);
    assert!(raid.agree(&names), "{:#?}", raid.said);
    // Ann answers; nobody else does.
    let replies = raid.spoken.iter().rev().take_while(|s| s.message.name() != "LOG_ENTRY");
    assert_eq!(replies.filter(|s| s.message.name() == "LOG_LIST_REPLY").count(), 1);
}

#[test]
fn a_member_that_missed_the_announcement_asks_for_it() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::beating(&names, Config::default());
    raid.form(&names);
    raid.run(100_000);
    // Everything of the next minute escapes Ann, the announcement of what is new among it.
    raid.member("Ann").answers = false;
    raid.award("Bo", "Brindle", "1");
    raid.run(10_000);
    raid.member("Ann").answers = true;
    assert_eq!(raid.n_said("REQUEST_LOG_LIST"), 0);
    raid.run(31_000);
    assert_eq!(raid.n_said("Ann -> Lead: REQUEST_LOG_LIST"), 1, "{:#?}", raid.said);
    assert!(raid.agree(&names));
}

#[test]
fn whoever_is_asked_for_a_list_says_all_that_it_has() {
    let names = ["Lead", "Ann"];
    let mut raid = Raid::beating(&names, Config::default());
    raid.award("Ann", "Brindle", "1");
    raid.form(&names);
    raid.run(10_000);
    let profile = guildsync_leader::Tag::short(raid.log("Ann").profile().id);
    let message = Message::RequestLogList { profile, announced: None };
    let from = name("Lead");
    raid.step(&name("Ann"), guildsync_leader::Event::Received { from, message });
    let last = raid.spoken.last().unwrap();
    let Message::LogListReply { has: Has::Listed { heads, .. }, .. } = &last.message else {
        panic!("{last:?}")
    };
    assert_eq!((&last.to, heads.lasts.len()), (&To::Member(name("Lead")), 1));
}

#[test]
fn equal_numbers_with_unequal_digests_are_settled_by_the_hashes_of_heads() {
    let names = ["Lead", "Ann", "Bo"];
    let mut raid = Raid::beating(&names, Config::default());
    raid.award("Lead", "Brindle", "1");
    raid.copy("Lead", "Ann");
    // Ann plays on from a copy of Lead's store, key and all.
    let key = raid.member("Lead").key.clone();
    raid.member("Ann").key = key;
    raid.award("Lead", "Brindle", "2");
    raid.award("Ann", "Brindle", "4");
    raid.form(&names);
    raid.run(60_000);
    let marks = |s: &&Spoken| match &s.message {
        Message::LogListReply { has: Has::Listed { heads: Heads { marks, .. }, .. }, .. } => {
            !marks.is_empty()
        }
        _ => false,
    };
    assert!(raid.spoken.iter().any(|s| marks(&s)));
    assert!(raid.agree(&names), "{:#?}", raid.said);
}

#[test]
fn without_heartbeats_a_group_in_sync_says_nothing() {
    let names = ["Lead", "Ann"];
    let mut raid = Raid::of(&names, Config::default());
    raid.form(&names);
    raid.run(10_000);
    let before = raid.said.len();
    raid.run(3_600_000);
    assert_eq!(raid.said.len(), before);
}
