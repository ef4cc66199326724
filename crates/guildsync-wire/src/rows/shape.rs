//! What is the same for most rows: kind, flags, origin, whether there is a target, the count.

use super::dictionary::raw;
use crate::entropy::{Chance, Coder, Number};

/// What a row is, besides its names and amounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) origin: u32,
    pub(super) about_nobody: bool,
    /// Count within the second.
    pub(super) count: u16,
    pub(super) body: Vec<u8>,
}

/// What rows tend to be.
#[derive(Debug, Clone)]
pub(super) struct Shapes {
    usual: [Chance; 2],
    /// By how much the count rose when two rows last shared a second.
    step: u16,
    kind: Number,
    flags: Number,
    origin: Number,
    count: Number,
    nobody: Chance,
    body: Number,
}

impl Default for Shapes {
    fn default() -> Self {
        Self {
            usual: [Chance::EVEN; 2],
            step: 0,
            kind: Number::default(),
            flags: Number::default(),
            origin: Number::default(),
            count: Number::default(),
            nobody: Chance::EVEN,
            body: Number::default(),
        }
    }
}

impl Shapes {
    /// Codes a row's shape behind that of the row before, which may have been in the same second.
    pub(super) fn code<C: Coder>(
        &mut self,
        coder: &mut C,
        before: &Shape,
        same_second: bool,
        budget: &mut usize,
        shape: &Shape,
    ) -> Shape {
        let count = if same_second { before.count.wrapping_add(self.step) } else { 0 };
        let expected = shape.kind == before.kind
            && shape.flags == before.flags
            && shape.origin == before.origin
            && shape.about_nobody == before.about_nobody
            && shape.count == count
            && shape.body.is_empty();
        if self.usual[usize::from(same_second)].code(coder, expected) {
            return Shape { count, body: Vec::new(), ..*before };
        }
        let count = self.count.code(coder, shape.count.into()) as u16;
        if same_second {
            self.step = count.wrapping_sub(before.count);
        }
        Shape {
            kind: self.kind.code(coder, shape.kind.into()) as u8,
            flags: self.flags.code(coder, shape.flags.into()) as u8,
            origin: self.origin.code(coder, shape.origin.into()) as u32,
            about_nobody: self.nobody.code(coder, shape.about_nobody),
            count,
            body: self.body(coder, budget, &shape.body),
        }
    }
    fn body<C: Coder>(&mut self, coder: &mut C, budget: &mut usize, body: &[u8]) -> Vec<u8> {
        let read = raw(coder, &mut self.body, body, *budget);
        if C::READS {
            *budget -= read.len();
        }
        read
    }
}
