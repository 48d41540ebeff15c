//! Which facts a person can be asked for, as data.

use super::condition::{Condition, Holds};
use super::known::Knowledge;
use super::value::{Choice, Kind, Value};
use crate::error::{IncidentError, Result};
use crate::filing::Form;
use serde::Deserialize;
use std::sync::LazyLock;

/// A fact that a person says.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Its name.
    pub id: String,
    /// What is asked.
    pub label: String,
    /// What helps to answer.
    pub help: String,
    /// What kind of value it takes.
    pub kind: Kind,
    /// What may be chosen; nothing that denies something.
    pub choices: Vec<Choice>,
    /// When it is asked for; always if absent.
    pub when: Option<Condition>,
}

/// A fact as the file writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    /// A field of a form, such as `edpb.60`, whose label, kind and choices it takes.
    #[serde(default)]
    like: Option<String>,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    help: String,
    #[serde(default)]
    kind: Option<Kind>,
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    when: Option<Condition>,
}

#[derive(Deserialize)]
struct File {
    fact: Vec<Written>,
}

/// All facts, in the order in which they are asked for.
pub struct Catalogue(Vec<Fact>);

// Invariant: the file is built in, and a test reads it.
static BUILT_IN: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::parse(include_str!("../data/facts.toml")).expect("invariant: it is built in")
});

impl Catalogue {
    /// The facts that are built in.
    pub fn built_in() -> &'static Catalogue {
        &BUILT_IN
    }

    fn parse(text: &str) -> std::result::Result<Catalogue, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        file.fact.into_iter().map(Fact::of).collect::<std::result::Result<_, _>>().map(Catalogue)
    }

    /// All of them.
    pub fn facts(&self) -> &[Fact] {
        &self.0
    }

    /// The fact of this name.
    pub fn fact(&self, id: &str) -> Option<&Fact> {
        self.0.iter().find(|fact| fact.id == id)
    }

    /// The same, or what to do.
    pub fn named(&self, id: &str) -> Result<&Fact> {
        self.fact(id).ok_or_else(|| {
            IncidentError::Asked(format!(
                "there is no fact `{id}`: `cofferdam incident facts INCIDENT --list` lists them"
            ))
        })
    }

    /// What is to be asked for and not known. What hangs on another fact waits for that one.
    pub fn missing<'a>(&'a self, knowledge: &Knowledge) -> Vec<&'a Fact> {
        let asked = |fact: &&Fact| {
            let open = fact.when.as_ref().is_none_or(|when| {
                let verdict = when.holds(knowledge);
                let waits = verdict.unknown.iter().any(|name| name.starts_with("fact."));
                verdict.holds != Holds::No && !waits
            });
            open && knowledge.get(&format!("fact.{}", fact.id)).is_none()
        };
        self.0.iter().filter(asked).collect()
    }
}

impl Fact {
    fn of(written: Written) -> std::result::Result<Fact, String> {
        let Written { id, like, label, help, kind, mut choices, without, when } = written;
        let (mut label, mut kind) = (label, kind);
        if let Some(like) = like {
            let field = like.split_once('.').and_then(|(form, key)| Form::named(form)?.field(key));
            let field = field.ok_or_else(|| format!("`{id}`: there is no field `{like}`"))?;
            label = label.or_else(|| Some(field.label.clone()));
            kind = kind.or(Some(field.kind));
            choices = field.choices.clone();
        }
        // A person may not choose what denies something.
        choices.retain(|choice| choice.claim.is_none() && !without.contains(&choice.code));
        let label = label.ok_or_else(|| format!("`{id}`: it has no label"))?;
        let kind = kind.ok_or_else(|| format!("`{id}`: it has no kind"))?;
        Ok(Fact { id, label, help, kind, choices, when })
    }

    /// Reads what a person wrote; the error says what is allowed.
    pub fn read(&self, text: &str) -> Result<Value> {
        Value::read(text, self.kind, &self.choices).map_err(|what| self.refused(&what))
    }

    /// Whether it may be so.
    pub fn check(&self, value: &Value) -> Result<()> {
        value.check(self.kind, &self.choices).map_err(|what| self.refused(&what))
    }

    /// What a value says: the texts of its choices, else itself.
    pub fn says(&self, value: &Value) -> String {
        let text = |code: &str| {
            let choice = self.choices.iter().find(|choice| choice.code == code);
            choice.map_or_else(|| code.to_owned(), |choice| choice.text.clone())
        };
        match value {
            Value::Text(code) => text(code),
            Value::List(codes) => codes.iter().map(|c| text(c)).collect::<Vec<_>>().join("; "),
            other => other.to_string(),
        }
    }

    fn refused(&self, what: &str) -> IncidentError {
        let mut text = format!("{}: {what}; it takes {}", self.id, self.kind.words());
        for choice in &self.choices {
            text.push_str(&format!("\n  {}  {}", choice.code, choice.text));
        }
        IncidentError::Asked(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_has_a_name_of_its_own_and_none_denies_anything() {
        let facts = Catalogue::built_in().facts();
        for (number, fact) in facts.iter().enumerate() {
            assert!(facts[..number].iter().all(|other| other.id != fact.id), "{}", fact.id);
            assert!(fact.choices.iter().all(|choice| choice.claim.is_none()), "{}", fact.id);
            let choosing = matches!(fact.kind, Kind::Choice | Kind::Choices);
            assert_eq!(choosing, !fact.choices.is_empty(), "{}", fact.id);
        }
    }

    #[test]
    fn a_denial_is_no_answer() {
        let fact = Catalogue::built_in().fact("exemption").unwrap();
        assert!(fact.read("b").is_ok());
        assert!(fact.read("a").unwrap_err().to_string().contains("none of"));
    }
}
