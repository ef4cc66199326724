//! The plan: which entries a file's rows become.
//!
//! Raid-wide rows list nobody, so a member's totals in the file are more than the sum of the rows that
//! name the member. An entry therefore sets the member's total ([`Basis::Total`]) where what came
//! before is not known: at the member's first row, and where "before" is missing or is not the last
//! "after". Every other entry adds ([`Basis::Delta`]). After an import into empty logs each member's
//! EP and GP are the member's last "after" in the file.

use std::collections::BTreeMap;

use guildsync_log::{Basis, Change, Draft, Log, Origins};
use guildsync_types::{MemberName, Points, Stamp};

use super::clock::Clock;
use super::report::{Bases, Refused, Report};
use super::row::{Body, Movement, Row};
use crate::occurrence::Occurrences;

/// The drafts of an import, in the order to append them, and what to tell about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// For the EP profile.
    pub ep: Vec<Draft>,
    /// For the GP profile.
    pub gp: Vec<Draft>,
    /// Rows, entries, notes, refusals.
    pub report: Report,
}

/// One profile's part of the plan while it is made.
#[derive(Debug, Default)]
struct Side<'a> {
    log: Option<Origins<'a>>,
    drafts: Vec<Draft>,
    occurrences: Occurrences,
    already_there: usize,
    bases: Bases,
    notes: usize,
    members: BTreeMap<&'a MemberName, Known>,
    /// Members whose total moves within the file's first second.
    moving: BTreeMap<&'a MemberName, Points>,
}

/// What the file said about a member's total so far.
#[derive(Debug, Clone, Copy)]
struct Known {
    after: Points,
    /// Whether an entry has set the total.
    begun: bool,
}

impl Plan {
    pub(super) fn make<'a>(rows: &'a [Row], ep: Option<&'a Log>, gp: Option<&'a Log>) -> Self {
        let clock = Clock::of(rows);
        let mut sides = [Side::of(ep), Side::of(gp)];
        // Rows without a time at the beginning are a different case: they are as old as the file.
        if rows.first().is_some_and(|row| row.seconds.is_some()) {
            look_ahead(&rows[..clock.n_first], &mut sides);
        }
        let mut report = Report {
            rows: rows.len(),
            untimed_rows: clock.untimed,
            backward_rows: clock.backward,
            without_any_time: clock.without_any_time,
            ..Report::default()
        };
        if !clock.without_any_time {
            let second = |stamp: &Stamp| Stamp::new(stamp.seconds(), 0).unwrap_or_default();
            report.first_time = clock.stamps.first().map(second);
            report.last_time = clock.stamps.last().map(second);
        }
        let mut members = BTreeMap::new();
        for (row, &stamp) in rows.iter().zip(&clock.stamps) {
            match &row.body {
                Err(why) => report.refused.push(Refused { row: row.number, why: why.clone() }),
                Ok(body) => {
                    if let Some(member) = &body.member {
                        report.named_rows += 1;
                        members.insert(member, ());
                    }
                    match plan_row(body, stamp, &mut sides) {
                        true => report.entry_rows += 1,
                        false => report.note_rows += 1,
                    }
                }
            }
        }
        let [ep, gp] = sides;
        report.members = members.len();
        report.notes = ep.notes + gp.notes;
        report.already_there = ep.already_there + gp.already_there;
        (report.ep, report.gp) = (ep.bases, gp.bases);
        Self { ep: ep.drafts, gp: gp.drafts, report }
    }
}

/// Plans one row; false if it became a note.
fn plan_row<'a>(body: &'a Body, stamp: Stamp, sides: &mut [Side<'a>; 2]) -> bool {
    let draft = |change| {
        let (actor, reason) = (body.actor.clone(), body.reason.clone());
        Draft { stamp, actor, change, reason, origin: None }
    };
    let mut moves = false;
    if let Some(member) = &body.member {
        for (side, movement) in sides.iter_mut().zip([body.ep, body.gp]) {
            if let Some((total, basis)) = side.follow(member, movement) {
                let (target, delta) = (member.clone(), movement.delta);
                side.put(draft(Change::Points { target, delta, total, basis }));
                moves = true;
            }
        }
    }
    if !moves {
        let note = draft(Change::Note { about: body.member.clone() });
        sides[usize::from(body.about_gp)].put(note);
    }
    moves
}

/// Finds the members whose total moves within the file's first second.
///
/// A longer file may have the beginning of that second. Its copies of these rows come first and count,
/// and what this file alone says sorts behind them. So where a member's first row leaves a total as it
/// is, and a row of the same second then moves it, only the latter may set it: otherwise the former,
/// which the longer file has no entry for, would take the movement back.
fn look_ahead<'a>(rows: &'a [Row], sides: &mut [Side<'a>; 2]) {
    let mut firsts = [BTreeMap::new(), BTreeMap::new()];
    for body in rows.iter().filter_map(|row| row.body.as_ref().ok()) {
        let Some(member) = &body.member else { continue };
        for (i, movement) in [body.ep, body.gp].into_iter().enumerate() {
            let Some(after) = movement.after else { continue };
            let first = *firsts[i].entry(member).or_insert(after);
            if movement.before != Some(after) || after != first {
                sides[i].moving.insert(member, after);
            }
        }
    }
}

impl<'a> Side<'a> {
    fn of(log: Option<&'a Log>) -> Self {
        Self { log: log.map(Log::origins), ..Self::default() }
    }

    /// Takes in what a row says about a member's total: the total and its basis if that is an entry.
    fn follow(&mut self, member: &'a MemberName, movement: Movement) -> Option<(Points, Basis)> {
        let Movement { before, after, .. } = movement;
        let after = after?;
        let known = self.members.get(member).copied();
        let fits = known.is_some_and(|known| before == Some(known.after));
        let stays = before == Some(after);
        let later = known.is_none() && stays && self.moving.contains_key(member);
        let begun = known.is_some_and(|known| known.begun);
        let basis = match (fits, stays) {
            _ if later => None,
            (true, true) => None,
            (true, false) if begun => Some(Basis::Delta),
            _ => Some(Basis::Total),
        };
        self.members.insert(member, Known { after, begun: begun || basis.is_some() });
        basis.map(|basis| (after, basis))
    }

    /// Numbers a draft and keeps it, unless the log has it already.
    fn put(&mut self, mut draft: Draft) {
        self.occurrences.number(&mut draft);
        if self.log.as_mut().is_some_and(|log| log.holds(&draft)) {
            self.already_there += 1;
            return;
        }
        match &draft.change {
            Change::Points { basis: Basis::Total, .. } => self.bases.total += 1,
            Change::Points { basis: Basis::Delta, .. } => self.bases.delta += 1,
            _ => self.notes += 1,
        }
        self.drafts.push(draft);
    }
}
