//! When a record was last changed, in any of the seeds' spellings.

use guildsync_types::stamp::StampForm;
use guildsync_types::{Stamp, StampError};
use guildsync_wire::lua::Value;

/// The time of a record's last change: a second in UTC, and how it was written.
///
/// Three spellings are known (`20241215085707`, `2024-12-15 08:57:07`, seconds since 1970 as text or
/// as a number); each is printed as it was read, so that a file keeps its look. Times are UTC: the
/// addon wrote its computer's own time, and two computers disagreed by hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Updated {
    seconds: u64,
    form: StampForm,
    is_number: bool,
}

impl Updated {
    /// When the addon says its default content was made (1999-01-01 00:00:00): content with this time
    /// loses against anything that somebody wrote, whenever that was.
    pub const DEFAULT_SECONDS: u64 = 915_148_800;

    /// A time in the spelling of seed 004, `YYYYMMDDHHMMSS`; beyond the year 9999 its last second.
    #[must_use]
    pub fn at(seconds: u64) -> Self {
        let seconds = seconds.min(Stamp::SECONDS_MAX);
        Self { seconds, form: StampForm::Compact, is_number: false }
    }

    /// Reads a time.
    ///
    /// # Errors
    /// A text that is none of the spellings, a number that is no time, or another kind of value.
    pub fn from_value(value: &Value) -> Result<Self, StampError> {
        if let Some(text) = value.as_str() {
            let (stamp, form) = Stamp::parse(text)?;
            // A number with zeros before it would be printed without them.
            if stamp.print(form) != text {
                return Err(StampError::Unreadable(text.to_owned()));
            }
            return Ok(Self { seconds: stamp.seconds(), form, is_number: false });
        }
        let seconds = value.as_i64().and_then(|seconds| u64::try_from(seconds).ok());
        let unreadable = || StampError::Unreadable(format!("a {}", value.kind()));
        let stamp = Stamp::new(seconds.ok_or_else(unreadable)?, 0)?;
        Ok(Self { seconds: stamp.seconds(), form: StampForm::Epoch, is_number: true })
    }

    /// The time as it was written.
    #[must_use]
    pub fn to_value(self) -> Value {
        match self.is_number {
            true => Value::Int(self.seconds as i64),
            false => Value::Str(self.print(self.form)),
        }
    }

    /// The time in one of the spellings.
    #[must_use]
    pub fn print(self, form: StampForm) -> String {
        Stamp::new(self.seconds, 0).unwrap_or_default().print(form)
    }

    /// Seconds since 1970 UTC.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.seconds
    }

    /// Whether this is the time of default content.
    #[must_use]
    pub fn is_default(self) -> bool {
        self.seconds == Self::DEFAULT_SECONDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_spelling_is_the_same_second_and_prints_back_as_it_was() {
        let spelled = [
            Value::from("20241215085707"),
            Value::from("2024-12-15 08:57:07"),
            Value::from("1734253027"),
            Value::from(1_734_253_027),
        ];
        for value in spelled {
            let updated = Updated::from_value(&value).unwrap();
            assert_eq!(updated.seconds(), 1_734_253_027, "{value:?}");
            assert_eq!(updated.to_value(), value);
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for value in [
            Value::from("NA"),
            Value::from("20241315085707"),
            Value::from("0001734253"),
            Value::from(-1),
            Value::from(1.5),
            Value::from(true),
            Value::from(999_999_999_999_i64),
        ] {
            assert!(Updated::from_value(&value).is_err(), "{value:?}");
        }
    }

    #[test]
    fn default_content_is_known_in_every_spelling() {
        for value in ["19990101000000", "1999-01-01 00:00:00", "1999-01-01", "915148800"] {
            assert!(Updated::from_value(&Value::from(value)).unwrap().is_default(), "{value}");
        }
        assert!(!Updated::at(0).is_default());
    }
}
