//! Points: whole hundredths, so that halves and 25 % decays stay exact.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An amount of points in hundredths, within ten million points either way.
///
/// ```
/// use guildsync_types::Points;
/// let half: Points = "-12.5".parse()?;
/// assert_eq!(half.hundredths(), -1250);
/// assert_eq!(half.to_string(), "-12.5");
/// # Ok::<(), guildsync_types::PointsError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Points(i32);

/// Why an amount was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PointsError {
    /// Not a decimal number with at most two places.
    #[error("{0:?} is not an amount: write a number with at most two decimal places, like 12.5")]
    Unreadable(String),
    /// Beyond ten million.
    #[error("{0} is out of range: an amount lies between -10000000 and 10000000")]
    OutOfRange(String),
}

impl Points {
    /// The largest amount in hundredths: ten million points.
    pub const HUNDREDTHS_MAX: i64 = 1_000_000_000;
    /// No points.
    pub const ZERO: Self = Self(0);

    /// An amount from hundredths.
    ///
    /// # Errors
    /// [`PointsError::OutOfRange`] beyond ten million points.
    pub fn from_hundredths(hundredths: i64) -> Result<Self, PointsError> {
        if hundredths.abs() > Self::HUNDREDTHS_MAX {
            return Err(PointsError::OutOfRange(Total(hundredths).to_string()));
        }
        Ok(Self(hundredths as i32))
    }

    /// The amount in hundredths.
    #[must_use]
    pub fn hundredths(self) -> i64 {
        i64::from(self.0)
    }

    /// The amount in hundredths as the log packs it.
    #[must_use]
    pub fn packed(self) -> i32 {
        self.0
    }
}

impl FromStr for Points {
    type Err = PointsError;

    fn from_str(text: &str) -> Result<Self, PointsError> {
        let unreadable = || PointsError::Unreadable(text.to_owned());
        let trimmed = text.trim();
        let (negative, digits) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
        };
        let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(whole) || !all_digits(places) || whole.len() + places.len() == 0 {
            return Err(unreadable());
        }
        let places = places.trim_end_matches('0');
        if places.len() > 2 {
            return Err(unreadable());
        }
        let out_of_range = || PointsError::OutOfRange(trimmed.to_owned());
        let whole: i64 = match whole.trim_start_matches('0') {
            "" => 0,
            digits if digits.len() > 9 => return Err(out_of_range()),
            digits => digits.parse().map_err(|_| unreadable())?,
        };
        let places: i64 = format!("{places:0<2}").parse().map_err(|_| unreadable())?;
        let hundredths = (whole * 100 + places) * if negative { -1 } else { 1 };
        Self::from_hundredths(hundredths).map_err(|_| out_of_range())
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Total(self.hundredths()).fmt(f)
    }
}

/// A member's sum in hundredths. Unlike [`Points`] it has no limit of its own: sums of many entries
/// may pass ten million.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Total(pub i64);

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, places) = (self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100);
        let text = match places {
            0 => format!("{whole}"),
            p if p % 10 == 0 => format!("{whole}.{}", p / 10),
            p => format!("{whole}.{p:02}"),
        };
        f.pad_integral(self.0 >= 0, "", &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_hundredths_agree() {
        let table = [
            ("10", 1000),
            ("+7", 700),
            ("-0.25", -25),
            ("12.50", 1250),
            (".5", 50),
            ("-3.05", -305),
        ];
        for (text, hundredths) in table {
            let points: Points = text.parse().unwrap();
            assert_eq!(points.hundredths(), hundredths, "{text}");
            assert_eq!(points.to_string().parse::<Points>().unwrap(), points);
        }
        assert_eq!(Total(-1205).to_string(), "-12.05");
        assert_eq!(format!("{:>7}", Total(1250)), "   12.5");
    }

    #[test]
    fn ten_million_is_the_limit_and_nonsense_is_refused() {
        assert!("10000000".parse::<Points>().is_ok());
        for text in ["10000000.01", "-10000001", "99999999999999999999"] {
            assert!(matches!(text.parse::<Points>(), Err(PointsError::OutOfRange(_))), "{text}");
        }
        for text in ["", "-", ".", "1.234", "1e5", "١", "ten", "0x10"] {
            assert!(matches!(text.parse::<Points>(), Err(PointsError::Unreadable(_))), "{text}");
        }
    }
}
