//! What honest people do beside ordinary care, and what befalls them.

pub(crate) mod away;
pub(crate) mod campaign;
pub(crate) mod life;
pub(crate) mod outage;
pub(crate) mod quality;
pub(crate) mod stray;
