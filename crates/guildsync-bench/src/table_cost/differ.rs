//! Two members whose tables differ: changed, added and deleted on both sides, as people do it.
//!
//! What is added is a record of the set that the other side does not have, so that it is as real as the
//! rest. A change adds a level or some item level, a sentence, or moves an event.

use guildsync::tables::{Record, TableKind, Updated};
use guildsync::wire::lua::{Table, Value};
use guildsync_sim::corpus::draw::Draw;

use super::records::Set;
use super::{CLOCK, SEED};
use crate::corpus::tables::sentence;

/// What each of two members holds.
pub type Sides = [Vec<Record>; 2];

/// How many records differ, by table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Of the roster.
    pub roster: usize,
    /// Of the news.
    pub news: usize,
    /// Of the calendar.
    pub calendar: usize,
}

impl Counts {
    /// `n` records, four tenths of them of the roster, the others half and half.
    #[must_use]
    pub fn of(n: usize) -> Self {
        let (news, calendar) = (n * 3 / 10, n * 3 / 10);
        Self { roster: n - news - calendar, news, calendar }
    }

    fn each(self) -> [(TableKind, usize); 3] {
        let Self { roster, news, calendar } = self;
        [(TableKind::Roster, roster), (TableKind::News, news), (TableKind::Calendar, calendar)]
    }
}

/// Both hold all of the set.
#[must_use]
pub fn same(set: &Set) -> Sides {
    [set.records.clone(), set.records.clone()]
}

/// One holds all of the set, the other nothing.
#[must_use]
pub fn all_missing(set: &Set, holder: usize) -> Sides {
    let mut sides = [Vec::new(), Vec::new()];
    sides[holder].clone_from(&set.records);
    sides
}

/// So many records changed (two of five), added (two of five) or deleted (one of five) in the last three
/// days, by one side and the other in turn.
///
/// # Errors
/// A change that makes no record, or too few records to change.
pub fn recent(set: &Set, counts: Counts) -> anyhow::Result<Sides> {
    let mut draw = Draw::new(SEED ^ 0xd1ff);
    let mut sides = same(set);
    // Places that a side lacks.
    let mut lacking: [Vec<usize>; 2] = Default::default();
    let mut n = 0;
    for (table, count) in counts.each() {
        for at in chosen(set, table, count, &mut draw)? {
            let (writer, other) = (n % 2, 1 - n % 2);
            let age = 60 + draw.below(3 * 86_400) as u64;
            let before = &set.records[at];
            sides[writer][at] = match n % 5 {
                0 | 3 => changed(before, age, &mut draw)?,
                2 => deleted(before, age),
                _ => {
                    lacking[other].push(at);
                    stamped(before, age, before.data().clone())?
                }
            };
            n += 1;
        }
    }
    for (side, mut lacking) in sides.iter_mut().zip(lacking) {
        lacking.sort_unstable();
        // From the end on, so that places stay what they are.
        for at in lacking.into_iter().rev() {
            side.remove(at);
        }
    }
    Ok(sides)
}

/// One event was moved a quarter of a year ago, and the other side never heard of it.
///
/// # Errors
/// A set without events.
pub fn old_change(set: &Set) -> anyhow::Result<Sides> {
    let mut draw = Draw::new(SEED ^ 0x01d);
    let mut sides = same(set);
    for at in chosen(set, TableKind::Calendar, 1, &mut draw)? {
        let new = changed(&set.records[at], 90 * 86_400, &mut draw)?;
        let older = stamped(&set.records[at], 120 * 86_400, set.records[at].data().clone())?;
        (sides[0][at], sides[1][at]) = (older, new);
    }
    Ok(sides)
}

/// So many records changed by both sides in the same second, each in its own way.
///
/// # Errors
/// As [`recent`].
pub fn conflicting(set: &Set, counts: Counts) -> anyhow::Result<Sides> {
    let mut draw = Draw::new(SEED ^ 0xc0);
    let mut sides = same(set);
    for (table, count) in counts.each() {
        for at in chosen(set, table, count, &mut draw)? {
            let age = 60 + draw.below(3 * 86_400) as u64;
            sides[0][at] = changed(&set.records[at], age, &mut draw)?;
            // Another one, or it would be no conflict.
            while sides[1][at] == set.records[at] || sides[1][at] == sides[0][at] {
                sides[1][at] = changed(&set.records[at], age, &mut draw)?;
            }
        }
    }
    Ok(sides)
}

/// Places of `count` records of a table that are not deleted, no two the same.
fn chosen(
    set: &Set,
    table: TableKind,
    count: usize,
    draw: &mut Draw,
) -> anyhow::Result<Vec<usize>> {
    let is_there = |record: &Record| record.table() == table && !record.is_deleted();
    let places = (0..set.len()).filter(|at| is_there(&set.records[*at]));
    let mut places: Vec<usize> = places.collect();
    anyhow::ensure!(places.len() >= count, "{} of {table}, {count} asked for", places.len());
    for i in 0..count {
        let other = i + draw.below(places.len() - i);
        places.swap(i, other);
    }
    places.truncate(count);
    Ok(places)
}

fn now_less(age_s: u64) -> Updated {
    Updated::at(CLOCK.0 / 1000 - age_s)
}

fn stamped(record: &Record, age_s: u64, data: Table) -> anyhow::Result<Record> {
    let (guild, id) = (record.guild().clone(), record.id().clone());
    Ok(Record::new(record.table(), guild, id, now_less(age_s), data)?)
}

fn deleted(record: &Record, age_s: u64) -> Record {
    let (guild, id) = (record.guild().clone(), record.id().clone());
    Record::deletion(record.table(), guild, id, now_less(age_s))
}

fn changed(record: &Record, age_s: u64, draw: &mut Draw) -> anyhow::Result<Record> {
    let mut data = record.data().clone();
    match record.table() {
        TableKind::Roster => {
            let level = data.get("level").and_then(Value::as_i64).unwrap_or(80);
            let (field, more) = match level < 80 && draw.happens(0.5) {
                true => ("level", 1),
                false => ("itemLevel", 1 + draw.below(12) as i64),
            };
            let before = data.get(field).and_then(Value::as_i64).unwrap_or(0);
            data.insert(field, if before == 0 { 600 + more } else { before + more });
        }
        TableKind::Calendar => {
            let (day, hour) = (1 + draw.below(28), draw.below(24));
            data.insert("eventDate", format!("2025-02-{day:02} {hour:02}:00:00"));
        }
        _ => {
            let before = data.get("content").and_then(Value::as_str).unwrap_or_default();
            let longer = format!("{before} {}.", sentence(draw, 6, 14));
            data.insert("content", longer);
        }
    }
    stamped(record, age_s, data)
}
