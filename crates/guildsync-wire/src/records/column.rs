//! [`Column`]: what is known about one place in the records: its dictionary, its shapes, its habits.

use std::collections::HashMap;
use std::sync::Arc;

use crate::lua::{Table, Value};

use super::atom::Atom;
use super::earlier::Known;

/// Columns at most; further paths share the last.
pub(super) const COLUMNS_MAX: usize = 1024;
/// Keys of a table that have a column each; the values under further keys share one.
const CHILDREN_MAX: usize = 96;
/// Entries of a dictionary at most, three nibbles' worth.
pub(super) const ENTRIES_MAX: usize = 4096;

/// Which keys a table has, in their order, and whether it has positional entries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    pub(super) positional: bool,
    pub(super) keys: Arc<[Atom]>,
}

impl Shape {
    pub(super) fn of(table: &Table) -> Self {
        Self {
            positional: !table.positional().is_empty(),
            keys: table.keyed().map(|(key, _)| Atom::of_key(key)).collect(),
        }
    }
}

/// Numbered things, each once.
#[derive(Debug, Clone)]
pub(super) struct Listed<T> {
    entries: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Clone + Eq + std::hash::Hash> Listed<T> {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn get(&self, number: u32) -> Option<&T> {
        self.entries.get(number as usize)
    }

    pub(super) fn number(&self, entry: &T) -> Option<u32> {
        self.numbers.get(entry).copied()
    }

    /// Lists what is not listed yet, while there is room.
    pub(super) fn add(&mut self, entry: &T) -> Option<u32> {
        let number = self.len() as u32;
        if self.len() >= ENTRIES_MAX || self.numbers.contains_key(entry) {
            return None;
        }
        self.entries.push(entry.clone());
        self.numbers.insert(entry.clone(), number);
        Some(number)
    }
}

/// What is known about one place in the records.
#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    /// Columns of the values under its keys, of its positional entries, and of its keys.
    children: HashMap<Atom, usize>,
    items: Option<usize>,
    keys: Option<usize>,
    others: Option<usize>,
    /// Values seen here.
    pub(super) values: Listed<Atom>,
    pub(super) shapes: Listed<Shape>,
    /// The last value here and the record it was in.
    pub(super) last: Option<(usize, Atom)>,
    /// Its mark.
    pub(super) mark: u64,
    /// Where the last values came from, newest lowest.
    pub(super) sources: u64,
    /// The last table's shape, and how many positional entries it had.
    pub(super) shape: u64,
    pub(super) count: u64,
    /// How often a value was here, was one of those seen here, was one of the same record.
    pub(super) all: u32,
    pub(super) repeated: u32,
    pub(super) copied: u32,
    pub(super) copied_from: usize,
    /// How well texts here follow another column's of the same record, of 256.
    pub(super) follows: HashMap<usize, u32>,
}

impl Column {
    /// A value as one that this column has seen.
    pub(super) fn known_value(&self, value: &Value) -> Option<Known> {
        match value {
            Value::Table(table) => self.shapes.number(&Shape::of(table)).map(Known::shape),
            _ => self.known(&Atom::of(value)?),
        }
    }

    /// An atom as one that this column has seen.
    pub(super) fn known(&self, atom: &Atom) -> Option<Known> {
        match atom {
            Atom::Bool(flag) => Some(Known::Flag(*flag)),
            _ => self.values.number(atom).map(Known::entry),
        }
    }
}

/// All columns; number 0 is the record itself.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) all: Vec<Column>,
}

impl Columns {
    pub(super) fn new() -> Self {
        Self { all: vec![Column::default()] }
    }

    fn open(&mut self) -> usize {
        if self.all.len() < COLUMNS_MAX {
            self.all.push(Column::default());
        }
        self.all.len() - 1
    }

    /// The column of what lies under a key of a table.
    pub(super) fn child(&mut self, column: usize, key: &Atom) -> usize {
        if let Some(&child) = self.all[column].children.get(key) {
            return child;
        }
        if self.all[column].children.len() >= CHILDREN_MAX {
            if let Some(others) = self.all[column].others {
                return others;
            }
            let others = self.open();
            self.all[column].others = Some(others);
            return others;
        }
        let child = self.open();
        self.all[column].children.insert(key.clone(), child);
        child
    }

    /// The column of a table's positional entries.
    pub(super) fn items(&mut self, column: usize) -> usize {
        if let Some(items) = self.all[column].items {
            return items;
        }
        let items = self.open();
        self.all[column].items = Some(items);
        items
    }

    /// The column of a table's keys.
    pub(super) fn keys(&mut self, column: usize) -> usize {
        if let Some(keys) = self.all[column].keys {
            return keys;
        }
        let keys = self.open();
        self.all[column].keys = Some(keys);
        keys
    }
}
