//! Each detector finds its attack and stays silent on honest days; streams are seeded.

mod attacks;
mod lifting;
mod poisoning;
mod properties;
mod stream;
mod wholes;
