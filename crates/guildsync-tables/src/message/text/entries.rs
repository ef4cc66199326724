//! Records, metadata and keys in text: a line each, in the fixed columns of seed 004 where there are
//! data, in the words of its delete message and of the addon's request where there are none.

use guildsync_types::hash::to_hex;
use guildsync_wire::dialect::Part;
use guildsync_wire::dialect::fixed::{Data, Kind, Message as Columns, Table as Column, Verb};
use guildsync_wire::line::{self, Fields, LineError, LineWriter, Lines, is_not};
use guildsync_wire::lua::{Table, Value};
use guildsync_wire::payload::{Payload, RECEIVED};

use super::super::{Change, Message, MessageError, Metadata};
use super::lists;
use crate::kind::{TableKind, UnknownTable};
use crate::name::{GuildName, RecordId};
use crate::record::{Record, RecordKey};
use crate::schema::unified;
use crate::updated::Updated;

/// The addon's own word, here one for each record that is wanted.
const REQUEST_ENTRY: &str = "REQUEST_ENTRY";
/// Seed 004's message that marks a record as deleted.
const DELETE: &str = "DELETE";
/// The metadata field that seed 004 does not have.
const HASH: &str = "hash";

const TABLES: [(TableKind, Column); 5] = [
    (TableKind::Setup, Column::Setup),
    (TableKind::News, Column::News),
    (TableKind::GuildInfo, Column::GuildInfo),
    (TableKind::Calendar, Column::Calendar),
    (TableKind::Roster, Column::Roster),
];

const CHANGES: [(&str, Change); 3] =
    [("add", Change::Add), ("update", Change::Update), ("delete", Change::Delete)];
const CHANGE_WANTED: &str = "add, update or delete";

fn column(table: TableKind) -> Column {
    TABLES[table.index()].1.clone()
}

fn change_word(change: Change) -> &'static str {
    CHANGES.iter().find(|(_, one)| *one == change).map_or("", |(word, _)| word)
}

fn read_change(word: &str) -> Option<Change> {
    CHANGES.iter().find(|(one, _)| *one == word).map(|(_, change)| *change)
}

/// The line `SND;kind;TABL;index;total;data`.
fn write_columns(
    kind: Kind,
    table: TableKind,
    part: (usize, usize),
    data: &str,
    out: &mut LineWriter,
) {
    // A longer list than a message holds is refused by its reader, whatever its last numbers are.
    let count = |n: usize| u32::try_from(n).map_or(Part::MAX, |n| n.min(Part::MAX));
    let Some(part) = Part::new(count(part.0), count(part.1)) else { return };
    let data = Some(Data { part, payload: data.as_bytes() });
    let line = Columns { verb: Verb::Send, kind, table: column(table), data }.write();
    out.line(&String::from_utf8(line).unwrap_or_default());
}

/// Reads such a line of this kind, piece `index` of `total`.
fn read_columns<'a>(
    kind: &Kind,
    (index, total): (usize, usize),
    lines: &mut Lines<'a>,
) -> Result<(usize, TableKind, &'a str), MessageError> {
    let (line, text) = lines.take_line()?;
    let columns =
        Columns::read(text.as_bytes()).map_err(|source| MessageError::Columns { line, source })?;
    if columns.verb != Verb::Send || columns.kind != *kind {
        let wanted = format!("one of SND;{kind} in fixed columns");
        return Err(is_not(line, "the line", &wanted).into());
    }
    let table = TABLES.iter().find(|(_, column)| *column == columns.table).map(|(table, _)| *table);
    let unknown = || UnknownTable { name: columns.table.code().to_owned() };
    let table = table.ok_or_else(|| MessageError::Table { line, source: unknown() })?;
    let is_in_place = |data: &Data<'_>| {
        (data.part.index() as usize, data.part.total() as usize) == (index, total)
    };
    let data = columns.data.filter(is_in_place);
    let data = data.and_then(|data| std::str::from_utf8(data.payload).ok());
    let wanted = || format!("{index:05};{total:05} in columns 4 and 5");
    Ok((line, table, data.ok_or_else(|| is_not(line, "its place", &wanted()))?))
}

/// A value that is a record's or made of its fields: neither is too deep to write.
fn json(value: &Value) -> String {
    String::from_utf8(Payload::Json.write(value).unwrap_or_default()).unwrap_or_default()
}

fn read_json(line: usize, text: &str) -> Result<Value, MessageError> {
    Payload::Json
        .read(text.as_bytes(), &RECEIVED)
        .map_err(|source| MessageError::Json { line, source })
}

pub(super) fn write_records(records: &[(Change, Record)], out: &mut LineWriter) {
    for (place, (change, record)) in records.iter().enumerate() {
        let change = change_word(*change);
        if record.is_deleted() {
            out.word(DELETE);
            out.value(record.table().name());
            out.value(record.guild().as_str());
            out.value(record.id().as_str());
            out.raw("deleted;true");
            out.field("lastUpdated", &json(&record.updated().to_value()));
            out.field("action", change);
        } else {
            let data = format!("{change};{}", json(&unified::to_value(record)));
            write_columns(Kind::Data, record.table(), (place + 1, records.len()), &data, out);
        }
    }
}

/// Reads `n` records.
pub(super) fn read_records(
    n: usize,
    lines: &mut Lines<'_>,
) -> Result<Vec<(Change, Record)>, MessageError> {
    let mut records = Vec::new();
    for index in 1..=n {
        records.push(match lines.word() {
            Some(DELETE) => read_deletion(lines)?,
            _ => read_entry((index, n), lines)?,
        });
    }
    Ok(records)
}

fn read_entry(
    place: (usize, usize),
    lines: &mut Lines<'_>,
) -> Result<(Change, Record), MessageError> {
    let (line, table, data) = read_columns(&Kind::Data, place, lines)?;
    let change = data.split_once(';').and_then(|(word, json)| Some((read_change(word)?, json)));
    let wanted = "add, update or delete, a semicolon, and a record as JSON";
    let (change, text) = change.ok_or_else(|| is_not(line, "the data", wanted))?;
    let record = unified::from_value(&read_json(line, text)?)
        .map_err(|source| MessageError::Entry { line, source: source.into() })?;
    match record.table() == table {
        true => Ok((change, record)),
        false => {
            Err(is_not(line, "tableType", &format!("{table}, as the third column says")).into())
        }
    }
}

fn read_deletion(lines: &mut Lines<'_>) -> Result<(Change, Record), MessageError> {
    let (_, mut f) = lines.take()?;
    let table = read_table(&mut f)?;
    let guild = read_guild(&mut f)?;
    let id = read_id(&mut f)?;
    for word in ["deleted", "true"] {
        f.next("the mark", "deleted;true", |text| (text == word).then_some(()))?;
    }
    let updated = f.take("lastUpdated", "a time as JSON", |text| {
        let value = Payload::Json.read(text.as_bytes(), &RECEIVED).ok()?;
        Updated::from_value(&value).ok()
    })?;
    let change = f.take("action", CHANGE_WANTED, read_change)?;
    f.finish()?;
    Ok((change, Record::deletion(table, guild, id, updated)))
}

pub(super) fn write_metadata(list: &[Metadata], out: &mut LineWriter) {
    for (place, metadata) in list.iter().enumerate() {
        let mut entry = Table::new();
        entry.insert("id", metadata.id.as_str());
        entry.insert("tableType", metadata.table.name());
        entry.insert("guildName", metadata.guild.as_str());
        entry.insert("lastUpdated", metadata.updated.to_value());
        entry.insert("deleted", metadata.deleted);
        entry.insert(HASH, format!("{:08x}", metadata.hash));
        let data = json(&Value::Table(entry));
        write_columns(Kind::Metadata, metadata.table, (place + 1, list.len()), &data, out);
    }
}

/// Reads `n` lines of metadata.
pub(super) fn read_metadata(
    n: usize,
    lines: &mut Lines<'_>,
) -> Result<Vec<Metadata>, MessageError> {
    let mut list = Vec::new();
    for index in 1..=n {
        let (line, table, text) = read_columns(&Kind::Metadata, (index, n), lines)?;
        let value = read_json(line, text)?;
        let entry = value.as_table();
        let text = |name| entry.and_then(|entry| entry.get(name)).and_then(Value::as_str);
        let wrong = |what, wanted: &str| is_not(line, what, wanted);
        if text("tableType") != Some(table.name()) {
            return Err(wrong("tableType", &format!("{table}, as the third column says")).into());
        }
        let id = text("id").and_then(|id| RecordId::new(id).ok());
        let guild = text("guildName").and_then(|guild| GuildName::new(guild).ok());
        let updated = entry.and_then(|entry| entry.get("lastUpdated"));
        let updated = updated.and_then(|value| Updated::from_value(value).ok());
        let deleted = entry.and_then(|entry| entry.get("deleted")).and_then(Value::as_bool);
        let hash = text(HASH).and_then(lists::read_hex);
        list.push(Metadata {
            table,
            id: id.ok_or_else(|| wrong("id", "1 to 96 bytes of text"))?,
            guild: guild.ok_or_else(|| wrong("guildName", "1 to 96 bytes of text"))?,
            updated: updated.ok_or_else(|| wrong("lastUpdated", "a time"))?,
            deleted: deleted.ok_or_else(|| wrong("deleted", "true or false"))?,
            hash: hash.ok_or_else(|| wrong(HASH, "8 hex digits in lower case"))?,
        });
        // Whatever else it said would be lost.
        if entry.is_some_and(|entry| entry.count() != 6) {
            return Err(wrong("the JSON", "the six fields of metadata alone").into());
        }
    }
    Ok(list)
}

pub(super) fn write_keys(keys: &[RecordKey], out: &mut LineWriter) {
    for RecordKey { table, id, guild } in keys {
        out.word(REQUEST_ENTRY);
        out.value(table.name());
        out.value(id.as_str());
        if let Some(guild) = guild {
            out.value(guild.as_str());
        }
    }
}

/// Reads `n` keys.
pub(super) fn read_keys(n: usize, lines: &mut Lines<'_>) -> Result<Vec<RecordKey>, MessageError> {
    let mut keys = Vec::new();
    for _ in 0..n {
        let (word, mut f) = lines.take()?;
        if word != REQUEST_ENTRY {
            return Err(f.is_not("the line", "REQUEST_ENTRY;table;id;guild").into());
        }
        let (table, id) = (read_table(&mut f)?, read_id(&mut f)?);
        let guild = match table {
            TableKind::Roster => None,
            _ => Some(read_guild(&mut f)?),
        };
        f.finish()?;
        keys.push(RecordKey { table, id, guild });
    }
    Ok(keys)
}

fn read_table(f: &mut Fields<'_>) -> Result<TableKind, MessageError> {
    let line = f.line();
    let name = f.next("the table", "there", |name| Some(name.to_owned()))?;
    let table = name.parse().map_err(|source| MessageError::Table { line, source })?;
    // As it is written here; the addon has no other case either.
    match TableKind::name(table) == name {
        true => Ok(table),
        false => Err(is_not(line, "the table", &format!("{table}, in this case")).into()),
    }
}

fn read_id(f: &mut Fields<'_>) -> Result<RecordId, LineError> {
    f.next("the id", "1 to 96 bytes of text", |text| RecordId::new(text).ok())
}

fn read_guild(f: &mut Fields<'_>) -> Result<GuildName, LineError> {
    f.next("the guild", "1 to 96 bytes of text", |text| GuildName::new(text).ok())
}

/// The line of a table that is complete: seed 004's `ACK;DATA;SETU`.
pub(super) fn write_complete(tables: u8, out: &mut LineWriter) {
    for (table, column) in &TABLES {
        if tables & 1 << table.index() != 0 {
            let line =
                Columns { verb: Verb::Ack, kind: Kind::Data, table: column.clone(), data: None };
            out.line(&String::from_utf8(line.write()).unwrap_or_default());
        }
    }
}

/// Reads the lines of these tables.
pub(super) fn read_complete(tables: u8, lines: &mut Lines<'_>) -> Result<(), LineError> {
    let mut expected = LineWriter::new(super::BETWEEN);
    write_complete(tables, &mut expected);
    let expected = expected.finish();
    for wanted in expected.lines() {
        let (line, text) = lines.take_line()?;
        if text != wanted {
            return Err(is_not(line, "the line", wanted));
        }
    }
    Ok(())
}

/// The word of a line of packed records.
const PACKED: &str = "PACKED";

pub(super) fn write_packed(bytes: &[u8], out: &mut LineWriter) {
    out.word(PACKED);
    out.raw(&to_hex(bytes));
}

pub(super) fn read_packed(lines: &mut Lines<'_>) -> Result<Vec<u8>, LineError> {
    let (line, text) = lines.take_raw(PACKED)?;
    bytes_of(text).ok_or_else(|| is_not(line, "the batch", "hex in lower case"))
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = hex.as_bytes().as_chunks() else { return None };
    pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

/// How many lines of records, keys or metadata follow.
pub(super) fn read_count(key: &'static str, f: &mut Fields<'_>) -> Result<usize, MessageError> {
    let n = f.take(key, "a number", line::number::<u64>)?;
    match n <= Message::ITEMS_MAX as u64 {
        true => Ok(n as usize),
        false => {
            let (line, limit) = (f.line(), Message::ITEMS_MAX);
            Err(MessageError::TooMany { line, what: key, limit })
        }
    }
}
