//! The logistic function and its inverse, as tables of integers.

/// The largest stretched probability, just under eight nats (256 is one nat).
pub(crate) const STRETCH_MAX: i32 = 2047;

/// 1 / (1 + e^-x) in units of 2^-16, for x = (i - 2048) / 256.
static SQUASH: [u16; 4096] = squash_table();
/// ln(p / (1 - p)) in units of 1/256, for p = (i + 0.5) / 4096.
static STRETCH: [i16; 4096] = stretch_table();

/// e^(-k / 256) and sums of it, in integers of 2^-40: exact enough for 16 bits and the same
/// everywhere, which floating point does not promise.
pub(crate) const fn squash_table() -> [u16; 4096] {
    let mut table = [0; 4096];
    // e^(-1/256) = 1 - x + x^2/2 - x^3/6 + x^4/24 with x = 2^-8, in units of 2^-40.
    let step: u128 = (1 << 40) - (1 << 32) + (1 << 23) - (1 << 16) / 6 + (1 << 8) / 24;
    let mut power: u128 = 1 << 40;
    let mut k = 0;
    while k < 2048 {
        // 1 / (1 + e^-x) for x = k / 256.
        let chance = ((1u128 << 56) + ((1u128 << 40) + power) / 2) / ((1u128 << 40) + power);
        let chance = if chance > 65_535 { 65_535 } else { chance as u32 };
        table[2048 + k] = chance as u16;
        table[2048 - k] = (65_536 - chance) as u16;
        power = (power * step) >> 40;
        k += 1;
    }
    table[0] = table[1];
    table
}

const fn stretch_table() -> [i16; 4096] {
    let squash = squash_table();
    let mut table = [0; 4096];
    let mut at = 1;
    let mut i = 0;
    while i < 4096 {
        let chance = i as u32 * 16 + 8;
        while at < 4095 && (squash[at] as u32) < chance {
            at += 1;
        }
        table[i] = at as i16 - 2048;
        i += 1;
    }
    table
}

/// ln(p / (1 - p)) of a signed 12-bit chance (0 is even), in units of 1/256.
#[inline(always)]
pub(crate) fn stretch(chance: i32) -> i32 {
    i32::from(STRETCH[((chance + 2048) & 4095) as usize])
}

#[inline(always)]
pub(crate) fn squash(x: i32) -> u32 {
    u32::from(SQUASH[(x.clamp(-STRETCH_MAX, STRETCH_MAX) + 2048) as usize])
}
