//! To the group or by whisper, and by whom: what reaches all who lack something in the fewest frames.

use guildsync_log::Frontier;
use guildsync_types::MemberName;

use crate::batch::estimate;
use crate::config::Pace;
use crate::message::To;

/// From how many frames on a whisper is shared with helpers.
const SHARED_FRAMES: u64 = 6;

/// One sending: everything beyond `base`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) to: To,
    pub(crate) base: Frontier,
}

/// What a sending costs: frames, and entries where frames are equal.
type Cost = (u64, u64);

/// How members that lack part of `log` get it.
///
/// One sending to the group, from the componentwise minimum of their frontiers, costs what lies
/// beyond that minimum; whispers cost the sum of what each lacks. A member far below the others
/// would make the group's sending dear for everyone, so it is taken out and served apart while that
/// saves frames.
pub(crate) fn deliveries(
    behind: &[(MemberName, Frontier)],
    log: &Frontier,
    pace: Pace,
) -> Vec<Delivery> {
    let mut together: Vec<&(MemberName, Frontier)> = behind.iter().collect();
    let mut apart = Vec::new();
    while together.len() > 1 {
        let all = cost(&base(&together), log, pace);
        // The one whose absence makes the group's sending cheapest.
        let without = |out: usize| {
            let rest: Vec<_> =
                together.iter().enumerate().filter(|&(i, _)| i != out).map(|(_, &m)| m).collect();
            let (group, alone) = (cost(&base(&rest), log, pace), cost(&together[out].1, log, pace));
            (group.0 + alone.0, group.1 + alone.1)
        };
        let best = (0..together.len()).min_by_key(|&out| without(out)).unwrap_or(0);
        if without(best) >= all {
            break;
        }
        apart.push(together.remove(best));
    }
    let whisper = |(name, frontier): &(MemberName, Frontier)| Delivery {
        to: To::Member(name.clone()),
        base: frontier.clone(),
    };
    let group = match &together[..] {
        [] => None,
        [one] => Some(whisper(one)),
        _ => Some(Delivery { to: To::Group, base: base(&together) }),
    };
    apart.into_iter().map(whisper).chain(group).collect()
}

/// What everyone of these has.
fn base(members: &[&(MemberName, Frontier)]) -> Frontier {
    let mut frontiers = members.iter().map(|(_, frontier)| frontier);
    let first = frontiers.next().cloned().unwrap_or_default();
    frontiers.fold(first, |base, frontier| base.min(frontier))
}

fn cost(base: &Frontier, log: &Frontier, pace: Pace) -> Cost {
    let (mut n_entries, mut n_writers) = (0, 0);
    for (_, first, last) in base.lacks(log) {
        n_entries += last - first + 1;
        n_writers += 1;
    }
    (frames(n_entries, n_writers, pace), n_entries)
}

/// How many frames entries take about.
pub(crate) fn frames(n_entries: u64, n_writers: usize, pace: Pace) -> u64 {
    match n_entries {
        0 => 0,
        _ => estimate(n_entries, n_writers, true).div_ceil(pace.frame_bytes.max(1)) as u64,
    }
}

/// Divides writers with so many entries among a sender and its helpers: who sends which. The sender
/// comes first; nobody helps with little.
pub(crate) fn shares(n_entries: &[u64], helpers: usize, pace: Pace) -> Vec<Vec<usize>> {
    let all = frames(n_entries.iter().sum(), n_entries.len(), pace);
    let senders = match all < SHARED_FRAMES {
        true => 1,
        false => (helpers + 1).min(n_entries.len()).max(1),
    };
    let mut order: Vec<usize> = (0..n_entries.len()).collect();
    order.sort_by_key(|&writer| std::cmp::Reverse(n_entries[writer]));
    let mut shares = vec![(0, Vec::new()); senders];
    for writer in order {
        if let Some((sum, share)) = shares.iter_mut().min_by_key(|(sum, _)| *sum) {
            // A seal costs about as much as twenty entries.
            *sum += n_entries[writer] + 20;
            share.push(writer);
        }
    }
    shares.into_iter().map(|(_, share)| share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use guildsync_types::WriterId;

    fn frontier(a: u64, b: u64) -> Frontier {
        [(WriterId([1; 16]), a), (WriterId([2; 16]), b)].into_iter().collect()
    }

    fn behind(list: &[(&str, u64, u64)]) -> Vec<(MemberName, Frontier)> {
        list.iter().map(|&(n, a, b)| (MemberName::new(n).unwrap(), frontier(a, b))).collect()
    }

    fn shown(list: &[(&str, u64, u64)]) -> Vec<String> {
        let show = |d: Delivery| match d.to {
            To::Group => format!("group {}", d.base.n_lacking(&frontier(100, 100))),
            To::Member(m) => format!("{m} {}", d.base.n_lacking(&frontier(100, 100))),
        };
        let pace = Pace { frame_bytes: 1, frame_ms: 0 };
        deliveries(&behind(list), &frontier(100, 100), pace).into_iter().map(show).collect()
    }

    #[test]
    fn what_several_lack_goes_to_the_group_once() {
        assert_eq!(shown(&[("A", 90, 100), ("B", 90, 100), ("C", 95, 100)]), ["group 10"]);
    }

    #[test]
    fn what_one_lacks_is_whispered() {
        assert_eq!(shown(&[("A", 90, 100)]), ["A 10"]);
        assert_eq!(shown(&[]), [""; 0]);
    }

    #[test]
    fn whoever_lacks_what_no_one_else_does_is_served_apart() {
        // Together they would cost 20 entries, and apart they cost the same: no gain, one message.
        assert_eq!(shown(&[("A", 90, 100), ("B", 100, 90)]), ["group 20"]);
        // C alone is far behind: 100 to everyone would cost no less than to C alone, so nothing
        // is gained by whispering; but with D equally far, the others still ride along.
        assert_eq!(shown(&[("A", 99, 100), ("B", 100, 99), ("C", 0, 100)]), ["group 101"]);
    }
}
