//! A group in one process.
//!
//! ```
//! use bytes::Bytes;
//! use guildsync_transport::memory::Hub;
//! use guildsync_transport::{Incoming, Recipient, SendResult, Transport};
//! use guildsync_types::MemberName;
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! # runtime.block_on(async {
//! let hub = Hub::new();
//! let (ann, bo) = (MemberName::new("Ann").unwrap(), MemberName::new("Bo").unwrap());
//! let (mut a, mut b) = (hub.join(ann.clone()), hub.join(bo));
//! hub.set_leader(ann.clone());
//! assert_eq!(a.send(&Recipient::Group, Bytes::from_static(b"hello")), SendResult::Sent);
//! assert!(matches!(b.receive().await, Some(Incoming::Group { leader, .. }) if leader == ann));
//! assert!(matches!(b.receive().await, Some(Incoming::Frame { from, .. }) if from == ann));
//! # });
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use guildsync_types::MemberName;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::watch;

use crate::channel::ChannelProfile;
use crate::transport::{Incoming, Recipient, SendResult, Transport};

/// How many frames may wait for one member.
const QUEUE_MAX: usize = 4096;

/// The group: whoever joins is in it. Who leads is said from outside, as the game would; while nobody
/// leads, there is no group yet, and nobody is told of it.
#[derive(Debug, Clone)]
pub struct Hub {
    state: Arc<Mutex<State>>,
    in_flight: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct State {
    /// Each with the number of its joining, so that an old end cannot act for a new one.
    members: BTreeMap<MemberName, (u64, Sender<Incoming>)>,
    n_joined: u64,
    leader: Option<MemberName>,
    n_frames: u64,
    n_bytes: u64,
}

/// What passed through a hub.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Frames sent, one to the group counted once.
    pub frames: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// One member's end of the group.
#[derive(Debug)]
pub struct Endpoint {
    me: MemberName,
    joined: u64,
    hub: Hub,
    incoming: Receiver<Incoming>,
    /// Whether what was received last is still being dealt with.
    busy: bool,
}

impl Default for Hub {
    fn default() -> Self {
        Self::new()
    }
}

impl Hub {
    /// An empty group.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Arc::default(), in_flight: watch::Sender::new(0) }
    }

    /// Joins the group; everyone in it is told. A member that joins again leaves its first end.
    /// When the leader leaves, nobody leads until [`Hub::set_leader`]: the game decides who follows.
    #[must_use]
    pub fn join(&self, me: MemberName) -> Endpoint {
        let (sender, incoming) = channel(QUEUE_MAX);
        let mut state = self.lock();
        state.n_joined += 1;
        let joined = state.n_joined;
        state.members.insert(me.clone(), (joined, sender));
        self.tell_group(&state);
        drop(state);
        Endpoint { me, joined, hub: self.clone(), incoming, busy: false }
    }

    /// Makes a member the leader; everyone is told.
    pub fn set_leader(&self, leader: MemberName) {
        let mut state = self.lock();
        state.leader = Some(leader);
        self.tell_group(&state);
    }

    /// Frames and bytes so far.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        let state = self.lock();
        Traffic { frames: state.n_frames, bytes: state.n_bytes }
    }

    /// Waits until everything that was sent has been received and dealt with.
    pub async fn quiet(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.in_flight.subscribe().wait_for(|&n| n == 0).await;
    }

    fn leave(&self, me: &MemberName, joined: u64) {
        let mut state = self.lock();
        if state.members.get(me).is_some_and(|(current, _)| *current == joined) {
            state.members.remove(me);
            if state.leader.as_ref() == Some(me) {
                state.leader = None;
            }
            self.tell_group(&state);
        }
    }

    fn tell_group(&self, state: &State) {
        let Some(leader) = &state.leader else { return };
        let members: BTreeSet<MemberName> = state.members.keys().cloned().collect();
        for (_, member) in state.members.values() {
            let group = Incoming::Group { members: members.clone(), leader: leader.clone() };
            self.deliver(member, group);
        }
    }

    fn deliver(&self, to: &Sender<Incoming>, what: Incoming) -> SendResult {
        self.in_flight.send_modify(|n| *n += 1);
        match to.try_send(what) {
            Ok(()) => SendResult::Sent,
            Err(refused) => {
                self.done();
                match refused {
                    tokio::sync::mpsc::error::TrySendError::Full(_) => SendResult::Throttled,
                    tokio::sync::mpsc::error::TrySendError::Closed(_) => SendResult::TargetOffline,
                }
            }
        }
    }

    fn done(&self) {
        self.in_flight.send_modify(|n| *n = n.saturating_sub(1));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while holding the lock, and the state is valid at every point.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Endpoint {
    fn channel(&self) -> ChannelProfile {
        ChannelProfile::open()
    }

    fn send(&mut self, to: &Recipient, frame: Bytes) -> SendResult {
        if frame.len() > self.channel().frame_bytes_max {
            return SendResult::TooLong;
        }
        let mut state = self.hub.lock();
        if state.members.get(&self.me).is_none_or(|(current, _)| *current != self.joined) {
            return SendResult::NotInGroup;
        }
        let receivers: Vec<Sender<Incoming>> = match to {
            Recipient::Group => {
                let others = state.members.iter().filter(|(name, _)| **name != self.me);
                others.map(|(_, (_, sender))| sender.clone()).collect()
            }
            Recipient::Member(name) => match state.members.get(name) {
                Some((_, sender)) => vec![sender.clone()],
                None => return SendResult::TargetOffline,
            },
        };
        // All or nobody: a frame that is sent again would reach some members twice.
        if receivers.iter().any(|receiver| receiver.capacity() == 0) {
            return SendResult::Throttled;
        }
        state.n_frames += 1;
        state.n_bytes += frame.len() as u64;
        drop(state);
        for receiver in &receivers {
            let incoming = Incoming::Frame { from: self.me.clone(), bytes: frame.clone() };
            self.hub.deliver(receiver, incoming);
        }
        SendResult::Sent
    }

    async fn receive(&mut self) -> Option<Incoming> {
        if std::mem::take(&mut self.busy) {
            self.hub.done();
        }
        let incoming = self.incoming.recv().await?;
        self.busy = true;
        Some(incoming)
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.incoming.close();
        while self.incoming.try_recv().is_ok() {
            self.hub.done();
        }
        if self.busy {
            self.hub.done();
        }
        self.hub.leave(&self.me, self.joined);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> MemberName {
        MemberName::new(text).unwrap()
    }

    async fn frame(endpoint: &mut Endpoint) -> (MemberName, Bytes) {
        loop {
            if let Some(Incoming::Frame { from, bytes }) = endpoint.receive().await {
                return (from, bytes);
            }
        }
    }

    #[tokio::test]
    async fn the_group_hears_what_is_for_it_and_a_whisper_reaches_one() {
        let hub = Hub::new();
        let mut a = hub.join(name("Ann"));
        let mut b = hub.join(name("Bo"));
        let mut c = hub.join(name("Cy"));
        a.send(&Recipient::Group, Bytes::from_static(b"all"));
        a.send(&Recipient::Member(name("cy")), Bytes::from_static(b"you"));
        assert_eq!(frame(&mut b).await, (name("Ann"), Bytes::from_static(b"all")));
        assert_eq!(frame(&mut c).await.1, "all");
        assert_eq!(frame(&mut c).await.1, "you");
        assert_eq!(hub.traffic(), Traffic { frames: 2, bytes: 6 });
    }

    #[tokio::test]
    async fn who_is_in_the_group_and_who_leads_is_told_to_everyone() {
        let hub = Hub::new();
        let mut a = hub.join(name("Ann"));
        hub.set_leader(name("Ann"));
        let b = hub.join(name("Bo"));
        let mut seen = Vec::new();
        for _ in 0..2 {
            let Some(Incoming::Group { members, leader }) = a.receive().await else { panic!() };
            seen.push((members.len(), leader));
        }
        assert_eq!(seen, [(1, name("Ann")), (2, name("Ann"))]);
        hub.set_leader(name("Bo"));
        let Some(Incoming::Group { leader, .. }) = a.receive().await else { panic!() };
        assert_eq!(leader, name("Bo"));
        // The leader leaves: nobody leads, until somebody is named.
        drop(b);
        hub.set_leader(name("Ann"));
        let Some(Incoming::Group { members, leader }) = a.receive().await else { panic!() };
        assert_eq!((members.len(), leader), (1, name("Ann")));
    }

    #[tokio::test]
    async fn refusals_tell_why() {
        let hub = Hub::new();
        let mut a = hub.join(name("Ann"));
        let whisper = Recipient::Member(name("Bo"));
        assert_eq!(a.send(&whisper, Bytes::new()), SendResult::TargetOffline);
        let b = hub.join(name("Bo"));
        let full = (0..=QUEUE_MAX).map(|_| a.send(&whisper, Bytes::from_static(b"x"))).last();
        assert_eq!(full, Some(SendResult::Throttled));
        drop(b);
        assert_eq!(a.send(&whisper, Bytes::new()), SendResult::TargetOffline);
        let mut again = hub.join(name("Ann"));
        assert_eq!(a.send(&Recipient::Group, Bytes::new()), SendResult::NotInGroup);
        drop(a);
        assert_eq!(again.send(&Recipient::Group, Bytes::new()), SendResult::Sent);
    }

    #[tokio::test]
    async fn quiet_means_that_everything_was_dealt_with() {
        let hub = Hub::new();
        let mut a = hub.join(name("Ann"));
        let mut b = hub.join(name("Bo"));
        hub.set_leader(name("Ann"));
        a.send(&Recipient::Group, Bytes::from_static(b"x"));
        let reader = async {
            // Each deals with what it got when it asks for more.
            a.receive().await;
            for _ in 0..2 {
                b.receive().await;
            }
            assert_eq!(*hub.in_flight.borrow(), 2);
            tokio::join!(
                async {
                    tokio::select! { _ = a.receive() => {}, () = hub.quiet() => {} }
                },
                async {
                    tokio::select! { _ = b.receive() => {}, () = hub.quiet() => {} }
                }
            );
        };
        reader.await;
        assert_eq!(*hub.in_flight.borrow(), 0);
    }
}
