//! The durable state of one replica: its logs, profile by profile, its tables and its
//! assignment sheets, in one redb file.
//!
//! A store is one file (`guild.gsync`, say) and its key beside it (`guild.gsync.key`). A [`Store`] is
//! the one writer of that file; [`read`] and [`verify`] look at it and change nothing.
//!
//! ```
//! use guildsync_store::{Store, read};
//! use guildsync_types::{MemberName, Reason, Stamp};
//!
//! # let folder = tempfile::tempdir()?;
//! let path = folder.path().join("guild.gsync");
//! let mut opened = Store::create(&path, None)?;
//! let (oakhand, brindle) = (MemberName::new("Oakhand")?, MemberName::new("Brindle")?);
//! let active = opened.profiles.active_id();
//! let log = opened.profiles.get_mut(&active).ok_or("no active profile")?;
//! let stamp = Stamp::new(1_630_624_903, 0)?;
//! let award = log.award(stamp, &oakhand, &brindle, "12.5".parse()?, &Reason::new("Attendance")?)?;
//! log.append(opened.store.key(), &[award])?;
//! opened.store.commit(&opened.profiles)?; // only now may the award be acknowledged
//! let before = opened.profiles.state_hash();
//! drop(opened);
//!
//! assert_eq!(read(&path)?.profiles.state_hash(), before);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Invariants
//! - [`Store::commit`] returns only when everything that the logs, the tables and the sheets hold is
//!   on disk. It finds out for itself what is new, so nothing can be left out by a caller's mistake.
//! - After a failed commit nobody knows what reached the disk, so the store takes no further one: it
//!   has to be opened again, which shows what is really there.
//! - Opening decides before it writes: a store that is refused keeps every byte it had.
//! - A number is never issued twice: the key of a writer is never copied into a backup, and a store
//!   that comes without its key goes on as a new writer.
//!
//! A map of the code:
//! - [`Store`], [`Opened`] (`store`): create, open, commit, change the key
//! - [`read`], [`verify`], [`backup`], [`restore`] (`files`): whole stores, looked at and copied
//! - [`StoreError`] (`error`), [`Damage`] (`damage`): what can be wrong, in words
//! - inside: `layout` (the tables, byte by byte), `load` and `save` (logs from rows, rows from logs),
//!   `records` (the same for records), `sheets` (and for documents), `database` (opening redb with
//!   care), `hold` (a backend that keeps writes back until the store is accepted), `key` (the key file), `folder` (files that appear whole or not at all)

mod damage;
mod database;
mod error;
mod files;
mod folder;
mod hold;
mod key;
mod layout;
mod load;
mod records;
mod save;
mod sheets;
mod store;

pub use damage::{Damage, Place};
pub use error::StoreError;
pub use files::{Report, backup, read, restore, verify};
pub use key::path_of as key_path;
pub use load::Loaded;
pub use save::Data;
pub use store::{NewWriter, Opened, Store};
