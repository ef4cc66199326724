//! The files that people have, in and out: CEPGP SavedVariables, the seed's own SavedVariables and
//! pipe text, and archives of everything in JSON, CSV or Lua; the guild tables; and assignment sheets.
//!
//! Reading gives drafts and a report, never a changed log: the caller appends the drafts in one
//! transaction, so an import is all or nothing. Text from outside is data; nothing is executed, and
//! no file system is touched: everything goes through [`std::io::Read`] and [`std::io::Write`].
//!
//! ```
//! use guildsync_files::detect::{Document, read};
//! use guildsync_log::{Log, Profile};
//! use guildsync_types::SecretKey;
//!
//! let file = "CEPGP = { [\"Traffic\"] = {
//!     { \"Brindle\", \"Oakhand\", \"Add EP 5 (on time)\", 90, 95, 10, 10, \"\", 1630624903, },
//! }, }\n";
//! let Document::Cepgp(traffic) = read(file.as_bytes())? else { panic!("it is CEPGP") };
//! let plan = traffic.plan(None, None);
//! assert_eq!((plan.ep.len(), plan.gp.len()), (1, 1));
//!
//! let mut ep = Log::new(Profile::default_profile());
//! ep.append(&SecretKey::from_seed(&[1; 32]), &plan.ep)?;
//! assert_eq!(ep.standings()[0].total.to_string(), "95");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A map of the code:
//! - [`detect`]: which format a file has, by its content
//! - [`cepgp`]: CEPGP's traffic, planned as entries of two profiles
//! - [`archive`]: everything a replica holds, in three forms, verified on reading
//! - [`pipe`], [`spectrum`]: the seed's line of text and its SavedVariables: points alone
//! - [`exchange`]: what those two share: plain records, reports of what was left out
//! - [`tables`]: the guild tables, in SavedVariables and JSON, in the seeds' schemas
//! - [`sheets`]: assignment sheets, in TWRA's SavedVariables, CSV and JSON
//! - [`input`]: reading text within a limit
//! - inside: `occurrence` (numbers of equal rows), `rows` (Lua arrays with holes)

pub mod archive;
pub mod cepgp;
pub mod detect;
pub mod exchange;
pub mod input;
mod occurrence;
pub mod pipe;
mod rows;
pub mod sheets;
pub mod spectrum;
pub mod tables;
