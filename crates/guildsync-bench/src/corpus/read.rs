//! Reading corpora from files; the format is told by the file's content.

use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::Context as _;
use guildsync_files::cepgp::Traffic;
use guildsync_log::Change;
use guildsync_wire::lua::{Key, Table, Value};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::tables::Tables;
use super::{Corpus, Known, LIMIT_CORRELATED, LIMIT_INDEPENDENT};
use crate::row::OwnedRow;

/// What a file holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// A log.
    Log(Corpus),
    /// Guild tables.
    Tables(Tables),
}

/// Reads a file.
///
/// # Errors
/// A file that cannot be opened or is none of the three formats; the line or row that is wrong.
pub fn file(path: &Path) -> anyhow::Result<Content> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let shown = path.display();
    let is = |extension: &str| path.extension().is_some_and(|found| found == extension);
    if is("lua") {
        let file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
        return Ok(Content::Log(
            cepgp(&name, BufReader::new(file)).with_context(|| format!("{shown}"))?,
        ));
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    let content = match text.trim_start().starts_with('{') {
        true => tables(&name, &text).map(Content::Tables),
        false => pipe(&name, &text).map(Content::Log),
    };
    content.with_context(|| format!("{shown}"))
}

/// Pipe text: `id|timestamp|actor|target|delta|newTotal|reason|profile`, whole points.
///
/// # Errors
/// A line that is none, or that names another profile than the first.
pub fn pipe(name: &str, text: &str) -> anyhow::Result<Corpus> {
    let mut profile = None;
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let row = pipe_line(line, &mut profile).with_context(|| format!("line {number}"))?;
        rows.push(row);
    }
    let known = match name {
        "loot-independent" => Known::Bytes(LIMIT_INDEPENDENT),
        "loot-correlated" => Known::Bytes(LIMIT_CORRELATED),
        _ => Known::Nothing,
    };
    let profile = profile.context("no line at all")?;
    Ok(Corpus { name: name.to_owned(), profile, rows, known, entries: false })
}

fn pipe_line(line: &str, profile: &mut Option<String>) -> anyhow::Result<OwnedRow> {
    let fields: Vec<&str> = line.split('|').collect();
    let [id, seconds, actor, target, delta, total, reason, own] = fields[..] else {
        anyhow::bail!("{} fields where eight should be", fields.len());
    };
    let profile = profile.get_or_insert_with(|| own.to_owned());
    anyhow::ensure!(profile == own, "profile {own:?} after {profile:?}");
    Ok(OwnedRow {
        seq: id.parse().context("the id")?,
        seconds: seconds.parse().context("the timestamp")?,
        actor: actor.to_owned(),
        target: Some(target.to_owned()),
        delta: hundredths(delta).context("the delta")?,
        total: hundredths(total).context("the new total")?,
        reason: reason.to_owned(),
        ..OwnedRow::default()
    })
}

/// `-12.25` as -1225.
fn hundredths(text: &str) -> anyhow::Result<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
    anyhow::ensure!(places.len() <= 2, "{text:?} has more than two places");
    let whole: i64 = whole.parse()?;
    let places: i64 = format!("{places:0<2}").parse()?;
    let amount = whole.checked_mul(100).context("out of range")? + places;
    Ok(if negative { -amount } else { amount })
}

/// The rows of a CEPGP file whose EP changes, in the order of the file.
///
/// # Errors
/// What [`Traffic::read`] refuses, or a file without such rows.
pub fn cepgp(name: &str, reader: impl std::io::Read) -> anyhow::Result<Corpus> {
    let plan = Traffic::read(reader)?.plan(None, None);
    let mut rows = Vec::new();
    for draft in plan.ep {
        let Change::Points { target, delta, total, .. } = &draft.change else { continue };
        // An entry that only sets a member's first total moves nothing: the row's EP did not change.
        if delta.hundredths() == 0 {
            continue;
        }
        rows.push(OwnedRow {
            seq: rows.len() as u64 + 1,
            seconds: draft.stamp.seconds(),
            actor: draft.actor.as_str().to_owned(),
            target: Some(target.as_str().to_owned()),
            delta: delta.hundredths(),
            total: total.hundredths(),
            reason: without_link_codes(draft.reason.as_str()),
            ..OwnedRow::default()
        });
    }
    anyhow::ensure!(!rows.is_empty(), "no row changes anybody's EP");
    let (profile, known) = ("CEPGP".to_owned(), Known::Nothing);
    Ok(Corpus { name: name.to_owned(), profile, rows, known, entries: false })
}

/// `|cff...|Hitem:...|h[Name]|h|r` as `[Name]`.
fn without_link_codes(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("|c") {
        let link = &rest[start..];
        let (Some(open), Some(close)) = (link.find("|h["), link.find("]|h|r")) else { break };
        plain.push_str(&rest[..start]);
        plain.push_str(&link[open + 2..=close]);
        rest = &link[close + "]|h|r".len()..];
    }
    plain + rest
}

/// Guild tables: an object of arrays of records.
///
/// # Errors
/// Other JSON.
pub fn tables(name: &str, json: &str) -> anyhow::Result<Tables> {
    let Tree(whole) = serde_json::from_str(json)?;
    let whole = whole.as_table().context("no object of tables")?;
    let mut tables = Vec::new();
    for (key, records) in whole.keyed() {
        let Key::Str(table) = key else { anyhow::bail!("a table without a name") };
        let records = records.as_table().with_context(|| format!("{table} is no array"))?;
        tables.push((table.clone(), records.positional().to_vec()));
    }
    Ok(Tables { name: name.to_owned(), json: json.to_owned(), tables })
}

/// JSON as one of the wire's values, its fields in the order of the text: arrays are positional
/// entries, objects keyed ones. A `null` is refused: no table can hold it.
#[derive(Debug)]
struct Tree(Value);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor).map(Self)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value that a Lua table can hold")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
        i64::try_from(number).map(Value::Int).map_err(E::custom)
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Str(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut table = Table::new();
        while let Some(Tree(item)) = items.next_element()? {
            table.push(item);
        }
        Ok(Value::Table(table))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut table = Table::new();
        while let Some((key, Tree(field))) = fields.next_entry::<String, Tree>()? {
            table.insert(key, field);
        }
        Ok(Value::Table(table))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipe_lines_become_rows_in_hundredths() {
        let text = "2|1733083878|Oakhand-X|Brindle-X|20|120|Boss|Team\n\
                    5|1733083910|Oakhand-X|Fern-X|-0.5|-12.25||Team\n";
        let corpus = pipe("tiny", text).unwrap();
        let row = &corpus.rows[1];
        assert_eq!((corpus.rows.len(), corpus.profile.as_str()), (2, "Team"));
        assert_eq!((row.seq, row.delta, row.total, row.reason.as_str()), (5, -50, -1225, ""));
        assert!(pipe("tiny", "1|2|a|b|1|2|r\n").is_err());
        assert!(pipe("tiny", "").is_err());
    }

    #[test]
    fn cepgp_rows_that_change_ep_are_taken_as_they_are_written() {
        let file = r#"CEPGP = { ["Traffic"] = {
            { "Brindle", "Oakhand", "Add EP 5", "90", "95", "10", "10", "", 1630624903, },
            { "Raid", "Oakhand", "Add Raid EP 5", "", "", "", "", "", 1630624904, },
            { "Brindle", "Oakhand", "Add GP 4", 95, 95, 10, 14, "|cffa335ee|Hitem:29765::|h[Leggings]|h|r", 1630624905, },
            { "Fern", "Oakhand", "Add EP 2.5", 95, 97.5, 10, 14, "|cffa335ee|Hitem:29765::|h[Leggings]|h|r", 1630624905, },
        }, }"#;
        let corpus = cepgp("tiny", file.as_bytes()).unwrap();
        let seen: Vec<_> = corpus
            .rows
            .iter()
            .map(|row| (row.seq, row.delta, row.total, row.reason.as_str()))
            .collect();
        let expected = [(1, 500, 9500, "Add EP 5"), (2, 250, 9750, "Add EP 2.5 [Leggings]")];
        assert_eq!(seen, expected);
    }

    #[test]
    fn json_keeps_its_kinds() {
        let text = r#"{"roster":[{"id":"a","level":80,"roles":[],"share":0.5,"deleted":false}]}"#;
        let tables = tables("tiny", text).unwrap();
        let record = tables.tables[0].1[0].as_table().unwrap();
        assert_eq!(record.get("level"), Some(&Value::Int(80)));
        assert_eq!(record.get("share"), Some(&Value::Float(0.5)));
        assert!(record.get("roles").and_then(Value::as_table).is_some_and(Table::is_empty));
    }
}
