//! The pipe entry of seed 000: `id|timestamp|actor|target|delta|newTotal|reason|profile`.
//!
//! The line alone, without the log's types: ids are any text, amounts are kept as they were written.
//! The addon split with `[^|]+`, so that an empty reason made seven fields and was refused, and
//! formatted amounts with `%d`, which fails on halves; here every field may be empty and hold any
//! text, an item link and a line end too ([`crate::text`]), and an amount may have a fraction.
//!
//! ```
//! use guildsync_wire::dialect::pipe::PipeEntry;
//! let line = r"7|1735689600|Oakhand-Eonar|Brindle-Eonar|-12.5|87.5||Default";
//! let entry = PipeEntry::read(line)?;
//! assert_eq!(entry.delta.as_ref().and_then(|delta| delta.hundredths()), Some(-1250));
//! assert_eq!(entry.reason, "");
//! assert_eq!(entry.to_string(), line);
//! # Ok::<(), guildsync_wire::dialect::DialectError>(())
//! ```

use std::borrow::Cow;
use std::fmt;

use super::{DialectError, RawField};
use crate::text::{self, Delimiter};

/// The fields in their order, by the names of the seed.
pub const FIELDS: [&str; 8] =
    ["id", "timestamp", "actor", "target", "delta", "newTotal", "reason", "profile"];

/// One log entry as a line of text. Its `Display` is the line, without a line end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipeEntry<'a> {
    /// Any text; the seed's are numbers.
    pub id: Cow<'a, str>,
    /// Seconds since 1970, UTC.
    pub timestamp: u64,
    /// Who made the change.
    pub actor: Cow<'a, str>,
    /// Whom it concerns.
    pub target: Cow<'a, str>,
    /// By how much; `None` is an empty field.
    pub delta: Option<Decimal>,
    /// What the writer saw afterwards; `None` is an empty field.
    pub new_total: Option<Decimal>,
    /// Why.
    pub reason: Cow<'a, str>,
    /// The profile that it belongs to.
    pub profile: Cow<'a, str>,
}

impl fmt::Display for PipeEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timestamp = self.timestamp.to_string();
        let amount = |amount: &'_ Option<Decimal>| {
            amount.as_ref().map_or_else(String::new, ToString::to_string)
        };
        let (delta, new_total) = (amount(&self.delta), amount(&self.new_total));
        let fields: [&str; 8] = [
            &self.id,
            &timestamp,
            &self.actor,
            &self.target,
            &delta,
            &new_total,
            &self.reason,
            &self.profile,
        ];
        f.write_str(&text::join(fields, Delimiter::Pipe))
    }
}

impl PipeEntry<'static> {
    /// Reads a line, given without its line end.
    ///
    /// # Errors
    /// Not eight fields, an escape that means nothing, a timestamp that is no whole number in its
    /// shortest form, an amount that is no [`Decimal`].
    pub fn read(line: &str) -> Result<Self, DialectError> {
        let found = line.matches(Delimiter::Pipe.as_char()).count() + 1;
        if found != FIELDS.len() {
            let wanted = "8 (id|timestamp|actor|target|delta|newTotal|reason|profile)";
            return Err(DialectError::Fields { found, wanted });
        }
        let mut at = 0;
        let mut fields = line.split(Delimiter::Pipe.as_char()).zip(FIELDS).map(|(raw, name)| {
            let field = RawField { name, at, raw };
            at += raw.len() + 1;
            field
        });
        // Never the default: the fields were counted.
        let mut next = || fields.next().unwrap_or(RawField { name: "", at: line.len(), raw: "" });
        let text = |field: RawField<'_>| field.text(Delimiter::Pipe).map(Cow::Owned);
        let amount = |field: RawField<'_>| match field.raw {
            "" => Ok(None),
            raw => Decimal::new(raw).map(Some).ok_or_else(|| field.is_not("a decimal number")),
        };
        Ok(Self {
            id: text(next())?,
            timestamp: next().number()?,
            actor: text(next())?,
            target: text(next())?,
            delta: amount(next())?,
            new_total: amount(next())?,
            reason: text(next())?,
            profile: text(next())?,
        })
    }
}

/// An amount as it was written: a sign or none, digits, and a fraction or none. `1.50` stays `1.50`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal(Box<str>);

impl Decimal {
    /// The longest that is taken, in bytes.
    pub const BYTES_MAX: usize = 40;

    /// The number that `text` writes; `None` if it is none: no digit before or behind the point, an
    /// exponent, a blank, over [`Decimal::BYTES_MAX`] bytes.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let (whole, fraction) = halves(text);
        let valid = text.len() <= Self::BYTES_MAX && digits(whole) && fraction.is_none_or(digits);
        valid.then(|| Self(text.into()))
    }

    /// From hundredths, as the log counts points: `-1250` is `-12.5`.
    #[must_use]
    pub fn from_hundredths(hundredths: i64) -> Self {
        let sign = if hundredths < 0 { "-" } else { "" };
        let (whole, part) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
        let text = match (part, part % 10) {
            (0, _) => format!("{sign}{whole}"),
            (_, 0) => format!("{sign}{whole}.{}", part / 10),
            _ => format!("{sign}{whole}.{part:02}"),
        };
        Self(text.into())
    }

    /// In hundredths, if it is a whole number of them and fits.
    #[must_use]
    pub fn hundredths(&self) -> Option<i64> {
        let (whole, fraction) = halves(&self.0);
        let fraction = fraction.unwrap_or_default().trim_end_matches('0');
        if fraction.len() > 2 {
            return None;
        }
        let number: i128 = format!("{whole}{fraction:0<2}").parse().ok()?;
        let number = if self.0.starts_with('-') { -number } else { number };
        i64::try_from(number).ok()
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What stands before and behind the point, without the sign.
fn halves(text: &str) -> (&str, Option<&str>) {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    unsigned.split_once('.').map_or((unsigned, None), |(whole, part)| (whole, Some(part)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::option::of;
    use proptest::prelude::*;

    fn any_field() -> impl Strategy<Value = Cow<'static, str>> {
        prop_oneof![any::<String>(), r"[\\|:;,\t\r\nnrtpcsmø]{0,12}"].prop_map(Cow::Owned)
    }

    fn any_amount() -> impl Strategy<Value = Option<Decimal>> {
        of("[-+]?[0-9]{1,9}(\\.[0-9]{1,9})?".prop_map(|text| Decimal::new(&text).unwrap()))
    }

    prop_compose! {
        fn any_entry()(
            (id, actor, target) in (any_field(), any_field(), any_field()),
            timestamp: u64,
            (delta, new_total) in (any_amount(), any_amount()),
            (reason, profile) in (any_field(), any_field()),
        ) -> PipeEntry<'static> {
            PipeEntry { id, timestamp, actor, target, delta, new_total, reason, profile }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_equal_on_one_line(entry in any_entry()) {
            let line = entry.to_string();
            prop_assert!(!line.contains(['\n', '\r', '\t']));
            prop_assert_eq!(PipeEntry::read(&line).unwrap(), entry);
        }

        #[test]
        fn any_line_reads_or_is_refused_and_what_was_read_reads_again(
            line in prop_oneof![any::<String>(), r"[0-9|.\\np-]{0,30}", "([0-9]{0,2}\\|){7}[a-z]?"],
        ) {
            if let Ok(entry) = PipeEntry::read(&line) {
                prop_assert_eq!(PipeEntry::read(&entry.to_string()).unwrap(), entry);
            }
        }

        #[test]
        fn hundredths_are_exact(hundredths: i64) {
            let decimal = Decimal::from_hundredths(hundredths);
            prop_assert_eq!(decimal.hundredths(), Some(hundredths));
            prop_assert_eq!(Decimal::new(decimal.as_str()), Some(decimal));
        }
    }

    #[test]
    fn amounts() {
        let hundredths = |text: &str| Decimal::new(text).map(|decimal| decimal.hundredths());
        for (text, number) in
            [("0", 0), ("-0.5", -50), ("12.50", 1250), ("+3", 300), ("00.0700", 7)]
        {
            assert_eq!(hundredths(text), Some(Some(number)), "{text}");
        }
        for text in ["0.001", "99999999999999999999", &"9".repeat(40)] {
            assert_eq!(hundredths(text), Some(None), "{text}");
        }
        for text in ["", "-", ".5", "5.", "1e3", "1,5", " 1", "--1", "1.2.3", &"9".repeat(41)] {
            assert_eq!(hundredths(text), None, "{text}");
        }
        assert_eq!(Decimal::from_hundredths(-7).as_str(), "-0.07");
        assert_eq!(Decimal::from_hundredths(i64::MIN).as_str(), "-92233720368547758.08");
    }

    #[test]
    fn errors_name_the_field_and_its_offset() {
        let error = |line: &str| PipeEntry::read(line).unwrap_err().to_string();
        assert_eq!(
            error("1|2|a|b|3|4|why"),
            "7 fields where 8 (id|timestamp|actor|target|delta|newTotal|reason|profile) should be"
        );
        assert_eq!(error("1|02|a|b|3|4|r|p"), "timestamp at byte 2 is not a whole number");
        assert_eq!(error("1|2|a|b|3e1|4|r|p"), "delta at byte 8 is not a decimal number");
        assert_eq!(
            error(r"1|2|a|b|3|4|r\x|p"),
            r"reason, which begins at byte 12: unknown escape `\x` at byte 1"
        );
    }
}
