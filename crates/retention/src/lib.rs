//! How long each file is kept: a clock for every file, from rules with sources and facts.
//!
//! Trust: nothing here erases anything. A date is the latest that any fitting rule gives; a fact
//! that is missing makes it later, never earlier. Two officers' order alone erases.
//!
//! - [`Books`]: rules as data, a file for each country or State, with source and date.
//! - [`Settings`]: which practice is where, and what kind of files it keeps.
//! - [`Facts`]: what the ledger knows of each file; [`Said`]: what people know besides.
//! - [`Clock::of`]: the date until which a file is kept, by which rule, and what was not known.

mod books;
mod clock;
mod date;
mod facts;
mod rules;
mod settings;

pub use books::Books;
pub use clock::{Clock, Due, Law, Missing, Said, State, Term, due};
pub use date::Date;
pub use facts::{Erasure, Facts, FileFacts};
pub use rules::{Book, Demand, Kind, Period, Rule, Since, Wrong};
pub use settings::Settings;
