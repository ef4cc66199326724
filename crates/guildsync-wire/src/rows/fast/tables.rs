//! The strings of a batch: only those that its rows name, in the order of the caller's table.
//!
//! | field | bytes |
//! |---|---|
//! | strings | varint |
//! | lengths | a column |
//! | the strings | one behind the other |

use super::column::{read_plain, write_numbers, write_plain};
use crate::bytes::write_varint;
use crate::bytes::{DecodeError, Reader};
use crate::rows::{Rows, Strings};

/// Which strings of a table the rows name, and the numbers these have in the batch.
#[derive(Debug)]
pub(super) struct Used {
    /// By the caller's number: whether a row names it; empty when all are named.
    marks: Vec<bool>,
    /// By the caller's number: the batch's number; empty when no number changes.
    renumbered: Vec<u32>,
    len: usize,
    bytes: usize,
}

impl Used {
    /// The strings of `table` with a mark.
    pub(super) fn new(table: &Strings, marks: &[bool]) -> Self {
        let len = marks.iter().filter(|mark| **mark).count();
        if len == table.len() {
            let (marks, renumbered) = (Vec::new(), Vec::new());
            return Self { marks, renumbered, len, bytes: table.total_bytes() };
        }
        let mut next = 0;
        let renumbered = marks
            .iter()
            .map(|mark| {
                let number = next;
                next += u32::from(*mark);
                number
            })
            .collect();
        let lengths = table.lengths(0).zip(marks);
        let bytes = lengths.filter(|(_, mark)| **mark).map(|(length, _)| length as usize).sum();
        Self { marks: marks.to_vec(), renumbered, len, bytes }
    }

    /// How many strings the batch has.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The bytes of all of them together.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Writes the strings.
    pub(super) fn write(&self, table: &Strings, out: &mut Vec<u8>) {
        write_varint(out, self.len as u64);
        if self.renumbered.is_empty() {
            write_plain(out, self.len, |start, rows| {
                for (row, length) in rows.iter_mut().zip(table.lengths(start)) {
                    *row = length;
                }
            });
            return out.extend_from_slice(table.joined());
        }
        let marked = |at: &usize| self.marks[*at];
        let lengths: Vec<u32> =
            table.lengths(0).enumerate().filter(|(at, _)| marked(at)).map(|(_, len)| len).collect();
        write_numbers(out, &lengths);
        for (_, string) in table.iter().enumerate().filter(|(at, _)| marked(at)) {
            out.extend_from_slice(string);
        }
    }

    /// Writes a column of numbers into the table; all of them have a mark.
    pub(super) fn write_column(&self, column: &[u32], out: &mut Vec<u8>) {
        if self.renumbered.is_empty() {
            write_numbers(out, column);
        } else {
            write_plain(out, column.len(), |start, rows| {
                for (row, number) in rows.iter_mut().zip(&column[start..]) {
                    *row = self.renumbered[*number as usize];
                }
            });
        }
    }

    /// Writes a column of numbers into the table, 0 for nobody and all others one higher.
    pub(super) fn write_column_or_nobody(&self, column: &[u32], out: &mut Vec<u8>) {
        if self.renumbered.is_empty() {
            write_plain(out, column.len(), |start, rows| {
                for (row, number) in rows.iter_mut().zip(&column[start..]) {
                    *row = number.wrapping_add(1);
                }
            });
        } else {
            write_plain(out, column.len(), |start, rows| {
                for (row, number) in rows.iter_mut().zip(&column[start..]) {
                    *row = self.renumbered.get(*number as usize).map_or(0, |number| number + 1);
                }
            });
        }
    }
}

/// Takes a table of at most `strings_max` strings and takes its bytes off `text_left`.
pub(super) fn read_table(
    input: &mut Reader<'_>,
    strings_max: usize,
    text_left: &mut usize,
    table: &mut Strings,
    what: &'static str,
) -> Result<(), DecodeError> {
    let at = input.at();
    let len = read_count(input, strings_max, what)?;
    let mut lengths = Vec::new();
    read_plain(input, len, Rows::TEXT_MAX as u64 + 1, &mut lengths, |length| length, what)?;
    let bytes: u64 = lengths.iter().map(|length| u64::from(*length)).sum();
    if bytes > *text_left as u64 {
        let why = format!("over {} bytes of text in the batch", Rows::TEXT_MAX);
        return Err(input.invalid(what, at, &why));
    }
    *text_left -= bytes as usize;
    let joined = input.raw(bytes as usize, what)?;
    if !table.replace(&mut lengths, joined) {
        return Err(input.invalid(what, at, "lengths that do not add up"));
    }
    Ok(())
}

/// Takes a count of up to `limit` items. An item may take no bytes in a column of one number, so
/// the limit alone bounds what is reserved.
pub(super) fn read_count(
    input: &mut Reader<'_>,
    limit: usize,
    what: &'static str,
) -> Result<usize, DecodeError> {
    let at = input.at();
    match input.varint(what)? {
        count if count <= limit as u64 => Ok(count as usize),
        count => Err(input.invalid(what, at, &format!("{count} items, the limit is {limit}"))),
    }
}
