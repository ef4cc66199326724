//! Tables for people: columns with a line under their heads, nothing else.

use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};

/// No lines but the one under the heads, so that rows can be cut and pasted.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// A table with these column heads. A head that begins with `>` is that of a column of numbers,
/// which stand right.
pub(crate) fn new<const N: usize>(heads: [&str; N]) -> Table {
    let mut table = of_texts(heads.map(|head| head.trim_start_matches('>')));
    for (index, head) in heads.iter().enumerate() {
        if let Some(column) = table.column_mut(index).filter(|_| head.starts_with('>')) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// A table of texts alone, whose heads are shown as they are.
pub(crate) fn of_texts<T: Into<comfy_table::Cell>>(heads: impl IntoIterator<Item = T>) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(heads.into_iter().collect::<Vec<T>>());
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if index == 0 { 0 } else { 1 }, 1));
    }
    table
}

/// The table's text, without blanks at the ends of lines.
pub(crate) fn text(table: &Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_right_and_lines_have_no_tail() {
        let mut table = new(["Member", ">Points"]);
        table.add_row(["Brindle", "5"]);
        table.add_row(["Oakhand", "-12.5"]);
        let expected = "Member   Points\n────────────────\nBrindle       5\nOakhand   -12.5";
        assert_eq!(text(&table), expected);
    }
}
