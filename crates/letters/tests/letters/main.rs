//! Letters as their readers get them: every language, every kind.

mod content;
mod data;
mod facts;
mod golden;
mod hostile;
mod paper;
