//! `guildsync profile grant` and `revoke`: whose entries count in an owned profile.

use guildsync::log::{Change, ProfileKind, Role};
use guildsync::types::MemberName;

use super::{Done, Options, done, draft};
use crate::desk::Desk;
use crate::failure::Failure;
use crate::find;

#[derive(Debug, clap::Args)]
pub(crate) struct Grant {
    /// The profile
    profile: String,
    /// The writer: its id, as `profile list` shows it in the store that is to write
    writer: String,
    /// The member who writes there, for people
    #[arg(value_parser = MemberName::new)]
    member: MemberName,
    /// May also grant, revoke and rename
    #[arg(long)]
    owner: bool,
    #[command(flatten)]
    pub(super) options: Options,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Revoke {
    /// The profile
    profile: String,
    /// The writer: its id, or the first 4 or more digits of it
    writer: String,
    #[command(flatten)]
    pub(super) options: Options,
}

pub(super) fn grant(desk: &mut Desk, args: &Grant) -> Result<Done, Failure> {
    let log = find::profile(desk.profiles(), Some(&args.profile))?;
    let (id, label) = (log.profile().id, log.label().to_owned());
    let writer = find::writer(desk.profiles(), &args.writer)?;
    let role = if args.owner { Role::Owner } else { Role::Officer };
    if log.has_officers() && log.role(writer) == Some(role) {
        return Err(Failure::error(format!(
            "writer {} is {} of {label:?} already: there is nothing to grant",
            writer.short(),
            role.name()
        )));
    }
    let stamp = desk.stamp(log);
    let change = Change::Grant { writer, member: args.member.clone(), role };
    let granted = draft(desk, stamp, change)?;
    desk.append(&id, &[granted])?;
    let (member, name) = (&args.member, role.name());
    let did = format!("{member} (writer {}) is {name} of {label:?} now", writer.short());
    done(desk, &id.to_string(), did, "It counts for the others after a sync or a merge.".into())
}

pub(super) fn revoke(desk: &mut Desk, args: &Revoke) -> Result<Done, Failure> {
    let log = find::profile(desk.profiles(), Some(&args.profile))?;
    let (id, label) = (log.profile().id, log.label().to_owned());
    let writer = find::writer(desk.profiles(), &args.writer)?;
    if log.profile().kind == (ProfileKind::Owned { creator: writer }) {
        return Err(Failure::error(format!(
            "writer {} created {label:?} and owns it for good: create a new profile without it",
            writer.short()
        )));
    }
    if log.has_officers() && log.role(writer).is_none() {
        return Err(Failure::error(format!(
            "writer {} holds no role in {label:?}: there is nothing to revoke; \
             `guildsync profile list` shows who does",
            writer.short()
        )));
    }
    let cut = log.frontier().last(writer);
    let stamp = desk.stamp(log);
    let revoked = draft(desk, stamp, Change::Revoke { writer, cut })?;
    desk.append(&id, &[revoked])?;
    let short = writer.short();
    let did = match cut {
        0 => format!("nothing that writer {short} writes in {label:?} counts"),
        cut => {
            format!("in {label:?} writer {short}'s entries count up to {short}:{cut}, none after")
        }
    };
    done(desk, &id.to_string(), did, "It counts for the others after a sync or a merge.".into())
}
