//! What waits to be sent: control before live before bulk, and in turns between recipients.
//!
//! Within one priority each recipient has a queue of its own, and after a frame the next recipient has
//! its turn; the group counts as one. What is queued for one recipient stays in order. The queue is
//! bounded in messages and bytes; bulk is refused first, so that a long sync never keeps out an award.

use std::collections::{BTreeMap, VecDeque};

use thiserror::Error;

/// What overtakes what: earlier variants go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Who leads, who is asked, who is done: small, and others wait for it.
    Control,
    /// What somebody just did.
    Live,
    /// What is older.
    Bulk,
}

impl Priority {
    const ALL: [Self; 3] = [Self::Control, Self::Live, Self::Bulk];

    /// The sixteenths of a limit that are open to it: the rest is reserved for what is before it.
    const fn share(self) -> usize {
        match self {
            Self::Control => 16,
            Self::Live => 15,
            Self::Bulk => 12,
        }
    }
}

/// Bounds on what waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxLimits {
    /// Messages. Default 4,096, of which bulk may have 3,072 and bulk and live 3,840.
    pub messages: usize,
    /// Their bytes. Default 32 MiB, of which bulk may have 24 MiB and bulk and live 30 MiB.
    pub bytes: usize,
}

impl Default for OutboxLimits {
    fn default() -> Self {
        Self { messages: 4_096, bytes: 32 << 20 }
    }
}

/// Why a message was not queued; nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The queue is full for messages of this priority.
    #[error(
        "{messages} messages of {bytes} bytes wait to be sent: try again when some have gone, or drop this one"
    )]
    Full {
        /// Messages that wait.
        messages: usize,
        /// Their bytes.
        bytes: usize,
    },
    /// The message is longer than any channel carries.
    #[error("a message of {bytes} bytes, at most {limit} can be sent: split it")]
    TooLong {
        /// Its length.
        bytes: usize,
        /// The longest that goes.
        limit: usize,
    },
}

/// Whom something is for, by the number that the link has for a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum To {
    Group,
    Peer(u32),
}

/// Queues of jobs `J`, each good for one frame or several.
#[derive(Debug)]
pub(crate) struct Outbox<J> {
    lanes: [Lane<J>; 3],
    limits: OutboxLimits,
    messages: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Lane<J> {
    /// Whoever has something queued, once, the next in front.
    turns: VecDeque<To>,
    queues: BTreeMap<To, VecDeque<J>>,
}

impl<J> Outbox<J> {
    pub(crate) fn new(limits: OutboxLimits) -> Self {
        let lane = || Lane { turns: VecDeque::new(), queues: BTreeMap::new() };
        Self { lanes: [lane(), lane(), lane()], limits, messages: 0, bytes: 0 }
    }

    /// Makes room for a message, to be queued next.
    pub(crate) fn admit(&mut self, priority: Priority, bytes: usize) -> Result<(), LinkError> {
        let share = |limit: usize| limit / 16 * priority.share();
        if self.messages >= share(self.limits.messages)
            || self.bytes + bytes > share(self.limits.bytes)
        {
            return Err(LinkError::Full { messages: self.messages, bytes: self.bytes });
        }
        self.messages += 1;
        self.bytes += bytes;
        Ok(())
    }

    /// A message that was admitted has gone.
    pub(crate) fn release(&mut self, bytes: usize) {
        self.messages = self.messages.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    pub(crate) fn push(&mut self, priority: Priority, to: To, job: J) {
        self.lanes[priority as usize].queue(to).push_back(job);
    }

    /// Queues a job behind those of its recipient's first ones that are like it, before the others.
    pub(crate) fn push_ahead(
        &mut self,
        priority: Priority,
        to: To,
        job: J,
        is_like: impl Fn(&J) -> bool,
    ) {
        let queue = self.lanes[priority as usize].queue(to);
        let at = queue.iter().take_while(|other| is_like(other)).count();
        queue.insert(at, job);
    }

    /// The first priority of which something waits.
    pub(crate) fn first(&self) -> Option<Priority> {
        Priority::ALL.into_iter().find(|priority| !self.lanes[*priority as usize].turns.is_empty())
    }

    /// The job whose turn it is.
    pub(crate) fn front(&mut self, priority: Priority) -> Option<(To, &mut J)> {
        let lane = &mut self.lanes[priority as usize];
        let to = *lane.turns.front()?;
        Some((to, lane.queues.get_mut(&to)?.front_mut()?))
    }

    /// Ends the turn, and with `done` the job that had it.
    pub(crate) fn turn(&mut self, priority: Priority, done: bool) -> Option<J> {
        let lane = &mut self.lanes[priority as usize];
        let to = lane.turns.pop_front()?;
        let queue = lane.queues.get_mut(&to)?;
        let job = if done { queue.pop_front() } else { None };
        if queue.is_empty() {
            lane.queues.remove(&to);
        } else {
            lane.turns.push_back(to);
        }
        job
    }

    /// Drops the job whose turn it is, which has nothing to send; its recipient keeps the turn.
    pub(crate) fn skip(&mut self, priority: Priority) -> Option<J> {
        let lane = &mut self.lanes[priority as usize];
        let to = *lane.turns.front()?;
        let queue = lane.queues.get_mut(&to)?;
        let job = queue.pop_front();
        if queue.is_empty() {
            lane.queues.remove(&to);
            lane.turns.pop_front();
        }
        job
    }

    /// Takes out everything for one recipient.
    pub(crate) fn remove(&mut self, to: To) -> Vec<J> {
        let mut jobs = Vec::new();
        for lane in &mut self.lanes {
            if let Some(queue) = lane.queues.remove(&to) {
                lane.turns.retain(|other| *other != to);
                jobs.extend(queue);
            }
        }
        jobs
    }

    /// Whether anything of a priority waits for a recipient.
    pub(crate) fn has(&self, priority: Priority, to: To) -> bool {
        self.lanes[priority as usize].queues.contains_key(&to)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first().is_none()
    }

    pub(crate) fn messages(&self) -> usize {
        self.messages
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl<J> Lane<J> {
    fn queue(&mut self, to: To) -> &mut VecDeque<J> {
        self.queues.entry(to).or_insert_with(|| {
            self.turns.push_back(to);
            VecDeque::new()
        })
    }
}
