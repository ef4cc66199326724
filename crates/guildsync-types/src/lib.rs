//! The words every guildsync crate shares: names, ids, time, points, hashes, keys and seals.
//!
//! Everything here is plain data with its rules; nothing does IO, reads a clock or draws randomness.
//! A map of the code:
//! - [`name`]: [`MemberName`], [`ProfileName`], [`Reason`]: text with a limit
//! - [`policy`]: [`PolicyName`], [`PolicyValue`]: what a profile says about how it is synced
//! - [`points`]: [`Points`], hundredths within ten million
//! - [`stamp`]: [`Stamp`], when an entry says it happened; the text forms of the seeds
//! - [`hash`]: [`struct@Hash`], [`Digest`] and the domain-separated hasher
//! - [`id`]: [`WriterId`], [`ProfileId`], [`EntryId`]
//! - [`seal`]: [`SecretKey`], [`PublicKey`], [`Signature`], [`Seal`]
//! - [`memo`]: [`Memo`], answers that need not be worked out again
//! - [`time`]: [`Time`], what machines are told about the present
//! - [`bugs`]: deliberate bugs, for tests of the tests; none in a normal build

pub mod bugs;
pub mod hash;
pub mod id;
pub mod memo;
pub mod name;
pub mod points;
pub mod policy;
pub mod seal;
pub mod stamp;
pub mod time;

pub use hash::{Digest, Hash};
pub use id::{EntryId, ProfileId, WriterId};
pub use memo::Memo;
pub use name::{MemberName, ProfileName, Reason, TextError};
pub use points::{Points, PointsError};
pub use policy::{PolicyName, PolicyValue};
pub use seal::{PublicKey, Seal, SealError, SecretKey, Signature};
pub use stamp::{Stamp, StampError};
pub use time::Time;
