//! What it takes to find out what is missing: announcements and replies, counted.
//!
//! For a log of a million entries it is a real one, of the generator's own rows, by ten writers, in two
//! replicas, of which one lacks the newest thousand. What they say until the leader knows is its announcement
//! and one reply. The seed's way lists every id in decimal digits; its list is written, not sent: that
//! would take hours of virtual time.

use guildsync::transport::ChannelProfile;
use guildsync::wire::dialect::ids;
use serde::Serialize;

use super::{Lack, Scenario, Stock};
use crate::dice::Dice;

/// Entries in the log.
pub const ENTRIES: usize = 1_000_000;
/// How many of them one member lacks.
pub const MISSING: usize = 1_000;

/// What was said until the leader knew: bytes of frames, and frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Entries in the log.
    pub entries: usize,
    /// Entries that the member lacks.
    pub missing: usize,
    /// What the leader said.
    pub announcement: (usize, usize),
    /// What the member said.
    pub reply: (usize, usize),
    /// The seed's list of the ids that the member has.
    pub seed: (usize, usize),
}

impl Finding {
    /// Finds out what `missing` of `entries` a member lacks, on the retail channel. A million entries
    /// take seconds and some hundreds of megabytes.
    #[must_use]
    pub fn measure(entries: usize, missing: usize) -> Self {
        let lack = Lack::One(missing);
        let scenario = Scenario { entries, ..Scenario::new("finding out", 2, lack) };
        let [announcement, reply] = first_words(&scenario);
        let list = ids::write(1..=(entries - missing) as u64).len();
        let seed = (list, ChannelProfile::retail().framing().frames_for(list));
        Self { entries, missing, announcement, reply, seed }
    }

    /// Announcement and reply together.
    #[must_use]
    pub fn total(&self) -> (usize, usize) {
        (self.announcement.0 + self.reply.0, self.announcement.1 + self.reply.1)
    }
}

/// The announcement of a log of 10,000 entries by so many writers: bytes of its frames, and frames.
#[must_use]
pub fn announcement(writers: usize) -> (usize, usize) {
    let scenario = Scenario { writers, ..Scenario::new("announcement", 2, Lack::Nothing) };
    first_words(&scenario)[0]
}

/// What each of two members says until the second one's first words have left. All frames of a short
/// message leave in one step: the bucket is full.
fn first_words(scenario: &Scenario) -> [(usize, usize); 2] {
    let stock = Stock::new(scenario, &mut Dice::for_purpose(0, 20));
    let mut world = scenario.world(&stock, 0, false);
    drop(stock);
    world.set_group(&(0..scenario.members).collect(), 0);
    scenario.wait_for(&mut world, |world| world.frames_of[1] > 0);
    [0, 1].map(|member| (world.bytes_of[member] as usize, world.frames_of[member] as usize))
}
