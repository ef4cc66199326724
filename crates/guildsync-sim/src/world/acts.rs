//! What people do with the program: as the program's own commands do it, with a disk that takes time.

use guildsync::leader::policy;
use guildsync::log::{AppendError, Change, Draft, Log, Profile, Profiles};
use guildsync::types::{
    EntryId, MemberName, Points, PolicyName, PolicyValue, ProfileId, ProfileName, Reason,
};
use guildsync::{Input, Replica};

use super::{Work, World};

/// One thing that a person does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Awards points to members, by number.
    Award {
        /// Whom.
        targets: Vec<usize>,
        /// How much, in hundredths.
        hundredths: i64,
    },
    /// Undoes an award: the `nth` that can be undone, counted round.
    Undo {
        /// Which.
        nth: usize,
    },
    /// Writes a note.
    Note,
    /// Makes another profile the active one: the `nth`, counted round.
    Switch {
        /// Which.
        nth: usize,
    },
    /// Makes a profile of this number's name, and switches to it.
    NewProfile {
        /// The number.
        number: usize,
    },
    /// Sets a policy of the active profile to one of its values or back to none: the `nth`, counted round.
    SetPolicy {
        /// Which.
        nth: usize,
    },
    /// Starts a manual sync.
    ManualSync,
    /// Switches sync on or off.
    SetEnabled(bool),
}

impl World {
    /// Lets a member's user do something; nothing happens if its program does not run.
    pub fn act(&mut self, member: usize, act: Act) {
        if self.members[member].replica.is_some() {
            self.trace.event(self.now, format_args!("{member} does {act:?}"));
            self.members[member].inbox.push_back(Work::Act(act));
            self.go_on(member);
        }
    }

    /// Lets a member append drafts of its own making to its active profile.
    pub fn append(&mut self, member: usize, drafts: &[Draft]) -> Result<(), AppendError> {
        let Some(replica) = &mut self.members[member].replica else { return Ok(()) };
        let profile = replica.profiles().active_id();
        let segment = replica.append(&profile, drafts)?;
        self.begin_commit(member, vec![(profile, segment)], None, Input::Committed);
        Ok(())
    }

    pub(super) fn carry_out_act(&mut self, member: usize, act: Act) {
        match act {
            Act::ManualSync => {
                self.seen.hit("user: manual sync");
                self.step(member, Input::ManualSync);
            }
            Act::SetEnabled(on) => {
                self.seen.hit(if on { "user: sync on" } else { "user: sync off" });
                self.step(member, Input::SetEnabled(on));
            }
            Act::Switch { nth } => self.switch(member, |profiles| {
                let ids: Vec<ProfileId> = profiles.iter().map(|log| log.profile().id).collect();
                ids.get(nth % ids.len().max(1)).copied()
            }),
            Act::NewProfile { number } => self.switch(member, |profiles| {
                let name = ProfileName::new(&format!("Team {number}")).ok()?;
                let profile = Profile::open(name);
                let id = profile.id;
                // Whoever has it already only switches.
                let _ = profiles.add(profile);
                Some(id)
            }),
            Act::Award { .. } | Act::Undo { .. } | Act::Note | Act::SetPolicy { .. } => {
                self.write(member, act);
            }
        }
    }

    fn switch(&mut self, member: usize, which: impl FnOnce(&mut Profiles) -> Option<ProfileId>) {
        let Some(replica) = &mut self.members[member].replica else { return };
        let profiles = replica.profiles_mut();
        let n_before = profiles.iter().count();
        let Some(id) = which(profiles) else { return };
        let is_new = profiles.iter().count() > n_before;
        if profiles.switch(&id).is_ok() {
            self.seen.hit(if is_new { "user: new profile" } else { "user: switch" });
            self.begin_commit(member, Vec::new(), None, Input::Switched);
        }
    }

    fn write(&mut self, member: usize, act: Act) {
        let now = self.clock(member);
        let names: Vec<MemberName> = match &act {
            Act::Award { targets, .. } => {
                targets.iter().map(|target| self.members[*target].name.clone()).collect()
            }
            _ => Vec::new(),
        };
        let one = &mut self.members[member];
        let writer = one.disk.key().writer();
        let Some(replica) = &mut one.replica else { return };
        let profile = replica.profiles().active_id();
        let me = replica.me().clone();
        let drafts = drafts(replica.profiles().active(), &act, &me, &names, now);
        if drafts.is_empty() {
            return;
        }
        if !replica.needs_new_writer(&profile) {
            let is_forked = replica.profiles().active().is_forked(writer);
            match replica.append(&profile, &drafts) {
                Ok(_) if is_forked => {
                    self.fail(format!(
                        "member {member} goes on with a chain that it knows is forked"
                    ));
                    return;
                }
                Ok(segment) => {
                    self.seen.hit(act.name());
                    let acknowledges = vec![(profile, segment)];
                    return self.begin_commit(member, acknowledges, None, Input::Committed);
                }
                Err(AppendError::NumberUsed { .. }) => {}
                Err(_) => return,
            }
        }
        // It goes on as a new writer first; the old key stays until that is durable.
        let one = &mut self.members[member];
        let (old, new) = (one.disk.key().clone(), one.disk.new_key());
        let Some(replica) = &mut one.replica else { return };
        replica.go_on_as(new.clone(), &old, now);
        one.inbox.push_front(Work::Act(act));
        self.seen.hit("log: a new writer went on");
        self.begin_commit(member, Vec::new(), Some(new), Input::Committed);
    }
}

impl Act {
    fn name(&self) -> &'static str {
        match self {
            Self::Award { .. } => "user: award",
            Self::Undo { .. } => "user: undo",
            Self::Note => "user: note",
            Self::SetPolicy { .. } => "user: policy",
            Self::Switch { .. } => "user: switch",
            Self::NewProfile { .. } => "user: new profile",
            Self::ManualSync => "user: manual sync",
            Self::SetEnabled(_) => "user: sync off",
        }
    }
}

/// What the act says; nothing if it cannot be done.
fn drafts(
    log: &Log,
    act: &Act,
    me: &MemberName,
    targets: &[MemberName],
    now: guildsync::types::Time,
) -> Vec<Draft> {
    let stamp = Replica::stamp(log, now);
    let reason = |text| Reason::new(text).unwrap_or_default();
    match act {
        Act::Award { hundredths, .. } => {
            let delta = Points::from_hundredths(*hundredths).unwrap_or_default();
            let award = |target| log.award(stamp, me, target, delta, &reason("Boss kill"));
            targets.iter().filter_map(|target| award(target).ok()).collect()
        }
        Act::Undo { nth } => {
            let points = |entry: guildsync::log::Entry| {
                matches!(entry.draft.change, Change::Points { .. }).then_some(entry.id)
            };
            let ids: Vec<EntryId> = log.entries().filter_map(points).collect();
            let undo = |i| log.undo(stamp, me, ids[(nth + i) % ids.len()], &reason("a mistake"));
            (0..ids.len()).take(8).find_map(|i| undo(i).ok()).into_iter().collect()
        }
        Act::Note => {
            let change = Change::Note { about: Some(me.clone()) };
            let (actor, reason) = (me.clone(), reason("was late"));
            vec![Draft { stamp, actor, change, reason, origin: None }]
        }
        Act::SetPolicy { nth } => {
            let values = policy::KNOWN.iter().flat_map(|known| {
                let values = known.values.iter().copied().chain([""]);
                values.map(|value| (known.name, value))
            });
            let all: Vec<_> = values.collect();
            let (name, value) = all[nth % all.len()];
            let set = PolicyName::new(name).ok().zip(PolicyValue::new(value).ok());
            let draft = |(name, value)| {
                let change = Change::PolicySet { name, value };
                Draft { stamp, actor: me.clone(), change, reason: reason(""), origin: None }
            };
            set.map(draft).into_iter().collect()
        }
        _ => Vec::new(),
    }
}
