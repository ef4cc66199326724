//! Packing as a raid sees it: how much is sent, and how often anything is coded.

mod coding;
mod sizes;
