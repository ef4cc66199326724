//! Channel profiles: what a channel carries.

/// The limits of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelProfile {
    /// The profile's name.
    pub name: &'static str,
    /// The longest frame, in bytes.
    pub frame_bytes_max: usize,
}

impl ChannelProfile {
    /// A local network, or one process: one message, one frame of at most 256 MiB, no throttle.
    #[must_use]
    pub const fn open() -> Self {
        Self { name: "open", frame_bytes_max: 256 << 20 }
    }
}
