//! Letters: to one person, about that person's file. Facts in, words and pages out.
//!
//! A [`Run`] is what is equal in every letter, a [`Recipient`] what is one reader's own. A
//! [`Writer`] composes a [`Letter`] from both, out of texts (Fluent) and steps (TOML) that can be
//! replaced without a build; a [`Pages`] prints it, [`html`] and [`text`] write it. Nothing here
//! reads a file of a patient, the network or the clock.

mod clean;
mod compose;
mod facts;
mod html;
mod language;
mod layout;
mod letter;
mod measure;
mod moment;
mod pages;
mod recipient;
mod refused;
mod steps;
mod text;
mod texts;
mod writer;

pub use facts::{Actor, Authority, Dates, Protection, Run, Sender, Verify, Words};
pub use html::html;
pub use language::Language;
pub use letter::{Block, Head, Letter, Step};
pub use measure::{Measures, measure};
pub use moment::{Day, Moment, Offset};
pub use pages::Pages;
pub use recipient::{Opened, Recipient, Variant};
pub use refused::Refused;
pub use text::text;
pub use writer::Writer;
