//! A seeded world of many guildsync replicas on a modelled channel, in virtual time.
//!
//! The real `guildsync::Replica` runs here unchanged, many at a time; what is modelled is everything
//! around it: the game's channel, who is in the group, disks, clocks, people, and what goes wrong. One
//! seed is one run, byte for byte, on any machine: nothing here reads a clock or draws from anything but
//! the seed. The oracle keeps its own books and checks after every step what must be true.
//!
//! A map of the code:
//! - [`world`]: virtual time, the queue of events, stepping replicas, what people do
//! - [`channel`]: what becomes of a frame, and the server's account of every budget
//! - [`disk`]: what is durable
//! - [`oracle`]: what was acknowledged, and what has to be true of it
//! - [`options`], [`faults`], [`users`]: what a seed draws: everything about its run
//! - [`run`]: the phases of one run; [`campaign`]: many runs, [`many`]: of any kind; [`coverage`]: what they reached
//! - [`bugs`]: deliberate bugs, and how soon they are caught
//! - [`tables`]: runs of their own kind, in which members have tables
//! - [`sheets`]: runs in which members have assignment sheets; [`together`]: runs with all three
//! - [`scenario`]: what syncing costs, beside the least it could cost; [`corpus`]: the logs for it
//! - [`trace`]: a recorded run, [`decode`]: its frames in words
//! - `phase`: what the phases of all kinds of runs have in common
//! - [`dice`]: seeded randomness

pub mod bugs;
pub mod campaign;
pub mod channel;
pub mod corpus;
pub mod coverage;
pub mod decode;
pub mod dice;
pub mod disk;
pub mod duet;
pub mod faults;
pub mod many;
pub mod options;
pub mod oracle;
mod phase;
pub mod run;
pub mod scenario;
pub mod sheets;
pub mod tables;
pub mod together;
pub mod trace;
pub mod users;
pub mod world;
