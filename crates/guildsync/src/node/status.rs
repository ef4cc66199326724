//! How a node stands, for whoever shows it.

use std::collections::{BTreeMap, BTreeSet};

use guildsync_leader::{Report, Stage};
use guildsync_log::Log;
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

impl Status {
    /// Takes over what can be seen of a replica.
    pub(super) fn show(&mut self, replica: &Replica) {
        let active = replica.profiles().active();
        self.active = active.label().to_owned();
        self.digest = active.digest();
        self.n_entries = replica.profiles().iter().map(Log::len).sum();
        self.n_records = replica.tables().len();
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
            other => warn!(?other, "not done"),
        }
    }

    /// Who is not on the channel any more is not shown as present.
    pub(super) fn forget_absent(&mut self, members: &BTreeSet<MemberName>) {
        self.presence.retain(|member, _| members.contains(member));
    }
}
