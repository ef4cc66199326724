//! Archives: everything goes out, everything comes back or nothing does.

use guildsync_files::archive::{Archive, ArchiveError, COLUMNS, Form, RestoreError};
use guildsync_log::{Change, Draft, Frontier, Profile, Profiles, Role};
use guildsync_types::{PolicyName, PolicyValue, ProfileName, Stamp};
use proptest::prelude::*;

use crate::world::{append, at, award, key, merge, name, open, random_profiles, reason, standings};

const FORMS: [Form; 3] = [Form::Json, Form::Csv, Form::Lua];

fn write(profiles: &Profiles, form: Form) -> String {
    let mut file = Vec::new();
    Archive::of(profiles).write(form, &mut file).unwrap();
    String::from_utf8(file).unwrap()
}

fn read(text: &str, form: Form) -> Archive {
    Archive::read(form, text.as_bytes()).unwrap()
}

fn draft(seconds: u64, change: Change) -> Draft {
    Draft {
        stamp: at(seconds),
        actor: name("Oakhand"),
        change,
        reason: reason("why"),
        origin: None,
    }
}

/// An owned profile with every kind of entry: an officer that came and went, an adopted entry, a
/// writer that goes on for an older one, a kind of a later version.
fn owned() -> (Profiles, Profile) {
    let (owner, officer, heir) = (key(1), key(2), key(3));
    let label = |text| ProfileName::new(text).unwrap();
    let creation = draft(10, Change::ProfileCreated { name: label("Officers") });
    let profile = Profile::owned(owner.writer(), &creation).unwrap();
    let mut profiles = Profiles::default();
    append(&mut profiles, profile.clone(), &[creation], &owner);
    let grant = |writer, role| Change::Grant { writer, member: name("Sorrel"), role };
    let log = profiles.get_mut(&profile.id).unwrap();
    log.append(&owner, &[draft(11, grant(officer.writer(), Role::Officer))]).unwrap();
    let award = |log: &guildsync_log::Log, seconds, delta: &str| {
        let delta = delta.parse().unwrap();
        log.award(at(seconds), &name("Sorrel"), &name("Brindle"), delta, &reason("=1+1")).unwrap()
    };
    let (first, second) = (award(log, 12, "5"), award(log, 13, "0.25"));
    log.append(&officer, &[first]).unwrap();
    let cut = log.frontier().last(officer.writer());
    log.append(&officer, &[second]).unwrap();
    log.append(&owner, &[draft(14, Change::Revoke { writer: officer.writer(), cut })]).unwrap();
    let of = guildsync_types::EntryId { writer: officer.writer(), seq: cut + 1 };
    let hash = log.entry_hash(of).unwrap();
    log.append(&owner, &[draft(15, Change::Adopt { of, hash })]).unwrap();
    let proof = owner.hand_over(&profile.id, heir.writer());
    let continues = Change::Continues { key: owner.public(), proof };
    log.append(&heir, &[draft(16, continues)]).unwrap();
    let undone = guildsync_types::EntryId { writer: officer.writer(), seq: 1 };
    let undo = log.undo(at(17), &name("Oakhand"), undone, &reason("")).unwrap();
    let renamed = draft(18, Change::ProfileRenamed { name: label("Council") });
    let unknown = draft(19, Change::Unknown { kind: u64::MAX, bytes: Vec::new() });
    let policy = |seconds, value| {
        let name = PolicyName::new("sync-plan").unwrap();
        draft(seconds, Change::PolicySet { name, value: PolicyValue::new(value).unwrap() })
    };
    let policies = [policy(20, "queue"), policy(21, ""), policy(22, "=1+1")];
    log.append(&owner, &[undo, renamed, unknown]).unwrap();
    log.append(&heir, &policies).unwrap();
    (profiles, profile)
}

/// Two replicas with one key wrote entry 2 each: the chain is forked.
fn forked() -> Profiles {
    let mut one = Profiles::default();
    award_to(&mut one, 20, "1");
    let mut two = one.clone();
    award_to(&mut one, 21, "2");
    award_to(&mut one, 22, "3");
    award_to(&mut two, 21, "4");
    let mut both = one.clone();
    merge(&mut both, &two);
    let mut other = two.clone();
    merge(&mut other, &one);
    assert_eq!(both.state_hash(), other.state_hash());
    assert_eq!(both.active().forks().len(), 1);
    both
}

fn award_to(profiles: &mut Profiles, seconds: u64, delta: &str) {
    award(profiles, "Default", &key(7), seconds, "Brindle", delta);
}

fn comes_back(profiles: &Profiles) {
    for form in FORMS {
        let text = write(profiles, form);
        let restored = read(&text, form).restore().unwrap();
        assert_eq!(restored.state_hash(), profiles.state_hash(), "{form:?}");
        assert_eq!(restored.active_id(), profiles.active_id());
        assert_eq!(restored.left_behind(), profiles.left_behind());
        assert_eq!(standings(&restored), standings(profiles));
        assert_eq!(write(&restored, form), text, "written again it is the same {form:?}");
    }
}

#[test]
fn every_kind_of_entry_comes_back_in_every_form() {
    let (profiles, profile) = owned();
    let kinds: std::collections::BTreeSet<&str> =
        profiles.get(&profile.id).unwrap().entries().map(|e| e.draft.change.kind()).collect();
    assert_eq!(kinds.len(), 10, "all but notes: {kinds:?}");
    comes_back(&profiles);
    for form in FORMS {
        let restored = read(&write(&profiles, form), form).restore().unwrap();
        let log = restored.get(&profile.id).unwrap();
        assert_eq!((log.label(), log.policy("sync-plan")), ("Council", Some("=1+1")), "{form:?}");
    }
}

#[test]
fn forks_come_back_in_every_form() {
    comes_back(&forked());
}

#[test]
fn the_active_profile_and_what_deleted_ones_left_behind_come_back() {
    let mut profiles = random_profiles(1, 20);
    append(&mut profiles, open("Old"), &[], &key(1));
    award(&mut profiles, "Old", &key(1), 9, "Brindle", "1");
    profiles.delete(&open("Old").id).unwrap();
    profiles.switch(&open("GP").id).unwrap();
    assert_eq!(profiles.left_behind().len(), 1);
    comes_back(&profiles);
}

#[test]
fn times_and_points_are_there_as_people_write_them() {
    let mut profiles = Profiles::default();
    award(&mut profiles, "Default", &key(1), 1_630_624_903, "Brindle", "12.5");
    let json = write(&profiles, Form::Json);
    assert!(json.contains("\"time\": \"2021-09-02 23:21:43\""), "{json}");
    assert!(json.contains("\"delta\": \"12.5\""), "{json}");
    let csv = write(&profiles, Form::Csv);
    assert!(csv.starts_with(&COLUMNS.join(",")));
    assert!(
        csv.contains(",2021-09-02 23:21:43,Oakhand,points,Brindle,12.5,12.5,delta,live,"),
        "{csv}"
    );
    assert!(write(&profiles, Form::Lua).contains("[\"member\"] = \"Brindle\""));
}

#[test]
fn no_archive_holds_a_secret() {
    let profiles = random_profiles(3, 5);
    let secret = guildsync_types::hash::to_hex(&key(1).seed());
    assert!(FORMS.iter().all(|&form| !write(&profiles, form).contains(&secret)));
}

#[test]
fn an_archive_that_was_changed_is_refused_and_changes_nothing() {
    let profiles = random_profiles(5, 30);
    let text = write(&profiles, Form::Json);
    let number = |field: &str| {
        let at = text.find(field).unwrap() + field.len();
        text[at..].split(',').next().unwrap().to_owned()
    };
    let seconds = number("\"seconds\": ");
    let tampered = [
        text.replacen("\"Attendance\"", "\"Attendence\"", 1),
        text.replacen("\"actor\": \"Sorrel\"", "\"actor\": \"Brindle\"", 1),
        text.replacen(&format!("\"seconds\": {seconds}"), "\"seconds\": 1", 1),
        text.replacen("\"seq\": 2", "\"seq\": 3", 1),
        text.replacen("\"basis\": \"delta\"", "\"basis\": \"total\"", 1),
        text.replacen("\"state_hash\": \"", "\"state_hash\": \"0", 1),
        text.replacen("\"active\": \"", "\"active\": \"0", 1),
        text.replacen("\"name\": \"GP\"", "\"name\": \"EP\"", 1),
        text.replacen("\"kind\": \"open\"", "\"kind\": \"owned\"", 1),
        text.replacen("\"kind\": \"points\"", "\"kind\": \"note\"", 1),
    ];
    for (i, changed) in tampered.iter().enumerate() {
        assert_ne!(*changed, text, "{i}");
        let archive = read(changed, Form::Json);
        assert!(archive.restore().is_err(), "{i}");
        let mut here = random_profiles(6, 10);
        let hash = here.state_hash();
        assert!(archive.merge_into(&mut here).is_err(), "{i}");
        assert_eq!(here.state_hash(), hash);
    }
}

#[test]
fn refusals_say_where_and_what() {
    let (profiles, _) = owned();
    let text = write(&profiles, Form::Json);
    let mut archive = read(&text, Form::Json);
    archive
        .profiles
        .iter_mut()
        .for_each(|p| p.chains.retain(|c| c.entries[0].kind != "profile-created"));
    let error = archive.restore().unwrap_err();
    assert!(matches!(error, RestoreError::Waits { for_what: "a role", .. }), "{error}");
    assert!(error.to_string().starts_with("profile \"Officers\": the chain of writer "), "{error}");

    let mut archive = read(&text, Form::Json);
    archive.profiles.iter_mut().for_each(|p| {
        p.chains.iter_mut().for_each(|c| {
            c.entries.iter_mut().for_each(|e| e.time = "2021-01-01 00:00:00".into());
        });
    });
    let error = archive.restore().unwrap_err().to_string();
    assert!(error.contains("entry 1, time: \"2021-01-01 00:00:00\" is not 1"), "{error}");

    let mut archive = read(&text, Form::Json);
    archive.profiles.retain(|profile| profile.name == "Default");
    assert!(matches!(archive.restore(), Err(RestoreError::StateDiffers { .. })));
}

#[test]
fn a_cut_archive_is_recognised_in_every_form() {
    let profiles = random_profiles(8, 6);
    for form in FORMS {
        let text = write(&profiles, form);
        for len in (0..text.len() - 2).filter(|&len| text.is_char_boundary(len)) {
            let cut = &text[..len];
            assert!(Archive::read(form, cut.as_bytes()).is_err(), "{form:?} {len}");
        }
    }
    let csv = write(&profiles, Form::Csv);
    let lines: Vec<&str> = csv.split_inclusive('\n').collect();
    let cut = lines[..lines.len() - 1].concat();
    let error = Archive::read(Form::Csv, cut.as_bytes()).unwrap_err();
    assert!(error.to_string().contains("the file was cut off"), "{error}");
}

#[test]
fn a_later_version_and_other_files_are_named() {
    let text = write(&Profiles::default(), Form::Json);
    let later = text.replacen("\"version\": 1", "\"version\": 2", 1);
    let error = Archive::read(Form::Json, later.as_bytes()).unwrap_err();
    assert_eq!(error, ArchiveError::Newer { version: 2, known: 1 });
    let csv = write(&Profiles::default(), Form::Csv).replacen(",1\n", ",2\n", 1);
    let error = Archive::read(Form::Csv, csv.as_bytes()).unwrap_err();
    assert_eq!(error, ArchiveError::Newer { version: 2, known: 1 });
    for (form, other) in
        [(Form::Json, "{\"a\": 1}\n"), (Form::Csv, "a,b\n1,2\n"), (Form::Lua, "A = 1\n")]
    {
        let error = Archive::read(form, other.as_bytes()).unwrap_err();
        assert!(matches!(error, ArchiveError::NotAnArchive { .. }), "{error}");
    }
}

#[test]
fn a_merge_adds_what_is_missing_and_keeps_the_active_profile() {
    let theirs = random_profiles(11, 25);
    let (mut here, _) = owned();
    award(&mut here, "Default", &key(5), 30, "Brindle", "2");
    let active = here.active_id();
    let archive = Archive::of(&theirs);
    let accepted = archive.merge_into(&mut here).unwrap();
    assert_eq!(accepted.iter().map(|(_, a)| a.n_added()).sum::<u64>(), archive.n_entries() as u64);
    assert_eq!((here.active_id(), here.iter().count()), (active, 3));
    for log in theirs.iter() {
        let held = here.get(&log.profile().id).unwrap();
        assert!(held.frontier().lacks(&log.frontier()).next().is_none());
    }
    let hash = here.state_hash();
    let again = archive.merge_into(&mut here).unwrap();
    assert!(again.iter().all(|(_, accepted)| accepted.n_added() == 0));
    assert_eq!(here.state_hash(), hash);
}

#[test]
fn a_merge_of_forks_is_the_same_from_both_sides() {
    let both = forked();
    let mut part = Profiles::default();
    award_to(&mut part, 20, "1");
    award_to(&mut part, 21, "4");
    Archive::of(&both).merge_into(&mut part).unwrap();
    assert_eq!(part.state_hash(), both.state_hash());
}

#[test]
fn a_chain_without_a_seal_is_left_out_and_named() {
    let mut profiles = random_profiles(13, 5);
    let salvaged = draft(40, Change::Note { about: None });
    let log = profiles.get_mut(&open("GP").id).unwrap();
    log.salvage(key(8).writer(), None, &[salvaged]);
    assert_eq!(Archive::unsealed(&profiles), [("GP".to_owned(), key(8).writer(), 1)]);
    let restored = Archive::of(&profiles).restore().unwrap();
    assert_eq!(restored.get(&open("GP").id).unwrap().frontier().last(key(8).writer()), 0);
    assert_ne!(restored.get(&open("GP").id).unwrap().frontier(), Frontier::new());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_was_written_reads_back_to_the_same_state_hash(seed in any::<u64>(), n in 0usize..60) {
        comes_back(&random_profiles(seed, n));
    }

    #[test]
    fn any_stamp_and_text_come_back(
        seconds in 0..=Stamp::SECONDS_MAX, count in any::<u16>(), text in "[^\\x00]{0,60}",
    ) {
        let mut profiles = Profiles::default();
        let stamp = Stamp::new(seconds, count).unwrap();
        let change = Change::Note { about: Some(name("=Brindle")) };
        let entry = Draft { stamp, reason: reason(&text), ..draft(0, change) };
        append(&mut profiles, open("Default"), &[entry], &key(1));
        comes_back(&profiles);
    }

    #[test]
    fn any_bytes_are_an_archive_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for form in FORMS {
            if let Ok(archive) = Archive::read(form, &bytes[..]) {
                let _ = archive.restore();
            }
        }
    }
}
