//! An honest world: people, units and staff, and what they do over hundreds of days.
//!
//! Trust: nothing here knows a detector, a limit or a threshold, and no crate of ours is used, so
//! that a figure measured in this world was not made by the world. Every number stands in
//! [`Parameters`] with its source or the word *assumed*; docs/world.md has the same table.
//!
//! A [`World`] is made from a [`Plan`] and a seed, and is an iterator of [`Happening`]s in the
//! order of time. The same plan and seed give the same stream. It is made day by day: memory
//! grows with people and staff, never with days.

mod calendar;
mod care;
mod day;
mod dice;
mod duty;
mod evidence;
mod habits;
mod happening;
mod names;
mod opening;
mod parameters;
mod people;
mod plan;
mod reactions;
mod region;
mod sessions;
mod staff;
mod state;
mod tally;
mod world;

pub use happening::{
    Document, FindBy, Happening, HonestWhy, ListNumber, PersonId, Place, Proof, Reason, StaffId,
    UnitId, What,
};
pub use parameters::{Parameters, Row};
pub use people::Person;
pub use plan::{Climate, Counts, Plan, PlanError, Size, Weather};
pub use reactions::{Answer, Ask};
pub use region::{Unit, UnitKind};
pub use staff::{Role, Rota, Staff};
pub use world::World;

/// Seconds of a day.
pub const DAY: u64 = 86_400;
