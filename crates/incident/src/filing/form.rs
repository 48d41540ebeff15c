//! A form as data: its fields, and where the value of each comes from.

use crate::facts::{Choice, Condition, Kind};
use serde::Deserialize;
use std::sync::LazyLock;

/// A form of an authority.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Its name on the command line.
    pub id: String,
    /// What stands above it.
    pub title: String,
    /// To whom it goes.
    pub to: String,
    /// Where it is handed in, and how.
    pub how: String,
    /// Where its fields were taken from.
    pub source: String,
    /// What the schema of the authority puts before each key.
    #[serde(default)]
    pub key_prefix: String,
    /// Its fields, in order.
    #[serde(rename = "field")]
    pub fields: Vec<Field>,
}

/// One field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its number or name in the form.
    pub key: String,
    /// What it asks.
    pub label: String,
    /// The part of the form it stands in.
    pub group: String,
    /// What it takes.
    pub kind: Kind,
    /// It must have a value whenever it is visible.
    #[serde(default)]
    pub mandatory: bool,
    /// When it is visible; always if absent.
    #[serde(default)]
    pub when: Option<Condition>,
    /// What stands in it where it is not visible.
    #[serde(default)]
    pub otherwise: Option<String>,
    /// Names of what is known, the best first; several choices and joined texts take all of them.
    #[serde(default)]
    pub from: Vec<String>,
    /// A text that puts everything together.
    #[serde(default)]
    pub join: bool,
    /// It is printed, but the schema has no usable place for it.
    #[serde(default)]
    pub printed_only: bool,
    /// What may be chosen.
    #[serde(default)]
    pub choices: Vec<Choice>,
}

// Invariant: the files are built in, and a test reads them.
static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    [
        include_str!("../data/forms/edpb.toml"),
        include_str!("../data/forms/denmark.toml"),
        include_str!("../data/forms/germany.toml"),
        include_str!("../data/forms/hhs.toml"),
        include_str!("../data/forms/maine.toml"),
    ]
    .iter()
    .map(|text| toml::from_str(text).expect("invariant: it is built in"))
    .collect()
});

impl Form {
    /// All forms.
    pub fn all() -> &'static [Form] {
        &FORMS
    }

    /// The form of this name.
    pub fn named(id: &str) -> Option<&'static Form> {
        FORMS.iter().find(|form| form.id == id)
    }

    /// The field of this number or name.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Catalogue;

    /// Names that no file of data can spell wrongly without this test saying so.
    #[test]
    fn every_name_that_a_form_takes_from_can_be_known() {
        for form in Form::all() {
            let mut seen: Vec<&str> = Vec::new();
            for field in &form.fields {
                let at = format!("{}.{}", form.id, field.key);
                assert!(!seen.contains(&&*field.key), "{at} stands there twice");
                let looked_at = field.when.iter().flat_map(|when| when.names());
                for name in field.from.iter().map(|name| &**name).chain(looked_at) {
                    match name.split_once('.') {
                        Some(("fact", fact)) => {
                            assert!(Catalogue::built_in().fact(fact).is_some(), "{at}: {name}");
                        }
                        Some(("field", other)) => assert!(seen.contains(&other), "{at}: {name}"),
                        Some(("shown", shown)) => {
                            let told = include_str!("shown.rs");
                            let names = [format!("\"{shown}\""), format!("\"shown.{shown}\"")];
                            let told =
                                names.iter().any(|name| told.contains(name)) || shown == "subtype";
                            assert!(told, "{at}: {name}");
                        }
                        Some(("config" | "evidence" | "count" | "done", _)) => {}
                        _ => panic!("{at}: {name}"),
                    }
                }
                let choosing = matches!(field.kind, Kind::Choice | Kind::Choices);
                assert_eq!(choosing, !field.choices.is_empty(), "{at}");
                seen.push(&field.key);
            }
        }
    }

    #[test]
    fn every_fact_is_used_by_a_form_or_a_clock() {
        let mut used: Vec<String> = Vec::new();
        for field in Form::all().iter().flat_map(|form| &form.fields) {
            used.extend(field.from.iter().cloned());
            used.extend(field.when.iter().flat_map(|when| when.names()).map(str::to_owned));
        }
        let laws = crate::clocks::laws(None).unwrap();
        for clock in laws.iter().flat_map(|law| &law.clocks) {
            used.extend(clock.when.names().map(str::to_owned));
            if let crate::clocks::Start::Fact(fact) = &clock.from {
                used.push(format!("fact.{fact}"));
            }
        }
        // These are looked at in code: they take a claim back, withdraw, or keep a span open.
        for fact in ["keyholder-reached", "withdraw", "ongoing"] {
            used.push(format!("fact.{fact}"));
        }
        for fact in Catalogue::built_in().facts() {
            assert!(used.contains(&format!("fact.{}", fact.id)), "{}", fact.id);
        }
    }
}
