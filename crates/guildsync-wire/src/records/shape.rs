//! Which keys a table has, in their order: as one before, or listed.

use crate::lua::Table;

use super::column::Shape;
use super::header::{DECODED_BYTES_MAX, RecordsError};
use super::symbol::Kind;
use super::walk::Model;
use crate::entropy::Coder;
use crate::entropy::store::join;

/// Shapes that are remembered in a column, one fewer than three nibbles hold.
const SHAPES_MAX: usize = 4095;

impl Model {
    /// Which keys a table has: as one before, or listed.
    pub(super) fn shape<C: Coder>(
        &mut self,
        coder: &mut C,
        column: usize,
        given: Option<&Table>,
    ) -> Result<Shape, RecordsError> {
        let given = given.map(Shape::of);
        let mut views = self.views(column);
        let here = &self.columns.all[column];
        views.hashes[1] = join(views.hashes[0], here.shape);
        let shapes = &here.shapes;
        let number = given.as_ref().and_then(|shape| shapes.number(shape)).map_or(0, |n| n + 1);
        let len = (shapes.len() + 1).min(SHAPES_MAX + 1);
        let number = self.symbols.entry(&mut self.store, coder, Kind::Shape, &views, len, number);
        self.columns.all[column].shape = u64::from(number);
        if number > 0 {
            return match self.columns.all[column].shapes.get(number - 1) {
                Some(shape) => Ok(shape.clone()),
                None => Err(self.invalid("the shape of a table")),
            };
        }
        let positional = given.as_ref().is_some_and(|shape| shape.positional);
        let positional = self.symbols.nibble(
            &mut self.store,
            coder,
            Kind::Shape,
            &views,
            1 << 40,
            u32::from(positional),
        );
        if positional > 1 {
            return Err(self.invalid("the shape of a table"));
        }
        let count = given.as_ref().map_or(0, |shape| shape.keys.len() as u64);
        let mut keys = Vec::new();
        let count = self.symbols.number(&mut self.store, coder, Kind::Count, &views, count);
        if count > DECODED_BYTES_MAX as u64 / 4 {
            return Err(self.invalid("the count of keys"));
        }
        let below = self.columns.keys(column);
        let spent = self.spent;
        for at in 0..count as usize {
            let key = given.as_ref().and_then(|shape| shape.keys.get(at)).cloned();
            let plan = self.plan(below, key.as_ref());
            let source = self.source(coder, below, plan)?;
            keys.push(self.atom(coder, below, source, key)?);
        }
        // They are counted when they are used.
        self.spent = spent;
        let shape = Shape { positional: positional == 1, keys: keys.into() };
        if self.columns.all[column].shapes.len() < SHAPES_MAX {
            self.columns.all[column].shapes.add(&shape);
        }
        Ok(shape)
    }
}
