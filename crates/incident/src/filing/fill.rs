//! From a form and what is known to values with marks.

use super::form::{Field, Form};
use crate::facts::{Holds, Kind, Knowledge, Known, Mark, Value};
use serde::Serialize;

/// A field with its value, or without.
#[derive(Clone, Debug, Serialize)]
pub struct Filled {
    /// Its number or name in the form.
    pub key: String,
    /// What it asks.
    pub label: String,
    /// The part of the form it stands in.
    pub group: String,
    /// The value, as the schema has it.
    pub value: Option<Value>,
    /// The value in words.
    pub says: String,
    /// Where it comes from.
    pub marks: Vec<Mark>,
    /// Why it is so, or why there is none.
    pub why: String,
    /// It must have a value.
    pub mandatory: bool,
    /// Its value says that an answer is still to come.
    pub is_later: bool,
    #[serde(skip)]
    pub(super) in_payload: bool,
    #[serde(skip)]
    pub(super) needs: &'static str,
}

impl Filled {
    /// It must have a value and has none.
    pub fn is_missing(&self) -> bool {
        self.mandatory && self.value.is_none()
    }
}

/// Every field that is visible, or may be.
pub fn fill(form: &Form, knowledge: &Knowledge) -> Vec<Filled> {
    let mut knowledge = knowledge.clone();
    let mut filled: Vec<Filled> = Vec::new();
    for field in &form.fields {
        let holds = field.when.as_ref().map(|when| when.holds(&knowledge).holds);
        let hidden = holds == Some(Holds::No);
        let known = match (hidden, &field.otherwise) {
            (true, None) => continue,
            (true, Some(text)) => Ok(Some(follows(field, text, &filled))),
            (false, _) => known(field, &knowledge),
        };
        let mut one = one(field, known);
        // What hangs on an open field is not asked before that one is answered.
        if holds == Some(Holds::Unknown) {
            one.mandatory = false;
            if one.value.is_none() {
                continue;
            }
        }
        if let Some(value) = &one.value {
            knowledge.put(format!("field.{}", field.key), Known::said(value.clone()));
        }
        filled.push(one);
    }
    filled
}

/// What stands in a field that another one closes; it has the mark of that one.
fn follows(field: &Field, text: &str, filled: &[Filled]) -> Known {
    let mut names = field.when.iter().flat_map(|when| when.names());
    let other = names.find_map(|name| {
        let key = name.strip_prefix("field.")?;
        filled.iter().find(|field| field.key == key)
    });
    let mark = other.and_then(|other| other.marks.first().copied()).unwrap_or(Mark::Configuration);
    let value = match field.kind {
        Kind::Texts | Kind::Choices => Value::List(vec![text.to_owned()]),
        _ => Value::Text(text.to_owned()),
    };
    let why = other.map_or_else(String::new, |other| format!("follows from field {}", other.key));
    Known { why, marks: vec![mark], ..Known::said(value) }
}

/// The value of a field from everything that it may be taken from; the error says what was refused.
fn known(field: &Field, knowledge: &Knowledge) -> Result<Option<Known>, String> {
    let mut refused = None;
    let mut knowns = Vec::new();
    for name in &field.from {
        let Some(known) = find(name, knowledge) else { continue };
        match fitting(field, known) {
            Ok(known) => knowns.push(known),
            Err(why) => refused = Some(why),
        }
    }
    let several = field.join || matches!(field.kind, Kind::Choices | Kind::Texts);
    if !several {
        knowns.truncate(1);
    }
    match (knowns.into_iter().reduce(joined), refused) {
        (None, Some(why)) => Err(why),
        (known, _) => Ok(known),
    }
}

fn find(name: &str, knowledge: &Knowledge) -> Option<Known> {
    let Some(name) = name.strip_prefix("count.") else { return knowledge.get(name).cloned() };
    let counts = knowledge.counts()?;
    let [low, high] = counts.bounds(name)?;
    let mut why = match counts.figures.get(name) {
        Some(figure) => format!("rule {}, digest {}", figure.rule, figure.digest),
        None => "nobody is counted there".into(),
    };
    if low != high {
        why = format!("{low} to {high} are possible; {why}");
    }
    Some(Known::shown(Value::Number(counts.value(name)), why))
}

/// The known value as this field takes it.
fn fitting(field: &Field, mut known: Known) -> Result<Known, String> {
    known.value = match (field.kind, known.value) {
        (Kind::Text, value @ (Value::Truth(_) | Value::Number(_) | Value::List(_))) => {
            Value::Text(value.to_string())
        }
        (Kind::Choices | Kind::Texts, Value::Text(text)) => Value::List(vec![text]),
        (Kind::Date, Value::Text(text)) => Value::Text(text.get(..10).unwrap_or(&text).to_owned()),
        (_, value) => value,
    };
    known.value.check(field.kind, &field.choices)?;
    for choice in field.choices.iter().filter(|choice| known.value.has(&choice.code)) {
        let Some(denied) = &choice.claim else { continue };
        let is_shown = known.claim.as_ref().is_some_and(|c| c.denies().word() == denied);
        if !is_shown {
            return Err(format!("only evidence may say `{}`", choice.text));
        }
    }
    Ok(known)
}

/// Texts below each other, codes in one list.
fn joined(mut one: Known, other: Known) -> Known {
    one.value = match (one.value, other.value) {
        (Value::List(mut list), Value::List(more)) => {
            list.extend(more);
            list.sort();
            list.dedup();
            Value::List(list)
        }
        (one, other) => Value::Text(format!("{one}\n{other}")),
    };
    if !other.why.is_empty() && !one.why.is_empty() {
        one.why.push_str("; ");
    }
    one.why.push_str(&other.why);
    one.marks.extend(other.marks);
    one
}

fn one(field: &Field, known: Result<Option<Known>, String>) -> Filled {
    let (known, refused) = match known {
        Ok(known) => (known, String::new()),
        Err(why) => (None, why),
    };
    let chosen = |code: &str| field.choices.iter().find(|choice| choice.code == code);
    let codes: Vec<&str> = match known.as_ref().map(|known| &known.value) {
        Some(Value::Text(code)) => vec![code],
        Some(Value::List(codes)) => codes.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let text = |code: &&str| chosen(code).map_or(*code, |choice| &choice.text).to_owned();
    let says = match &known {
        None => String::new(),
        Some(known) if field.choices.is_empty() => known.value.to_string(),
        Some(_) => codes.iter().map(text).collect::<Vec<_>>().join("; "),
    };
    let is_later = codes.iter().any(|code| chosen(code).is_some_and(|choice| choice.later));
    let mut marks = known.as_ref().map_or_else(Vec::new, |known| known.marks.clone());
    marks.sort_unstable();
    marks.dedup();
    Filled {
        key: field.key.clone(),
        label: field.label.clone(),
        group: field.group.clone(),
        says,
        marks,
        why: known.as_ref().map_or(refused, |known| known.why.clone()),
        value: known.map(|known| known.value),
        mandatory: field.mandatory,
        is_later,
        in_payload: !field.printed_only,
        needs: needs(field),
    }
}

/// Who has to act where a value is missing.
fn needs(field: &Field) -> &'static str {
    let has = |start: &str| field.from.iter().any(|name| name.starts_with(start));
    // What is told in words comes from answers too.
    if has("fact.") || field.from.iter().any(|name| name.ends_with("-words")) {
        "a person must write this"
    } else if has("config.") {
        "controller.toml must say this"
    } else {
        "evidence must say this: an exposure, or people facts of every person"
    }
}
