//! The one walk over records that writes, reads and learns.

use std::collections::HashMap;
use std::sync::Arc;

use crate::entropy::store::{Store, join};
use crate::entropy::{Coder, Learner};
use crate::lua::{Table, Value};

use super::atom::Atom;
use super::column::{Columns, Shape};
use super::earlier::{Earlier, Known};
use super::header::{DECODED_BYTES_MAX, DEPTH_MAX, RECORDS_MAX, RecordsError};
use super::leaf::{SOURCES, Source};
use super::letters::{self, Letters};
use super::symbol::{Kind, Symbols, VIEWS, Views};

/// 2^17 trees, 8 MiB, touched only where a context was met.
pub(super) const STORE_BITS: u32 = 17;

/// Everything that was learnt.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) store: Store,
    pub(super) symbols: Symbols,
    pub(super) letters: Letters,
    pub(super) columns: Columns,
    /// Where a text was first seen: column and entry.
    pub(super) homes: HashMap<Atom, (usize, u32)>,
    /// Marks of this record's values so far.
    pub(super) trail: Vec<u64>,
    /// Its texts.
    pub(super) texts: Vec<(usize, Arc<str>)>,
    /// What earlier records held; only a stream looks back.
    pub(super) earlier: Option<Earlier>,
    /// Where its values came from.
    path: u64,
    recent: u64,
    pub(super) record: usize,
    pub(super) spent: usize,
    /// Records before this batch.
    base: usize,
}

impl Model {
    pub(super) fn new() -> Self {
        Self::of(STORE_BITS, None)
    }

    /// The model of a stream, which looks for earlier versions of a record.
    pub(super) fn of_stream(store_bits: u32) -> Self {
        Self::of(store_bits, Some(Earlier::new()))
    }

    fn of(store_bits: u32, earlier: Option<Earlier>) -> Self {
        Self {
            store: Store::new(store_bits, letters::CELLS),
            symbols: Symbols::new(),
            letters: Letters::new(),
            columns: Columns::new(),
            homes: HashMap::new(),
            trail: Vec::new(),
            texts: Vec::new(),
            earlier,
            path: 0,
            recent: 0,
            record: 0,
            spent: 0,
            base: 0,
        }
    }

    /// Learns records that both sides hold.
    pub(super) fn prime(&mut self, base: &[Value]) -> Result<(), RecordsError> {
        for (at, record) in base.iter().enumerate() {
            self.record(&mut Learner, at, Some(record))?;
        }
        self.begin();
        Ok(())
    }

    /// Begins a batch: the size of what came before does not count for it.
    fn begin(&mut self) {
        self.base = self.record + 1;
        self.spent = 0;
    }

    /// Codes the count and the records.
    pub(super) fn batch<C: Coder>(
        &mut self,
        coder: &mut C,
        records: &[Value],
    ) -> Result<Vec<Value>, RecordsError> {
        let views = Views { column: 0, hashes: [7; VIEWS] };
        let count = records.len() as u64;
        let count = self.symbols.number(&mut self.store, coder, Kind::Count, &views, count);
        self.records(coder, usize::try_from(count).unwrap_or(usize::MAX), records)
    }

    /// Codes the next batch of a stream, which has so many records.
    pub(super) fn next<C: Coder>(
        &mut self,
        coder: &mut C,
        count: usize,
        records: &[Value],
    ) -> Result<Vec<Value>, RecordsError> {
        self.begin();
        self.records(coder, count, records)
    }

    fn records<C: Coder>(
        &mut self,
        coder: &mut C,
        count: usize,
        records: &[Value],
    ) -> Result<Vec<Value>, RecordsError> {
        if count > RECORDS_MAX {
            return Err(RecordsError::TooMany { count });
        }
        let mut read = Vec::new();
        for at in 0..count {
            read.push(self.record(coder, at, records.get(at))?);
        }
        Ok(read)
    }

    /// Codes one record.
    pub(super) fn record<C: Coder>(
        &mut self,
        coder: &mut C,
        at: usize,
        given: Option<&Value>,
    ) -> Result<Value, RecordsError> {
        self.record = at + self.base;
        self.trail.clear();
        self.texts.clear();
        self.path = 0;
        self.recent = 0;
        if let Some(earlier) = &mut self.earlier {
            earlier.begin();
        }
        self.value(coder, 0, given, 0)
    }

    pub(super) fn at(&self) -> usize {
        self.record - self.base
    }

    pub(super) fn invalid(&self, what: &'static str) -> RecordsError {
        RecordsError::Invalid { what, record: self.at() }
    }

    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), RecordsError> {
        self.spent += bytes;
        if self.spent > DECODED_BYTES_MAX {
            return Err(RecordsError::TooLarge { record: self.at() });
        }
        Ok(())
    }

    pub(super) fn views(&self, column: usize) -> Views {
        let here = &self.columns.all[column];
        let col = column as u64 + 1;
        let back = |n: usize| {
            self.trail.len().checked_sub(n).and_then(|at| self.trail.get(at)).copied().unwrap_or(0)
        };
        let last = here.mark;
        let hashes = [
            0,
            last,
            back(1),
            back(2),
            self.recent & 0xfff,
            here.sources & 0xff,
            self.path,
            back(3),
        ];
        Views { column, hashes: hashes.map(|hash| join(hash, col)) }
    }

    pub(super) fn value<C: Coder>(
        &mut self,
        coder: &mut C,
        column: usize,
        given: Option<&Value>,
        depth: usize,
    ) -> Result<Value, RecordsError> {
        if let Some(value) = self.again(coder, column, given, depth)? {
            return Ok(value);
        }
        match given {
            Some(Value::Table(table)) => {
                self.source(coder, column, Source::Table)?;
                Ok(Value::Table(self.table(coder, column, Some(table), depth)?))
            }
            _ => {
                let atom = given.and_then(Atom::of);
                let plan = self.plan(column, atom.as_ref());
                match self.source(coder, column, plan)? {
                    Source::Table => Ok(Value::Table(self.table(coder, column, None, depth)?)),
                    source => {
                        let atom = self.atom(coder, column, source, atom)?;
                        self.keep(column, |here| here.known(&atom));
                        Ok(atom.value())
                    }
                }
            }
        }
    }

    pub(super) fn source<C: Coder>(
        &mut self,
        coder: &mut C,
        column: usize,
        source: Source,
    ) -> Result<Source, RecordsError> {
        if coder.is_overrun() {
            return Err(RecordsError::Truncated { record: self.at() });
        }
        let views = self.views(column);
        let number =
            self.symbols.nibble(&mut self.store, coder, Kind::Source, &views, 0, source as u32);
        let Some(&source) = SOURCES.get(number as usize) else {
            return Err(self.invalid("the source of a value"));
        };
        self.came_from(column, number);
        Ok(source)
    }

    /// Notes where a value came from: the number of a source.
    pub(super) fn came_from(&mut self, column: usize, number: u32) {
        let here = &mut self.columns.all[column];
        here.sources = here.sources << 4 | u64::from(number);
        self.recent = self.recent << 4 | u64::from(number);
        self.path = join(self.path, u64::from(number) + 1);
    }

    fn table<C: Coder>(
        &mut self,
        coder: &mut C,
        column: usize,
        given: Option<&Table>,
        depth: usize,
    ) -> Result<Table, RecordsError> {
        if depth >= DEPTH_MAX {
            return Err(RecordsError::TooDeep { record: self.at() });
        }
        self.charge(4)?;
        let shape = self.shape(coder, column, given)?;
        self.keep(column, |here| here.shapes.number(&shape).map(Known::shape));
        self.filled(coder, column, shape, given, depth)
    }

    /// A table of a known shape.
    pub(super) fn filled<C: Coder>(
        &mut self,
        coder: &mut C,
        column: usize,
        shape: Shape,
        given: Option<&Table>,
        depth: usize,
    ) -> Result<Table, RecordsError> {
        let mut items = 0;
        if shape.positional {
            let mut views = self.views(column);
            let count = self.columns.all[column].count;
            views.hashes[1] = join(views.hashes[0], count);
            let given = given.map_or(0, |table| table.positional().len() as u64);
            items = self.symbols.number(&mut self.store, coder, Kind::Count, &views, given);
            if items > DECODED_BYTES_MAX as u64 / 4 {
                return Err(self.invalid("the length of an array"));
            }
            self.columns.all[column].count = items;
        }
        self.trail.push(join(items, column as u64 | 1 << 32));
        let mut table = Table::new();
        if items > 0 {
            let below = self.columns.items(column);
            for at in 0..items as usize {
                let item = given.and_then(|table| table.positional().get(at));
                table.push(self.value(coder, below, item, depth + 1)?);
            }
        }
        for key in shape.keys.iter() {
            self.charge(key.weight())?;
            let below = self.columns.child(column, key);
            let value = match given {
                Some(given) => given.get_key(&key.key()),
                None => None,
            };
            let value = self.value(coder, below, value, depth + 1)?;
            if table.insert(key.key(), value).is_some() {
                return Err(self.invalid("a key that comes twice"));
            }
        }
        Ok(table)
    }
}
