//! Reading an archive back into logs: everything is verified, all of it or nothing is taken.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use guildsync_log::{
    AcceptError, Accepted, Branch, Frontier, Log, Profile, ProfileError, ProfileKind, Profiles,
    Segment,
};
use guildsync_types::{ProfileId, ProfileName, Seal, WriterId};
use thiserror::Error;

use super::{Archive, ArchivedChain, ArchivedProfile};

/// Why an archive was not taken in. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// A field that cannot be what it says.
    #[error("{place}, {field}: {why}; export the archive again instead of editing it")]
    Field {
        /// Profile, writer, entry.
        place: String,
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A chain that does not verify.
    #[error("profile {profile:?}: {source}; the archive was changed, get it again from its writer")]
    Refused {
        /// The profile's label.
        profile: String,
        /// Why the log refused it.
        source: AcceptError,
    },
    /// A chain for which the archive has no right, or no beginning.
    #[error(
        "profile {profile:?}: the chain of writer {} waits for {for_what} that the archive lacks",
        writer.short()
    )]
    Waits {
        /// The profile's label.
        profile: String,
        /// Whose chain.
        writer: WriterId,
        /// A role, or entries before it.
        for_what: &'static str,
    },
    /// Everything verifies, and is not what was written.
    #[error(
        "the archive gives state {found}, it was written with {stated}: chains are missing from it; \
         get it again from its writer"
    )]
    StateDiffers {
        /// What it says.
        stated: String,
        /// What it gives.
        found: String,
    },
    /// A profile that cannot be added.
    #[error(transparent)]
    Profile(#[from] ProfileError),
}

/// An archive's profiles with their ids and segments read, not yet verified.
struct Parsed {
    profiles: Vec<(Profile, Vec<Segment>)>,
    active: ProfileId,
    left_behind: BTreeMap<ProfileId, Frontier>,
}

impl Archive {
    /// The profiles as they were: same heads, same standings, same active profile.
    ///
    /// # Errors
    /// [`RestoreError`]: anything that does not verify.
    pub fn restore(&self) -> Result<Profiles, RestoreError> {
        let restored = self.rebuild()?;
        self.check_state(restored)
    }

    /// Joins the archive's entries with those of `profiles`; the active profile stays.
    ///
    /// Returns what each profile took in.
    ///
    /// # Errors
    /// [`RestoreError`]: anything that does not verify. `profiles` is as it was then.
    pub fn merge_into(
        &self,
        profiles: &mut Profiles,
    ) -> Result<Vec<(ProfileId, Accepted)>, RestoreError> {
        let parsed = Parsed::of(self)?;
        self.check_state(parsed.build()?)?;
        let mut joined = profiles.clone();
        let mut all = Vec::new();
        for (profile, segments) in parsed.profiles {
            let id = profile.id;
            if joined.get(&id).is_none() {
                joined.add(profile)?;
            }
            if let Some(log) = joined.get_mut(&id) {
                all.push((id, feed(log, segments)?));
            }
        }
        *profiles = joined;
        Ok(all)
    }

    /// What the archive gives, whatever state hash it states.
    pub(super) fn rebuild(&self) -> Result<Profiles, RestoreError> {
        Parsed::of(self)?.build()
    }

    fn check_state(&self, restored: Profiles) -> Result<Profiles, RestoreError> {
        let found = restored.state_hash().to_string();
        match found == self.state_hash {
            true => Ok(restored),
            false => Err(RestoreError::StateDiffers { stated: self.state_hash.clone(), found }),
        }
    }
}

impl Parsed {
    fn of(archive: &Archive) -> Result<Self, RestoreError> {
        let top = || "archive".to_owned();
        let mut left_behind: BTreeMap<ProfileId, Frontier> = BTreeMap::new();
        for deleted in &archive.deleted {
            let place = || format!("deleted profile {}", deleted.profile);
            let id = parse(&deleted.profile, place, "profile")?;
            let writer = parse(&deleted.writer, place, "writer")?;
            left_behind.entry(id).or_default().set(writer, deleted.last);
        }
        Ok(Self {
            active: parse(&archive.active, top, "active")?,
            profiles: archive.profiles.iter().map(read_profile).collect::<Result<_, _>>()?,
            left_behind,
        })
    }

    fn build(&self) -> Result<Profiles, RestoreError> {
        let mut logs = Vec::new();
        for (profile, segments) in &self.profiles {
            let mut log = Log::new(profile.clone());
            feed(&mut log, segments.clone())?;
            logs.push(log);
        }
        Profiles::restore(logs, self.active, self.left_behind.clone()).ok_or_else(|| {
            RestoreError::Field {
                place: "archive".to_owned(),
                field: "active",
                why: format!("profile {} is not in the archive", self.active.short()),
            }
        })
    }
}

/// Lets a log accept segments in an order that works: what waits for a grant or a fork's root is
/// offered again as long as others get in.
fn feed(log: &mut Log, mut segments: Vec<Segment>) -> Result<Accepted, RestoreError> {
    if let ProfileKind::Owned { creator } = log.profile().kind {
        segments.sort_by_key(|segment| segment.root() != creator);
    }
    let mut all = Accepted::default();
    loop {
        let mut failed = None;
        let mut left = Vec::new();
        let n_offered = segments.len();
        for segment in std::mem::take(&mut segments) {
            let writer = segment.writer;
            match log.accept(segment.clone()) {
                Ok(accepted) if accepted.waits_for_role || accepted.waits_for_earlier => {
                    let for_what = if accepted.waits_for_role { "a role" } else { "entries" };
                    let profile = log.label().to_owned();
                    failed = Some(RestoreError::Waits { profile, writer, for_what });
                    left.push(segment);
                }
                Ok(accepted) => all.join(accepted),
                Err(source) => {
                    let profile = log.label().to_owned();
                    failed = Some(RestoreError::Refused { profile, source });
                    left.push(segment);
                }
            }
        }
        let Some(error) = failed else { return Ok(all) };
        if left.len() == n_offered {
            return Err(error);
        }
        segments = left;
    }
}

fn read_profile(archived: &ArchivedProfile) -> Result<(Profile, Vec<Segment>), RestoreError> {
    let place = || format!("profile {:?}", archived.label);
    let wrong = |field, why: String| RestoreError::Field { place: place(), field, why };
    let id: ProfileId = parse(&archived.profile, place, "profile")?;
    let name = ProfileName::new(&archived.name).map_err(|why| wrong("name", why.to_string()))?;
    let kind = match (archived.kind.as_str(), &archived.creator) {
        ("open", None) => ProfileKind::Open,
        ("owned", Some(creator)) => {
            ProfileKind::Owned { creator: parse(creator, place, "creator")? }
        }
        (kind, _) => {
            let why = format!("{kind:?} is neither `open` without nor `owned` with a creator");
            return Err(wrong("kind", why));
        }
    };
    let profile = Profile { id, kind, name };
    if !profile.is_plausible() {
        return Err(wrong("name", "the id of an open profile follows from its name".to_owned()));
    }
    let segments = archived.chains.iter().map(|chain| read_chain(chain, &archived.label));
    let segments: Vec<Segment> = segments.collect::<Result<_, _>>()?;
    if let ProfileKind::Owned { creator } = kind
        && let Some(chain) = segments.iter().find(|s| s.writer == creator && s.first == 1)
        && let Some(created) = chain.drafts.first().and_then(|draft| Profile::owned(creator, draft))
        && created.name != profile.name
    {
        return Err(wrong("name", format!("it was created as {:?}", created.name)));
    }
    Ok((profile, segments))
}

fn read_chain(chain: &ArchivedChain, profile: &str) -> Result<Segment, RestoreError> {
    let place = || format!("profile {profile:?}, writer {}", chain.writer);
    let wrong =
        |field, why: &str| RestoreError::Field { place: place(), field, why: why.to_owned() };
    let branch = match (&chain.root, &chain.base) {
        (None, None) if chain.first == 1 => None,
        (Some(root), Some(base)) => Some(Branch {
            root: parse(root, place, "root")?,
            first: chain.first,
            base: parse(base, place, "base")?,
        }),
        _ => return Err(wrong("first", "only a branch, with root and base, begins beyond 1")),
    };
    let mut drafts = Vec::with_capacity(chain.entries.len());
    for (n, entry) in (0u64..).zip(&chain.entries) {
        let place = || format!("{}, entry {}", place(), entry.seq);
        if chain.first.checked_add(n) != Some(entry.seq) {
            let why = "entries are numbered one after another".to_owned();
            return Err(RestoreError::Field { place: place(), field: "seq", why });
        }
        let draft = entry.draft();
        drafts.push(draft.map_err(|(field, why)| RestoreError::Field {
            place: place(),
            field,
            why,
        })?);
    }
    let Some(last) = chain.entries.last() else {
        return Err(wrong("entries", "a chain has at least one entry"));
    };
    let seal = Seal {
        key: parse(&chain.seal_key, place, "seal_key")?,
        seq: last.seq,
        head: parse(&chain.seal_head, place, "seal_head")?,
        signature: parse(&chain.seal_signature, place, "seal_signature")?,
    };
    let writer = parse(&chain.writer, place, "writer")?;
    Ok(Segment { writer, first: chain.first, drafts, seal, branch })
}

fn parse<T: FromStr<Err: Display>>(
    text: &str,
    place: impl Fn() -> String,
    field: &'static str,
) -> Result<T, RestoreError> {
    text.parse().map_err(|why: T::Err| RestoreError::Field {
        place: place(),
        field,
        why: why.to_string(),
    })
}
