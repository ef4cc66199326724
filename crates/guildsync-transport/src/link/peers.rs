//! Everyone that frames come from or go to, each under a number that the rest of the link uses.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use guildsync_types::{MemberName, Time};

use super::rank;
use crate::channel::Rate;
use crate::throttle::Throttle;

/// The number of this member itself.
pub(super) const ME: u32 = 0;
/// How many names are known at once; a full guild has 1,000 members.
const PEERS_MAX: usize = 1_024;
/// Requests that one may send beyond what chunks came from that sender: a sender that begins transfers and
/// lets them lie makes others ask so often, and then once for each of its chunks.
const CREDIT: u8 = 16;

#[derive(Debug)]
pub(super) struct Peer {
    pub(super) name: MemberName,
    /// See [`rank::of_name`].
    pub(super) hash: u64,
    is_member: bool,
    /// What this member's own bucket must have spent, by the frames that came here: fuller than the
    /// real one, since it also sends what does not come here.
    bucket: Throttle,
    credit: u8,
}

impl Peer {
    /// A frame came.
    pub(super) fn spent(&mut self, now: Time, bytes: usize) {
        if !self.bucket.take(now, bytes) {
            self.bucket.empty(now);
        }
    }

    /// How long the next frame has to wait for this member's budget, as far as can be told here.
    pub(super) fn wait_ms(&self, now: Time, bytes: usize) -> u64 {
        self.bucket.ready(bytes).since(now)
    }

    /// A chunk came, or a request was not needed after all.
    pub(super) fn earn(&mut self) {
        self.credit = self.credit.saturating_add(1).min(CREDIT);
    }

    /// Whether one more request for this sender's transfers may go; it is counted then.
    pub(super) fn spend(&mut self) -> bool {
        let may = self.credit > 0;
        self.credit = self.credit.saturating_sub(1);
        may
    }
}

#[derive(Debug)]
pub(super) struct Peers {
    rate: Rate,
    /// For looking up only, by the spelling under which each came first: names compare slowly.
    by_spelling: HashMap<Box<str>, u32>,
    by_name: BTreeMap<MemberName, u32>,
    peers: BTreeMap<u32, Peer>,
    next: u32,
}

impl Peers {
    pub(super) fn new(me: MemberName, rate: Rate) -> Self {
        let (by_name, peers) = (BTreeMap::new(), BTreeMap::new());
        let mut new = Self { rate, by_spelling: HashMap::new(), by_name, peers, next: ME };
        new.intern(&me);
        new
    }

    /// The number of a member, a new one if need be; `None` when too many are known.
    pub(super) fn intern(&mut self, name: &MemberName) -> Option<u32> {
        if let Some(id) = self.find(name) {
            return Some(id);
        }
        if self.peers.len() >= PEERS_MAX {
            return None;
        }
        let id = self.next;
        self.next += 1;
        self.by_spelling.insert(name.as_str().into(), id);
        self.by_name.insert(name.clone(), id);
        let (hash, bucket) = (rank::of_name(name), Throttle::new(self.rate));
        let peer = Peer { name: name.clone(), hash, is_member: false, bucket, credit: CREDIT };
        self.peers.insert(id, peer);
        Some(id)
    }

    /// The number of a member that is known.
    pub(super) fn find(&self, name: &MemberName) -> Option<u32> {
        self.by_spelling.get(name.as_str()).or_else(|| self.by_name.get(name)).copied()
    }

    pub(super) fn get(&self, id: u32) -> Option<&Peer> {
        self.peers.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: u32) -> Option<&mut Peer> {
        self.peers.get_mut(&id)
    }

    pub(super) fn me(&self) -> &MemberName {
        &self.peers[&ME].name
    }

    /// The members besides this one.
    pub(super) fn others(&self) -> impl Iterator<Item = (u32, &Peer)> {
        self.peers.iter().filter(|(id, peer)| **id != ME && peer.is_member).map(|(id, p)| (*id, p))
    }

    /// Makes these the members and forgets everyone else; who is forgotten.
    pub(super) fn set_members(&mut self, members: &BTreeSet<MemberName>) -> Vec<u32> {
        for peer in self.peers.values_mut() {
            peer.is_member = false;
        }
        for name in members {
            if let Some(id) = self.intern(name)
                && let Some(peer) = self.peers.get_mut(&id)
            {
                peer.is_member = true;
            }
        }
        let gone = self.peers.extract_if(.., |id, peer| *id != ME && !peer.is_member);
        let gone: Vec<(u32, Peer)> = gone.collect();
        for (_, peer) in &gone {
            self.by_spelling.remove(peer.name.as_str());
            self.by_name.remove(&peer.name);
        }
        gone.into_iter().map(|(id, _)| id).collect()
    }
}
