//! Arithmetic modulo the prime 2^32 - 5.
//!
//! As 2^32 is 5 here, a long number is made short by adding five times its upper half to its lower.
//! Numbers are below the prime unless a function says otherwise.

/// The largest prime of 32 bits.
pub(super) const P: u32 = 4_294_967_291;

/// An equal number of at most 2^32 + 24: for products that are multiplied again at once.
#[inline(always)]
pub(super) const fn shorten(v: u64) -> u64 {
    const fn fold(v: u64) -> u64 {
        (v & 0xffff_ffff) + 5 * (v >> 32)
    }
    fold(fold(v))
}

/// The remainder of any number.
#[inline(always)]
pub(super) const fn reduce(v: u64) -> u32 {
    let v = shorten(v);
    (if v >= P as u64 { v - P as u64 } else { v }) as u32
}

#[inline(always)]
pub(super) const fn mul(a: u32, b: u32) -> u32 {
    reduce(a as u64 * b as u64)
}

#[inline(always)]
pub(super) const fn add(a: u32, b: u32) -> u32 {
    reduce(a as u64 + b as u64)
}

#[inline(always)]
pub(super) const fn neg(a: u32) -> u32 {
    if a == 0 { 0 } else { P - a }
}

pub(super) const fn pow(base: u32, mut exponent: u32) -> u32 {
    let (mut power, mut square) = (1, base);
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = mul(power, square);
        }
        square = mul(square, square);
        exponent >>= 1;
    }
    power
}

/// What gives 1 when multiplied with `a`; 0 for 0.
pub(super) const fn inverse(a: u32) -> u32 {
    pow(a, P - 2)
}

/// The inverses of `numbers`, none of them 0, for the price of one (Montgomery, 1987).
pub(super) fn inverses(numbers: &[u32]) -> Vec<u32> {
    let mut before = Vec::with_capacity(numbers.len());
    let mut product = 1;
    for &number in numbers {
        before.push(product);
        product = mul(product, number);
    }
    let mut rest = inverse(product);
    for (inverse, &number) in before.iter_mut().zip(numbers).rev() {
        *inverse = mul(*inverse, rest);
        rest = mul(rest, number);
    }
    before
}

/// A square root of `a`, if there is one: the prime is one less than a multiple of 4.
pub(super) const fn root(a: u32) -> Option<u32> {
    let root = pow(a, P / 4 + 1);
    if mul(root, root) == a { Some(root) } else { None }
}

/// The sum of many products, reduced once: of fewer than 2^29.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    /// Modulo 2^64.
    total: u64,
    /// The upper halves of the products.
    upper: u64,
}

impl Sum {
    /// The sum of the products of what stands at the same place; the longer slice's rest is left out.
    #[inline(always)]
    pub(super) fn of(a: &[u32], b: &[u32]) -> Self {
        a.iter().zip(b).fold(Self::default(), |sum, (&a, &b)| sum.plus(a, b))
    }

    #[inline(always)]
    pub(super) fn plus(self, a: u32, b: u32) -> Self {
        let product = u64::from(a) * u64::from(b);
        Self { total: self.total.wrapping_add(product), upper: self.upper + (product >> 32) }
    }

    #[inline(always)]
    pub(super) fn and(self, other: Self) -> Self {
        Self { total: self.total.wrapping_add(other.total), upper: self.upper + other.upper }
    }

    #[inline(always)]
    pub(super) fn value(self) -> u32 {
        // What the upper halves leave is the sum of the lower ones, which is short.
        let lower = self.total.wrapping_sub(self.upper << 32);
        reduce(lower + 5 * self.upper)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number() -> impl Strategy<Value = u32> {
        prop_oneof![0..P, 0..8u32, P - 8..P]
    }

    proptest! {
        #[test]
        fn arithmetic_is_that_of_remainders(a in number(), b in number(), long: u64) {
            let (p, x, y) = (u64::from(P), u64::from(a), u64::from(b));
            prop_assert_eq!(u64::from(reduce(long)), long % p);
            prop_assert!(shorten(long) <= (1 << 32) + 24 && shorten(long) % p == long % p);
            prop_assert_eq!(u64::from(mul(a, b)), x * y % p);
            prop_assert_eq!(u64::from(add(a, b)), (x + y) % p);
            prop_assert_eq!(add(a, neg(a)), 0);
            prop_assert_eq!(mul(a, inverse(a)), u32::from(a != 0));
            let square = mul(a, a);
            prop_assert!(root(square) == Some(a) || root(square) == Some(neg(a)));
            // -1 is no square here.
            prop_assert!(a == 0 || root(neg(square)).is_none());
        }

        #[test]
        fn a_sum_of_products_is_the_products_summed(
            pairs in prop::collection::vec((number(), number()), 0..600),
        ) {
            let (a, b): (Vec<u32>, Vec<u32>) = pairs.iter().copied().unzip();
            let sum = pairs.iter().fold(0, |sum, &(a, b)| add(sum, mul(a, b)));
            prop_assert_eq!(Sum::of(&a, &b).value(), sum);
            let numbers: Vec<u32> = a.into_iter().filter(|&a| a != 0).collect();
            let all = inverses(&numbers);
            prop_assert!(numbers.iter().zip(&all).all(|(&a, &b)| mul(a, b) == 1));
        }
    }

    #[test]
    fn reduction_holds_at_its_edges() {
        for v in [0, u64::from(P) - 1, u64::from(P), u64::from(P) + 1, (1 << 32) + 24, u64::MAX] {
            assert_eq!(u64::from(reduce(v)), v % u64::from(P), "{v}");
        }
    }
}
