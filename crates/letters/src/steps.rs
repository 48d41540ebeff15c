//! Steps that readers can take: data files, each step with its source and the day it was checked.

use crate::facts::country;
use crate::{Day, Language, Refused, Variant, clean};
use serde::Deserialize;
use std::collections::BTreeMap;
use terms::{Section, Sections};

/// The steps of all countries.
pub(crate) struct Steps {
    countries: BTreeMap<String, Vec<Advice>>,
}

/// One step.
pub(crate) struct Advice {
    pub(crate) when: When,
    rank: u16,
    variants: Vec<Variant>,
    sections: Sections,
    words: [Wording; 3],
}

/// When to take a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum When {
    /// Today.
    Today,
    /// This month.
    Month,
    /// If something happens.
    Happens,
}

/// A step in one language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wording {
    pub(crate) title: String,
    pub(crate) how: String,
    pub(crate) effort: String,
    pub(crate) cost: String,
    pub(crate) reach: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    country: String,
    step: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    when: When,
    rank: u16,
    #[serde(default)]
    variants: Vec<Variant>,
    #[serde(default)]
    sections: Vec<String>,
    source: String,
    checked: Day,
    da: Option<Wording>,
    de: Option<Wording>,
    en: Option<Wording>,
}

/// What may stand in braces in the words of a step.
pub(crate) const VARIABLES: &[&str] = &["sender", "telephone", "code", "person"];
/// The file whose steps are for every country.
const EVERYWHERE: &str = "*";
const FILE_MOST: usize = 256 * 1024;
const STEPS_MOST: usize = 40;

impl Steps {
    /// Reads the files, by their names.
    pub(crate) fn read(files: &BTreeMap<String, String>) -> Result<Steps, Refused> {
        let mut countries = BTreeMap::new();
        for (name, source) in files {
            let wrong = |what: String| Refused::Data { file: name.clone(), what };
            if source.len() > FILE_MOST {
                return Err(wrong(format!("is larger than {FILE_MOST} bytes")));
            }
            let file: File = toml::from_str(source).map_err(|error| wrong(error.to_string()))?;
            if file.country != EVERYWHERE {
                country("country", &file.country).map_err(|error| wrong(error.to_string()))?;
            }
            if file.step.len() > STEPS_MOST {
                return Err(wrong(format!("has more than {STEPS_MOST} steps")));
            }
            let mut steps = Vec::new();
            for entry in file.step {
                let id = entry.id.clone();
                steps.push(entry.checked().map_err(|what| wrong(format!("step {id}: {what}")))?);
            }
            if countries.insert(file.country, steps).is_some() {
                return Err(wrong("another file is for the same country".into()));
            }
        }
        Ok(Steps { countries })
    }

    /// Whether there are steps for this country.
    pub(crate) fn has(&self, country: &str) -> bool {
        self.countries.contains_key(country)
    }

    /// The steps for a reader, in the order in which to take them.
    pub(crate) fn of(&self, country: &str, variant: Variant, exposed: Sections) -> Vec<&Advice> {
        let lists = [EVERYWHERE, country].into_iter().filter_map(|c| self.countries.get(c));
        let mut found: Vec<_> = lists.flatten().filter(|a| a.suits(variant, exposed)).collect();
        found.sort_by_key(|advice| (advice.when, advice.rank));
        found
    }
}

impl Advice {
    pub(crate) fn words(&self, language: Language) -> &Wording {
        let [da, de, en] = &self.words;
        match language {
            Language::Danish => da,
            Language::German => de,
            Language::English => en,
        }
    }

    fn suits(&self, variant: Variant, exposed: Sections) -> bool {
        let variant = if self.variants.is_empty() {
            variant != Variant::NotOpened
        } else {
            self.variants.contains(&variant)
        };
        variant && (self.sections.is_empty() || !self.sections.intersection(exposed).is_empty())
    }
}

impl Entry {
    fn checked(self) -> Result<Advice, String> {
        if self.source.trim().is_empty() {
            return Err("source is empty: where does it come from?".into());
        }
        clean::line("source", &self.source, 300).map_err(|error| error.to_string())?;
        if self.checked.year < 2020 {
            return Err("checked is too long ago".into());
        }
        let sections: Result<Sections, String> =
            self.sections.iter().map(|word| word.parse::<Section>()).collect();
        let words = [
            need(self.da, Language::Danish)?,
            need(self.de, Language::German)?,
            need(self.en, Language::English)?,
        ];
        let Entry { when, rank, variants, .. } = self;
        Ok(Advice { when, rank, variants, sections: sections?, words })
    }
}

fn need(words: Option<Wording>, language: Language) -> Result<Wording, String> {
    let code = language.code();
    let words = words.ok_or_else(|| format!("{} is missing: [step.{code}]", language.name()))?;
    let Wording { title, how, effort, cost, reach } = &words;
    for (name, text, most) in [
        ("title", title, 120),
        ("how", how, 600),
        ("effort", effort, 60),
        ("cost", cost, 60),
        ("reach", reach, 300),
    ] {
        clean::line(&format!("{code}.{name}"), text, most).map_err(|error| error.to_string())?;
        if let Some(unknown) = unknown_variable(text) {
            let known = VARIABLES.join("}, {");
            return Err(format!(
                "{code}.{name} uses {{{unknown}}}, which is unknown; known are {{{known}}}"
            ));
        }
    }
    Ok(words)
}

fn unknown_variable(text: &str) -> Option<&str> {
    let inside = text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or(rest));
    inside.into_iter().find(|name| !VARIABLES.contains(name))
}
