//! Who goes first, without a word being said: hashes that every member takes of the same things.

use guildsync_types::MemberName;

/// Spreads a number over all 64 bits (the finalizer of SplitMix64).
pub(super) fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// A member's number in every draw: of the name, however it is spelled (FNV-1a).
pub(super) fn of_name(name: &MemberName) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    mix(name.folded().bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

/// What a piece of a transfer draws for one attempt.
pub(super) fn of_piece(number: u16, offset: u32, attempt: u8) -> u64 {
    mix(u64::from(number) << 48 | u64::from(attempt) << 40 | u64::from(offset))
}

/// How many of `others` come before a member in the draw of a piece.
pub(super) fn rank(piece: u64, me: u64, others: impl Iterator<Item = u64>) -> u64 {
    let mine = mix(piece ^ me);
    others.filter(|other| mix(piece ^ other) < mine).count() as u64
}
