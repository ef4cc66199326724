//! `guildsync profile list`: all profiles, and who holds a role in them.

use guildsync::log::Log;
use guildsync::types::WriterId;
use serde::Serialize;

use crate::args::Globals;
use crate::failure::Failure;
use crate::find;
use crate::out::{self, Format};
use crate::table;

/// Show all profiles, and who holds a role in them
///
/// The active one is marked with `*`.
///
/// JSON: writer (this store's), member, profiles: [{profile, profile_id, kind, active, entries,
///   members, role (this writer's, or null), roles: [{writer, member, role}]}]
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Shown {
    writer: Option<String>,
    member: Option<String>,
    profiles: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    profile: String,
    profile_id: String,
    kind: &'static str,
    active: bool,
    entries: usize,
    members: usize,
    role: Option<&'static str>,
    roles: Vec<Held>,
}

#[derive(Serialize)]
struct Held {
    writer: String,
    member: String,
    role: &'static str,
}

pub(super) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let loaded = super::super::read(&globals.store)?;
    let profiles = &loaded.profiles;
    let row = |log| Row::of(log, profiles.active_id() == log.profile().id, loaded.writer);
    let mut rows: Vec<Row> = profiles.iter().map(row).collect();
    rows.sort_by(|a, b| (&a.profile, &a.profile_id).cmp(&(&b.profile, &b.profile_id)));
    let shown = Shown {
        writer: loaded.writer.map(|writer| writer.to_string()),
        member: loaded.member.as_ref().map(ToString::to_string),
        profiles: rows,
    };
    match args.format.json {
        true => out::json(&shown),
        false => out::print(told(&shown)),
    }
}

impl Row {
    fn of(log: &Log, active: bool, writer: Option<WriterId>) -> Self {
        let role = writer.and_then(|writer| log.role(writer)).map(guildsync::log::Role::name);
        let held = |officer: guildsync::log::Officer| Held {
            writer: officer.writer.to_string(),
            member: officer.member.to_string(),
            role: officer.role.name(),
        };
        Self {
            profile: log.label().to_owned(),
            profile_id: log.profile().id.to_string(),
            kind: find::kind(log),
            active,
            entries: log.len(),
            members: log.standings().len(),
            role,
            roles: log.officers().into_iter().map(held).collect(),
        }
    }
}

fn told(shown: &Shown) -> String {
    let mut table =
        table::new(["", "Profile", "Kind", "Id", ">Entries", ">Members", "You may write"]);
    for row in &shown.profiles {
        let may = match (row.role, row.kind) {
            (Some(_), "open") => "yes, everyone",
            (Some(role), _) => role,
            (None, _) => "no",
        };
        table.add_row([
            if row.active { "*" } else { "" }.to_owned(),
            row.profile.clone(),
            row.kind.to_owned(),
            row.profile_id.chars().take(8).collect(),
            row.entries.to_string(),
            row.members.to_string(),
            may.to_owned(),
        ]);
    }
    let mut text = table::text(&table);
    let owned: Vec<&Row> = shown.profiles.iter().filter(|row| !row.roles.is_empty()).collect();
    if !owned.is_empty() {
        let mut roles = table::new(["Roles in", "Member", "Role", "Writer"]);
        for row in owned {
            for held in &row.roles {
                let (member, role) = (held.member.as_str(), held.role);
                roles.add_row([row.profile.as_str(), member, role, held.writer.as_str()]);
            }
        }
        text += &format!("\n\n{}", table::text(&roles));
    }
    let whose = shown.member.as_ref().map_or_else(String::new, |who| format!(" for {who}"));
    let writer = match &shown.writer {
        Some(writer) => format!("This store writes as {writer}{whose}."),
        None => "This is a backup: it writes nothing before it is restored.".to_owned(),
    };
    format!("{text}\n\n{writer}")
}
