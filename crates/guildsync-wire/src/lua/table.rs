//! [`Table`]: positional entries and keyed entries, each in the order of the file.
//!
//! The two are kept apart since the text keeps them apart: `{ "a", "b", [9] = 1 }` has two
//! positional entries and one keyed, and prints as it was written.

use std::collections::HashMap;

use super::{Key, Value};

/// With fewer keyed entries than this a scan is as fast as a hash, and most tables have none or one.
const INDEX_FROM: usize = 9;

/// A Lua table.
///
/// Equality is Lua's: the same keys with equal values, in any order and written in either way.
///
/// ```
/// use guildsync_wire::lua::Table;
/// let mut row = Table::new();
/// row.push("Brindle");
/// row.push("Oakhand");
/// row.insert(9, 1_574_028_258);
/// assert_eq!((row.count(), row.array_len()), (3, 9));
/// assert_eq!(row.at(2).and_then(|value| value.as_str()), Some("Oakhand"));
/// assert_eq!(row.at(3), None);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Entries 1, 2, 3 ... without a hole.
    positional: Vec<Value>,
    /// Boxed, so that a row without keyed entries (nearly every row) does not pay for them.
    keyed: Option<Box<Keyed>>,
}

#[derive(Debug, Clone, Default)]
struct Keyed {
    /// A removed entry leaves `None`: removing must not move what comes after it.
    slots: Vec<(Key, Option<Value>)>,
    live: usize,
    index: Option<Index>,
}

/// Where a key's slot is. Two maps, so that a name is looked up without copying it.
#[derive(Debug, Clone, Default)]
struct Index {
    names: HashMap<String, usize>,
    others: HashMap<Key, usize>,
}

impl Table {
    /// A table without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The entry under a name, as `["name"]`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        let keyed = self.keyed.as_deref()?;
        keyed.slots[keyed.find_name(name)?].1.as_ref()
    }

    /// The entry at an index, positional or written as `[index]`. Indexes begin at 1.
    #[must_use]
    pub fn at(&self, index: i64) -> Option<&Value> {
        match self.offset(index) {
            Some(offset) => self.positional.get(offset),
            None => self.keyed.as_deref()?.get(&Key::Int(index)),
        }
    }

    /// The entry under any key.
    #[must_use]
    pub fn get_key(&self, key: &Key) -> Option<&Value> {
        match key {
            Key::Str(name) => self.get(name),
            Key::Int(index) => self.at(*index),
            Key::Float(_) => match key.clone().normal() {
                Key::Int(index) => self.at(index),
                other => self.keyed.as_deref()?.get(&other),
            },
            Key::Bool(_) => self.keyed.as_deref()?.get(key),
        }
    }

    /// Appends behind the highest index, as Lua's `t[#t + 1] = value` does without holes.
    pub fn push(&mut self, value: impl Into<Value>) {
        let index = self.array_len().saturating_add(1);
        self.set_position(index, Some(value.into()));
    }

    /// Sets the entry under a key and returns what was there. A new key comes last in the order and
    /// is printed with its key, so build arrays with [`Table::push`].
    pub fn insert(&mut self, key: impl Into<Key>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into().normal(), value.into());
        if let Key::Int(index) = key
            && let Some(offset) = self.offset(index)
        {
            return Some(std::mem::replace(&mut self.positional[offset], value));
        }
        self.keyed.get_or_insert_default().insert(key, value)
    }

    /// Takes an entry out, as Lua's `t[key] = nil`. Positional entries behind it keep their index
    /// and are keyed from then on.
    pub fn remove(&mut self, key: &Key) -> Option<Value> {
        let key = key.clone().normal();
        if let Key::Int(index) = key
            && let Some(offset) = self.offset(index)
        {
            let tail = self.positional.split_off(offset + 1);
            let removed = self.positional.pop();
            for (index, value) in (index + 1..).zip(tail) {
                self.keyed.get_or_insert_default().insert(Key::Int(index), value);
            }
            return removed;
        }
        self.keyed.as_deref_mut()?.remove(&key)
    }

    /// Entries of every kind.
    #[must_use]
    pub fn count(&self) -> usize {
        self.positional.len() + self.keyed.as_deref().map_or(0, |keyed| keyed.live)
    }

    /// Whether there is no entry at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// The highest index from 1 up, holes not counted out: a row's length. 0 without any.
    ///
    /// A hostile file can make it far larger than [`Table::count`] with one `[4000000000] = 1`, so
    /// check it before a loop over [`Table::at`]. Takes time in the number of keyed entries.
    #[must_use]
    pub fn array_len(&self) -> i64 {
        let indexes = self.keyed().filter_map(|(key, _)| match key {
            Key::Int(index) => Some(*index),
            _ => None,
        });
        indexes.fold(self.positional.len() as i64, i64::max)
    }

    /// The entries 1, 2, 3 ... that have no key in the text, up to the first hole.
    #[must_use]
    pub fn positional(&self) -> &[Value] {
        &self.positional
    }

    /// The entries with a key, in the order of the file.
    pub fn keyed(&self) -> impl Iterator<Item = (&Key, &Value)> {
        self.slots().iter().filter_map(|(key, value)| Some((key, value.as_ref()?)))
    }

    /// The keyed entries with a name, in the order of the file.
    pub fn named(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.keyed().filter_map(|(key, value)| match key {
            Key::Str(name) => Some((name.as_str(), value)),
            _ => None,
        })
    }

    /// The keyed entries and the places of removed ones.
    pub(super) fn slots(&self) -> &[(Key, Option<Value>)] {
        self.keyed.as_deref().map_or(&[], |keyed| &keyed.slots)
    }

    /// The keyed entries themselves.
    pub(super) fn into_keyed(self) -> impl Iterator<Item = (Key, Value)> {
        let slots = self.keyed.map_or_else(Vec::new, |keyed| keyed.slots);
        slots.into_iter().filter_map(|(key, value)| Some((key, value?)))
    }

    /// Sets what the text gave for a position, `None` for `nil`.
    pub(super) fn set_position(&mut self, index: i64, value: Option<Value>) {
        let Some(value) = value else {
            self.remove(&Key::Int(index));
            return;
        };
        if index != self.positional.len() as i64 + 1 {
            self.insert(index, value);
            return;
        }
        if let Some(keyed) = self.keyed.as_deref_mut() {
            keyed.remove(&Key::Int(index));
        }
        self.positional.push(value);
    }

    /// Gives back memory reserved for entries that did not come.
    pub(super) fn shrink(&mut self) {
        self.positional.shrink_to_fit();
    }

    /// The offset in `positional` of an index that lies in it.
    fn offset(&self, index: i64) -> Option<usize> {
        let offset = usize::try_from(index.checked_sub(1)?).ok()?;
        (offset < self.positional.len()).then_some(offset)
    }
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.count() == other.count()
            && (1..).zip(&self.positional).all(|(index, value)| other.at(index) == Some(value))
            && self.keyed().all(|(key, value)| other.get_key(key) == Some(value))
    }
}

impl<V: Into<Value>> FromIterator<V> for Table {
    /// An array of the values.
    fn from_iter<I: IntoIterator<Item = V>>(values: I) -> Self {
        Self { positional: values.into_iter().map(Into::into).collect(), keyed: None }
    }
}

impl Keyed {
    fn get(&self, key: &Key) -> Option<&Value> {
        self.slots[self.find(key)?].1.as_ref()
    }

    fn find_name(&self, name: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.names.get(name).copied(),
            None => self.slots.iter().position(|(key, _)| matches!(key, Key::Str(s) if s == name)),
        }
    }

    fn find(&self, key: &Key) -> Option<usize> {
        match (key, &self.index) {
            (Key::Str(name), _) => self.find_name(name),
            (_, Some(index)) => index.others.get(key).copied(),
            (_, None) => self.slots.iter().position(|(other, _)| other == key),
        }
    }

    fn insert(&mut self, key: Key, value: Value) -> Option<Value> {
        if let Some(slot) = self.find(&key) {
            let before = self.slots[slot].1.replace(value);
            self.live += usize::from(before.is_none());
            return before;
        }
        let slot = self.slots.len();
        if let Some(index) = &mut self.index {
            index.add(&key, slot);
        }
        self.slots.push((key, Some(value)));
        self.live += 1;
        if self.index.is_none() && self.slots.len() >= INDEX_FROM {
            let mut index = Index::default();
            for (slot, (key, _)) in self.slots.iter().enumerate() {
                index.add(key, slot);
            }
            self.index = Some(index);
        }
        None
    }

    fn remove(&mut self, key: &Key) -> Option<Value> {
        let slot = self.find(key)?;
        let removed = self.slots[slot].1.take();
        self.live -= usize::from(removed.is_some());
        removed
    }
}

impl Index {
    fn add(&mut self, key: &Key, slot: usize) {
        match key {
            Key::Str(name) => self.names.insert(name.clone(), slot),
            _ => self.others.insert(key.clone(), slot),
        };
    }
}
