//! Guild tables: roster, news, calendar, guild info and linked guilds, the same on both sides.
//!
//! Two members compare what they have, table by table, exchange only what differs, and survive being
//! interrupted (seeds 002 to 004). A [`Record`] is one entry of a table; [`Tables`] is what a member holds,
//! and decides which version of a record counts: the same everywhere, by content alone. [`TableSync`] is the
//! machine: pure, events in, actions out. How a session goes, and which rules settle what the seeds leave
//! open: `docs/tables.md`.
//!
//! ```
//! use guildsync_tables::{GuildName, RecordId, TableKind, Tables};
//! use guildsync_wire::lua::Table;
//!
//! let (guild, id) = (GuildName::new("Rest-Eonar")?, RecordId::new("202411301924102656")?);
//! let mut data = Table::new();
//! data.insert("title", "Raid at eight");
//! let (mut mine, mut theirs) = (Tables::new(), Tables::new());
//! let record = mine.set(TableKind::News, guild, id, data, 1_734_253_027)?.clone();
//! assert!(theirs.merge(record, 1_734_253_100).merged.is_change());
//! assert_eq!(mine.state_hash(), theirs.state_hash());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A map of the code:
//! - [`Record`] (`record`), [`Updated`] (`updated`), [`TableKind`] (`kind`), names (`name`): the model; `canonical`:
//!   the one order of a record's data
//! - [`Tables`] (`tables`): what is held, which version counts, what is held back or purged
//! - [`schema`], [`check`], [`view`]: records as files have them, what fields must be, typed reading
//! - [`sketch`]: a set in four bytes a difference; `compare`: what two sides compare, and what they share
//! - [`TableSync`] (`sync`): whose turn it is; `session`: one conversation, its two sides; `transfer`: records on
//!   their way; `scope`: which guilds take part; [`rights`]: who may write what
//! - [`message`]: what is said, in two dialects; [`Event`], [`Action`] (`event`); [`Config`] (`config`)
//! - [`Report`] (`report`), [`log`], [`Saved`] (`saved`): what became of it, step by step, and what is kept

mod canonical;
pub mod check;
mod compare;
mod config;
mod event;
mod kind;
pub mod log;
pub mod message;
mod name;
mod record;
mod report;
pub mod rights;
mod saved;
pub mod schema;
mod scope;
mod session;
pub mod sketch;
mod sync;
mod tables;
mod transfer;
mod updated;
pub mod view;

pub use kind::{OrderError, TableKind, TableOrder, UnknownTable};
pub use name::{GuildName, RecordId};
pub use record::{
    LOCAL, RECORD_BYTES_MAX, RECORD_DEPTH_MAX, Record, RecordError, RecordKey, Version,
};
pub use tables::{
    CLOCK_TOLERANCE_S, ChangeError, HELD_MAX, Mark, Merge, Merged, Purge, Tables, key,
};
pub use updated::Updated;

pub use config::{
    Ack, Compare, Config, Guilds, LogLevel, Mode, Ready, Request, SetupRule, Together, Yield,
};
pub use event::{Action, Ctx, Event, Refusal, To};
pub use guildsync_wire::negotiate::Dialect;
pub use message::Message;
pub use report::{Failure, Outcome, Progress, Report, Side, TableReport, TableState};
pub use rights::Rights;
pub use saved::{Saved, Unfinished};
pub use sync::TableSync;
