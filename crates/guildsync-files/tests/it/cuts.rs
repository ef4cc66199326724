//! Two files of one history: wherever they begin and end, everyone ends with the whole history.

use guildsync_files::cepgp::Names;
use guildsync_log::Profiles;
use proptest::prelude::*;

use crate::world::{Random, award, import, key, merge, standings, traffic};

/// A made-up history: rows, and the index of the first row of the second second. Raid-wide awards and
/// decay list nobody, many rows share a second, and every row has a text of its own.
fn history(seed: u64, n: usize) -> (Vec<String>, usize) {
    let mut random = Random(seed);
    let mut totals = [[0i64; 2]; 4];
    let mut second = 1_600_000_000;
    let (mut rows, mut first_ends) = (Vec::new(), n);
    for i in 0..n {
        if random.one_in(3) && i > 0 {
            second += 1;
            first_ends = first_ends.min(i);
        }
        if random.one_in(8) {
            totals.iter_mut().for_each(|total| total[0] += 5);
            rows.push(format!(r#""Raid", "Oakhand", "Add Raid EP 5 ({i})", [9] = {second}"#));
            continue;
        }
        let member = random.below(4) as usize;
        let before = totals[member];
        if !random.one_in(4) {
            let currency = random.below(2) as usize;
            totals[member][currency] += random.below(9) as i64 - 4;
        }
        let after = totals[member];
        let shown = |random: &mut Random, total: i64| match random.below(8) {
            0 => r#""""#.to_owned(),
            1 => format!("\"{total}\""),
            _ => total.to_string(),
        };
        let [ep, gp] = [0, 1].map(|c| {
            // CEPGP leaves "before" out, hardly ever "after".
            let after_text = after[c].to_string();
            format!("{}, {after_text}", shown(&mut random, before[c]))
        });
        rows.push(format!(r#""M{member}", "Oakhand", "row {i}", {ep}, {gp}, "", {second}"#));
    }
    (rows, first_ends)
}

/// Each part goes into a store of its own, by a writer of its own, who then awards; all meet.
fn apart_then_together(parts: &[&[String]], keys: &[u8]) -> [Profiles; 2] {
    let mut stores: Vec<Profiles> = Vec::new();
    for (part, &seed) in parts.iter().zip(keys) {
        let mut store = Profiles::default();
        import(&mut store, &traffic(part), &key(seed));
        award(&mut store, "EP", &key(seed), 1_700_000_000, "M1", "7");
        award(&mut store, "GP", &key(seed), 1_700_000_001, "M2", "-3.5");
        stores.push(store);
    }
    let mut forth = stores[0].clone();
    stores[1..].iter().for_each(|store| merge(&mut forth, store));
    let mut back = stores[stores.len() - 1].clone();
    stores.iter().rev().skip(1).for_each(|store| merge(&mut back, store));
    [forth, back]
}

fn whole(rows: &[String], n_writers: u8) -> Profiles {
    let mut store = Profiles::default();
    import(&mut store, &traffic(rows), &key(9));
    for seed in 1..=n_writers {
        award(&mut store, "EP", &key(seed), 1_700_000_000, "M1", "7");
        award(&mut store, "GP", &key(seed), 1_700_000_001, "M2", "-3.5");
    }
    store
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn parts_that_overlap_or_touch_anywhere_give_the_whole_when_their_stores_meet(
        seed in any::<u64>(), n in 2usize..24, from in 0usize..24, to in 0usize..24, swap in any::<bool>(),
    ) {
        let (rows, first_ends) = history(seed, n);
        let to = first_ends + to % (n - first_ends + 1);
        let from = from % (to + 1);
        let keys = if swap { [2, 1] } else { [1, 2] };
        let [forth, back] = apart_then_together(&[&rows[..to], &rows[from..]], &keys);
        prop_assert_eq!(forth.state_hash(), back.state_hash());
        prop_assert_eq!(standings(&forth), standings(&whole(&rows, 2)));
    }

    #[test]
    fn a_part_from_the_middle_changes_nothing_of_the_whole(
        seed in any::<u64>(), n in 2usize..24, from in 0usize..24, to in 0usize..24, swap in any::<bool>(),
    ) {
        let (rows, _) = history(seed, n);
        let from = from % n;
        let to = from + 1 + to % (n - from);
        // A part within one second cannot know where in it it lies.
        let seconds = |row: &String| row.rsplit(' ').next().map(str::to_owned);
        if seconds(&rows[from]) == seconds(&rows[to - 1]) {
            return Ok(());
        }
        let keys = if swap { [2, 1] } else { [1, 2] };
        let [forth, back] = apart_then_together(&[&rows, &rows[from..to]], &keys);
        prop_assert_eq!(forth.state_hash(), back.state_hash());
        prop_assert_eq!(standings(&forth), standings(&whole(&rows, 2)));
    }

    #[test]
    fn parts_imported_into_one_store_give_the_whole_in_either_order(
        seed in any::<u64>(), n in 2usize..24, from in 0usize..24, to in 0usize..24, swap in any::<bool>(),
    ) {
        let (rows, first_ends) = history(seed, n);
        let to = first_ends + to % (n - first_ends + 1);
        let from = from % (to + 1);
        let mut parts = [&rows[..to], &rows[from..]];
        if swap {
            parts.reverse();
        }
        let mut store = Profiles::default();
        for part in parts {
            import(&mut store, &traffic(part), &key(1));
        }
        let mut expected = Profiles::default();
        import(&mut expected, &traffic(&rows), &key(1));
        prop_assert_eq!(standings(&store), standings(&expected));
        for part in parts {
            let again = import(&mut store, &traffic(part), &key(2));
            prop_assert_eq!(again.ep.len() + again.gp.len(), 0);
        }
    }

    #[test]
    fn parts_whose_oldest_rows_have_no_time_give_the_whole(
        seed in any::<u64>(), n in 2usize..24, untimed in 1usize..24,
        from in 0usize..24, to in 0usize..24, swap in any::<bool>(),
    ) {
        let (mut rows, _) = history(seed, n);
        let untimed = untimed.min(n - 1);
        for row in &mut rows[..untimed] {
            let (rest, _) = row.rsplit_once(", ").unwrap();
            *row = rest.to_owned();
        }
        // The first part has no time at all, or the first time's second whole.
        let time = |row: &String| row.rsplit(' ').next().map(str::to_owned);
        let first = rows.get(untimed).map(time);
        let whole_second = (untimed..n).find(|&i| Some(time(&rows[i])) != first).unwrap_or(n);
        let ends: Vec<usize> = (0..=untimed).chain(whole_second..=n).collect();
        let to = ends[to % ends.len()];
        let from = from % (to + 1);
        let keys = if swap { [2, 1] } else { [1, 2] };
        if to == 0 {
            return Ok(());
        }
        let [forth, back] = apart_then_together(&[&rows[..to], &rows[from..]], &keys);
        prop_assert_eq!(forth.state_hash(), back.state_hash());
        prop_assert_eq!(standings(&forth), standings(&whole(&rows, 2)));
    }

    #[test]
    fn the_standings_of_one_file_are_its_last_afters(seed in any::<u64>(), n in 0usize..40) {
        let (rows, _) = history(seed, n);
        let mut store = Profiles::default();
        import(&mut store, &traffic(&rows), &key(1));
        let [ep, gp] = Names::default().profiles();
        for member in 0..4 {
            let named = format!("\"M{member}\"");
            let Some(row) = rows.iter().rev().find(|row| row.starts_with(&named)) else { continue };
            let columns: Vec<&str> = row.split(", ").collect();
            for (profile, column) in [(&ep, 4), (&gp, 6)] {
                let total = crate::world::totals(store.get(&profile.id), true)[&format!("m{member}")];
                prop_assert_eq!(total, columns[column].parse::<i64>().unwrap() * 100);
            }
        }
    }
}

#[test]
fn a_file_that_begins_within_a_second_sorts_behind_one_that_has_its_beginning() {
    let rows = [
        r#""M0", "Oakhand", "a", 0, 1, 0, 0, "", 49"#,
        r#""M1", "Oakhand", "b", 0, 5, 0, 0, "", 50"#,
        r#""M1", "Oakhand", "c", 5, 5, 0, 3, "", 50"#,
        r#""M1", "Oakhand", "d", 5, 9, 3, 3, "", 50"#,
    ]
    .map(str::to_owned);
    for keys in [[1, 2], [2, 1]] {
        for from in 0..4 {
            for to in from.max(1)..=4 {
                let [forth, back] = apart_then_together(&[&rows[..to], &rows[from..]], &keys);
                assert_eq!(forth.state_hash(), back.state_hash());
                assert_eq!(standings(&forth), standings(&whole(&rows, 2)), "{from} {to} {keys:?}");
            }
        }
    }
}
