//! One message of each kind and form, by name: golden vectors, fuzz seeds and the documentation.

use guildsync_leader::batch::pack;
use guildsync_leader::{
    Announced, Answer, Base, Cause, Difference, Has, Heads, MemberTag, Message, Named, Tag, Want,
};
use guildsync_log::{Change, Draft, Frontier, Log, Profile};
use guildsync_types::{Digest, MemberName, ProfileName, Reason};

use crate::world::{at, base, guild, key, name, profile, pull, writer};

const AT: Announced = Announced { term: 3, n: 7 };
const DIGEST: Digest = Digest([0xd1, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8]);

pub(crate) fn tag() -> Tag {
    Tag::short(profile().id)
}

fn lasts(n: u8, last: u64) -> Vec<(Tag, u64)> {
    let mut lasts: Vec<_> = (1..=n).map(|n| (Tag::short(writer(n)), last + u64::from(n))).collect();
    lasts.sort();
    lasts
}

/// All of them.
pub(crate) fn all() -> Vec<(&'static str, Message)> {
    let announce = |profile, heads| Message::ProfileAnnounce {
        at: AT,
        profile,
        switch: true,
        answer: false,
        digest: DIGEST,
        heads,
    };
    let whole = Heads { lasts: lasts(3, 1), ..Heads::default() };
    let marked = Heads {
        lasts: vec![(Tag::short(writer(1)), 2), (Tag::from(writer(2)), 70_000)],
        marks: vec![[1, 2, 3, 4], [0xf1, 0xf2, 0xf3, 0xf4]],
        is_partial: true,
    };
    let difference = Difference {
        behind: vec![(0, 100), (1, 100), (2, 5), (7, 1)],
        ahead: vec![(3, 2), (65_535, 300)],
        beside: vec![(Tag::Short([1, 2, 3]), 4), (Tag::Whole([9; 16]), 1)],
    };
    let creation = Draft {
        stamp: at(1_733_083_200),
        actor: name("Oakhand-Eonar"),
        change: Change::ProfileCreated { name: ProfileName::new("Raid").unwrap() },
        reason: Reason::default(),
        origin: None,
    };
    let owned = Profile::owned(writer(1), &creation).unwrap();
    let reply = |has| Message::LogListReply { at: AT, has };
    let want = |n: u8, first, of: Option<&MemberName>| Want {
        writer: Tag::short(writer(n)),
        first,
        of: of.map(MemberTag::of),
    };
    let (oakhand, brindle) = (name("Oakhand-Eonar"), name("Brindle-Eonar"));
    let request = |answer, base: Option<Base>, wants| Message::RequestMyMissing {
        profile: tag(),
        request: 5,
        answer,
        base,
        wants,
    };
    let spread = vec![
        want(1, 101, Some(&oakhand)),
        want(2, 7, Some(&oakhand)),
        Want { writer: Tag::from(writer(3)), ..want(3, 1, Some(&brindle)) },
        want(4, 1, None),
    ];
    vec![
        ("announce", announce(Named::Tag(tag()), Some(whole.clone()))),
        ("announce-new", announce(Named::Whole(profile()), Some(whole))),
        ("announce-owned", announce(Named::Whole(owned), Some(Heads::default()))),
        ("announce-marked", announce(Named::Tag(profile().id.into()), Some(marked.clone()))),
        ("heartbeat", announce(Named::Tag(tag()), None)),
        ("request-list", Message::RequestLogList { profile: tag(), announced: None }),
        ("request-again", Message::RequestLogList { profile: tag(), announced: Some(AT) }),
        ("reply-same", reply(Has::Same)),
        ("reply-difference", reply(Has::Difference(difference.clone()))),
        ("reply-listed", reply(Has::Listed { profile: tag(), digest: DIGEST, heads: marked })),
        ("missing-logs", Message::SendMissingLogs { profile: tag(), request: 5, batch: plain() }),
        ("missing-based", Message::SendMissingLogs { profile: tag(), request: 0, batch: based() }),
        ("missing-fork", Message::SendMissingLogs { profile: tag(), request: 9, batch: fork() }),
        ("request-me", request(Answer::Me, None, vec![want(1, 101, None), want(2, 7, None)])),
        ("request-group", request(Answer::Group, Some(Base { at: AT, difference }), spread)),
        ("request-member", request(Answer::Member(MemberTag::of(&brindle)), None, vec![])),
        ("entry", Message::LogEntry { profile: tag(), batch: live() }),
        ("entry-plain", Message::LogEntry { profile: tag(), batch: plain() }),
        ("start-hand", Message::ManualSyncStart { term: 4, cause: Cause::ByHand }),
        ("start-takeover", Message::ManualSyncStart { term: 300, cause: Cause::Takeover }),
    ]
}

/// Few entries of two writers, with something of everything, without a base.
fn plain() -> guildsync_leader::Batch {
    let mut log = guild(4, 1, 3).log;
    let note = Draft {
        stamp: at(1_733_083_300),
        actor: name("Oakhand-Eonar"),
        change: Change::Note { about: Some(name("Brindle-Eonar")) },
        reason: Reason::new("late | sorry\n|cffa335ee").unwrap(),
        origin: Some(2),
    };
    let odd = Change::Unknown { kind: 300, bytes: vec![1, 2, 0xff] };
    let total = match log.entries().next().unwrap().draft.change {
        Change::Points { target, delta, total, .. } => {
            Change::Points { target, delta, total, basis: guildsync_log::Basis::Total }
        }
        other => other,
    };
    let drafts = [odd, total, Change::Note { about: None }].map(|change| Draft {
        change,
        reason: Reason::default(),
        ..note.clone()
    });
    log.append(&key(2), &[&[note], &drafts[..]].concat()).unwrap();
    pack(&log, None, &log.since(&Frontier::new())).unwrap()
}

fn based() -> guildsync_leader::Batch {
    let mut guild = guild(4, 3, 300);
    let held = guild.log.frontier();
    guild.play(330);
    pack(&guild.log, Some((base(), &held)), &guild.log.since(&held)).unwrap()
}

fn live() -> guildsync_leader::Batch {
    let mut guild = guild(4, 3, 300);
    let held = guild.log.frontier();
    let news = guild.award(1, 1);
    pack(&guild.log, Some((base(), &held)), &[news]).unwrap()
}

fn fork() -> guildsync_leader::Batch {
    let mut one = Log::new(profile());
    let note = |seconds| Draft {
        stamp: at(seconds),
        actor: name("Oakhand"),
        change: Change::Note { about: None },
        reason: Reason::default(),
        origin: None,
    };
    one.append(&key(1), &[note(1)]).unwrap();
    let mut two = one.clone();
    one.append(&key(1), &[note(2)]).unwrap();
    two.append(&key(1), &[note(3)]).unwrap();
    pull(&mut one, &two);
    pack(&one, None, &one.since(&Frontier::new())).unwrap()
}
