//! An entry as it is shown: what it says, what it did, whether it counts.

use std::collections::BTreeMap;

use guildsync::log::{AuditLine, Basis, Change, Log, Verdict};
use guildsync::types::{EntryId, MemberName, Stamp};
use serde::Serialize;

use crate::args::Limit;
use crate::find;
use crate::out::Amount;

/// One entry.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Line {
    /// `writer:seq`, whole.
    pub(crate) id: String,
    /// As tables show it; commands take it, too.
    pub(crate) short_id: String,
    /// `YYYY-MM-DD HH:MM:SS`, UTC.
    pub(crate) time: String,
    /// Seconds since 1970.
    pub(crate) seconds: u64,
    /// Who did it.
    pub(crate) officer: String,
    /// `points`, `note`, `undo`, `grant` and so on.
    pub(crate) kind: &'static str,
    /// Whose points, or whom a note is about.
    pub(crate) member: Option<String>,
    /// What was added.
    pub(crate) delta: Option<Amount>,
    /// The total that the writer saw.
    pub(crate) stated_total: Option<Amount>,
    /// `delta`, or `total` where the entry sets the total.
    pub(crate) basis: Option<&'static str>,
    /// The member's total before it.
    pub(crate) before: Option<Amount>,
    /// The member's total after it.
    pub(crate) after: Option<Amount>,
    /// Whether it counts.
    pub(crate) counts: bool,
    /// `counts`, `undone`, `copy` or `no-role`.
    pub(crate) verdict: &'static str,
    /// The undo that names it.
    pub(crate) undone_by: Option<String>,
    /// The entry that it undoes.
    pub(crate) undoes: Option<String>,
    /// The total that it set aside.
    pub(crate) overrode: Option<Amount>,
    /// For an imported row: its number among equal rows.
    pub(crate) origin: Option<u32>,
    /// Why.
    pub(crate) reason: String,
    /// What it says where that is not points.
    #[serde(skip)]
    pub(crate) says: String,
}

/// Which entries are wanted.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Filter {
    /// Only entries about this member
    #[arg(long, value_name = "NAME", value_parser = MemberName::new)]
    pub(crate) member: Option<MemberName>,
    /// Only what this officer did
    #[arg(long, value_name = "NAME", value_parser = MemberName::new)]
    pub(crate) officer: Option<MemberName>,
    /// Only entries whose reason holds this text, in upper or lower case
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Only entries of this time and later
    #[arg(long, value_name = "TIME", value_parser = Limit::parse)]
    pub(crate) since: Option<Limit>,
    /// Only entries up to this time
    #[arg(long, value_name = "TIME", value_parser = Limit::parse)]
    pub(crate) until: Option<Limit>,
    /// Only the newest N of them
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,
}

/// The entries of a log that are wanted, oldest first, and how many there are in all.
pub(crate) fn lines(log: &Log, filter: &Filter) -> Vec<Line> {
    let undone_by = undos(log);
    let wanted = log.audit().filter(|line| filter.wants(line));
    let mut lines: Vec<Line> = wanted.map(|line| Line::of(&line, &undone_by)).collect();
    let surplus = filter.limit.map_or(0, |limit| lines.len().saturating_sub(limit));
    lines.drain(..surplus);
    lines
}

/// One entry of a log.
pub(crate) fn line(log: &Log, id: EntryId) -> Option<Line> {
    lines_of(log, |other| other == id).pop()
}

/// The entries of a log whose id is wanted, oldest first.
pub(crate) fn lines_of(log: &Log, wanted: impl Fn(EntryId) -> bool) -> Vec<Line> {
    let undone_by = undos(log);
    let found = log.audit().filter(|line| wanted(line.entry.id));
    found.map(|line| Line::of(&line, &undone_by)).collect()
}

/// Entry -> the undo that took it away.
fn undos(log: &Log) -> BTreeMap<EntryId, EntryId> {
    let counted = log.audit().filter(|line| line.verdict == Verdict::Counts);
    let undo = |line: AuditLine| match line.entry.draft.change {
        Change::Undo { of, .. } => Some((of, line.entry.id)),
        _ => None,
    };
    // Of two undos the first in replay order is shown.
    counted.filter_map(undo).fold(BTreeMap::new(), |mut map, (of, by)| {
        map.entry(of).or_insert(by);
        map
    })
}

impl Filter {
    fn wants(&self, line: &AuditLine) -> bool {
        let draft = &line.entry.draft;
        let about = match &draft.change {
            Change::Points { target, .. } => Some(target),
            Change::Note { about } => about.as_ref(),
            Change::Grant { member, .. } => Some(member),
            _ => None,
        };
        let holds = |text: &String| {
            draft.reason.as_str().to_lowercase().contains(&text.trim().to_lowercase())
        };
        self.member.as_ref().is_none_or(|member| about == Some(member))
            && self.officer.as_ref().is_none_or(|officer| *officer == draft.actor)
            && self.reason.as_ref().is_none_or(holds)
            && self.since.is_none_or(|since| draft.stamp >= since.from)
            && self.until.is_none_or(|until| draft.stamp <= until.to)
    }
}

impl Line {
    fn of(audit: &AuditLine, undone_by: &BTreeMap<EntryId, EntryId>) -> Self {
        let (id, draft) = (audit.entry.id, &audit.entry.draft);
        let mut line = Self {
            id: id.to_string(),
            short_id: find::short(id),
            time: time(draft.stamp),
            seconds: draft.stamp.seconds(),
            officer: draft.actor.to_string(),
            kind: draft.change.kind(),
            member: None,
            delta: None,
            stated_total: None,
            basis: None,
            before: audit.before.map(Amount::from),
            after: audit.after.map(Amount::from),
            counts: audit.verdict == Verdict::Counts,
            verdict: audit.verdict.name(),
            undone_by: undone_by.get(&id).map(EntryId::to_string),
            undoes: None,
            overrode: audit.overrode().map(Amount::from),
            origin: draft.origin,
            reason: draft.reason.to_string(),
            says: String::new(),
        };
        line.take(&draft.change);
        line
    }

    fn take(&mut self, change: &Change) {
        match change {
            Change::Points { target, delta, total, basis } => {
                self.member = Some(target.to_string());
                self.delta = Some((*delta).into());
                self.stated_total = Some((*total).into());
                self.basis = Some(match basis {
                    Basis::Delta => "delta",
                    Basis::Total => "total",
                });
                self.says = target.to_string();
            }
            Change::Note { about } => {
                self.member = about.as_ref().map(MemberName::to_string);
                let about = about.as_ref().map(|member| format!("{member}, "));
                self.says = format!("{}a note", about.unwrap_or_default());
            }
            Change::Undo { of, .. } => {
                self.undoes = Some(of.to_string());
                self.says = format!("undo of {}", find::short(*of));
            }
            Change::Grant { writer, member, role } => {
                self.member = Some(member.to_string());
                self.says = format!("{} role to {member} ({})", role.name(), writer.short());
            }
            Change::Revoke { writer, cut } => {
                self.says = format!("revoke of {} beyond entry {cut}", writer.short());
            }
            Change::ProfileCreated { name } => self.says = format!("profile {name:?} begins"),
            Change::ProfileRenamed { name } => self.says = format!("profile renamed {name:?}"),
            Change::PolicySet { name, value } if value.is_empty() => {
                self.says = format!("policy {name} back to its default");
            }
            Change::PolicySet { name, value } => {
                self.says = format!("policy {name} set to {value}");
            }
            Change::Continues { key, .. } => {
                let old = guildsync::types::WriterId::of_key(key);
                self.says = format!("goes on for writer {}", old.short());
            }
            Change::Adopt { of, .. } => self.says = format!("adopts {}", find::short(*of)),
            Change::Unknown { kind, .. } => {
                self.says = format!("kind {kind}, of a later guildsync");
            }
            _ => self.says = "of a later guildsync".to_owned(),
        }
    }

    /// What was added, or the total that was set.
    pub(crate) fn points(&self) -> String {
        match (self.delta, self.stated_total, self.basis) {
            (Some(_), Some(total), Some("total")) => format!("={total}"),
            (Some(delta), ..) => delta.signed(),
            _ => String::new(),
        }
    }

    /// Why it does not count, in words; empty if it does.
    pub(crate) fn why_not(&self) -> String {
        match (self.verdict, &self.undone_by) {
            ("counts", _) => String::new(),
            ("undone", Some(by)) => format!("undone by {}", shorten(by)),
            ("undone", None) => "undone: another copy of this row was".to_owned(),
            ("copy", _) => "another copy of this row counts".to_owned(),
            _ => "its writer had no right to".to_owned(),
        }
    }

    /// The entry as a sentence.
    pub(crate) fn sentence(&self) -> String {
        let what = match self.kind {
            "points" if self.basis == Some("total") => {
                format!("set {}'s total to {}", self.says, self.points().trim_start_matches('='))
            }
            "points" => format!("gave {} {}", self.says, self.points()),
            _ => self.says.clone(),
        };
        let reason = match self.reason.is_empty() {
            true => String::new(),
            false => format!(" ({})", plain(&self.reason)),
        };
        format!("{} {} {what}{reason}", self.time, self.officer)
    }
}

/// A reason as people read it: item links as their names, nothing that would steer a terminal.
pub(crate) fn plain(reason: &str) -> String {
    let mut text = String::with_capacity(reason.len());
    let mut rest = reason;
    while let Some(at) = rest.find('|') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let n = link_len(rest);
        if n == 0 {
            text.push('|');
        }
        rest = &rest[n.max(1)..];
    }
    text.push_str(rest);
    text.replace(char::is_control, " ")
}

/// How many bytes at the beginning of `text` are the game's markup: `|cffa335ee`, `|Hitem:1|h`, `|h`,
/// `|r`.
fn link_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    match bytes.get(1) {
        Some(b'h' | b'r') => 2,
        Some(b'c') => {
            let is_color = bytes.len() >= 10 && bytes[2..10].iter().all(u8::is_ascii_hexdigit);
            if is_color { 10 } else { 0 }
        }
        Some(b'H') => text.find("|h").map_or(0, |end| end + 2),
        _ => 0,
    }
}

/// A stamp's second as tables show it.
pub(crate) fn time(stamp: Stamp) -> String {
    stamp.to_string()
}

fn shorten(id: &str) -> String {
    id.parse().map_or_else(|_| id.to_owned(), find::short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn item_links_are_shown_as_names_and_control_characters_as_blanks() {
        let table = [
            (
                "Add GP 5 |cffa335ee|Hitem:45158::::|h[Heart of Iron]|h|r",
                "Add GP 5 [Heart of Iron]",
            ),
            ("a|b", "a|b"),
            ("|", "|"),
            ("|cff", "|cff"),
            ("|Hno end", "|Hno end"),
            ("one\ntwo\u{1b}[2J", "one two [2J"),
            ("Ærø |cffÆÆÆ", "Ærø |cffÆÆÆ"),
        ];
        for (reason, shown) in table {
            assert_eq!(plain(reason), shown, "{reason:?}");
        }
    }
}
