//! One order for a table's entries: what is hashed, exported and sent.
//!
//! Entries 1 to n are positional; of the others the named ones come as seed 004 lists them, then all
//! the rest sorted; a whole number is an integer however it was written.

use std::cmp::Ordering;

use guildsync_wire::lua::{Key, Table, Value};

/// A table in canonical order; `first` names the fields that come first.
pub(crate) fn table(table: Table, first: &[&str]) -> Table {
    let mut out = Table::new();
    let mut rest: Vec<(Key, Value)> = Vec::new();
    for value in table.positional() {
        out.push(self::value(value.clone()));
    }
    rest.extend(table.keyed().map(|(key, value)| (key.clone(), self::value(value.clone()))));
    let rank = |key: &Key| match key {
        Key::Str(name) => first.iter().position(|field| field == name).unwrap_or(first.len()),
        _ => first.len(),
    };
    rest.sort_by(|(a, _), (b, _)| rank(a).cmp(&rank(b)).then_with(|| order(a, b)));
    for (key, value) in rest {
        match key {
            // Written with its key, but it is the next position.
            Key::Int(index) if index == out.positional().len() as i64 + 1 => out.push(value),
            key => drop(out.insert(key, value)),
        }
    }
    out
}

fn value(value: Value) -> Value {
    match value {
        Value::Table(inner) => Value::Table(table(inner, &[])),
        Value::Float(_) => value.as_i64().map_or(value, Value::Int),
        other => other,
    }
}

/// Numbers by size, then names by letter, then the others.
fn order(a: &Key, b: &Key) -> Ordering {
    let kind = |key: &Key| match key {
        Key::Int(_) => 0,
        Key::Float(_) => 1,
        Key::Str(_) => 2,
        Key::Bool(_) => 3,
    };
    kind(a).cmp(&kind(b)).then_with(|| match (a, b) {
        (Key::Int(a), Key::Int(b)) => a.cmp(b),
        (Key::Float(a), Key::Float(b)) => a.total_cmp(b),
        (Key::Str(a), Key::Str(b)) => a.cmp(b),
        (Key::Bool(a), Key::Bool(b)) => a.cmp(b),
        _ => Ordering::Equal,
    })
}

/// Whether a table has at most `depth` tables inside each other, itself included.
pub(crate) fn is_within(table: &Table, depth: usize) -> bool {
    let mut level: Vec<&Table> = vec![table];
    for _ in 0..depth {
        level = level.iter().flat_map(|table| values(table)).filter_map(Value::as_table).collect();
        if level.is_empty() {
            return true;
        }
    }
    false
}

/// Whether every number in it is one.
pub(crate) fn is_finite(value: &Value) -> bool {
    match value {
        Value::Float(number) => number.is_finite(),
        Value::Table(table) => {
            let key = |key: &Key| !matches!(key, Key::Float(number) if !number.is_finite());
            table.keyed().all(|(name, _)| key(name)) && values(table).all(is_finite)
        }
        Value::Bool(_) | Value::Int(_) | Value::Str(_) => true,
    }
}

fn values(table: &Table) -> impl Iterator<Item = &Value> {
    table.positional().iter().chain(table.keyed().map(|(_, value)| value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use guildsync_wire::lua::{Limits, parse_value, to_compact};

    fn canonical(text: &str) -> String {
        let Value::Table(table) = parse_value(text, &Limits::default()).unwrap() else { panic!() };
        to_compact(&Value::Table(super::table(table, &["name", "level"])))
    }

    #[test]
    fn trees_that_lua_takes_for_equal_have_one_form() {
        let one = canonical(
            r#"{ ["rank"] = "Alt", ["level"] = 80, ["name"] = "B", [9] = 1, ["a"] = {} }"#,
        );
        let other = canonical(
            r#"{ ["a"] = {}, [9] = 1.0, ["name"] = "B", ["rank"] = "Alt", ["level"] = 80 }"#,
        );
        assert_eq!(one, other);
        let at = |name: &str| one.find(name).unwrap();
        assert!(at("name") < at("level") && at("level") < at("[9]") && at("[9]") < at("\"a\""));
        assert_eq!(canonical(r#"{ [2] = "b", [1] = "a" }"#), canonical(r#"{ "a", "b" }"#));
    }

    #[test]
    fn depth_counts_the_table_itself() {
        let nested = |depth: usize| format!("{}{}", "{".repeat(depth), "}".repeat(depth));
        for depth in 1..5 {
            let Value::Table(table) = parse_value(nested(depth), &Limits::default()).unwrap()
            else {
                panic!()
            };
            assert!(is_within(&table, depth) && !is_within(&table, depth - 1), "{depth}");
        }
    }
}
