//! Two members with their stores, who sync their tables over a modelled channel in virtual time.
//!
//! For a person who wants two stores on one machine to hold the same, and for measuring: what the channel
//! would have carried, and how long that would have taken. The replicas, their links and their stores are
//! the real ones; only the channel between them is a queue.

use std::collections::BTreeSet;

use bytes::Bytes;
use guildsync::store::StoreError;
use guildsync::tables::{GuildName, Mode, Report};
use guildsync::transport::{ChannelProfile, Recipient, SendResult};
use guildsync::types::{MemberName, Time};
use guildsync::{Input, Local, Moment, Notice, Output};

use crate::dice::Dice;

/// How the two are joined.
#[derive(Debug, Clone)]
pub struct Options {
    /// What the channel carries, and how fast.
    pub channel: ChannelProfile,
    /// What both clocks say when it begins.
    pub clock: Time,
    /// How long a frame takes, in milliseconds.
    pub latency_ms: u64,
    /// How many frames of a hundred are lost, as a share of one.
    pub loss: f64,
    /// Decides which.
    pub seed: u64,
    /// How long it may take, in virtual milliseconds.
    pub patience_ms: u64,
}

impl Default for Options {
    /// The retail channel, a tenth of a second for each frame, no loss, two hours.
    fn default() -> Self {
        Self {
            channel: ChannelProfile::retail(),
            clock: Time(1_735_000_000_000),
            latency_ms: 100,
            loss: 0.0,
            seed: 0,
            patience_ms: 2 * 3_600_000,
        }
    }
}

/// What became of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Frames that each sent.
    pub frames: [u64; 2],
    /// Bytes in them.
    pub bytes: [u64; 2],
    /// From the beginning to the last frame that arrived, in virtual milliseconds.
    pub virtual_ms: u64,
    /// What each side says of the session.
    pub reports: [Option<Report>; 2],
}

/// Lets the first of two members sync its tables with the second, to the end.
///
/// # Errors
/// A store that cannot be written.
pub fn sync(
    locals: [&mut Local; 2],
    guilds: [GuildName; 2],
    options: &Options,
    mode: Option<Mode>,
    told: &mut dyn FnMut(usize, &Notice),
) -> Result<Outcome, StoreError> {
    let mut duet = Duet::new(locals, options);
    let names: [MemberName; 2] = [0, 1].map(|one| duet.locals[one].replica().me().clone());
    let members: BTreeSet<MemberName> = names.iter().cloned().collect();
    for (one, guild) in guilds.into_iter().enumerate() {
        duet.locals[one].use_channel(options.channel);
        // The logs of the two are not what this is about.
        duet.step(one, Input::SetEnabled(false), told)?;
        duet.step(one, Input::Guild(guild), told)?;
        let (members, leader) = (members.clone(), names[0].clone());
        duet.step(one, Input::Group { members, leader }, told)?;
    }
    let with = Some(vec![names[1].clone()]);
    duet.step(0, Input::TableStart { with, mode }, told)?;
    while duet.now - options.clock.0 < options.patience_ms && duet.go_on(told)? {}
    Ok(duet.outcome)
}

struct Duet<'a> {
    locals: [&'a mut Local; 2],
    options: &'a Options,
    now: u64,
    /// Frames on their way: when each arrives, to whom, its bytes; a frame never overtakes another.
    air: Vec<(u64, usize, Bytes)>,
    dice: Dice,
    outcome: Outcome,
}

impl<'a> Duet<'a> {
    fn new(locals: [&'a mut Local; 2], options: &'a Options) -> Self {
        let outcome =
            Outcome { frames: [0; 2], bytes: [0; 2], virtual_ms: 0, reports: [None, None] };
        let (now, dice) = (options.clock.0, Dice::for_purpose(options.seed, 9));
        Self { locals, options, now, air: Vec::new(), dice, outcome }
    }

    /// Lets the next thing happen. Whether there was one.
    fn go_on(&mut self, told: &mut dyn FnMut(usize, &Notice)) -> Result<bool, StoreError> {
        let frame = self.air.iter().enumerate().min_by_key(|(_, (at, ..))| *at);
        let frame = frame.map(|(place, (at, ..))| (*at, place));
        let due = |one: usize| Some((self.locals[one].replica().deadline()?.0, one));
        let due = [due(0), due(1)].into_iter().flatten().min();
        let is_over = self.air.is_empty() && (0..2).all(|one| self.is_settled(one));
        match (frame, due) {
            _ if is_over => Ok(false),
            (Some((at, place)), due) if due.is_none_or(|(due, _)| at <= due) => {
                self.now = self.now.max(at);
                self.outcome.virtual_ms = self.now - self.options.clock.0;
                let (_, to, bytes) = self.air.remove(place);
                let from = self.locals[1 - to].replica().me().clone();
                self.step(to, Input::Frame { from, bytes }, told)?;
                Ok(true)
            }
            (_, Some((due, one))) => {
                // A deadline that stays in the past is told every millisecond, not for ever at once.
                self.now = due.max(self.now + 1);
                self.step(one, Input::Tick, told)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Whether a side has nothing left to do.
    fn is_settled(&self, one: usize) -> bool {
        let replica = self.locals[one].replica();
        replica.is_settled() && replica.table_sync().is_settled()
    }

    fn step(
        &mut self,
        one: usize,
        input: Input,
        told: &mut dyn FnMut(usize, &Notice),
    ) -> Result<(), StoreError> {
        let moment = Moment::from(Time(self.now));
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            let mut out = Vec::new();
            self.locals[one].step(moment, input, &mut out)?;
            for output in out {
                match output {
                    Output::Send { to, frame } => {
                        self.send(one, &to, frame);
                        inputs.insert(0, Input::Sent(SendResult::Sent));
                    }
                    Output::Tell(notice) => {
                        if let Notice::TableFinished(report) = &notice {
                            self.outcome.reports[one] = Some((**report).clone());
                        }
                        told(one, &notice);
                    }
                    Output::Commit => {}
                }
            }
        }
        Ok(())
    }

    fn send(&mut self, from: usize, to: &Recipient, frame: Bytes) {
        let me = self.locals[from].replica().me();
        if matches!(to, Recipient::Member(member) if member == me) {
            return;
        }
        self.outcome.frames[from] += 1;
        self.outcome.bytes[from] += frame.len() as u64;
        if !self.dice.happens(self.options.loss) {
            self.air.push((self.now + self.options.latency_ms, 1 - from, frame));
        }
    }
}
