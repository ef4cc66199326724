//! Assignment sheets: documents of sections that a raid shares, each member with its own copy.
//!
//! A [`Document`] is a structure (title, order, policy) and sections. Each of these is set by signed edits, and
//! an edit replaces what its editor had seen, whatever the clocks say: edits of different sections never
//! meet, and of two that did not know of each other one is shown everywhere and the other kept for a
//! person to pick. [`SectionSync`] brings the members of a raid to the same documents and turns their
//! screens to the same section: whoever writes sends it to all, whoever lacks something asks for just
//! that, and one of those who have it answers everyone. Seed 001 is the plan that this follows.
//!
//! ```
//! use guildsync_sections::{Author, Body, Change, Document, Label, Policy};
//! use guildsync_types::{MemberName, SecretKey, Stamp};
//!
//! let (ann, key) = (MemberName::new("Ann-Eonar")?, SecretKey::from_seed(&[1; 32]));
//! let author = Author { name: &ann, key: &key, stamp: Stamp::new(1_734_253_027, 0)?, after: 0 };
//! let row = ["Skull", "Tank", "Brindle"].map(String::from).to_vec();
//! let body = Body { rows: vec![row], ..Body::default() };
//! let sections = vec![(Label::new("Gatekeeper")?, body.plain()?)];
//! let mut mine = Document::publish(author, Label::new("Friday")?, Policy::default(), sections)?;
//!
//! let mut theirs = Document::of(mine.id(), mine.versions().cloned())?;
//! let section = theirs.sections()[0].id;
//! let body = Body { note: Some("pull slowly".into()), ..body }.plain()?;
//! let set = Change::Set { section, name: Label::new("Gatekeeper")?, body };
//! theirs.change(author, vec![set])?;
//! mine.merge(theirs.versions().cloned())?;
//! assert_eq!(mine.digest(), theirs.digest());
//! assert_eq!(mine.sections()[0].body.open()?.note.as_deref(), Some("pull slowly"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A map of the code:
//! - [`Body`], [`Plain`] (`body`): what stands in a section; `name`: labels, and the ids that follow from them
//! - [`Item`] (`item`), [`Edit`] (`edit`), [`Version`] (`version`): what is set, who signed it, both with the body
//! - [`Document`] (`document`): what nobody has replaced yet; [`Change`] (`change`): what its own people do with
//!   it; [`Shelf`] (`shelf`): all documents of a member; `bytes`: as a store keeps them
//! - [`Policy`], [`Who`], [`Raid`] (`rights`): who may do what
//! - [`SectionSync`] (`sync`): `announce` and `trickle`, `want` (asking), `serve` (answering), `spread` (what goes
//!   out), `take` (what comes in), `cursor`, `members`, `known` (earlier versions)
//! - `pack`: versions as few bytes; [`message`]: what is said, in two dialects
//! - [`Event`], [`Action`] (`event`); [`Config`], [`Times`] (`config`); [`Report`] (`report`); [`Saved`] (`saved`): what
//!   is kept of versions that are not whole

mod body;
mod bytes;
mod change;
mod config;
mod document;
mod edit;
mod event;
mod item;
pub mod message;
mod name;
mod pack;
mod report;
mod rights;
mod saved;
mod shelf;
mod sync;
mod version;

pub use body::{
    BODY_BYTES_MAX, Body, BodyError, COLUMNS_MAX, FIELDS_MAX, Plain, ROWS_MAX, TEXT_BYTES_MAX,
};
pub use bytes::StoredError;
pub use change::{Change, ChangeError};
pub use config::{Config, ImportSpread, Times};
pub use document::{DOCUMENT_BYTES_MAX, Document, MergeError, Section, VERSIONS_MAX};
pub use edit::{Author, Edit, ITEMS_MAX};
pub use event::{Action, Ctx, Event, Refusal, To};
pub use guildsync_wire::negotiate::Dialect;
pub use item::{Content, Item, SECTIONS_MAX, SEEN_MAX, Slot, Structure};
pub use message::Message;
pub use name::{DocumentId, Label, LabelError, SectionId};
pub use pack::coded;
pub use report::{Progress, Report};
pub use rights::{Deed, NAMED_MAX, Policy, Raid, Who};
pub use saved::{ASIDE_BYTES_MAX, Saved};
pub use shelf::{LEFT_BEHIND_MAX, SHELF_MAX, Shelf};
pub use sync::SectionSync;
pub use version::{Have, Tag, Version, VersionError};
