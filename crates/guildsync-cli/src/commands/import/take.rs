//! Taking documents into a replica, one after another, in memory.

use guildsync::log::{Draft, Profile, Profiles};
use guildsync::types::{ProfileId, ProfileName};
use guildsync_files::archive::Archive;
use guildsync_files::cepgp::{Names, Traffic};
use guildsync_files::detect::Document;
use guildsync_files::exchange::Import;

use super::Source;
use super::report::FileReport;
use crate::desk::Desk;
use crate::failure::Failure;

/// What became of all files.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) files: Vec<FileReport>,
    /// The profile that was made the active one.
    pub(super) switched_to: Option<String>,
}

/// Takes in every file. The first one that gives a profile decides which one becomes active, if that
/// was the empty one that every store begins with.
pub(super) fn all(desk: &mut Desk, sources: &[Source], names: &Names) -> Result<Taken, Failure> {
    let is_fresh = is_fresh(desk.profiles());
    let (mut files, mut wanted) = (Vec::new(), None);
    for Source { path, document } in sources {
        let taken = match document {
            Document::Cepgp(traffic) => cepgp(desk, traffic, names),
            Document::Archive(form, archive) => self::archive(desk, archive, is_fresh)
                .map(|(added, first)| (FileReport::archive(*form, archive, added), first)),
            Document::Pipe(pipe) => {
                let import = pipe.plan(desk.profiles());
                exchange(desk, "pipe text", import, None)
            }
            Document::Spectrum(saved) => {
                let import = saved.plan(desk.profiles());
                exchange(desk, "SpectrumFederation", import, saved.active())
            }
        };
        let about =
            |failure: Failure| failure.about(format_args!("{} was not imported", path.display()));
        let (mut report, first) = taken.map_err(about)?;
        report.file = path.clone();
        files.push(report);
        wanted = wanted.or(first);
    }
    let switched_to = match wanted {
        Some(id) if is_fresh && id != desk.profiles().active_id() => {
            desk.profiles_mut().switch(&id)?;
            Some(desk.profiles().active().label().to_owned())
        }
        _ => None,
    };
    forget_default(desk, sources, is_fresh)?;
    Ok(Taken { files, switched_to })
}

/// Whether there is nothing in the store yet.
fn is_fresh(profiles: &Profiles) -> bool {
    let active = profiles.active();
    active.is_empty() && active.profile().id == Profile::default_profile().id
}

type Outcome = Result<(FileReport, Option<ProfileId>), Failure>;

fn cepgp(desk: &mut Desk, traffic: &Traffic, names: &Names) -> Outcome {
    let plan = traffic.plan_for(desk.profiles(), names);
    let profiles = names.profiles();
    for (profile, drafts) in profiles.iter().zip([&plan.ep, &plan.gp]) {
        append(desk, profile, drafts)?;
    }
    let first = profiles.iter().find(|profile| desk.profiles().get(&profile.id).is_some());
    let first = first.map(|profile| profile.id);
    Ok((FileReport::cepgp(&plan.report)?, first))
}

fn archive(
    desk: &mut Desk,
    archive: &Archive,
    is_fresh: bool,
) -> Result<(u64, Option<ProfileId>), Failure> {
    let taken = archive.merge_into(desk.profiles_mut())?;
    let added = taken.iter().map(|(_, accepted)| accepted.n_added()).sum();
    let active = archive.active.parse().ok();
    Ok((added, active.filter(|_| is_fresh)))
}

fn exchange(
    desk: &mut Desk,
    format: &'static str,
    import: Import,
    active: Option<&str>,
) -> Outcome {
    for incoming in &import.profiles {
        append(desk, &incoming.profile, &incoming.drafts)?;
    }
    let active = active.and_then(|name| ProfileName::new(name).ok());
    let ids = || import.profiles.iter().map(|incoming| incoming.profile.id);
    let is_active = |id: &ProfileId| {
        desk.profiles()
            .get(id)
            .is_some_and(|log| Some(log.label()) == active.as_ref().map(ProfileName::as_str))
    };
    let is_there = |id: &ProfileId| desk.profiles().get(id).is_some_and(|log| !log.is_empty());
    let first = ids().find(is_active).or_else(|| ids().find(is_there));
    Ok((FileReport::exchange(format, &import.report)?, first))
}

/// Appends drafts to a profile, which is created if need be.
fn append(desk: &mut Desk, profile: &Profile, drafts: &[Draft]) -> Result<(), Failure> {
    if drafts.is_empty() {
        return Ok(());
    }
    if desk.profiles().get(&profile.id).is_none() {
        desk.profiles_mut().add(profile.clone())?;
    }
    desk.append(&profile.id, drafts)?;
    Ok(())
}

/// Lets a fresh store that took an archive in become what the archive was: without the profile that
/// every store begins with, if that was deleted there.
fn forget_default(desk: &mut Desk, sources: &[Source], is_fresh: bool) -> Result<(), Failure> {
    let [Source { document: Document::Archive(_, archive), .. }] = sources else { return Ok(()) };
    let id = Profile::default_profile().id;
    let has = archive.profiles.iter().any(|profile| profile.profile == id.to_string());
    let is_empty = desk.profiles().get(&id).is_some_and(guildsync::log::Log::is_empty);
    if is_fresh && !has && is_empty && id != desk.profiles().active_id() {
        desk.profiles_mut().delete(&id)?;
    }
    Ok(())
}
