//! Documents by themselves: laws of merging, what changes do, what is kept, limits.

mod apart;
mod bodies;
mod changing;
mod difference;
mod limits;
mod merging;
mod shelf;
mod stored;
