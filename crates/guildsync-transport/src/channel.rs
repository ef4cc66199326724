//! Channel profiles: what a channel carries, and how fast.

use guildsync_wire::alphabet::Alphabet;
use guildsync_wire::checksum::Checksum;
use guildsync_wire::chunk::{ChunkSize, Framing, LIMIT_MAX};

/// The limits of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelProfile {
    /// The profile's name.
    pub name: &'static str,
    /// The longest frame, in bytes.
    pub frame_bytes_max: usize,
    /// The bytes that a frame may hold.
    pub alphabet: Alphabet,
    /// How fast one sender may send, to the group and by whisper together.
    pub rate: Rate,
}

/// A sender's token bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rate {
    /// No limit.
    Unlimited,
    /// So many frames at once, then one every so many milliseconds.
    Frames {
        /// What a full bucket holds, in frames.
        burst: u32,
        /// Milliseconds for one more.
        every_ms: u32,
    },
    /// So many bytes at once, then so many a second; each frame costs its bytes and an overhead.
    Bytes {
        /// What a full bucket holds, in bytes.
        burst: u32,
        /// Bytes that come in a second.
        per_second: u32,
        /// What a frame costs besides its bytes.
        overhead: u32,
    },
}

impl Rate {
    /// How long a frame of so many bytes takes once the burst is spent, in milliseconds.
    #[must_use]
    pub fn frame_ms(self, bytes: usize) -> u64 {
        match self {
            Self::Unlimited => 0,
            Self::Frames { every_ms, .. } => u64::from(every_ms),
            Self::Bytes { per_second, overhead, .. } => {
                (bytes as u64 + u64::from(overhead)) * 1000 / u64::from(per_second.max(1))
            }
        }
    }
}

impl ChannelProfile {
    /// Every profile by its name.
    pub const ALL: [Self; 5] =
        [Self::retail(), Self::ctl(), Self::vanilla(), Self::wide(), Self::open()];

    /// World of Warcraft's addon channel since 10.2.7: 255 bytes without NUL, ten frames at once and
    /// then one a second.
    #[must_use]
    pub const fn retail() -> Self {
        let rate = Rate::Frames { burst: 10, every_ms: 1000 };
        Self { name: "retail", frame_bytes_max: 255, alphabet: Alphabet::NoNul, rate }
    }

    /// The same channel behind ChatThrottleLib, which spaces what all addons of a member send: 800
    /// bytes a second with 40 of overhead for each frame, 4,000 at once.
    #[must_use]
    pub const fn ctl() -> Self {
        let rate = Rate::Bytes { burst: 4000, per_second: 800, overhead: 40 };
        Self { name: "ctl", frame_bytes_max: 255, alphabet: Alphabet::NoNul, rate }
    }

    /// The channel of the 1.12 client: 254 bytes, of which the prefix takes nine and its TAB one.
    #[must_use]
    pub const fn vanilla() -> Self {
        let rate = Rate::Bytes { burst: 4000, per_second: 800, overhead: 40 };
        Self { name: "vanilla", frame_bytes_max: 244, alphabet: Alphabet::NoNul, rate }
    }

    /// 1.12 servers that carry 2,000 bytes in a message (seed 001).
    #[must_use]
    pub const fn wide() -> Self {
        let rate = Rate::Bytes { burst: 4000, per_second: 800, overhead: 40 };
        Self { name: "wide", frame_bytes_max: 2000, alphabet: Alphabet::NoNul, rate }
    }

    /// A local network, or one process: long frames of any bytes, no throttle.
    #[must_use]
    pub const fn open() -> Self {
        Self {
            name: "open",
            frame_bytes_max: LIMIT_MAX,
            alphabet: Alphabet::Bytes,
            rate: Rate::Unlimited,
        }
    }

    /// How messages are cut into this channel's frames. The default framing's where the limit is out
    /// of range, which none of [`ChannelProfile::ALL`] is.
    #[must_use]
    pub fn framing(&self) -> Framing {
        let chunk = ChunkSize::Fill;
        Framing::new(self.frame_bytes_max, self.alphabet, Checksum::PerTransfer, chunk)
            .unwrap_or_default()
    }
}
