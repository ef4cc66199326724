//! Bringing one replica everything that another has, in memory: entries, records and sheets.

use guildsync::log::{Log, ProfileError, ProfileKind, Profiles, Segment};
use guildsync::sections::{DocumentId, SHELF_MAX, Shelf};
use guildsync::tables::{Merged, TableKind, Tables};
use guildsync::types::ProfileId;
use serde::Serialize;
use tracing::debug;

use crate::compare;
use crate::failure::Failure;

/// How often two replicas look at each other at most: once there, once back, once more for forks.
const ROUNDS_MAX: usize = 4;

/// What became of tables that took another one's records.
#[derive(Debug, Clone)]
pub(crate) struct Took {
    /// One of each table, in the order of a session.
    pub(crate) tables: Vec<Gain>,
    /// Records of one second with other content; the greater one counts.
    pub(crate) conflicts: usize,
    /// Records that were held here for a time that has come.
    pub(crate) released: usize,
    /// Records of a time to come, left out because too many are held already.
    pub(crate) not_held: usize,
}

/// What one table gained.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Gain {
    /// The table.
    #[serde(serialize_with = "crate::out::text")]
    pub(crate) table: TableKind,
    /// Records that were not there.
    pub(crate) added: usize,
    /// Newer versions.
    pub(crate) updated: usize,
    /// Newer versions that are deletions.
    pub(crate) deleted: usize,
}

/// What one sheet gained.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SheetGain {
    /// What it is called now.
    pub(crate) title: String,
    /// Its id.
    #[serde(serialize_with = "crate::out::text")]
    pub(crate) document: DocumentId,
    /// It was not there before.
    pub(crate) new: bool,
    /// What came that was not there: sections that somebody wrote, or the sheet's title, order and policy.
    pub(crate) versions: usize,
}

impl Took {
    /// Nothing.
    pub(crate) fn nothing() -> Self {
        let gain = |table| Gain { table, added: 0, updated: 0, deleted: 0 };
        let tables = TableKind::ALL.into_iter().map(gain).collect();
        Self { tables, conflicts: 0, released: 0, not_held: 0 }
    }

    /// How many records count now that did not.
    pub(crate) fn gained(&self) -> usize {
        self.tables.iter().map(Gain::total).sum()
    }
}

impl Gain {
    /// How many records in all.
    pub(crate) fn total(&self) -> usize {
        self.added + self.updated + self.deleted
    }
}

/// Lets `into` take everything that `from` has.
pub(crate) fn take(into: &mut Profiles, from: &Profiles) -> Result<(), Failure> {
    for theirs in from.iter() {
        let id = theirs.profile().id;
        if into.get(&id).is_none() {
            into.add(theirs.profile().clone())?;
        }
        feed(into, &id, theirs)?;
    }
    Ok(())
}

/// Lets both take what the other has, until they agree.
pub(crate) fn join(a: &mut Profiles, b: &mut Profiles) -> Result<(), Failure> {
    for _ in 0..ROUNDS_MAX {
        take(a, b)?;
        take(b, a)?;
        if a.state_hash() == b.state_hash() {
            break;
        }
    }
    Ok(())
}

/// Lets `into` take every record of `from` that counts more than its own, held ones too; `clock` is the
/// present in seconds since 1970.
pub(crate) fn take_tables(into: &mut Tables, from: &Tables, clock: u64) -> Took {
    let mut took = Took { released: into.release(clock), ..Took::nothing() };
    for record in from.iter().chain(from.held()) {
        // What counts here is not held once more, however far ahead its time is.
        if into.get(record.key()).is_some_and(|ours| ours.hash() == record.hash()) {
            continue;
        }
        let merge = into.merge(record.clone(), clock);
        took.conflicts += usize::from(merge.conflict);
        let gain = &mut took.tables[record.table().index()];
        match merge.merged {
            Merged::Added => gain.added += 1,
            Merged::Updated => gain.updated += 1,
            Merged::Deleted => gain.deleted += 1,
            Merged::NotHeld => took.not_held += 1,
            Merged::Same | Merged::Older | Merged::Held => {}
        }
    }
    took
}

/// Lets both take what the other had. Each meets the other's records as they were, so both count the
/// same conflicts.
pub(crate) fn join_tables(a: &mut Tables, b: &mut Tables, clock: u64) -> [Took; 2] {
    let before = a.clone();
    [take_tables(a, b, clock), take_tables(b, &before, clock)]
}

/// Lets `into` take every sheet of `from`, and what it lacks of those that both have.
pub(crate) fn take_sheets(into: &mut Shelf, from: &Shelf) -> Result<Vec<SheetGain>, Failure> {
    let mut gained = Vec::new();
    for theirs in from.iter() {
        let id = theirs.id();
        let new = into.get(id).is_none();
        let versions = compare::versions(into.get(id), theirs).count();
        if new && into.len() >= SHELF_MAX {
            return Err(Failure::error(format!(
                "the sheet \"{}\" has no room: a store takes {SHELF_MAX} sheets; remove one first with \
                 `guildsync sheet remove TITLE`",
                theirs.title()
            )));
        }
        let cannot =
            |why| Failure::from(why).about(format_args!("the sheet \"{}\"", theirs.title()));
        if into.merge(id, theirs.versions().cloned()).map_err(cannot)? {
            let title = into.get(id).unwrap_or(theirs).title().to_string();
            gained.push(SheetGain { title, document: id, new, versions });
        }
    }
    Ok(gained)
}

/// Lets both take what the other had.
pub(crate) fn join_sheets(a: &mut Shelf, b: &mut Shelf) -> Result<[Vec<SheetGain>; 2], Failure> {
    let before = a.clone();
    Ok([take_sheets(a, b)?, take_sheets(b, &before)?])
}

/// Offers the segments of `theirs` in an order that works: what waits for a grant or for a fork's root
/// is offered again as long as others get in.
fn feed(into: &mut Profiles, id: &ProfileId, theirs: &Log) -> Result<(), Failure> {
    let label = theirs.label();
    let Some(ours) = into.get_mut(id) else {
        return Err(ProfileError::Unknown { wanted: id.short(), known: String::new() }.into());
    };
    let mut segments: Vec<Segment> = theirs.lacking(&ours.heads());
    if let ProfileKind::Owned { creator } = theirs.profile().kind {
        segments.sort_by_key(|segment| segment.root() != creator);
    }
    loop {
        let n_offered = segments.len();
        let (mut left, mut refusal) = (Vec::new(), None);
        for segment in segments {
            match ours.accept(segment.clone()) {
                Ok(accepted) if accepted.waits_for_role || accepted.waits_for_earlier => {
                    left.push(segment);
                }
                Ok(accepted) => debug!(profile = label, added = accepted.n_added(), "took"),
                Err(why) => {
                    refusal = Some(why);
                    left.push(segment);
                }
            }
        }
        if left.is_empty() {
            return Ok(());
        }
        if left.len() == n_offered {
            return match refusal {
                Some(why) => Err(Failure::error(format!(
                    "profile {label:?}: {why}; check both stores with `guildsync verify`"
                ))),
                None => Ok(()),
            };
        }
        segments = left;
    }
}
