//! The printer: WoW's own SavedVariables layout, and one line for messages.

use thiserror::Error;

use super::lexer::KEYWORDS;
use super::{Key, Table, Value};

/// Why values cannot be written as Lua text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PrintError {
    /// A global's name that Lua would not read as one.
    #[error("`{name}` cannot be a global's name: letters, digits and `_` only, and no Lua keyword")]
    Name {
        /// As it was given.
        name: String,
    },
    /// A number that Lua text has no way to write.
    #[error("{number} in `{name}` cannot be written: only finite numbers can")]
    NotFinite {
        /// The global that holds it.
        name: String,
        /// `inf`, `-inf` or `NaN`.
        number: String,
    },
}

/// Writes a whole SavedVariables file exactly as WoW lays it out: an empty first line, then each
/// assignment; a tab for each level; a comma behind every entry and `-- [n]` behind a positional
/// one. Reading it gives equal values, and printing those the same text.
///
/// # Errors
/// A name that is no Lua name, or a number that is not finite.
///
/// ```
/// use guildsync_wire::lua::{Table, Value, print_assignments};
/// let mut row = Table::from_iter(["Brindle"]);
/// row.insert(9, 1_574_028_258);
/// row.insert("ok", true);
/// let text = print_assignments(&[("ROW".to_owned(), Value::Table(row))])?;
/// assert_eq!(text, "
/// ROW = {
/// \t\"Brindle\", -- [1]
/// \t[9] = 1574028258,
/// \t[\"ok\"] = true,
/// }
/// ");
/// # Ok::<(), guildsync_wire::lua::PrintError>(())
/// ```
pub fn print_assignments(assignments: &[(String, Value)]) -> Result<String, PrintError> {
    let mut printer = Printer { out: "\n".to_owned(), layout: Layout::Lines, not_finite: None };
    for (name, value) in assignments {
        if !is_name(name) {
            return Err(PrintError::Name { name: name.clone() });
        }
        printer.out.push_str(name);
        printer.out.push_str(" = ");
        printer.value(value);
        printer.out.push('\n');
        if let Some(number) = printer.not_finite {
            let (name, number) = (name.clone(), number.to_string());
            return Err(PrintError::NotFinite { name, number });
        }
    }
    Ok(printer.out)
}

/// One value on one line, for messages: `{"Brindle", 91, [9] = 1574028258, ["ok"] = true}`. As long
/// as the value is; [`super::parse_value`] reads it (unless a number in it is not finite).
#[must_use]
pub fn to_compact(value: &Value) -> String {
    let mut printer = Printer { out: String::new(), layout: Layout::OneLine, not_finite: None };
    printer.value(value);
    printer.out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Lines,
    OneLine,
}

struct Printer {
    out: String,
    layout: Layout,
    /// The first number that cannot be read back.
    not_finite: Option<f64>,
}

/// A table of which the entries before `next` are printed. Entries are the positional ones, then
/// the keyed ones. A stack of these stands in for recursion: a value may be deeper than a thread's.
struct Frame<'a> {
    table: &'a Table,
    next: usize,
}

impl<'a> Frame<'a> {
    /// The next entry, with the key if it has one.
    fn next(&mut self) -> Option<(Option<&'a Key>, &'a Value)> {
        let (positional, slots) = (self.table.positional(), self.table.slots());
        loop {
            let at = self.next;
            self.next += 1;
            if let Some(value) = positional.get(at) {
                return Some((None, value));
            }
            let (key, value) = slots.get(at - positional.len())?;
            if let Some(value) = value {
                return Some((Some(key), value));
            }
        }
    }

    /// Whether the entry that [`Frame::next`] gave last is positional, and its index.
    fn position(&self) -> Option<usize> {
        (self.next <= self.table.positional().len()).then_some(self.next)
    }
}

impl Printer {
    fn value(&mut self, value: &Value) {
        let mut stack = Vec::new();
        self.begin(value, &mut stack);
        while let Some(frame) = stack.last_mut() {
            let first = frame.next == 0;
            if let Some((key, value)) = frame.next() {
                match self.layout {
                    Layout::Lines => self.indent(stack.len()),
                    Layout::OneLine if first => {}
                    Layout::OneLine => self.out.push_str(", "),
                }
                if let Some(key) = key {
                    self.key(key);
                }
                if self.begin(value, &mut stack) {
                    continue;
                }
            } else {
                stack.pop();
                if self.layout == Layout::Lines {
                    self.indent(stack.len());
                }
                self.out.push('}');
            }
            // An entry is complete: the one just printed, or the table just closed.
            if let (Layout::Lines, Some(around)) = (self.layout, stack.last()) {
                match around.position() {
                    Some(index) => self.out.push_str(&format!(", -- [{index}]\n")),
                    None => self.out.push_str(",\n"),
                }
            }
        }
    }

    /// Prints a scalar, or a table's opening and puts it on the stack: then `true`.
    fn begin<'a>(&mut self, value: &'a Value, stack: &mut Vec<Frame<'a>>) -> bool {
        match value {
            Value::Bool(flag) => self.out.push_str(if *flag { "true" } else { "false" }),
            Value::Int(number) => self.out.push_str(&number.to_string()),
            Value::Float(number) => self.float(*number),
            Value::Str(text) => self.string(text),
            Value::Table(table) => {
                self.out.push_str(if self.layout == Layout::Lines { "{\n" } else { "{" });
                stack.push(Frame { table, next: 0 });
                return true;
            }
        }
        false
    }

    fn key(&mut self, key: &Key) {
        self.out.push('[');
        match key {
            Key::Bool(flag) => self.out.push_str(if *flag { "true" } else { "false" }),
            Key::Int(number) => self.out.push_str(&number.to_string()),
            Key::Float(number) => self.float(*number),
            Key::Str(text) => self.string(text),
        }
        self.out.push_str("] = ");
    }

    /// The fewest digits that read back to the same number.
    fn float(&mut self, number: f64) {
        if !number.is_finite() {
            self.not_finite.get_or_insert(number);
        }
        let text = format!("{number:?}");
        self.out.push_str(text.strip_suffix(".0").unwrap_or(&text));
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for part in text.split_inclusive(|c: char| c == '"' || c == '\\' || c.is_ascii_control()) {
            let Some(last) = part.bytes().last() else { continue };
            let escape = match last {
                b'"' => "\\\"",
                b'\\' => "\\\\",
                b'\n' => "\\n",
                b'\r' => "\\r",
                b'\t' => "\\t",
                // Three digits always: the next character may be a digit.
                byte if byte.is_ascii_control() => &format!("\\{byte:03}"),
                _ => {
                    self.out.push_str(part);
                    continue;
                }
            };
            self.out.push_str(&part[..part.len() - 1]);
            self.out.push_str(escape);
        }
        self.out.push('"');
    }

    fn indent(&mut self, depth: usize) {
        self.out.extend(std::iter::repeat_n('\t', depth));
    }
}

fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    name.bytes().next().is_some_and(letter)
        && name.bytes().all(|byte| letter(byte) || byte.is_ascii_digit())
        && !KEYWORDS.contains(&name)
}
