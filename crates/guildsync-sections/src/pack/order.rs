//! The order of sections, told by what both know.

use guildsync_wire::lua::{Table, Value};

use crate::name::SectionId;

/// Writes an order; `None` where it is the usual one. Sections are told by their number among those that
/// are known, from 1, and others by their id.
pub(super) fn write(
    order: &[SectionId],
    usual: &[SectionId],
    known: &[SectionId],
) -> Option<Table> {
    if order == usual {
        return None;
    }
    let mut table = Table::new();
    for id in order {
        match known.iter().position(|known| known == id) {
            Some(at) => table.push(at as i64 + 1),
            None => table.push(id.to_string()),
        }
    }
    Some(table)
}

/// Reads what [`write`] wrote.
pub(super) fn read(
    order: Option<&Value>,
    usual: &[SectionId],
    known: &[SectionId],
) -> Result<Vec<SectionId>, &'static str> {
    let Some(order) = order else { return Ok(usual.to_vec()) };
    let order = order.as_table().ok_or("an order is a list")?.positional();
    order.iter().map(|one| section(one, known)).collect()
}

/// A section by its number among those that are known, or by its id.
pub(super) fn section(one: &Value, known: &[SectionId]) -> Result<SectionId, &'static str> {
    match one {
        Value::Str(id) => id.parse().map_err(|_| "a section's id is 16 hex digits"),
        _ => {
            let at = one.as_i64().and_then(|number| usize::try_from(number.checked_sub(1)?).ok());
            at.and_then(|at| known.get(at)).copied().ok_or("a section that is not known")
        }
    }
}
