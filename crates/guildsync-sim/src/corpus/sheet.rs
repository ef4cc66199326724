//! A raid-assignment sheet from a seed: who does what at each boss.
//!
//! Cells and words are drawn evenly, which no guild does: real sheets repeat themselves more, so what
//! a codec makes of this one is an upper bound.

use std::collections::{BTreeSet, HashSet};

use crate::dice::Dice;

use super::words;

/// How many names the cells are drawn from.
pub const ROSTER: usize = 40;
/// Columns of every section: a mark, a role and four for those who are assigned.
pub const COLUMNS: usize = 6;
/// Raid marks, of which column 0 has one.
pub const MARKS: [&str; 8] =
    ["Star", "Circle", "Diamond", "Triangle", "Moon", "Square", "Cross", "Skull"];
/// Role words, of which column 1 has one.
pub const ROLES: [&str; 30] = [
    "Tank", "Healer", "Ranged", "Melee", "Caster", "Support", "Backup", "Offtank", "Kiter",
    "Puller", "Caller", "Scout", "Runner", "Soaker", "Breaker", "Guard", "Warden", "Spotter",
    "Decoy", "Anchor", "Flanker", "Dispel", "Silence", "Stun", "Shield", "Taunt", "Slow", "Root",
    "Burst", "Reserve",
];
/// Headings of the columns after the first two.
const HEADINGS: [&str; 12] = [
    "First", "Second", "Third", "Fourth", "Left", "Right", "Opening", "Swap", "Phase 1", "Phase 2",
    "Phase 3", "Spare",
];
const ONSETS: [&str; 20] = [
    "b", "br", "d", "dr", "f", "g", "gl", "h", "k", "l", "m", "n", "p", "pr", "r", "s", "st", "t",
    "tr", "v",
];
const VOWELS: [&str; 8] = ["a", "e", "i", "o", "u", "ea", "ai", "ou"];
const CODAS: [&str; 12] = ["", "", "", "", "l", "n", "r", "s", "t", "m", "nd", "sh"];
/// How many words notes are written with, the same in every sheet.
const WORDS: usize = 400;
const WORDS_SEED: u64 = 0x0005_4ee7;
/// How often a cell for somebody is empty, and how often it names a role.
const EMPTY: f64 = 1.0 / 8.0;
const ROLE: f64 = 1.0 / 16.0;
/// How often an edit changes the note too.
const NOTE_EDITED: f64 = 1.0 / 3.0;
/// So often an edit draws before it leaves a cell as it is: a sheet may have but one value.
const DRAWS_MAX: usize = 64;

/// A generated sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// What the sheet is called.
    pub title: String,
    /// Its sections, each with a name of its own.
    pub sections: Vec<SheetSection>,
}

/// The assignments of one boss: some 750 bytes of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetSection {
    /// The boss.
    pub name: String,
    /// The headings of its [`COLUMNS`].
    pub header: Vec<String>,
    /// 8 to 12 rows of [`COLUMNS`] cells; an empty cell is an empty text.
    pub rows: Vec<Vec<String>>,
    /// 10 to 25 words.
    pub note: Option<String>,
    /// 4 to 8 words, in a section out of four.
    pub warning: Option<String>,
    /// Rows that begin a group, counted from 1 and rising, in a section out of three.
    pub group_rows: Vec<u32>,
}

impl SheetSection {
    /// All that a person reads, a newline after each text: what sizes are compared with.
    #[must_use]
    pub fn text(&self) -> String {
        let cells = self.rows.iter().flatten();
        let texts = std::iter::once(&self.name).chain(&self.header).chain(cells);
        texts.chain(&self.note).chain(&self.warning).map(|text| format!("{text}\n")).collect()
    }
}

impl Sheet {
    /// The texts of all sections.
    #[must_use]
    pub fn text(&self) -> String {
        self.sections.iter().map(SheetSection::text).collect()
    }

    /// Changes 3 to 6 cells of a section, and sometimes its note. Somebody new comes from another
    /// cell of the sheet. A section that is not there is left alone.
    pub fn edit(&mut self, dice: &mut Dice, section: usize) {
        let assigned: Vec<String> = self
            .sections
            .iter()
            .flat_map(|section| &section.rows)
            .flat_map(|row| row.iter().skip(2))
            .cloned()
            .collect();
        let Some(section) = self.sections.get_mut(section) else { return };
        for place in some_of(dice, section.rows.len() * COLUMNS, 3, 6) {
            let (row, column) = (place / COLUMNS, place % COLUMNS);
            for _ in 0..DRAWS_MAX {
                let cell = match column {
                    0 => one_of(dice, &MARKS),
                    1 => one_of(dice, &ROLES),
                    _ => assigned[dice.below(assigned.len())].clone(),
                };
                if cell != section.rows[row][column] {
                    section.rows[row][column] = cell;
                    break;
                }
            }
        }
        if dice.happens(NOTE_EDITED) {
            let vocabulary = vocabulary();
            let note = section.note.iter().flat_map(|note| note.split(' ')).map(str::to_owned);
            let mut note: Vec<String> = note.collect();
            let (from, count) = (dice.below(note.len() + 1), dice.between(1, 3) as usize);
            let to = note.len().min(from + dice.below(3));
            note.splice(from..to, (0..count).map(|_| vocabulary[dice.below(WORDS)].clone()));
            section.note = Some(note.join(" "));
        }
    }
}

/// A sheet with so many sections; a real one has some 20.
#[must_use]
pub fn assignments(seed: u64, sections: usize) -> Sheet {
    let mut dice = Dice::new(seed);
    let (roster, vocabulary) = (roster(&mut dice), vocabulary());
    let title = format!("{} {}", one_of(&mut dice, &words::RAIDS), 1 + dice.below(20));
    let mut bosses = HashSet::new();
    let mut sheet = Sheet { title, sections: Vec::with_capacity(sections) };
    while sheet.sections.len() < sections {
        let name = boss(&mut dice);
        if bosses.insert(name.clone()) {
            sheet.sections.push(section(&mut dice, name, &roster, &vocabulary));
        }
    }
    sheet
}

fn section(
    dice: &mut Dice,
    name: String,
    roster: &[String],
    vocabulary: &[String],
) -> SheetSection {
    let mut header = vec!["Mark".to_owned(), "Role".to_owned()];
    while header.len() < COLUMNS {
        let heading = one_of(dice, &HEADINGS);
        if !header.contains(&heading) {
            header.push(heading);
        }
    }
    let rows: Vec<_> = (0..dice.between(8, 12))
        .map(|_| {
            let mut row = vec![one_of(dice, &MARKS), one_of(dice, &ROLES)];
            row.resize_with(COLUMNS, || match dice.unit() {
                part if part < EMPTY => String::new(),
                part if part < EMPTY + ROLE => one_of(dice, &ROLES),
                _ => roster[dice.below(roster.len())].clone(),
            });
            row
        })
        .collect();
    let note = Some(prose(dice, vocabulary, 10, 25));
    let warning = dice.happens(0.25).then(|| prose(dice, vocabulary, 4, 8));
    let group_rows = match dice.happens(1.0 / 3.0) {
        true => some_of(dice, rows.len(), 1, 3).into_iter().map(|row| row as u32 + 1).collect(),
        false => Vec::new(),
    };
    SheetSection { name, header, rows, note, warning, group_rows }
}

fn one_of(dice: &mut Dice, items: &[&str]) -> String {
    items[dice.below(items.len())].to_owned()
}

/// From `least` to `most` distinct numbers below `n`, rising; all of them if there are fewer.
fn some_of(dice: &mut Dice, n: usize, least: u64, most: u64) -> BTreeSet<usize> {
    let count = n.min(dice.between(least, most) as usize);
    let mut numbers = BTreeSet::new();
    while numbers.len() < count {
        numbers.insert(dice.below(n));
    }
    numbers
}

fn prose(dice: &mut Dice, vocabulary: &[String], least: u64, most: u64) -> String {
    let count = dice.between(least, most);
    let words: Vec<&str> =
        (0..count).map(|_| vocabulary[dice.below(vocabulary.len())].as_str()).collect();
    words.join(" ")
}

fn syllables(dice: &mut Dice, count: usize) -> String {
    let parts = (0..count).flat_map(|_| [&ONSETS[..], &VOWELS, &CODAS]);
    parts.map(|part| part[dice.below(part.len())]).collect()
}

/// [`WORDS`] distinct words, some as short as "the", few longer than ten letters.
fn vocabulary() -> Vec<String> {
    let mut dice = Dice::new(WORDS_SEED);
    let mut words = Vec::with_capacity(WORDS);
    while words.len() < WORDS {
        let count = [1, 1, 1, 1, 2, 2, 2, 2, 2, 2][dice.below(10)];
        let word = syllables(&mut dice, count);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

/// [`ROSTER`] distinct names of some eleven letters.
fn roster(dice: &mut Dice) -> Vec<String> {
    let mut names = Vec::with_capacity(ROSTER);
    while names.len() < ROSTER {
        let start = one_of(dice, &words::NAME_STARTS);
        let name = start + &syllables(dice, 1) + &one_of(dice, &words::NAME_ENDS);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// One or two invented words.
fn boss(dice: &mut Dice) -> String {
    let words: Vec<String> = (0..dice.between(1, 2))
        .map(|_| {
            let mut word = syllables(dice, 2);
            word[..1].make_ascii_uppercase();
            word
        })
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECTIONS: usize = 20;

    #[test]
    fn a_seed_is_one_sheet() {
        assert_eq!(assignments(7, SECTIONS), assignments(7, SECTIONS));
        assert_ne!(assignments(7, SECTIONS), assignments(8, SECTIONS));
        let edited = || {
            let mut sheet = assignments(7, SECTIONS);
            sheet.edit(&mut Dice::new(1), 3);
            sheet
        };
        assert_eq!(edited(), edited());
    }

    #[test]
    fn a_section_is_750_bytes_of_text() {
        let bytes: usize = (0..20).map(|seed| assignments(seed, SECTIONS).text().len()).sum();
        let mean = bytes as f64 / (20 * SECTIONS) as f64;
        assert!((mean / 750.0 - 1.0).abs() < 0.05, "{mean} bytes");
    }

    #[test]
    fn sections_are_as_promised() {
        for seed in 0..20 {
            let sheet = assignments(seed, SECTIONS);
            let names: HashSet<_> = sheet.sections.iter().map(|section| &section.name).collect();
            assert_eq!(names.len(), SECTIONS);
            for section in &sheet.sections {
                assert!((8..=12).contains(&section.rows.len()));
                assert_eq!(section.header.len(), COLUMNS);
                for row in &section.rows {
                    assert_eq!(row.len(), COLUMNS);
                    assert!(MARKS.contains(&row[0].as_str()) && ROLES.contains(&row[1].as_str()));
                }
                let words =
                    |text: &Option<String>| text.as_ref().map(|text| text.split(' ').count());
                assert!(words(&section.note).is_some_and(|count| (10..=25).contains(&count)));
                assert!(words(&section.warning).is_none_or(|count| (4..=8).contains(&count)));
                assert!(section.group_rows.iter().all(|row| *row as usize <= section.rows.len()));
                assert!(
                    section.group_rows.iter().all(|row| *row > 0) && section.group_rows.is_sorted()
                );
            }
        }
    }

    #[test]
    fn shares_are_as_promised() {
        let sections: Vec<_> =
            (0..20).flat_map(|seed| assignments(seed, SECTIONS).sections).collect();
        let share = |count: usize, of: usize| count as f64 / of as f64;
        let warned = sections.iter().filter(|section| section.warning.is_some()).count();
        assert!((share(warned, sections.len()) - 1.0 / 4.0).abs() < 0.06);
        let grouped = sections.iter().filter(|section| !section.group_rows.is_empty()).count();
        assert!((share(grouped, sections.len()) - 1.0 / 3.0).abs() < 0.06);
        let cells = || sections.iter().flat_map(|s| &s.rows).flat_map(|row| &row[2..]);
        let empty = cells().filter(|cell| cell.is_empty()).count();
        assert!((share(empty, cells().count()) - 1.0 / 8.0).abs() < 0.01);
        let letters: usize = vocabulary().iter().map(String::len).sum();
        assert!((5.0..6.0).contains(&share(letters, WORDS)), "{}", share(letters, WORDS));
    }

    #[test]
    fn an_edit_changes_three_to_six_cells_of_its_section() {
        let mut notes = 0;
        for seed in 0..60 {
            let before = assignments(seed, SECTIONS);
            let mut after = before.clone();
            after.edit(&mut Dice::new(seed), 5);
            let changed = |at: usize| {
                let cells = |sheet: &Sheet| sheet.sections[at].rows.concat();
                let pairs = cells(&before).into_iter().zip(cells(&after));
                pairs.filter(|(before, after)| before != after).count()
            };
            assert!((3..=6).contains(&changed(5)), "{} cells", changed(5));
            notes += usize::from(before.sections[5].note != after.sections[5].note);
            after.sections[5] = before.sections[5].clone();
            assert_eq!(after, before);
        }
        assert!((10..=30).contains(&notes), "{notes} notes");
        let mut sheet = assignments(1, 2);
        sheet.edit(&mut Dice::new(1), 2);
        assert_eq!(sheet, assignments(1, 2));
    }
}
