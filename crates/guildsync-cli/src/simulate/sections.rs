//! `guildsync simulate --sections`: a raid whose assignment sheet spreads while everything comes at once.

use std::collections::BTreeSet;
use std::time::Duration;

use guildsync::log::Profiles;
use guildsync::sections::{DocumentId, Label, Policy};
use guildsync::types::{Hash, SecretKey};
use guildsync::{Config, Input};
use guildsync_sim::channel::Weather;
use guildsync_sim::corpus::sheet::assignments;
use guildsync_sim::dice::Dice;
use guildsync_sim::run::name;
use guildsync_sim::trace::{self, Record};
use guildsync_sim::world::{Newcomer, Setup, World};
use serde::Serialize;

use super::Args;
use crate::failure::Failure;
use crate::out;

/// How many sections the sheet has.
const SECTIONS: usize = 20;
/// Both publish at once: the leader and an assistant.
const LEADER: usize = 0;
const ASSISTANT: usize = 1;
/// One in so many is there from the start; all others join at once.
const THERE: usize = 8;
/// Longer than this the raid is not waited for.
const PATIENCE: Duration = Duration::from_secs(600);
/// 15 January 2025, 12:00 UTC.
const EPOCH_MS: u64 = 1_736_942_400_000;

/// What the run gave.
#[derive(Serialize)]
struct Json {
    converged: bool,
    frames: u64,
    bytes: u64,
    virtual_seconds: f64,
    state_hash: String,
}

/// A raid and its sheet.
struct Raid {
    world: World,
    document: DocumentId,
    /// What happened when.
    told: Vec<(u64, String)>,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let mut raid = Raid::new(args)?;
    raid.play(args.seed);
    let converged = raid.heal();
    let now = raid.world.now();
    let json = Json {
        converged,
        frames: raid.world.trace.frames,
        bytes: raid.world.trace.bytes,
        virtual_seconds: now as f64 / 1000.0,
        state_hash: raid.state_hash(LEADER).to_string(),
    };
    let (n_lacking, broken) = (raid.n_lacking(), raid.world.failures.first().cloned());
    let n_beside = raid.world.shelf(LEADER).get(raid.document).map_or(0, |d| d.conflicts().len());
    let text = told(args, &raid, &json, n_beside);
    if let Some(path) = &args.record {
        let (channel, what) = (args.profile.name.to_owned(), title(args));
        let mut file = Vec::new();
        let begin = Record::Begin { channel, what };
        trace::write(std::iter::once(&begin).chain(raid.world.trace.records()), &mut file)?;
        super::write(path, &file)?;
    }
    match args.format.json {
        true => out::json(&json)?,
        false => out::print(text)?,
    }
    if converged {
        return Ok(());
    }
    let why = broken.map(|why| format!(": {why}")).unwrap_or_default();
    Err(Failure::out_of_sync(format!(
        "{n_lacking} of {} members do not hold what the leader holds after {} minutes of virtual \
         time{why}; see what was said with --record FILE and `guildsync trace show FILE --frames`",
        args.members,
        PATIENCE.as_secs() / 60
    )))
}

impl Raid {
    fn new(args: &Args) -> Result<Self, Failure> {
        let setup = Setup {
            seed: args.seed,
            channel: args.profile,
            weather: Weather { loss: args.loss, ..Weather::calm() },
            config: Config::default(),
            epoch_ms: EPOCH_MS,
            tell_ms: (0, 500),
            disk_ms: (2, 20),
            keeps_disks: true,
            records: args.record.is_some(),
            watches: false,
        };
        let mut dice = Dice::for_purpose(args.seed, 40);
        let newcomer = |member| {
            let key = SecretKey::from_seed(&dice.bytes());
            Newcomer { name: name(member), key, profiles: Profiles::default(), has_program: true }
        };
        let members = usize::from(args.members);
        let mut world = World::new(setup, (0..members).map(newcomer).collect());
        // What is counted is the sheet's, as far as nobody starts anew.
        (0..members).for_each(|member| world.give(member, Input::SetEnabled(false)));
        world.set_assistants(&BTreeSet::from([ASSISTANT]));
        let title = Label::new(&assignments(args.seed, SECTIONS).title)?;
        Ok(Self { world, document: DocumentId::of_title(&title), told: Vec::new() })
    }

    /// Two publish at once; while that is on its way all others join, and two are thrown out of the game,
    /// one who sends and one who receives; then two edit one section at once.
    fn play(&mut self, seed: u64) {
        let n = self.world.len();
        let there = (n / THERE).max(2).min(n);
        self.world.set_group(&(0..there).collect(), LEADER);
        self.pass(1_000);
        let ours = assignments(seed, SECTIONS);
        let mut theirs = ours.clone();
        theirs.edit(&mut Dice::for_purpose(seed, 41), SECTIONS / 2);
        self.world.publish_sheet(LEADER, &ours, Policy::open());
        self.world.publish_sheet(ASSISTANT, &theirs, Policy::open());
        let two = format!("{} and {}", name(LEADER), name(ASSISTANT));
        self.tell(format!("{two} publish \"{}\" at once, and differ in a section", ours.title));
        self.pass(2_000);
        if n > there {
            self.world.set_group(&(0..n).collect(), LEADER);
            self.tell(format!(
                "{} join at once",
                out::count((n - there) as u64, "member", "members")
            ));
        }
        self.pass(2_000);
        let thrown_out = BTreeSet::from([ASSISTANT, n - 1]);
        thrown_out.iter().for_each(|member| self.world.log_off(*member));
        let names: Vec<String> =
            thrown_out.iter().map(|member| name(*member).to_string()).collect();
        self.tell(format!("{} lose the connection in mid-transfer", names.join(" and ")));
        self.pass(10_000);
        thrown_out.iter().for_each(|member| self.world.log_on(*member));
        self.tell(format!("{} are back", names.join(" and ")));
        self.pass(5_000);
        self.world.edit_sheet(LEADER, self.document, 0, seed);
        self.world.edit_sheet(ASSISTANT, self.document, 0, seed + 1);
        self.world.point(LEADER, self.document, 0);
        self.tell(format!("{two} edit one section at once, all screens turn to it"));
        self.pass(1_000);
    }

    /// Lets the raid go on until all hold the same, if they ever do.
    fn heal(&mut self) -> bool {
        let patience = u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX);
        let until = self.world.now() + patience;
        while self.n_lacking() > 0 && self.world.failures.is_empty() {
            match self.world.next_at().filter(|next| *next <= until) {
                Some(next) => self.world.run_until(next),
                None => break,
            }
        }
        let is_whole = self.n_lacking() == 0 && self.world.failures.is_empty();
        if is_whole {
            self.tell("all hold the same".to_owned());
        }
        is_whole
    }

    /// How many do not hold what the leader holds; all if it holds nothing.
    fn n_lacking(&self) -> usize {
        let leaders = self.state_hash(LEADER);
        let is_whole = |member: &usize| self.state_hash(*member) == leaders;
        match self.world.shelf(LEADER).is_empty() {
            true => self.world.len(),
            false => self.world.len() - (0..self.world.len()).filter(is_whole).count(),
        }
    }

    fn state_hash(&self, member: usize) -> Hash {
        self.world.shelf(member).state_hash()
    }

    fn pass(&mut self, ms: u64) {
        self.world.run_until(self.world.now() + ms);
    }

    fn tell(&mut self, what: String) {
        self.told.push((self.world.now(), what));
    }
}

/// What is simulated, in a line.
fn title(args: &Args) -> String {
    format!(
        "{} members on {} with a sheet of {SECTIONS} sections, {:.0} % loss, seed {}",
        args.members,
        args.profile.name,
        args.loss * 100.0,
        args.seed
    )
}

fn told(args: &Args, raid: &Raid, json: &Json, n_beside: usize) -> String {
    let mut text = format!("{}. All times are virtual.\n", title(args));
    for (ms, what) in &raid.told {
        text += &format!("\n{:>5}.{:03} s  {what}", ms / 1000, ms % 1000);
    }
    let verdict = match json.converged {
        true => format!("All {} members agree", args.members),
        false => "The members do NOT agree".to_owned(),
    };
    text + &format!(
        "\n\n{verdict}: state {}, {} left to be picked. {}, {}, {:.3} s.",
        &json.state_hash[..12],
        out::count(n_beside as u64, "conflict", "conflicts"),
        out::count(json.frames, "frame", "frames"),
        crate::demo::bytes(json.bytes),
        json.virtual_seconds
    )
}
