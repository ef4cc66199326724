//! What goes first, whose turn it is, and what is refused.

use bytes::Bytes;
use guildsync_transport::{
    ChannelProfile, Link, LinkError, OutboxLimits, Priority, Received, Recipient, SendResult,
};
use guildsync_types::Time;
use proptest::prelude::*;

use crate::world::{chunks, name};

fn link() -> Link {
    Link::new(name(0), ChannelProfile::open(), 0)
}

fn to(n: usize) -> Recipient {
    Recipient::Member(name(n))
}

/// Everything in the order in which it leaves, as a receiver of all of it reads it.
fn drain(link: &mut Link) -> Vec<(Recipient, Bytes)> {
    let mut reader = Link::new(name(99), link.channel(), 0);
    let mut out = Vec::new();
    while let Some((to, frame)) = link.poll(Time(0)) {
        link.sent(Time(0), SendResult::Sent);
        if let Ok(Received::Message(message)) = reader.receive(Time(0), &name(0), &frame) {
            out.push((to, message));
        }
    }
    out
}

#[test]
fn control_overtakes_live_overtakes_bulk_between_the_chunks_of_a_long_message() {
    let mut link = Link::new(name(0), ChannelProfile::retail(), 0);
    link.push(Recipient::Group, Priority::Bulk, chunks(3, 1)).unwrap();
    let first = link.poll(Time(0)).unwrap().1;
    link.push(Recipient::Group, Priority::Live, "live").unwrap();
    link.push(Recipient::Group, Priority::Control, "control").unwrap();
    assert!(first.len() > 250);
    let messages: Vec<Bytes> = drain(&mut link).into_iter().map(|(_, message)| message).collect();
    assert_eq!(&messages[..2], ["control", "live"]);
}

#[test]
fn each_recipient_has_its_turn_and_the_group_counts_as_one() {
    let mut link = link();
    for n in 0..3 {
        for (recipient, who) in [(to(1), "a"), (to(2), "b"), (Recipient::Group, "g")] {
            for _ in 0..if who == "a" { 2 } else { 1 } {
                link.push(recipient.clone(), Priority::Bulk, format!("{who}{n}")).unwrap();
            }
        }
    }
    let order: Vec<Bytes> = drain(&mut link).into_iter().map(|(_, message)| message).collect();
    assert_eq!(order, ["a0", "b0", "g0", "a0", "b1", "g1", "a1", "b2", "g2", "a1", "a2", "a2"]);
}

#[test]
fn a_full_queue_refuses_bulk_first_then_live_and_takes_more_when_some_has_gone() {
    let mut link = link();
    let limits = OutboxLimits::default();
    let fill = |link: &mut Link, priority| {
        (0..).take_while(|_| link.push(to(1), priority, "x").is_ok()).count()
    };
    assert_eq!(fill(&mut link, Priority::Bulk), limits.messages * 12 / 16);
    assert_eq!(fill(&mut link, Priority::Live), limits.messages * 3 / 16);
    assert_eq!(fill(&mut link, Priority::Control), limits.messages / 16);
    let full = LinkError::Full { messages: 4_096, bytes: 4_096 };
    assert_eq!(link.push(Recipient::Group, Priority::Control, "x"), Err(full));
    assert!(link.poll(Time(0)).is_some());
    link.push(Recipient::Group, Priority::Control, "x").unwrap();

    let mut link = self::link();
    let long = Bytes::from(vec![0; 12 << 20]);
    link.push(to(1), Priority::Bulk, long.clone()).unwrap();
    link.push(to(1), Priority::Bulk, long.clone()).unwrap();
    assert!(matches!(link.push(to(1), Priority::Bulk, "x"), Err(LinkError::Full { .. })));
    link.push(to(1), Priority::Live, "x").unwrap();
    let longest = vec![0; (16 << 20) + 1];
    let error = link.push(to(1), Priority::Control, longest).unwrap_err();
    assert!(error.to_string().contains("split it"));
    drain(&mut link);
    assert_eq!((link.queued().messages, link.queued().bytes), (0, 0));
}

proptest! {
    #[test]
    fn what_is_for_one_recipient_stays_in_order_within_its_priority(
        pushes in proptest::collection::vec((0usize..4, 0usize..3), 1..120),
    ) {
        let mut link = link();
        let priorities = [Priority::Control, Priority::Live, Priority::Bulk];
        for (n, (who, priority)) in pushes.iter().enumerate() {
            let recipient = if *who == 0 { Recipient::Group } else { to(*who) };
            link.push(recipient, priorities[*priority], format!("{priority} {n:03}")).unwrap();
        }
        let sent = drain(&mut link);
        prop_assert_eq!(sent.len(), pushes.len());
        prop_assert!(sent.is_sorted_by_key(|(_, message)| message[0]));
        for who in [Recipient::Group, to(1), to(2), to(3)] {
            let own = sent.iter().filter(|(to, _)| *to == who).map(|(_, message)| message);
            prop_assert!(own.is_sorted());
        }
    }
}
