//! Bringing one replica everything that another has, in memory.

use guildsync::log::{Log, ProfileError, ProfileKind, Profiles, Segment};
use guildsync::types::ProfileId;
use tracing::debug;

use crate::failure::Failure;

/// How often two replicas look at each other at most: once there, once back, once more for forks.
const ROUNDS_MAX: usize = 4;

/// Lets `into` take everything that `from` has.
pub(crate) fn take(into: &mut Profiles, from: &Profiles) -> Result<(), Failure> {
    for theirs in from.iter() {
        let id = theirs.profile().id;
        if into.get(&id).is_none() {
            into.add(theirs.profile().clone())?;
        }
        feed(into, &id, theirs)?;
    }
    Ok(())
}

/// Lets both take what the other has, until they agree.
pub(crate) fn join(a: &mut Profiles, b: &mut Profiles) -> Result<(), Failure> {
    for _ in 0..ROUNDS_MAX {
        take(a, b)?;
        take(b, a)?;
        if a.state_hash() == b.state_hash() {
            break;
        }
    }
    Ok(())
}

/// Offers the segments of `theirs` in an order that works: what waits for a grant or for a fork's root
/// is offered again as long as others get in.
fn feed(into: &mut Profiles, id: &ProfileId, theirs: &Log) -> Result<(), Failure> {
    let label = theirs.label();
    let Some(ours) = into.get_mut(id) else {
        return Err(ProfileError::Unknown { wanted: id.short(), known: String::new() }.into());
    };
    let mut segments: Vec<Segment> = theirs.lacking(&ours.heads());
    if let ProfileKind::Owned { creator } = theirs.profile().kind {
        segments.sort_by_key(|segment| segment.root() != creator);
    }
    loop {
        let n_offered = segments.len();
        let (mut left, mut refusal) = (Vec::new(), None);
        for segment in segments {
            match ours.accept(segment.clone()) {
                Ok(accepted) if accepted.waits_for_role || accepted.waits_for_earlier => {
                    left.push(segment);
                }
                Ok(accepted) => debug!(profile = label, added = accepted.n_added(), "took"),
                Err(why) => {
                    refusal = Some(why);
                    left.push(segment);
                }
            }
        }
        if left.is_empty() {
            return Ok(());
        }
        if left.len() == n_offered {
            return match refusal {
                Some(why) => Err(Failure::error(format!(
                    "profile {label:?}: {why}; check both stores with `guildsync verify`"
                ))),
                None => Ok(()),
            };
        }
        segments = left;
    }
}
