//! Batches behind the entropy stage, with or without a base that primes the model.

use super::columns::{NOBODY, Rows};
use super::dictionary::Dictionary;
use super::model::{Coded, Model};
use super::shape::Shape;
use crate::bytes::{DecodeError, Reader, Writer};
use crate::entropy::{Coder, Decoder, Encoder, Learner};

/// Numbers of a batch's strings in the model's dictionaries, as far as they were needed.
struct Known {
    writers: Vec<u32>,
    names: Vec<u32>,
    reasons: Vec<u32>,
}

/// Walks over rows that are known: to write or to learn them.
fn walk<C: Coder>(model: &mut Model, coder: &mut C, rows: &Rows, from: usize) {
    let mut known = Known {
        writers: vec![u32::MAX; rows.writers.len()],
        names: vec![u32::MAX; rows.names.len()],
        reasons: vec![u32::MAX; rows.reasons.len()],
    };
    let mut bodies = rows.bodies.iter().skip_while(|body| (body.0 as usize) < from).peekable();
    for at in from..rows.len() {
        let [writers, names, reasons] = model.tables();
        let writer = writers.number(&mut known.writers, &rows.writers, rows.writer[at]);
        let actor = names.number(&mut known.names, &rows.names, rows.actor[at]);
        let about_nobody = rows.target[at] == NOBODY;
        let target = if about_nobody {
            NOBODY
        } else {
            names.number(&mut known.names, &rows.names, rows.target[at])
        };
        let reason = reasons.number(&mut known.reasons, &rows.reasons, rows.reason[at]);
        let body = bodies.next_if(|body| body.0 as usize == at);
        let given = Coded {
            writer,
            seq: rows.seq[at],
            seconds: rows.seconds[at],
            actor,
            target,
            delta: rows.delta[at],
            total: rows.total[at],
            reason,
            shape: Shape {
                kind: rows.kind[at],
                flags: rows.flags[at],
                origin: rows.origin[at],
                about_nobody,
                count: rows.count[at],
                body: body.map_or_else(Vec::new, |body| body.1.clone()),
            },
        };
        model.row(coder, &given);
    }
}

/// A model that has learnt the last rows of the base: at most [`super::Base::ROWS`].
fn primed(base: Option<&Rows>) -> Model {
    let mut model = Model::default();
    if let Some(base) = base {
        model.profile(&mut Learner, &base.profile);
        walk(&mut model, &mut Learner, base, base.len().saturating_sub(super::Base::ROWS));
    }
    model
}

/// Writes rows that were checked behind `out`.
pub(super) fn encode(rows: &Rows, base: Option<&Rows>, mut out: Writer) -> Vec<u8> {
    out.varint(rows.len() as u64);
    let mut model = primed(base);
    let mut coder = Encoder::new(out.into_vec());
    model.profile(&mut coder, &rows.profile);
    walk(&mut model, &mut coder, rows, 0);
    coder.finish()
}

/// Reads what [`encode`] wrote, to the end of the input.
pub(super) fn decode(mut input: Reader<'_>, base: Option<&Rows>) -> Result<Rows, DecodeError> {
    let at = input.at();
    let len = input.varint("row count")? as usize;
    if len > Rows::MAX {
        let why = format!("{len} rows are more than a batch holds ({})", Rows::MAX);
        return Err(DecodeError::Invalid { what: "row count", at, why });
    }
    let at = input.at();
    let mut model = primed(base);
    let mut coder = Decoder::new(input.rest());
    let profile = model.profile(&mut coder, &[]);
    let mut reading = Reading::new(len, profile);
    for row in 0..len {
        if coder.is_overrun() {
            return Err(DecodeError::Truncated { what: "rows", at });
        }
        model.budget = Rows::TEXT_MAX.saturating_sub(reading.text);
        let coded = model.row(&mut coder, &Coded::default());
        reading.push(row as u32, coded, model.tables());
        if reading.text > Rows::TEXT_MAX {
            let why = format!("more text than a batch holds ({})", Rows::TEXT_MAX);
            return Err(DecodeError::Invalid { what: "rows", at, why });
        }
    }
    match coder.excess() {
        0 => Ok(reading.rows),
        left if left > 0 => Err(DecodeError::Trailing { left: left as usize, at }),
        _ => Err(DecodeError::Truncated { what: "rows", at }),
    }
}

/// Rows as they are read: only the strings that they use, numbered anew.
struct Reading {
    rows: Rows,
    known: Known,
    /// Bytes of the profile, the strings and the bodies.
    text: usize,
}

impl Reading {
    fn new(len: usize, profile: Vec<u8>) -> Self {
        let mut rows = Rows::with_capacity(len);
        rows.profile = profile;
        let known = Known { writers: Vec::new(), names: Vec::new(), reasons: Vec::new() };
        let text = rows.profile.len();
        Self { rows, known, text }
    }

    fn push(&mut self, at: u32, row: Coded, [writers, names, reasons]: [&mut Dictionary; 3]) {
        let Self { rows, known, text } = self;
        let mut number =
            |known: &mut Vec<u32>, table: &mut super::Strings, from: &Dictionary, number: u32| {
                if known.len() <= number as usize {
                    known.resize(number as usize + 1, u32::MAX);
                }
                let slot = &mut known[number as usize];
                if *slot == u32::MAX {
                    let string = from.text(number);
                    *text += string.len();
                    *slot = table.push(string);
                }
                *slot
            };
        rows.writer.push(number(&mut known.writers, &mut rows.writers, writers, row.writer));
        rows.actor.push(number(&mut known.names, &mut rows.names, names, row.actor));
        rows.target.push(if row.shape.about_nobody {
            NOBODY
        } else {
            number(&mut known.names, &mut rows.names, names, row.target)
        });
        rows.reason.push(number(&mut known.reasons, &mut rows.reasons, reasons, row.reason));
        rows.seq.push(row.seq);
        rows.seconds.push(row.seconds);
        rows.count.push(row.shape.count);
        rows.kind.push(row.shape.kind);
        rows.flags.push(row.shape.flags);
        rows.origin.push(row.shape.origin);
        rows.delta.push(row.delta);
        rows.total.push(row.total);
        if !row.shape.body.is_empty() {
            *text += row.shape.body.len();
            rows.bodies.push((at, row.shape.body));
        }
    }
}
