//! A local replica on a transport, as a tokio task.
//!
//! The task is the only one that touches the replica: it takes frames, commands and deadlines one at a
//! time, and publishes a [`Status`] after each. Commits block the task; a node is one member, and a
//! member waits for its disk. Records are merged batch by batch, a step each; after a step that took
//! longer than [`LONG_STEP_MS`] the task lets others of its thread run.

use std::collections::VecDeque;
use std::time::Duration;

use guildsync_log::{AppendError, Draft, Log, Segment};
use guildsync_transport::{Incoming, SendResult, Transport};
use guildsync_types::{MemberName, Points, ProfileId, Reason, Time};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::debug;

use crate::local::{Error, Local};
use crate::moment::Moment;
use crate::replica::{Input, Output, Replica};

mod sheets;
mod status;
mod tables;

pub use status::{Presence, Screen, Status};

/// What a step may take, in milliseconds, before others have a turn.
const LONG_STEP_MS: u64 = 4;

/// A running replica. Dropping it stops it; [`Node::stop`] also gives the replica back.
#[derive(Debug)]
pub struct Node {
    commands: mpsc::Sender<Command>,
    status: watch::Receiver<Status>,
    task: JoinHandle<Result<Local, Error>>,
}

/// Does something with the replica and returns how to answer once its frames are on their way.
type Command = Box<dyn FnOnce(&mut Local, Moment, &mut Vec<Output>) -> Done + Send>;

struct Done {
    /// An error that stops the node.
    fatal: Result<(), Error>,
    answer: Box<dyn FnOnce() + Send>,
}

struct Task<T, C> {
    local: Local,
    transport: T,
    clock: C,
    /// When the node started, by its clock and in time that only goes forward.
    started: (Time, Instant),
    commands: mpsc::Receiver<Command>,
    status: watch::Sender<Status>,
}

impl Node {
    /// Starts a node. `clock` tells the time that stamps are made of; it may be set while the node runs.
    pub fn spawn<T, C>(mut local: Local, transport: T, clock: C) -> Self
    where
        T: Transport + 'static,
        C: Fn() -> Time + Send + 'static,
    {
        let (commands, receiver) = mpsc::channel(64);
        let (sender, status) = watch::channel(Status::default());
        local.use_channel(transport.channel());
        let started = (clock(), Instant::now());
        let task = Task { local, transport, clock, started, commands: receiver, status: sender };
        Self { commands, status, task: tokio::spawn(task.run()) }
    }

    /// How the node stands; the receiver also tells when that changes.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Awards `delta` points to each of `targets` in the active profile, as this node's member.
    /// Returns once it is durable and on its way to the group.
    ///
    /// # Errors
    /// A broken rule, with nothing changed; a failed store; a stopped node.
    pub async fn award(
        &self,
        targets: Vec<MemberName>,
        delta: Points,
        reason: Reason,
    ) -> Result<Segment, Error> {
        self.act(move |local, moment, out| {
            let (profile, me) = (local.profiles().active_id(), local.replica().me().clone());
            let award = |log: &Log| -> Result<Vec<Draft>, AppendError> {
                let stamp = Replica::stamp(log, moment.clock);
                targets.iter().map(|t| log.award(stamp, &me, t, delta, &reason)).collect()
            };
            local.append(moment, &profile, award, out)
        })
        .await
    }

    /// Starts a manual sync: this node coordinates, if the policy lets it.
    ///
    /// # Errors
    /// A failed store; a stopped node. A refusal by policy is logged.
    pub async fn manual_sync(&self) -> Result<(), Error> {
        self.step(Input::ManualSync).await
    }

    /// Switches sync on or off.
    ///
    /// # Errors
    /// A failed store; a stopped node.
    pub async fn set_enabled(&self, enabled: bool) -> Result<(), Error> {
        self.step(Input::SetEnabled(enabled)).await
    }

    /// Makes a profile the active one; a coordinator announces it.
    ///
    /// # Errors
    /// An unknown profile; a failed store; a stopped node.
    pub async fn switch(&self, profile: ProfileId) -> Result<(), Error> {
        self.act(move |local, moment, out| {
            local.change(|profiles| profiles.switch(&profile).map_err(Error::from))?;
            Ok(local.step(moment, Input::Switched, out)?)
        })
        .await
    }

    /// Leaves the group and gives the replica back.
    ///
    /// # Errors
    /// What stopped the node earlier.
    pub async fn stop(self) -> Result<Local, Error> {
        drop(self.commands);
        self.task.await.map_err(|_| Error::Stopped)?
    }

    async fn step(&self, input: Input) -> Result<(), Error> {
        self.act(move |local, moment, out| Ok(local.step(moment, input, out)?)).await
    }

    async fn act<R: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Local, Moment, &mut Vec<Output>) -> Result<R, Error> + Send + 'static,
    ) -> Result<R, Error> {
        let (answer, answered) = oneshot::channel();
        let command: Command = Box::new(move |local, moment, out| {
            let (result, fatal) = match act(local, moment, out) {
                Err(Error::Store(why)) => (Err(Error::Stopped), Err(Error::Store(why))),
                other => (other, Ok(())),
            };
            // Whoever asked may have gone.
            let answer = Box::new(move || drop(answer.send(result)));
            Done { fatal, answer }
        });
        self.commands.send(command).await.map_err(|_| Error::Stopped)?;
        answered.await.map_err(|_| Error::Stopped)?
    }
}

impl<T: Transport, C: Fn() -> Time> Task<T, C> {
    async fn run(mut self) -> Result<Local, Error> {
        let mut out = Vec::new();
        let mut began = self.now();
        loop {
            self.publish();
            if self.now().since(began) > LONG_STEP_MS {
                tokio::task::yield_now().await;
            }
            let wait = self.wait();
            tokio::select! {
                // What is asked of the node goes before what others send it.
                biased;
                command = self.commands.recv() => match command {
                    Some(command) => {
                        began = self.now();
                        let moment = self.moment();
                        let done = command(&mut self.local, moment, &mut out);
                        self.carry_out(&mut out)?;
                        self.publish();
                        (done.answer)();
                        done.fatal?;
                    }
                    None => break,
                },
                incoming = self.transport.receive() => match incoming {
                    Some(incoming) => {
                        began = self.now();
                        self.take(incoming, &mut out)?;
                    }
                    None => break,
                },
                () = pause(wait) => {
                    began = self.now();
                    self.local.step(self.moment(), Input::Tick, &mut out)?;
                }
            }
            self.carry_out(&mut out)?;
        }
        self.local.step(self.moment(), Input::Left, &mut out)?;
        Ok(self.local)
    }

    fn take(&mut self, incoming: Incoming, out: &mut Vec<Output>) -> Result<(), Error> {
        let input = match incoming {
            Incoming::Frame { from, bytes } => {
                self.status.send_modify(|status| status.n_received += 1);
                Input::Frame { from, bytes }
            }
            Incoming::Group { members, leader } => {
                self.status.send_modify(|status| status.forget_absent(&members));
                Input::Group { members, leader }
            }
        };
        Ok(self.local.step(self.moment(), input, out)?)
    }

    /// Sends what is to be sent, and tells the replica what became of it, which may be more to send.
    fn carry_out(&mut self, out: &mut Vec<Output>) -> Result<(), Error> {
        let mut outputs = VecDeque::from(std::mem::take(out));
        while let Some(output) = outputs.pop_front() {
            match output {
                Output::Send { to, frame } => {
                    let result = self.transport.send(&to, frame);
                    match result {
                        SendResult::Sent => self.status.send_modify(|status| status.n_sent += 1),
                        other => debug!(?to, ?other, "a frame was not sent"),
                    }
                    self.local.step(self.moment(), Input::Sent(result), out)?;
                    outputs.extend(out.drain(..));
                }
                Output::Tell(notice) => self.status.send_modify(|status| status.note(notice)),
                Output::Commit => {}
            }
        }
        Ok(())
    }

    fn publish(&mut self) {
        let replica = self.local.replica();
        self.status.send_modify(|status| status.show(replica));
    }

    /// How long until something is due, if anything is.
    fn wait(&self) -> Option<Duration> {
        let deadline = self.local.replica().deadline()?;
        Some(Duration::from_millis(deadline.since(self.now())))
    }

    fn now(&self) -> Time {
        let (clock, instant) = self.started;
        clock + instant.elapsed().as_millis() as u64
    }

    fn moment(&self) -> Moment {
        Moment { now: self.now(), clock: (self.clock)() }
    }
}

async fn pause(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}
