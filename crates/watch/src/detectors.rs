//! The detectors: one small state machine each, over what the ledger says.

mod alone;
mod canary;
mod close;
mod crowd;
mod fast;
mod limits;
mod lonely;
mod misses;
mod place;
mod probation;
mod relating;
mod residual;
mod shared;
mod together;

pub(crate) use alone::{Alone, Lone};
pub(crate) use canary::Canaries;
pub(crate) use close::Close;
pub(crate) use crowd::Crowd;
pub(crate) use fast::Fast;
pub(crate) use limits::LimitsReached;
pub(crate) use lonely::Lonely;
pub(crate) use misses::Misses;
pub(crate) use place::Place;
pub(crate) use probation::Probation;
pub(crate) use relating::Relating;
pub(crate) use residual::Residual;
pub(crate) use shared::Shared;
pub(crate) use together::Together;
