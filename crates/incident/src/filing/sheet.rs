//! A filing as people read it: neutral groups and lines, which others print.

use super::{Filed, Filing};
use crate::clocks::NO_ADVICE;

/// A filing to be read.
pub struct Sheet {
    /// What stands above it.
    pub title: String,
    /// Lines below the title: to whom, what it rests on, whether it is a draft.
    pub about: Vec<String>,
    /// Its parts.
    pub groups: Vec<SheetGroup>,
    /// What stands under it.
    pub notes: Vec<String>,
}

/// A part of a form.
pub struct SheetGroup {
    /// What stands above it.
    pub title: String,
    /// Its fields.
    pub fields: Vec<SheetField>,
}

/// A field to be read.
pub struct SheetField {
    /// Its number with the space behind it, if it has one.
    pub number: String,
    /// What it asks.
    pub label: String,
    /// The value in words; none where there is none.
    pub value: Option<String>,
    /// Where it comes from, or that somebody must write it.
    pub mark: String,
    /// Why it is so.
    pub why: String,
    /// It must have a value and has none.
    pub missing: bool,
}

impl Filing {
    /// The filing to be read.
    pub fn sheet(&self, filed: Filed) -> Sheet {
        let mut groups: Vec<SheetGroup> = Vec::new();
        for field in &self.fields {
            let marks: Vec<&str> = field.marks.iter().map(|mark| mark.words()).collect();
            let mark = match (field.value.is_some(), field.mandatory) {
                (true, _) => marks.join(", "),
                (false, true) => field.needs.into(),
                (false, false) => "left open".into(),
            };
            let one = SheetField {
                number: number(&field.key),
                label: field.label.clone(),
                value: field.value.as_ref().map(|_| field.says.clone()),
                mark,
                why: field.why.clone(),
                missing: field.is_missing(),
            };
            match groups.last_mut().filter(|group| group.title == field.group) {
                Some(group) => group.fields.push(one),
                None => groups.push(SheetGroup { title: field.group.clone(), fields: vec![one] }),
            }
        }
        let title = self.form.title.clone();
        Sheet { title, about: self.about(filed), groups, notes: self.notes() }
    }

    fn about(&self, filed: Filed) -> Vec<String> {
        let missing: Vec<&str> = self.missing().map(|field| &*field.key).collect();
        let (version, digest) = &self.exposure;
        let state = match (filed, missing.len()) {
            (Filed::Final, _) => "Final: every mandatory field has its answer.".to_owned(),
            (Filed::Draft, 0) => "Draft. No mandatory field is missing.".to_owned(),
            (Filed::Draft, count) => {
                format!("Draft. {count} mandatory fields are missing: {}.", missing.join(", "))
            }
        };
        vec![
            format!("To: {}", self.form.to),
            format!("Incident {}, filled {}", self.incident, self.made),
            format!("Exposure version {version}, digest {digest}"),
            state,
        ]
    }

    fn notes(&self) -> Vec<String> {
        vec![
            format!("How it is handed in: {}", self.form.how),
            format!("Fields after: {}", self.form.source),
            NO_ADVICE.to_owned(),
        ]
    }
}

/// Numbers are shown; names of fields that a form does not number are for programs.
fn number(key: &str) -> String {
    let numbered = key.starts_with(|first: char| first.is_ascii_digit());
    if numbered { format!("{key}  ") } else { String::new() }
}

impl Sheet {
    /// As plain text.
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.title);
        self.about.iter().for_each(|line| text.push_str(&format!("{line}\n")));
        for group in &self.groups {
            text.push_str(&format!("\n== {}\n", group.title));
            group.fields.iter().for_each(|field| text.push_str(&field.text()));
        }
        text.push('\n');
        self.notes.iter().for_each(|line| text.push_str(&format!("{line}\n")));
        text
    }
}

impl SheetField {
    fn text(&self) -> String {
        let value = match &self.value {
            Some(value) => value.replace('\n', "\n    "),
            None if self.missing => "MISSING".into(),
            None => "(left open)".into(),
        };
        let space = if self.why.is_empty() { "" } else { " " };
        let (number, label, mark, why) = (&self.number, &self.label, &self.mark, &self.why);
        format!("\n{number}{label}\n    {value}\n    [{mark}]{space}{why}\n")
    }
}
