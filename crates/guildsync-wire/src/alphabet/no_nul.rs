//! Bytes without a NUL at one byte a block: a key that the block does not hold, XORed over it.
//!
//! A block of at most 254 bytes holds at most 254 of the 255 non-zero values, so one of them is
//! absent. `x ^ key` is 0 only where `x` is the key, hence nowhere. The key goes first. The writer
//! takes the smallest absent value; a reader needs no more than that the key and no byte is 0.

use super::AlphabetError;

/// Payload bytes that share one key.
pub(super) const BLOCK_BYTES: usize = 254;
/// Keys that are looked for by scanning the block, before a table of all values is made: bytes that
/// look random lack one of the first four 84 % of the time, and text lacks them all.
const SCANNED_KEYS: u8 = 4;

/// Writes the blocks of `payload` to `encoded`, which is exactly as long as they need.
pub(super) fn encode(payload: &[u8], encoded: &mut [u8]) {
    let blocks = payload.chunks(BLOCK_BYTES).zip(encoded.chunks_mut(BLOCK_BYTES + 1));
    for (block, out) in blocks {
        let key = absent_key(block);
        if let Some((first, rest)) = out.split_first_mut() {
            *first = key;
            for (to, from) in rest.iter_mut().zip(block) {
                *to = from ^ key;
            }
        }
    }
}

/// Encodes a payload of at most one block where it stands.
pub(super) fn encode_one_block(frame: &mut Vec<u8>) {
    if frame.is_empty() {
        return;
    }
    let key = absent_key(frame);
    frame.iter_mut().for_each(|byte| *byte ^= key);
    frame.insert(0, key);
}

/// Appends the payload of `encoded`; what it appends before an error is the caller's to remove.
pub(super) fn decode(encoded: &[u8], payload: &mut Vec<u8>) -> Result<(), AlphabetError> {
    payload.reserve(encoded.len());
    for (index, block) in encoded.chunks(BLOCK_BYTES + 1).enumerate() {
        let at = index * (BLOCK_BYTES + 1);
        if holds(block, 0) {
            let zero = block.iter().position(|&byte| byte == 0).unwrap_or(0);
            return Err(AlphabetError::Forbidden { at: at + zero, byte: 0 });
        }
        match block {
            [key, rest @ ..] if !rest.is_empty() => payload.extend(rest.iter().map(|b| b ^ key)),
            _ => return Err(AlphabetError::Length { at, len: block.len() }),
        }
    }
    Ok(())
}

/// The smallest non-zero value that the block does not hold.
fn absent_key(block: &[u8]) -> u8 {
    for key in 1..=SCANNED_KEYS {
        if !holds(block, key) {
            return key;
        }
    }
    let mut held = [false; 256];
    for &byte in block {
        held[usize::from(byte)] = true;
    }
    // 254 bytes cannot hold 255 values, so the search ends before it runs out.
    (SCANNED_KEYS + 1..=255).find(|&key| !held[usize::from(key)]).unwrap_or(255)
}

/// Whether any byte is `value`. No early return: that is what lets the compiler compare many at once.
fn holds(block: &[u8], value: u8) -> bool {
    block.iter().fold(false, |held, &byte| held | (byte == value))
}
