//! Who may write what: a record is taken only from a sender who may write it, or may pass it on.

use std::collections::{BTreeMap, BTreeSet};

use guildsync_types::MemberName;

use crate::kind::TableKind;
use crate::name::GuildName;
use crate::record::Record;

/// Who is who, and what each may do.
///
/// Records carry no signatures, so it is the sender that is checked, as the channel names it. Without
/// officers and leaders everybody may write everything, as in the addon.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    /// Officers of any of the guilds: they write all tables but setup, and pass on whatever they hold.
    pub officers: BTreeSet<MemberName>,
    /// Leaders by guild: they may do what officers may, and write their guild's setup.
    pub leaders: BTreeMap<GuildName, MemberName>,
    /// Who may write setup.
    pub setup: Setup,
    /// Who may pass on what others wrote.
    pub relay: Relay,
}

/// Who may write a guild's setup.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Setup {
    /// Its leader. The default.
    #[default]
    Leader,
    /// Officers too.
    Officers,
}

/// Who may pass on what others wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Relay {
    /// Officers and leaders. The default.
    #[default]
    Officers,
    /// Nobody: a record comes from who may write it, or not at all.
    Nobody,
    /// Anybody.
    Anyone,
}

impl Rights {
    /// Whether nobody is named, and so everybody may do everything.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.officers.is_empty() && self.leaders.is_empty()
    }

    /// Whether a member is an officer or a leader.
    #[must_use]
    pub fn is_officer(&self, member: &MemberName) -> bool {
        self.officers.contains(member) || self.leaders.values().any(|leader| leader == member)
    }

    /// Whether a member may write a record.
    #[must_use]
    pub fn may_write(&self, member: &MemberName, record: &Record) -> bool {
        if self.is_open() {
            return true;
        }
        match record.table() {
            TableKind::Setup if self.setup == Setup::Leader => {
                self.leaders.get(record.guild()).is_none_or(|leader| leader == member)
                    && self.is_officer(member)
            }
            TableKind::Roster if is_own(member, record) => true,
            _ => self.is_officer(member),
        }
    }

    /// Whether a record is taken from a member: it may write it, or pass it on.
    #[must_use]
    pub fn may_send(&self, member: &MemberName, record: &Record) -> bool {
        let passes_on = match self.relay {
            Relay::Officers => self.is_officer(member),
            Relay::Nobody => false,
            Relay::Anyone => true,
        };
        passes_on || self.may_write(member, record)
    }
}

/// Whether it is the roster row of this member.
fn is_own(member: &MemberName, record: &Record) -> bool {
    record.id().as_str().eq_ignore_ascii_case(member.as_str())
        || MemberName::from_entry(record.id().as_str()).is_ok_and(|name| name == *member)
}
