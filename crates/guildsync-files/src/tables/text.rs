//! The text around the tables: what it is, where in it they are, and how it is printed again.

use guildsync_tables::TableKind;
use guildsync_tables::schema;
use guildsync_wire::lua::{
    Key, Limits, LuaError, Table, Value, parse_assignments, parse_value, print_assignments,
};
use guildsync_wire::payload::Payload;
use serde::Serialize;

use super::TablesError;

/// The addon's SavedVariables, and the table in them that is shared.
const GLOBAL: &str = "GuildHelper_SavedVariables";
const SHARED: &str = "sharedData";
/// How many closing braces may be missing at the end of a comment: what is between `<!--` and `-->` was
/// not cut off, so they were left out by whoever pasted it.
const OPEN_MAX: usize = 3;

/// How a file of tables is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// One JSON object.
    Json,
    /// SavedVariables.
    Lua,
}

/// A file's values, and the way to the tables in them.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) form: Form,
    root: Value,
    path: &'static [&'static str],
}

impl Page {
    /// A file that has nothing else.
    pub(super) fn new(form: Form) -> Self {
        let path: &[&str] = match form {
            Form::Json => &[],
            Form::Lua => &[GLOBAL, SHARED],
        };
        Self { form, root: Value::Table(Table::new()), path }
    }

    pub(super) fn read(text: &str) -> Result<Self, TablesError> {
        let start = text.trim_start();
        let limits = Limits::default();
        let (form, root) = if start.starts_with("[\"") || start.starts_with("<!--") {
            (Form::Lua, pasted(start)?)
        } else if start.starts_with(['{', '[']) {
            (Form::Json, Payload::Json.read(text.as_bytes(), &limits)?)
        } else {
            let mut globals = Table::new();
            for (name, value) in parse_assignments(text, &limits)? {
                globals.insert(name, value);
            }
            (Form::Lua, Value::Table(globals))
        };
        let paths: [&[&str]; 3] = [&[GLOBAL, SHARED], &[SHARED], &[]];
        let found = paths.into_iter().find(|path| {
            let there = follow(&root, path).and_then(Value::as_table);
            there.is_some_and(|table| !path.is_empty() || is_document(table))
        });
        match found {
            Some(path) => Ok(Self { form, root, path }),
            None => Err(TablesError::NoTables { found: names(&root) }),
        }
    }

    /// The tables.
    pub(super) fn document(&self) -> Value {
        follow(&self.root, self.path).cloned().unwrap_or_else(|| Value::Table(Table::new()))
    }

    /// The file with other tables in it.
    pub(super) fn print_with(&self, document: Value) -> Result<String, TablesError> {
        let root = replaced(&self.root, self.path, document);
        match (self.form, root) {
            (Form::Lua, Value::Table(globals)) => {
                let globals: Vec<(String, Value)> =
                    globals.named().map(|(name, value)| (name.to_owned(), value.clone())).collect();
                Ok(print_assignments(&globals)?)
            }
            (_, root) => {
                let text = Payload::Json.write(&root)?;
                Ok(String::from_utf8_lossy(&text).into_owned() + "\n")
            }
        }
    }
}

/// Pairs as they stand inside a table, with or without a comment's marks around them.
fn pasted(text: &str) -> Result<Value, LuaError> {
    let (text, n_open) = match text.strip_prefix("<!--") {
        Some(text) => match text.trim_end().strip_suffix("-->") {
            Some(text) => (text, OPEN_MAX),
            None => (text, 0),
        },
        None => (text, 0),
    };
    let mut inside = format!("{{{text}\n");
    for _ in 0..n_open {
        inside.push('}');
        match parse_value(&inside, &Limits::default()) {
            Err(LuaError::Truncated { .. }) => {}
            other => return other.map(shared),
        }
    }
    inside.push('}');
    parse_value(&inside, &Limits::default()).map(shared)
}

/// The pairs as one document: what stands beside `sharedData` belongs to it.
fn shared(pairs: Value) -> Value {
    let Value::Table(pairs) = pairs else { return pairs };
    let inner = pairs.get(SHARED).and_then(Value::as_table);
    let mut document = inner.cloned().unwrap_or_default();
    for value in pairs.positional() {
        document.push(value.clone());
    }
    for (key, value) in pairs.keyed() {
        if inner.is_none() || *key != Key::from(SHARED) && document.get_key(key).is_none() {
            document.insert(key.clone(), value.clone());
        }
    }
    let mut root = Table::new();
    root.insert(SHARED, document);
    Value::Table(root)
}

/// Whether a table holds tables, or entries.
fn is_document(table: &Table) -> bool {
    TableKind::ALL.iter().any(|kind| table.get(kind.name()).is_some())
        || schema::detect(&Value::Table(table.clone())).is_some()
}

fn follow<'a>(root: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(root, |value, name| value.as_table()?.get(name))
}

fn replaced(root: &Value, path: &[&str], document: Value) -> Value {
    let Some((name, rest)) = path.split_first() else { return document };
    let mut table = root.as_table().cloned().unwrap_or_default();
    let inner = table.get(name).cloned().unwrap_or_else(|| Value::Table(Table::new()));
    table.insert(*name, replaced(&inner, rest, document));
    Value::Table(table)
}

fn names(root: &Value) -> String {
    let Some(table) = root.as_table() else { return format!("a {}", root.kind()) };
    let names: Vec<&str> = table.named().map(|(name, _)| name).take(8).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
