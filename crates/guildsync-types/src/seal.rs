//! Keys and seals: a writer's signature over the head of its chain (ed25519, RFC 8032).
//!
//! Verification is strict (`verify_strict`) everywhere, so that all replicas agree on what is valid. It
//! takes some 30 us, and the same signature is often looked at again: what is live is repeated, and one
//! program may run many replicas. So each thread remembers the last signatures that it found valid.

use std::cell::RefCell;
use std::fmt;

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use thiserror::Error;

use crate::hash::{Domain, Hash, shown_as_hex, to_hex};
use crate::id::{ProfileId, WriterId};
use crate::memo::Memo;

/// How many valid signatures a thread remembers, 128 bytes each.
const VALID_MAX: usize = 4_096;

/// A message, the key that signed it, and the signature.
type Signed = ([u8; 32], [u8; 32], [u8; 64]);

thread_local! {
    /// What was found valid, all three whole. What is not valid is never in here, nor is anything that
    /// only resembles what was.
    static VALID: RefCell<Memo<Signed, ()>> = const { RefCell::new(Memo::new(VALID_MAX)) };
}

/// The secret half of a writer's key. Never printed, wiped when dropped.
#[derive(Clone)]
pub struct SecretKey {
    signing: SigningKey,
    /// Worked out once: whoever holds a key asks for it all the time.
    writer: WriterId,
}

/// The public half of a writer's key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey(pub [u8; 32]);

/// An ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

/// A writer's signature over its head: it vouches for the whole prefix up to `seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seal {
    /// The key that signed; its fingerprint is the writer.
    pub key: PublicKey,
    /// The last entry covered.
    pub seq: u64,
    /// That entry's hash.
    pub head: Hash,
    /// The signature over profile, writer, `seq` and `head`.
    pub signature: Signature,
}

/// Why a seal does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// The key is not the writer's.
    #[error("the seal's key belongs to writer {of}, not to {writer}", of = of.short(), writer = writer.short())]
    WrongKey {
        /// Whose chain it is.
        writer: WriterId,
        /// Whose key it is.
        of: WriterId,
    },
    /// The signature is not valid for what it covers.
    #[error("the signature of writer {} at entry {seq} is not valid", writer.short())]
    BadSignature {
        /// Whose chain it is.
        writer: WriterId,
        /// The covered entry.
        seq: u64,
    },
}

impl SecretKey {
    /// A key from 32 secret random bytes.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let signing = SigningKey::from_bytes(seed);
        let writer = WriterId::of_key(&PublicKey(signing.verifying_key().to_bytes()));
        Self { signing, writer }
    }

    /// The secret bytes, for the key file alone.
    #[must_use]
    pub fn seed(&self) -> [u8; 32] {
        self.signing.to_bytes()
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.signing.verifying_key().to_bytes())
    }

    /// The writer that this key makes.
    #[must_use]
    pub fn writer(&self) -> WriterId {
        self.writer
    }

    /// Seals the chain of this key's writer in `profile` at its entry `seq` with hash `head`.
    #[must_use]
    pub fn seal(&self, profile: &ProfileId, seq: u64, head: Hash) -> Seal {
        let signed = Seal::message(profile, self.writer(), seq, &head);
        Seal { key: self.public(), seq, head, signature: self.sign(&signed) }
    }

    /// Signs that writer `next` goes on for this key's writer in `profile`.
    #[must_use]
    pub fn hand_over(&self, profile: &ProfileId, next: WriterId) -> Signature {
        self.sign(&hand_over_message(profile, self.writer(), next))
    }

    /// Signs a hash, which its [`Domain`] keeps apart from whatever else this key signs.
    #[must_use]
    pub fn sign(&self, message: &Hash) -> Signature {
        Signature(self.signing.sign(&message.0).to_bytes())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey of {}", self.writer().short())
    }
}

impl PublicKey {
    /// Whether `signature` is this key's, handing over to `next` in `profile`.
    #[must_use]
    pub fn handed_over(&self, profile: &ProfileId, next: WriterId, signature: &Signature) -> bool {
        self.verifies(&hand_over_message(profile, WriterId::of_key(self), next), signature)
    }

    /// Whether `signature` is this key's, of this hash.
    #[must_use]
    pub fn verifies(&self, message: &Hash, signature: &Signature) -> bool {
        let whole = (message.0, self.0, signature.0);
        if VALID.with_borrow(|valid| valid.get(&whole).is_some()) {
            return true;
        }
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        let valid = VerifyingKey::from_bytes(&self.0)
            .is_ok_and(|key| key.verify_strict(&message.0, &signature).is_ok());
        if valid {
            VALID.with_borrow_mut(|known| known.keep(whole, ()));
        }
        valid
    }
}

impl Seal {
    /// Checks that `writer`'s own key sealed this head in `profile`.
    ///
    /// # Errors
    /// [`SealError`]: another writer's key, or a signature that is not valid.
    pub fn check(&self, profile: &ProfileId, writer: WriterId) -> Result<(), SealError> {
        let of = WriterId::of_key(&self.key);
        if of != writer {
            return Err(SealError::WrongKey { writer, of });
        }
        let message = Self::message(profile, writer, self.seq, &self.head);
        match self.key.verifies(&message, &self.signature) {
            true => Ok(()),
            false => Err(SealError::BadSignature { writer, seq: self.seq }),
        }
    }

    fn message(profile: &ProfileId, writer: WriterId, seq: u64, head: &Hash) -> Hash {
        Hash::of(Domain::Seal)
            .with(&profile.0)
            .with(&writer.0)
            .with(&seq.to_le_bytes())
            .with(&head.0)
            .finish()
    }
}

fn hand_over_message(profile: &ProfileId, old: WriterId, next: WriterId) -> Hash {
    Hash::of(Domain::Continues).with(&profile.0).with(&old.0).with(&next.0).finish()
}

use crate::hash::{NotHex, from_hex};
use std::str::FromStr;
shown_as_hex!(PublicKey, 32; Signature, 64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_holds_for_its_own_chain_and_head_only() {
        let key = SecretKey::from_seed(&[3; 32]);
        let (profile, head) = (ProfileId([1; 32]), Hash([9; 32]));
        let seal = key.seal(&profile, 7, head);
        assert_eq!(seal.check(&profile, key.writer()), Ok(()));
        assert!(seal.check(&ProfileId([2; 32]), key.writer()).is_err());
        assert!(Seal { seq: 8, ..seal }.check(&profile, key.writer()).is_err());
        assert!(Seal { head: Hash([8; 32]), ..seal }.check(&profile, key.writer()).is_err());
        let stranger = SecretKey::from_seed(&[4; 32]);
        assert!(matches!(seal.check(&profile, stranger.writer()), Err(SealError::WrongKey { .. })));
    }

    #[test]
    fn what_was_found_valid_makes_nothing_else_valid() {
        let (one, two) = (SecretKey::from_seed(&[5; 32]), SecretKey::from_seed(&[6; 32]));
        let profile = ProfileId([1; 32]);
        let seals = [one.seal(&profile, 7, Hash([9; 32])), one.seal(&profile, 8, Hash([8; 32]))];
        for _ in 0..3 {
            for seal in seals {
                assert_eq!(seal.check(&profile, one.writer()), Ok(()));
            }
            let [a, b] = seals;
            assert!(Seal { signature: b.signature, ..a }.check(&profile, one.writer()).is_err());
            assert!(Seal { seq: b.seq, ..a }.check(&profile, one.writer()).is_err());
            assert!(Seal { key: two.public(), ..a }.check(&profile, two.writer()).is_err());
            for bit in [0, 255, 511] {
                let mut bent = a;
                bent.signature.0[bit / 8] ^= 1 << (bit % 8);
                assert!(bent.check(&profile, one.writer()).is_err(), "bit {bit}");
            }
        }
    }

    #[test]
    fn a_hand_over_names_profile_and_successor() {
        let (old, new) = (SecretKey::from_seed(&[1; 32]), SecretKey::from_seed(&[2; 32]));
        let profile = ProfileId([1; 32]);
        let proof = old.hand_over(&profile, new.writer());
        assert!(old.public().handed_over(&profile, new.writer(), &proof));
        assert!(!old.public().handed_over(&profile, old.writer(), &proof));
        assert!(!new.public().handed_over(&profile, new.writer(), &proof));
    }

    #[test]
    fn a_secret_key_prints_no_secret() {
        let key = SecretKey::from_seed(&[0xab; 32]);
        assert!(!format!("{key:?}").contains("abab"));
    }
}
