//! The tables of a store, byte by byte.
//!
//! Numbers inside keys are big endian, so that they sort as numbers; numbers inside values are
//! varints, or little endian where their width is fixed. Ids and hashes are their bytes.
//!
//! | table | key | value |
//! |---|---|---|
//! | `meta` | `magic` | `guildsync store` |
//! | | `version` | the version of this layout, 4 bytes |
//! | | `active` | the active profile's id, 32 bytes |
//! | | `member` | the name of the member whose replica this is; absent until it is said |
//! | | `writers` | the writers whose key may lie beside the store, 16 bytes each |
//! | | `table_sync` | what table sync keeps (`Saved::encode`); absent until it keeps something |
//! | | `section_sync` | what section sync keeps (`Saved::encode`); absent until it keeps something |
//! | `profiles` | id (32) | kind: 0 open, 1 owned and then its creator (16); the first label, length first |
//! | `chains` | profile (32), writer (16) | the branch (`Branch`, 0 for none); the last entry's number; 0, or 1 and the seal: key (32), head (32), signature (64) |
//! | `entries` | profile (32), writer (16), number (8) | the entry's canonical bytes (`Draft::encode`) |
//! | `left_behind` | profile (32), writer (16) | the last number that a deleted profile held |
//! | `records` | a record's key: table (1), id, 0, guild (none in the roster) | the record (`Record::encode`) |
//! | `kept` | a record's key | the last version with data of a record that is deleted, until it is purged |
//! | `held` | seconds (8), a record's key | a record of that time, which has not come yet |
//! | `sheets` | a document's id, 8 bytes | the document (`Document::encode`) |
//! | `sheets_left_behind` | a document's id | the last number that this store's writer gave in a document that was removed |
//!
//! `meta` keeps its form in every version, so that a later one is recognised. A seal covers the
//! chain's last entry, whose number it therefore does not repeat: entries that are missing at a
//! chain's end show just as those in its middle do. `writers` holds one id, but two while a key is
//! being replaced (the file and the key file cannot change at one moment), and none in a backup. A
//! chain without a seal is the rest of one that a fork has cut, and waits for its other branch.
//!
//! Neither an id nor a guild's name has a control character, so the 0 between the two keeps records in
//! the order of `Tables::iter`. A document is one row, so that a commit writes it whole; its id is in the
//! key alone, and every signature in it covers that id.
//!
//! Version 1 had no records, and version 2 no documents: such a store opens without any, and becomes one
//! of version 3 with its first commit.

use guildsync_log::segment::{decode_branch, decode_seal, encode_branch, encode_seal};
use guildsync_log::{Branch, Profile, ProfileKind};
use guildsync_tables::{Record, RecordKey};
use guildsync_types::{ProfileId, ProfileName, Seal, WriterId};
use guildsync_wire::bytes::{DecodeError, Reader, Writer};
use redb::TableDefinition;

/// What `meta` says a store is.
pub(crate) const MAGIC: &[u8] = b"guildsync store";
/// The layout that this code writes, and the newest that it reads.
pub(crate) const VERSION: u32 = 3;
/// The oldest layout that it reads.
pub(crate) const VERSION_MIN: u32 = 1;

pub(crate) const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
pub(crate) const PROFILES: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("profiles");
pub(crate) const CHAINS: TableDefinition<'_, &[u8; 48], &[u8]> = TableDefinition::new("chains");
pub(crate) const ENTRIES: TableDefinition<'_, &[u8; 56], &[u8]> = TableDefinition::new("entries");
pub(crate) const LEFT_BEHIND: TableDefinition<'_, &[u8; 48], u64> =
    TableDefinition::new("left_behind");
/// A table whose rows are records.
pub(crate) type Records = TableDefinition<'static, &'static [u8], &'static [u8]>;
pub(crate) const RECORDS: Records = TableDefinition::new("records");
pub(crate) const KEPT: Records = TableDefinition::new("kept");
pub(crate) const HELD: Records = TableDefinition::new("held");
pub(crate) const SHEETS: TableDefinition<'_, &[u8; 8], &[u8]> = TableDefinition::new("sheets");
pub(crate) const SHEETS_LEFT_BEHIND: TableDefinition<'_, &[u8; 8], u32> =
    TableDefinition::new("sheets_left_behind");

/// One row of `chains`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChainRow {
    pub(crate) branch: Option<Branch>,
    pub(crate) last: u64,
    pub(crate) seal: Option<Seal>,
}

impl ChainRow {
    /// The number of the chain's first entry.
    pub(crate) fn first(&self) -> u64 {
        self.branch.map_or(1, |branch| branch.first)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut w = Writer::new();
        encode_branch(self.branch.as_ref(), &mut w);
        w.varint(self.last);
        match &self.seal {
            None => w.u8(0),
            Some(seal) => {
                w.u8(1);
                encode_seal(seal, &mut w);
            }
        }
        w.into_vec()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let branch = decode_branch(&mut r)?;
        let at = r.at();
        let last = r.varint("last")?;
        if last < branch.map_or(1, |branch| branch.first) {
            return Err(r.invalid("last", at, "before the chain's first entry"));
        }
        let at = r.at();
        let seal = match r.u8("seal")? {
            0 => None,
            1 => Some(decode_seal(last, &mut r)?),
            _ => return Err(r.invalid("seal", at, "neither 0 nor 1")),
        };
        r.finish()?;
        Ok(Self { branch, last, seal })
    }
}

pub(crate) fn encode_profile(profile: &Profile) -> Vec<u8> {
    let mut w = Writer::new();
    match profile.kind {
        ProfileKind::Open => w.u8(0),
        ProfileKind::Owned { creator } => {
            w.u8(1);
            w.raw(&creator.0);
        }
    }
    w.str(profile.name.as_str());
    w.into_vec()
}

pub(crate) fn decode_profile(id: ProfileId, bytes: &[u8]) -> Result<Profile, DecodeError> {
    let mut r = Reader::new(bytes);
    let at = r.at();
    let kind = match r.u8("kind")? {
        0 => ProfileKind::Open,
        1 => ProfileKind::Owned { creator: WriterId(r.array("creator")?) },
        _ => return Err(r.invalid("kind", at, "neither open nor owned")),
    };
    let at = r.at();
    let name = ProfileName::new(r.str(ProfileName::BYTES_MAX, "name")?)
        .map_err(|e| r.invalid("name", at, &e.to_string()))?;
    r.finish()?;
    let profile = Profile { id, kind, name };
    match profile.is_plausible() {
        true => Ok(profile),
        false => Err(Reader::new(bytes).invalid("name", at, "the id is that of another name")),
    }
}

pub(crate) fn chain_key(profile: &ProfileId, writer: &WriterId) -> [u8; 48] {
    let mut key = [0; 48];
    key[..32].copy_from_slice(&profile.0);
    key[32..].copy_from_slice(&writer.0);
    key
}

pub(crate) fn split_chain_key(key: &[u8; 48]) -> (ProfileId, WriterId) {
    let (mut profile, mut writer) = (ProfileId::default(), WriterId::default());
    profile.0.copy_from_slice(&key[..32]);
    writer.0.copy_from_slice(&key[32..]);
    (profile, writer)
}

pub(crate) fn entry_key(profile: &ProfileId, writer: &WriterId, seq: u64) -> [u8; 56] {
    let mut key = [0; 56];
    key[..48].copy_from_slice(&chain_key(profile, writer));
    key[48..].copy_from_slice(&seq.to_be_bytes());
    key
}

pub(crate) fn split_entry_key(key: &[u8; 56]) -> (ProfileId, WriterId, u64) {
    let (mut chain, mut seq) = ([0; 48], [0; 8]);
    chain.copy_from_slice(&key[..48]);
    seq.copy_from_slice(&key[48..]);
    let (profile, writer) = split_chain_key(&chain);
    (profile, writer, u64::from_be_bytes(seq))
}

pub(crate) fn record_key(key: &RecordKey) -> Vec<u8> {
    let guild = key.guild.as_ref().map_or("", |guild| guild.as_str());
    [&[key.table.index() as u8], key.id.as_str().as_bytes(), &[0], guild.as_bytes()].concat()
}

pub(crate) fn held_key(record: &Record) -> Vec<u8> {
    [&record.updated().seconds().to_be_bytes()[..], &record_key(record.key())].concat()
}

pub(crate) fn encode_record(record: &Record) -> Vec<u8> {
    let mut w = Writer::new();
    record.encode(&mut w);
    w.into_vec()
}

pub(crate) fn decode_record(bytes: &[u8]) -> Result<Record, DecodeError> {
    let mut r = Reader::new(bytes);
    let record = Record::decode(&mut r)?;
    r.finish()?;
    Ok(record)
}

pub(crate) fn encode_writers(writers: &[WriterId]) -> Vec<u8> {
    writers.iter().flat_map(|writer| writer.0).collect()
}

pub(crate) fn decode_writers(bytes: &[u8]) -> Option<Vec<WriterId>> {
    let ids = bytes.chunks(16).map(|id| id.try_into().ok().map(WriterId));
    ids.collect()
}

#[cfg(test)]
mod tests {
    use guildsync_types::SecretKey;

    use super::*;

    #[test]
    fn chain_rows_read_back_and_no_shorter_row_does() {
        let key = SecretKey::from_seed(&[1; 32]);
        let profile = Profile::default_profile();
        let head = profile_hash();
        let branch = Branch { root: WriterId([2; 16]), first: 5, base: head };
        for row in [
            ChainRow { branch: None, last: 9, seal: Some(key.seal(&profile.id, 9, head)) },
            ChainRow { branch: Some(branch), last: 5, seal: None },
        ] {
            let bytes = row.encode();
            assert_eq!(ChainRow::decode(&bytes), Ok(row));
            for n in 0..bytes.len() {
                assert!(ChainRow::decode(&bytes[..n]).is_err(), "{n}");
            }
        }
        let impossible = ChainRow { branch: Some(branch), last: 4, seal: None };
        assert!(ChainRow::decode(&impossible.encode()).is_err());
    }

    #[test]
    fn a_profile_row_under_another_id_is_refused() {
        let profile = Profile::open(ProfileName::new("Raid-Team-A").unwrap());
        let bytes = encode_profile(&profile);
        assert_eq!(decode_profile(profile.id, &bytes), Ok(profile));
        assert!(decode_profile(ProfileId([1; 32]), &bytes).is_err());
    }

    #[test]
    fn entry_keys_sort_by_number() {
        let (p, w) = (ProfileId([3; 32]), WriterId([4; 16]));
        assert!(entry_key(&p, &w, 255) < entry_key(&p, &w, 256));
        assert_eq!(split_entry_key(&entry_key(&p, &w, 77)), (p, w, 77));
    }

    fn profile_hash() -> guildsync_types::Hash {
        guildsync_types::Hash([7; 32])
    }
}
