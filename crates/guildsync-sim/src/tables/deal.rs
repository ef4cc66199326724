//! What there is at the beginning: a setup of each guild that has one, and records that some members hold
//! and others lack, or have in another version.

use guildsync::tables::{GuildName, Record, RecordId, TableKind, Updated};
use guildsync::wire::lua::Table;

use super::options::guild;
use super::{Run, users};
use crate::world::Edit;

impl Run {
    /// Some records are there from the beginning: each with some of the members.
    pub(super) fn deal(&mut self) -> Result<(), String> {
        let n = self.world.len();
        let epoch_s = self.world.setup().epoch_ms / 1000;
        for own in 0..self.options.linked.len() {
            let Some(linked) = self.options.linked[own].clone() else { continue };
            let seconds = epoch_s - self.dice.between(4 * 86_400, 90 * 86_400);
            let id = users::setup_id(&guild(own));
            let data = users::setup(&linked, 0);
            let record = record(TableKind::Setup, guild(own), &id, seconds, data)?;
            // Whoever is of another guild gets it from this one.
            let who = (0..n).filter(|one| self.options.guild_of[*one] == own);
            let who: Vec<usize> = who.filter(|_| self.dice.happens(0.8)).collect();
            let all = self.dice.happens(0.7);
            for member in (0..n).filter(|one| match all {
                true => self.options.guild_of[*one] == own,
                false => who.contains(one),
            }) {
                self.world.edit(member, Edit::Take(Box::new(record.clone())));
            }
        }
        let spread = self.dice.unit();
        for i in 0..self.options.n_records {
            let table =
                [TableKind::Roster, TableKind::News, TableKind::Calendar, TableKind::GuildInfo]
                    [self.dice.below(4)];
            let own = guild(self.dice.below(self.options.linked.len()));
            let id = match table {
                TableKind::Roster => format!("Alt{i}-Greyhollow"),
                _ => format!("{i:018}"),
            };
            let seconds = match self.dice.happens(0.05) {
                true => Updated::DEFAULT_SECONDS,
                false => epoch_s - self.dice.scale(4.0 * 86_400.0, 100.0 * 86_400.0) as u64,
            };
            let data = users::content(&mut self.dice);
            let mut one = record(table, own.clone(), &id, seconds, data)?;
            for member in 0..n {
                if self.dice.happens(spread) {
                    // Some have an older version of it.
                    if self.dice.happens(0.05) {
                        let data = users::content(&mut self.dice);
                        one = record(table, own.clone(), &id, seconds + 1, data)?;
                    }
                    self.world.edit(member, Edit::Take(Box::new(one.clone())));
                }
            }
        }
        self.world.advance(5_000 + 3_000 * u64::from(self.options.n_records > 40))?;
        self.until_written()?;
        self.world.set_group(&(0..n).collect(), 0);
        self.world.advance(1_000)
    }

    /// Waits until nobody's disk is busy any more.
    fn until_written(&mut self) -> Result<(), String> {
        while (0..self.world.len()).any(|one| self.world.member(one).is_writing()) {
            self.world.advance(1_000)?;
        }
        Ok(())
    }
}

fn record(
    table: TableKind,
    guild: GuildName,
    id: &str,
    seconds: u64,
    data: Table,
) -> Result<Record, String> {
    let id = RecordId::new(id).map_err(|why| why.to_string())?;
    Record::new(table, guild, id, Updated::at(seconds), data).map_err(|why| why.to_string())
}
