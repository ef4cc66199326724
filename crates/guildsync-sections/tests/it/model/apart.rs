//! Authors who edit copies of one document apart from each other, and what should come of it.
//!
//! What should come of it is worked out with sets alone: everything that was ever made, and for each of it
//! what it replaced and what that had replaced. No counter is looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use guildsync_sections::{
    Author, Body, Change, Content, Document, Label, Plain, Policy, Slot, VERSIONS_MAX, Version,
};
use guildsync_types::{Hash, MemberName, SecretKey, Stamp};
use proptest::collection::vec;
use proptest::prelude::*;

/// As many authors as there are, with a name and a key each.
pub(crate) const AUTHORS: usize = 12;

static KEYS: LazyLock<Vec<(MemberName, SecretKey)>> = LazyLock::new(|| {
    let one = |at: usize| {
        let name = MemberName::new(&format!("Member{at:02}-Eonar")).unwrap();
        (name, SecretKey::from_seed(&[at as u8 + 1; 32]))
    };
    (0..AUTHORS).map(one).collect()
});

pub(crate) fn author(at: usize, seconds: u64) -> Author<'static> {
    let (name, key) = &KEYS[at];
    Author { name, key, stamp: Stamp::new(1_750_000_000 + seconds, 0).unwrap(), after: 0 }
}

pub(crate) fn label(text: &str) -> Label {
    Label::new(text).unwrap()
}

/// A body that says this.
pub(crate) fn body(text: &str) -> Plain {
    Body { rows: vec![vec!["who".into(), text.into()]], ..Body::default() }.plain().unwrap()
}

/// Sections of these names; each says its name.
pub(crate) fn sections(names: &[&str]) -> Vec<(Label, Plain)> {
    names.iter().map(|name| (label(name), body(name))).collect()
}

pub(crate) fn publish(at: usize, names: &[&str]) -> Document {
    Document::publish(author(at, 0), label("Raid"), Policy::open(), sections(names)).unwrap()
}

/// What one author does, in small numbers that mean something in whatever document there is then.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Makes one edit of these changes.
    Edit { who: u8, seconds: u8, changes: Vec<(u8, u8, u8)> },
    /// Takes in all that another has.
    Merge { from: u8, to: u8 },
}

pub(crate) fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let change = (0u8..12, any::<u8>(), any::<u8>());
    let edit = (any::<u8>(), 0u8..6, vec(change, 1..4))
        .prop_map(|(who, seconds, changes)| Step::Edit { who, seconds, changes });
    let merge = (any::<u8>(), any::<u8>()).prop_map(|(from, to)| Step::Merge { from, to });
    vec(prop_oneof![3 => edit, 2 => merge], 1..most)
}

/// Copies of a document, one of each author, and the sets.
#[derive(Debug, Clone)]
pub(crate) struct Apart {
    pub(crate) copies: Vec<Document>,
    /// Everything that was ever made.
    pub(crate) made: BTreeMap<Hash, Version>,
    /// Of each version all that it replaced.
    replaced: BTreeMap<Hash, BTreeSet<Hash>>,
    /// Of each copy all that ever was in it.
    known: Vec<BTreeSet<Hash>>,
}

impl Apart {
    /// Some authors begin with a copy of what the first one published, the others publish the same.
    pub(crate) fn new(authors: usize, publish_too: &[bool]) -> Self {
        let first = publish(0, &["Ash", "Birch", "Ash"]);
        let copy = |at: usize| match publish_too.get(at) {
            Some(true) => publish(at, &["Ash", "Birch", "Ash"]),
            _ => first.clone(),
        };
        let copies: Vec<Document> = (0..authors).map(copy).collect();
        let all = || copies.iter().flat_map(Document::versions);
        let made = all().map(|version| (version.id(), version.clone())).collect();
        let replaced = all().map(|version| (version.id(), BTreeSet::new())).collect();
        let known = copies.iter().map(ids).collect();
        Self { copies, made, replaced, known }
    }

    pub(crate) fn run(mut self, steps: &[Step]) -> Self {
        let n = self.copies.len();
        for step in steps {
            match step {
                Step::Edit { who, seconds, changes } => {
                    self.edit(usize::from(*who) % n, (*seconds).into(), changes);
                }
                Step::Merge { from, to } => {
                    let (from, to) = (usize::from(*from) % n, usize::from(*to) % n);
                    let versions: Vec<Version> = self.copies[from].versions().cloned().collect();
                    let is_new = versions.iter().any(|one| !self.is_known(to, one));
                    assert_eq!(self.copies[to].merge(versions), Ok(is_new));
                    let known = self.known[from].clone();
                    self.known[to].extend(known);
                }
            }
            self.check();
        }
        self
    }

    fn is_known(&self, copy: usize, version: &Version) -> bool {
        self.known[copy].contains(&version.id())
    }

    fn edit(&mut self, who: usize, seconds: u64, changes: &[(u8, u8, u8)]) {
        let before = self.copies[who].clone();
        let mut picked = BTreeSet::new();
        let changes: Vec<Change> =
            changes.iter().map(|change| change_of(&before, *change, &mut picked)).collect();
        let author = author(who, seconds);
        let is_changed = self.copies[who].change(author, changes).unwrap();
        let old = ids(&before);
        let new: Vec<Version> = self.copies[who].versions().cloned().collect();
        let new: Vec<Version> = new.into_iter().filter(|one| !old.contains(&one.id())).collect();
        assert_eq!(is_changed, !new.is_empty());
        for version in new {
            let slot = version.item().slot;
            let held = before.slot(slot);
            let mut replaces = BTreeSet::new();
            for one in held {
                // What was replaced stays replaced, whatever comes of what replaced it.
                replaces.extend(self.replaced[&one.id()].iter().copied());
                let is_shown = one.item().content == held[0].item().content;
                let is_own = one.edit().key == author.key.public();
                if is_shown || is_own || picked.contains(&slot) {
                    replaces.insert(one.id());
                }
            }
            self.replaced.insert(version.id(), replaces);
            self.known[who].insert(version.id());
            self.made.insert(version.id(), version);
        }
    }

    /// What should be in a document that took in all of these.
    pub(crate) fn left(&self, known: &BTreeSet<Hash>) -> BTreeSet<Hash> {
        let replaced: BTreeSet<Hash> =
            known.iter().flat_map(|id| &self.replaced[id]).copied().collect();
        known - &replaced
    }

    /// What should be in a document that took in everything.
    pub(crate) fn all_left(&self) -> BTreeSet<Hash> {
        self.left(&self.made.keys().copied().collect())
    }

    fn check(&self) {
        for (copy, known) in self.copies.iter().zip(&self.known) {
            assert_eq!(ids(copy), self.left(known));
            check_shown(copy);
        }
    }
}

pub(crate) fn ids(document: &Document) -> BTreeSet<Hash> {
    document.versions().map(Version::id).collect()
}

/// Which version is shown, and which others are conflicts, told from the versions alone.
pub(crate) fn check_shown(document: &Document) {
    let mut conflicts = Vec::new();
    let slots: BTreeSet<Slot> = document.versions().map(|one| one.item().slot).collect();
    for slot in slots {
        let versions = document.slot(slot);
        assert!((1..=VERSIONS_MAX).contains(&versions.len()));
        let is_there = |one: &Version| one.item().content != Content::Removed;
        let by = |one: &&Version| (is_there(one), one.edit().stamp, one.id());
        let shown = versions.iter().max_by_key(by).unwrap();
        assert_eq!(versions[0].id(), shown.id());
        let differ = |one: &&Version| one.item().content != shown.item().content;
        let others: Vec<Hash> = versions.iter().filter(differ).map(Version::id).collect();
        if let Slot::Section(id) = slot {
            let section = document.section(id);
            assert_eq!(section.is_some(), is_there(shown));
            if let Some(section) = section {
                let listed = section.conflicts().map(Version::id);
                assert_eq!(listed.collect::<Vec<_>>(), others);
                assert_eq!((section.id, section.version.id()), (id, shown.id()));
                let Content::Section { name, body } = &shown.item().content else { panic!() };
                assert_eq!((section.name, section.body.hash()), (name, *body));
            }
        }
        conflicts.extend(others.into_iter().map(|id| (slot, id)));
    }
    let listed = document.conflicts().into_iter().map(|(slot, one)| (slot, one.id()));
    assert_eq!(listed.collect::<Vec<_>>(), conflicts);
}

/// The change that small numbers mean in a document.
fn change_of(
    document: &Document,
    (kind, a, b): (u8, u8, u8),
    picked: &mut BTreeSet<Slot>,
) -> Change {
    let (at, text) = (usize::from(a), format!("{}", b % 4));
    let sections = document.sections();
    let nth = (!sections.is_empty()).then(|| sections[at % sections.len().max(1)]);
    let add = || {
        let name = label(["Ash", "Cedar"][at % 2]);
        Change::Set { section: document.new_section(&name), name, body: body(&text) }
    };
    match (kind, nth) {
        (0..=3, Some(one)) => {
            Change::Set { section: one.id, name: one.name.clone(), body: body(&text) }
        }
        (4, Some(one)) => {
            Change::Set { section: one.id, name: label(&text), body: one.body.clone() }
        }
        (5, Some(one)) => {
            // With whatever was beside it.
            picked.insert(Slot::Section(one.id));
            Change::Remove(one.id)
        }
        (6, _) => Change::Title(label(&text)),
        (7, _) => Change::Policy(if b % 2 == 0 { Policy::open() } else { Policy::default() }),
        (8, _) => {
            let mut order: Vec<_> = sections.iter().map(|one| one.id).collect();
            order.rotate_left(at % sections.len().max(1));
            Change::Order(order)
        }
        (9 | 10, _) => match &document.conflicts()[..] {
            [] => add(),
            conflicts => {
                let (slot, version) = conflicts[at % conflicts.len()];
                // Sometimes what is shown already.
                let version = if b % 3 == 0 { &document.slot(slot)[0] } else { version };
                picked.insert(slot);
                Change::Pick { slot, version: version.id() }
            }
        },
        _ => add(),
    }
}
