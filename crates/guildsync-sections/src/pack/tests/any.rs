//! Any part: versions that go together with their edits, with whatever there can be in them. Nothing
//! is signed, because packing does not look at that.

use std::collections::BTreeMap;
use std::sync::Arc;

use guildsync_types::{Hash, MemberName, PublicKey, SecretKey, Signature, Stamp, WriterId};
use proptest::array::uniform32;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::body::{Body, Plain};
use crate::change::Change;
use crate::document::Document;
use crate::edit::{Author, Edit};
use crate::item::{Content, Item, Slot, Structure};
use crate::message::Carried;
use crate::name::{DocumentId, Label, SectionId};
use crate::rights::{Policy, Who};

/// A stream: what both have, the earlier parts, and one more.
#[derive(Debug, Clone)]
pub(super) struct Streamed {
    pub(super) document: DocumentId,
    pub(super) base: Option<Document>,
    pub(super) parts: Vec<Vec<Carried>>,
}

const TEXTS: [&str; 14] = [
    "",
    " ",
    "  ",
    " a",
    "a ",
    "a  b",
    "\n",
    "a\nb ",
    "\"q\" 'q'",
    "Ash",
    "1",
    "-0",
    "\u{0}",
    "ö\u{1f525}",
];

pub(super) fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(&TEXTS[..]).prop_map(str::to_owned),
        2 => "[a-c ]{0,9}",
        1 => any::<String>(),
    ]
}

fn label() -> impl Strategy<Value = Label> {
    let other = any::<String>().prop_filter_map("no label", |text| Label::new(&text).ok());
    let usual =
        select(&["Ash", "Birch", "Cedar", " "][..]).prop_map(|text| Label::new(text).unwrap());
    prop_oneof![5 => usual, 1 => other]
}

fn body() -> impl Strategy<Value = Body> {
    let cells = || vec(text(), 0..5);
    let more = btree_map(text(), text(), 0..3);
    (cells(), vec(cells(), 0..6), of(text()), of(text()), vec(any::<u32>(), 0..3), more).prop_map(
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

pub(super) fn plain() -> impl Strategy<Value = Plain> {
    body().prop_map(|body| body.plain().unwrap())
}

fn who() -> impl Strategy<Value = Who> {
    let member = select(&["Aldo", "Brindle-Eonar", "ö"][..]);
    let member = member.prop_map(|name| MemberName::from_entry(name).unwrap());
    prop_oneof![
        Just(Who::Leader),
        Just(Who::Assistants),
        Just(Who::Everyone),
        btree_set(member, 0..4).prop_map(Who::Members),
    ]
}

fn policy() -> impl Strategy<Value = Policy> {
    let any =
        (who(), who(), who()).prop_map(|(publish, edit, point)| Policy { publish, edit, point });
    prop_oneof![Just(Policy::default()), any]
}

pub(super) fn author(at: u8) -> (MemberName, SecretKey) {
    let name = MemberName::new(&format!("Member{at:02}-Eonar")).unwrap();
    (name, SecretKey::from_seed(&[at + 1; 32]))
}

/// A document of a few sections that two have edited. All that are made so have one id.
pub(super) fn document() -> impl Strategy<Value = Document> {
    let sections = vec((label(), plain()), 0..6);
    let edits = vec((0u8..3, any::<Index>(), label(), plain()), 0..4);
    (of(label()), policy(), sections, edits).prop_map(|(title, policy, sections, edits)| {
        let stamp = Stamp::new(1_750_000_000, 3).unwrap();
        let (name, key) = author(0);
        let publisher = Author { name: &name, key: &key, stamp, after: 0 };
        let first = Label::new("Raid").unwrap();
        let mut document = Document::publish(publisher, first, policy, sections).unwrap();
        let renamed = title.into_iter().map(Change::Title).collect();
        document.change(publisher, renamed).unwrap();
        for (who, at, name, body) in edits {
            let sections = document.sections();
            let section = match sections.len() {
                0 => document.new_section(&name),
                n => sections[at.index(n)].id,
            };
            let (editor, key) = author(who);
            let stamp = Stamp::new(1_750_000_000 + u64::from(who), 0).unwrap();
            let set = match who {
                2 if !document.sections().is_empty() => Change::Remove(section),
                _ => Change::Set { section, name, body },
            };
            document
                .change(Author { name: &editor, key: &key, stamp, after: 0 }, vec![set])
                .unwrap();
        }
        document
    })
}

/// A count, and counts of writers: one of the part's, or another.
type Counts = (u32, Vec<(u8, [u8; 16], u32)>);

/// What there is to say about one item.
#[derive(Debug, Clone)]
struct Spec {
    kind: u8,
    place: (u8, Index, u32, [u8; 8]),
    name: Label,
    body: Option<Plain>,
    order: (u8, Vec<Index>),
    policy: Policy,
    /// Count and what was seen, unless it is the usual.
    counts: Option<Counts>,
    edit: Index,
}

fn spec() -> impl Strategy<Value = Spec> {
    let place = (0u8..4, any::<Index>(), 0u32..12, any::<[u8; 8]>());
    let order = (0u8..3, vec(any::<Index>(), 0..6));
    let number = || prop_oneof![2 => 0u32..40, 1 => any::<u32>(), 1 => Just(u32::MAX)];
    let counts = (number(), vec((0u8..4, any::<[u8; 16]>(), number()), 0..4));
    let body = prop_oneof![3 => plain().prop_map(Some), 1 => Just(None)];
    (0u8..6, place, label(), body, order, policy(), of(counts), any::<Index>()).prop_map(
        |(kind, place, name, body, order, policy, counts, edit)| Spec {
            kind,
            place,
            name,
            body,
            order,
            policy,
            counts,
            edit,
        },
    )
}

fn edit() -> impl Strategy<Value = Edit> {
    let key = prop_oneof![
        (0u8..3).prop_map(|at| author(at).1.public()),
        uniform32(any::<u8>()).prop_map(PublicKey)
    ];
    let seconds = prop_oneof![2 => 1_749_999_000u64..1_750_009_000, 1 => 0..=Stamp::SECONDS_MAX];
    let others = btree_set(uniform32(any::<u8>()).prop_map(Hash), 0..3);
    (0u8..3, key, seconds, any::<u16>(), others, uniform32(any::<u8>())).prop_map(
        |(name, key, seconds, count, others, signature)| Edit {
            editor: author(name).0,
            key,
            stamp: Stamp::new(seconds, count).unwrap(),
            items: others.into_iter().collect(),
            signature: Signature([signature, signature].concat().try_into().unwrap()),
        },
    )
}

impl Spec {
    fn carried_by(
        &self,
        stream: &Streamed,
        writers: &[WriterId],
        writer: WriterId,
    ) -> (Item, Option<Plain>) {
        let known: Vec<SectionId> = match &stream.base {
            Some(base) => base.sections().iter().map(|section| section.id).collect(),
            None => Vec::new(),
        };
        let (kind, at, nth, id) = &self.place;
        let id = match (kind, known.len()) {
            (0 | 1, 1..) => known[at.index(known.len())],
            (0..=2, _) => SectionId::of_name(stream.document, &self.name, *nth / 4 * (*nth % 4)),
            _ => SectionId(*id),
        };
        let (slot, content, body) = match self.kind {
            0 => {
                let (usual, picked) = &self.order;
                let order = match (usual, &stream.base) {
                    (0, Some(base)) => base.structure().order.clone(),
                    (0 | 1, _) if !known.is_empty() => {
                        picked.iter().map(|at| known[at.index(known.len())]).collect()
                    }
                    _ => vec![id; picked.len()],
                };
                let (title, policy) = (self.name.clone(), self.policy.clone());
                (Slot::Structure, Content::Structure(Structure { title, order, policy }), None)
            }
            1 => (Slot::Section(id), Content::Removed, None),
            _ => {
                let hash = self.body.as_ref().map_or(Hash([7; 32]), Plain::hash);
                let content = Content::Section { name: self.name.clone(), body: hash };
                (Slot::Section(id), content, self.body.clone())
            }
        };
        let usual = match &stream.base {
            Some(base) => base.next(writer, Stamp::ZERO, slot, content.clone(), false),
            None => Item { slot, count: 1, seen: BTreeMap::new(), content: content.clone() },
        };
        let item = match &self.counts {
            None => usual,
            Some((count, seen)) => {
                let seen = seen.iter().map(|(known, other, count)| {
                    let known = writers.get(usize::from(*known)).copied();
                    (known.unwrap_or(WriterId(*other)), *count)
                });
                Item { slot, count: *count, seen: seen.collect(), content }
            }
        };
        (item, body)
    }
}

/// Any stream of one to three parts.
pub(super) fn streamed() -> impl Strategy<Value = Streamed> {
    let parts = vec(vec(spec(), 0..6), 1..4);
    (of(document()), parts, vec(edit(), 1..4), any::<[u8; 8]>()).prop_map(
        |(base, parts, mut edits, id)| {
            let document = base.as_ref().map_or(DocumentId(id), Document::id);
            let mut stream = Streamed { document, base, parts: Vec::new() };
            let writers: Vec<WriterId> = edits.iter().map(Edit::writer).collect();
            let mut made: Vec<Vec<(usize, Item, Option<Plain>)>> = Vec::new();
            for part in &parts {
                let of = |spec: &Spec| {
                    let edit = spec.edit.index(edits.len());
                    let (item, body) = spec.carried_by(&stream, &writers, writers[edit]);
                    (edit, item, body)
                };
                made.push(part.iter().map(of).collect());
            }
            // Each item once, and every edit lists all of its items.
            for (at, edit) in edits.iter_mut().enumerate() {
                let mut hashes = edit.items.to_vec();
                for part in &mut made {
                    part.retain(|(by, item, _)| {
                        let hash = item.hash(document);
                        let is_new = *by != at || !hashes.contains(&hash);
                        if *by == at && is_new {
                            hashes.push(hash);
                        }
                        is_new
                    });
                }
                hashes.sort_unstable();
                edit.items = hashes.into();
            }
            let edits: Vec<Arc<Edit>> = edits.into_iter().map(Arc::new).collect();
            stream.parts = made
                .into_iter()
                .map(|part| {
                    let carry =
                        |(by, item, body)| Carried { item, edit: Arc::clone(&edits[by]), body };
                    part.into_iter().map(carry).collect()
                })
                .collect();
            // What both have anyway can come again.
            if let Some(version) = stream.base.as_ref().and_then(|base| base.versions().last()) {
                let (item, edit) = (version.item().clone(), version.edit().clone());
                stream.parts[0].push(Carried { item, edit, body: version.body().cloned() });
            }
            stream
        },
    )
}
