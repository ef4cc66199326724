//! Fields that more than one line has: what they look like, and what else is refused.

use std::collections::BTreeSet;

use guildsync_types::hash::from_hex;
use guildsync_types::{Digest, MemberName, Stamp};
use guildsync_wire::line::{self, Fields, LineError};
use guildsync_wire::text::{self, Delimiter};

use super::super::MessageError;
use crate::item::SECTIONS_MAX;
use crate::name::{DocumentId, SectionId};
use crate::rights::{Deed, NAMED_MAX, Who};
use crate::version::Tag;

/// What stands between two items of a list.
const BETWEEN: Delimiter = Delimiter::Comma;

/// What ids and digests are.
pub(super) const ID_WANTED: &str = "16 hex digits in lower case";
/// What [`read_who`] reads.
pub(super) const WHO_WANTED: &str = "leader, assistants, everyone, or members and at most 40 names";

const DEEDS: [(Deed, &str); 3] =
    [(Deed::Publish, "publish"), (Deed::Edit, "edit"), (Deed::Point, "point")];

const LEADER: &str = "leader";
const ASSISTANTS: &str = "assistants";
const EVERYONE: &str = "everyone";
const MEMBERS: &str = "members";

pub(super) fn stamp(stamp: Stamp) -> String {
    match stamp.count() {
        0 => stamp.seconds().to_string(),
        count => format!("{}.{count}", stamp.seconds()),
    }
}

pub(super) fn read_stamp(f: &mut Fields<'_>) -> Result<Stamp, LineError> {
    f.next("stamp", "seconds since 1970, or seconds.count", |text| {
        let Some((seconds, count)) = text.split_once('.') else {
            return Stamp::new(line::number(text)?, 0).ok();
        };
        let count = line::number(count).filter(|&count| count != 0);
        Stamp::new(line::number(seconds)?, count?).ok()
    })
}

pub(super) fn read_document(f: &mut Fields<'_>) -> Result<DocumentId, LineError> {
    f.next("document", ID_WANTED, line::shown)
}

pub(super) fn read_digest(what: &'static str, f: &mut Fields<'_>) -> Result<Digest, LineError> {
    f.next(what, ID_WANTED, line::shown)
}

/// What may be left out.
pub(super) fn or_none(digest: Option<Digest>) -> String {
    digest.map_or_else(String::new, |digest| digest.to_string())
}

pub(super) fn read_digest_or_none(
    what: &'static str,
    f: &mut Fields<'_>,
) -> Result<Option<Digest>, LineError> {
    f.next(what, "nothing or 16 hex digits in lower case", |text| match text {
        "" => Some(None),
        text => line::shown(text).map(Some),
    })
}

pub(super) fn read_member(what: &'static str, f: &mut Fields<'_>) -> Result<MemberName, LineError> {
    let wanted = "a member's name of 1 to 48 bytes without blanks";
    f.next(what, wanted, |text| MemberName::from_entry(text).ok())
}

/// A list of what needs no escaping.
pub(super) fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    items.join(",")
}

/// Reads at most `limit` items. They are counted before any is kept.
pub(super) fn read_list<T>(
    what: &'static str,
    wanted: &str,
    limit: usize,
    f: &mut Fields<'_>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, MessageError> {
    let comma = BETWEEN.as_char();
    let items = f.next(what, wanted, |text| {
        if text.is_empty() {
            return Some(Some(Vec::new()));
        }
        if text.matches(comma).count() >= limit {
            return Some(None);
        }
        text.split(comma).map(read).collect::<Option<_>>().map(Some)
    })?;
    items.ok_or(MessageError::TooMany { line: f.line(), what, limit })
}

pub(super) fn read_sections(
    what: &'static str,
    f: &mut Fields<'_>,
) -> Result<Vec<SectionId>, MessageError> {
    read_list(what, "ids of 16 hex digits in lower case", SECTIONS_MAX, f, line::shown)
}

/// The items, each greater than the one before.
pub(super) fn ascending<T: Ord, C: FromIterator<T>>(
    what: &'static str,
    items: Vec<T>,
    f: &Fields<'_>,
) -> Result<C, LineError> {
    match items.is_sorted_by(|a, b| a < b) {
        true => Ok(items.into_iter().collect()),
        false => Err(f.is_not(what, "ascending")),
    }
}

pub(super) fn tag(tag: &Tag) -> String {
    format!("{:08x}", tag.0)
}

pub(super) fn read_tag(text: &str) -> Option<Tag> {
    let tag = Tag(u32::from_be_bytes(from_hex(text)?));
    (self::tag(&tag) == text).then_some(tag)
}

/// Bytes of any number as hex in lower case.
pub(super) fn read_bytes(hex: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = hex.as_bytes().as_chunks() else { return None };
    pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

pub(super) fn deed(deed: Deed) -> &'static str {
    DEEDS.iter().find(|(one, _)| *one == deed).map_or("", |(_, word)| word)
}

pub(super) fn read_deed(word: &str) -> Option<Deed> {
    DEEDS.iter().find(|(_, one)| *one == word).map(|(deed, _)| *deed)
}

pub(super) fn who(who: &Who) -> String {
    match who {
        Who::Leader => LEADER.to_owned(),
        Who::Assistants => ASSISTANTS.to_owned(),
        Who::Everyone => EVERYONE.to_owned(),
        Who::Members(names) => {
            let names = names.iter().map(MemberName::as_str);
            text::join([MEMBERS].into_iter().chain(names), BETWEEN)
        }
    }
}

pub(super) fn read_who(text: &str) -> Option<Who> {
    match text {
        LEADER => return Some(Who::Leader),
        ASSISTANTS => return Some(Who::Assistants),
        EVERYONE => return Some(Who::Everyone),
        _ if text.matches(BETWEEN.as_char()).count() > NAMED_MAX => return None,
        _ => (),
    }
    let words = text::split(text, BETWEEN).ok()?;
    let (MEMBERS, names) = words.split_first().map(|(word, names)| (word.as_str(), names))? else {
        return None;
    };
    let names = names.iter().map(|name| MemberName::from_entry(name).ok());
    let names: Vec<MemberName> = names.collect::<Option<_>>()?;
    let ascend = names.is_sorted_by(|a, b| a < b);
    ascend.then(|| Who::Members(BTreeSet::from_iter(names)))
}
