//! Random draws from a seed, and what each of them is worth in bits.
//!
//! The account is what makes the entropy limit of a generated corpus known: a codec that knew the
//! generator and its tables could not, on average, write the draws in fewer bits than
//! -log2 of their probabilities.

use crate::dice::Dice;

/// [`Dice`] with an account of the information that was drawn.
#[derive(Debug, Clone)]
pub struct Draw {
    dice: Dice,
    bits: f64,
}

/// Ranks 0..n with weights 1/(rank+1)^s.
#[derive(Debug, Clone)]
pub struct Zipf {
    /// Chance of a rank up to and with this one; the last is 1.
    up_to: Vec<f64>,
}

impl Zipf {
    /// `n` ranks with exponent `s`.
    #[must_use]
    pub fn new(n: usize, s: f64) -> Self {
        let weights = (1..=n).map(|rank| (rank as f64).powf(-s));
        let whole: f64 = weights.clone().sum();
        let mut sum = 0.0;
        let mut up_to: Vec<f64> = weights
            .map(|weight| {
                sum += weight / whole;
                sum
            })
            .collect();
        if let Some(last) = up_to.last_mut() {
            *last = 1.0;
        }
        Self { up_to }
    }

    fn chance_of(&self, rank: usize) -> f64 {
        self.up_to[rank] - if rank == 0 { 0.0 } else { self.up_to[rank - 1] }
    }
}

impl Draw {
    /// Starts from a seed with an empty account.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed), bits: 0.0 }
    }

    /// What was drawn since the start or since [`Draw::forget`], in bits.
    #[must_use]
    pub fn bits(&self) -> f64 {
        self.bits
    }

    /// Empties the account: what came before belongs to the tables that the limit takes as known.
    pub fn forget(&mut self) {
        self.bits = 0.0;
    }

    /// 64 random bits.
    pub fn any(&mut self) -> u64 {
        self.bits += 64.0;
        self.dice.raw()
    }

    /// A number below `n`, all equally likely. `n` is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        self.bits += (n as f64).log2();
        (self.dice.raw() % n as u64) as usize
    }

    /// Whether something of probability `p` happens.
    pub fn happens(&mut self, p: f64) -> bool {
        let happens = self.dice.unit() < p;
        self.bits -= if happens { p } else { 1.0 - p }.log2();
        happens
    }

    /// A rank.
    pub fn rank(&mut self, zipf: &Zipf) -> usize {
        let unit = self.dice.unit();
        let rank = zipf.up_to.partition_point(|up_to| *up_to <= unit).min(zipf.up_to.len() - 1);
        self.bits -= zipf.chance_of(rank).log2();
        rank
    }

    /// Whole seconds, exponentially distributed around `mean`; `None` from `limit` on.
    pub fn wait(&mut self, mean: f64, limit: u64) -> Option<u64> {
        let wait = (-mean * (1.0 - self.dice.unit()).ln()).floor();
        if wait >= limit as f64 {
            // All that is drawn is that it lies beyond: e^(-limit/mean).
            self.bits += limit as f64 / mean * std::f64::consts::LOG2_E;
            return None;
        }
        let chance = (-wait / mean).exp() * (1.0 - (-1.0 / mean).exp());
        self.bits -= chance.log2();
        Some(wait as u64)
    }

    /// One of `items`, all equally likely.
    pub fn of<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coin_a_die_and_ranks_cost_what_they_should() {
        let mut draw = Draw::new(1);
        draw.below(8);
        assert!((draw.bits() - 3.0).abs() < 1e-9);
        draw.forget();
        draw.happens(0.5);
        assert!((draw.bits() - 1.0).abs() < 1e-9);
        let zipf = Zipf::new(20, 1.2);
        draw.forget();
        let n = 20_000;
        let mut counts = [0u32; 20];
        for _ in 0..n {
            counts[draw.rank(&zipf)] += 1;
        }
        let entropy: f64 = (0..20).map(|r| zipf.chance_of(r)).map(|p| -p * p.log2()).sum();
        assert!((draw.bits() / f64::from(n) - entropy).abs() < 0.05);
        assert!((f64::from(counts[0]) / f64::from(n) - zipf.chance_of(0)).abs() < 0.01);
    }

    #[test]
    fn waits_have_their_mean_and_their_entropy() {
        let mut draw = Draw::new(2);
        let n = 20_000;
        let sum: u64 = (0..n).map(|_| draw.wait(180.0, u64::MAX).unwrap_or(0)).sum();
        assert!((sum as f64 / f64::from(n) - 179.5).abs() < 4.0);
        // log2(e * mean) for an exponential distribution.
        let entropy = (std::f64::consts::E * 180.0).log2();
        assert!((draw.bits() / f64::from(n) - entropy).abs() < 0.05);
    }
}
