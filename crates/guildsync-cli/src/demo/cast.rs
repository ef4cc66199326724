//! Who takes part, and the history they start from.

use std::path::{Path, PathBuf};

use guildsync::log::{AppendError, Draft, Log, Segment};
use guildsync::store::Store;
use guildsync::types::{MemberName, Points, Reason, Stamp, Time};
use guildsync::{Config, Error, Local};

use super::show::Show;
use crate::commands::import;
use crate::failure::Failure;

/// How many raid nights the built-in sample spans, one a week.
const NIGHTS: u64 = 8;
/// How many awards a night has.
const AWARDS: usize = 40;

/// The members, in the order in which they are listed: leader, officers, raiders, late joiner.
pub(super) struct Cast {
    pub(super) players: Vec<Player>,
}

/// One member with its replica.
pub(super) struct Player {
    pub(super) name: MemberName,
    pub(super) local: Local,
}

impl Cast {
    /// Makes `n` members, each with an empty store in `folder`; the leader's takes in a history.
    pub(super) fn gather(
        folder: &Path,
        n: usize,
        config: &Config,
        history: Option<&Path>,
    ) -> Result<Self, Failure> {
        let player = |i: usize| -> Result<Player, Failure> {
            let name = name(i)?;
            let path = path(folder, i, &name);
            Store::create(&path, None)?.store.set_member(&name)?;
            if let Some(file) = history.filter(|_| i == 0) {
                import::history(&path, file)?;
            }
            let local = Local::open(&path, name.clone(), config.clone())?;
            Ok(Player { name, local })
        };
        Ok(Self { players: (0..n).map(player).collect::<Result<_, _>>()? })
    }

    /// Gives the leader a history of eight raid nights; the others, who were there for some of it,
    /// hold its beginning, each up to another night. The last one holds nothing.
    pub(super) fn invent(&mut self, now: Time, show: &mut Show) -> Result<(), Failure> {
        let names: Vec<MemberName> = self.players.iter().map(|p| p.name.clone()).collect();
        let mut nights: Vec<Segment> = Vec::new();
        for night in 0..NIGHTS {
            let began = now.stamp().seconds().saturating_sub((NIGHTS - night) * 7 * 86_400);
            let lead = &mut self.players[0];
            let profile = lead.local.profiles().active_id();
            let awards = |log: &Log| sample(log, &names, night, began);
            nights.push(lead.local.append(now, &profile, awards, &mut Vec::new())?);
        }
        let last = self.players.len() - 1;
        for (i, player) in self.players.iter_mut().enumerate().skip(1) {
            let seen = if i == last { 0 } else { i * 5 % (nights.len() + 1) };
            let profile = player.local.profiles().active_id();
            player.local.change(|profiles| {
                if let Some(log) = profiles.get_mut(&profile) {
                    for night in &nights[..seen] {
                        log.accept(night.clone()).map_err(Failure::error)?;
                    }
                }
                Ok::<_, Failure>(())
            })?;
        }
        show.act(format!(
            "{NIGHTS} raid nights lie behind {} members; {} holds all of it, others what they saw",
            self.players.len(),
            self.players[0].name
        ))
    }
}

/// The awards of one night: everyone who is there gets attendance, bosses give points, loot costs.
fn sample(
    log: &Log,
    names: &[MemberName],
    night: u64,
    began: u64,
) -> Result<Vec<Draft>, AppendError> {
    const DEEDS: [(&str, i64); 4] = [
        ("Attendance", 1000),
        ("Boss kill", 1500),
        ("Loot: [Stormforged Band]", -4250),
        ("Bench", 500),
    ];
    let mut drafts: Vec<Draft> = Vec::with_capacity(AWARDS);
    for i in 0..AWARDS {
        let target = &names[(i * 7 + night as usize * 3) % names.len()];
        let (reason, hundredths) = DEEDS[(i + i / 9) % DEEDS.len()];
        let (Ok(delta), Ok(reason)) = (Points::from_hundredths(hundredths), Reason::new(reason))
        else {
            continue;
        };
        let stamp = Stamp::new(began + i as u64 * 180, 0).unwrap_or_default();
        drafts.push(log.award(stamp, &names[0], target, delta, &reason)?);
    }
    Ok(drafts)
}

/// Some awards of an officer, one to each of a few members.
pub(super) fn award(
    local: &mut Local,
    targets: &[MemberName],
    deed: &str,
    now: Time,
) -> Result<(), Error> {
    let (profile, me) = (local.profiles().active_id(), local.replica().me().clone());
    let reason = Reason::new(deed).unwrap_or_default();
    let delta = Points::from_hundredths(750).unwrap_or_default();
    let drafts = |log: &Log| {
        let stamp = guildsync::Replica::stamp(log, now);
        targets.iter().map(|target| log.award(stamp, &me, target, delta, &reason)).collect()
    };
    local.append(now, &profile, drafts, &mut Vec::new()).map(drop)
}

fn path(folder: &Path, i: usize, name: &MemberName) -> PathBuf {
    folder.join(format!("{:02}-{}.gsync", i + 1, name.folded()))
}

/// The `i`th member's name; the first 80 need no realm.
fn name(i: usize) -> Result<MemberName, Failure> {
    const FIRST: [&str; 10] =
        ["Oak", "Brin", "Moss", "Thorn", "Ash", "Fen", "Gale", "Hazel", "Iron", "June"];
    const LAST: [&str; 8] = ["hand", "dle", "back", "wick", "mere", "ric", "wyn", "dal"];
    const REALM: [&str; 3] = ["", "-Amberfell", "-Stonewatch"];
    let (first, last, realm) = (i % 10, (i + i / 10) % 8, i / 80);
    Ok(MemberName::new(&format!("{}{}{}", FIRST[first], LAST[last], REALM[realm % 3]))?)
}
