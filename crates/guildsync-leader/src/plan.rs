//! To the group or by whisper: what reaches all who lack something with the fewest entries sent.

use guildsync_log::Frontier;
use guildsync_types::MemberName;

use crate::message::To;

/// One sending: everything beyond `base`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) to: To,
    pub(crate) base: Frontier,
}

/// How members that lack part of `log` get it.
///
/// One sending to the group, from the componentwise minimum of their frontiers, costs what lies
/// beyond that minimum; whispers cost the sum of what each lacks. A member far below the others
/// would make the group's sending dear for everyone, so it is taken out and served apart while that
/// saves entries.
pub(crate) fn deliveries(behind: &[(MemberName, Frontier)], log: &Frontier) -> Vec<Delivery> {
    let mut together: Vec<&(MemberName, Frontier)> = behind.iter().collect();
    let mut apart = Vec::new();
    while together.len() > 1 {
        let all = cost(&together, log);
        // The one whose absence makes the group's sending cheapest.
        let without = |out: usize| {
            let rest: Vec<_> =
                together.iter().enumerate().filter(|&(i, _)| i != out).map(|(_, &m)| m).collect();
            cost(&rest, log) + together[out].1.n_lacking(log)
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

fn cost(members: &[&(MemberName, Frontier)], log: &Frontier) -> u64 {
    base(members).n_lacking(log)
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
        deliveries(&behind(list), &frontier(100, 100)).into_iter().map(show).collect()
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
