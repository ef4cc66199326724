//! CEPGP's traffic: a guild's real history of effort and gear points, as its addon saves it.
//!
//! The rows are those of `CEPGP.Traffic`, or of the older global `TRAFFIC` where that is absent; EP
//! and GP become two open profiles. The officer in the row is the actor, the action and the item the
//! reason. Rows for the raid, the guild or nobody, and rows that change nothing, become notes.
//!
//! A file that cannot be read is refused whole. A row that cannot be read is refused alone, with its
//! number and the reason, and the others go on.
//!
//! # What two files of one history give
//! Files that overlap, imported into one store or into two that meet, count each row once, and the
//! standings are those of the whole history, wherever the files begin and end (`clock` and `plan` say
//! how). Two cases cannot be told: rows that are equal in second, officer, member, points and text, if
//! a file begins between them; and a file that lies within one second (or has no time at all) and holds
//! a part of it.

use std::io::Read;

use guildsync_log::{Log, Profile, Profiles};
use guildsync_types::{ProfileName, TextError};
use guildsync_wire::lua::{self, Limits, LuaError, Table, Value};
use thiserror::Error;

mod clock;
mod plan;
mod report;
mod row;
mod text;

pub use plan::Plan;
pub use report::{Bases, Refused, Report};
pub use row::RowError;

use crate::rows::numbered;
use row::Row;

/// The rows of a CEPGP file.
///
/// ```
/// use guildsync_files::cepgp::Traffic;
/// let file = "TRAFFIC = {
///     { \"Brindle\", \"Oakhand\", \"Add EP 5\", 90, 95, 10, 10, },
///     { \"Raid\", \"Oakhand\", \"Add Raid EP 5\", },
///     { \"Brindle\", \"\", \"Add EP 5\", 95, 100, 10, 10, },
/// }\n";
/// let plan = Traffic::read(file.as_bytes())?.plan(None, None);
/// assert_eq!((plan.report.entry_rows, plan.report.note_rows), (1, 1));
/// assert_eq!(plan.report.refused[0].to_string(), "row 3: column 2: no issuer, so nobody did it");
/// # Ok::<(), guildsync_files::cepgp::CepgpError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Traffic {
    rows: Vec<Row>,
    other_keys: usize,
    unread_rows: usize,
}

/// Why a CEPGP file was not read. Nothing of it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CepgpError {
    /// It is no Lua data.
    #[error(transparent)]
    Lua(#[from] LuaError),
    /// Neither table of rows is there.
    #[error(
        "no CEPGP.Traffic and no TRAFFIC in this file, only {found}: \
         choose CEPGP.lua in WTF/Account/<name>/SavedVariables, written at logout"
    )]
    NoTraffic {
        /// The globals there are.
        found: String,
    },
    /// What should be the table of rows is something else.
    #[error("{name} is a {kind}, not a table of rows: this is not what CEPGP writes")]
    NotATable {
        /// The global.
        name: &'static str,
        /// What it is.
        kind: &'static str,
    },
    /// EP and GP would be one profile.
    #[error("EP and GP cannot both go to profile {name:?}: name two")]
    OneProfile {
        /// The name given twice.
        name: String,
    },
    /// A name that no profile can have.
    #[error(transparent)]
    Name(#[from] TextError),
}

/// The two profiles that an import goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    ep: ProfileName,
    gp: ProfileName,
}

impl Names {
    /// Two names.
    ///
    /// # Errors
    /// A name that no profile can have, or one name for both.
    pub fn new(ep: &str, gp: &str) -> Result<Self, CepgpError> {
        let names = Self { ep: ProfileName::new(ep)?, gp: ProfileName::new(gp)? };
        match names.ep == names.gp {
            true => Err(CepgpError::OneProfile { name: names.ep.as_str().to_owned() }),
            false => Ok(names),
        }
    }

    /// The open profiles of these names, EP first.
    #[must_use]
    pub fn profiles(&self) -> [Profile; 2] {
        [Profile::open(self.ep.clone()), Profile::open(self.gp.clone())]
    }
}

impl Default for Names {
    /// "EP" and "GP".
    fn default() -> Self {
        Self::new("EP", "GP").expect("two names")
    }
}

impl Traffic {
    /// Reads a file, as a stream.
    ///
    /// # Errors
    /// No Lua data, or without traffic.
    pub fn read(reader: impl Read) -> Result<Self, CepgpError> {
        Self::of(&lua::read_assignments(reader, &Limits::default())?)
    }

    /// Takes the rows out of a file's globals.
    ///
    /// # Errors
    /// Without traffic.
    pub fn of(globals: &[(String, Value)]) -> Result<Self, CepgpError> {
        let global = |name| globals.iter().find(|(n, _)| n == name).map(|(_, value)| value);
        let newer = match global("CEPGP") {
            Some(Value::Table(table)) => table.get("Traffic"),
            Some(other) => {
                return Err(CepgpError::NotATable { name: "CEPGP", kind: other.kind() });
            }
            None => None,
        };
        let older = global("TRAFFIC");
        let (name, traffic) = match (newer, older) {
            (Some(newer), _) => ("CEPGP.Traffic", newer),
            (None, Some(older)) => ("TRAFFIC", older),
            (None, None) => return Err(no_traffic(globals)),
        };
        let Value::Table(table) = traffic else {
            return Err(CepgpError::NotATable { name, kind: traffic.kind() });
        };
        let unread = older.filter(|&older| newer.is_some() && older != traffic);
        let (rows, other_keys) = numbered(table);
        Ok(Self {
            rows: rows.into_iter().map(|(number, row)| Row::read(number, row)).collect(),
            other_keys,
            unread_rows: unread.and_then(Value::as_table).map_or(0, Table::count),
        })
    }

    /// How many rows the file has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Plans the import into two logs; `None` for a profile that is not there yet. What a log holds
    /// already is left out and counted, so that a second import adds nothing.
    #[must_use]
    pub fn plan(&self, ep: Option<&Log>, gp: Option<&Log>) -> Plan {
        let mut plan = Plan::make(&self.rows, ep, gp);
        plan.report.other_keys = self.other_keys;
        plan.report.unread_rows = self.unread_rows;
        plan
    }

    /// As [`Traffic::plan`], into a replica's profiles of these names.
    #[must_use]
    pub fn plan_for(&self, profiles: &Profiles, names: &Names) -> Plan {
        let [ep, gp] = names.profiles();
        self.plan(profiles.get(&ep.id), profiles.get(&gp.id))
    }
}

fn no_traffic(globals: &[(String, Value)]) -> CepgpError {
    let names: Vec<&str> = globals.iter().map(|(name, _)| name.as_str()).take(8).collect();
    let found = if names.is_empty() { "no globals at all".to_owned() } else { names.join(", ") };
    CepgpError::NoTraffic { found }
}
