//! What the tests share: keys, files made of rows, logs filled from plans, random histories.

use std::collections::BTreeMap;
use std::path::PathBuf;

use guildsync_files::cepgp::{Names, Plan, Traffic};
use guildsync_log::{AcceptError, Basis, Change, Draft, Log, Profile, Profiles, Segment};
use guildsync_types::{EntryId, MemberName, Points, ProfileName, Reason, SecretKey, Stamp};

pub(crate) fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

pub(crate) fn name(text: &str) -> MemberName {
    MemberName::from_entry(text).unwrap()
}

pub(crate) fn reason(text: &str) -> Reason {
    Reason::new(text).unwrap()
}

pub(crate) fn points(text: &str) -> Points {
    text.parse().unwrap()
}

pub(crate) fn at(seconds: u64) -> Stamp {
    Stamp::new(seconds, 0).unwrap()
}

pub(crate) fn open(label: &str) -> Profile {
    Profile::open(ProfileName::new(label).unwrap())
}

/// A CEPGP file of these rows, each the inside of its braces.
pub(crate) fn file(rows: &[impl AsRef<str>]) -> String {
    let rows: String = rows.iter().map(|row| format!("\t\t{{ {} }},\n", row.as_ref())).collect();
    format!("\nCEPGP = {{\n\t[\"Traffic\"] = {{\n{rows}\t}},\n}}\n")
}

pub(crate) fn traffic(rows: &[impl AsRef<str>]) -> Traffic {
    Traffic::read(file(rows).as_bytes()).unwrap()
}

pub(crate) fn plan(rows: &[impl AsRef<str>]) -> Plan {
    traffic(rows).plan(None, None)
}

/// Imports a file into a replica's EP and GP, as the program does.
pub(crate) fn import(profiles: &mut Profiles, traffic: &Traffic, key: &SecretKey) -> Plan {
    let names = Names::default();
    let plan = traffic.plan_for(profiles, &names);
    for (profile, drafts) in names.profiles().into_iter().zip([&plan.ep, &plan.gp]) {
        append(profiles, profile, drafts, key);
    }
    plan
}

pub(crate) fn append(profiles: &mut Profiles, to: Profile, drafts: &[Draft], key: &SecretKey) {
    let id = to.id;
    if profiles.get(&id).is_none() {
        profiles.add(to).unwrap();
    }
    if !drafts.is_empty() {
        profiles.get_mut(&id).unwrap().append(key, drafts).unwrap();
    }
}

pub(crate) fn award(
    profiles: &mut Profiles,
    label: &str,
    key: &SecretKey,
    seconds: u64,
    member: &str,
    delta: &str,
) {
    let log = profiles.get_mut(&open(label).id).unwrap();
    let (actor, member) = (name("Oakhand"), name(member));
    let draft = log.award(at(seconds), &actor, &member, points(delta), &reason("live")).unwrap();
    log.append(key, &[draft]).unwrap();
}

/// Passes everything that `from` has and `into` lacks.
pub(crate) fn merge(into: &mut Profiles, from: &Profiles) {
    for log in from.iter() {
        let id = log.profile().id;
        if into.get(&id).is_none() {
            into.add(log.profile().clone()).unwrap();
        }
        let held = into.get_mut(&id).unwrap();
        let missing: Vec<Segment> = log.since(&held.frontier());
        for segment in missing {
            let forked = held.accept(segment);
            assert!(forked.is_ok() || matches!(forked, Err(AcceptError::Diverged { .. })));
        }
        // What a fork divides no frontier shows: the chain is asked for from its beginning.
        for (writer, seq, hash) in log.heads().iter() {
            if held.entry_hash(EntryId { writer, seq }) != Some(hash) {
                held.accept(log.segment(writer, 1).unwrap()).unwrap();
            }
        }
    }
}

/// Member (folded) -> hundredths; members at 0 are left out if `zero` is false.
pub(crate) fn totals(log: Option<&Log>, zero: bool) -> BTreeMap<String, i64> {
    let standings = log.map(Log::standings).unwrap_or_default();
    let pair = |s: &guildsync_log::Standing<'_>| (s.member.to_lowercase(), s.total.0);
    standings.iter().map(pair).filter(|&(_, total)| zero || total != 0).collect()
}

pub(crate) fn standings(profiles: &Profiles) -> BTreeMap<String, BTreeMap<String, i64>> {
    profiles.iter().map(|log| (log.label().to_owned(), totals(Some(log), true))).collect()
}

/// An optional real file; says so when it is absent.
pub(crate) fn optional(name: &str) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    let text = std::fs::read_to_string(path);
    if text.is_err() {
        println!("skip: optional data {name} is absent");
    }
    text.ok()
}

/// A small generator with a seed (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// Profiles of two writers with awards, imported totals, copies, notes, undos and unknown kinds.
pub(crate) fn random_profiles(seed: u64, n: usize) -> Profiles {
    let mut random = Random(seed);
    let mut profiles = Profiles::default();
    for label in ["Default", "GP"] {
        append(&mut profiles, open(label), &[], &key(1));
        let log = profiles.get_mut(&open(label).id).unwrap();
        for _ in 0..n {
            random_append(log, &mut random);
        }
    }
    profiles
}

fn random_append(log: &mut Log, random: &mut Random) {
    let key = key(1 + random.below(2) as u8);
    let member = ["Brindle", "brindle", "Ørn-ArgentDawn", "Tam|sin", "Quill"];
    let member = name(member[random.below(5) as usize]);
    let actor = name(["Oakhand", "Sorrel"][random.below(2) as usize]);
    let why = ["Attendance", "a|b\\p \"c\", \n--d", "", "|h[Lantern]|h|r"];
    let why = reason(why[random.below(4) as usize]);
    let stamp = Stamp::new(1_600_000_000 + random.below(50), random.below(3) as u16).unwrap();
    let delta = Points::from_hundredths(random.below(4000) as i64 - 2000).unwrap();
    let award = log.award(stamp, &actor, &member, delta, &why).unwrap();
    let draft = match random.below(8) {
        0 => Draft { change: Change::Note { about: Some(member) }, ..award },
        1 => {
            let bytes = vec![0, 255, random.below(256) as u8];
            Draft { change: Change::Unknown { kind: u64::MAX - random.below(2), bytes }, ..award }
        }
        2 => {
            let total = Points::from_hundredths(random.below(9000) as i64 - 1000).unwrap();
            let change = Change::Points { target: member, delta, total, basis: Basis::Total };
            Draft { change, origin: Some(1), ..award }
        }
        3 => {
            let ids: Vec<_> = log.entries().map(|entry| entry.id).collect();
            let id = ids.get(random.below(ids.len() as u64 + 1) as usize);
            let undo = id.and_then(|&id| log.undo(stamp, &actor, id, &why).ok());
            undo.unwrap_or(award)
        }
        4 => {
            // A copy of somebody's imported row, or the row itself.
            let imported = log.entries().find(|entry| entry.draft.origin.is_some());
            imported.map_or(award, |entry| entry.draft)
        }
        _ => award,
    };
    log.append(&key, &[draft]).unwrap();
}
