//! What an officer says once: where each practice is, and what kinds of files it keeps.
//!
//! Nothing about a patient belongs here: the file lies readable in the data folder. What one file
//! alone needs, such as a birth date, is said with the command and kept nowhere.

use crate::books::Books;
use crate::rules::{BYTES_MAX, Kind, Wrong};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use terms::{ListId, PracticeId};

/// The settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    practices: BTreeMap<PracticeId, Keeps>,
    lists: BTreeMap<ListId, BTreeSet<Kind>>,
    /// A folder of rule files in the place of those that the program brings.
    pub rules: Option<String>,
}

/// What a practice keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keeps {
    pub(crate) country: String,
    pub(crate) kinds: BTreeSet<Kind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    rules: Option<String>,
    #[serde(default)]
    practice: Vec<WrittenPractice>,
    #[serde(default)]
    list: Vec<WrittenList>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPractice {
    id: String,
    country: String,
    kinds: BTreeSet<Kind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenList {
    id: String,
    kinds: BTreeSet<Kind>,
}

impl Settings {
    /// Reads them; `place` is the file's name, for errors.
    pub fn parse(place: &str, text: &str) -> Result<Settings, Wrong> {
        if text.len() > BYTES_MAX * 16 {
            return Err(Wrong::new(place, "too long"));
        }
        let written: Written =
            toml::from_str(text).map_err(|error| Wrong::new(place, error.to_string()))?;
        let mut settings = Settings { rules: written.rules, ..Settings::default() };
        let wrong = |what: &str, id: &str| Err(Wrong::new(place, format!("{what} `{id}`")));
        for WrittenPractice { id, country, kinds } in written.practice {
            let Ok(practice) = id.parse() else { return wrong("no practice has the id", &id) };
            files_only(place, &kinds)?;
            if settings.practices.insert(practice, Keeps { country, kinds }).is_some() {
                return wrong("twice the practice", &id);
            }
        }
        for WrittenList { id, kinds } in written.list {
            let Ok(list) = id.parse() else { return wrong("no list has the id", &id) };
            files_only(place, &kinds)?;
            if settings.lists.insert(list, kinds).is_some() {
                return wrong("twice the list", &id);
            }
        }
        Ok(settings)
    }

    /// Whether there are rules for everything that they name.
    pub fn fit(&self, place: &str, books: &Books) -> Result<(), Wrong> {
        for (practice, keeps) in &self.practices {
            if books.of(&keeps.country).is_none() {
                let known: Vec<_> = books.all().map(|book| book.country.as_str()).collect();
                return Err(Wrong::new(
                    place,
                    format!(
                        "there are no rules for `{}`, where practice {practice} is said to be; \
                         there are for {}",
                        keeps.country,
                        known.join(", ")
                    ),
                ));
            }
        }
        Ok(())
    }

    pub(crate) fn practice(&self, practice: PracticeId) -> Option<&Keeps> {
        self.practices.get(&practice)
    }

    pub(crate) fn list(&self, list: ListId) -> Option<&BTreeSet<Kind>> {
        self.lists.get(&list)
    }
}

fn files_only(place: &str, kinds: &BTreeSet<Kind>) -> Result<(), Wrong> {
    if kinds.is_empty() || kinds.contains(&Kind::AccessInformation) {
        let text = "`kinds` names what files there are, and access information is the ledger's";
        return Err(Wrong::new(place, text));
    }
    Ok(())
}
