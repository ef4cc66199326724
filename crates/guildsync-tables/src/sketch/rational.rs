//! The fraction that has given values at 0, 1, 2, ...
//!
//! First the polynomial that has them, by Newton's forward differences; then Euclid's algorithm on
//! it and on the polynomial that vanishes at all points, stopped half-way (Cauchy interpolation: von
//! zur Gathen and Gerhard, "Modern Computer Algebra", section 5.8). Both take a time that grows with
//! the square of the number of values.

use super::field::{P, add, inverses, mul, neg, reduce};
use super::poly::{Poly, divide, make_monic, subtract_product};

/// Two monic polynomials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fraction {
    pub(super) numerator: Poly,
    pub(super) denominator: Poly,
}

/// The fraction of two monic polynomials whose degrees differ by `excess`, the numerator's less the
/// denominator's, and sum to less than the number of values; if there is one, there is no other in
/// lowest terms. Values must not be 0.
///
/// Such a fraction has fewer unknown coefficients than there are values, so values that come from
/// nothing of the kind satisfy it with a chance of 2^-32 at most. The one left over is used here: a
/// solution is found up to a factor, and then both leading coefficients must be the same.
pub(super) fn fraction(values: &[u32], excess: i64) -> Option<Fraction> {
    let last = i64::try_from(values.len()).ok()? - 1;
    if excess.abs() > last {
        return None;
    }
    let numerator_max = usize::try_from((last + excess) / 2).ok()?;

    // Modulo the vanishing polynomial, each remainder is the interpolating one times its factor.
    let (mut earlier, mut remainder) = (vanishing(values.len()), interpolate(values));
    let (mut earlier_factor, mut factor) = (Poly::new(), vec![1]);
    while remainder.len() > numerator_max + 1 {
        let quotient = divide(&mut earlier, &remainder);
        subtract_product(&mut earlier_factor, &quotient, &factor);
        std::mem::swap(&mut earlier, &mut remainder);
        std::mem::swap(&mut earlier_factor, &mut factor);
    }
    let degrees = remainder.len() as i64 - factor.len() as i64;
    if remainder.is_empty() || degrees != excess || remainder.last() != factor.last() {
        return None;
    }
    make_monic(&mut remainder);
    make_monic(&mut factor);
    Some(Fraction { numerator: remainder, denominator: factor })
}

/// The polynomial of lowest degree that has these values at 0, 1, 2, ...
fn interpolate(values: &[u32]) -> Poly {
    let mut differences = values.to_vec();
    for k in 1..differences.len() {
        for i in (k..differences.len()).rev() {
            differences[i] = add(differences[i], neg(differences[i - 1]));
        }
    }
    // The kth difference over k! is the kth coefficient.
    let factorials: Vec<u32> = (0..values.len() as u32)
        .scan(1, |factorial, k| {
            *factorial = mul(*factorial, k.max(1));
            Some(*factorial)
        })
        .collect();
    for (difference, inverse) in differences.iter_mut().zip(inverses(&factorials)) {
        *difference = mul(*difference, inverse);
    }
    from_newton(&differences)
}

/// The monic polynomial that is 0 at 0, 1, ... `points` - 1.
fn vanishing(points: usize) -> Poly {
    let mut newton = vec![0; points];
    newton.push(1);
    from_newton(&newton)
}

/// The polynomial whose coefficients in Newton's basis `t (t - 1) ... (t - k + 1)` these are.
fn from_newton(newton: &[u32]) -> Poly {
    let mut poly = Poly::with_capacity(newton.len());
    for (k, &coefficient) in newton.iter().enumerate().rev() {
        // Times t - k, plus the coefficient.
        let negative = neg(k as u32);
        let mut below = coefficient;
        for c in &mut poly {
            let shifted = reduce(u64::from(*c) * u64::from(negative) + u64::from(below));
            below = std::mem::replace(c, shifted);
        }
        if below != 0 || !poly.is_empty() {
            poly.push(below);
        }
    }
    poly
}

const _: () = assert!(P > super::POINTS_MAX as u32, "factorials have inverses");

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::field::inverse;
    use super::super::poly::tests::product;
    use super::*;

    fn at(poly: &[u32], t: u32) -> u32 {
        poly.iter().rev().fold(0, |value, &c| add(mul(value, t), c))
    }

    fn of_roots(roots: &[u32]) -> Poly {
        roots.iter().fold(vec![1], |poly, &root| product(&poly, &[neg(root), 1]))
    }

    proptest! {
        #[test]
        fn interpolation_meets_every_value(values in prop::collection::vec(1..P, 1..70)) {
            let poly = interpolate(&values);
            prop_assert!(poly.len() <= values.len());
            prop_assert!((0..).zip(&values).all(|(t, &value)| at(&poly, t) == value));
            let zero = vanishing(values.len());
            prop_assert_eq!((zero.len(), zero.last()), (values.len() + 1, Some(&1)));
            prop_assert!((0..values.len() as u32).all(|t| at(&zero, t) == 0));
        }

        #[test]
        fn a_fraction_is_found_from_one_value_more_than_its_degrees(
            above in prop::collection::hash_set(100..P, 0..20),
            below in prop::collection::hash_set(100..P, 0..20),
            more in 0usize..9,
        ) {
            let above: Vec<u32> = above.difference(&below).copied().collect();
            let below: Vec<u32> = below.into_iter().collect();
            let (numerator, denominator) = (of_roots(&above), of_roots(&below));
            let points = above.len() + below.len() + 1 + more;
            let values: Vec<u32> = (0..points as u32)
                .map(|t| mul(at(&numerator, t), inverse(at(&denominator, t))))
                .collect();
            let excess = above.len() as i64 - below.len() as i64;
            prop_assume!(values.iter().all(|&value| value != 0));
            let common = above.iter().any(|root| below.contains(root));
            prop_assert!(!common);
            prop_assert_eq!(fraction(&values, excess), Some(Fraction { numerator, denominator }));
            for wrong in [-2, -1, 1, 2] {
                prop_assert_eq!(fraction(&values, excess + wrong), None);
            }
        }

        #[test]
        fn values_of_no_fraction_are_none(
            values in prop::collection::vec(1..P, 1..40), excess in -45i64..45,
        ) {
            prop_assume!(values != [1]);
            prop_assert_eq!(fraction(&values, excess), None);
        }
    }
}
