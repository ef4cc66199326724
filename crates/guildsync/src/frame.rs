//! Frames: a message behind the version of the wire format, so that strangers can be told apart.

use bytes::Bytes;
use guildsync_leader::Message;
use guildsync_wire::bytes::DecodeError;
use thiserror::Error;

/// The version of the wire format that this crate speaks.
const VERSION: u8 = 1;

/// Why a frame was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// Nothing was in it.
    #[error("an empty frame")]
    Empty,
    /// Another version of the format.
    #[error("a frame of wire version {found}, this replica speaks {VERSION}: update the older one")]
    Version {
        /// Its version.
        found: u8,
    },
    /// Not a message.
    #[error("a frame that is no message: {0}")]
    Message(#[from] DecodeError),
}

pub(crate) fn pack(message: &Message) -> Bytes {
    let mut bytes = vec![VERSION];
    bytes.extend(message.to_bytes());
    bytes.into()
}

pub(crate) fn unpack(frame: &[u8]) -> Result<Message, FrameError> {
    match frame.split_first() {
        None => Err(FrameError::Empty),
        Some((&VERSION, message)) => Ok(Message::from_bytes(message)?),
        Some((&found, _)) => Err(FrameError::Version { found }),
    }
}
