//! The roots of a polynomial that has as many as its degree, all different.
//!
//! Equal-degree splitting (Cantor and Zassenhaus, 1981): `(x + s)` to the power `(p - 1) / 2` is 1 at
//! roots where `x + s` is a square, and -1 or 0 at the others. Modulo the polynomial, subtracting 1
//! leaves something that vanishes at just the former, so that the common divisor has these roots, and
//! the quotient the others. For most shifts `s` that is about half of them each.

use super::field::{P, add, mul, neg, root};
use super::poly::{Modulus, Poly, common, divide, trim};

/// Shifts tried on one polynomial: for two roots, each parts them with a chance of a half.
const SHIFTS_MAX: u32 = 64;

/// The roots of `monic`, in no particular order; `None` if it is not a product of linear factors all
/// of which differ.
pub(super) fn roots(monic: &[u32]) -> Option<Vec<u32>> {
    let mut shifts = Shifts::new(monic);
    let mut roots = Vec::with_capacity(monic.len());
    let mut whole = vec![monic.to_vec()];
    // What divides a polynomial that has all its roots has all its own.
    let mut is_known = false;
    while let Some(poly) = whole.pop() {
        match poly[..] {
            [] => return None,
            [_] => {}
            [constant, _] => roots.push(neg(constant)),
            [constant, linear, _] => roots.extend(quadratic(constant, linear)?),
            _ => {
                whole.extend(split(&poly, &mut shifts, is_known)?);
                is_known = true;
            }
        }
    }
    Some(roots)
}

/// The two roots of `x^2 + linear x + constant`.
fn quadratic(constant: u32, linear: u32) -> Option<[u32; 2]> {
    const HALF: u32 = P / 2 + 1;
    let discriminant = add(mul(linear, linear), neg(mul(4, constant)));
    let distance = root(discriminant).filter(|&distance| distance != 0)?;
    Some([distance, neg(distance)].map(|distance| mul(add(distance, neg(linear)), HALF)))
}

/// Two factors of a polynomial of degree 3 at least, neither of them constant.
fn split(poly: &[u32], shifts: &mut Shifts, is_known: bool) -> Option<[Poly; 2]> {
    let mut modulus = Modulus::new(poly);
    for attempt in 0..SHIFTS_MAX {
        let shift = shifts.next();
        let mut power = modulus.linear(shift);
        let exponent = (P - 1) / 2;
        for bit in (0..exponent.ilog2()).rev() {
            modulus.square(&mut power);
            if exponent >> bit & 1 == 1 {
                modulus.multiply_linear(&mut power, shift);
            }
        }
        if !is_known && attempt == 0 {
            // x + s to the power p is x + s just where all roots are in the field and differ.
            let mut whole = power.clone();
            modulus.square(&mut whole);
            modulus.multiply_linear(&mut whole, shift);
            if whole != modulus.linear(shift) {
                return None;
            }
        }
        power[0] = add(power[0], neg(1));
        trim(&mut power);
        let squares = common(poly.to_vec(), power);
        if (2..poly.len()).contains(&squares.len()) {
            let mut rest = poly.to_vec();
            let others = divide(&mut rest, &squares);
            return Some([squares, others]);
        }
    }
    None
}

/// The shifts to try: the same for the same polynomial, so that what decodes once always does.
///
/// They depend on all coefficients. Were they the same for all polynomials, one could choose roots
/// that the first twenty shifts leave together, and make a member work through all twenty.
#[derive(Debug)]
struct Shifts {
    state: u64,
}

impl Shifts {
    fn new(poly: &[u32]) -> Self {
        Self { state: poly.iter().fold(0, |state, &c| mix(state ^ u64::from(c))) }
    }

    fn next(&mut self) -> u32 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        ((u128::from(mix(self.state)) * u128::from(P)) >> 64) as u32
    }
}

/// A bijection of 64 bits that scatters well: splitmix64's last step (Steele, Lea, Flood, 2014).
fn mix(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ state >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ state >> 31
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::poly::tests::product;
    use super::*;

    fn of_roots(roots: &[u32]) -> Poly {
        roots.iter().fold(vec![1], |poly, &root| product(&poly, &[neg(root), 1]))
    }

    proptest! {
        #[test]
        fn all_roots_are_found(
            wanted in prop::collection::btree_set(prop_oneof![9 => 0..P, 1 => 0..9u32], 0..40),
        ) {
            let wanted: Vec<u32> = wanted.into_iter().collect();
            let mut found = roots(&of_roots(&wanted)).unwrap();
            found.sort_unstable();
            prop_assert_eq!(found, wanted);
        }

        #[test]
        fn a_polynomial_that_lacks_roots_or_has_one_twice_has_none(
            others in prop::collection::btree_set(0..P, 0..20), root in 0..P, nth: prop::sample::Index,
        ) {
            // -1 is no square, so x^2 + a^2 has no roots.
            let others: Vec<u32> = others.into_iter().collect();
            let poly = of_roots(&others);
            let square = mul(root, root);
            prop_assume!(square != 0);
            prop_assert_eq!(roots(&product(&poly, &[square, 0, 1])), None);
            let twice = others.get(nth.index(others.len() + 1)).copied().unwrap_or(root);
            let poly = product(&poly, &of_roots(&[twice]));
            prop_assert_eq!(roots(&product(&poly, &of_roots(&[twice]))), None);
        }
    }

    #[test]
    fn five_hundred_roots_are_found() {
        let wanted: Vec<u32> = (0..511u32).map(|n| n * 8_000_003 + 17).collect();
        let mut found = roots(&of_roots(&wanted)).unwrap();
        found.sort_unstable();
        assert_eq!(found, wanted);
    }
}
