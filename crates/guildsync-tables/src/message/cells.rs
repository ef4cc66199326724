//! The parts of the tables that are compared by one digest each.

use guildsync_types::Digest;

use crate::kind::TableKind;

/// A part of what is compared. Setup is compared whole; of the other tables what is newer than the cut,
/// each by itself, and what is older, all together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// All of setup.
    Setup,
    /// What a table has that is newer than the cut; all of it where there is no cut.
    Newer(TableKind),
    /// What all tables but setup have that is older than the cut.
    Older,
}

impl Cell {
    /// All of them, by index.
    pub const ALL: [Self; 6] = [
        Self::Setup,
        Self::Newer(TableKind::News),
        Self::Newer(TableKind::GuildInfo),
        Self::Newer(TableKind::Calendar),
        Self::Newer(TableKind::Roster),
        Self::Older,
    ];

    /// Its place in [`Cell::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Self::Setup => 0,
            Self::Newer(table) => table.index(),
            Self::Older => 5,
        }
    }
}

/// A set of cells: bit i is cell i of [`Cell::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Cells(pub u8);

impl Cells {
    /// No cell.
    pub const NONE: Self = Self(0);
    /// All six.
    pub const ALL: Self = Self(0b11_1111);

    /// Whether a cell is among them.
    #[must_use]
    pub fn has(self, cell: Cell) -> bool {
        self.0 & (1 << cell.index()) != 0
    }

    /// With one more.
    #[must_use]
    pub fn with(self, cell: Cell) -> Self {
        Self(self.0 | 1 << cell.index())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What one side has of a cell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CellSummary {
    /// How many records.
    pub count: u32,
    /// Over their hashes, keyed by the session.
    pub digest: Digest,
}
