//! What a profile says about how it is synced, over what this member's [`Config`] says.
//!
//! A policy is set by an entry of the profile, so it reaches whoever holds the profile, and the newest
//! entry wins. Where the profile says nothing, or something that this version does not know, the
//! `Config` holds.

use guildsync_log::Log;

use crate::config::{Config, ManualSync, SyncPlan};

/// A policy that means something to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// Its values.
    pub values: &'static [&'static str],
    /// What it decides, for people.
    pub about: &'static str,
}

const MANUAL_SYNC: &str = "manual-sync";
const SYNC_PLAN: &str = "sync-plan";

/// All policies that this version knows, by name.
pub const KNOWN: [Known; 2] = [
    Known {
        name: MANUAL_SYNC,
        values: &["officers", "anyone"],
        about: "who may start a sync by hand",
    },
    Known {
        name: SYNC_PLAN,
        values: &["broadcast", "queue"],
        about: "how members are brought to the same data",
    },
];

/// The policies that hold for one profile here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policies {
    /// How members are brought to the same data.
    pub plan: SyncPlan,
    /// Who may start a manual sync.
    pub manual: ManualSync,
}

impl Policies {
    /// What the profile of `log` says, and `config` where that says nothing.
    #[must_use]
    pub fn of(log: &Log, config: &Config) -> Self {
        let plan = match (log.policy(SYNC_PLAN), config.plan) {
            (Some("broadcast"), _) => SyncPlan::Broadcast,
            (Some("queue"), SyncPlan::Broadcast) => SyncPlan::queue(),
            // How fast a queue goes is for each member's own `Config` to say.
            (_, plan) => plan,
        };
        let manual = match log.policy(MANUAL_SYNC) {
            Some("officers") => ManualSync::Officers,
            Some("anyone") => ManualSync::Anyone,
            _ => config.manual,
        };
        Self { plan, manual }
    }

    /// The value of a known policy, one of [`Known::values`].
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&'static str> {
        match name {
            MANUAL_SYNC => Some(match self.manual {
                ManualSync::Officers => "officers",
                ManualSync::Anyone => "anyone",
            }),
            SYNC_PLAN => Some(match self.plan {
                SyncPlan::Broadcast => "broadcast",
                SyncPlan::Queue { .. } => "queue",
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use guildsync_log::{Change, Draft, Profile};
    use guildsync_types::{MemberName, PolicyName, PolicyValue, Reason, SecretKey, Stamp};

    use super::*;

    /// A log in which these values were set one after the other.
    fn log(set: &[(&str, &str)]) -> Log {
        let mut log = Log::new(Profile::default_profile());
        for (count, (name, value)) in (0..).zip(set) {
            let name = PolicyName::new(name).unwrap();
            let value = PolicyValue::new(value).unwrap();
            let draft = Draft {
                stamp: Stamp::new(1, count).unwrap(),
                actor: MemberName::new("Oakhand").unwrap(),
                change: Change::PolicySet { name, value },
                reason: Reason::default(),
                origin: None,
            };
            log.append(&SecretKey::from_seed(&[1; 32]), &[draft]).unwrap();
        }
        log
    }

    #[test]
    fn every_known_value_is_read_and_reads_back() {
        for known in KNOWN {
            for &value in known.values {
                let policies = Policies::of(&log(&[(known.name, value)]), &Config::default());
                assert_eq!(policies.value(known.name), Some(value), "{}", known.name);
            }
        }
    }

    #[test]
    fn where_the_profile_says_nothing_known_the_config_holds() {
        let plan = SyncPlan::Queue { at_once: 3, pause_ms: 0 };
        let config = Config { plan, manual: ManualSync::Anyone, ..Config::default() };
        for set in [
            &[][..],
            &[("sync-plan", "telepathy"), ("manual-sync", "Officers"), ("other", "queue")],
            &[("sync-plan", "broadcast"), ("sync-plan", ""), ("sync-plan", "queue")],
        ] {
            let expected = Policies { plan, manual: ManualSync::Anyone };
            assert_eq!(Policies::of(&log(set), &config), expected, "{set:?}");
        }
        let queue = Policies::of(&log(&[("sync-plan", "queue")]), &Config::default());
        assert_eq!(queue.plan, SyncPlan::queue());
    }
}
