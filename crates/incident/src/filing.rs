//! Filings: forms of authorities, filled from what is known.
//!
//! Trust: every value carries a mark that says where it comes from. What denies something stands in
//! a form only with a [`Claim`](crate::Claim). Forms are built in, so that no file of this machine
//! takes that wall down.

mod fill;
mod form;
mod manifest;
mod sheet;
mod shown;

pub use fill::{Filled, fill};
pub use form::{Field, Form};
pub use manifest::{MANIFEST, Manifest, Part, SIGNATURE, Verified, hash_of, verify_folder};
pub use sheet::{Sheet, SheetField, SheetGroup};

use crate::clocks::NO_ADVICE;
use crate::facts::{Evidence, Knowledge, Known, Mark, Value};
use serde_json::{Map, json};
use terms::Time;

/// How a filing goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filed {
    /// It may lack mandatory fields, and names them.
    Draft,
    /// Every mandatory field has its answer.
    Final,
}

/// A form with what is known in it.
pub struct Filing {
    /// The form.
    pub form: &'static Form,
    /// The incident.
    pub incident: String,
    /// When it was filled.
    pub made: Time,
    /// Version and digest of the exposure that it rests on.
    pub exposure: (u32, String),
    /// Every field that may be visible.
    pub fields: Vec<Filled>,
}

impl Filing {
    /// Fills a form.
    pub fn of(
        form: &'static Form,
        incident: &str,
        evidence: &Evidence,
        mut knowledge: Knowledge,
        now: Time,
    ) -> Filing {
        shown::tell(evidence, &mut knowledge);
        // Whether it is complete is a field too, and depends on all others.
        let first = fill(form, &knowledge);
        let is_open = |field: &Filled| field.is_missing() || field.is_later;
        let open = first.iter().filter(|field| field.key != "4" && is_open(field)).count();
        let withdrawn = knowledge.get("fact.withdraw").is_some_and(|known| known.value.has("yes"));
        let code = match (withdrawn, open) {
            (true, _) => "c",
            (false, 0) => "a",
            (false, _) => "b",
        };
        let why = match open {
            0 => "every mandatory field has its answer".into(),
            open => format!("{open} mandatory fields have no answer yet"),
        };
        knowledge.put("shown.subtype", Known::shown(Value::Text(code.into()), why));
        let exposure = evidence.exposure();
        Filing {
            form,
            incident: incident.to_owned(),
            made: now,
            exposure: (exposure.version, exposure.digest.clone()),
            fields: fill(form, &knowledge),
        }
    }

    /// Mandatory fields without a value.
    pub fn missing(&self) -> impl Iterator<Item = &Filled> {
        self.fields.iter().filter(|field| field.is_missing())
    }

    /// The values alone, by the keys that the authority's schema has.
    pub fn payload(&self) -> serde_json::Value {
        let mut payload = Map::new();
        for field in self.fields.iter().filter(|field| field.in_payload) {
            if let Some(value) = &field.value {
                let key = format!("{}{}", self.form.key_prefix, field.key);
                payload.insert(key, json!(value));
            }
        }
        payload.into()
    }

    /// Everything: values with marks, reasons, and what is missing.
    pub fn details(&self) -> serde_json::Value {
        json!({
            "form": self.form.id,
            "title": self.form.title,
            "to": self.form.to,
            "incident": self.incident,
            "made": self.made.to_string(),
            "exposure": { "version": self.exposure.0, "digest": self.exposure.1 },
            "notice": NO_ADVICE,
            "missing": self.missing().map(|field| &field.key).collect::<Vec<_>>(),
            "fields": self.fields,
        })
    }

    /// How many values come from where.
    pub fn marked(&self, mark: Mark) -> usize {
        self.fields.iter().filter(|field| field.marks.contains(&mark)).count()
    }
}
