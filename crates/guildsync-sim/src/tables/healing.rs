//! What is demanded once nothing goes wrong any more: everyone holds what counts, and then says so in one
//! frame each way.

use std::collections::BTreeSet;

use guildsync::Input;
use guildsync::tables::message::Refused;
use guildsync::tables::{
    Dialect, Failure, GuildName, Mode, Outcome, Record, SetupRule, TableKind, Tables,
};

use super::Run;
use super::books::{Held, difference};
use super::faults::come;
use super::reference::{Party, scope, settle};
use crate::channel::Weather;
use crate::run::name;

/// How often everyone syncs with somebody of each guild who may pass things on: what one guild has for the
/// other two needs two hands.
const PASSES: usize = 3;
/// How often a session is tried again. It may meet one that goes on from before.
const TRIES_MAX: usize = 6;
/// How long all may be at work once they are healed, in virtual milliseconds.
const AT_REST_MS: u64 = 3 * 3_600_000;

impl Run {
    /// Nothing goes wrong any more: everyone is on line with the right time, and nothing that was written
    /// is of a time to come.
    pub(super) fn calm(&mut self) -> Result<(), String> {
        self.world.channel.heal();
        self.world.be_prompt();
        self.world.drop_late_frames();
        self.world.side().kill = None;
        for member in 0..self.world.len() {
            self.world.log_off(member);
            let skew_ms = self.world.member(member).skew_ms;
            self.world.shift_clock(member, -skew_ms);
        }
        let epoch_s = self.options.setup(false).epoch_ms / 1000;
        let last_ms = self.world.side().books.last_second().saturating_sub(epoch_s) * 1000;
        self.world.advance((last_ms + 10_000).saturating_sub(self.world.now()))?;
        for member in 0..self.world.len() {
            come(&mut self.world, member);
            let config = self.options.configs[member].clone();
            self.world.set_table_config(member, config);
            self.world.give(member, Input::Fighting(false));
        }
        self.world.advance(10_000)?;
        for member in 0..self.world.len() {
            let held = self.world.tables_of(member).map_or(0, |tables| tables.held().count());
            if held > 0 {
                return Err(format!(
                    "member {member} holds back {held} records whose time has come"
                ));
            }
        }
        Ok(())
    }

    /// Everyone gets what counts.
    pub(super) fn heal(&mut self) -> Result<(), String> {
        let is_exact = self.grows_only();
        let expected = self.expected();
        let began = self.world.now();
        self.world.channel.set_weather(self.options.faults.mild_weather());
        (0..self.world.len()).for_each(|member| self.world.give(member, Input::TableAsk));
        for pass in 0..PASSES {
            if pass == 1 {
                self.world.channel.set_weather(Weather::calm());
            }
            self.rest()?;
            for (hub, other) in self.pairs() {
                self.sync(hub, other)?;
            }
        }
        self.rest()?;
        self.heal_ms = self.world.now() - began;
        self.compare(&expected, is_exact)
    }

    /// Whether nobody holds a deleted setup: what two may share only grows then, and in the end everyone
    /// holds the same whoever synced with whom first.
    fn grows_only(&mut self) -> bool {
        let is_gone = |(key, version): (&guildsync::tables::RecordKey, &super::books::Version)| {
            key.table == TableKind::Setup && version.deleted
        };
        !self.parties().iter().any(|party| party.held.iter().any(is_gone))
    }

    /// What each member has to hold in the end.
    fn expected(&mut self) -> Vec<Held> {
        let rights = self.options.rights();
        let mut parties = self.parties();
        settle(&mut parties, &self.world.side().books, &rights);
        parties.into_iter().map(|party| party.held).collect()
    }

    fn parties(&mut self) -> Vec<Party> {
        let n = self.world.len();
        let guilds = self.options.configs[0].guilds;
        let side = self.world.side();
        let party = |member: usize| {
            let one = &side.members[member];
            let (name, guild) = (one.name.clone(), one.guild.clone());
            Party { name, guild, guilds, held: side.books.now(member).clone() }
        };
        (0..n).map(party).collect()
    }

    /// Everyone holds what is expected: exactly that, or at least.
    fn compare(&mut self, expected: &[Held], is_exact: bool) -> Result<(), String> {
        let keeps_setup = self.options.configs[0].setup == SetupRule::WhereMissing;
        let without = |held: &Held| {
            let mut held = held.clone();
            held.retain(|key, _| !keeps_setup || key.table != TableKind::Setup);
            held
        };
        let forger = self.options.forger;
        for member in (0..self.world.len()).filter(|one| forger != Some(*one)) {
            let mut now = without(self.world.side().books.now(member));
            let expected = without(&expected[member]);
            if !is_exact {
                now.retain(|key, _| expected.contains_key(key));
                now.iter_mut().for_each(|(key, now)| *now = (*now).min(expected[key]));
            }
            if let Some(why) = difference(&now, &expected) {
                return Err(format!("member {member} does not hold what counts: {why}"));
            }
        }
        // Where everyone shares everything, nothing is missing that anybody was told is durable and some
        // disk kept. What was on its way when the disks that had it went back may have arrived besides.
        let is_one = self.options.linked.len() == 1 && self.options.rights().is_open();
        let books = &self.world.side().books;
        let (mut now, best) = (without(books.now(0)), without(books.best()));
        now.retain(|key, _| best.contains_key(key));
        now.iter_mut().for_each(|(key, now)| *now = (*now).min(best[key]));
        match difference(&now, &best).filter(|_| is_one) {
            Some(why) => Err(format!("something acknowledged is lost: {why}")),
            None => Ok(()),
        }
    }

    /// Who syncs with whom: in each guild one who may pass on what it has, with everybody.
    fn pairs(&mut self) -> Vec<(usize, usize)> {
        let (n, rights) = (self.world.len(), self.options.rights());
        let hubs = (0..self.options.linked.len()).filter_map(|own| {
            let mut members = (0..n).filter(|one| self.options.guild_of[*one] == own);
            members.find(|one| {
                let is_able = rights.is_open() || rights.is_officer(&name(*one));
                is_able && self.options.forger != Some(*one)
            })
        });
        let hubs: Vec<usize> = hubs.collect();
        let pairs = hubs.into_iter().flat_map(|hub| (0..n).map(move |other| (hub, other)));
        pairs.filter(|(hub, other)| hub != other).collect()
    }

    /// Lets a member sync with another, however often that has to be tried.
    pub(super) fn sync(&mut self, one: usize, other: usize) -> Result<(), String> {
        let forger = self.options.forger;
        let is_forged = forger == Some(one) || forger == Some(other);
        let mut last = None;
        for _ in 0..TRIES_MAX {
            let mode = if self.dice.happens(0.3) { Some(Mode::All) } else { None };
            self.world.side().members[one].ended.clear();
            self.world.give(one, Input::TableStart { with: Some(vec![name(other)]), mode });
            let ended = self.wait_for(one, other)?;
            match &ended {
                Some(Outcome::Complete) => return Ok(()),
                Some(Outcome::Failed(Failure::Refused(Refused::NotFederated))) => {
                    return self.are_apart(one, other);
                }
                _ if is_forged => return Ok(()),
                _ => {}
            }
            last = ended;
            self.world.advance(30_000)?;
        }
        Err(format!("no session of member {one} with member {other} is completed: {last:?}"))
    }

    /// Runs until a session with the other ended. `None`: none did.
    fn wait_for(&mut self, one: usize, other: usize) -> Result<Option<Outcome>, String> {
        let until = self.world.now() + AT_REST_MS;
        loop {
            self.world.advance(500)?;
            let ended = &self.world.side().members[one].ended;
            if let Some(report) = ended.iter().rev().find(|report| report.peer == name(other)) {
                return Ok(Some(report.outcome.clone()));
            }
            if self.world.now() > until || self.is_at_rest(&[one]) {
                return Ok(None);
            }
        }
    }

    /// Two members who refuse each other have to be in guilds that are not linked with each other.
    fn are_apart(&mut self, one: usize, other: usize) -> Result<(), String> {
        let parties = self.parties();
        let books = &self.world.side().books;
        match scope(&parties[one], &parties[other], books) {
            None => Ok(()),
            Some(_) => Err(format!("member {one} and member {other} are linked and do not sync")),
        }
    }

    fn is_at_rest(&self, members: &[usize]) -> bool {
        let settled = |member: &usize| {
            self.world.member(*member).replica().is_none_or(guildsync::Replica::is_settled)
        };
        members.iter().all(settled)
    }

    /// Waits until nothing is under way any more.
    pub(super) fn rest(&mut self) -> Result<(), String> {
        let all: Vec<usize> = (0..self.world.len()).collect();
        let until = self.world.now() + AT_REST_MS;
        loop {
            self.world.advance(1_000)?;
            if self.is_at_rest(&all) {
                return Ok(());
            }
            if self.world.now() > until {
                let busy: Vec<&usize> =
                    all.iter().filter(|one| !self.is_at_rest(&[**one])).collect();
                let hours = AT_REST_MS / 3_600_000;
                return Err(format!("members {busy:?} are at work after {hours} quiet hours"));
            }
        }
    }

    /// Sessions of equal tables take one message each way.
    pub(super) fn say_so(&mut self) -> Result<(), String> {
        for (one, other) in self.pairs() {
            let parties = self.parties();
            let side = self.world.side();
            let Some(scope) = scope(&parties[one], &parties[other], &side.books) else { continue };
            let in_scope = |member: usize| -> Held {
                let record = |version| side.books.record(version);
                let is_in = |record: &Record| scope.contains(record.guild());
                let held = side.books.now(member).iter();
                let held = held.filter(|(_, version)| record(version).is_some_and(is_in));
                held.map(|(key, version)| (key.clone(), *version)).collect()
            };
            if in_scope(one) != in_scope(other) || !self.knows_scope(one, other, &scope) {
                continue;
            }
            let (frames, messages) = (self.world.trace.frames, self.world.side().sums.messages);
            self.sync(one, other)?;
            self.rest()?;
            let n_messages = self.world.side().sums.messages - messages;
            let n_frames = self.world.trace.frames - frames;
            // In text, words are longer than a frame.
            let configs = &self.options.configs;
            let is_text = [one, other].iter().any(|one| configs[*one].dialect == Dialect::Text);
            if n_messages != 2 || (n_frames != 2 && !is_text) {
                return Err(format!(
                    "members {one} and {other} hold the same, and told each other so in {n_messages} \
                     messages, {n_frames} frames"
                ));
            }
            self.world.seen.hit("session: one frame each way");
        }
        Ok(())
    }

    /// Whether neither has guilds in scope that the other has not: then a round more is needed.
    fn knows_scope(&mut self, one: usize, other: usize, scope: &BTreeSet<GuildName>) -> bool {
        let parties = self.parties();
        let books = &self.world.side().books;
        let alone = |party: &Party| super::reference::scope(party, party, books);
        alone(&parties[one]).as_ref() == Some(scope) && alone(&parties[other]).is_some()
    }

    /// Every program is killed and starts again: what it held is what its disk holds.
    pub(super) fn restart(&mut self) -> Result<(), String> {
        for member in 0..self.world.len() {
            let Some(tables) = self.world.tables_of(member).map(Tables::state_hash) else {
                continue;
            };
            self.world.kill(member);
            self.world.start(member);
            let now = self.world.tables_of(member);
            if let Some(now) = now
                && now.state_hash() != tables
            {
                return Err(format!("member {member} held what is not on its disk"));
            }
            if let Some(now) = now.cloned() {
                self.world.side().books.check_whole(member, &now)?;
            }
        }
        self.world.advance(5_000)
    }
}
