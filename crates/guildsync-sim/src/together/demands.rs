//! What is demanded of a raid in which everything happens at once: all of it arrives, and soon.

use super::*;

/// An award is everywhere within so long: what live frames miss a heartbeat finds.
const AWARD_MS: u64 = 120_000;
/// 99 of 100 ways of an award to a member take no longer.
const AWARD_99_MS: u64 = 60_000;
/// 90 of 100 screens have followed the cursor within so long, before it moves on. Whoever moves it in a version
/// that others have edited since is followed once it has that edit, and a frame with it may be lost to one
/// member three times in a row: then nobody follows one of twenty moves. Over all raids of a campaign 99 of 100
/// have followed ([`Times::is_followed`]).
const CURSOR_90_MS: u64 = POINT_EVERY_MS;
/// The session of tables is over within so long.
const SESSION_MS: u64 = 180_000;
/// The sheet is everywhere within so long.
const SHEET_MS: u64 = 120_000;
/// All are equal so long after the last act.
const SETTLE_MS: u64 = 240_000;

impl Times {
    /// Whether 99 of 100 screens have followed the cursor before it moved on, in all these raids together.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        100 * self.missed <= self.ways
    }
}

impl Run {
    /// Takes note of who has what by now.
    pub(super) fn look(&mut self, began: u64) -> Result<(), String> {
        let now = self.world.now();
        let Self { world, awards, ways, times, .. } = self;
        for award in awards.iter_mut() {
            award.lack.retain(|member| {
                let frontier = world.profiles(*member).active().frontier();
                let has = frontier.last(award.writer) >= award.last;
                if has {
                    ways.push(now - award.at);
                }
                !has
            });
            if award.lack.is_empty() {
                times.award_ms_max = times.award_ms_max.max(now - award.at);
            }
        }
        awards.retain(|award| !award.lack.is_empty());
        if let Some(late) = awards.first().filter(|award| now > award.at + AWARD_MS) {
            let (n, s) = (late.lack.len(), AWARD_MS / 1000);
            return Err(format!("{n} members lack an award of {s} s ago: {:?}", late.lack));
        }
        let document = self.document();
        if self.times.sheet_ms_max == 0 {
            let lack = (0..MEMBERS).filter(|one| self.world.shelf(*one).get(document).is_none());
            match lack.count() {
                0 => self.times.sheet_ms_max = now - began,
                n if now > began + SHEET_MS => {
                    return Err(format!("{n} members lack the sheet after {} s", SHEET_MS / 1000));
                }
                _ => {}
            }
        }
        if self.times.session_ms_max == 0 {
            let (one, other) = self.pair;
            let ended = &self.world.side().members[one].ended;
            let mut with = ended.iter().filter(|report| report.peer == name(other));
            if with.any(|report| report.outcome == SessionOutcome::Complete) {
                self.times.session_ms_max = now - began;
            } else if now > began + SESSION_MS {
                return Err(format!("the tables are not synced after {} s", SESSION_MS / 1000));
            }
        }
        Ok(())
    }

    /// Nobody does anything any more: all logs are equal, all sheets, and the tables of the two.
    pub(super) fn become_equal(&mut self) -> Result<(), String> {
        let began = self.world.now();
        while let Some(why) = self.difference() {
            if self.world.now() > began + SETTLE_MS {
                return Err(format!("not equal after {} s: {why}", SETTLE_MS / 1000));
            }
            self.world.advance(LOOK_EVERY_MS)?;
            self.look(began)?;
        }
        self.times.settle_ms_max = self.world.now() - began;
        self.look(began)?;
        for member in 0..MEMBERS {
            let id = self.world.profiles(member).active_id();
            self.world.check_complete(member, &id)?;
            let world = &self.world;
            let books = world.sheets.books.as_ref();
            books.map_or(Ok(()), |books| books.check_complete(member, world.shelf(member)))?;
        }
        Ok(())
    }

    fn difference(&self) -> Option<String> {
        let log = |member| self.world.profiles(member).active().digest();
        let sheets = |member| self.world.shelf(member).state_hash();
        let differs = |one: &usize| log(*one) != log(0) || sheets(*one) != sheets(0);
        if let Some(member) = (1..MEMBERS).find(differs) {
            let entries = |member| Log::len(self.world.profiles(member).active());
            let is_log = log(member) != log(0);
            return Some(format!(
                "member {member} has {} entries, member 0 {}; their {} differ",
                entries(member),
                entries(0),
                if is_log { "logs" } else { "sheets" },
            ));
        }
        let tables = |member| self.world.tables_of(member).map(Tables::state_hash);
        if tables(self.pair.0) != tables(self.pair.1) {
            return Some("the tables of the two differ".to_owned());
        }
        let rests = |one: usize| self.world.member(one).replica().is_none_or(Replica::is_settled);
        let restless = (0..MEMBERS).find(|one| !rests(*one))?;
        Some(format!("member {restless} still waits for something"))
    }

    /// How long things took, against what they may.
    pub(super) fn check_times(&mut self) -> Result<(), String> {
        self.ways.sort_unstable();
        self.times.award_ms_99 = of_hundred(&self.ways, 99);
        let cursors = self.cursors();
        self.times.ways = cursors.len() as u64;
        self.times.missed = cursors.iter().filter(|ms| **ms > POINT_EVERY_MS).count() as u64;
        self.times.cursor_ms_90 = of_hundred(&cursors, 90);
        let demands = [
            ("99 of 100 ways of an award", self.times.award_ms_99, AWARD_99_MS),
            ("90 of 100 ways of a cursor", self.times.cursor_ms_90, CURSOR_90_MS),
        ];
        match demands.into_iter().find(|(_, ms, most)| ms > most) {
            Some((what, u64::MAX, most)) => {
                Err(format!("{what}: too many never end; {most} ms may be"))
            }
            Some((what, ms, most)) => Err(format!("{what} take {ms} ms, {most} may be")),
            None => Ok(()),
        }
    }

    /// How long each screen took to follow each move of the cursor, ascending; the greatest number for one
    /// that did not before the next move.
    fn cursors(&self) -> Vec<u64> {
        let mut took = Vec::new();
        for (nth, (at, by)) in self.points.iter().enumerate() {
            let until = self.points.get(nth + 1).map_or(u64::MAX, |next| next.0);
            let mut waiting: BTreeSet<usize> = (0..MEMBERS).filter(|one| one != by).collect();
            for shown in self.world.shown().iter().filter(|shown| (*at..until).contains(&shown.at))
            {
                if shown.by == name(*by) && waiting.remove(&shown.member) {
                    took.push(shown.at - at);
                }
            }
            took.extend(waiting.iter().map(|_| u64::MAX));
        }
        took.sort_unstable();
        took
    }
}

/// What `n` of a hundred are not above.
fn of_hundred(ascending: &[u64], n: usize) -> u64 {
    ascending.get(ascending.len() * n / 100).copied().unwrap_or(0)
}
