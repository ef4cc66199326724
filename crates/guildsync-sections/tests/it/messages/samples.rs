//! One message of each kind, and of each way to write it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use guildsync_sections::message::{
    Announced, Answer, Ask, Batch, Carried, Cursor, Message, Part, What,
};
use guildsync_sections::{
    Body, Content, Deed, DocumentId, Edit, Have, Item, Label, Policy, SectionId, Slot, Structure,
    Tag, Who,
};
use guildsync_types::{Digest, Hash, MemberName, PublicKey, Signature, Stamp, WriterId};

pub(crate) const DOCUMENT: DocumentId = DocumentId([0xd0; 8]);
pub(crate) const TARGET: Digest = Digest([0x7a; 8]);
pub(crate) const BASE: Digest = Digest([0xba; 8]);
const SECTION: SectionId = SectionId([0x5e; 8]);
const OTHER: SectionId = SectionId([0x5f; 8]);

/// The seed's example of a time.
pub(crate) fn stamp() -> Stamp {
    Stamp::new(1_735_689_600, 0).unwrap()
}

pub(crate) fn member(name: &str) -> MemberName {
    MemberName::from_entry(name).unwrap()
}

pub(crate) fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

pub(crate) fn announced(n: u8) -> Announced {
    Announced { document: DocumentId([0xd0 + n; 8]), digest: TARGET, stamp: stamp() }
}

pub(crate) fn ask(what: What) -> Ask {
    let whom = Some(member("Brindle-Eonar"));
    Ask { document: DOCUMENT, target: Some(TARGET), base: Some(BASE), whom, what }
}

pub(crate) fn part(answer: Answer, last: bool, batch: Batch) -> Message {
    let (document, target, stream, index) = (DOCUMENT, TARGET, 3, 0);
    Message::Part(Part { document, target, answer, stream, index, last, batch })
}

pub(crate) fn packed(base: Option<Digest>) -> Batch {
    Batch::Packed { base, bytes: (&b"\x01pack\xff"[..]).into() }
}

pub(crate) fn edit(n: u8) -> Edit {
    Edit {
        editor: member("Brindle-Eonar"),
        key: PublicKey([0x30 + n; 32]),
        stamp: Stamp::new(1_735_689_600, n.into()).unwrap(),
        items: [Hash([0x40 + n; 32]), Hash([0x50 + n; 32])].into(),
        signature: Signature([0x60 + n; 64]),
    }
}

pub(crate) fn body() -> Body {
    let cells = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
    Body {
        header: cells(&["Where", "Tank", "Heal"]),
        rows: vec![
            cells(&["Gate: left", "Brindle", "Aldo, Mirth"]),
            cells(&[]),
            cells(&["", "Group 3"]),
        ],
        note: Some("Kill the \"small\" one first.\nThen wait.".to_owned()),
        warning: Some("No pets|h".to_owned()),
        group_rows: vec![3],
        more: BTreeMap::from([("GUID".to_owned(), "\"a\\b\"".to_owned())]),
    }
}

/// A structure, a section with a body, one with an empty body, one without, one that was removed.
pub(crate) fn carried() -> Vec<Carried> {
    let (first, second) = (Arc::new(edit(1)), Arc::new(edit(2)));
    let section = |id, name, body: &Body| {
        let body = body.plain().unwrap();
        let content = Content::Section { name: label(name), body: body.hash() };
        let item = Item { slot: Slot::Section(id), count: 2, seen: BTreeMap::new(), content };
        (item, body)
    };
    let policy = Policy {
        publish: Who::Leader,
        edit: Who::Members(BTreeSet::from([member("Aldo"), member("Mirth,the:2nd")])),
        point: Who::Everyone,
    };
    let (title, order) = (label("Cinder Vault: week 2"), vec![OTHER, SECTION]);
    let structure = Structure { title, order, policy };
    let content = Content::Structure(structure);
    let seen = BTreeMap::from([(WriterId([1; 16]), 4), (WriterId([2; 16]), 1)]);
    let structure = Item { slot: Slot::Structure, count: 7, seen: seen.clone(), content };
    let removed = Item { slot: Slot::Section(OTHER), count: 3, seen, content: Content::Removed };
    let (full, full_body) = section(SECTION, "Gate \"of\" Ash", &body());
    let (empty, empty_body) = section(OTHER, "Hall", &Body::default());
    let carry = |item: &Item, edit: &Arc<Edit>, body| Carried {
        item: item.clone(),
        edit: Arc::clone(edit),
        body,
    };
    vec![
        carry(&structure, &first, None),
        carry(&full, &second, Some(full_body)),
        carry(&empty, &first, Some(empty_body)),
        carry(&empty, &second, None),
        carry(&removed, &second, None),
    ]
}

pub(crate) fn all() -> Vec<(&'static str, Message)> {
    let open = |what| {
        let (document, target, base, whom) = (DOCUMENT, None, None, None);
        Message::Ask(Ask { document, target, base, whom, what })
    };
    let two = BTreeSet::from([SECTION, OTHER]);
    let tags = BTreeSet::from([Tag(5), Tag(0x5eed_c0de), Tag(0xfeed_f00d)]);
    let later = Announced { stamp: Stamp::new(1_735_689_600, 7).unwrap(), ..announced(1) };
    let names = Who::Members(BTreeSet::from([member("Aldo"), member("Brindle-Eonar")]));
    let plain = || Batch::Plain(carried());
    let one = || Batch::Plain(carried()[1..2].to_vec());
    let mut far = part(Answer::Document { beyond: Have(0x0102_0304) }, false, packed(None));
    if let Message::Part(part) = &mut far {
        (part.stream, part.index) = (300, 40);
    }
    vec![
        ("announce", Message::Announce(vec![announced(0)])),
        ("announce-two", Message::Announce(vec![later, announced(0)])),
        ("announce-none", Message::Announce(Vec::new())),
        ("ask-structure", open(What::Structure)),
        ("ask-section", Message::Ask(ask(What::Sections(BTreeSet::from([SECTION]))))),
        ("ask-sections", Message::Ask(ask(What::Sections(two)))),
        ("ask-everything", Message::Ask(ask(What::Everything))),
        ("ask-rest", Message::Ask(ask(What::Rest(tags)))),
        ("ask-rest-of-none", open(What::Rest(BTreeSet::new()))),
        (
            "answering",
            Message::Answering { document: DOCUMENT, target: TARGET, asker: member("Aldo") },
        ),
        ("structure", part(Answer::Structure, true, packed(None))),
        ("sections", part(Answer::Sections, true, packed(Some(BASE)))),
        ("document", far),
        (
            "document-last",
            part(Answer::Document { beyond: Have(0x0102_0304) }, true, packed(Some(BASE))),
        ),
        ("edit", part(Answer::Edit, true, packed(Some(BASE)))),
        ("edit-plain", part(Answer::Edit, true, one())),
        ("document-plain", part(Answer::Document { beyond: Have(0x0102_0304) }, false, plain())),
        ("nothing-plain", part(Answer::Sections, true, Batch::Plain(Vec::new()))),
        (
            "cursor",
            Message::Cursor(Cursor {
                document: DOCUMENT,
                digest: TARGET,
                section: SECTION,
                stamp: stamp(),
            }),
        ),
        ("later", Message::Later { stamp: stamp(), seconds: 300 }),
        (
            "refused",
            Message::Refused { document: DOCUMENT, deed: Deed::Edit, who: Who::Assistants },
        ),
        ("refused-names", Message::Refused { document: DOCUMENT, deed: Deed::Point, who: names }),
    ]
}
