//! A Lua table as rows: entries 1, 2, 3 ... and what follows a hole, in the order of their numbers.

use guildsync_wire::lua::{Key, Table, Value};

/// The entries under whole numbers from 1 up, by number, and how many entries have another key.
pub(crate) fn numbered(table: &Table) -> (Vec<(i64, &Value)>, usize) {
    let mut rows: Vec<(i64, &Value)> = (1..).zip(table.positional()).collect();
    let mut others = 0;
    for (key, value) in table.keyed() {
        match key {
            Key::Int(number) if *number > 0 => rows.push((*number, value)),
            _ => others += 1,
        }
    }
    rows.sort_by_key(|&(number, _)| number);
    (rows, others)
}
