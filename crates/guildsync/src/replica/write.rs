//! What a replica's own user writes into its logs, and as whom.

use guildsync_leader::Event;
use guildsync_log::{AppendError, Change, Draft, Log, Segment};
use guildsync_types::bugs::{Bug, planted};
use guildsync_types::{ProfileId, Reason, SecretKey, Stamp, Time};

use super::Replica;

impl Replica {
    /// The stamp of the next live entry of a log: the clock's, or just after the newest entry's.
    /// An entry more than an hour ahead of the clock does not drag others along.
    #[must_use]
    pub fn stamp(log: &Log, clock: Time) -> Stamp {
        let clock = clock.stamp();
        let newest = log.newest_stamp().filter(|s| s.seconds() < clock.seconds() + 3600);
        newest.map_or(clock, |newest| Stamp::next(newest, clock))
    }

    /// Appends entries to a profile. They are announced to the group once committed.
    ///
    /// # Errors
    /// A rule that one of them breaks; nothing was changed then.
    pub fn append(
        &mut self,
        profile: &ProfileId,
        drafts: &[Draft],
    ) -> Result<Segment, AppendError> {
        let log = self.profiles.get_mut(profile).ok_or(AppendError::Nothing)?;
        let segment = log.append(&self.key, drafts)?;
        self.pending.push(Event::Appended { profile: *profile, segment: segment.clone() });
        Ok(segment)
    }

    /// Whether this replica has to go on as a new writer before it appends to a profile: its chain
    /// was forked, or entries of it are known to exist that are not here.
    #[must_use]
    pub fn needs_new_writer(&self, profile: &ProfileId) -> bool {
        let writer = self.key.writer();
        if planted(Bug::NumbersReused) {
            return false;
        }
        self.profiles.is_behind(profile, writer)
            || self.profiles.get(profile).is_some_and(|log| log.is_forked(writer))
    }

    /// Goes on with a new key: the old one signs for it in every profile where it wrote or holds a role.
    /// Until that is committed, the old key is to be kept.
    pub fn go_on_as(&mut self, new: SecretKey, old: &SecretKey, clock: Time) {
        self.key = new;
        let next = self.key.writer();
        let concerns = |log: &&Log| {
            let writer = old.writer();
            let has_role = log.has_officers() && log.role(writer).is_some();
            has_role || log.is_forked(writer) || log.frontier().last(writer) > 0
        };
        let ids: Vec<ProfileId> =
            self.profiles.iter().filter(concerns).map(|log| log.profile().id).collect();
        for id in ids {
            let Some(log) = self.profiles.get(&id) else { continue };
            let proof = old.hand_over(&id, next);
            let draft = Draft {
                stamp: Self::stamp(log, clock),
                actor: self.me.clone(),
                change: Change::Continues { key: old.public(), proof },
                reason: Reason::default(),
                origin: None,
            };
            // A writer without a role has nothing to hand over.
            let _ = self.append(&id, &[draft]);
        }
    }
}
