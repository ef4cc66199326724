//! A seeded generator of tables that look like no table of the project: members of a bank, and a
//! journal of what they did.

use guildsync_wire::lua::{Table, Value};

/// SplitMix64 (Steele, Lea, Flood 2014).
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % n
    }

    pub(crate) fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len() as u64) as usize]
    }
}

const HEADS: [&str; 12] =
    ["Bel", "Cor", "Dun", "Eld", "Fir", "Gor", "Hal", "Ist", "Jor", "Kel", "Mor", "Tir"];
const TAILS: [&str; 12] =
    ["adan", "bryn", "dras", "eth", "grim", "ion", "lund", "mir", "nor", "oth", "ric", "wen"];
const TOWNS: [&str; 5] = ["Ashford", "Brightwater", "Coldharbour", "Dunmore", "Eastmarch"];
const WORDS: [&str; 32] = [
    "about", "after", "barley", "caravan", "copper", "dawn", "every", "ferry", "gate", "harvest",
    "in", "iron", "ledger", "market", "mill", "north", "of", "old", "paid", "river", "road",
    "sent", "silver", "store", "the", "to", "tomorrow", "wagon", "was", "west", "wheat", "with",
];

fn name(draw: &mut Draw) -> String {
    format!("{}{}", draw.of(&HEADS), draw.of(&TAILS))
}

fn prose(draw: &mut Draw, words: u64) -> String {
    let words: Vec<&str> = (0..words).map(|_| draw.of(&WORDS)).collect();
    words.join(" ") + "."
}

/// `accounts` accounts and then `entries` lines of a journal.
pub(crate) fn bank(seed: u64, accounts: usize, entries: usize) -> Vec<Value> {
    let mut draw = Draw(seed);
    let mut rows = Vec::new();
    let mut holders = Vec::new();
    for number in 0..accounts {
        let holder = format!("{} of {}", name(&mut draw), draw.of(&TOWNS));
        holders.push(holder.clone());
        let mut row = Table::new();
        row.insert("account", format!("AC{:06}", 4100 + number * 3));
        row.insert("holder", holder.as_str());
        row.insert("town", holder.split_once(" of ").map_or("", |(_, town)| town));
        row.insert("label", holder.as_str());
        row.insert(
            "since",
            format!(
                "{:02}/{:02}/19{:02}",
                1 + draw.below(28),
                1 + draw.below(12),
                60 + draw.below(40)
            ),
        );
        row.insert("balance", draw.below(100_000) as i64);
        row.insert("rate", 0.25 * draw.below(12) as f64);
        row.insert("closed", draw.below(20) == 0);
        if draw.below(3) > 0 {
            row.insert("agent", holders[draw.below(holders.len() as u64) as usize].as_str());
        }
        let mut marks = Table::new();
        for mark in ["grain", "ore", "timber"] {
            if draw.below(2) == 0 {
                marks.push(mark);
            }
        }
        row.insert("goods", marks);
        rows.push(Value::Table(row));
    }
    let mut seconds = 1_000_000u64;
    for number in 0..entries {
        seconds += draw.below(5_000);
        let (day, rest) = (seconds / 86_400, seconds % 86_400);
        let clock = format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
        let mut row = Table::new();
        row.insert("no", 90_000 + number as i64);
        row.insert("stamp", format!("1999-{:02}-{:02}T{clock}", 1 + day / 28 % 12, 1 + day % 28));
        row.insert(
            "key",
            format!("{:02}{:02}{}", 1 + day / 28 % 12, 1 + day % 28, clock.replace(':', "")),
        );
        row.insert("who", holders[draw.below(holders.len() as u64) as usize].as_str());
        let words = 3 + draw.below(9);
        row.insert("text", prose(&mut draw, words));
        rows.push(Value::Table(row));
    }
    rows
}
