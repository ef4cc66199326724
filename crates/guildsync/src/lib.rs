//! guildsync: a guild's shared data, the same on every member's machine.
//!
//! This crate puts the others together and decides nothing itself: [`Replica`] is the pure part (logs,
//! session, frames), [`Local`] is a replica with its store, [`Node`] is a local replica on a
//! transport.
//!
//! ```
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
//! # runtime.block_on(async {
//! use guildsync::transport::memory::Hub;
//! use guildsync::types::{MemberName, Reason, Time};
//! use guildsync::{Config, Local, Node};
//!
//! let folder = tempfile::tempdir()?;
//! let hub = Hub::new();
//! let clock = || Time(1_700_000_000_000);
//! let mut nodes = Vec::new();
//! for name in ["Oakhand", "Brindle"] {
//!     let me = MemberName::new(name)?;
//!     let local = Local::create(&folder.path().join(name), me.clone(), Config::default())?;
//!     nodes.push(Node::spawn(local, hub.join(me), clock));
//! }
//! hub.set_leader(MemberName::new("Oakhand")?);
//! let brindle = MemberName::new("Brindle")?;
//! nodes[0].award(vec![brindle.clone()], "12.5".parse()?, Reason::new("Attendance")?).await?;
//! hub.quiet().await;
//! let local = nodes.remove(1).stop().await?;
//! assert_eq!(local.profiles().active().total(&brindle).map(|t| t.to_string()), Some("12.5".into()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).map_err(|e| e.to_string())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A map of the code:
//! - [`Replica`] (`replica`): events in, frames and commits out; pure; [`Counters`] (`counters`): what it did;
//!   [`Moment`] (`moment`): the present
//! - [`Local`] (`local`): a replica and its store, offline; every change is durable before it returns
//! - [`Node`] (`node`): a local replica on a transport, as a tokio task
//! - the crates below, each whole: [`types`], [`wire`], [`log`], [`leader`], [`tables`], [`sections`],
//!   [`transport`], [`store`]

mod counters;
mod local;
mod moment;
mod node;
mod replica;

pub use guildsync_leader as leader;
pub use guildsync_leader::Config;
pub use guildsync_log as log;
pub use guildsync_sections as sections;
pub use guildsync_store as store;
pub use guildsync_tables as tables;
pub use guildsync_transport as transport;
pub use guildsync_types as types;
pub use guildsync_wire as wire;

pub use counters::Counters;
pub use local::{Error, Local};
pub use moment::Moment;
pub use node::{Node, Presence, Screen, Status};
pub use replica::{Input, Notice, Output, Replica};
