//! [`Open`]: how Lua 5.1 fills a table, entry by entry, while its text is read.

use super::{Key, Place, Table, Value};

/// Lua 5.1 stores positional entries in groups of this many.
const FLUSH: i64 = 50;

/// A table whose closing brace has not come.
pub(super) struct Open {
    pub(super) table: Table,
    /// Positional entries so far, `nil` counted: the next one's index less one.
    positions: i64,
    /// Where the table goes in the one around it.
    pub(super) slot: Slot,
    pub(super) at: Place,
}

/// Where an entry goes.
pub(super) enum Slot {
    Position,
    Key(Key),
}

impl Open {
    pub(super) fn new(slot: Slot, at: Place) -> Self {
        Self { table: Table::new(), positions: 0, slot, at }
    }

    /// Puts an entry in, `None` for `nil`.
    pub(super) fn store(&mut self, slot: Slot, value: Option<Value>) {
        match slot {
            Slot::Position => {
                self.positions += 1;
                self.table.set_position(self.positions, value);
            }
            // Lua stores the positional entries of a group after the keyed ones between them, so
            // that they win; only a group that was complete before is overwritten.
            Slot::Key(Key::Int(index))
                if index <= self.positions && index > self.positions / FLUSH * FLUSH => {}
            Slot::Key(key) => match value {
                Some(value) => drop(self.table.insert(key, value)),
                None => drop(self.table.remove(&key)),
            },
        }
    }
}
