//! Live entries: said as they happen, and once more a moment later for those who missed them.

use std::collections::VecDeque;

use guildsync_types::Time;

use crate::event::Action;
use crate::message::{Message, To};

/// The most that wait to be repeated; older ones are left to the heartbeat.
const WAITING_MAX: usize = 64;

/// What was said lately.
#[derive(Debug, Clone, Default)]
pub(crate) struct Live(VecDeque<(Time, Message)>);

impl Live {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn deadline(&self) -> Option<Time> {
        self.0.front().map(|(due, _)| *due)
    }

    /// Says a live entry, and again at `again` if ever.
    pub(crate) fn say(&mut self, message: Message, again: Option<Time>, out: &mut Vec<Action>) {
        out.push(Action::Send { to: To::Group, message: message.clone() });
        if let Some(again) = again {
            self.0.push_back((again, message));
            if self.0.len() > WAITING_MAX {
                self.0.pop_front();
            }
        }
    }

    pub(crate) fn advance(&mut self, now: Time, out: &mut Vec<Action>) {
        while let Some((due, _)) = self.0.front()
            && *due <= now
            && let Some((_, message)) = self.0.pop_front()
        {
            out.push(Action::Send { to: To::Group, message });
        }
    }
}
