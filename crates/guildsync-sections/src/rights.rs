//! Who may do what with a document.
//!
//! A document carries its policy, set and signed by whoever may publish it; before there is a document the
//! member's own configuration says who may publish one. Who leads the raid and who assists is known of
//! the present only, so what such a rule refuses may be allowed later: it can delay an edit, and never
//! makes two members disagree about one that both hold.

use std::collections::BTreeSet;
use std::fmt;

use guildsync_types::MemberName;

/// The most members that a rule may name.
pub const NAMED_MAX: usize = 40;

/// Some of a raid's members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// The leader.
    Leader,
    /// The leader and the assistants.
    Assistants,
    /// These, and the leader.
    Members(BTreeSet<MemberName>),
    /// Everyone.
    Everyone,
}

/// What can be done with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Deed {
    /// Publish it; set its title, the order of its sections and its policy.
    Publish,
    /// Edit, add and remove sections.
    Edit,
    /// Turn everyone's screen to a section.
    Point,
}

/// Who may do what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Who may publish, and change title, order and policy.
    pub publish: Who,
    /// Who may edit sections.
    pub edit: Who,
    /// Who may move the cursor.
    pub point: Who,
}

impl Default for Policy {
    /// The leader and the assistants, for everything.
    fn default() -> Self {
        Self { publish: Who::Assistants, edit: Who::Assistants, point: Who::Assistants }
    }
}

impl Policy {
    /// Everyone may do everything.
    #[must_use]
    pub fn open() -> Self {
        Self { publish: Who::Everyone, edit: Who::Everyone, point: Who::Everyone }
    }

    /// Who may do this.
    #[must_use]
    pub fn who(&self, deed: Deed) -> &Who {
        match deed {
            Deed::Publish => &self.publish,
            Deed::Edit => &self.edit,
            Deed::Point => &self.point,
        }
    }
}

/// A raid as the channel shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Raid {
    /// Everyone in it, this member included.
    pub members: BTreeSet<MemberName>,
    /// Who leads it.
    pub leader: Option<MemberName>,
    /// Who assists.
    pub assistants: BTreeSet<MemberName>,
}

impl Who {
    /// How many members it names.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Members(names) => names.len(),
            Self::Leader | Self::Assistants | Self::Everyone => 0,
        }
    }

    /// Whether a member is among these, as the raid is now.
    #[must_use]
    pub fn includes(&self, member: &MemberName, raid: &Raid) -> bool {
        let leads = raid.leader.as_ref() == Some(member);
        match self {
            Self::Leader => leads,
            Self::Assistants => leads || raid.assistants.contains(member),
            Self::Members(names) => leads || names.contains(member),
            Self::Everyone => true,
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leader => f.write_str("the leader"),
            Self::Assistants => f.write_str("the leader and the assistants"),
            Self::Everyone => f.write_str("everyone"),
            Self::Members(names) => {
                f.write_str("the leader")?;
                names.iter().try_for_each(|name| write!(f, ", {name}"))
            }
        }
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Publish => "publish",
            Self::Edit => "edit",
            Self::Point => "move the cursor",
        })
    }
}
