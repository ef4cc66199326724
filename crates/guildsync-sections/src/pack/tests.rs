//! Packing from inside: what is packed reads back, what is damaged does no harm, nothing is coded twice.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod any;
mod damage;
mod laws;
mod remembered;
