//! Stamps: whole seconds UTC and a count within the second, and the text forms of the seeds.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use thiserror::Error;

/// When an entry says it happened: seconds since 1970 UTC and a 16-bit count within the second.
///
/// Live entries use it as a hybrid logical clock ([`Stamp::next`]); an import or a correction may
/// carry a stamp of the past.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(u64);

/// Why a text is no stamp, or a number no time.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StampError {
    /// None of the known forms.
    #[error(
        "{0:?} is not a time: write seconds since 1970, YYYYMMDDHHMMSS, YYYY-MM-DD or \
         \"YYYY-MM-DD HH:MM:SS\", in UTC"
    )]
    Unreadable(String),
    /// Before 1970 or after the year 9999.
    #[error("{0} seconds since 1970 lie beyond the year 9999")]
    OutOfRange(u64),
}

/// How a seed writes a time: text printed in the form it was read in is the same text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StampForm {
    /// Seconds since 1970 (seed 000).
    Epoch,
    /// `YYYYMMDDHHMMSS` (seed 004).
    Compact,
    /// `YYYY-MM-DD HH:MM:SS` (seed 002).
    Dashed,
    /// `YYYY-MM-DD`: midnight.
    Date,
}

impl Stamp {
    /// The last second that can be written: 9999-12-31 23:59:59 less a day, for any time zone.
    pub const SECONDS_MAX: u64 = 253_402_207_200;
    /// 1970, first count: older than anything real.
    pub const ZERO: Self = Self(0);
    /// The last stamp there is.
    pub const MAX: Self = Self(Self::SECONDS_MAX << 16 | 0xffff);

    /// A stamp from seconds since 1970 UTC and a count within that second.
    ///
    /// # Errors
    /// [`StampError::OutOfRange`] beyond [`Stamp::SECONDS_MAX`].
    pub fn new(seconds: u64, count: u16) -> Result<Self, StampError> {
        if seconds > Self::SECONDS_MAX {
            return Err(StampError::OutOfRange(seconds));
        }
        Ok(Self(seconds << 16 | u64::from(count)))
    }

    /// Seconds since 1970 UTC.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.0 >> 16
    }

    /// The count within the second.
    #[must_use]
    pub fn count(self) -> u16 {
        self.0 as u16
    }

    /// The stamp of the next live entry: the clock's second, or the count after `last` where the
    /// clock stands still or runs behind it.
    #[must_use]
    pub fn next(last: Self, clock: Self) -> Self {
        if clock.seconds() > last.seconds() {
            return Self(clock.0 & !0xffff);
        }
        // A full count runs over into the next second, which keeps the order; the end of time stays.
        Self(last.0 + 1).min(Self::MAX)
    }

    /// The last stamp of the same second: what "as of this second" includes.
    #[must_use]
    pub fn end_of_second(self) -> Self {
        Self(self.0 | 0xffff)
    }

    /// Reads one of the forms of [`StampForm`] and says which it was.
    ///
    /// # Errors
    /// [`StampError`] when the text is none of them or names no time between 1970 and 9999.
    pub fn parse(text: &str) -> Result<(Self, StampForm), StampError> {
        let unreadable = || StampError::Unreadable(text.to_owned());
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let form = match text.len() {
            14 if digits => StampForm::Compact,
            1..=12 if digits => StampForm::Epoch,
            10 => StampForm::Date,
            _ => StampForm::Dashed,
        };
        let seconds = match form {
            StampForm::Epoch => text.parse().map_err(|_| unreadable())?,
            _ => civil_seconds(text, form).ok_or_else(unreadable)?,
        };
        Ok((Self::new(seconds, 0)?, form))
    }

    /// Prints the second in one of the seeds' forms.
    #[must_use]
    pub fn print(self, form: StampForm) -> String {
        let at = civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0)
            .saturating_add(jiff::SignedDuration::from_secs(self.seconds() as i64));
        let format = match form {
            StampForm::Epoch => return self.seconds().to_string(),
            StampForm::Compact => "%Y%m%d%H%M%S",
            StampForm::Dashed => "%Y-%m-%d %H:%M:%S",
            StampForm::Date => "%Y-%m-%d",
        };
        at.strftime(format).to_string()
    }

    /// The 64 bits that sort as the stamp does: seconds above, count below.
    #[must_use]
    pub fn packed(self) -> u64 {
        self.0
    }

    /// A stamp from [`Stamp::packed`].
    ///
    /// # Errors
    /// [`StampError::OutOfRange`] beyond [`Stamp::SECONDS_MAX`].
    pub fn from_packed(packed: u64) -> Result<Self, StampError> {
        Self::new(packed >> 16, packed as u16)
    }
}

fn civil_seconds(text: &str, form: StampForm) -> Option<u64> {
    let at: civil::DateTime = match form {
        StampForm::Compact => {
            let (date, time) = (text.get(..8)?, text.get(8..)?);
            civil::Date::strptime("%Y%m%d", date)
                .ok()?
                .to_datetime(civil::Time::strptime("%H%M%S", time).ok()?)
        }
        StampForm::Date => {
            civil::Date::strptime("%Y-%m-%d", text).ok()?.to_datetime(civil::Time::MIN)
        }
        StampForm::Dashed => civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?,
        StampForm::Epoch => return None,
    };
    let since = at.duration_since(civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    u64::try_from(since.as_secs()).ok()
}

impl FromStr for Stamp {
    type Err = StampError;

    fn from_str(text: &str) -> Result<Self, StampError> {
        Self::parse(text.trim()).map(|(stamp, _)| stamp)
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.print(StampForm::Dashed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_reads_to_the_same_second_and_prints_back_the_same() {
        let table = [
            ("1630624903", StampForm::Epoch),
            ("20210902232143", StampForm::Compact),
            ("2021-09-02 23:21:43", StampForm::Dashed),
        ];
        for (text, form) in table {
            let (stamp, read) = Stamp::parse(text).unwrap();
            assert_eq!((stamp.seconds(), read), (1_630_624_903, form));
            assert_eq!(stamp.print(form), text);
        }
        let (date, form) = Stamp::parse("2021-09-02").unwrap();
        assert_eq!((date.seconds(), date.print(form).as_str()), (1_630_540_800, "2021-09-02"));
        assert_eq!(Stamp::parse("19990101000000").unwrap().0.seconds(), 915_148_800);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "yesterday", "2021-13-01", "20210230000000", "2021-02-30 00:00:00", "-5"] {
            assert!(Stamp::parse(text).is_err(), "{text}");
        }
        assert_eq!(Stamp::parse("999999999999"), Err(StampError::OutOfRange(999_999_999_999)));
        assert!(Stamp::parse("1969-12-31 23:59:59").is_err());
    }

    #[test]
    fn the_next_stamp_is_later_whatever_the_clock_says() {
        let at = |s, c| Stamp::new(s, c).unwrap();
        assert_eq!(Stamp::next(at(10, 3), at(11, 9)), at(11, 0));
        assert_eq!(Stamp::next(at(10, 3), at(10, 0)), at(10, 4));
        assert_eq!(Stamp::next(at(10, u16::MAX), at(4, 0)), at(11, 0));
        assert_eq!(Stamp::next(Stamp::MAX, Stamp::MAX), Stamp::MAX);
        assert_eq!(Stamp::from_packed(Stamp::MAX.packed()), Ok(Stamp::MAX));
    }
}
