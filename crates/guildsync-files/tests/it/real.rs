//! The two real files, where they are present, against a count of its own.

use std::collections::BTreeMap;

use guildsync_files::archive::{Archive, Form};
use guildsync_files::cepgp::{Names, Traffic};
use guildsync_files::pipe::{self, PipeFile};
use guildsync_files::spectrum::{self, SpectrumFile};
use guildsync_log::Profiles;
use guildsync_wire::lua::{Limits, Table, Value, parse_assignments};

use crate::world::{Random, append, award, import, key, merge, optional, standings, totals};

const WRATH: &str = "cepgp_wrath_traffic.lua";
const CLASSIC: &str = "cepgp_classic_traffic_4shapes.lua";

/// What a plain loop over the file's rows counts.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counted {
    rows: usize,
    entry_rows: usize,
    notes: usize,
    /// EP totals, EP deltas, GP totals, GP deltas.
    bases: [usize; 4],
    members: usize,
    untimed: usize,
    last: [BTreeMap<String, i64>; 2],
}

fn rows(text: &str) -> Vec<Table> {
    let globals = parse_assignments(text, &Limits::default()).unwrap();
    let cepgp = globals.into_iter().find(|(name, _)| name == "CEPGP").unwrap().1;
    let traffic = cepgp.as_table().unwrap().get("Traffic").unwrap().as_table().unwrap().clone();
    let table = |row: &Value| row.as_table().unwrap().clone();
    traffic.positional().iter().map(table).collect()
}

fn cell(row: &Table, column: i64) -> Option<f64> {
    match row.at(column)? {
        Value::Str(text) => text.parse().ok(),
        other => other.as_f64(),
    }
}

fn count(text: &str) -> Counted {
    let mut counted = Counted::default();
    let mut members: BTreeMap<String, bool> = BTreeMap::new();
    for row in rows(text) {
        counted.rows += 1;
        counted.untimed += usize::from(cell(&row, 9).is_none());
        let target = row.at(1).and_then(Value::as_str).unwrap_or("").to_lowercase();
        let mut entries = 0;
        if !["", "raid", "guild"].contains(&&*target) {
            members.insert(target.clone(), true);
            for (currency, column) in [(0, 4), (1, 6)] {
                let (before, after) = (cell(&row, column), cell(&row, column + 1));
                let Some(after) = after.map(|after| (after * 100.0) as i64) else { continue };
                let before = before.map(|before| (before * 100.0) as i64);
                let previous = counted.last[currency].insert(target.clone(), after);
                let basis = match previous {
                    Some(previous) if before == Some(previous) && before == Some(after) => continue,
                    Some(previous) if before == Some(previous) => 1,
                    _ => 0,
                };
                counted.bases[currency * 2 + basis] += 1;
                entries += 1;
            }
        }
        match entries {
            0 => counted.notes += 1,
            _ => counted.entry_rows += 1,
        }
    }
    counted.members = members.len();
    counted
}

fn agrees_with_a_plain_count(text: &str) -> Profiles {
    let traffic = Traffic::read(text.as_bytes()).unwrap();
    let mut store = Profiles::default();
    let report = import(&mut store, &traffic, &key(1)).report;
    println!("{report}");
    let [ep, gp] = Names::default().profiles();
    let imported = Counted {
        rows: report.rows,
        entry_rows: report.entry_rows,
        notes: report.notes,
        bases: [report.ep.total, report.ep.delta, report.gp.total, report.gp.delta],
        members: report.members,
        untimed: report.untimed_rows,
        last: [&ep, &gp].map(|profile| totals(store.get(&profile.id), true)),
    };
    assert_eq!(imported, count(text));
    assert_eq!(report.rows, report.refused.len() + report.entry_rows + report.note_rows);
    assert_eq!((report.refused.len(), report.already_there), (0, 0));

    let hash = store.state_hash();
    let again = import(&mut store, &traffic, &key(1));
    assert_eq!((again.ep.len(), again.gp.len()), (0, 0), "a second import adds nothing");
    let n_drafts = report.ep.all() + report.gp.all() + report.notes;
    assert_eq!(again.report.already_there, n_drafts);
    assert_eq!(store.state_hash(), hash);
    store
}

#[test]
fn the_wrath_file_gives_every_members_last_after_and_the_counts_of_a_plain_loop() {
    let Some(text) = optional(WRATH) else { return };
    assert_eq!(count(&text).rows, 7851);
    agrees_with_a_plain_count(&text);
}

#[test]
fn the_classic_file_accounts_for_every_row_of_its_four_shapes() {
    let Some(text) = optional(CLASSIC) else { return };
    let counted = count(&text);
    assert_eq!((counted.rows, counted.untimed), (1556, 231));
    agrees_with_a_plain_count(&text);
}

#[test]
fn what_the_real_files_gave_goes_out_and_comes_back() {
    for name in [WRATH, CLASSIC] {
        let Some(text) = optional(name) else { continue };
        let mut store = Profiles::default();
        import(&mut store, &Traffic::read(text.as_bytes()).unwrap(), &key(1));
        for form in [Form::Json, Form::Csv, Form::Lua] {
            let mut file = Vec::new();
            Archive::of(&store).write(form, &mut file).unwrap();
            let restored = Archive::read(form, &file[..]).unwrap().restore().unwrap();
            assert_eq!(restored.state_hash(), store.state_hash(), "{name} {form:?}");
        }
        let pipe = pipe::write(&store, None).unwrap();
        let saved = spectrum::write(&store, None).unwrap();
        let empty = Profiles::default();
        let pipe = PipeFile::parse(&pipe.text).unwrap().plan(&empty);
        let saved = SpectrumFile::read(saved.text.as_bytes()).unwrap().plan(&empty);
        for read in [pipe, saved] {
            assert_eq!((read.report.refused.len(), read.report.unfitting), (0, 0));
            let mut again = Profiles::default();
            for incoming in read.profiles {
                append(&mut again, incoming.profile, &incoming.drafts, &key(2));
            }
            assert_eq!(standings(&again), standings(&store), "{name}");
        }
    }
}

/// A file of some of the rows.
fn part(rows: &[Table]) -> Traffic {
    let table = rows.iter().cloned().collect::<Table>();
    let globals = [("TRAFFIC".to_owned(), Value::Table(table))];
    Traffic::of(&globals).unwrap()
}

/// A store that imported these rows and awarded afterwards.
fn store(rows: &[Table], seed: u8, awards: &[(u8, u64, &str)]) -> Profiles {
    let mut store = Profiles::default();
    import(&mut store, &part(rows), &key(seed));
    for &(by, after, member) in awards {
        for label in ["EP", "GP"] {
            award(&mut store, label, &key(by), 1_800_000_000 + after, member, "12.5");
        }
    }
    store
}

fn parts_meet(name: &str, seed: u64) {
    let Some(text) = optional(name) else { return };
    let rows = rows(&text);
    let n = rows.len() as u64;
    let member = rows[rows.len() / 2].at(1).and_then(Value::as_str).unwrap().to_owned();
    let member = if member.is_empty() { "Newcomer".to_owned() } else { member };
    let (first, second) = ([(1, 1, &*member), (1, 3, "Newcomer")], [(2, 2, &*member)]);
    let all: Vec<_> = first.iter().chain(&second).copied().collect();
    let whole = standings(&store(&rows, 3, &all));
    // Rows of one second, so that cuts between them are among the pairs.
    let within: Vec<u64> =
        (1..n).filter(|&i| rows[i as usize].at(9) == rows[i as usize - 1].at(9)).collect();
    let mut random = Random(seed);
    for pair in 0..20 {
        let from = match within.get(random.below(12) as usize) {
            Some(&inside) if pair % 4 == 3 => inside,
            _ => random.below(n),
        };
        let to = if pair % 4 == 0 { from } else { from + random.below(n - from + 1) };
        let (mut one, mut two) =
            (store(&rows[..to as usize], 1, &first), store(&rows[from as usize..], 2, &second));
        let (before_one, before_two) = (one.clone(), two.clone());
        merge(&mut one, &before_two);
        merge(&mut two, &before_one);
        assert_eq!(one.state_hash(), two.state_hash(), "cut {from}..{to}");
        assert_eq!(standings(&one), whole, "cut {from}..{to}");
    }
}

#[test]
fn twenty_pairs_of_parts_of_the_wrath_file_meet_in_the_whole_and_the_awards() {
    parts_meet(WRATH, 2);
}

#[test]
fn twenty_pairs_of_parts_of_the_classic_file_meet_in_the_whole_and_the_awards() {
    parts_meet(CLASSIC, 3);
}
