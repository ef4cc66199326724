//! Two machines in memory: what they say to each other until the initiator knows what differs.

use std::collections::{BTreeSet, VecDeque};

use guildsync::tables::message::Message;
use guildsync::tables::{Action, Config, Ctx, Event, GuildName, Saved, TableSync, Tables};
use guildsync::transport::ChannelProfile;
use guildsync::types::MemberName;

use super::CLOCK;
use super::differ::Sides;
use super::session::NAMES;

/// What was said behind the opening until the difference was known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said {
    /// Messages.
    pub messages: usize,
    /// Bytes of them.
    pub bytes: usize,
    /// Frames of the retail channel that they take.
    pub frames: usize,
}

/// Lets two machines talk until the initiator asks for records, sends some, or is done.
///
/// # Errors
/// A message that does not read back: none in practice.
pub fn until_known(sides: &Sides, guild: &GuildName, config: &Config) -> anyhow::Result<Said> {
    let names = [MemberName::new(NAMES[0])?, MemberName::new(NAMES[1])?];
    let tables = [0, 1].map(|one| Tables::load(sides[one].iter().cloned(), [], []));
    let framing = ChannelProfile::retail().framing();
    let mut machines = names.clone().map(|me| {
        let mut machine = TableSync::new(me, config.clone(), Saved::default());
        machine.use_frame(framing.whole_bytes_max(), 1_000);
        machine
    });
    let online: BTreeSet<MemberName> = names.iter().cloned().collect();
    let mut events: VecDeque<(usize, Event)> = VecDeque::new();
    for one in 0..2 {
        events.push_back((one, Event::Guild(guild.clone())));
        events.push_back((one, Event::Online(online.clone())));
    }
    let with = Some(vec![names[1].clone()]);
    events.push_back((0, Event::Start { with, mode: None }));
    let mut said = Said::default();
    while let Some((one, event)) = events.pop_front() {
        let ctx = Ctx {
            now: CLOCK,
            clock: CLOCK.0 / 1000,
            tables: &tables[one],
            backlog_frames: 0,
            waits_for: None,
        };
        let mut actions = Vec::new();
        machines[one].step(ctx, event, &mut actions);
        for action in actions {
            let Action::Send { message, .. } = action else { continue };
            match message {
                Message::Pull { .. } | Message::Records { .. } if one == 0 => return Ok(said),
                _ => {}
            }
            let bytes = message.to_bytes(config.dialect);
            if !matches!(message, Message::Open(_)) {
                said.messages += 1;
                said.bytes += bytes.len();
                said.frames += framing.frames_for(bytes.len());
            }
            let (from, message) = (names[one].clone(), Message::from_bytes(&bytes)?);
            events.push_back((1 - one, Event::Received { from, message }));
        }
    }
    Ok(said)
}
