//! What a person says a field is to be: `FIELD=TEXT`, `FIELD:=JSON`, or a whole table.

use guildsync::tables::{RecordId, TableKind};
use guildsync::types::Stamp;
use guildsync::types::stamp::StampForm;
use guildsync::wire::lua::{Key, Limits, Table, Value, parse_value};
use guildsync::wire::payload::Payload;

use crate::failure::Failure;

/// One field and what it is to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    name: String,
    given: Given,
}

#[derive(Debug, Clone, PartialEq)]
enum Given {
    /// Text; a number where the field is one.
    Text(String),
    Value(Value),
    /// The field is to go.
    Nothing,
}

impl Field {
    /// Reads `FIELD=TEXT` or `FIELD:=JSON`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} sets no field: write FIELD=TEXT, or FIELD:=JSON for numbers and lists"
            )
        };
        let (name, value) = text.split_once('=').ok_or_else(wrong)?;
        let (name, is_json) = match name.strip_suffix(':') {
            Some(name) => (name.trim(), true),
            None => (name.trim(), false),
        };
        if name.is_empty() {
            return Err(wrong());
        }
        let given = match is_json {
            false => Given::Text(value.to_owned()),
            true if value.trim() == "null" => Given::Nothing,
            true => {
                let value = Payload::Json.read(value.as_bytes(), &Limits::default());
                Given::Value(value.map_err(|why| format!("the field {name:?}: {why}"))?)
            }
        };
        Ok(Self { name: name.to_owned(), given })
    }

    /// Sets the field.
    pub(super) fn set(&self, table: TableKind, data: &mut Table) {
        let value = match &self.given {
            Given::Nothing => return drop(data.remove(&Key::from(self.name.as_str()))),
            Given::Value(value) => value.clone(),
            Given::Text(text) => {
                match self.is_number(table, data).then(|| number(text)).flatten() {
                    Some(number) => number,
                    None => Value::from(text.as_str()),
                }
            }
        };
        data.insert(self.name.as_str(), value);
    }

    /// Whether the field holds a number, or has to.
    fn is_number(&self, table: TableKind, data: &Table) -> bool {
        match data.get(&self.name) {
            Some(value) => matches!(value, Value::Int(_) | Value::Float(_)),
            None => table == TableKind::Roster && ["level", "itemLevel"].contains(&&*self.name),
        }
    }
}

fn number(text: &str) -> Option<Value> {
    let whole = text.trim().parse().ok().map(Value::Int);
    let any = || text.trim().parse().ok().filter(|number: &f64| number.is_finite());
    whole.or_else(|| any().map(Value::Float))
}

/// Reads fields as a JSON object or a Lua table.
pub(super) fn table(text: &str) -> Result<Table, String> {
    let limits = Limits::default();
    let value = match Payload::Json.read(text.as_bytes(), &limits) {
        Ok(value) => value,
        Err(json) => parse_value(text, &limits)
            .map_err(|lua| format!("neither JSON ({json}) nor a Lua table ({lua})"))?,
    };
    match value {
        Value::Table(table) if table.positional().is_empty() => Ok(table),
        Value::Table(_) => Err("a list: fields have names, like { title = \"Raid\" }".to_owned()),
        other => Err(format!("a {}: write fields, like {{ title = \"Raid\" }}", other.kind())),
    }
}

/// What a new record holds before it is told: in the roster what the addon writes for nothing, and
/// elsewhere the present as the date.
pub(super) fn new(table: TableKind, id: &RecordId, clock: u64) -> Result<Table, Failure> {
    let mut data = Table::new();
    let now = || Stamp::new(clock, 0).map(|now| now.print(StampForm::Dashed));
    match table {
        TableKind::Roster => {
            for &field in table.fields() {
                let value = match field {
                    "name" => Value::from(id.as_str()),
                    "level" | "itemLevel" => Value::Int(0),
                    "roles" | "professions" | "interests" => Value::Table(Table::new()),
                    _ => Value::from(guildsync::tables::check::NOT_AVAILABLE),
                };
                data.insert(field, value);
            }
        }
        TableKind::News | TableKind::GuildInfo => {
            data.insert("category", "General");
            data.insert("date", now()?);
        }
        TableKind::Calendar => drop(data.insert("category", "General")),
        TableKind::Setup => {}
    }
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(table: TableKind, fields: &[&str]) -> Table {
        let mut data = Table::new();
        fields.iter().for_each(|text| Field::parse(text).unwrap().set(table, &mut data));
        data
    }

    #[test]
    fn text_stays_text_but_where_a_number_is_or_has_to_be() {
        let row = set(
            TableKind::Roster,
            &["level=80", "rank=80", "x:=5", "x=7.5", "level=NA", "note=a=b", "birthdate="],
        );
        assert_eq!(row.get("level"), Some(&Value::from("NA")));
        assert_eq!(row.get("rank"), Some(&Value::from("80")));
        assert_eq!(row.get("x"), Some(&Value::Float(7.5)));
        assert_eq!(row.get("note"), Some(&Value::from("a=b")));
        assert_eq!(row.get("birthdate"), Some(&Value::from("")));
        let news = set(TableKind::News, &["level=80", "roles:=[\"Tank\"]", "a=1", "a:=null"]);
        assert_eq!(news.get("level"), Some(&Value::from("80")));
        assert_eq!(news.get("roles").and_then(Value::as_table).map(Table::count), Some(1));
        assert_eq!(news.get("a"), None);
    }

    #[test]
    fn what_sets_no_field_is_refused_with_what_to_write() {
        for text in ["title", "=x", ":=1", " =x", "roles:=[", "level:=eighty"] {
            assert!(Field::parse(text).is_err(), "{text}");
        }
        for text in ["[1]", "5", "{", "\"text\"", "{ 1, 2 }"] {
            assert!(table(text).is_err(), "{text}");
        }
        assert_eq!(table("{ title = \"Raid\" }"), table(r#"{"title": "Raid"}"#));
    }
}
