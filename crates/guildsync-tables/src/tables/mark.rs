//! What a store needs of tables: to bring them back, and to find out by itself what is new in them.
//!
//! Writes are numbered, so what is new since a number is found at once. But a number means something
//! only in the tables that gave it: a copy that was changed has written other records under the same
//! ones. A [`Mark`] therefore says of which tables it is. Whoever asks others what is new since then
//! is told that nothing is known, and compares all of it.

use std::sync::Arc;

use super::Tables;
use crate::record::Record;

/// One state of some tables, which they know again as long as they live.
#[derive(Debug, Clone)]
pub struct Mark {
    tables: Identity,
    n_writes: u64,
    n_asides: u64,
}

/// The same for as long as the tables live, and in no others.
#[derive(Debug, Clone, Default)]
struct Identity(Arc<()>);

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Who some tables are, and what they were copied from.
#[derive(Debug, Default)]
pub(super) struct Lineage {
    me: Identity,
    parent: Option<Mark>,
}

impl Clone for Tables {
    /// A copy, which knows what it was copied from and is none the less another one.
    fn clone(&self) -> Self {
        Self {
            records: self.records.clone(),
            kept: self.kept.clone(),
            by_write: self.by_write.clone(),
            n_writes: self.n_writes,
            held: self.held.clone(),
            n_asides: self.n_asides,
            lineage: Lineage { me: Identity::default(), parent: Some(self.mark()) },
        }
    }
}

impl Tables {
    /// Tables as a store kept them: what [`Tables::iter`], [`Tables::all_kept`] and [`Tables::held`]
    /// gave, in any order.
    #[must_use]
    pub fn load(
        records: impl IntoIterator<Item = Record>,
        kept: impl IntoIterator<Item = Record>,
        held: impl IntoIterator<Item = Record>,
    ) -> Self {
        let mut tables = Self::new();
        for record in records {
            tables.write(record);
        }
        tables.kept = kept.into_iter().map(|record| (record.key().clone(), record)).collect();
        let due = |record: Record| ((record.updated().seconds(), record.key().clone()), record);
        tables.held = held.into_iter().map(due).collect();
        tables
    }

    /// The present state of these tables.
    #[must_use]
    pub fn mark(&self) -> Mark {
        let (n_writes, n_asides) = (self.n_writes, self.n_asides);
        Mark { tables: self.lineage.me.clone(), n_writes, n_asides }
    }

    /// Whether nothing at all has changed since `mark`.
    #[must_use]
    pub fn is_at(&self, mark: &Mark) -> bool {
        self.descends_from(mark) && self.n_writes == mark.n_writes && self.keeps_as_at(mark)
    }

    /// The records written since `mark`; `None` if these tables have not come about from those of `mark`
    /// by writes alone, so that any record may be another or missing.
    pub fn written_since(&self, mark: &Mark) -> Option<impl Iterator<Item = &Record>> {
        self.descends_from(mark).then(|| self.written_after(mark.n_writes))
    }

    /// Whether what is kept and held is known to be what it was at `mark`.
    #[must_use]
    pub fn keeps_as_at(&self, mark: &Mark) -> bool {
        self.descends_from(mark) && self.n_asides == mark.n_asides
    }

    /// Whether these are the tables of `mark`, or a copy made of them then or later.
    fn descends_from(&self, mark: &Mark) -> bool {
        let Lineage { me, parent } = &self.lineage;
        let is_later = |parent: &Mark| {
            parent.tables == mark.tables
                && parent.n_writes >= mark.n_writes
                && parent.n_asides >= mark.n_asides
        };
        *me == mark.tables || parent.as_ref().is_some_and(is_later)
    }
}

#[cfg(test)]
mod tests {
    use guildsync_wire::lua::Table;

    use super::*;
    use crate::kind::TableKind;
    use crate::name::{GuildName, RecordId};

    fn set(tables: &mut Tables, id: &str) {
        let (guild, id) = (GuildName::new("Thorns").unwrap(), RecordId::new(id).unwrap());
        tables.set(TableKind::News, guild, id, Table::new(), 1_700_000_000).unwrap();
    }

    fn since(tables: &Tables, mark: &Mark) -> Option<Vec<String>> {
        let ids = |records: &mut dyn Iterator<Item = &Record>| {
            records.map(|record| record.id().to_string()).collect()
        };
        tables.written_since(mark).map(|mut records| ids(&mut records))
    }

    #[test]
    fn tables_and_copies_made_later_know_what_is_new_and_no_others_do() {
        let mut tables = Tables::new();
        set(&mut tables, "1");
        let mark = tables.mark();
        let mut early = tables.clone();
        set(&mut tables, "2");
        let mut late = tables.clone();
        set(&mut late, "3");
        set(&mut early, "4");
        assert_eq!(since(&tables, &mark), Some(vec!["2".to_owned()]));
        assert_eq!(since(&late, &mark), Some(vec!["2".to_owned(), "3".to_owned()]));
        assert_eq!(since(&early, &mark), Some(vec!["4".to_owned()]));
        // Once the first have gone on, the early copy lacks what they have.
        assert_eq!(since(&early, &tables.mark()), None);
        assert_eq!(since(&late, &early.mark()), None);
        assert_eq!(since(&Tables::new(), &mark), None);
        assert!(tables.clone().is_at(&tables.mark()) && !tables.is_at(&mark));
    }

    #[test]
    fn what_is_kept_or_held_counts_as_a_change_of_its_own() {
        let mut tables = Tables::new();
        set(&mut tables, "1");
        let key = tables.iter().next().unwrap().key().clone();
        let mark = tables.mark();
        tables.delete(&key, 1_700_000_000).unwrap();
        let deleted = tables.mark();
        assert!(!tables.keeps_as_at(&mark) && tables.keeps_as_at(&deleted));
        tables.purge(crate::tables::Purge::AfterDays(1), 1_800_000_000);
        assert!(!tables.keeps_as_at(&deleted) && !tables.is_at(&deleted));
        assert_eq!(since(&tables, &deleted), Some(Vec::new()));
    }
}
