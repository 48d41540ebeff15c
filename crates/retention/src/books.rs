//! All countries' rules: those that the program brings, and those that stand in their place.

use crate::rules::{Book, Rule, Wrong};
use std::collections::BTreeMap;

/// What the program brings; docs/operating/retention.md lists them with their sources.
const BROUGHT: [(&str, &str); 7] = [
    ("DE.toml", include_str!("../rules/DE.toml")),
    ("DK.toml", include_str!("../rules/DK.toml")),
    ("EU.toml", include_str!("../rules/EU.toml")),
    ("US-CA.toml", include_str!("../rules/US-CA.toml")),
    ("US-CT.toml", include_str!("../rules/US-CT.toml")),
    ("US-ME.toml", include_str!("../rules/US-ME.toml")),
    ("US-TX.toml", include_str!("../rules/US-TX.toml")),
];

/// Rules by country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Books(BTreeMap<String, Book>);

impl Books {
    /// What the program brings.
    pub fn brought() -> Result<Books, Wrong> {
        Books::read(BROUGHT.iter().copied())
    }

    /// These files, by name and text.
    pub fn read<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Books, Wrong> {
        let mut books: BTreeMap<String, Book> = BTreeMap::new();
        for (place, text) in files {
            let book = Book::parse(place, text)?;
            let country = book.country.clone();
            if books.insert(country.clone(), book).is_some() {
                return Err(Wrong::new(place, format!("another file is for {country} as well")));
            }
        }
        Ok(Books(books))
    }

    /// The same with others in the place of those for the same country: a whole country each, so
    /// that nobody has to guess which rule of which file holds.
    pub fn replaced_by(mut self, others: Books) -> Books {
        self.0.extend(others.0);
        self
    }

    /// One country's.
    pub fn of(&self, country: &str) -> Option<&Book> {
        self.0.get(country)
    }

    /// All of them, by country.
    pub fn all(&self) -> impl Iterator<Item = &Book> {
        self.0.values()
    }

    /// Every rule with its country.
    pub fn rules(&self) -> impl Iterator<Item = (&Book, &Rule)> {
        self.all().flat_map(|book| book.rules.iter().map(move |rule| (book, rule)))
    }
}
