//! What a channel refuses: nothing is lost that can still arrive, and what cannot is told.

use bytes::Bytes;
use guildsync_transport::{
    ChannelProfile, Link, Priority, Received, Recipient, SendResult, Undeliverable,
};
use guildsync_types::Time;

use crate::world::{chunks, name};

fn link() -> Link {
    Link::new(name(0), ChannelProfile::retail(), 0)
}

fn push_live(link: &mut Link, n: usize) {
    (0..n).for_each(|n| link.push(Recipient::Group, Priority::Live, format!("{n}")).unwrap());
}

/// Polls and reports until `until`, at the link's own deadlines; what was sent, and how many tries.
fn run(
    link: &mut Link,
    until: Time,
    mut answer: impl FnMut(Time, &Recipient) -> SendResult,
) -> (Vec<Bytes>, Vec<Time>) {
    let mut reader = Link::new(name(9), link.channel(), 0);
    let (mut messages, mut tries) = (Vec::new(), Vec::new());
    while let Some(now) = link.deadline().filter(|due| *due <= until) {
        let now = now.max(tries.last().copied().unwrap_or_default());
        while let Some((to, frame)) = link.poll(now) {
            tries.push(now);
            let result = answer(now, &to);
            link.sent(now, result);
            if result == SendResult::Sent
                && let Ok(Received::Message(message)) = reader.receive(now, &name(0), &frame)
            {
                messages.push(message);
            }
        }
    }
    (messages, tries)
}

#[test]
fn a_lockdown_keeps_live_entries_in_order_and_tries_every_five_seconds_at_most() {
    let mut link = link();
    push_live(&mut link, 8);
    let closed = 600_000;
    let (messages, tries) = run(&mut link, Time(700_000), |now, _| {
        if now.0 < closed { SendResult::LockedDown } else { SendResult::Sent }
    });
    assert_eq!(messages, ["0", "1", "2", "3", "4", "5", "6", "7"]);
    let while_closed: Vec<u64> = tries.iter().map(|at| at.0).filter(|at| *at < closed).collect();
    assert!(while_closed.len() <= 125, "{}", while_closed.len());
    assert!(while_closed.windows(2).all(|pair| pair[1] - pair[0] <= 5_000));
    assert!(link.is_idle());
}

#[test]
fn frames_refused_together_come_back_in_their_order_before_everything_else_of_their_priority() {
    let mut link = link();
    push_live(&mut link, 5);
    let polled: Vec<Bytes> = (0..5).map(|_| link.poll(Time(0)).unwrap().1).collect();
    link.push(Recipient::Group, Priority::Live, "later").unwrap();
    for _ in 0..5 {
        assert_eq!(link.sent(Time(0), SendResult::Throttled), None);
    }
    // The budget counts as spent, whoever spent it.
    assert_eq!(link.poll(Time(900)), None);
    let mut again = Vec::new();
    while again.len() < 5 {
        let now = link.deadline().unwrap();
        if let Some((_, frame)) = link.poll(now) {
            link.sent(now, SendResult::Sent);
            again.push(frame);
        }
    }
    assert_eq!(again, polled);
}

#[test]
fn foreign_traffic_on_the_same_budget_slows_down_and_loses_nothing() {
    let mut link = link();
    push_live(&mut link, 30);
    let mut n = 0;
    let (messages, tries) = run(&mut link, Time(1_000_000), |_, _| {
        n += 1;
        if n % 3 == 0 { SendResult::Sent } else { SendResult::Throttled }
    });
    let expected: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    assert_eq!(messages, expected);
    assert_eq!(tries.len(), 90);
}

#[test]
fn what_waits_for_an_offline_member_is_dropped_and_told_and_others_go_on() {
    let mut link = link();
    let (gone, here) = (Recipient::Member(name(1)), Recipient::Member(name(2)));
    link.push(gone.clone(), Priority::Live, "a").unwrap();
    link.push(gone.clone(), Priority::Bulk, chunks(4, 1)).unwrap();
    link.push(here.clone(), Priority::Bulk, "b").unwrap();
    assert_eq!(link.poll(Time(0)).unwrap().0, gone);
    let told = link.sent(Time(0), SendResult::TargetOffline);
    let why = SendResult::TargetOffline;
    assert_eq!(told, Some(Undeliverable { to: gone, messages: 2, why }));
    assert_eq!(link.poll(Time(0)).unwrap().0, here);
    assert_eq!(link.sent(Time(0), SendResult::Sent), None);
    assert_eq!((link.poll(Time(0)), link.is_idle()), (None, true));
}

#[test]
fn without_a_group_its_messages_are_dropped_and_whispers_stay() {
    let mut link = link();
    push_live(&mut link, 3);
    link.push(Recipient::Member(name(1)), Priority::Bulk, "whisper").unwrap();
    link.poll(Time(0)).unwrap();
    let told = link.sent(Time(0), SendResult::NotInGroup).unwrap();
    assert_eq!((told.to, told.messages), (Recipient::Group, 3));
    assert_eq!(link.poll(Time(0)).unwrap().0, Recipient::Member(name(1)));
    // A report for which there is no frame changes nothing.
    link.sent(Time(0), SendResult::Sent);
    assert_eq!(link.sent(Time(0), SendResult::TargetOffline), None);
}

#[test]
fn a_link_with_nothing_to_do_has_no_deadline() {
    let mut link = link();
    assert_eq!((link.deadline(), link.is_idle()), (None, true));
    push_live(&mut link, 1);
    assert!(link.deadline().is_some());
    link.poll(Time(0)).unwrap();
    assert_eq!((link.deadline(), link.is_idle()), (None, false));
    link.sent(Time(0), SendResult::Sent);
    assert!(link.is_idle());
}
