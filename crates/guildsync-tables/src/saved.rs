//! What table sync keeps from run to run.

use std::collections::BTreeMap;

use guildsync_types::MemberName;
use guildsync_wire::bytes::{DecodeError, Reader, Writer};

use crate::log::{self, Logs};
use crate::message::SessionId;
use crate::report::{TableReport, TableState};

/// The most sessions that are kept unfinished, and members whose time of the last sync is known.
const SESSIONS_MAX: usize = 256;
const MEMBERS_MAX: usize = 1 << 14;

/// What table sync keeps from run to run: sessions that are not finished, when each member was synced, and
/// the two logs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Saved {
    /// When a session with each member was last completed, in seconds since 1970.
    pub synced: BTreeMap<MemberName, u64>,
    /// Sessions that this member began and that were interrupted, by the other side.
    pub unfinished: BTreeMap<MemberName, Unfinished>,
    /// What happened.
    pub logs: Logs,
}

/// A session that goes on when the other side is there again. What it has merged is durable, so it begins
/// by comparing what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Which.
    pub session: SessionId,
    /// The round that was last.
    pub round: u8,
    /// The cut, as a second since 1970.
    pub cut: Option<u64>,
    /// When it began, in seconds since 1970.
    pub began: u64,
    /// How far its tables were, by [`TableKind::index`](crate::TableKind::index).
    pub tables: [TableReport; 5],
}

impl Saved {
    /// The bytes that a store keeps.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::new();
        w.varint(self.synced.len().min(MEMBERS_MAX) as u64);
        for (member, at) in self.synced.iter().take(MEMBERS_MAX) {
            w.str(member.as_str());
            w.varint(*at);
        }
        w.varint(self.unfinished.len().min(SESSIONS_MAX) as u64);
        for (member, one) in self.unfinished.iter().take(SESSIONS_MAX) {
            w.str(member.as_str());
            w.varint(one.session.0.into());
            w.u8(one.round);
            w.varint(one.cut.map_or(0, |cut| cut.saturating_add(1)));
            w.varint(one.began);
            for table in &one.tables {
                w.u8(table.state as u8);
                let TableReport { received, added, updated, deleted, sent, .. } = *table;
                for n in [received, added, updated, deleted, sent] {
                    w.varint(n.into());
                }
            }
        }
        self.logs.encode(&mut w);
        w.into_vec()
    }

    /// Reads what [`Saved::encode`] wrote.
    ///
    /// # Errors
    /// The field that is wrong, and where.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let mut saved = Self::default();
        for _ in 0..r.count(MEMBERS_MAX, 2, "members")? {
            let member = log::member(&mut r)?;
            saved.synced.insert(member, r.varint("synced")?);
        }
        for _ in 0..r.count(SESSIONS_MAX, 30, "sessions")? {
            let member = log::member(&mut r)?;
            saved.unfinished.insert(member, unfinished(&mut r)?);
        }
        saved.logs = Logs::decode(&mut r)?;
        r.finish()?;
        Ok(saved)
    }
}

fn unfinished(r: &mut Reader<'_>) -> Result<Unfinished, DecodeError> {
    let session = SessionId(r.varint("session")? as u32);
    let round = r.u8("round")?;
    let cut = r.varint("cut")?.checked_sub(1);
    let began = r.varint("began")?;
    let mut tables = [TableReport::default(); 5];
    for table in &mut tables {
        let at = r.at();
        let states = [TableState::Pending, TableState::InProgress, TableState::Completed];
        let state = states.get(usize::from(r.u8("state")?)).copied();
        let state = state.ok_or_else(|| r.invalid("state", at, "there are three, 0 to 2"))?;
        let mut number = || Ok::<_, DecodeError>(r.varint("count")? as u32);
        let (received, added) = (number()?, number()?);
        let (updated, deleted, sent) = (number()?, number()?, number()?);
        *table = TableReport { state, received, added, updated, deleted, sent };
    }
    Ok(Unfinished { session, round, cut, began, tables })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{Line, Step};
    use crate::report::Side;

    #[test]
    fn what_is_saved_reads_back_and_no_shorter_text_does() {
        let member = |name| MemberName::new(name).unwrap();
        let mut saved = Saved::default();
        saved.synced.insert(member("Brindle-Eonar"), 1_734_253_027);
        let mut tables = [TableReport::default(); 5];
        tables[4] = TableReport { state: TableState::InProgress, received: 400, ..tables[4] };
        let session = SessionId(7);
        let one = Unfinished { session, round: 2, cut: Some(0), began: 9, tables };
        saved.unfinished.insert(member("Oakhand-Eonar"), one);
        let text = "x".repeat(LINE_BYTES + 1);
        let line = Line { at: 1, session, peer: member("Oakhand-Eonar"), step: Step::Send, text };
        for side in [Side::Initiator, Side::Responder] {
            (0..4).for_each(|_| saved.logs.push(side, 3, line.clone()));
            assert_eq!(saved.logs.of(side).count(), 3);
        }
        let bytes = saved.encode();
        assert_eq!(Saved::decode(&bytes), Ok(saved));
        for n in 0..bytes.len() {
            assert!(Saved::decode(&bytes[..n]).is_err(), "{n}");
        }
    }

    const LINE_BYTES: usize = log::LINE_BYTES_MAX;
}
