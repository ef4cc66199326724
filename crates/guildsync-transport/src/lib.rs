//! How frames travel between the replicas of a group.
//!
//! A [`Transport`] carries opaque frames to the whole group or to one member, and tells who is in
//! the group and who leads it. It knows no message. [`memory`] joins replicas in one process.
//! A [`Link`] carries messages over such frames, whatever their length and the channel's limits.
//!
//! A map of the code:
//! - [`Transport`], [`Incoming`], [`SendResult`] (`transport`): the trait and what passes through it
//! - [`ChannelProfile`] (`channel`): what a channel carries and how it refuses
//! - [`Link`] (`link`): messages as frames and back, repair of what was lost
//! - [`Priority`], [`OutboxLimits`] (`outbox`): what waits to be sent, by priority and in turns
//! - [`Throttle`] (`throttle`): the send budget
//! - [`memory`]: a group in one process

mod channel;
mod link;
pub mod memory;
mod outbox;
mod throttle;
mod transport;

pub use channel::{ChannelProfile, Rate};
pub use link::{Link, Queued, Received, Undeliverable};
pub use outbox::{LinkError, OutboxLimits, Priority};
pub use throttle::Throttle;
pub use transport::{Incoming, Recipient, SendResult, Transport};
