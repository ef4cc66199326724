//! The Huffman code of the addon library LibCompress, which TWRA compresses with; only read.
//!
//! The format as the library writes it, learned from what it writes (the code here is our own):
//!
//! | bytes | what |
//! |---|---|
//! | 1 | the method, 3 |
//! | 1 | how many symbols have a code, less one |
//! | 3 | length of the text in bytes, low byte first; never 0 |
//! | rest | bits, each byte's lowest first: the codes, then the text; the last byte is filled with 0 |
//!
//! A symbol's entry is its byte (8 bits, lowest first), its code, and the end mark `11`. Bits of the
//! code are written from the tree's root on; a 0 as `0`, a 1 as `10`, so that `11` cannot occur
//! before the end mark. The text is its bytes' codes, one after the other, written plainly. A text
//! of one byte value only has the code `0` for it. A code so written is at most 32 bits long.
//!
//! The library falls back to method 1, the text as it is, where that is not longer. Newer versions
//! may set the method byte's upper two bits for a filter; those are not read.

use super::CompressError;

/// Bytes before the bits.
const HEADER_BYTES: usize = 5;
/// Bits of a code as written in the table, a 1 as two of them.
const CODE_BITS_MAX: usize = 32;

/// The text of a compressed one, given with its method byte (which [`super::unpack`] looks at).
/// Memory is the text, at most `ceiling` bytes, and at most 64 KiB for the codes.
///
/// # Errors
/// As [`CompressError`] says.
pub fn decompress(packed: &[u8], ceiling: usize) -> Result<Vec<u8>, CompressError> {
    let header = packed.get(..HEADER_BYTES).ok_or(CompressError::Truncated { at: packed.len() })?;
    let symbols = usize::from(header[1]) + 1;
    let len = u32::from_le_bytes([header[2], header[3], header[4], 0]) as usize;
    if len > ceiling {
        return Err(CompressError::TooLarge { ceiling });
    }
    if len == 0 {
        return Err(CompressError::Invalid { at: 2, why: "a text of 0 bytes is not compressed" });
    }
    let mut bits = Bits { packed, at: HEADER_BYTES * 8 };
    let mut codes = Codes::default();
    for _ in 0..symbols {
        let symbol = bits.byte()?;
        codes.read(&mut bits, symbol)?;
    }
    // A byte of text is a bit at least: a length that the rest cannot hold reserves nothing.
    if len > bits.left() {
        return Err(CompressError::Truncated { at: packed.len() });
    }
    let mut text = Vec::with_capacity(len);
    while text.len() < len {
        text.push(codes.symbol(&mut bits)?);
    }
    let at = bits.at.div_ceil(8);
    if at < packed.len() {
        return Err(CompressError::Trailing { left: packed.len() - at, at });
    }
    while bits.left() > 0 {
        if bits.bit()? {
            return Err(CompressError::Invalid {
                at: at - 1,
                why: "the last byte is not filled with 0",
            });
        }
    }
    Ok(text)
}

/// Takes bits from the front, each byte's lowest first.
struct Bits<'a> {
    packed: &'a [u8],
    /// In bits.
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> Result<bool, CompressError> {
        let byte = self.packed.get(self.at / 8);
        let byte = byte.ok_or(CompressError::Truncated { at: self.packed.len() })?;
        let bit = byte >> (self.at % 8) & 1 == 1;
        self.at += 1;
        Ok(bit)
    }

    fn byte(&mut self) -> Result<u8, CompressError> {
        let mut byte = 0;
        for shift in 0..8 {
            byte |= u8::from(self.bit()?) << shift;
        }
        Ok(byte)
    }

    fn left(&self) -> usize {
        self.packed.len() * 8 - self.at
    }

    fn invalid(&self, why: &'static str) -> CompressError {
        CompressError::Invalid { at: self.at / 8, why }
    }
}

/// Where a bit leads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Branch {
    Nowhere,
    /// To the node of this number.
    Node(u16),
    /// To the end of a code.
    Symbol(u8),
}

/// The codes as a tree: a node's two branches are for the bits 0 and 1. 256 codes of at most 32 bits
/// are at most 8192 nodes.
struct Codes {
    nodes: Vec<[Branch; 2]>,
}

impl Default for Codes {
    fn default() -> Self {
        Self { nodes: vec![[Branch::Nowhere; 2]] }
    }
}

impl Codes {
    /// Takes a code with its end mark and puts `symbol` at its end.
    fn read(&mut self, bits: &mut Bits<'_>, symbol: u8) -> Result<(), CompressError> {
        let from = bits.at;
        let mut node = 0;
        let mut last: Option<(usize, usize)> = None;
        loop {
            let one = bits.bit()?;
            if one && bits.bit()? {
                break;
            }
            if bits.at - from > CODE_BITS_MAX {
                return Err(bits.invalid("a code of over 32 bits"));
            }
            if let Some((parent, branch)) = last {
                node = self
                    .descend(parent, branch)
                    .ok_or_else(|| bits.invalid("a code inside another"))?;
            }
            last = Some((node, usize::from(one)));
        }
        let (parent, branch) = last.ok_or_else(|| bits.invalid("a code without bits"))?;
        match &mut self.nodes[parent][branch] {
            free @ Branch::Nowhere => *free = Branch::Symbol(symbol),
            _ => return Err(bits.invalid("a code inside another")),
        }
        Ok(())
    }

    /// The node behind a branch, made if there is none; `None` if a code ends there.
    fn descend(&mut self, parent: usize, branch: usize) -> Option<usize> {
        match self.nodes[parent][branch] {
            Branch::Node(node) => Some(usize::from(node)),
            Branch::Symbol(_) => None,
            Branch::Nowhere => {
                let node = u16::try_from(self.nodes.len()).ok()?;
                self.nodes.push([Branch::Nowhere; 2]);
                self.nodes[parent][branch] = Branch::Node(node);
                Some(usize::from(node))
            }
        }
    }

    /// The symbol of the code at the front.
    fn symbol(&self, bits: &mut Bits<'_>) -> Result<u8, CompressError> {
        let mut node = 0;
        loop {
            match self.nodes[node][usize::from(bits.bit()?)] {
                Branch::Node(next) => node = usize::from(next),
                Branch::Symbol(symbol) => return Ok(symbol),
                Branch::Nowhere => return Err(bits.invalid("bits that are no code")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compress::{CEILING, unpack};
    use proptest::collection::vec;
    use proptest::prelude::*;

    /// Writes bits, each byte's lowest first.
    #[derive(Default)]
    struct BitWriter {
        bytes: Vec<u8>,
        len: usize,
    }

    impl BitWriter {
        fn bit(&mut self, bit: bool) {
            if self.len.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= u8::from(bit) << (self.len % 8);
            self.len += 1;
        }
    }

    /// Writes a text with codes of equal lengths, as no real coder would and every reader must read.
    fn compress(text: &[u8]) -> Vec<u8> {
        let mut symbols = text.to_vec();
        symbols.sort_unstable();
        symbols.dedup();
        let width = symbols.len().next_power_of_two().trailing_zeros().max(1);
        let code = |symbol: u8| {
            let number = symbols.binary_search(&symbol).unwrap();
            (0..width).map(move |bit| number >> bit & 1 == 1)
        };
        let mut bits = BitWriter::default();
        for &symbol in &symbols {
            (0..8).for_each(|bit| bits.bit(symbol >> bit & 1 == 1));
            for one in code(symbol) {
                bits.bit(one);
                if one {
                    bits.bit(false);
                }
            }
            bits.bit(true);
            bits.bit(true);
        }
        text.iter().flat_map(|symbol| code(*symbol)).for_each(|bit| bits.bit(bit));
        let len = (text.len() as u32).to_le_bytes();
        [&[3, (symbols.len() - 1) as u8, len[0], len[1], len[2]], &bits.bytes[..]].concat()
    }

    proptest! {
        #[test]
        fn what_is_written_with_codes_of_one_length_reads_back(
            text in prop_oneof![vec(any::<u8>(), 1..300), vec(0..4u8, 1..300)],
        ) {
            let packed = compress(&text);
            prop_assert_eq!(unpack(&packed, text.len()).unwrap(), &text[..]);
            for cut in 0..packed.len() {
                let error = unpack(&packed[..cut], CEILING).unwrap_err();
                prop_assert_eq!(error, CompressError::Truncated { at: cut });
            }
        }

        #[test]
        fn damaged_bytes_read_or_are_refused(
            mut packed in vec(0..6u8, 1..300).prop_map(|text| compress(&text)),
            flips in vec((any::<prop::sample::Index>(), 1..=255u8), 1..4),
        ) {
            for (index, flip) in flips {
                let index = index.index(packed.len());
                packed[index] ^= flip;
            }
            _ = decompress(&packed, CEILING);
        }
    }

    #[test]
    fn all_256_symbols() {
        let text: Vec<u8> = (0..=255).collect();
        assert_eq!(unpack(&compress(&text), CEILING).unwrap(), text);
    }

    #[test]
    fn a_length_that_the_bits_cannot_hold_is_refused_before_it_is_reserved() {
        let claims = [3, 0, 0xff, 0xff, 7, b'a', 0b110, 0, 0];
        assert_eq!(unpack(&claims, CEILING), Err(CompressError::Truncated { at: 9 }));
        let beyond = [3, 0, 0, 0, 0xff, b'a', 0b110, 0, 0];
        assert_eq!(unpack(&beyond, CEILING), Err(CompressError::TooLarge { ceiling: CEILING }));
    }

    #[test]
    fn what_no_coder_writes_is_refused() {
        let why = |packed: &[u8]| unpack(packed, CEILING).unwrap_err().to_string();
        // `a` with the code 0, then `b` with the code 0 as well.
        let same = [3, 1, 1, 0, 0, b'a', 0b0001_0110, 0b0011_0011, 0];
        for (packed, expected) in [
            (&[3, 0, 0, 0, 0, b'a', 6, 0][..], "a text of 0 bytes is not compressed"),
            (&[3, 0, 1, 0, 0, b'a', 0b11, 0], "a code without bits"),
            (&[3, 0, 1, 0, 0, b'a', 0, 0, 0, 0, 0, 0], "a code of over 32 bits"),
            (&[3, 0, 1, 0, 0, b'a', 0b1110], "bits that are no code"),
            (&[3, 0, 1, 0, 0, b'a', 0b1_0110], "the last byte is not filled with 0"),
            (&same, "a code inside another"),
        ] {
            assert!(why(packed).ends_with(expected), "{packed:?}: {}", why(packed));
        }
        let trailing = [3, 0, 1, 0, 0, b'a', 6, 9];
        assert_eq!(unpack(&trailing, CEILING), Err(CompressError::Trailing { left: 1, at: 7 }));
    }
}
