//! Letters as their readers get them: every language, every kind.

mod facts;
mod golden;
