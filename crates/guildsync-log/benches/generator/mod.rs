//! Seeded logs that look like a guild's: raid nights, raid-wide awards, loot, undos, two officers who
//! import the same rows, grants and a revoke. Built through the public API, one seal a batch.

use guildsync_log::{Basis, Change, Draft, Frontier, Log, Profile, ProfileKind, Role, Segment};
use guildsync_types::{EntryId, MemberName, Points, ProfileName, Reason, SecretKey, Stamp};

/// Who writes: the creator and nine officers.
pub(crate) const N_WRITERS: usize = 10;
const N_MEMBERS: u64 = 100;
const N_REASONS: u64 = 60;
/// A Wednesday, 20:00 UTC.
const FIRST_NIGHT: u64 = 1_567_627_200;
const DAY: u64 = 86_400;
const NIGHT: u64 = 3 * 3600 + 1800;

/// Random numbers from a seed (SplitMix64).
#[derive(Debug, Clone)]
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }
}

/// A log and who writes into it.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) log: Log,
    pub(crate) keys: Vec<SecretKey>,
    pub(crate) draw: Draw,
    pub(crate) members: Vec<MemberName>,
    pub(crate) reasons: Vec<Reason>,
    /// How many of `keys` may still write.
    n_active: usize,
    night: u64,
    n_undos: usize,
    n_copies: usize,
}

impl World {
    /// A mixed log of about `n` entries in an owned profile: 1 % undos, 5 % copies of imported rows,
    /// the rest points and a few notes. Four fifths in, an officer is revoked, whose last entries
    /// arrive too late to count.
    pub(crate) fn mixed(n: usize, seed: u64) -> Self {
        let mut world = Self::founded(seed);
        while world.log.len() < n {
            world.raid_night();
            if world.n_active == N_WRITERS && world.log.len() > n / 5 * 4 {
                world.revoke_the_last_officer();
            }
        }
        world
    }

    /// `n` imported rows of basis `Total` with origins, in the open profile.
    pub(crate) fn imported(n: usize, seed: u64) -> Self {
        let mut world = Self::founded(seed);
        world.log = Log::new(Profile::default_profile());
        while world.log.len() < n {
            let start = world.next_night();
            for step in 0..100 {
                let rows: Vec<Draft> =
                    (0..25).map(|_| world.row(start + step * 120, Basis::Total)).collect();
                let key = world.writer();
                world.append(&key, &rows);
            }
        }
        world
    }

    /// What every log here starts from: names, keys, and the grants.
    pub(crate) fn founded(seed: u64) -> Self {
        let mut draw = Draw(seed);
        let keys: Vec<SecretKey> =
            (1..=N_WRITERS as u8).map(|n| SecretKey::from_seed(&[n; 32])).collect();
        let members = (0..N_MEMBERS).map(|n| member(n, &mut draw)).collect();
        let reasons = (0..N_REASONS).map(reason).collect();
        let creation = draft(FIRST_NIGHT - DAY, 0, "Oakhand", created());
        let profile = Profile::owned(keys[0].writer(), &creation).expect("a creation entry");
        let mut first = vec![creation];
        for (n, key) in (1u16..).zip(&keys[1..]) {
            let (writer, member) = (key.writer(), member(u64::from(n), &mut draw));
            let grant = Change::Grant { writer, member, role: Role::Officer };
            first.push(draft(FIRST_NIGHT - DAY, n, "Oakhand", grant));
        }
        let mut log = Log::new(profile);
        log.append(&keys[0], &first).expect("a new profile takes its grants");
        let (n_active, night, n_undos, n_copies) = (N_WRITERS, 0, 0, 0);
        Self { log, keys, draw, members, reasons, n_active, night, n_undos, n_copies }
    }

    /// A draft of an award at `stamp`.
    pub(crate) fn award(&mut self, stamp: Stamp) -> Draft {
        let (actor, target) = (self.draw.of(&self.members[..N_WRITERS]), &self.members);
        let (actor, target) = (actor.clone(), self.draw.of(target).clone());
        let (delta, reason) = (self.delta(), self.draw.of(&self.reasons).clone());
        self.log.award(stamp, &actor, &target, delta, &reason).expect("a small award")
    }

    /// A key that may write.
    pub(crate) fn writer(&mut self) -> SecretKey {
        self.draw.of(&self.keys[..self.n_active]).clone()
    }

    /// The stamp of an entry, each of the log's being as likely as any other.
    pub(crate) fn any_stamp(&mut self) -> Stamp {
        let id = self.any_id();
        self.log.entry(id).expect("an entry within the frontier").draft.stamp
    }

    /// A stamp behind all others.
    pub(crate) fn next_stamp(&self) -> Stamp {
        let newest = self.log.newest_stamp().expect("a log with entries");
        Stamp::new(newest.seconds() + 1, 0).expect("a second of this century")
    }

    /// A role entry by the creator, stamped within the log: a grant to a writer that already has one,
    /// or a revoke of an officer beyond half of its entries.
    pub(crate) fn late_role(&mut self, revoke: bool) -> Draft {
        let stamp = self.any_stamp();
        let writer = self.keys[1 + self.draw.below(N_WRITERS as u64 - 2) as usize].writer();
        let change = match revoke {
            true => Change::Revoke { writer, cut: self.log.frontier().last(writer) / 2 },
            false => Change::Grant { writer, member: self.members[0].clone(), role: Role::Officer },
        };
        draft(stamp.seconds(), stamp.count(), "Oakhand", change)
    }

    fn any_id(&mut self) -> EntryId {
        let frontier = self.log.frontier();
        let mut n = self.draw.below(frontier.iter().map(|(_, last)| last).sum());
        for (writer, last) in frontier.iter() {
            if n < last {
                return EntryId { writer, seq: n + 1 };
            }
            n -= last;
        }
        unreachable!("n is below the sum")
    }

    fn append(&mut self, key: &SecretKey, drafts: &[Draft]) {
        self.log.append(key, drafts).expect("the generator keeps the rules");
    }

    fn next_night(&mut self) -> u64 {
        self.night += 1;
        FIRST_NIGHT + (self.night - 1) * DAY
    }

    /// Some 500 entries: awards to the whole raid, loot, a few notes, mistakes undone, and at its end
    /// two officers import what they noted down elsewhere.
    fn raid_night(&mut self) {
        let start = self.next_night();
        let mut now = start;
        while now < start + NIGHT {
            let key = self.writer();
            let raid_wide = self.draw.below(100) < 15;
            let n = if raid_wide { 25 } else { 1 + self.draw.below(4) as u16 };
            let drafts: Vec<Draft> = (0..n).map(|i| self.award(at(now, i))).collect();
            self.append(&key, &drafts);
            if self.draw.below(60) == 0 {
                let about = Some(self.draw.of(&self.members).clone());
                self.append(&key, &[draft(now + 1, 0, "Oakhand", Change::Note { about })]);
            }
            while self.n_undos * 100 < self.log.len() {
                self.undo_one(now + 2);
            }
            now += 30 + self.draw.below(180);
        }
        while self.n_copies * 20 < self.log.len() {
            let second = start + self.draw.below(NIGHT);
            let rows: Vec<Draft> = (0..20)
                .map(|i| match i % 10 {
                    0 => self.row(second + i / 4, Basis::Total),
                    _ => self.row(second + i / 4, Basis::Delta),
                })
                .collect();
            for key in [self.writer(), self.writer()] {
                self.append(&key, &rows);
            }
            self.n_copies += rows.len();
        }
    }

    fn undo_one(&mut self, second: u64) {
        let (id, key) = (self.any_id(), self.writer());
        let undo = self.log.undo(at(second, 0), &self.members[0], id, &self.reasons[0]);
        // Not everything can be undone: notes, undos, and what was undone before.
        if let Ok(undo) = undo {
            self.append(&key, &[undo]);
            self.n_undos += 1;
        }
    }

    fn row(&mut self, second: u64, basis: Basis) -> Draft {
        let (target, reason) =
            (self.draw.of(&self.members).clone(), self.draw.of(&self.reasons).clone());
        let delta = self.delta();
        let total = hundredths(25 * self.draw.below(4000) as i64);
        let change = Change::Points { target, delta, total, basis };
        let actor = self.draw.of(&self.members[..N_WRITERS]).clone();
        Draft { stamp: at(second, 0), actor, change, reason, origin: Some(1) }
    }

    /// Awards and what loot costs about even out.
    fn delta(&mut self) -> Points {
        match self.draw.below(10) {
            0..7 => hundredths(25 * (1 + self.draw.below(60) as i64)),
            _ => hundredths(-25 * (1 + self.draw.below(140) as i64)),
        }
    }

    fn revoke_the_last_officer(&mut self) {
        self.n_active -= 1;
        let (creator, officer) = (self.keys[0].clone(), self.keys[self.n_active].clone());
        let now = self.next_stamp().seconds();
        let mut away = self.log.clone();
        let cut = self.log.frontier().last(officer.writer());
        let revoke = Change::Revoke { writer: officer.writer(), cut };
        self.append(&creator, &[draft(now, 0, "Oakhand", revoke)]);
        let drafts: Vec<Draft> = (0..50).map(|i| self.award(at(now - 60, i))).collect();
        let segment = away.append(&officer, &drafts).expect("it knows of no revoke");
        self.log.accept(segment).expect("a sealed segment");
    }
}

/// A log of the first half of the writers' entries, and what the whole log has beyond it.
pub(crate) fn halves(whole: &Log) -> (Log, Vec<Segment>) {
    let ProfileKind::Owned { creator } = whole.profile().kind else { unreachable!("it is owned") };
    let mut segments = whole.since(&Frontier::new());
    // The creator's chain holds the grants; it goes first.
    segments.sort_by_key(|segment| segment.writer != creator);
    let rest = segments.split_off(segments.len() / 2);
    let mut half = Log::new(whole.profile().clone());
    for segment in segments {
        half.accept(segment).expect("a sealed segment");
    }
    (half, rest)
}

fn at(second: u64, count: u16) -> Stamp {
    Stamp::new(second, count).expect("a second of this century")
}

fn hundredths(n: i64) -> Points {
    Points::from_hundredths(n).expect("a small amount")
}

fn created() -> Change {
    Change::ProfileCreated { name: ProfileName::new("Raid-Team-A").expect("a name") }
}

fn draft(second: u64, count: u16, actor: &str, change: Change) -> Draft {
    let actor = MemberName::new(actor).expect("a name");
    Draft { stamp: at(second, count), actor, change, reason: Reason::default(), origin: None }
}

fn member(n: u64, draw: &mut Draw) -> MemberName {
    const HEADS: [&str; 10] =
        ["bran", "oak", "moss", "ash", "thorn", "fen", "brin", "hollow", "elm", "stone"];
    const TAILS: [&str; 10] =
        ["hand", "back", "dle", "wick", "mere", "fall", "wood", "gate", "shade", "fern"];
    let (head, tail) = (HEADS[n as usize % 10], TAILS[n as usize / 10 % 10]);
    let realm = ["", "", "-ArgentDawn", "-EarthenRing"][draw.below(4) as usize];
    MemberName::new(&format!("{head}{tail}{realm}")).expect("a name")
}

fn reason(n: u64) -> Reason {
    const WHAT: [&str; 6] = ["Attendance", "Boss kill", "Loot", "Standby", "Decay", "Bonus"];
    const WHERE: [&str; 10] = [
        "Cinder Hall",
        "Sunken Vault",
        "Frost Keep",
        "Ember Deep",
        "Thorn Maze",
        "Salt Crypt",
        "Storm Spire",
        "Glass Court",
        "Root Hollow",
        "Ivory Gate",
    ];
    let text = format!("{}: {}", WHAT[n as usize % 6], WHERE[n as usize / 6 % 10]);
    Reason::new(&text).expect("a reason")
}
