//! A group on a channel that loses, repeats and reorders: virtual time, one seed, one trace.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use guildsync_transport::{ChannelProfile, Link, Rate, Received, Recipient, SendResult};
use guildsync_types::{MemberName, Time};

/// What the channel does to frames, in percent and milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Faults {
    pub(crate) loss: u64,
    pub(crate) repeat: u64,
    pub(crate) latency: (u64, u64),
}

impl Faults {
    pub(crate) const NONE: Self = Self { loss: 0, repeat: 0, latency: (40, 120) };

    pub(crate) fn loss(loss: u64) -> Self {
        Self { loss, ..Self::NONE }
    }
}

pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) names: Vec<MemberName>,
    pub(crate) links: Vec<Link>,
    pub(crate) channel: ChannelProfile,
    pub(crate) faults: Faults,
    /// Who received what from whom, and when.
    pub(crate) received: Vec<(usize, MemberName, Bytes, Time)>,
    /// Every frame that left: when, who, how long.
    pub(crate) sent: Vec<(Time, usize, usize)>,
    flying: BTreeMap<(Time, u64), (usize, usize, Bytes)>,
    draws: u64,
    pub(crate) seed: u64,
}

pub(crate) fn name(n: usize) -> MemberName {
    MemberName::new(&format!("Member{n}-Eonar")).unwrap()
}

/// Bytes that differ from place to place and from seed to seed.
pub(crate) fn message(len: usize, seed: u64) -> Vec<u8> {
    let mut draws = seed.wrapping_mul(77) + 1;
    std::iter::repeat_with(|| draw(&mut draws) as u8).take(len).collect()
}

/// A message of so many chunks in 255-byte frames without NUL.
pub(crate) fn chunks(n: usize, seed: u64) -> Vec<u8> {
    message(248 * n - 10, seed)
}

fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut value = *state;
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl World {
    pub(crate) fn new(members: usize, channel: ChannelProfile, faults: Faults, seed: u64) -> Self {
        let names: Vec<MemberName> = (0..members).map(name).collect();
        let everyone: BTreeSet<MemberName> = names.iter().cloned().collect();
        let now = Time(1_700_000_000_000);
        let links = names.iter().map(|name| {
            let mut link = Link::new(name.clone(), channel, seed as u16);
            link.set_group(now, &everyone);
            link
        });
        let links = links.collect();
        let (received, sent, flying) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { now, names, links, channel, faults, received, sent, flying, draws: seed, seed }
    }

    /// Lets everyone send what they may, until nothing is left to do before `until`.
    pub(crate) fn run(&mut self, until: Time) {
        loop {
            for n in 0..self.links.len() {
                self.send(n);
            }
            let flight = self.flying.keys().next().map(|(due, _)| *due);
            let due = self.links.iter().filter_map(Link::deadline).chain(flight).min();
            let Some(due) = due.map(|due| due.max(self.now)).filter(|due| *due <= until) else {
                self.now = until;
                return;
            };
            // A deadline that brings nothing must move, or time would stand still.
            assert!(due > self.now || flight == Some(due), "a deadline in the past: {due:?}");
            self.now = due;
            while let Some(entry) = self.flying.first_entry()
                && entry.key().0 <= self.now
            {
                let (to, from, frame) = entry.remove();
                self.deliver(to, from, &frame);
            }
        }
    }

    fn send(&mut self, n: usize) {
        while let Some((to, frame)) = self.links[n].poll(self.now) {
            assert!(frame.len() <= self.channel.frame_bytes_max);
            assert!(frame.iter().all(|byte| self.channel.alphabet.allows(*byte)));
            self.sent.push((self.now, n, frame.len()));
            let receivers = match to {
                Recipient::Group => (0..self.links.len()).filter(|to| *to != n).collect(),
                Recipient::Member(name) => {
                    vec![self.names.iter().position(|other| *other == name).unwrap()]
                }
            };
            for to in receivers {
                self.fly(to, n, &frame);
            }
            assert_eq!(self.links[n].sent(self.now, SendResult::Sent), None);
        }
    }

    fn fly(&mut self, to: usize, from: usize, frame: &Bytes) {
        let mut copies = 1;
        if draw(&mut self.draws) % 100 < self.faults.loss {
            copies = 0;
        } else if draw(&mut self.draws) % 100 < self.faults.repeat {
            copies = 2;
        }
        for _ in 0..copies {
            let (least, most) = self.faults.latency;
            let latency = least + draw(&mut self.draws) % (most - least + 1);
            let order = draw(&mut self.draws);
            self.flying.insert((self.now + latency, order), (to, from, frame.clone()));
        }
    }

    pub(crate) fn deliver(&mut self, to: usize, from: usize, frame: &[u8]) {
        let sender = self.names[from].clone();
        match self.links[to].receive(self.now, &sender, frame) {
            Ok(Received::Message(message)) => self.received.push((to, sender, message, self.now)),
            Ok(Received::Relayed { from, message }) => {
                self.received.push((to, from, message, self.now));
            }
            Ok(_) | Err(_) => {}
        }
    }

    /// How often each member got a message.
    pub(crate) fn copies(&self, message: &[u8]) -> Vec<usize> {
        let count =
            |n| self.received.iter().filter(move |(to, _, got, _)| *to == n && got == message);
        (0..self.links.len()).map(|n| count(n).count()).collect()
    }

    /// No member exceeded its rate in any span.
    pub(crate) fn check_rate(&self) {
        for n in 0..self.links.len() {
            let own = self.sent.iter().filter(|(_, from, _)| *from == n);
            check_rate(self.channel.rate, &own.map(|(at, _, len)| (*at, *len)).collect::<Vec<_>>());
        }
    }
}

/// In any span, at most a full bucket and what came in.
#[track_caller]
pub(crate) fn check_rate(rate: Rate, sent: &[(Time, usize)]) {
    for (first, (from, _)) in sent.iter().enumerate() {
        let (mut frames, mut bytes) = (0u64, 0u64);
        for (at, len) in &sent[first..] {
            frames += 1;
            let span = at.since(*from);
            match rate {
                Rate::Frames { burst, every_ms } => {
                    assert!(frames <= u64::from(burst) + span / u64::from(every_ms));
                }
                Rate::Bytes { burst, per_second, overhead } => {
                    bytes += *len as u64 + u64::from(overhead);
                    let allowed = u64::from(burst) * 1000 + span * u64::from(per_second);
                    assert!(bytes * 1000 <= allowed);
                }
                _ => {}
            }
        }
    }
}
