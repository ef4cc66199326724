//! What happened in sessions, step by step: one log of the initiator's side and one of the other's.
//!
//! Seeds 002 and 004 want the sender's and the receiver's log apart, with the steps' numbers, short, and
//! seed 003 wants the data in them: so there are numbers and one example at the summary level, all
//! records at the trace level, and never more than so many lines.

use std::collections::VecDeque;
use std::fmt;

use guildsync_types::MemberName;
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

use crate::message::SessionId;
use crate::report::Side;

/// The most bytes that a line's text keeps.
pub const LINE_BYTES_MAX: usize = 400;
/// The most lines that a log keeps, whatever the policy.
pub const LINES_MAX: usize = 10_000;

/// A step of a session, with the number it has in the logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Step {
    /// A session begins, or goes on.
    Initiate = 1,
    /// Ready or busy.
    Readiness = 2,
    /// What differs is found out.
    Compare = 3,
    /// What is missing is asked for.
    Request = 4,
    /// Records come.
    Receive = 5,
    /// Records go.
    Send = 6,
    /// What was sent is acknowledged.
    Acknowledge = 7,
    /// A table is complete.
    Table = 8,
    /// The session is over.
    Complete = 9,
}

impl Step {
    const ALL: [Self; 9] = [
        Self::Initiate,
        Self::Readiness,
        Self::Compare,
        Self::Request,
        Self::Receive,
        Self::Send,
        Self::Acknowledge,
        Self::Table,
        Self::Complete,
    ];
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, in seconds since 1970.
    pub at: u64,
    /// Of which session.
    pub session: SessionId,
    /// With whom.
    pub peer: MemberName,
    /// At which step.
    pub step: Step,
    /// What happened.
    pub text: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { session, peer, step, text, .. } = self;
        write!(f, "{:08x} {} step {}: {text}", session.0, peer.as_str(), *step as u8)
    }
}

/// The two logs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Logs {
    initiator: VecDeque<Line>,
    responder: VecDeque<Line>,
}

impl Logs {
    /// The lines of one side, the oldest first.
    pub fn of(&self, side: Side) -> impl DoubleEndedIterator<Item = &Line> {
        match side {
            Side::Initiator => self.initiator.iter(),
            Side::Responder => self.responder.iter(),
        }
    }

    /// Appends a line and forgets the oldest beyond `lines`.
    pub(crate) fn push(&mut self, side: Side, lines: usize, mut line: Line) {
        if line.text.len() > LINE_BYTES_MAX {
            let cut = (0..=LINE_BYTES_MAX).rev().find(|at| line.text.is_char_boundary(*at));
            line.text.truncate(cut.unwrap_or(0));
            line.text.push('…');
        }
        let log = self.log(side);
        log.push_back(line);
        while log.len() > lines.min(LINES_MAX) {
            log.pop_front();
        }
    }

    fn log(&mut self, side: Side) -> &mut VecDeque<Line> {
        match side {
            Side::Initiator => &mut self.initiator,
            Side::Responder => &mut self.responder,
        }
    }

    pub(crate) fn encode(&self, w: &mut Writer) {
        for log in [&self.initiator, &self.responder] {
            w.varint(log.len() as u64);
            for Line { at, session, peer, step, text } in log {
                w.varint(*at);
                w.varint(session.0.into());
                w.str(peer.as_str());
                w.u8(*step as u8);
                w.str(text);
            }
        }
    }

    pub(crate) fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut logs = Self::default();
        for side in [Side::Initiator, Side::Responder] {
            for _ in 0..r.count(LINES_MAX, 5, "lines")? {
                let line = line(r)?;
                logs.log(side).push_back(line);
            }
        }
        Ok(logs)
    }
}

fn line(r: &mut Reader<'_>) -> Result<Line, DecodeError> {
    let at = r.varint("time")?;
    let session = SessionId(r.varint("session")? as u32);
    let peer = member(r)?;
    let begins = r.at();
    let number = r.u8("step")?;
    let step = Step::ALL.into_iter().find(|step| *step as u8 == number);
    let step = step.ok_or_else(|| r.invalid("step", begins, "there are steps 1 to 9"))?;
    let text = r.str(LINE_BYTES_MAX + 4, "text")?.to_owned();
    Ok(Line { at, session, peer, step, text })
}

pub(crate) fn member(r: &mut Reader<'_>) -> Result<MemberName, DecodeError> {
    let at = r.at();
    let name = r.str(MemberName::BYTES_MAX, "member")?;
    MemberName::from_entry(name).map_err(|why| r.invalid("member", at, &why.to_string()))
}
