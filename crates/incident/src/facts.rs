//! Facts: what is known about an incident, what a person must still say, and conditions on both.

mod answers;
mod catalogue;
mod condition;
mod controller;
mod evidence;
mod known;
mod value;

pub use answers::{Answer, Answers};
pub use catalogue::{Catalogue, Fact};
pub use condition::{Condition, Holds, Verdict};
pub use controller::Controller;
pub use evidence::{Claim, Denies, Evidence, tell_incident};
pub use known::{Knowledge, Known, Mark};
pub use value::{Choice, Kind, TEXT_BYTES_MAX, Value};
