//! A value without parts: where it comes from, and its bits.

use std::sync::Arc;

use crate::bytes::{unzigzag, zigzag};
use crate::entropy::Coder;
use crate::entropy::store::join;

use super::align::Followed;
use super::atom::Atom;
use super::earlier::{Earlier, Known};
use super::header::{DECODED_BYTES_MAX, RecordsError};
use super::letters::Follows;
use super::symbol::{Kind, Views};
use super::walk::Model;

/// With fewer entries a dictionary is always worth a try.
const FEW: u32 = 32;
/// How many of a record's last texts a new one is compared with.
const NEAR: usize = 48;
/// How alike texts must have been, of 256, for one to be followed.
const ALIKE: u32 = 40;

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Its column's dictionary.
    Seen,
    /// Another field of this record.
    Field,
    /// Another column's dictionary.
    Elsewhere,
    /// Letters.
    Letters,
    Whole,
    /// A whole number as its difference from the record before.
    Step,
    Float,
    False,
    True,
    Table,
}

pub(super) const SOURCES: [Source; 10] = [
    Source::Seen,
    Source::Field,
    Source::Elsewhere,
    Source::Letters,
    Source::Whole,
    Source::Step,
    Source::Float,
    Source::False,
    Source::True,
    Source::Table,
];

impl Model {
    /// The source to write a value from; readers are told.
    pub(super) fn plan(&self, column: usize, atom: Option<&Atom>) -> Source {
        let here = &self.columns.all[column];
        let text = match atom {
            None => return Source::Letters,
            Some(Atom::Bool(flag)) => return if *flag { Source::True } else { Source::False },
            Some(atom) => atom,
        };
        let number = here.values.number(text);
        let copied = self.field_with(column, text).is_some();
        if copied && here.copied * 2 > here.all {
            return Source::Field;
        }
        if number.is_some() && (here.values.len() < FEW as usize || here.repeated * 2 > here.all) {
            return Source::Seen;
        }
        match text {
            _ if copied => Source::Field,
            Atom::Float(_) | Atom::Text(_) if self.earlier.is_some() && number.is_some() => {
                Source::Seen
            }
            Atom::Float(_) => Source::Float,
            Atom::Int(number) => match here.last {
                Some((_, Atom::Int(last)))
                    if zigzag(number.wrapping_sub(last)) < zigzag(*number) >> 2 =>
                {
                    Source::Step
                }
                _ => Source::Whole,
            },
            _ if self.homes.get(text).is_some_and(|home| home.0 != column) => Source::Elsewhere,
            _ => Source::Letters,
        }
    }

    /// The column of another field of this record with the same value.
    fn field_with(&self, column: usize, atom: &Atom) -> Option<usize> {
        let is = |&other: &usize| {
            let last = self.columns.all[other].last.as_ref();
            other != column && last.is_some_and(|last| last.0 == self.record && last.1 == *atom)
        };
        let usual = self.columns.all[column].copied_from;
        if is(&usual) {
            return Some(usual);
        }
        let Atom::Text(text) = atom else { return None };
        let other = self
            .texts
            .iter()
            .rev()
            .take(NEAR)
            .find(|other| other.1 == *text)
            .map(|other| other.0)?;
        Some(other).filter(is)
    }

    pub(super) fn atom<C: Coder>(
        &mut self,
        coder: &mut C,
        column: usize,
        source: Source,
        given: Option<Atom>,
    ) -> Result<Atom, RecordsError> {
        let views = self.views(column);
        let all = self.columns.all.len();
        let atom = match source {
            Source::False => Atom::Bool(false),
            Source::True => Atom::Bool(true),
            Source::Seen => self.entry(coder, column, &views, given.as_ref())?,
            Source::Field => {
                let other = given.as_ref().and_then(|atom| self.field_with(column, atom));
                let other = other.unwrap_or(0) as u32;
                let other =
                    self.symbols.entry(&mut self.store, coder, Kind::Column, &views, all, other);
                match self.columns.all.get(other as usize).and_then(|other| other.last.as_ref()) {
                    Some((record, atom)) if *record == self.record => {
                        let atom = atom.clone();
                        self.columns.all[column].copied_from = other as usize;
                        atom
                    }
                    _ => return Err(self.invalid("the field that a value equals")),
                }
            }
            Source::Elsewhere => {
                let home = given.as_ref().and_then(|atom| self.homes.get(atom));
                let other = home.map_or(0, |home| home.0 as u32);
                let other =
                    self.symbols.entry(&mut self.store, coder, Kind::Column, &views, all, other);
                if other as usize >= all {
                    return Err(self.invalid("the column of a value"));
                }
                let mut views = views;
                for hash in &mut views.hashes {
                    *hash = join(*hash, u64::from(other));
                }
                self.entry(coder, other as usize, &views, given.as_ref())?
            }
            Source::Letters => self.text(coder, column, given.as_ref())?,
            Source::Whole | Source::Step => {
                let base = match (source, &self.columns.all[column].last) {
                    (Source::Whole, _) => 0,
                    (_, Some((_, Atom::Int(last)))) => *last,
                    _ => return Err(self.invalid("a difference from nothing")),
                };
                let number = match given {
                    Some(Atom::Int(number)) => zigzag(number.wrapping_sub(base)),
                    _ => 0,
                };
                let mut views = views;
                for hash in &mut views.hashes {
                    *hash = join(*hash, source as u64);
                }
                let number =
                    self.symbols.number(&mut self.store, coder, Kind::Number, &views, number);
                Atom::Int(base.wrapping_add(unzigzag(number)))
            }
            Source::Float => {
                let bits = match given {
                    Some(Atom::Float(bits)) => bits,
                    _ => 0,
                };
                let mut read = 0u64;
                let mut path = 1u64;
                for nibble in (0..16).rev() {
                    let next = self.symbols.nibble(
                        &mut self.store,
                        coder,
                        Kind::Number,
                        &views,
                        1 << 48 | path,
                        (bits >> (4 * nibble)) as u32 & 15,
                    );
                    path =
                        (path << 4 | u64::from(next)) & 0xff_ffff | u64::from(nibble as u32) << 32;
                    read = read << 4 | u64::from(next);
                }
                Atom::Float(read)
            }
            Source::Table => return Err(self.invalid("a table as a key")),
        };
        self.charge(atom.weight())?;
        self.note(column, source, &atom);
        Ok(atom)
    }

    /// An entry of a column's dictionary.
    fn entry<C: Coder>(
        &mut self,
        coder: &mut C,
        column: usize,
        views: &Views,
        given: Option<&Atom>,
    ) -> Result<Atom, RecordsError> {
        let values = &self.columns.all[column].values;
        let len = values.len();
        let number = given.and_then(|atom| values.number(atom)).unwrap_or(0);
        let number = self.symbols.entry(&mut self.store, coder, Kind::Entry, views, len, number);
        match self.columns.all[column].values.get(number) {
            Some(atom) => Ok(atom.clone()),
            None => Err(self.invalid("the entry of a dictionary")),
        }
    }

    fn text<C: Coder>(
        &mut self,
        coder: &mut C,
        column: usize,
        given: Option<&Atom>,
    ) -> Result<Atom, RecordsError> {
        let text = match given {
            Some(Atom::Text(text)) => text.as_bytes(),
            _ => &[],
        };
        let here = &self.columns.all[column];
        let worth = |column: &usize| here.follows.get(column).copied().unwrap_or(0);
        let best = self.texts.iter().rev().take(NEAR).max_by_key(|(other, _)| worth(other));
        let best = best.filter(|(other, _)| worth(other) >= ALIKE);
        let before = match &here.last {
            Some((_, Atom::Text(text))) => Some(text.clone()),
            _ => None,
        };
        let earlier = match self.earlier.as_ref().and_then(Earlier::expected) {
            Some(Known::Entry(number)) => match here.values.get(number.into()) {
                Some(Atom::Text(text)) => Some(text.clone()),
                _ => None,
            },
            _ => None,
        };
        let mut follows = Follows {
            field: Followed::new(best.map(|(_, text)| text.clone())),
            field_column: best.map_or(0, |(column, _)| column + 1),
            before: Followed::new(before),
            earlier: Followed::new(earlier),
            earlier_trust: self.earlier.as_ref().map_or(0, Earlier::state),
        };
        let limit = DECODED_BYTES_MAX - self.spent;
        let store = &mut self.store;
        let bytes = self.letters.text(store, coder, column, &mut follows, text, limit);
        let text =
            String::from_utf8(bytes).map_err(|_| self.invalid("a text that is not UTF-8"))?;
        let text: Arc<str> = text.into();
        for (other, earlier) in self.texts.iter().rev().take(NEAR) {
            let likeness = Followed::likeness(earlier, &text);
            let worth = self.columns.all[column].follows.entry(*other).or_insert(likeness);
            *worth = (*worth * 7 + likeness) / 8;
        }
        Ok(Atom::Text(text))
    }

    /// Remembers a value.
    pub(super) fn note(&mut self, column: usize, source: Source, atom: &Atom) {
        let mark = atom.mark();
        self.trail.push(mark);
        let here = &mut self.columns.all[column];
        here.mark = mark;
        here.all += 1;
        here.copied += u32::from(source == Source::Field);
        here.last = Some((self.record, atom.clone()));
        if matches!(atom, Atom::Bool(_)) {
            return;
        }
        match here.values.add(atom) {
            None => here.repeated += 1,
            Some(number) => {
                if let Atom::Text(text) = atom
                    && text.len() > 1
                {
                    self.homes.entry(atom.clone()).or_insert((column, number));
                }
            }
        }
        if let Atom::Text(text) = atom {
            self.texts.push((column, text.clone()));
        }
    }
}
