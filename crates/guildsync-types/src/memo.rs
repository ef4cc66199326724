//! A bounded memory of answers, for questions that are asked again and always have the same answer.
//!
//! Members hear most things twice: what is live is repeated, what was lost is sent to all again. A pure
//! and dear answer, such as whether a signature is valid, need not be worked out each time. A memo never
//! changes an answer, only what it takes to give it, so nobody has to know that there is one.

use std::borrow::Borrow;
use std::collections::BTreeMap;

/// Questions and their answers, the latest ones. Two generations: when the young one is full, it becomes
/// the old one, and what was old is forgotten.
#[derive(Debug, Clone)]
pub struct Memo<Q, A> {
    young: BTreeMap<Q, A>,
    old: BTreeMap<Q, A>,
    /// How many one generation holds.
    room: usize,
}

impl<Q: Ord, A> Memo<Q, A> {
    /// A memo of at most `most` answers, at least two; the latest half of that many are always in it.
    #[must_use]
    pub const fn new(most: usize) -> Self {
        let room = if most < 2 { 1 } else { most / 2 };
        Self { young: BTreeMap::new(), old: BTreeMap::new(), room }
    }

    /// The answer, if it is remembered.
    #[must_use]
    pub fn get<B: Ord + ?Sized>(&self, question: &B) -> Option<&A>
    where
        Q: Borrow<B>,
    {
        self.young.get(question).or_else(|| self.old.get(question))
    }

    /// Remembers an answer.
    pub fn keep(&mut self, question: Q, answer: A) {
        if self.young.len() >= self.room {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(question, answer);
    }

    /// How many answers are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_answers_are_remembered_and_never_more_than_were_asked_for() {
        for most in [0, 1, 2, 7, 64] {
            let mut memo = Memo::new(most);
            for n in 0..500usize {
                memo.keep(n, n * n);
                assert!(memo.len() <= most.max(2), "{} of {most}", memo.len());
                for latest in (0..=n).rev().take((most / 2).max(1)) {
                    assert_eq!(memo.get(&latest), Some(&(latest * latest)));
                }
            }
            assert_eq!(memo.get(&0), None);
        }
    }
}
