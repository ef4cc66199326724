//! Any message: every kind, with whatever text and numbers there can be, most of them of the usual size.

use std::collections::BTreeMap;
use std::sync::Arc;

use guildsync_sections::message::{
    Announced, Answer, Ask, Batch, Carried, Cursor, Message, Part, What,
};
use guildsync_sections::{
    Body, Content, Deed, DocumentId, Edit, Have, Item, Label, Plain, Policy, SectionId, Slot,
    Structure, Tag, Who,
};
use guildsync_types::{Digest, Hash, MemberName, PublicKey, Signature, Stamp, WriterId};
use proptest::array::uniform32;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Text that a member could have chosen so as to be taken for something else, and any other.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[A-Za-z0-9 äß:;,|=\\\\\n-]{0,12}",
        1 => any::<String>(),
        1 => select(&["REF:1:edit:leader", "ROW", "\nEDIT:1", "a:b\\c", "|cff|Hitem:5|h|r"][..])
            .prop_map(str::to_owned),
    ]
}

pub(crate) fn label() -> impl Strategy<Value = Label> {
    let text = text().prop_filter_map("no label", |text| Label::new(&text).ok());
    prop_oneof![4 => text, 1 => Just(Label::new("Gate \"of\" Ash: 2").unwrap())]
}

pub(crate) fn member() -> impl Strategy<Value = MemberName> {
    const NAMES: [&str; 5] = ["Brindle-Eonar", "Aldo", "REQ", "ø:,|", "members"];
    let any =
        "[^\\s\\pC]{1,12}".prop_filter_map("no name", |text| MemberName::from_entry(&text).ok());
    prop_oneof![3 => any, 1 => select(&NAMES[..]).prop_map(|name| MemberName::from_entry(name).unwrap())]
}

pub(crate) fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 8]>().prop_map(Digest)
}

pub(crate) fn document() -> impl Strategy<Value = DocumentId> {
    any::<[u8; 8]>().prop_map(DocumentId)
}

pub(crate) fn section() -> impl Strategy<Value = SectionId> {
    any::<[u8; 8]>().prop_map(SectionId)
}

fn hash() -> impl Strategy<Value = Hash> {
    uniform32(any::<u8>()).prop_map(Hash)
}

pub(crate) fn stamp() -> impl Strategy<Value = Stamp> {
    let seconds = prop_oneof![3 => 1_700_000_000u64..1_800_000_000, 1 => 0..=Stamp::SECONDS_MAX];
    let count = prop_oneof![2 => Just(0), 1 => 0u16..4, 1 => any::<u16>()];
    (seconds, count).prop_map(|(seconds, count)| Stamp::new(seconds, count).unwrap())
}

pub(crate) fn who() -> impl Strategy<Value = Who> {
    prop_oneof![
        Just(Who::Leader),
        Just(Who::Assistants),
        Just(Who::Everyone),
        btree_set(member(), 0..6).prop_map(Who::Members),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    select(&[Deed::Publish, Deed::Edit, Deed::Point][..])
}

pub(crate) fn body() -> impl Strategy<Value = Body> {
    let cells = || vec(text(), 0..5);
    let more = btree_map(text(), text(), 0..3);
    (cells(), vec(cells(), 0..5), of(text()), of(text()), vec(any::<u32>(), 0..3), more).prop_map(
        |(header, rows, note, warning, group_rows, more)| Body {
            header,
            rows,
            note,
            warning,
            group_rows,
            more,
        },
    )
}

fn plain() -> impl Strategy<Value = Plain> {
    body().prop_filter_map("too long", |body| body.plain().ok())
}

fn structure() -> impl Strategy<Value = Structure> {
    let policy = (who(), who(), who());
    (label(), vec(section(), 0..6), policy).prop_map(|(title, order, (publish, edit, point))| {
        Structure { title, order, policy: Policy { publish, edit, point } }
    })
}

pub(crate) fn item() -> impl Strategy<Value = Item> {
    let section = (section(), of((label(), hash()))).prop_map(|(id, content)| {
        let removed = Content::Removed;
        let content = content.map_or(removed, |(name, body)| Content::Section { name, body });
        (Slot::Section(id), content)
    });
    let structure =
        structure().prop_map(|structure| (Slot::Structure, Content::Structure(structure)));
    let count = || prop_oneof![3 => 0u32..40, 1 => any::<u32>()];
    let seen = vec((any::<[u8; 16]>(), count()), 0..3);
    (count(), seen, prop_oneof![structure, section]).prop_map(|(count, seen, (slot, content))| {
        let seen = seen.into_iter().map(|(writer, count)| (WriterId(writer), count));
        Item { slot, count, seen: BTreeMap::from_iter(seen), content }
    })
}

pub(crate) fn edit() -> impl Strategy<Value = Edit> {
    let items = btree_set(hash(), 0..4).prop_map(Vec::from_iter);
    let signature = (uniform32(any::<u8>()), uniform32(any::<u8>())).prop_map(|(a, b)| {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&a);
        bytes[32..].copy_from_slice(&b);
        Signature(bytes)
    });
    (member(), uniform32(any::<u8>()), stamp(), items, signature).prop_map(
        |(editor, key, stamp, items, signature)| Edit {
            editor,
            key: PublicKey(key),
            stamp,
            items: items.into(),
            signature,
        },
    )
}

/// Versions, several of them by one edit, in any order.
pub(crate) fn carried() -> impl Strategy<Value = Vec<Carried>> {
    let edits = vec(edit().prop_map(Arc::new), 1..4);
    let versions = vec((item(), any::<Index>(), of(plain())), 0..6);
    (edits, versions).prop_map(|(edits, versions)| {
        let carry = |(item, edit, body): (Item, Index, Option<Plain>)| {
            let body = body.filter(|_| matches!(item.content, Content::Section { .. }));
            // Some share the edit, some have an equal one.
            let edit = edit.get(&edits);
            let is_shared = item.count % 2 == 0;
            let edit = if is_shared { Arc::clone(edit) } else { Arc::new(Edit::clone(edit)) };
            Carried { item, edit, body }
        };
        versions.into_iter().map(carry).collect()
    })
}

pub(crate) fn batch() -> impl Strategy<Value = Batch> {
    prop_oneof![
        (of(digest()), vec(any::<u8>(), 0..60))
            .prop_map(|(base, bytes)| Batch::Packed { base, bytes: bytes.into() }),
        carried().prop_map(Batch::Plain),
    ]
}

pub(crate) fn part() -> impl Strategy<Value = Part> {
    let answer = || {
        prop_oneof![
            select(&[Answer::Structure, Answer::Sections, Answer::Edit][..]),
            any::<u32>().prop_map(|beyond| Answer::Document { beyond: Have(beyond) }),
        ]
    };
    let number = || prop_oneof![3 => 0u16..20, 1 => any::<u16>()];
    let head = (document(), digest(), answer(), number(), number(), any::<bool>());
    (head, batch()).prop_map(|((document, target, answer, stream, index, last), batch)| Part {
        document,
        target,
        answer,
        stream,
        index,
        last,
        batch,
    })
}

pub(crate) fn ask() -> impl Strategy<Value = Ask> {
    let tags = prop_oneof![btree_set(any::<u32>(), 0..40), btree_set(0u32..50, 0..20)];
    let what = prop_oneof![
        Just(What::Structure),
        btree_set(section(), 0..6).prop_map(What::Sections),
        btree_set(section(), 1).prop_map(What::Sections),
        Just(What::Everything),
        tags.prop_map(|tags| What::Rest(tags.into_iter().map(Tag).collect())),
    ];
    (document(), of(digest()), of(digest()), of(member()), what)
        .prop_map(|(document, target, base, whom, what)| Ask { document, target, base, whom, what })
}

fn announcement() -> impl Strategy<Value = Vec<Announced>> {
    btree_map(document(), (digest(), stamp()), 0..=Message::DOCUMENTS_MAX).prop_map(|documents| {
        let announced = |(document, (digest, stamp))| Announced { document, digest, stamp };
        documents.into_iter().map(announced).rev().collect()
    })
}

/// Any message.
pub(crate) fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        2 => announcement().prop_map(Message::Announce),
        4 => ask().prop_map(Message::Ask),
        1 => (document(), digest(), member())
            .prop_map(|(document, target, asker)| Message::Answering { document, target, asker }),
        6 => part().prop_map(Message::Part),
        1 => (document(), digest(), section(), stamp()).prop_map(
            |(document, digest, section, stamp)| {
                Message::Cursor(Cursor { document, digest, section, stamp })
            }
        ),
        1 => (stamp(), any::<u32>())
            .prop_map(|(stamp, seconds)| Message::Later { stamp, seconds }),
        1 => (document(), deed(), who())
            .prop_map(|(document, deed, who)| Message::Refused { document, deed, who }),
    ]
}
