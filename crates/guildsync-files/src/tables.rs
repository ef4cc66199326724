//! Guild tables in and out: the addon's SavedVariables, pasted pieces of them, and JSON, in the
//! schemas of seeds 002 and 004.
//!
//! Reading merges nothing: it gives a [`TablesFile`], the records staged beside a report of what was
//! refused and why. [`TablesFile::preview`] says what merging them would do, [`TablesFile::merge`] does
//! it, and [`TablesFile::write_back`] puts what the tables hold into the file that was read, leaving
//! the rest of it as it is. [`write()`] writes all tables anew: in the unified schema equal tables give
//! equal bytes.
//!
//! | what is read | where its tables are |
//! |---|---|
//! | SavedVariables | `GuildHelper_SavedVariables.sharedData`, or the global `sharedData`, or globals |
//! | pairs as in the seeds: `["sharedData"] = { ... }, ["news"] = { ... },` | in `sharedData` and beside it |
//! | JSON | in an object of the same names, or the object itself, or a list of entries |
//!
//! ```
//! use guildsync_files::tables::{Form, TablesFile, write};
//! use guildsync_tables::{Tables, schema::{Schema, arrays::Keys}};
//!
//! let file = r#"sharedData = { ["news"] = { { ["id"] = "1", ["guildName"] = "Oak-Eonar",
//!     ["title"] = "Raid", ["content"] = "At nine", ["category"] = "General",
//!     ["date"] = "2024-12-01 05:09:22" } } }
//! "#;
//! let file = TablesFile::read(file.as_bytes(), None, Keys::Exact)?;
//! assert_eq!((file.records().len(), file.report().refused().count()), (1, 0));
//! let mut tables = Tables::new();
//! file.merge(&mut tables, 1_800_000_000);
//! let mut json = Vec::new();
//! write(&tables, Schema::Unified, Form::Json, None, &mut json)?;
//! assert!(String::from_utf8(json)?.contains(r#""lastUpdated":"20241201050922""#));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod report;
mod text;

use std::io::{Read, Write};

use guildsync_tables::check::check;
use guildsync_tables::schema::arrays::Keys;
use guildsync_tables::schema::{self, Schema, as_is};
use guildsync_tables::{GuildName, Record, Tables};
use guildsync_wire::lua::{LuaError, PrintError, Value};
use guildsync_wire::payload::PayloadError;
use thiserror::Error;

pub use report::{Merged, Refused, TableReport, TablesReport};
pub use text::Form;

use crate::input::{InputError, read_text};
use text::Page;

/// A file of tables that was read. Nothing of it is merged yet.
#[derive(Debug, Clone)]
pub struct TablesFile {
    page: Page,
    records: Vec<Record>,
    report: TablesReport,
}

/// Why a file of tables was not read or not written. Nothing of it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TablesError {
    /// It is no text.
    #[error(transparent)]
    Input(#[from] InputError),
    /// It is no Lua data.
    #[error(transparent)]
    Lua(#[from] LuaError),
    /// It is no JSON, or a value that JSON cannot hold.
    #[error(transparent)]
    Json(#[from] PayloadError),
    /// It has no tables.
    #[error(
        "there are no guild tables in it (it holds {found}); expected roster, news, guildInfo, \
         calendar or setup, alone or in sharedData: choose such a file"
    )]
    NoTables {
        /// What it holds.
        found: String,
    },
    /// A value that Lua text cannot hold.
    #[error(transparent)]
    Print(#[from] PrintError),
    /// Writing failed.
    #[error("writing failed: {why}")]
    Write {
        /// The system's words.
        why: String,
    },
}

impl TablesFile {
    /// Reads a file of either schema, mixed too, as it is told by its content. `own` is the guild whose
    /// linked guilds seed 002's setup holds; without it those are refused. `keys` says what becomes of
    /// number keys in a record's data.
    ///
    /// Each record has to have the fields of its table ([`check`]); what has not is refused by name,
    /// and the rest is read.
    ///
    /// # Errors
    /// No text, neither Lua data nor JSON, or no tables in it.
    pub fn read(
        reader: impl Read,
        own: Option<&GuildName>,
        keys: Keys,
    ) -> Result<Self, TablesError> {
        let page = Page::read(&read_text(reader)?)?;
        let reading = schema::read(&page.document(), Schema::AsIs, own);
        let mut report = TablesReport::new(reading.unread);
        for refused in reading.refused {
            report.refuse(refused.place.table, refused.to_string());
        }
        let mut records = Vec::with_capacity(reading.records.len());
        for record in reading.records {
            let table = record.table();
            let checked = keys
                .apply(record)
                .map_err(|why| why.to_string())
                .and_then(|record| check(&record).map(|()| record).map_err(|why| why.to_string()));
            match checked {
                Ok(record) => {
                    report.count(&record);
                    records.push(record);
                }
                Err(why) => report.refuse(Some(table), why),
            }
        }
        Ok(Self { page, records, report })
    }

    /// The schema of its entries; [`Schema::AsIs`] if they differ, `None` without any.
    #[must_use]
    pub fn schema(&self) -> Option<Schema> {
        schema::detect(&self.page.document())
    }

    /// Its form.
    #[must_use]
    pub fn form(&self) -> Form {
        self.page.form
    }

    /// Its records, in its order.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// What was read and what was refused.
    #[must_use]
    pub fn report(&self) -> &TablesReport {
        &self.report
    }

    /// What merging the records would do; `clock` is the present in seconds since 1970.
    #[must_use]
    pub fn preview(&self, tables: &Tables, clock: u64) -> Merged {
        self.merge(&mut tables.clone(), clock)
    }

    /// Merges the records; `clock` is the present in seconds since 1970.
    pub fn merge(&self, tables: &mut Tables, clock: u64) -> Merged {
        let mut merged = Merged::default();
        for record in &self.records {
            merged.count(tables.merge(record.clone(), clock));
        }
        merged
    }

    /// The file with what the tables hold: entries that did not change, and all else in it, stay as
    /// they are ([`as_is::write_back`]). SavedVariables are printed as WoW prints them.
    ///
    /// # Errors
    /// A value that the form cannot hold.
    pub fn write_back(
        &self,
        tables: &Tables,
        own: Option<&GuildName>,
    ) -> Result<String, TablesError> {
        self.page.print_with(as_is::write_back(&self.page.document(), tables, own))
    }
}

/// Writes all tables. In the unified schema this is the canonical export: by table, id and guild, so
/// that equal tables give equal bytes. As Lua it is `GuildHelper_SavedVariables.sharedData`, as JSON
/// one object of tables on one line. `own` is the guild whose linked guilds the flat schema has apart.
///
/// # Errors
/// A value that the form cannot hold, or the writer's failure.
pub fn write(
    tables: &Tables,
    schema: Schema,
    form: Form,
    own: Option<&GuildName>,
    mut writer: impl Write,
) -> Result<(), TablesError> {
    let document: Value = schema::write(tables.iter(), schema, own);
    let text = Page::new(form).print_with(document)?;
    let written = writer.write_all(text.as_bytes()).and_then(|()| writer.flush());
    written.map_err(|error| TablesError::Write { why: error.to_string() })
}
