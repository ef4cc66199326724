//! Bytes and text that travel or rest: what every other crate writes its own data with.
//!
//! The crate knows no entry and no message. A map of the code:
//! - [`bytes`]: bounded [`bytes::Reader`] and [`bytes::Writer`] with varints, every error with its offset
//! - [`text`]: fields joined by a delimiter, with an escaping that can be undone
//! - [`lua`]: Lua table text (as WoW SavedVariables hold it): values, a data-only parser, a printer

pub mod bytes;
pub mod lua;
pub mod text;
