//! One row of a traffic table, in all the shapes that versions of CEPGP wrote: 11, 9, 8, 7 or 3
//! columns, holes, numbers as numbers or as text, "" for nothing.

use guildsync_types::{MemberName, Points, PointsError, Reason, Stamp, TextError};
use guildsync_wire::lua::{Table, Value};
use thiserror::Error;

use super::text;

/// Why a row was refused. The others are read all the same.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RowError {
    /// Not a table.
    #[error("a {kind} where a row should be")]
    NotARow {
        /// What it is.
        kind: &'static str,
    },
    /// Column 2 is empty.
    #[error("column 2: no issuer, so nobody did it")]
    NoIssuer,
    /// A name that no member can have.
    #[error("column {column}: {source}")]
    Name {
        /// Its column.
        column: i64,
        /// What is wrong with it.
        source: TextError,
    },
    /// Points that cannot be.
    #[error("column {column}: {source}")]
    Number {
        /// Its column.
        column: i64,
        /// What is wrong with it.
        source: PointsError,
    },
    /// The difference of two totals passes the limit.
    #[error("columns {before} and {after}: the difference is {difference}, beyond ten million")]
    Difference {
        /// The column of the total before.
        before: i64,
        /// The column of the total after.
        after: i64,
        /// What lies between.
        difference: String,
    },
    /// Column 9 is no time.
    #[error("column 9: {text:?} is not a time in whole seconds since 1970")]
    Time {
        /// As it is written.
        text: String,
    },
    /// A table or a flag where text or a number should be.
    #[error("column {column}: a {kind} where {wanted} should be")]
    Kind {
        /// Its column.
        column: i64,
        /// What it is.
        kind: &'static str,
        /// What should be there.
        wanted: &'static str,
    },
    /// An action text that no reason can hold.
    #[error("column 3: {0}")]
    Reason(TextError),
}

/// A row with its number in the table.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) number: i64,
    /// Its time, if it has one that can be read; a refused row may still have one.
    pub(super) seconds: Option<u64>,
    pub(super) body: Result<Body, RowError>,
}

/// What a row says.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub(super) actor: MemberName,
    /// `None` for the whole raid, the whole guild, or nobody.
    pub(super) member: Option<MemberName>,
    /// The action text names GP and not EP.
    pub(super) about_gp: bool,
    pub(super) reason: Reason,
    pub(super) ep: Movement,
    pub(super) gp: Movement,
}

/// One currency's total before and after.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Movement {
    pub(super) before: Option<Points>,
    pub(super) after: Option<Points>,
    /// After less before, nothing where one is missing.
    pub(super) delta: Points,
}

impl Row {
    pub(super) fn read(number: i64, value: &Value) -> Self {
        let Some(row) = value.as_table() else {
            let body = Err(RowError::NotARow { kind: value.kind() });
            return Self { number, seconds: None, body };
        };
        match seconds(row.at(9)) {
            Ok(seconds) => Self { number, seconds, body: Body::read(row) },
            Err(error) => Self { number, seconds: None, body: Err(error) },
        }
    }
}

impl Body {
    fn read(row: &Table) -> Result<Self, RowError> {
        let target = text(row, 1)?;
        let issuer = text(row, 2)?;
        let action = text(row, 3)?;
        if issuer.is_empty() {
            return Err(RowError::NoIssuer);
        }
        let actor = member(issuer, 2)?;
        let member = match target {
            "" | "Raid" | "Guild" => None,
            name => Some(member(name, 1)?),
        };
        let (ep, gp) = match member {
            Some(_) => (Movement::read(row, 4)?, Movement::read(row, 6)?),
            None => (Movement::default(), Movement::default()),
        };
        let item = row.at(8).and_then(Value::as_str).unwrap_or("");
        let reason = text::reason(action, item).map_err(RowError::Reason)?;
        let about_gp = action.contains("GP") && !action.contains("EP");
        Ok(Self { actor, member, about_gp, reason, ep, gp })
    }
}

impl Movement {
    fn read(row: &Table, column: i64) -> Result<Self, RowError> {
        let (before, after) = (points(row, column)?, points(row, column + 1)?);
        let (Some(from), Some(to)) = (before, after) else {
            return Ok(Self { before, after, delta: Points::ZERO });
        };
        let difference = to.hundredths() - from.hundredths();
        let delta = Points::from_hundredths(difference).map_err(|_| RowError::Difference {
            before: column,
            after: column + 1,
            difference: guildsync_types::points::Total(difference).to_string(),
        })?;
        Ok(Self { before, after, delta })
    }
}

fn text(row: &Table, column: i64) -> Result<&str, RowError> {
    match row.at(column) {
        None => Ok(""),
        Some(Value::Str(text)) => Ok(text.trim()),
        Some(other) => Err(RowError::Kind { column, kind: other.kind(), wanted: "text" }),
    }
}

/// The name as the file spells it; one with spaces in it (`Brindle-Argent Dawn`) in our spelling.
fn member(name: &str, column: i64) -> Result<MemberName, RowError> {
    MemberName::from_entry(name)
        .or_else(|_| MemberName::new(name))
        .map_err(|source| RowError::Name { column, source })
}

fn points(row: &Table, column: i64) -> Result<Option<Points>, RowError> {
    let read = match row.at(column) {
        None => return Ok(None),
        Some(Value::Str(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::Str(text)) => text.parse(),
        Some(Value::Int(number)) => match number.checked_mul(100) {
            Some(hundredths) => Points::from_hundredths(hundredths),
            None => Err(PointsError::OutOfRange(number.to_string())),
        },
        Some(Value::Float(number)) => number.to_string().parse(),
        Some(other) => {
            return Err(RowError::Kind { column, kind: other.kind(), wanted: "a number" });
        }
    };
    read.map(Some).map_err(|source| RowError::Number { column, source })
}

fn seconds(value: Option<&Value>) -> Result<Option<u64>, RowError> {
    let text = match value {
        None => return Ok(None),
        Some(Value::Str(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::Str(text)) => text.trim().to_owned(),
        Some(Value::Int(number)) => number.to_string(),
        Some(Value::Float(number)) => number.to_string(),
        Some(other) => {
            return Err(RowError::Kind { column: 9, kind: other.kind(), wanted: "a time" });
        }
    };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(seconds) if digits && seconds <= Stamp::SECONDS_MAX => Ok(Some(seconds)),
        _ => Err(RowError::Time { text }),
    }
}
