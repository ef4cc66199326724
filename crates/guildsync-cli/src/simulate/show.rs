//! A simulated raid in words: what happened when, what each member did, the totals beside the bound.

use std::fmt::Write as _;

use guildsync::leader::Message;
use guildsync_sim::scenario::{MemberCost, Seen};
use guildsync_sim::trace::hearing::{Heard, Hearing};

use super::Args;
use crate::out;
use crate::table;

/// All of it.
pub(super) fn text(args: &Args, seen: &Seen) -> String {
    let mut text = String::new();
    // Writing to a `String` cannot fail.
    _ = writeln!(text, "{}. All times are virtual.\n", args.title());
    for (ms, what) in timeline(args, seen) {
        _ = writeln!(text, "{:>9} s  {what}", seconds(ms));
    }
    _ = writeln!(text, "\n{}\n", members(seen));
    text + &totals(seen)
}

fn timeline(args: &Args, seen: &Seen) -> Vec<(u64, String)> {
    let mut hearing = Hearing::new(args.profile);
    let heard: Vec<Heard> = seen.records.iter().filter_map(|r| hearing.hear(r)).collect();
    let mut lines = Vec::new();
    let announced = heard.iter().find(|h| matches!(h.message, Message::ProfileAnnounce { .. }));
    if let Some(first) = announced {
        let what = format!("{} announces what it has, in {}", first.sender, size(first));
        lines.push((first.from_ms, what));
    }
    let is_reply = |h: &&Heard| matches!(h.message, Message::LogListReply { .. });
    let mut repliers: Vec<(&str, u64)> =
        heard.iter().filter(is_reply).map(|h| (h.sender.as_str(), h.to_ms)).collect();
    if let Some((who, at)) = repliers.first() {
        lines.push((*at, format!("{who} is the first to say what it has")));
    }
    // The first reply of each.
    repliers.sort_unstable();
    repliers.dedup_by_key(|(who, _)| *who);
    if let Some(last) = repliers.iter().map(|(_, at)| *at).max() {
        let n = out::count(repliers.len() as u64, "member has", "members have");
        lines.push((last, format!("{n} said what they have")));
    }
    let bulk = heard.iter().find(|h| matches!(h.message, Message::SendMissingLogs { .. }));
    if let Some(bulk) = bulk {
        let to = bulk.to.as_deref().unwrap_or("the group");
        lines.push((bulk.from_ms, format!("{} begins to send entries to {to}", bulk.sender)));
        let what = format!("that message has left, {}", size(bulk));
        lines.push((bulk.to_ms, what));
    }
    let mut whole: Vec<u64> = lacking(seen).map(|m| m.whole_ms).collect();
    whole.sort_unstable();
    if let (true, Some(last)) = (seen.cost.converged, whole.last()) {
        let half = whole[(whole.len() - 1) / 2];
        lines.push((whole[0], "the first member is whole".to_owned()));
        lines.push((half, "half of the members are whole".to_owned()));
        lines.push((*last, "all have everything".to_owned()));
    } else if seen.cost.converged {
        let at = (seen.cost.virtual_seconds * 1000.0).round() as u64;
        lines.push((at, "the leader knows that all have everything".to_owned()));
    }
    lines.sort_by_key(|(at, _)| *at);
    lines
}

/// Those who lacked something.
fn lacking(seen: &Seen) -> impl Iterator<Item = &MemberCost> {
    let most = seen.members.iter().map(|m| m.n_after).max().unwrap_or(0);
    seen.members.iter().filter(move |m| m.n_before < most)
}

fn members(seen: &Seen) -> String {
    let most = seen.members.iter().map(|m| m.n_after).max().unwrap_or(0);
    let mut table =
        table::new(["Member", "Part", ">Entries", ">Frames sent", ">Bytes sent", ">Whole after"]);
    for (at, member) in seen.members.iter().enumerate() {
        let whole = match member {
            m if m.n_after < most => "never".to_owned(),
            m if m.n_before == most => "from the start".to_owned(),
            m => format!("{} s", seconds(m.whole_ms)),
        };
        table.add_row([
            member.name.clone(),
            if at == 0 { "leader".to_owned() } else { String::new() },
            member.n_after.to_string(),
            member.frames.to_string(),
            member.bytes.to_string(),
            whole,
        ]);
    }
    table::text(&table)
}

fn totals(seen: &Seen) -> String {
    let cost = &seen.cost;
    let verdict = match cost.converged {
        true => format!("All {} members agree", cost.members),
        false => "The members do NOT agree".to_owned(),
    };
    format!(
        "{verdict}: state {}. {} frames, {} bytes; the busiest sent {}, all others {}.\n\
         {:.3} s of virtual time: nobody waited for it. The bound: {} frames of the busiest, {:.1} s.",
        &cost.state_hash[..cost.state_hash.len().min(12)],
        cost.frames,
        cost.bytes,
        cost.busiest_frames,
        cost.answer_frames,
        cost.virtual_seconds,
        cost.bound_frames,
        cost.bound_seconds,
    )
}

fn size(heard: &Heard) -> String {
    let frames = out::count(heard.n_frames as u64, "frame", "frames");
    format!("{} bytes, {frames}", heard.n_bytes)
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}
