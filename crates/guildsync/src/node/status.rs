//! How a node stands, for whoever shows it.

use std::collections::{BTreeMap, BTreeSet};

use guildsync_leader::{Report, Stage};
use guildsync_log::Log;
use guildsync_sections as sections;
use guildsync_sections::{DocumentId, SectionId};
use guildsync_tables as tables;
use guildsync_types::{Digest, MemberName};
use tracing::{info, warn};

use crate::counters::Counters;
use crate::replica::{Notice, Replica};

/// How a node stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Status {
    /// The active profile's label.
    pub active: String,
    /// Entries in all profiles.
    pub n_entries: usize,
    /// The digest of the active profile.
    pub digest: Digest,
    /// Whether this node coordinates.
    pub is_coordinator: bool,
    /// Whether it waits for an answer, a turn or a pause.
    pub is_waiting: bool,
    /// How far each member's sync is, while this node coordinates.
    pub progress: BTreeMap<MemberName, Stage>,
    /// The last report of a finished coordination.
    pub report: Option<Report>,
    /// Records in all tables, deleted ones too.
    pub n_records: usize,
    /// How members are that have said so and are on the channel.
    pub presence: BTreeMap<MemberName, Presence>,
    /// How far the session of the tables with each member is, or was at its end.
    pub table_progress: BTreeMap<MemberName, tables::Progress>,
    /// The last report of a session of the tables.
    pub table_report: Option<Box<tables::Report>>,
    /// How many assignment sheets there are.
    pub n_sheets: usize,
    /// What the screen shows, since somebody turned it to a section.
    pub screen: Option<Screen>,
    /// How far the newest transfer of a sheet is, or was at its end.
    pub sheet_progress: Option<sections::Progress>,
    /// The last report of a transfer of a sheet.
    pub sheet_report: Option<Box<sections::Report>>,
    /// What was not done last with a sheet, whose wish it was, and why.
    pub sheet_refusal: Option<(MemberName, sections::Refusal)>,
    /// Messages sent, one to the group counted once.
    pub n_sent: u64,
    /// Messages received.
    pub n_received: u64,
    /// What the replica counted.
    pub counters: Counters,
}

/// How a member is, as it said last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// Able to sync, or why not.
    pub status: tables::message::Status,
    /// When it last completed a session of the tables with anyone, in seconds since 1970.
    pub last_sync: Option<u64>,
}

/// The section of a sheet that everyone's screen was turned to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// Of which document.
    pub document: DocumentId,
    /// Which section.
    pub section: SectionId,
    /// Who turned it.
    pub by: MemberName,
}

impl Status {
    /// Takes over what can be seen of a replica.
    pub(super) fn show(&mut self, replica: &Replica) {
        let active = replica.profiles().active();
        self.active = active.label().to_owned();
        self.digest = active.digest();
        self.n_entries = replica.profiles().iter().map(Log::len).sum();
        self.n_records = replica.tables().len();
        self.n_sheets = replica.sheets().len();
        self.is_coordinator = replica.is_coordinator();
        self.is_waiting = !replica.is_settled();
        self.counters = replica.counters();
    }

    /// Takes over what a replica tells, or logs it.
    pub(super) fn note(&mut self, notice: Notice) {
        match notice {
            Notice::Progress { member, stage, .. } => {
                self.progress.insert(member, stage);
            }
            Notice::Finished(report) => {
                info!(done = report.done.len(), silent = report.silent.len(), "sync finished");
                self.report = Some(report);
            }
            Notice::TableProgress(progress) => {
                self.table_progress.insert(progress.peer.clone(), progress);
            }
            Notice::TableFinished(report) => {
                info!(peer = %report.peer, outcome = %report.outcome, "tables");
                self.table_report = Some(report);
            }
            Notice::Presence { member, status, last_sync } => {
                self.presence.insert(member, Presence { status, last_sync });
            }
            Notice::SheetShown { document, section, by } => {
                self.screen = Some(Screen { document, section, by });
            }
            Notice::SheetProgress(progress) => self.sheet_progress = Some(progress),
            Notice::SheetFinished(report) => {
                info!(document = %report.document, sections = report.fetched, "sheet");
                self.sheet_report = Some(report);
            }
            Notice::SheetRefused { from, why } => {
                warn!(%from, %why, "sheet");
                self.sheet_refusal = Some((from, why));
            }
            Notice::SheetChanged { document, digest } => info!(%document, %digest, "sheet"),
            other => warn!(?other, "not done"),
        }
    }

    /// Who is not on the channel any more is not shown as present.
    pub(super) fn forget_absent(&mut self, members: &BTreeSet<MemberName>) {
        self.presence.retain(|member, _| members.contains(member));
    }
}
