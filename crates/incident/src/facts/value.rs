//! A value that a field may have, and the kinds of fields.

use crate::clocks::Date;
use serde::{Deserialize, Serialize};
use std::fmt;
use terms::Time;

/// Longest text that a person may write into a field, in bytes.
pub const TEXT_BYTES_MAX: usize = 8_000;

/// What stands in a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Truth(bool),
    /// A count.
    Number(u64),
    /// Words, a moment, a date, or the code of an option.
    Text(String),
    /// Several words, or codes of options.
    List(Vec<String>),
}

/// What kind of value a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Words.
    Text,
    /// A count.
    Number,
    /// Yes or no.
    YesNo,
    /// One of its options.
    Choice,
    /// Some of its options.
    Choices,
    /// A moment, such as 2026-01-31T12:00:00Z.
    Time,
    /// A day, such as 2026-01-31.
    Date,
    /// Several texts.
    Texts,
}

/// What may be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// How a form writes it.
    pub code: String,
    /// What it says.
    pub text: String,
    /// It denies something, and may be chosen by evidence alone; the word names the evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<String>,
    /// It says that an answer is still to come.
    #[serde(default, skip_serializing_if = "is_false")]
    pub later: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Value {
    /// Reads what a person wrote, for a field of this kind; the error says what is allowed.
    pub fn read(text: &str, kind: Kind, choices: &[Choice]) -> Result<Value, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("nothing was written".into());
        }
        let list = || text.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>();
        let value = match kind {
            Kind::Number => {
                let number = text.parse().map_err(|_| format!("`{text}` is not a whole number"));
                Value::Number(number?)
            }
            Kind::YesNo => match text.to_lowercase().as_str() {
                "yes" | "y" | "true" => Value::Truth(true),
                "no" | "n" | "false" => Value::Truth(false),
                _ => return Err(format!("`{text}` is neither yes nor no")),
            },
            Kind::Choices => Value::List(list()),
            Kind::Texts => Value::List(text.split(';').map(|t| t.trim().to_owned()).collect()),
            Kind::Text | Kind::Choice | Kind::Time | Kind::Date => Value::Text(text.to_owned()),
        };
        value.check(kind, choices)?;
        Ok(value)
    }

    /// Whether it fits a field of this kind; the error says what is allowed.
    pub fn check(&self, kind: Kind, choices: &[Choice]) -> Result<(), String> {
        let known = |code: &String| match choices.iter().find(|choice| choice.code == *code) {
            Some(_) => Ok(()),
            None => {
                let codes: Vec<_> = choices.iter().map(|choice| &*choice.code).collect();
                Err(format!("`{code}` is none of {}", codes.join(", ")))
            }
        };
        match (kind, self) {
            (Kind::Number, Value::Number(_)) | (Kind::YesNo, Value::Truth(_)) => Ok(()),
            (Kind::Choice, Value::Text(code)) => known(code),
            (Kind::Choices, Value::List(codes)) if !codes.is_empty() => {
                codes.iter().try_for_each(known)
            }
            (Kind::Texts, Value::List(texts)) if !texts.is_empty() => {
                texts.iter().try_for_each(|text| plain(text))
            }
            (Kind::Text, Value::Text(text)) => plain(text),
            (Kind::Time, Value::Text(text)) => match text.parse::<Time>() {
                Ok(_) if text.contains('T') => Ok(()),
                _ => Err(format!("`{text}` is no moment such as 2026-01-31T12:00:00Z")),
            },
            (Kind::Date, Value::Text(text)) => match text.parse::<Date>() {
                Ok(_) => Ok(()),
                Err(_) => Err(format!("`{text}` is no day such as 2026-01-31")),
            },
            _ => Err(format!("it takes {}", kind.words())),
        }
    }

    /// Whether it is this word, or has it; `*` is any word.
    pub fn has(&self, word: &str) -> bool {
        match self {
            _ if word == "*" => true,
            Value::Truth(truth) => word == if *truth { "yes" } else { "no" },
            Value::Number(number) => word == number.to_string(),
            Value::Text(text) => text == word,
            Value::List(list) => list.iter().any(|one| one == word),
        }
    }
}

fn plain(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("nothing was written".into());
    }
    if text.len() > TEXT_BYTES_MAX {
        return Err(format!("it has more than {TEXT_BYTES_MAX} bytes"));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err("it has control characters in it".into());
    }
    Ok(())
}

impl Kind {
    /// What it takes, in words.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Text => "a text",
            Kind::Number => "a whole number",
            Kind::YesNo => "yes or no",
            Kind::Choice => "one of its options",
            Kind::Choices => "some of its options, with commas between them",
            Kind::Time => "a moment such as 2026-01-31T12:00:00Z",
            Kind::Date => "a day such as 2026-01-31",
            Kind::Texts => "one or more texts, with semicolons between them",
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Truth(truth) => f.write_str(if *truth { "yes" } else { "no" }),
            Value::Number(number) => number.fmt(f),
            Value::Text(text) => f.write_str(text),
            Value::List(list) => f.write_str(&list.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices() -> Vec<Choice> {
        let choice = |code: &str| Choice {
            code: code.into(),
            text: format!("option {code}"),
            claim: None,
            later: false,
        };
        vec![choice("a"), choice("b")]
    }

    #[test]
    fn what_fits_is_read_and_what_does_not_is_refused_in_words() {
        let read = |text, kind| Value::read(text, kind, &choices());
        assert_eq!(read("12", Kind::Number), Ok(Value::Number(12)));
        assert_eq!(read("Yes", Kind::YesNo), Ok(Value::Truth(true)));
        assert_eq!(read("b, a", Kind::Choices), Ok(Value::List(vec!["b".into(), "a".into()])));
        assert_eq!(read("2026-02-28", Kind::Date), Ok(Value::Text("2026-02-28".into())));
        for (text, kind, said) in [
            ("twelve", Kind::Number, "whole number"),
            ("-1", Kind::Number, "whole number"),
            ("perhaps", Kind::YesNo, "neither yes nor no"),
            ("c", Kind::Choice, "none of a, b"),
            ("a,c", Kind::Choices, "none of a, b"),
            ("2026-02-30", Kind::Date, "no day"),
            ("2026-02-28", Kind::Time, "no moment"),
            ("  ", Kind::Text, "nothing was written"),
            ("a\u{1b}[2J", Kind::Text, "control characters"),
        ] {
            let error = read(text, kind).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
        assert!(read(&"x".repeat(TEXT_BYTES_MAX + 1), Kind::Text).is_err());
    }
}
