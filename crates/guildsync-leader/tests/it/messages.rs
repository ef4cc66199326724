//! Bytes of messages: whole or not at all.

use guildsync_leader::{Epoch, Message, Summary};
use guildsync_types::{ProfileId, WriterId};
use proptest::prelude::*;

use crate::raid::*;

proptest! {
    #[test]
    fn arbitrary_bytes_are_a_message_or_an_error(bytes: Vec<u8>) {
        let _ = Message::from_bytes(&bytes);
    }

    #[test]
    fn a_cut_or_changed_message_is_never_another_kind_of_panic(cut in 0usize..200, flip in 0usize..200, bit in 0u8..8) {
        let message = Message::RequestMyMissing {
            profile: ProfileId([3; 32]),
            request: 77,
            to_group: true,
            wants: (1..5).map(|i| (WriterId([i; 16]), u64::from(i) * 100)).collect(),
        };
        let mut bytes = message.to_bytes();
        prop_assert_eq!(&Message::from_bytes(&bytes).unwrap(), &message);
        let len = bytes.len();
        prop_assert!(Message::from_bytes(&bytes[..cut.min(len - 1)]).is_err());
        bytes[flip % len] ^= 1 << bit;
        let _ = Message::from_bytes(&bytes);
    }
}

#[test]
fn a_message_of_a_later_version_is_an_error_that_says_so() {
    let refused = Message::from_bytes(&[99, 1, 2]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "message kind at byte 0 is not valid: none of this version's seven"
    );
    let epoch = Epoch { term: 1, coordinator: name("Lead") };
    let mut long = Message::ManualSyncStart { epoch }.to_bytes();
    long.push(0);
    assert!(Message::from_bytes(&long).is_err());
}

#[test]
fn an_open_profile_announced_under_a_foreign_id_is_refused() {
    let mut announced = profile("Default");
    announced.id = ProfileId([9; 32]);
    let message = Message::ProfileAnnounce {
        epoch: Epoch { term: 1, coordinator: name("Lead") },
        profile: announced,
        switch: true,
        summary: Summary::default(),
    };
    assert!(Message::from_bytes(&message.to_bytes()).is_err());
}
