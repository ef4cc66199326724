//! Pipe text and the seed's SavedVariables: points alone, and what was left out.

use std::collections::BTreeMap;

use guildsync_files::exchange::Import;
use guildsync_files::pipe::{self, PipeError, PipeFile};
use guildsync_files::spectrum::{self, SpectrumError, SpectrumFile};
use guildsync_log::{Basis, Change, Draft, Profiles};
use proptest::prelude::*;

use crate::world::{
    append, at, award, key, name, open, optional, points, random_profiles, reason, totals,
};

/// Appends what was read, as the program does.
fn take(profiles: &mut Profiles, import: Import, seed: u8) -> usize {
    let drafts = import.profiles.iter().map(|incoming| incoming.drafts.len()).sum();
    for incoming in import.profiles {
        append(profiles, incoming.profile, &incoming.drafts, &key(seed));
    }
    drafts
}

fn read_pipe(text: &str, into: &mut Profiles) -> Import {
    let import = PipeFile::parse(text).unwrap().plan(into);
    take(into, import.clone(), 9);
    import
}

fn read_spectrum(text: &str, into: &mut Profiles) -> Import {
    let import = SpectrumFile::read(text.as_bytes()).unwrap().plan(into);
    take(into, import.clone(), 9);
    import
}

/// Members with points, by profile. A member whose entries do not count has 0 and is not carried.
fn carried(profiles: &Profiles) -> BTreeMap<String, BTreeMap<String, i64>> {
    let logs = profiles.iter().map(|log| (log.label().to_owned(), totals(Some(log), false)));
    logs.filter(|(_, totals)| !totals.is_empty()).collect()
}

#[test]
fn pipe_lines_hold_the_eight_fields_of_the_seed() {
    let mut profiles = Profiles::default();
    append(&mut profiles, open("A|B"), &[], &key(1));
    award(&mut profiles, "A|B", &key(1), 1_630_624_903, "Brindle", "12.5");
    award(&mut profiles, "A|B", &key(1), 1_630_624_902, "Quill", "-3");
    let pipe = pipe::write(&profiles, None).unwrap();
    assert_eq!(
        pipe.text,
        "1|1630624902|Oakhand|Quill|-3|-3|live|A\\pB\n\
         2|1630624903|Oakhand|Brindle|12.5|12.5|live|A\\pB\n"
    );
    assert_eq!(pipe.lines, 2);
    let default = profiles.active_id();
    assert_eq!(pipe::write(&profiles, Some(&default)).unwrap().lines, 0);
}

#[test]
fn a_total_goes_out_as_what_it_added() {
    let mut profiles = Profiles::default();
    award(&mut profiles, "Default", &key(1), 10, "Brindle", "5");
    let change = Change::Points {
        target: name("Brindle"),
        delta: points("1"),
        total: points("40"),
        basis: Basis::Total,
    };
    let (actor, why) = (name("Oakhand"), reason("file"));
    let draft = Draft { stamp: at(11), actor, change, reason: why, origin: Some(1) };
    append(&mut profiles, open("Default"), &[draft], &key(1));
    let pipe = pipe::write(&profiles, None).unwrap();
    assert!(pipe.text.ends_with("2|11|Oakhand|Brindle|35|40|file|Default\n"), "{}", pipe.text);
    assert_eq!((pipe.left_out.totals_as_deltas, pipe.left_out.origins), (1, 1));
}

#[test]
fn what_pipe_text_cannot_carry_is_counted() {
    let profiles = random_profiles(21, 200);
    let left_out = pipe::write(&profiles, None).unwrap().left_out;
    let zero = [
        left_out.notes,
        left_out.undos,
        left_out.uncounted,
        left_out.unknown,
        left_out.totals_as_deltas,
        left_out.counts_in_second,
        left_out.writers,
    ];
    assert!(zero.iter().all(|&n| n > 0), "{left_out:?}");
    assert_eq!(left_out, spectrum::write(&profiles, None).unwrap().left_out);
    let (n, lines) = (
        profiles.iter().map(|log| log.len()).sum::<usize>(),
        pipe::write(&profiles, None).unwrap().lines,
    );
    let gone =
        left_out.notes + left_out.undos + left_out.uncounted + left_out.unknown + left_out.rights;
    assert_eq!(n, lines + gone, "every entry is there or counted");
}

#[test]
fn bad_lines_are_refused_by_number_and_reason_and_the_rest_goes_on() {
    let text = "1|50|Oakhand|Brindle|5|5|ok|Default\n\
                \n\
                2|50|Oakhand|Brindle|5|10|no profile\n\
                x|50|Oakhand|Brindle|5|10|r|Default\n\
                3|soon|Oakhand|Brindle|5|10|r|Default\n\
                4|50|Oak hand|Brindle|5.123|10|r|Default\n\
                5|50||Brindle|5|10|r|Default\n\
                6|50|Oakhand|Brindle|5|10|a\\x|Default\n\
                7|50|Oakhand|Brindle|5|10|r|\n";
    let import = read_pipe(text, &mut Profiles::default());
    let refused: Vec<String> = import.report.refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        refused,
        [
            "line 3: 7 fields where 8 should be: id|timestamp|actor|target|delta|newTotal|reason|profile; a | in a field is written \\p",
            "line 4: id \"x\" is not a whole number",
            "line 5: timestamp: \"soon\" is not a time: write seconds since 1970, YYYYMMDDHHMMSS, YYYY-MM-DD or \"YYYY-MM-DD HH:MM:SS\", in UTC",
            "line 6: delta: \"5.123\" is not an amount: write a number with at most two decimal places, like 12.5",
            "line 7: actor: a member name is empty: give at least one character",
            "line 8: unknown escape `\\x` at byte 27",
            "line 9: profile: a profile name is empty: give at least one character",
        ]
    );
    assert_eq!((import.report.records, import.report.added), (8, 1));
    let draft = &import.profiles[0].drafts[0];
    assert!(matches!(&draft.change, Change::Points { basis: Basis::Delta, .. }));
    assert_eq!(draft.origin, Some(1));
}

#[test]
fn a_repeated_line_is_one_entry_and_an_equal_one_with_another_id_is_a_second() {
    let line = "50|Oakhand|Brindle|5|5|r|Default\n";
    let mut profiles = Profiles::default();
    let import = read_pipe(&format!("1|{line}1|{line}2|{line}"), &mut profiles);
    assert_eq!((import.report.added, import.report.repeated), (2, 1));
    assert_eq!(carried(&profiles)["Default"]["brindle"], 1000);
}

#[test]
fn pipe_text_that_was_cut_off_is_refused_whole() {
    let text = "1|50|Oakhand|Brindle|5|5|r|Default\n2|51|Oakhand|Brindle|5|10|r|Defa";
    assert_eq!(PipeFile::parse(text).unwrap_err(), PipeError::Truncated { line: 2 });
}

#[test]
fn a_logs_own_export_is_already_there() {
    let mut profiles = random_profiles(33, 60);
    let (pipe, saved) =
        (pipe::write(&profiles, None).unwrap(), spectrum::write(&profiles, None).unwrap());
    let hash = profiles.state_hash();
    let import = read_pipe(&pipe.text, &mut profiles);
    assert_eq!((import.report.added, import.report.already_there), (0, pipe.lines));
    let import = read_spectrum(&saved.text, &mut profiles);
    assert_eq!((import.report.added, import.report.already_there), (0, saved.entries));
    assert_eq!(profiles.state_hash(), hash);
}

#[test]
fn profiles_of_one_label_stay_two() {
    let mut profiles = Profiles::default();
    append(&mut profiles, open("Raid"), &[], &key(1));
    award(&mut profiles, "Raid", &key(1), 10, "Brindle", "1");
    award(&mut profiles, "Default", &key(1), 10, "Brindle", "2");
    let name = guildsync_types::ProfileName::new("Raid").unwrap();
    let (actor, change) = (name_of(), Change::ProfileRenamed { name });
    let rename = Draft { stamp: at(11), actor, change, reason: reason(""), origin: None };
    append(&mut profiles, open("Default"), &[rename], &key(1));
    let mut read = Profiles::default();
    read_pipe(&pipe::write(&profiles, None).unwrap().text, &mut read);
    assert_eq!(carried(&read).len(), 2);
    let mut read = Profiles::default();
    read_spectrum(&spectrum::write(&profiles, None).unwrap().text, &mut read);
    assert_eq!(carried(&read).len(), 2);
}

fn name_of() -> guildsync_types::MemberName {
    name("Oakhand")
}

#[test]
fn the_seeds_saved_variables_have_its_shape() {
    let mut profiles = Profiles::default();
    award(&mut profiles, "Default", &key(1), 10, "Brindle", "12.5");
    let saved = spectrum::write(&profiles, None).unwrap();
    assert_eq!(
        saved.text,
        "
SpectrumFederationDB = {
\t[\"schemaVersion\"] = 2,
\t[\"activeProfile\"] = \"Default\",
\t[\"profiles\"] = {
\t\t[\"Default\"] = {
\t\t\t[\"points\"] = {
\t\t\t\t[\"Brindle\"] = {
\t\t\t\t\t[\"total\"] = 12.5,
\t\t\t\t\t[\"lastUpdated\"] = 10,
\t\t\t\t},
\t\t\t},
\t\t\t[\"logs\"] = {
\t\t\t\t{
\t\t\t\t\t[\"id\"] = 1,
\t\t\t\t\t[\"timestamp\"] = 10,
\t\t\t\t\t[\"actor\"] = \"Oakhand\",
\t\t\t\t\t[\"target\"] = \"Brindle\",
\t\t\t\t\t[\"delta\"] = 12.5,
\t\t\t\t\t[\"newTotal\"] = 12.5,
\t\t\t\t\t[\"reason\"] = \"live\",
\t\t\t\t\t[\"profile\"] = \"Default\",
\t\t\t\t}, -- [1]
\t\t\t},
\t\t\t[\"nextLogId\"] = 2,
\t\t\t[\"createdAt\"] = 10,
\t\t\t[\"createdBy\"] = \"Oakhand\",
\t\t},
\t},
}
"
    );
}

#[test]
fn tiers_of_the_first_version_become_profiles_named_after_their_keys() {
    let entry = |id: u32, total: u32| {
        format!(
            "{{ id = {id}, timestamp = 5{id}, actor = \"Oakhand\", target = \"Brindle\", delta = 5, newTotal = {total}, }}"
        )
    };
    let text = format!(
        "SpectrumFederationDB = {{ tiers = {{ [\"T1\"] = {{ logs = {{ [7] = {}, [2] = {}, }}, points = {{ [\"Brindle\"] = {{ total = 45, }}, [\"Quill\"] = 3, }}, }}, [2] = {{ logs = {{ {} }} }}, }}, }}\n",
        entry(7, 45),
        entry(2, 5),
        entry(1, 5),
    );
    let mut profiles = Profiles::default();
    let import = read_spectrum(&text, &mut profiles);
    let carried = carried(&profiles);
    assert_eq!(carried["T1"]["brindle"], 4500, "the addon's total: entry 7 does not fit");
    assert_eq!(carried["2"]["brindle"], 500);
    assert_eq!((import.report.added, import.report.totals, import.report.unfitting), (3, 1, 1));
    let differing = &import.report.differing;
    assert_eq!(differing.len(), 1);
    assert_eq!((&*differing[0].member, &*differing[0].stated), ("Quill", "3"));
    assert_eq!(read_spectrum(&text, &mut profiles).report.already_there, 3);
}

#[test]
fn entries_of_the_seed_that_cannot_be_read_are_refused_by_id_and_reason() {
    let text = "SpectrumFederationDB = { schemaVersion = 2, profiles = { [\"Default\"] = { logs = {
        [1] = { timestamp = 50, actor = \"Oakhand\", target = \"Brindle\", delta = 5, newTotal = 5 },
        [2] = { timestamp = -1, actor = \"Oakhand\", target = \"Brindle\", delta = 5, newTotal = 5 },
        [3] = { timestamp = 50, target = \"Brindle\", delta = 5, newTotal = 5 },
        [4] = { timestamp = 50, actor = \"Oakhand\", target = \"Brindle\", delta = 0.125, newTotal = 5 },
        [5] = true,
    }, }, [\"\"] = { }, [\"X\"] = 5, }, }\n";
    let import = read_spectrum(text, &mut Profiles::default());
    let refused: Vec<String> = import.report.refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        refused,
        [
            "profile \"Default\", entry 2: timestamp: -1 lies before 1970",
            "profile \"Default\", entry 3: actor is missing",
            "profile \"Default\", entry 4: delta: \"0.125\" is not an amount: write a number with at most two decimal places, like 12.5",
            "profile \"Default\", entry 5: a boolean where an entry should be",
            "profile \"\": a profile name is empty: give at least one character",
            "profile \"X\": a number where a profile should be",
        ]
    );
    assert_eq!(import.report.added, 1);
    let newer = SpectrumFile::read(&b"SpectrumFederationDB = { schemaVersion = 3, }\n"[..]);
    assert_eq!(newer.unwrap_err(), SpectrumError::Newer { version: 3 });
    let empty = SpectrumFile::read(&b"SpectrumFederationDB = { }\n"[..]);
    assert_eq!(empty.unwrap_err(), SpectrumError::NoProfiles);
}

#[test]
fn an_amount_that_no_record_can_hold_stops_the_export() {
    let mut profiles = Profiles::default();
    award(&mut profiles, "Default", &key(1), 10, "Brindle", "9000000");
    // Written apart, so that neither award sees the other.
    let mut other = Profiles::default();
    award(&mut other, "Default", &key(2), 11, "Brindle", "9000000");
    crate::world::merge(&mut profiles, &other);
    let error = pipe::write(&profiles, None).unwrap_err().to_string();
    assert!(error.contains("Brindle at 1970-01-01 00:00:11: 18000000 points"), "{error}");
    assert!(spectrum::write(&profiles, None).is_err());
}

#[test]
fn a_corpus_of_pipe_text_is_read_whole_and_a_second_time_adds_nothing() {
    let Some(text) = optional("loot-correlated.psv") else { return };
    let mut profiles = Profiles::default();
    let import = read_pipe(&text, &mut profiles);
    assert_eq!((import.report.records, import.report.refused.len()), (20_000, 0));
    let again = read_pipe(&text, &mut profiles);
    assert_eq!(again.report.added, 0);
    println!("{:?}", import.report);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..Default::default() })]

    #[test]
    fn pipe_text_reads_back_to_the_same_standings_and_the_same_text(
        seed in any::<u64>(), n in 0usize..80,
    ) {
        let profiles = random_profiles(seed, n);
        let pipe = pipe::write(&profiles, None).unwrap();
        let mut read = Profiles::default();
        let import = read_pipe(&pipe.text, &mut read);
        prop_assert_eq!(import.report.added, pipe.lines);
        prop_assert_eq!(import.report.unfitting, 0);
        prop_assert_eq!(carried(&read), carried(&profiles));
        prop_assert_eq!(pipe::write(&read, None).unwrap().text, pipe.text);
        prop_assert_eq!(read_pipe(&pipe::write(&profiles, None).unwrap().text, &mut read).report.added, 0);
    }

    #[test]
    fn the_seeds_saved_variables_read_back_to_the_same_standings_and_the_same_text(
        seed in any::<u64>(), n in 0usize..80,
    ) {
        let profiles = random_profiles(seed, n);
        let saved = spectrum::write(&profiles, None).unwrap();
        let mut read = Profiles::default();
        let import = read_spectrum(&saved.text, &mut read);
        prop_assert_eq!((import.report.added, import.report.totals), (saved.entries, 0));
        prop_assert!(import.report.differing.is_empty());
        prop_assert_eq!(carried(&read), carried(&profiles));
        prop_assert_eq!(spectrum::write(&read, None).unwrap().text, saved.text);
    }

    #[test]
    fn any_text_is_lines_or_refusals(text in "([0-9a-z|\\\\\n]|\\PC){0,200}") {
        if let Ok(file) = PipeFile::parse(&text) {
            let report = file.plan(&Profiles::default()).report;
            let sum = report.added + report.already_there + report.repeated + report.refused.len();
            prop_assert_eq!(sum, report.records);
        }
    }
}
