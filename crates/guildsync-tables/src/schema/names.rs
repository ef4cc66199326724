//! Names that make room for each other, reversibly.
//!
//! Where fields of two kinds share one table, a few names are reserved for one kind. The other kind's
//! fields of such a name get a `data_` in front, and so do those that look like that already: `deleted`
//! is written `data_deleted`, `data_deleted` is written `data_data_deleted`. All other names stay, and
//! every name comes back.

use std::borrow::Cow;

use guildsync_wire::lua::{Key, Table};

const SHIFT: &str = "data_";

/// A name with one more `data_` if it is, or hides, a reserved one.
pub(super) fn up(name: &str, is_reserved: impl Fn(&str) -> bool) -> Cow<'_, str> {
    match is_reserved(root(name)) {
        true => Cow::Owned(format!("{SHIFT}{name}")),
        false => Cow::Borrowed(name),
    }
}

/// The name before [`up`]; `None` for a reserved name itself.
pub(super) fn down(name: &str, is_reserved: impl Fn(&str) -> bool) -> Option<&str> {
    match is_reserved(root(name)) {
        true => name.strip_prefix(SHIFT),
        false => Some(name),
    }
}

fn root(name: &str) -> &str {
    let mut root = name;
    while let Some(rest) = root.strip_prefix(SHIFT) {
        root = rest;
    }
    root
}

/// A table's entries under other names; those for which there is `None` are left out. Entries that
/// have no name stay.
pub(super) fn rename<'a>(
    table: &'a Table,
    name_of: impl Fn(&'a str) -> Option<Cow<'a, str>>,
) -> Table {
    let mut out = Table::from_iter(table.positional().iter().cloned());
    for (key, value) in table.keyed() {
        let key = match key {
            Key::Str(name) => name_of(name).map(|name| Key::Str(name.into_owned())),
            other => Some(other.clone()),
        };
        if let Some(key) = key {
            out.insert(key, value.clone());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserved_name_and_whatever_looks_like_one_move_up_and_come_back() {
        let is_reserved = |name: &str| name == "deleted";
        let table = [
            ("deleted", "data_deleted"),
            ("data_deleted", "data_data_deleted"),
            ("data_", "data_"),
            ("data_title", "data_title"),
            ("title", "title"),
            ("", ""),
        ];
        for (name, moved) in table {
            assert_eq!(up(name, is_reserved), moved);
            assert_eq!(down(moved, is_reserved), Some(name));
        }
        assert_eq!(down("deleted", is_reserved), None);
    }
}
