//! Bit packing: 128 numbers in as many bits each as the largest needs.
//!
//! The numbers are dealt out to four lanes of 32-bit words, number `i` to lane `i % 4`, and the lanes
//! are stored word by word. All lanes do the same at the same time, so that the compiler turns four
//! of them into one vector operation; the width is a constant of each copy of the code, so every
//! shift is one too. Fewer than 128 numbers are packed as if zeros followed, and words that hold
//! nothing but those are left out; fewer than [`LANES_MIN`] are packed one behind the other, where
//! unused lanes would cost more than they save.

/// How many numbers are packed together.
pub(super) const BLOCK: usize = 128;
/// From this many numbers on, lanes are used.
pub(super) const LANES_MIN: usize = 32;

const LANES: usize = 4;
type Words = [[u8; 4]; BLOCK];

/// Repeats the body for each of a lane's 32 numbers, which makes every step a constant.
macro_rules! each_step {
    ($step:ident => $body:block) => {
        each_step!($step => $body,
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31)
    };
    ($step:ident => $body:block, $($number:literal)*) => {
        $({ let $step: usize = $number; $body })*
    };
}

/// Calls the copy of a function that was made for a width.
macro_rules! by_width {
    ($width:expr, $function:ident($($argument:expr),*)) => {
        by_width!($width, $function($($argument),*),
            1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32)
    };
    ($width:expr, $function:ident $arguments:tt, $($number:literal)*) => {
        match $width {
            $($number => by_width!(@call $function $number $arguments),)*
            _ => {}
        }
    };
    (@call $function:ident $number:literal ($($argument:expr),*)) => {
        $function::<$number>($($argument),*)
    };
}

/// Bytes that `count` numbers of `width` bits take.
pub(super) fn packed_len(count: usize, width: usize) -> usize {
    if count < LANES_MIN {
        (count * width).div_ceil(8)
    } else {
        (count.div_ceil(LANES) * width).div_ceil(32) * 4 * LANES
    }
}

/// Appends the first `count` numbers in `width` bits each; the others have to be 0.
#[inline]
pub(super) fn pack(numbers: &[u32; BLOCK], count: usize, width: usize, out: &mut Vec<u8>) {
    if count < LANES_MIN {
        return pack_in_a_row(&numbers[..count], width, out);
    }
    by_width!(width, pack_width(numbers, packed_len(count, width), out));
}

/// Takes `count` numbers of `width` bits from `packed`, which has [`packed_len`] bytes. What is
/// behind the first `count` numbers is not to be used.
#[inline]
pub(super) fn unpack(packed: &[u8], count: usize, width: usize, numbers: &mut [u32; BLOCK]) {
    if count < LANES_MIN {
        return unpack_in_a_row(packed, width, &mut numbers[..count]);
    }
    if count == BLOCK {
        return unpack_lanes(packed.as_chunks().0, width, numbers);
    }
    let mut words: Words = [[0; 4]; BLOCK];
    words.as_flattened_mut()[..packed.len()].copy_from_slice(packed);
    unpack_lanes(&words, width, numbers);
}

fn pack_in_a_row(numbers: &[u32], width: usize, out: &mut Vec<u8>) {
    let (mut held, mut bits) = (0u64, 0);
    for number in numbers {
        held |= u64::from(*number) << bits;
        bits += width;
        while bits >= 8 {
            out.push(held as u8);
            held >>= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        out.push(held as u8);
    }
}

fn unpack_in_a_row(packed: &[u8], width: usize, numbers: &mut [u32]) {
    let mask = (1u64 << width) - 1;
    let mut bytes = packed.iter();
    let (mut held, mut bits) = (0u64, 0);
    for number in numbers {
        while bits < width {
            held |= u64::from(*bytes.next().unwrap_or(&0)) << bits;
            bits += 8;
        }
        *number = (held & mask) as u32;
        held >>= width;
        bits -= width;
    }
}

fn unpack_lanes(words: &[[u8; 4]], width: usize, numbers: &mut [u32; BLOCK]) {
    if width == 0 {
        numbers.fill(0);
    }
    by_width!(width, unpack_width(words, numbers));
}

/// Appends the first `len` bytes of packed lanes.
fn pack_width<const WIDTH: usize>(numbers: &[u32; BLOCK], len: usize, out: &mut Vec<u8>) {
    let mut words = [[[0; 4]; LANES]; WIDTH];
    for lane in 0..LANES {
        let mut word = 0u32;
        each_step!(step => {
            let number = numbers[step * LANES + lane];
            let shift = step * WIDTH % 32;
            word |= number << shift;
            if shift + WIDTH >= 32 {
                words[step * WIDTH / 32][lane] = word.to_le_bytes();
                word = if shift + WIDTH > 32 { number >> (31 & (32 - shift)) } else { 0 };
            }
        });
        // Every width fills its last word exactly: 32 numbers are WIDTH words.
        debug_assert_eq!(word, 0);
    }
    let packed = words.as_flattened().as_flattened();
    // With a length that is a constant, the usual copy is a few moves.
    if len == packed.len() {
        out.extend_from_slice(packed);
    } else {
        out.extend_from_slice(&packed[..len]);
    }
}

fn unpack_width<const WIDTH: usize>(words: &[[u8; 4]], numbers: &mut [u32; BLOCK]) {
    let words = &words[..WIDTH * LANES];
    let mask = u32::MAX >> (32 - WIDTH);
    for lane in 0..LANES {
        each_step!(step => {
            let (at, shift) = (step * WIDTH / 32, step * WIDTH % 32);
            let mut number = u32::from_le_bytes(words[at * LANES + lane]) >> shift;
            if shift + WIDTH > 32 {
                number |= u32::from_le_bytes(words[(at + 1) * LANES + lane]) << (32 - shift);
            }
            numbers[step * LANES + lane] = number & mask;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_and_count_comes_back() {
        for width in 0..=32usize {
            let mask = ((1u64 << width) - 1) as u32;
            for count in 1..=BLOCK {
                let mut numbers = [0u32; BLOCK];
                for (at, number) in numbers[..count].iter_mut().enumerate() {
                    *number = (at as u32 + 1).wrapping_mul(0x9e37_79b1) & mask;
                }
                numbers[count - 1] = mask;
                let mut packed = Vec::new();
                pack(&numbers, count, width, &mut packed);
                assert_eq!(packed.len(), packed_len(count, width));
                let mut back = [7u32; BLOCK];
                unpack(&packed, count, width, &mut back);
                assert_eq!(back[..count], numbers[..count], "{count} numbers of {width} bits");
            }
        }
    }

    #[test]
    fn lanes_are_stored_word_by_word() {
        let mut numbers = [0u32; BLOCK];
        numbers[1] = 3;
        numbers[4] = 5;
        let mut packed = Vec::new();
        pack(&numbers, 32, 8, &mut packed);
        assert_eq!(packed.len(), 32);
        assert_eq!(packed[..8], [0, 5, 0, 0, 3, 0, 0, 0]);
    }
}
