//! Polynomials over the field: coefficients from the lowest degree up, the last one not 0.
//!
//! The zero polynomial has no coefficients.

use super::field::{Sum, inverse, mul, neg, reduce};

pub(super) type Poly = Vec<u32>;

/// Takes zeros off the top.
pub(super) fn trim(poly: &mut Poly) {
    poly.truncate(poly.iter().rposition(|&c| c != 0).map_or(0, |top| top + 1));
}

/// Divides by the leading coefficient.
pub(super) fn make_monic(poly: &mut Poly) {
    if let Some(&top) = poly.last()
        && top != 1
    {
        let factor = inverse(top);
        poly.iter_mut().for_each(|c| *c = mul(*c, factor));
    }
}

/// Adds `factor` times `b` to `a`, which is at least as long.
#[inline]
fn add_multiple(a: &mut [u32], b: &[u32], factor: u32) {
    for (a, &b) in a.iter_mut().zip(b) {
        *a = reduce(u64::from(b) * u64::from(factor) + u64::from(*a));
    }
}

/// Divides `a` by `b`, which is not zero: leaves the remainder in `a` and returns the quotient.
pub(super) fn divide(a: &mut Poly, b: &[u32]) -> Poly {
    let (Some(&top), Some(steps)) = (b.last(), (a.len() + 1).checked_sub(b.len())) else {
        return Poly::new();
    };
    let factor = inverse(top);
    let mut quotient = vec![0; steps];
    for (shift, quotient) in quotient.iter_mut().enumerate().rev() {
        *quotient = mul(a[shift + b.len() - 1], factor);
        add_multiple(&mut a[shift..], b, neg(*quotient));
    }
    trim(a);
    quotient
}

/// Takes the product of `b` and `c` from `a`.
pub(super) fn subtract_product(a: &mut Poly, b: &[u32], c: &[u32]) {
    a.resize(a.len().max(b.len() + c.len()), 0);
    for (shift, &b) in b.iter().enumerate() {
        add_multiple(&mut a[shift..], c, neg(b));
    }
    trim(a);
}

/// The monic polynomial of the roots that both have.
pub(super) fn common(mut a: Poly, mut b: Poly) -> Poly {
    while !b.is_empty() {
        divide(&mut a, &b);
        std::mem::swap(&mut a, &mut b);
    }
    make_monic(&mut a);
    a
}

/// Remainders modulo one monic polynomial, all of as many coefficients as its degree.
#[derive(Debug)]
pub(super) struct Modulus {
    /// The coefficients below the leading one, negated, the highest first.
    negated: Vec<u32>,
    /// What is being squared, the highest first; what is above the degree; and what comes out.
    backwards: Vec<u32>,
    upper: Vec<u32>,
    result: Vec<u32>,
}

impl Modulus {
    /// `monic` is of degree 2 at least.
    pub(super) fn new(monic: &[u32]) -> Self {
        let degree = monic.len() - 1;
        Self {
            negated: monic[..degree].iter().rev().map(|&c| neg(c)).collect(),
            backwards: vec![0; degree],
            upper: vec![0; degree - 1],
            result: vec![0; degree],
        }
    }

    /// `x + shift`.
    pub(super) fn linear(&self, shift: u32) -> Poly {
        let mut linear = vec![0; self.negated.len()];
        linear[..2].copy_from_slice(&[shift, 1]);
        linear
    }

    /// Squares `a`.
    ///
    /// Schoolbook: all products that make one coefficient are summed before they are reduced, so that
    /// a product costs less than a nanosecond.
    pub(super) fn square(&mut self, a: &mut Poly) {
        let degree = self.negated.len();
        self.backwards.clear();
        self.backwards.extend(a.iter().rev());
        // From the top down: what the square has above the degree, and what came there when higher
        // coefficients were removed, has to be removed.
        for k in (0..degree - 1).rev() {
            let removed = Sum::of(&self.upper[k + 1..], &self.negated);
            self.upper[k] = self.of_square(a, degree + k).and(removed).value();
        }
        for k in 0..degree {
            let upper = &self.upper[..(k + 1).min(degree - 1)];
            let removed = Sum::of(upper, &self.negated[degree - 1 - k..]);
            self.result[k] = self.of_square(a, k).and(removed).value();
        }
        std::mem::swap(a, &mut self.result);
    }

    /// The `k`th coefficient of the square of `a`: products come twice, but for the middle one.
    #[inline(always)]
    fn of_square(&self, a: &[u32], k: usize) -> Sum {
        let top = a.len() - 1;
        let once = Sum::of(
            &a[k.saturating_sub(top)..k.div_ceil(2)],
            &self.backwards[top.saturating_sub(k)..],
        );
        let twice = once.and(once);
        if k.is_multiple_of(2) { twice.plus(a[k / 2], a[k / 2]) } else { twice }
    }

    /// Multiplies `a` by `x + shift`.
    pub(super) fn multiply_linear(&self, a: &mut Poly, shift: u32) {
        let Some(&top) = a.last() else { return };
        let mut below = 0;
        for (a, &negated) in a.iter_mut().zip(self.negated.iter().rev()) {
            let sum = Sum::default().plus(*a, shift).plus(top, negated).plus(below, 1);
            below = std::mem::replace(a, sum.value());
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::field::{P, add};
    use super::*;

    /// Polynomials, zero among them.
    pub(in super::super) fn poly(degrees: std::ops::Range<usize>) -> impl Strategy<Value = Poly> {
        prop::collection::vec(prop_oneof![0..P, Just(0), Just(P - 1)], degrees).prop_map(
            |mut poly| {
                trim(&mut poly);
                poly
            },
        )
    }

    pub(in super::super) fn product(a: &[u32], b: &[u32]) -> Poly {
        let mut product = vec![0; a.len() + b.len()];
        for (i, &a) in a.iter().enumerate() {
            for (j, &b) in b.iter().enumerate() {
                product[i + j] = add(product[i + j], mul(a, b));
            }
        }
        trim(&mut product);
        product
    }

    fn negative(a: &[u32]) -> Poly {
        a.iter().map(|&c| neg(c)).collect()
    }

    proptest! {
        #[test]
        fn quotient_and_remainder_make_the_polynomial_again(a in poly(0..30), b in poly(1..30)) {
            prop_assume!(!b.is_empty());
            let mut rest = a.clone();
            let quotient = divide(&mut rest, &b);
            prop_assert!(rest.len() < b.len());
            let mut again = rest;
            subtract_product(&mut again, &negative(&quotient), &b);
            prop_assert_eq!(again, a);
        }

        #[test]
        fn what_is_common_divides_both_and_holds_every_common_factor(
            a in poly(1..12), b in poly(1..12), factor in poly(1..8),
        ) {
            prop_assume!(![&a, &b, &factor].iter().any(|poly| poly.is_empty()));
            let (a, b) = (product(&a, &factor), product(&b, &factor));
            let common = common(a.clone(), b.clone());
            prop_assert_eq!(common.last(), Some(&1));
            for mut multiple in [a, b] {
                divide(&mut multiple, &common);
                prop_assert!(multiple.is_empty());
            }
            let mut rest = common;
            divide(&mut rest, &factor);
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn squares_and_shifts_are_remainders(
            mut modulus in poly(2..24), a in prop::collection::vec(0..P, 24), shift in 0..P,
        ) {
            let degree = modulus.len().max(2);
            modulus.resize(degree, 0);
            modulus.push(1);
            let mut a = a[..degree].to_vec();
            let mut ring = Modulus::new(&modulus);
            for _ in 0..3 {
                let remainder = |mut product: Poly| {
                    divide(&mut product, &modulus);
                    product.resize(degree, 0);
                    product
                };
                let (square, shifted) = (product(&a, &a), product(&a, &[shift, 1]));
                let mut b = a.clone();
                ring.multiply_linear(&mut b, shift);
                prop_assert_eq!(b, remainder(shifted));
                ring.square(&mut a);
                prop_assert_eq!(&a, &remainder(square));
            }
        }
    }
}
