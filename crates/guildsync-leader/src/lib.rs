//! Leader-coordinated log sync (seed 000) as a pure state machine.
//!
//! A [`Session`] is one member's part in its group. It is told [`Event`]s and asks for [`Action`]s;
//! it does no IO, reads no clock and knows no frames. Whoever leads the group announces its active
//! profile and what it has of it; members say what they have; the coordinator asks for what it lacks
//! and sends what they lack, in turn ([`SyncPlan::Queue`]) or together ([`SyncPlan::Broadcast`]).
//! New entries are broadcast as they happen, and gaps are asked for.
//!
//! A map of the code:
//! - [`Session`] (`session`): who is told what; `session::lead`: who coordinates; `session::receive`:
//!   what a member does with a message
//! - `coordination`: one profile's coordination; `coordination::serve`: the two plans;
//!   `coordination::heartbeat`: when to announce again
//! - `follow`: a member's side of an announcement; `live`: new entries; `answer`: what is sent to
//!   whoever asks; `requests`: what was asked for; `held`: batches that wait for what they need
//! - `announcements`: the frontiers that messages are told against; `plan`: group, whisper or helpers
//! - [`Message`] (`message`): the seven messages and their two dialects; [`batch`]: entries, packed
//! - [`Config`] (`config`): policies and their defaults; [`policy`]: what a profile says over them
//! - [`Event`], [`Action`], [`Report`] (`event`): what goes in and comes out

mod announcements;
mod answer;
pub mod batch;
mod config;
mod coordination;
mod event;
mod follow;
mod held;
mod live;
mod message;
mod plan;
pub mod policy;
mod requests;
mod session;

pub use config::{Config, EntriesPerMessage, ManualSync, Pace, Ready, Scope, SyncPlan};
pub use event::{Action, Backlog, Ctx, Event, Outcome, Refusal, Report, Stage};
pub use message::{
    Announced, Answer, Base, Batch, Cause, Dialect, Difference, Epoch, Has, Heads, MemberTag,
    Message, MessageError, Named, SealPart, Tag, To, Want,
};
pub use session::Session;
