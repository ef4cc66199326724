//! Bytes and text that travel or rest: what every other crate writes its own data with.
//!
//! The crate knows no entry and no message. A map of the code:
//! - [`bytes`]: bounded [`bytes::Reader`] and [`bytes::Writer`] with varints, every error with its offset
//! - [`bits`]: numbers of about one size and ascending hashes, in bits
//! - [`text`]: fields joined by a delimiter, with an escaping that can be undone
//! - [`mod@line`]: a text of lines, each a word and fields; every error with its line
//! - [`lua`]: Lua table text (as WoW SavedVariables hold it): values, a data-only parser, a printer
//! - [`alphabet`]: which byte values a channel carries, and any bytes written with those alone
//! - [`checksum`]: CRC-32 against damage in transit, and how much of it each frame carries
//! - [`frame`]: what one channel message is: a header and a piece; the re-request; AceComm's marking
//! - [`chunk`]: one message cut into frames, any of which can be made again
//! - [`reassemble`]: frames of many senders, in any order, back to messages, within limits
//! - [`dialect`]: the text forms of the seeds' addons: pipe entry, id list, fixed columns, commands
//! - [`rows`]: loot-log rows as plain columns, and as batches of the fewest bytes
//! - [`records`]: many value trees of like shape as one batch of the fewest bytes
//! - [`entropy`]: what the two rest on: models that say how likely a bit is, a coder that spends just that
//! - [`payload`]: values as compact bytes, JSON or Lua text, each reversible
//! - [`compress`]: a method byte and compressed bytes, read back under a ceiling
//! - [`negotiate`]: versions and capabilities that two peers have in common; the polite refusal
//!
//! ```
//! use guildsync_wire::rows::{Mode, Row, RowsBuilder, decode, encode};
//!
//! let mut rows = RowsBuilder::new(b"Main raid");
//! let award = Row { seq: 1, seconds: 1_630_624_903, actor: b"Oakhand", delta: 1250, ..Row::default() };
//! rows.push(&Row { target: Some(b"Brindle"), total: 1250, reason: b"Attendance", ..award });
//! let rows = rows.finish();
//! let batch = encode(&rows, Mode::Small)?;
//! assert_eq!(decode(&batch, |_| None)?, rows);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod alphabet;
pub mod bits;
pub mod bytes;
pub mod checksum;
pub mod chunk;
pub mod compress;
pub mod dialect;
pub mod entropy;
pub mod frame;
pub mod line;
pub mod lua;
pub mod negotiate;
pub mod payload;
pub mod reassemble;
pub mod records;
pub mod rows;
pub mod text;
