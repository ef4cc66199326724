//! GuildHelper's chunk fields of seed 004, in both of the forms that it asks for.
//!
//! Metadata of a table travel as `table:user:index:total:chunk`, an entry's data as
//! `table,user,entryID,index,total,chunk`. The chunk is whatever follows the last delimiter, bytes
//! that are never searched, so that a text may be cut in the middle of a letter; a delimiter in a
//! field before it is escaped ([`crate::text`]). The numbers have no zeros in front.
//!
//! ```
//! use guildsync_wire::dialect::chunk::{Chunk, Form};
//! let line = br"setup:Brindle-Eonar:1:3:a:b";
//! let chunk = Chunk::read(line, Form::Metadata)?;
//! assert_eq!((chunk.part.index(), chunk.part.total(), chunk.data), (1, 3, &b"a:b"[..]));
//! assert_eq!(chunk.write(), line);
//! # Ok::<(), guildsync_wire::dialect::DialectError>(())
//! ```

use std::borrow::Cow;

use super::{DialectError, Part, RawField, part};
use crate::text::{self, Delimiter};

/// Which of the two forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// `table:user:index:total:chunk`
    Metadata,
    /// `table,user,entryID,index,total,chunk`
    Entry,
}

impl Form {
    fn delimiter(self) -> Delimiter {
        match self {
            Self::Metadata => Delimiter::Colon,
            Self::Entry => Delimiter::Comma,
        }
    }

    /// The fields before the chunk.
    fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Metadata => &["table", "user", "index", "total"],
            Self::Entry => &["table", "user", "entryID", "index", "total"],
        }
    }

    fn shape(self) -> &'static str {
        match self {
            Self::Metadata => "5 or more (table:user:index:total:chunk)",
            Self::Entry => "6 or more (table,user,entryID,index,total,chunk)",
        }
    }
}

/// One chunk with its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk<'a> {
    /// The table's name, such as `setup`.
    pub table: Cow<'a, str>,
    /// The member that the transfer is with.
    pub user: Cow<'a, str>,
    /// The entry's id; with one it is a [`Form::Entry`], without one a [`Form::Metadata`].
    pub entry_id: Option<Cow<'a, str>>,
    /// Which chunk, of how many.
    pub part: Part,
    /// The bytes of this chunk.
    pub data: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// The form that it is written in.
    #[must_use]
    pub fn form(&self) -> Form {
        if self.entry_id.is_some() { Form::Entry } else { Form::Metadata }
    }

    /// Writes the fields and the chunk.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let delimiter = self.form().delimiter();
        let (index, total) = (self.part.index().to_string(), self.part.total().to_string());
        let names = [Some(&*self.table), Some(&*self.user), self.entry_id.as_deref()];
        let fields = names.into_iter().flatten().chain([&*index, &*total, ""]);
        // The empty last field ends the header with a delimiter.
        let mut line = text::join(fields, delimiter).into_bytes();
        line.extend_from_slice(self.data);
        line
    }

    /// Reads fields and chunk.
    ///
    /// # Errors
    /// Too few fields, a field that is not UTF-8, an escape that means nothing, a number that is not
    /// between 1 and 99999 in its shortest form, an index beyond the total.
    pub fn read(line: &'a [u8], form: Form) -> Result<Self, DialectError> {
        let delimiter = form.delimiter();
        let mut parts =
            line.splitn(form.fields().len() + 1, |b| char::from(*b) == delimiter.as_char());
        let mut at = 0;
        let mut fields = Vec::with_capacity(form.fields().len());
        for name in form.fields() {
            let raw = parts.next().unwrap_or_default();
            let not_text = DialectError::Field { field: name, at, wanted: "UTF-8 text" };
            let raw_text = std::str::from_utf8(raw).map_err(|_| not_text)?;
            fields.push(RawField { name, at, raw: raw_text });
            at += raw.len() + 1;
        }
        let Some(data) = parts.next() else {
            let found = line.split(|b| char::from(*b) == delimiter.as_char()).count();
            return Err(DialectError::Fields { found, wanted: form.shape() });
        };
        let text = |field: RawField<'_>| field.text(delimiter).map(Cow::Owned);
        let (names, numbers) = fields.split_at(fields.len() - 2);
        Ok(Self {
            table: text(names[0])?,
            user: text(names[1])?,
            entry_id: names.get(2).copied().map(text).transpose()?,
            part: part(numbers[0], numbers[1])?,
            data,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::option::of;
    use proptest::prelude::*;

    fn any_field() -> impl Strategy<Value = Cow<'static, str>> {
        prop_oneof![any::<String>(), r"[\\:,;\n\tcms0-9]{0,9}"].prop_map(Cow::Owned)
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_equal(
            (table, user, entry_id) in (any_field(), any_field(), of(any_field())),
            total in 1..=Part::MAX,
            index in 1..=Part::MAX,
            data: Vec<u8>,
        ) {
            let part = Part::new(index.min(total), total).unwrap();
            let chunk = Chunk { table, user, entry_id, part, data: &data };
            let line = chunk.write();
            prop_assert_eq!(Chunk::read(&line, chunk.form()).unwrap(), chunk);
        }

        #[test]
        fn any_bytes_read_or_are_refused_and_what_was_read_reads_again(
            bytes in prop_oneof![
                any::<Vec<u8>>(),
                "[a-c:,0-9\\\\]{0,20}".prop_map(String::into_bytes),
                "a[:,]b[:,]([0-9][:,])?[0-9][:,][0-9][:,].{0,5}".prop_map(String::into_bytes),
            ],
            entry: bool,
        ) {
            let form = if entry { Form::Entry } else { Form::Metadata };
            if let Ok(chunk) = Chunk::read(&bytes, form) {
                let line = chunk.write();
                prop_assert_eq!(Chunk::read(&line, form).unwrap(), chunk);
            }
        }
    }

    #[test]
    fn delimiters_are_escaped_before_the_chunk_and_nowhere_in_it() {
        let part = Part::new(2, 11).unwrap();
        let data = b"x,y:z\\\xff";
        let mut chunk =
            Chunk { table: "a:b".into(), user: "c,d".into(), entry_id: None, part, data };
        assert_eq!(chunk.write(), b"a\\cb:c,d:2:11:x,y:z\\\xff");
        chunk.entry_id = Some("".into());
        assert_eq!(chunk.write(), b"a:b,c\\md,,2,11,x,y:z\\\xff");
    }

    #[test]
    fn errors_name_the_field_and_its_offset() {
        let error = |line: &[u8], form| Chunk::read(line, form).unwrap_err().to_string();
        assert_eq!(
            error(b"t:u:1:3", Form::Metadata),
            "4 fields where 5 or more (table:user:index:total:chunk) should be"
        );
        assert_eq!(
            error(b"t,u,1,3,x", Form::Entry),
            "5 fields where 6 or more (table,user,entryID,index,total,chunk) should be"
        );
        let number = "a whole number between 1 and 99999";
        for (line, at, name, wanted) in [
            (&b"t:u:0:3:x"[..], 4, "index", number),
            (b"t:u:01:3:x", 4, "index", number),
            (b"t:u:1:100000:x", 6, "total", number),
            (b"t:u:4:3:x", 4, "index", "at most the total"),
            (b"t:\xff:4:3:x", 2, "user", "UTF-8 text"),
        ] {
            let message = format!("{name} at byte {at} is not {wanted}");
            assert_eq!(error(line, Form::Metadata), message);
        }
    }
}
