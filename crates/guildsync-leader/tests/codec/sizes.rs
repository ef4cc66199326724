//! How many bytes messages take, and what an estimate is worth.

use guildsync_leader::batch::{estimate, pack};
use guildsync_leader::{
    Announced, Answer, Batch, Dialect, Difference, Has, Heads, MemberTag, Message, Named, Tag, Want,
};
use guildsync_log::Frontier;
use guildsync_types::Digest;

use crate::samples::tag;
use crate::world::{base, guild, name, writer};

const AT: Announced = Announced { term: 3, n: 99 };

fn len(message: &Message) -> usize {
    message.to_bytes(Dialect::Compact).len()
}

fn announce(heads: Option<Heads>) -> Message {
    let profile = Named::Tag(tag());
    let digest = Digest([0xff; 8]);
    Message::ProfileAnnounce { at: AT, profile, switch: true, answer: false, digest, heads }
}

#[test]
fn messages_without_entries_are_short() {
    let lasts = (1..=10).map(|n| (Tag::short(writer(n)), 995 + u64::from(n))).collect();
    let announced = len(&announce(Some(Heads { lasts, ..Heads::default() })));
    assert_eq!(announced, 59, "at most 70 wanted");
    assert_eq!(len(&announce(None)), 14, "at most 16 wanted");
    let reply = |has| len(&Message::LogListReply { at: AT, has });
    assert_eq!(reply(Has::Same), 3, "at most 5 wanted");
    let behind = (0..10).map(|place| (place, 100)).collect();
    let behind = Has::Difference(Difference { behind, ..Difference::default() });
    assert_eq!(reply(behind), 16, "at most 20 wanted");
    let one = Difference { behind: vec![(4, 2)], ..Difference::default() };
    assert_eq!(reply(Has::Difference(one)), 6);
    let want = |n| Want { writer: Tag::short(writer(n)), first: 100, of: None };
    let request = |wants| Message::RequestMyMissing {
        profile: tag(),
        request: 5,
        answer: Answer::Group,
        base: Some(base()),
        wants,
    };
    assert_eq!(len(&request(vec![want(1)])), 13);
    let of = Some(MemberTag::of(&name("Oakhand")));
    let ten = (1..=10).map(|n| Want { of, ..want(n) }).collect();
    assert_eq!(len(&request(ten)), 62);
}

/// What a batch takes in a message, beside the message's own fields.
fn cost(batch: &Batch) -> usize {
    let empty = Batch { base: None, rows: Vec::new(), seals: Vec::new() };
    let message = |batch| len(&Message::LogEntry { profile: tag(), batch });
    message(batch.clone()) - message(empty) + 2
}

#[test]
fn one_award_in_the_middle_of_a_raid_takes_less_than_half_a_frame() {
    let mut worst = 0;
    for seed in 0..20 {
        let mut guild = guild(seed, 10, 1000);
        let held = guild.log.frontier();
        let news = guild.award(3, 1);
        let batch = pack(&guild.log, Some((base(), &held)), &[news]).unwrap();
        let entry = Message::LogEntry { profile: tag(), batch };
        worst = worst.max(len(&entry));
    }
    assert!(worst <= 110, "{worst}");
}

#[test]
fn an_estimate_is_within_a_quarter_of_what_a_raid_log_costs() {
    let (mut worst, mut lines) = (0f64, String::new());
    for n_writers in [1, 3, 10] {
        for n in [1, 5, 20, 60, 150, 500, 1000, 4000] {
            let mut sums = [(0, 0); 2];
            for seed in 0..6 {
                let mut guild = guild(seed * 7 + n_writers as u64, n_writers, 1000);
                let held = guild.log.frontier();
                guild.play(1000 + n);
                let news = guild.log.since(&held);
                let based = pack(&guild.log, Some((base(), &held)), &news).unwrap();
                let writers = news.len();
                sums[1].0 += cost(&based);
                sums[1].1 += estimate(n as u64, writers, true);
                let from_nothing = super::world::guild(seed * 5, n_writers, n).log;
                let all = from_nothing.since(&Frontier::new());
                let batch = pack(&from_nothing, None, &all).unwrap();
                sums[0].0 += cost(&batch);
                sums[0].1 += estimate(n as u64, all.len(), false);
            }
            for ((cost, estimate), has_base) in sums.into_iter().zip([false, true]) {
                let off = estimate as f64 / cost as f64 - 1.0;
                lines += &format!(
                    "{n} entries of {n_writers}, base {has_base}: {} bytes, estimated {} ({:+.0} %)\n",
                    cost / 6,
                    estimate / 6,
                    off * 100.0
                );
                worst = worst.max(off.abs());
            }
        }
    }
    println!("{lines}");
    assert!(worst <= 0.25, "{lines}");
}
