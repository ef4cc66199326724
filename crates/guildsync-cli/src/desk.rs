//! A store on which work is done: first in memory, then on disk.
//!
//! Work is a function of a [`Desk`]. [`plan`] runs it on what the store holds, without opening the
//! store for writing, so that a refusal leaves every byte as it was and a dry run is the same thing
//! without the end. [`Planned::commit`] then writes the result in one commit. Where the store has
//! changed meanwhile, or goes on as a new writer, the work is done again on what is there now.

use std::fs;
use std::path::{Path, PathBuf};

use guildsync::log::{AppendError, Draft, Heads, Log, ProfileError, Profiles, Segment};
use guildsync::store::{self, NewWriter, Opened, Store, StoreError};
use guildsync::types::{MemberName, ProfileId, SecretKey, Stamp, Time, WriterId};
use guildsync::{Config, Replica};
use tracing::{debug, info};

use crate::clock;
use crate::failure::Failure;
use crate::out;
use crate::progress::Busy;

/// Stands for a key that only the store can make, while work is planned.
const STAND_IN: [u8; 32] = [0x5a; 32];

/// A replica that can be changed, in memory.
#[derive(Debug)]
pub(crate) struct Desk {
    replica: Replica,
    key: SecretKey,
    member: Option<MemberName>,
    now: Time,
    /// The store, once it is open; before that the work is only planned.
    store: Option<Store>,
    /// A key was made up that has to become a real one.
    is_made_up: bool,
}

/// Work that was done in memory and not yet on disk.
#[derive(Debug)]
pub(crate) struct Planned<W, T> {
    /// What the work gave.
    pub(crate) value: T,
    desk: Desk,
    base: Base,
    path: PathBuf,
    work: W,
}

/// What a store held when work began.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Base(ProfileId, Vec<(ProfileId, Heads)>);

/// Does `work` in memory, as member `who` or as the store's own.
pub(crate) fn plan<T, W>(
    path: &Path,
    who: Option<&MemberName>,
    work: W,
) -> Result<Planned<W, T>, Failure>
where
    W: Fn(&mut Desk) -> Result<T, Failure>,
{
    let busy = Busy::new("reading the store");
    let report = store::verify(path)?;
    refuse_damage(path, report.damage)?;
    let Some(loaded) = report.loaded else {
        return Err(Failure::error(format!(
            "{} cannot be read; see why with `guildsync verify`",
            path.display()
        )));
    };
    refuse_backup(path, loaded.writer)?;
    debug!(path = %path.display(), entries = loaded.n_entries, "read");
    let key = key_of(path)?;
    let base = Base::of(&loaded.profiles);
    let mut desk = Desk {
        is_made_up: key.is_none(),
        member: who.cloned().or(loaded.member),
        now: clock::now(),
        store: None,
        key: key.unwrap_or_else(|| SecretKey::from_seed(&STAND_IN)),
        replica: stateless(),
    };
    desk.seat(loaded.profiles);
    busy.say("taking it in".to_owned());
    let value = work(&mut desk)?;
    Ok(Planned { value, desk, base, path: path.to_owned(), work })
}

impl<T, W: Fn(&mut Desk) -> Result<T, Failure>> Planned<W, T> {
    /// The profiles as the work left them.
    pub(crate) fn profiles(&self) -> &Profiles {
        self.desk.profiles()
    }

    /// Makes the work durable, in one commit.
    pub(crate) fn commit(self) -> Result<(T, Profiles), Failure> {
        if !self.desk.is_made_up && Base::of(self.desk.profiles()) == self.base {
            debug!("nothing is new");
            return Ok((self.value, self.desk.profiles().clone()));
        }
        let _busy = Busy::new("writing the store");
        let Opened { mut store, profiles, new_writer, .. } = Store::open(&self.path)?;
        if let Some(new) = &new_writer {
            tell_new_writer(new);
        }
        if !self.desk.is_made_up && new_writer.is_none() && Base::of(&profiles) == self.base {
            store.commit(self.desk.profiles())?;
            info!(path = %self.path.display(), "committed");
            return Ok((self.value, self.desk.profiles().clone()));
        }
        debug!("done again on what the store holds now");
        let key = store.key().clone();
        let mut desk = Desk { key, store: Some(store), is_made_up: false, ..self.desk };
        desk.seat(profiles);
        let value = (self.work)(&mut desk)?;
        let profiles = desk.profiles().clone();
        if let Some(store) = &mut desk.store {
            store.commit(&profiles)?;
            info!(path = %self.path.display(), "committed");
        }
        Ok((value, profiles))
    }
}

impl Desk {
    /// The logs.
    pub(crate) fn profiles(&self) -> &Profiles {
        self.replica.profiles()
    }

    /// The logs, to change.
    pub(crate) fn profiles_mut(&mut self) -> &mut Profiles {
        self.replica.profiles_mut()
    }

    /// Who seals what is appended.
    pub(crate) fn writer(&self) -> WriterId {
        self.key.writer()
    }

    /// The member who acts.
    pub(crate) fn actor(&self) -> Result<MemberName, Failure> {
        actor(self.member.clone())
    }

    /// The stamp of what is written now.
    pub(crate) fn stamp(&self, log: &Log) -> Stamp {
        Replica::stamp(log, self.now)
    }

    /// The stamp of the first entry of a log.
    pub(crate) fn now(&self) -> Stamp {
        self.now.stamp()
    }

    /// Appends to a profile what this store's writer has to say.
    pub(crate) fn append(
        &mut self,
        profile: &ProfileId,
        drafts: &[Draft],
    ) -> Result<Segment, Failure> {
        if self.replica.needs_new_writer(profile) {
            self.renew_key()?;
        }
        self.replica.append(profile, drafts).map_err(|why| match why {
            AppendError::NoRole { profile, .. } if self.is_made_up => Failure::error(format!(
                "the key of this store is missing, so it would write as a new writer, who has no \
                 role in {profile:?}: put the key file back"
            )),
            why => why.into(),
        })
    }

    /// Goes on as a new writer, for whom the old one signs.
    fn renew_key(&mut self) -> Result<(), Failure> {
        self.actor()?;
        let old = match &mut self.store {
            Some(store) => store.rotate_key(None)?,
            None => self.key.clone(),
        };
        match &self.store {
            Some(store) => self.key = store.key().clone(),
            None => {
                self.key = SecretKey::from_seed(&STAND_IN);
                self.is_made_up = true;
            }
        }
        self.replica.go_on_as(self.key.clone(), &old, self.now);
        Ok(())
    }

    fn seat(&mut self, profiles: Profiles) {
        let me = self.member.clone().unwrap_or_else(nobody);
        self.replica = Replica::new(me, self.key.clone(), profiles, Config::default());
    }
}

impl Base {
    pub(crate) fn of(profiles: &Profiles) -> Self {
        let heads = profiles.iter().map(|log| (log.profile().id, log.heads()));
        Self(profiles.active_id(), heads.collect())
    }
}

/// Lets the key of a restored store sign for the new one, where it is at hand.
pub(crate) fn continue_for(
    opened: Opened,
    old: &SecretKey,
    who: Option<MemberName>,
) -> Result<Profiles, Failure> {
    let Opened { mut store, profiles, .. } = opened;
    let key = store.key().clone();
    let mut replica =
        Replica::new(who.unwrap_or_else(nobody), old.clone(), profiles, Config::default());
    replica.go_on_as(key, old, clock::now());
    store.commit(replica.profiles())?;
    Ok(replica.profiles().clone())
}

/// The one who acts, who has to be somebody.
pub(crate) fn actor(member: Option<MemberName>) -> Result<MemberName, Failure> {
    member.ok_or_else(|| {
        Failure::error(
            "nobody is named as the one who acts, and this store does not say whose it is: \
             add `--as NAME`, or name its member once with `guildsync init --as NAME`",
        )
    })
}

/// Tells the person that a store goes on as another writer than the one it was.
pub(crate) fn tell_new_writer(new: &NewWriter) {
    let before = new.before.map(|writer| format!(", it was {} before", writer.short()));
    out::note(format_args!(
        "note: this store writes as a new writer, {}{}: its key was not beside it. In owned \
         profiles an owner has to grant it a role (`guildsync profile grant`).",
        new.writer,
        before.unwrap_or_default()
    ));
}

/// Refuses a store that is damaged, as opening it would.
pub(crate) fn refuse_damage(path: &Path, damage: Vec<store::Damage>) -> Result<(), Failure> {
    let n_more = damage.len().saturating_sub(1);
    match damage.into_iter().next() {
        None => Ok(()),
        Some(store::Damage::Key { why, .. }) => Err(Failure::error(why)),
        Some(first) => {
            let (path, first) = (path.to_owned(), Box::new(first));
            Err(StoreError::Damaged { path, first, n_more }.into())
        }
    }
}

/// Refuses to write into a backup, which has to stay what it is.
pub(crate) fn refuse_backup(path: &Path, writer: Option<WriterId>) -> Result<(), Failure> {
    match writer {
        Some(_) => Ok(()),
        None => Err(Failure::error(format!(
            "{0} is a backup and stays as it is: make a store of it with \
             `guildsync --store NEW restore {0}`, or read it with `guildsync merge --one-way`",
            path.display()
        ))),
    }
}

/// The error that a profile of this label exists.
pub(crate) fn refuse_taken(profiles: &Profiles, label: &str) -> Result<(), Failure> {
    match profiles.iter().any(|log| log.label() == label) {
        true => Err(ProfileError::Exists { name: label.to_owned() }.into()),
        false => Ok(()),
    }
}

/// The key that work is planned with: the store's own, or where it is missing one that stands for the
/// new one that opening the store will make.
pub(crate) fn planning_key(path: &Path) -> Result<SecretKey, Failure> {
    Ok(key_of(path)?.unwrap_or_else(|| SecretKey::from_seed(&STAND_IN)))
}

/// The key beside a store, which was checked to be its own.
fn key_of(path: &Path) -> Result<Option<SecretKey>, Failure> {
    let path = store::key_path(path);
    match fs::read(&path) {
        Err(why) if why.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(why) => Err(Failure::error(format!("cannot read the key {}: {why}", path.display()))),
        Ok(bytes) => match bytes.as_slice().try_into() {
            Ok(seed) => Ok(Some(SecretKey::from_seed(&seed))),
            Err(_) => Err(StoreError::NotAKey { path, len: bytes.len() }.into()),
        },
    }
}

/// Who acts where the work itself names the actors.
pub(crate) fn nobody() -> MemberName {
    MemberName::new("Nobody").expect("a name")
}

/// Takes a desk's place until it is seated.
fn stateless() -> Replica {
    let key = SecretKey::from_seed(&STAND_IN);
    Replica::new(nobody(), key, Profiles::default(), Config::default())
}
