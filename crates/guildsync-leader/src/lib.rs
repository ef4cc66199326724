//! Leader-coordinated log sync (seed 000) as a pure state machine.
//!
//! A [`Session`] is one member's part in its group. It is told [`Event`]s and asks for [`Action`]s;
//! it does no IO, reads no clock and knows no bytes. Whoever leads the group announces its active
//! profile and what it has of it; members say what they have; the coordinator asks for what it lacks
//! and sends what they lack, in turn ([`SyncPlan::Queue`]) or together ([`SyncPlan::Broadcast`]).
//! New entries are broadcast as they happen, and gaps are asked for.
//!
//! A map of the code:
//! - [`Session`] (`session`): who coordinates; `session::receive`: what a member does with a message
//! - `coordination`, `coordination::serve`: one profile's coordination, the two plans
//! - `plan`: group or whisper; `repair`: gaps in live entries
//! - [`Message`], [`Epoch`], [`To`] (`message`): the seven messages and their bytes
//! - [`Summary`] (`summary`): what a member has, in a line a writer
//! - [`Config`] (`config`): policies and their defaults
//! - [`Event`], [`Action`], [`Report`] (`event`): what goes in and comes out

mod config;
mod coordination;
mod event;
mod message;
mod plan;
mod repair;
mod session;
mod summary;

pub use config::{Config, ManualSync, Scope, SyncPlan};
pub use event::{Action, Ctx, Event, Outcome, Refusal, Report, Stage};
pub use message::{Epoch, Message, To};
pub use session::Session;
pub use summary::Summary;
