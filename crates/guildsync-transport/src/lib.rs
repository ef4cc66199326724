//! How frames travel between the replicas of a group.
//!
//! A [`Transport`] carries opaque frames to the whole group or to one member, and tells who is in
//! the group and who leads it. It knows no message. [`memory`] joins replicas in one process.
//!
//! A map of the code:
//! - [`Transport`], [`Incoming`], [`SendResult`] (`transport`): the trait and what passes through it
//! - [`ChannelProfile`] (`channel`): what a channel carries and how it refuses
//! - [`memory`]: a group in one process

mod channel;
pub mod memory;
mod transport;

pub use channel::ChannelProfile;
pub use transport::{Incoming, Recipient, SendResult, Transport};
