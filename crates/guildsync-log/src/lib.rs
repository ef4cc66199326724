//! The guildsync log model: what was written, by whom, and what follows from it.
//!
//! A [`Log`] holds the entries of one profile, a chain a writer, each chain hashed and sealed by its
//! writer. It only ever grows. Standings are replayed from it in an order that depends on content
//! alone, so replicas that hold the same entries agree, however these arrived.
//!
//! ```
//! use guildsync_log::{Log, Profile};
//! use guildsync_types::{MemberName, Reason, SecretKey, Stamp};
//!
//! let officer = SecretKey::from_seed(&[1; 32]);
//! let mut log = Log::new(Profile::default_profile());
//! let (oakhand, brindle) = (MemberName::new("Oakhand")?, MemberName::new("Brindle")?);
//! let stamp = Stamp::new(1_630_624_903, 0)?;
//! let award = log.award(stamp, &oakhand, &brindle, "12.5".parse()?, &Reason::new("Attendance")?)?;
//! let segment = log.append(&officer, &[award])?;
//!
//! let mut other = Log::new(Profile::default_profile());
//! other.accept(segment)?;
//! assert_eq!(other.standings()[0].total.to_string(), "12.5");
//! assert_eq!(other.heads(), log.heads());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A map of the code:
//! - [`Entry`], [`Draft`], [`Change`] (`entry`): what is said; `codec`: its canonical bytes
//! - [`Log`] (`log`): the log itself; `append`: one's own entries; `accept`: everyone's; `fork`: two
//!   entries with one number; `query`: standings, history, audit; `share`: what a log has and what
//!   another lacks; `origins`: whether an imported row is here
//! - [`batch`]: entries as the columns that the wire codec packs
//! - [`Segment`] (`segment`): a sealed run of entries, as members pass it on
//! - [`Frontier`], [`Heads`] (`frontier`): what a replica has
//! - [`Profile`], [`Profiles`] (`profile`, `profiles`): kinds of profile, and a replica's set of them
//! - [`Officer`] (`officers`): who holds a role; [`Policy`] (`policies`): what a profile says of its sync
//! - inside: `chain` (packed rows and hashes), `content` (chains and strings), `intern`, `order`
//!   (replay order in blocks), `replay` (what counts), `tally` (totals and reasons), `roles` (who may
//!   write), `pen` (waiting)

mod accept;
mod append;
pub mod batch;
mod chain;
mod codec;
mod content;
mod entry;
mod fork;
mod frontier;
mod intern;
mod log;
mod officers;
mod order;
mod origins;
mod pen;
mod policies;
mod profile;
mod profiles;
mod query;
mod replay;
mod roles;
pub mod segment;
mod share;
mod tally;

pub use accept::{AcceptError, Accepted};
pub use append::AppendError;
pub use entry::{Basis, Change, Draft, Entry, Role};
pub use frontier::{Frontier, Heads};
pub use log::Log;
pub use officers::Officer;
pub use origins::Origins;
pub use policies::Policy;
pub use profile::{Profile, ProfileKind};
pub use profiles::{ProfileError, Profiles};
pub use query::{AuditLine, Standing, Verdict};
pub use segment::{Branch, Segment};
pub use share::ChainInfo;
