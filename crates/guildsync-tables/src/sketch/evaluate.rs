//! The values of a set's polynomial at consecutive points, quickly.
//!
//! Eight elements are made one polynomial, told by its forward differences at the first point. From
//! one point to the next it then takes eight additions, no multiplication and no reduction: at one
//! product for eight elements, 10,000 elements take 0.17 ms for 48 points, where a product for each
//! element takes 0.41 ms. Fewer elements at a time, or more, were no faster.

use super::field::{reduce, shorten};

/// Elements of a group.
const GROUP: usize = 8;

/// Points after which differences are reduced.
///
/// Differences begin below 2^32 + 25, and after `t` points the value is the sum over `k` up to 7 of
/// the `k`th by `t` over `k`: below 2^59 at 48 points, which [`times`] needs.
const STRIDE: usize = 48;

/// The products of `x + 1 + i` over all `elements` for each point `i` of `len` from `from` on.
///
/// Elements and points are small enough that `x + 1 + i` stays more than 3000 below the prime.
pub(super) fn evaluate(elements: &[u32], from: usize, len: usize) -> Vec<u32> {
    let first = from as u64 + 1;
    let mut values = vec![1; len];
    let (groups, rest) = elements.as_chunks::<GROUP>();
    for group in groups {
        multiply(&mut values, group, first);
    }
    for element in rest {
        multiply(&mut values, &[*element], first);
    }
    values.into_iter().map(reduce).collect()
}

/// Multiplies each value with what `N` elements give there.
fn multiply<const N: usize>(values: &mut [u64], elements: &[u32; N], first: u64) {
    let mut differences = differences(elements, first);
    for stride in values.chunks_mut(STRIDE) {
        for value in stride {
            *value = times(*value, differences[0]);
            for k in 0..N {
                differences[k] += differences[k + 1];
            }
        }
        differences.iter_mut().for_each(|difference| *difference = shorten(*difference));
    }
}

/// The forward differences at `first` of the polynomial of at most [`GROUP`] elements.
///
/// In Newton's basis `t (t - 1) ... (t - k + 1)`, to multiply by `x + first + t` is to multiply the
/// `k`th coefficient by `x + first + k` and add the one before; the `k`th difference is `k!` times
/// the coefficient.
#[inline(always)]
fn differences<const N: usize>(elements: &[u32; N], first: u64) -> [u64; GROUP + 1] {
    let mut newton = [0; GROUP + 1];
    newton[0] = 1;
    for (degree, &element) in elements.iter().enumerate() {
        let element = u64::from(element) + first;
        newton[degree + 1] = newton[degree];
        for k in (1..=degree).rev() {
            newton[k] = shorten(newton[k] * (element + k as u64) + newton[k - 1]);
        }
        newton[0] = shorten(newton[0] * element);
    }
    let mut factorial = 1;
    for (k, coefficient) in newton.iter_mut().enumerate().skip(1) {
        factorial *= k as u64;
        *coefficient = shorten(*coefficient * factorial);
    }
    newton
}

/// The product of any number with one below 2^59: 2^64 is 25 in this field.
#[inline(always)]
fn times(value: u64, factor: u64) -> u64 {
    let product = u128::from(value) * u128::from(factor);
    let (sum, carry) = (product as u64).overflowing_add(25 * (product >> 64) as u64);
    sum + if carry { 25 } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::field::mul;
    use super::super::{ELEMENT_MAX, POINTS_MAX};
    use super::*;

    proptest! {
        #[test]
        fn values_are_the_products_they_stand_for(
            elements in prop::collection::vec(
                prop_oneof![4 => 0..ELEMENT_MAX, 1 => ELEMENT_MAX - 9..ELEMENT_MAX, 1 => 0..9u32],
                0..40,
            ),
            from in 0..POINTS_MAX,
            len in 0..POINTS_MAX,
        ) {
            let len = len.min(POINTS_MAX - from);
            let products: Vec<u32> = (from..from + len)
                .map(|i| elements.iter().fold(1, |product, &x| mul(product, x + 1 + i as u32)))
                .collect();
            prop_assert_eq!(evaluate(&elements, from, len), products);
        }
    }

    #[test]
    fn the_largest_differences_do_not_overflow() {
        // What no elements give, but the bound allows.
        let mut differences = [(1u64 << 32) + 24; GROUP + 1];
        differences[GROUP] = 40_320;
        for _ in 0..STRIDE {
            assert!(differences[0] < 1 << 59);
            for k in 0..GROUP {
                differences[k] += differences[k + 1];
            }
        }
        assert_eq!(reduce(times(u64::MAX, (1 << 59) - 1)), {
            let product = u128::from(u64::MAX) * ((1 << 59) - 1);
            (product % u128::from(super::super::P)) as u32
        });
    }
}
