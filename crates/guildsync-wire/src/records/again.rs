//! In a stream: a value that is the same as in the earlier record is one flag, whatever it is.

use crate::entropy::Coder;
use crate::lua::Value;

use super::atom::Atom;
use super::column::Column;
use super::earlier::Known;
use super::header::{DEPTH_MAX, RecordsError};
use super::leaf::{SOURCES, Source};
use super::walk::Model;

impl Model {
    /// Codes whether a value is what the earlier record has here, and the value if it is. A table is
    /// the same when its shape is: what it holds follows.
    pub(super) fn again<C: Coder>(
        &mut self,
        coder: &mut C,
        column: usize,
        given: Option<&Value>,
        depth: usize,
    ) -> Result<Option<Value>, RecordsError> {
        let record = self.at();
        let Some(earlier) = &mut self.earlier else { return Ok(None) };
        let Some(expected) = earlier.turn(column) else { return Ok(None) };
        if coder.is_overrun() {
            return Err(RecordsError::Truncated { record });
        }
        let here = &self.columns.all[column];
        let is_same = given.is_some_and(|value| here.known_value(value) == Some(expected));
        if !earlier.is_same(coder, column, is_same) {
            return Ok(None);
        }
        self.came_from(column, SOURCES.len() as u32);
        let here = &self.columns.all[column];
        let atom = match expected {
            Known::Flag(flag) => Some(Atom::Bool(flag)),
            Known::Entry(number) => here.values.get(number.into()).cloned(),
            Known::Shape(number) => {
                let shape = here.shapes.get(number.into()).cloned();
                let shape = shape.ok_or_else(|| self.invalid("the earlier record's table"))?;
                if depth >= DEPTH_MAX {
                    return Err(RecordsError::TooDeep { record: self.at() });
                }
                self.charge(4)?;
                self.columns.all[column].shape = u64::from(number) + 1;
                self.keep(column, |_| Some(expected));
                let given = given.and_then(Value::as_table);
                return Ok(Some(Value::Table(self.filled(coder, column, shape, given, depth)?)));
            }
            Known::Unlisted => None,
        };
        let atom = atom.ok_or_else(|| self.invalid("the earlier record's value"))?;
        self.charge(atom.weight())?;
        self.note(column, Source::Seen, &atom);
        self.keep(column, |_| Some(expected));
        Ok(Some(atom.value()))
    }

    /// Keeps what a value was, for the records to come.
    pub(super) fn keep(&mut self, column: usize, known: impl FnOnce(&Column) -> Option<Known>) {
        if let Some(earlier) = &mut self.earlier {
            let known = known(&self.columns.all[column]);
            earlier.came(column, known.unwrap_or(Known::Unlisted));
        }
    }
}
