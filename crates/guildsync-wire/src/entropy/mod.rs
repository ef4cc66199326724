//! The entropy stage: an adaptive binary range coder, in integers only.
//!
//! A model names the chance of the next bit, the coder spends exactly that much on it. Three things
//! can walk through a model, and it cannot tell them apart: [`Encoder`] writes the bits it is given,
//! [`Decoder`] gives back the bits it reads, [`Learner`] only lets the model learn. So a model is
//! written once, as one walk over values, and writing, reading and priming cannot disagree.
//!
//! - [`coder`]: the [`Coder`] trait and its three walkers
//! - [`chance`]: one adaptive probability, and trees of them
//! - [`mix`]: a few predictions of one bit made into one, quickly
//! - [`number`]: whole numbers of any size
//! - `logistic`: the tables behind mixing; `store` and `blend`: many predictions by context, made
//!   into one as well as it goes
//!
//! Every step is integer arithmetic on fixed tables, so that all machines agree to the last bit.

pub(crate) mod blend;
pub mod chance;
pub mod coder;
pub(crate) mod logistic;
pub mod mix;
pub mod number;
pub(crate) mod store;

pub use chance::{Chance, Tree};
pub use coder::{Coder, Decoder, Encoder, Learner};
pub use mix::Mix;
pub use number::Number;
