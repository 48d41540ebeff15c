//! Ordinary care, unit by unit.

pub(crate) mod emergency;
pub(crate) mod office;
pub(crate) mod pharmacy;
pub(crate) mod practice;
pub(crate) mod stay;
pub(crate) mod ward;
pub(crate) mod worklist;
