//! (to be written)

pub mod core;
