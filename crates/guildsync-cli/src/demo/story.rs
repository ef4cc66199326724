//! What happens, step by step. Every step matters: without it some stores end different.

use std::collections::BTreeMap;
use std::path::PathBuf;

use guildsync::store;
use guildsync::tables::Report;
use guildsync::tables::message::Status;
use guildsync::transport::memory::{Hub, Traffic};
use guildsync::types::{Hash, MemberName, Points, Reason, Time};
use guildsync::{Local, Node};

use super::cast::{Cast, Player, award};
use super::show::Show;
use super::{sheets, tables};
use crate::failure::Failure;

/// A step that the tests leave out, to see that it was needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    LateJoin,
    Takeover,
    ManualSync,
    TableSync,
    Sheet,
}

/// How it ended.
pub(super) struct Ending {
    pub(super) lines: Vec<Line>,
    pub(super) traffic: Traffic,
    pub(super) tables: tables::Ending,
    pub(super) sheets: sheets::Ending,
}

/// How it ended for one member.
pub(super) struct Line {
    pub(super) name: MemberName,
    pub(super) part: &'static str,
    pub(super) before: usize,
    pub(super) after: usize,
    pub(super) n_sent: u64,
    pub(super) n_received: u64,
    pub(super) state_hash: Hash,
}

impl Ending {
    /// Whether all stores hold the same.
    pub(super) fn converged(&self) -> bool {
        let lines = self.lines.windows(2).all(|pair| pair[0].state_hash == pair[1].state_hash);
        lines && self.tables.converged() && self.sheets.converged()
    }
}

/// A member on the stage, or off it.
pub(super) struct Actor {
    pub(super) name: MemberName,
    part: &'static str,
    path: PathBuf,
    at: Place,
    before: usize,
    n_sent: u64,
    n_received: u64,
}

enum Place {
    Alone(Box<Local>),
    Raiding(Node),
    Gone,
}

/// The raid while it is on.
pub(super) struct Raid<'a, C> {
    pub(super) hub: Hub,
    pub(super) actors: Vec<Actor>,
    pub(super) clock: C,
    show: &'a mut Show,
}

/// Officers and the late joiner, by their places in the cast.
const LEADER: usize = 0;
const SECOND: usize = 1;
const THIRD: usize = 2;
/// A raider.
const RAIDER: usize = 3;
/// Who is in which guild, of those who sync their tables or are asked how they are.
const IN_GUILD: [(usize, usize); 4] = [(LEADER, 0), (SECOND, 0), (THIRD, 1), (RAIDER, 1)];

/// Plays the story and returns how it ended, read from the closed stores.
pub(super) async fn tell<C>(
    mut cast: Cast,
    clock: C,
    without: Option<Step>,
    show: &mut Show,
) -> Result<Ending, Failure>
where
    C: Fn() -> Time + Clone + Send + 'static,
{
    tables::fill(&mut cast.players, [SECOND, THIRD], clock())?;
    let mut raid = Raid { hub: Hub::new(), actors: Vec::new(), clock, show };
    raid.apart(cast.players)?;
    let last = raid.actors.len() - 1;
    let names: Vec<MemberName> = raid.actors.iter().map(|actor| actor.name.clone()).collect();

    raid.join(0..last);
    raid.hub.set_leader(names[LEADER].clone());
    raid.settle(LEADER).await?;
    raid.tell(format!("The raid forms: {last} members, led by {}", names[LEADER]))?;

    for officer in [LEADER, SECOND, THIRD] {
        raid.award(officer, &names[..4], "Boss kill, live").await?;
    }
    raid.settle(LEADER).await?;
    raid.tell("Three officers award live, everyone hears it".to_owned())?;

    if without != Some(Step::LateJoin) {
        raid.join(last..last + 1);
        raid.settle(LEADER).await?;
        raid.tell(format!("{} comes late and is brought up to date", names[last]))?;
    }

    raid.leave(LEADER).await?;
    if without != Some(Step::Takeover) {
        raid.hub.set_leader(names[SECOND].clone());
        raid.settle(SECOND).await?;
    }
    raid.award(SECOND, &names[2..5], "Boss kill, second leader").await?;
    raid.join(LEADER..LEADER + 1);
    raid.settle(SECOND).await?;
    raid.tell(format!(
        "{} leaves, {} takes over and brings the old leader up to date when it is back",
        names[LEADER], names[SECOND]
    ))?;

    raid.node(THIRD)?.set_enabled(false).await?;
    raid.award(THIRD, &names[..2], "Noted with sync off").await?;
    raid.node(THIRD)?.set_enabled(true).await?;
    if without != Some(Step::ManualSync) {
        raid.node(THIRD)?.manual_sync().await?;
        raid.settle(THIRD).await?;
    }
    raid.tell(format!("{} had sync off for a while and syncs by hand", names[THIRD]))?;

    let presence = raid.presence().await?;
    let report = match without == Some(Step::TableSync) {
        true => None,
        false => raid.sync_tables().await?,
    };
    let sheet = match without == Some(Step::Sheet) {
        true => None,
        false => Some(raid.play_sheet(SECOND).await?),
    };
    raid.end(presence, report, sheet).await
}

impl<C: Fn() -> Time + Clone + Send + 'static> Raid<'_, C> {
    /// Officers award while nobody else is there.
    fn apart(&mut self, players: Vec<Player>) -> Result<(), Failure> {
        let names: Vec<MemberName> = players.iter().map(|p| p.name.clone()).collect();
        let last = players.len() - 1;
        // Whatever profile the leader begins with is what the officers use while apart, too.
        let active = players[LEADER].local.profiles().active().profile().clone();
        for (i, Player { name, mut local }) in players.into_iter().enumerate() {
            let part = match i {
                LEADER => "leader",
                SECOND | THIRD => "officer",
                _ if i == last => "late joiner",
                _ => "raider",
            };
            if i <= THIRD {
                local.change(|profiles| {
                    if profiles.get(&active.id).is_none() {
                        profiles.add(active.clone())?;
                    }
                    Ok::<_, Failure>(profiles.switch(&active.id)?)
                })?;
                for n in 0..3 {
                    let from = (i + n) % (names.len() - 3);
                    award(
                        &mut local,
                        &names[from..from + 3],
                        "Helped a guildmate",
                        (self.clock)(),
                    )?;
                }
            }
            let before = local.profiles().iter().map(guildsync::log::Log::len).sum();
            let path = local.store().path().to_owned();
            let at = Place::Alone(Box::new(local));
            self.actors.push(Actor { name, part, path, at, before, n_sent: 0, n_received: 0 });
        }
        self.tell(format!("{}, {} and {} award while apart", names[0], names[1], names[2]))
    }

    fn join(&mut self, which: std::ops::Range<usize>) {
        for actor in &mut self.actors[which] {
            if let Place::Alone(mut local) = std::mem::replace(&mut actor.at, Place::Gone) {
                local.set_sheet_config(sheets::config());
                let end = self.hub.join(actor.name.clone());
                actor.at = Place::Raiding(Node::spawn(*local, end, self.clock.clone()));
            }
        }
    }

    async fn leave(&mut self, which: usize) -> Result<(), Failure> {
        let actor = &mut self.actors[which];
        if let Place::Raiding(node) = std::mem::replace(&mut actor.at, Place::Gone) {
            let status = node.status();
            actor.at = Place::Alone(Box::new(node.stop().await?));
            actor.n_sent += status.borrow().n_sent;
            actor.n_received += status.borrow().n_received;
        }
        Ok(())
    }

    /// The nodes of all who are in the raid.
    pub(super) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.actors.iter().filter_map(|actor| match &actor.at {
            Place::Raiding(node) => Some(node),
            _ => None,
        })
    }

    pub(super) fn node(&self, which: usize) -> Result<&Node, Failure> {
        match &self.actors[which].at {
            Place::Raiding(node) => Ok(node),
            _ => Err(Failure::error(format!("{} is not in the raid", self.actors[which].name))),
        }
    }

    async fn award(
        &self,
        officer: usize,
        targets: &[MemberName],
        deed: &str,
    ) -> Result<(), Failure> {
        let (delta, reason) = (Points::from_hundredths(1250)?, Reason::new(deed)?);
        self.node(officer)?.award(targets.to_vec(), delta, reason).await?;
        Ok(())
    }

    /// Waits until no message is under way and nobody waits for anyone, showing how the members
    /// stand with their coordinator.
    pub(super) async fn settle(&mut self, coordinator: usize) -> Result<(), Failure> {
        let mut lead = self.node(coordinator)?.status();
        let n = self.nodes().count();
        loop {
            tokio::select! {
                () = self.hub.quiet() => {}
                changed = lead.changed() => {
                    if changed.is_ok() {
                        self.show.progress(&lead.borrow().progress, n - 1);
                    }
                    continue;
                }
            }
            let waiting = self.nodes().map(Node::status).find(|status| status.borrow().is_waiting);
            let Some(mut waiting) = waiting else { break };
            // Whoever waits is woken by an answer or by its own deadline.
            if waiting.wait_for(|status| !status.is_waiting).await.is_err() {
                break;
            }
        }
        self.show.settled();
        Ok(())
    }

    /// Asks who is online: how each of those who are in a guild says that it is.
    async fn presence(&mut self) -> Result<Vec<(MemberName, String)>, Failure> {
        for (who, guild) in IN_GUILD {
            self.node(who)?.set_guild(tables::guild(guild)?).await?;
        }
        self.node(LEADER)?.set_fighting(true).await?;
        self.node(SECOND)?.ask_who_is_online().await?;
        self.settle(SECOND).await?;
        let status = self.node(SECOND)?.status();
        let how = |status: Status| match status {
            Status::Ready => "ready".to_owned(),
            Status::Busy(why) => format!("busy ({why})"),
        };
        let presence = status.borrow().presence.clone();
        let presence: Vec<(MemberName, String)> =
            presence.into_iter().map(|(member, present)| (member, how(present.status))).collect();
        let said: Vec<String> =
            presence.iter().map(|(member, how)| format!("{member} is {how}")).collect();
        let who = &self.actors[SECOND].name;
        self.show.act(format!("{who} asks who is online: {}", said.join(", ")))?;
        Ok(presence)
    }

    /// Two members of two guilds bring their tables to the same.
    async fn sync_tables(&mut self) -> Result<Option<Box<Report>>, Failure> {
        let [one, other] = [SECOND, THIRD].map(|which| self.actors[which].name.clone());
        self.node(SECOND)?.start_tables(Some(vec![other.clone()]), None).await?;
        self.settle(SECOND).await?;
        let report = self.node(SECOND)?.status().borrow().table_report.clone();
        let done = report.as_ref().map_or_else(String::new, |report| {
            format!(": {} records come, {} go", report.received(), report.sent())
        });
        self.tell(format!("{one} and {other}, of two linked guilds, sync their tables{done}"))?;
        Ok(report)
    }

    pub(super) fn tell(&mut self, line: String) -> Result<(), Failure> {
        self.show.step(&line, self.hub.traffic())
    }

    /// Everyone leaves, every store is closed and read again.
    async fn end(
        mut self,
        presence: Vec<(MemberName, String)>,
        report: Option<Box<Report>>,
        sheet: Option<sheets::Told>,
    ) -> Result<Ending, Failure> {
        let traffic = self.hub.traffic();
        for which in 0..self.actors.len() {
            self.leave(which).await?;
        }
        let mut lines = Vec::new();
        let members = [SECOND, THIRD].map(|which| self.actors[which].name.clone());
        let (mut of_tables, mut of_sheets) = (BTreeMap::new(), Vec::new());
        for actor in self.actors {
            let Actor { name, part, path, at, before, n_sent, n_received } = actor;
            drop(at);
            let loaded = store::read(&path)?;
            if members.contains(&name) {
                let tables = (loaded.tables.len(), loaded.tables.state_hash());
                of_tables.insert(name.clone(), tables);
            }
            of_sheets.push(loaded.shelf.state_hash());
            let (after, state_hash) = (loaded.n_entries as usize, loaded.profiles.state_hash());
            lines.push(Line { name, part, before, after, n_sent, n_received, state_hash });
        }
        let of = |which: usize| of_tables.get(&members[which]).copied().unwrap_or_default();
        let ((n_records, one), (_, other)) = (of(0), of(1));
        let state_hashes = [one, other];
        let tables = tables::Ending { members, presence, report, n_records, state_hashes };
        let sheets = sheets::Ending::of(sheet, &of_sheets);
        Ok(Ending { lines, traffic, tables, sheets })
    }
}
