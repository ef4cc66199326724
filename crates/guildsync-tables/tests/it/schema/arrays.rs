//! Number keys, kept or closed.

use guildsync_tables::TableKind;
use guildsync_tables::schema::arrays::{Keys, arrays};
use guildsync_wire::lua::{Table, Value};
use proptest::prelude::*;

use crate::world::{EONAR, any_record, any_value, lua, record};

#[test]
fn lists_lose_their_numbers_where_that_is_wanted() {
    let table = [
        (r#"{ [2] = "b", [1] = "a" }"#, r#"{ "a", "b" }"#),
        (r#"{ [1] = "a", [3] = "c", [7] = "g" }"#, r#"{ "a", "c", "g" }"#),
        (r#"{ ["1"] = "a", ["10"] = "j", ["2"] = "b" }"#, r#"{ "a", "b", "j" }"#),
        (r#"{ "a", "b", [9] = "i", ["10"] = "j" }"#, r#"{ "a", "b", "i", "j" }"#),
        (r#"{ [0] = "z", [1] = "a", ["1"] = "b" }"#, r#"{ "z", "a", "b" }"#),
        (r#"{ { [4] = {} } }"#, "{ { {} } }"),
        // Names, signs, fractions, leading zeros and ids are no places in a list.
        (r#"{ [2] = "b", a = { [5] = 1 } }"#, r#"{ [2] = "b", a = { 1 } }"#),
        ("{ [-1] = 1 }", "{ [-1] = 1 }"),
        ("{ [1.5] = 1 }", "{ [1.5] = 1 }"),
        (r#"{ ["01"] = 1 }"#, r#"{ ["01"] = 1 }"#),
        (r#"{ ["202411301924102656"] = 1 }"#, r#"{ ["202411301924102656"] = 1 }"#),
        ("{}", "{}"),
        ("\"NA\"", "\"NA\""),
    ];
    for (before, after) in table {
        assert_eq!(arrays(&lua(before)), lua(after), "{before}");
    }
}

/// Empty tables and `NA` are values like any other, and by default keys stay too.
#[test]
fn by_default_every_key_empty_table_and_na_stays() {
    let data = r#"{ roles = { [2] = "DPS", [5] = "Tank" }, professions = {}, birthdate = "NA",
        interests = { ["1"] = "Raiding" }, level = "80" }"#;
    let record = record(TableKind::Roster, EONAR, "A-R", 5, data);
    assert_eq!(Keys::default().apply(record.clone()), Ok(record.clone()));
    assert_eq!(Value::Table(record.data().clone()), lua(data));
    let closed = Keys::Arrays.apply(record).unwrap();
    let data = r#"{ roles = { "DPS", "Tank" }, professions = {}, birthdate = "NA",
        interests = { "Raiding" }, level = "80" }"#;
    assert_eq!(Value::Table(closed.data().clone()), lua(data));
}

fn leaves(value: &Value) -> usize {
    let of = |table: &Table| -> usize {
        let keyed: usize = table.keyed().map(|(_, value)| leaves(value)).sum();
        table.positional().iter().map(leaves).sum::<usize>() + keyed
    };
    value.as_table().map_or(1, of)
}

proptest! {
    #[test]
    fn closing_twice_is_closing_once_and_no_value_is_lost(value in any_value()) {
        let closed = arrays(&value);
        prop_assert_eq!(leaves(&closed), leaves(&value));
        prop_assert_eq!(arrays(&closed), closed);
    }

    #[test]
    fn a_record_takes_either(record in any_record()) {
        let closed = Keys::Arrays.apply(record.clone()).unwrap();
        prop_assert_eq!(closed.key(), record.key());
        prop_assert_eq!(Keys::Arrays.apply(closed.clone()).unwrap(), closed);
    }
}
