//! Stepping a replica and carrying out what it wants.

use bytes::Bytes;
use guildsync::log::Profiles;
use guildsync::types::{ProfileId, Time};
use guildsync::{Input, Moment, Output, Replica};

use crate::faults::Loss;

use super::{Growth, Sabotage, What, Work, World, Writing};

/// Every so many commits of a member, its whole log is checked, not only what it acknowledged; more
/// seldom as the log grows, so that checks cost no more than the run.
const CHECK_EVERY: u64 = 6;
const ENTRIES_PER_CHECK: u64 = 10;
impl World {
    /// Starts a member's program on what its disk holds. The game tells it the group a little later.
    pub fn start(&mut self, member: usize) {
        let one = &mut self.members[member];
        if !one.has_program || one.replica.is_some() {
            return;
        }
        let profiles = one.disk.load();
        let loaded = profiles.and_then(|profiles| {
            let (tables, sheets) =
                self.load_tables(member)?.map(|stored| (stored.tables, stored.sheets)).unzip();
            Ok((profiles, tables, self.load_sheets(member, sheets)?))
        });
        let one = &mut self.members[member];
        match loaded {
            Ok((profiles, tables, (shelf, sheets_saved))) => {
                let config = self.setup.config.clone();
                let key = one.disk.key().clone();
                let mut replica = Replica::new(one.name.clone(), key, profiles, config);
                if let (Some((tables, saved)), Some(side)) = (tables, &self.tables) {
                    replica = replica.with_tables(tables, saved);
                    replica.set_table_config(side.members[member].config.clone());
                }
                replica = replica.with_sheets(shelf, sheets_saved);
                replica.set_sheet_config(self.sheets.members[member].config.clone());
                replica.use_channel(self.setup.channel);
                one.replica = Some(replica);
                one.run += 1;
                (one.writing, one.alarm, one.ticked_at) = (None, None, None);
                one.inbox.clear();
                one.results.clear();
                self.check_author(member);
                self.introduce_tables(member);
                self.introduce_sheets(member);
                self.tell(member);
            }
            Err(why) => self.fail(format!("member {member} cannot start: {why}")),
        }
    }

    /// Ends a member's program. What is not durable is gone; a commit that is on its way may have
    /// reached the disk or not.
    pub fn kill(&mut self, member: usize) {
        let one = &mut self.members[member];
        let Some(replica) = one.replica.take() else { return };
        one.run += 1;
        (one.alone_since, one.term) = (None, 0);
        self.debts.forgive(member);
        let is_writing = one.writing.is_some();
        if let Some(writing) = one.writing.take() {
            self.seen.hit("fault: crash in commit");
            if self.dice.happens(0.5) {
                one.disk.save(replica.profiles());
                if let Some(key) = writing.new_key {
                    one.disk.replace_key(key);
                }
                self.save_sheets(member, &replica);
            } else {
                self.oracle.never_durable(writing.acknowledges);
            }
        }
        if let Err(why) = self.members[member].disk.settle() {
            self.fail(format!("the disk of member {member}: {why}"));
        }
        self.crash_tables(member, &replica, is_writing);
        // The server's account goes on while the program's begins anew.
        self.channel.excuse(member);
    }

    /// A member's disk is not what it was. The program does not run.
    pub(crate) fn change_disk(&mut self, member: usize, loss: Loss) {
        let disk = &mut self.members[member].disk;
        match loss {
            Loss::SinceBackup => drop(disk.restore_backup()),
            Loss::Everything if self.sabotage == Some(Sabotage::WipedStoreKeepsItsKey) => {
                let key = disk.key().clone();
                disk.wipe();
                disk.replace_key(key);
            }
            Loss::Everything => disk.wipe(),
        }
    }

    /// The oracle takes stock of what a failed disk took with it.
    pub(crate) fn account_for_disk(&mut self, member: usize, came_back: bool) {
        self.settle_disks();
        let Self { members, oracle, .. } = self;
        let others = members.iter().enumerate().filter(|(other, _)| *other != member);
        let others: Vec<&Profiles> = others.map(|(_, one)| one.disk.settled()).collect();
        let disk = &members[member].disk;
        oracle.disk_changed(member, disk.key().writer(), came_back, disk.settled(), &others);
    }

    /// Copies a member's store to a safe place.
    pub fn back_up(&mut self, member: usize) {
        if let Err(why) = self.members[member].disk.back_up() {
            self.fail(format!("the backup of member {member}: {why}"));
        }
    }

    /// Puts together what every disk holds.
    pub fn settle_disks(&mut self) {
        for member in 0..self.members.len() {
            if let Err(why) = self.members[member].disk.settle() {
                self.fail(format!("the disk of member {member}: {why}"));
            }
        }
    }

    /// A member's clock goes forward or back by so much. Deadlines do not follow it; stamps do.
    pub fn shift_clock(&mut self, member: usize, ms: i64) {
        let one = &mut self.members[member];
        one.skew_ms = one.skew_ms.saturating_add(ms);
        self.set_alarm(member);
    }

    /// Gives a member's program something, now or when its disk is done.
    pub fn give(&mut self, member: usize, input: Input) {
        let one = &mut self.members[member];
        if one.replica.is_some() {
            one.inbox.push_back(Work::Input(input));
            self.go_on(member);
        }
    }

    pub(super) fn arrive(&mut self, to: usize, from: usize, frame: Bytes) {
        if self.members[to].online {
            let from = self.members[from].name.clone();
            self.give(to, Input::Frame { from, bytes: frame });
        }
    }

    pub(super) fn tick(&mut self, member: usize) {
        let one = &mut self.members[member];
        if one.alarm != Some(self.now) {
            return;
        }
        one.alarm = None;
        if one.writing.is_none() {
            one.ticked_at = Some(self.now);
            self.give(member, Input::Tick);
        }
    }

    pub(super) fn durable(&mut self, member: usize) {
        let one = &mut self.members[member];
        let (Some(replica), Some(writing)) = (&one.replica, one.writing.take()) else { return };
        if self.sabotage != Some(Sabotage::CommitsAreLost) {
            one.disk.save(replica.profiles());
        }
        one.n_commits += 1;
        self.commit_tables(member);
        self.commit_sheets(member);
        let one = &mut self.members[member];
        let Some(replica) = &one.replica else { return };
        if let Some(key) = writing.new_key {
            one.disk.replace_key(key);
        }
        let log = replica.profiles().active();
        let n_entries = log.len();
        self.growth.push(Growth { at: self.now, member, n_entries });
        for (profile, segment) in &writing.acknowledges {
            let Some(log) = replica.profiles().get(profile) else { continue };
            let done = self.oracle.acknowledge(self.now, member, *profile, segment, log);
            if let Err(why) = done {
                self.failures.push(why);
            }
        }
        self.check_author(member);
        let every = CHECK_EVERY + n_entries as u64 / ENTRIES_PER_CHECK;
        if self.setup.watches && self.members[member].n_commits.is_multiple_of(every) {
            self.check_logs(member);
        }
        self.step(member, writing.then);
        self.go_on(member);
    }

    /// Nothing acknowledged to a member may be missing there, at any moment.
    pub fn check_author(&mut self, member: usize) {
        let profiles = self.members[member].profiles();
        if let Err(why) = self.oracle.check_author(member, profiles) {
            self.fail(why);
        }
    }

    /// After heal: a member has everything acknowledged in a profile that some disk kept.
    ///
    /// # Errors
    /// The first entry that it lacks.
    pub fn check_complete(&mut self, member: usize, id: &ProfileId) -> Result<(), String> {
        let log = self.members[member].profiles().get(id);
        log.map_or(Ok(()), |log| self.oracle.check_complete(member, log))
    }

    /// From now on disks are fast and news arrive soon.
    pub fn be_prompt(&mut self) {
        self.setup.disk_ms = (1, 10);
        self.setup.tell_ms = (0, 100);
    }

    /// Checks a member's logs whole.
    pub fn check_logs(&mut self, member: usize) {
        let found: Vec<String> = self.members[member]
            .profiles()
            .iter()
            .filter_map(|log| self.oracle.check_log(member, log).err())
            .collect();
        let forked = self.members[member].profiles().iter().any(|log| !log.forks().is_empty());
        if forked {
            self.seen.hit("log: forked");
        }
        found.into_iter().for_each(|why| self.fail(why));
    }

    /// Lets a program do what waits for it, as long as its disk does not.
    pub(super) fn go_on(&mut self, member: usize) {
        loop {
            let one = &mut self.members[member];
            if one.replica.is_none() || one.writing.is_some() || !self.failures.is_empty() {
                break;
            }
            if let Some(result) = one.results.pop_front() {
                self.step(member, Input::Sent(result));
            } else if let Some(work) = one.inbox.pop_front() {
                match work {
                    Work::Input(input) => self.step(member, input),
                    Work::Act(act) => self.carry_out_act(member, act),
                    Work::Edit(edit) => self.carry_out_edit(member, edit),
                    Work::Sheet(act) => self.carry_out_sheet_act(member, act),
                }
            } else {
                break;
            }
        }
        self.set_alarm(member);
    }

    pub(super) fn step(&mut self, member: usize, input: Input) {
        let now = Time(self.setup.epoch_ms + self.now);
        let moment = Moment { now, clock: self.clock(member) };
        let mut out = Vec::new();
        let begins_anew = self.hears_game(member, &input);
        let one = &mut self.members[member];
        let Some(replica) = &mut one.replica else { return };
        replica.step(moment, input, &mut out);
        let term = replica.epoch().map_or(0, |epoch| epoch.term);
        let before = std::mem::replace(&mut self.members[member].term, term);
        if term < before && !begins_anew {
            self.fail(format!("member {member} goes back from term {before} to term {term}"));
        }
        self.count_step();
        self.look_at_tables(member);
        self.look_at_sheets(member);
        for output in out {
            match output {
                Output::Send { to, frame } => self.send(member, &to, &frame),
                Output::Tell(notice) => self.tell_user(member, &notice),
                Output::Commit => self.begin_commit(member, Vec::new(), None, Input::Committed),
            }
        }
    }

    /// What a program owes and may send depends on the group that it knows of, from here on. Whether it
    /// is alone now.
    fn hears_game(&mut self, member: usize, input: &Input) -> bool {
        let Self { debts, members, now, .. } = self;
        let others = match input {
            Input::Group { members, .. } => Some(members),
            Input::Left => None,
            _ => return false,
        };
        match others {
            Some(others) => {
                debts.forgive_absent(member, |peer| others.contains(&members[peer].name));
                members[member].alone_since = None;
            }
            None => {
                members[member].alone_since.get_or_insert(*now);
            }
        }
        let is_alone = others.is_none_or(|others| others.len() < 2);
        if is_alone {
            debts.forgive_group(member);
        }
        is_alone
    }

    pub(super) fn begin_commit(
        &mut self,
        member: usize,
        acknowledges: Vec<(ProfileId, guildsync::log::Segment)>,
        new_key: Option<guildsync::types::SecretKey>,
        then: Input,
    ) {
        let (short, long) = self.setup.disk_ms;
        let at = self.now + self.dice.between(short, long);
        let one = &mut self.members[member];
        let run = one.run;
        let is_hasty = self.sabotage == Some(Sabotage::SendsBeforeDurable);
        if is_hasty && !acknowledges.is_empty() {
            one.writing = Some(Writing { acknowledges, new_key, then: Input::Tick });
            self.step(member, then);
        } else {
            one.writing = Some(Writing { acknowledges, new_key, then });
        }
        self.at(at, What::Durable { member, run });
    }

    pub(super) fn set_alarm(&mut self, member: usize) {
        let epoch_ms = self.setup.epoch_ms;
        let one = &mut self.members[member];
        let deadline = one.replica.as_ref().filter(|_| one.writing.is_none());
        let deadline = deadline.and_then(Replica::deadline);
        let Some(deadline) = deadline.filter(|_| self.sabotage != Some(Sabotage::NoTicks)) else {
            one.alarm = None;
            return;
        };
        // A deadline that stays in the past is told every millisecond, not for ever at once.
        let earliest = one.ticked_at.map_or(self.now, |at| self.now.max(at + 1));
        let at = deadline.0.saturating_sub(epoch_ms).max(earliest);
        if one.alarm != Some(at) {
            one.alarm = Some(at);
            self.at(at, What::Tick { member });
        }
    }
}
