//! `guildsync init`: a new store with its key.

use std::path::{Path, PathBuf};

use guildsync::store::{self, Store, StoreError};
use guildsync::types::{MemberName, WriterId};
use serde::Serialize;

use crate::args::Globals;
use crate::failure::Failure;
use crate::out::{self, DryRun, Format};

/// Create a store
///
/// Creates the store and its key. With `--as` in a store that is there already and has no member
/// yet, it names its member.
///
/// JSON: store, key, writer (null in a dry run), member, dry_run
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Args {
    /// The member whose store this is: who acts in what is written to it
    #[arg(long = "as", value_name = "NAME", value_parser = MemberName::new)]
    who: Option<MemberName>,
    #[command(flatten)]
    dry_run: DryRun,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Done<'a> {
    store: &'a Path,
    key: PathBuf,
    writer: Option<String>,
    member: Option<String>,
    dry_run: bool,
}

pub(crate) fn run(globals: &Globals, args: &Args) -> Result<(), Failure> {
    let path = &globals.store;
    let who = args.who.as_ref();
    let is_there = path.symlink_metadata().is_ok();
    if is_there && (who.is_none() || store::read(path)?.member.is_some()) {
        return Err(StoreError::AlreadyExists { path: path.clone() }.into());
    }
    let writer = if args.dry_run.dry_run {
        let key = store::key_path(path);
        if !is_there && key.symlink_metadata().is_ok() {
            return Err(StoreError::KeyInTheWay { path: key }.into());
        }
        None
    } else {
        let mut opened = if is_there { Store::open(path)? } else { Store::create(path, None)? };
        if let Some(who) = who {
            opened.store.set_member(who)?;
        }
        Some(opened.store.key().writer())
    };
    if args.format.json {
        return out::json(&Done {
            store: path,
            key: store::key_path(path),
            writer: writer.map(|writer| writer.to_string()),
            member: who.map(ToString::to_string),
            dry_run: args.dry_run.dry_run,
        });
    }
    out::print(told(path, args, is_there, writer))
}

fn told(path: &Path, args: &Args, is_there: bool, writer: Option<WriterId>) -> String {
    let who = args.who.as_ref();
    let store = path.display();
    if let (true, Some(who)) = (is_there, who) {
        return args.dry_run.tell(&format!("{store} is {who}'s from now on"));
    }
    let whose = who.map_or_else(String::new, |who| format!(" of {who}"));
    let created = args.dry_run.tell(&format!("created the store {store}{whose}"));
    let writer = writer.map_or_else(String::new, |writer| {
        format!("\nIt writes as {writer}. An owner of a profile needs that id to grant it a role.")
    });
    let next = match who {
        Some(_) => "guildsync import FILE, or guildsync award NAME POINTS REASON",
        None => "guildsync import FILE; to award, add --as NAME or run guildsync init --as NAME",
    };
    format!(
        "{created}\n\
         Its key is {}. The key stays here: it is never in a backup, an export or a merge, and no\n\
         two stores may have the same one.{writer}\n\
         Next: {next}",
        store::key_path(path).display()
    )
}
