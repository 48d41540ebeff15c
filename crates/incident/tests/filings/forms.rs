//! Forms with what is known in them, against the authority's schema and against golden texts.

use crate::sample::{answers, stolen_card, text};
use incident::facts::{Kind, Mark, Value};
use incident::filing::{Filed, Filing, Form};
use serde_json::Value as Json;
use std::path::Path;

/// What the schema of the EDPB form says, as far as a machine reads it.
struct Rules(Json);

impl Rules {
    fn read() -> Rules {
        Rules(serde_json::from_str(include_str!("edpb-rules.json")).unwrap())
    }

    /// What is wrong with a payload. Fields that take several values have them in a list, as the
    /// note to the schema says.
    fn wrong(&self, payload: &Json) -> Vec<String> {
        let mut wrong = Vec::new();
        let payload = payload.as_object().unwrap();
        for (key, value) in payload {
            let Some(rule) = self.0["fields"].get(key) else {
                wrong.push(format!("{key} is not in the schema"));
                continue;
            };
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            for value in &values {
                let fits = match rule["type"].as_str().unwrap() {
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_u64(),
                    _ => value.is_string(),
                };
                let allowed = rule["enum"].as_array().is_none_or(|codes| codes.contains(value));
                if !fits || !allowed {
                    wrong.push(format!("{key}: {value}"));
                }
            }
        }
        for key in self.0["required"].as_array().unwrap() {
            if !payload.contains_key(key.as_str().unwrap()) {
                wrong.push(format!("{} is missing", key.as_str().unwrap()));
            }
        }
        wrong.extend(self.missing_on_condition(payload));
        wrong
    }

    /// The schema has its conditions in words alone; these are they, as we read them.
    fn missing_on_condition(&self, payload: &serde_json::Map<String, Json>) -> Vec<String> {
        let has = |number: u32, code: &str| match payload.get(&format!("field_{number}")) {
            Some(Json::Array(codes)) => codes.iter().any(|one| one == code),
            Some(one) => one == code,
            None => false,
        };
        let conditions: &[(u32, &str, &[u32])] = &[
            (3, "b", &[6]),
            (4, "c", &[5]),
            (23, "c", &[24]),
            (33, "c", &[34, 35, 36]),
            (44, "a", &[46, 47]),
            (44, "b", &[46, 47]),
            (44, "c", &[46]),
            (50, "b", &[52]),
            (50, "c", &[52]),
            (50, "d", &[52]),
            (50, "e", &[52]),
            (50, "f", &[52]),
            (55, "a", &[56, 57, 79]),
            (55, "b", &[58, 81]),
            (55, "c", &[59, 83]),
            (67, "a", &[68]),
            (67, "b", &[68]),
            (79, "d", &[80]),
            (81, "c", &[82]),
            (83, "c", &[84]),
            (85, "n", &[86]),
            (97, "a", &[98, 102, 104, 106]),
            (97, "e", &[100, 101]),
            (102, "b", &[103]),
            (109, "a", &[111]),
            (110, "a", &[111]),
            (113, "a", &[114, 115, 116]),
            (120, "a", &[121]),
            (125, "j", &[126]),
        ];
        let mut wrong = Vec::new();
        for (number, code, needed) in conditions.iter().filter(|(n, code, _)| has(*n, code)) {
            for other in *needed {
                if !payload.contains_key(&format!("field_{other}")) {
                    wrong.push(format!("field_{other} is missing, as field_{number} is {code}"));
                }
            }
        }
        wrong
    }
}

fn with(more: &[(&'static str, Value)]) -> Vec<(&'static str, Value)> {
    let mut said = answers();
    said.retain(|(id, _)| more.iter().all(|(other, _)| other != id));
    said.extend(more.iter().cloned());
    said
}

#[test]
fn a_complete_filing_fits_the_schema() {
    let filing = stolen_card().filing("edpb", &answers());
    assert_eq!(filing.missing().map(|field| &*field.key).collect::<Vec<_>>(), [""; 0]);
    assert_eq!(Rules::read().wrong(&filing.payload()), [""; 0]);
    assert_eq!(filing.payload()["field_4"], "a", "complete");
    assert_eq!(filing.payload()["field_68"], 6);
}

#[test]
fn answers_open_further_fields_that_the_schema_wants_then() {
    let list = crate::sample::list;
    let sample = stolen_card();
    for (more, key) in [
        (vec![("impact", list(&["n"]))], "86"),
        (vec![("also-nature", list(&["b", "c"]))], "58"),
        (vec![("told-persons", text("a"))], "98"),
        (vec![("told-persons", text("e"))], "100"),
        (vec![("cross-border", text("a"))], "114"),
        (vec![("police", text("a"))], "111"),
        (vec![("previous-id", text("X-1")), ("withdraw", Value::Truth(true))], "5"),
    ] {
        let filing = sample.filing("edpb", &with(&more));
        assert!(filing.missing().any(|field| field.key == key), "{key}");
        assert!(!Rules::read().wrong(&filing.payload()).is_empty(), "{key}");
    }
    let told = with(&[
        ("told-persons", text("a")),
        ("told-date", text("2026-11-27")),
        ("told-all", text("a")),
        ("told-means", text("a")),
        ("told-content", text("The letter is attached.")),
    ]);
    assert_eq!(Rules::read().wrong(&sample.filing("edpb", &told).payload()), [""; 0]);
}

#[test]
fn the_rules_of_the_schema_can_fail() {
    let mut payload = stolen_card().filing("edpb", &answers()).payload();
    let fields = payload.as_object_mut().unwrap();
    fields.insert("field_60".into(), "zz".into());
    fields.insert("field_999".into(), "a".into());
    fields.remove("field_12");
    assert_eq!(Rules::read().wrong(&payload).len(), 3);
}

/// Each field of ours is one of the schema, takes the same values and is mandatory where it is.
#[test]
fn our_table_of_the_edpb_form_is_that_of_the_schema() {
    let (rules, form) = (Rules::read().0, Form::named("edpb").unwrap());
    let fields = rules["fields"].as_object().unwrap();
    assert_eq!(fields.len(), form.fields.len());
    for field in &form.fields {
        let key = format!("field_{}", field.key);
        let rule = &fields[&key];
        let codes: Vec<&str> = field.choices.iter().map(|choice| &*choice.code).collect();
        if !field.printed_only {
            let allowed = rule["enum"].as_array().cloned().unwrap_or_default();
            assert_eq!(codes, allowed.iter().filter_map(Json::as_str).collect::<Vec<_>>(), "{key}");
            let number = rule["type"] == "integer";
            assert_eq!(number, field.kind == Kind::Number, "{key}");
        }
        if rules["required"].as_array().unwrap().contains(&Json::String(key.clone())) {
            assert!(field.mandatory, "{key}");
        }
    }
}

#[test]
fn a_draft_names_what_is_missing_and_is_incomplete() {
    let filing = stolen_card().filing("edpb", &[]);
    let missing: Vec<&str> = filing.missing().map(|field| &*field.key).collect();
    assert!(missing.contains(&"62") && missing.contains(&"89"), "{missing:?}");
    assert!(!missing.contains(&"12") && !missing.contains(&"56"), "{missing:?}");
    assert_eq!(filing.payload()["field_4"], "b");
    let text = filing.sheet(Filed::Draft).text();
    assert!(text.contains("mandatory fields are missing") && text.contains("MISSING"));
    let open = stolen_card().filing("edpb", &with(&[("severity", crate::sample::text("d"))]));
    assert_eq!(open.missing().count(), 0);
    assert_eq!(open.payload()["field_4"], "b", "something is still to be determined");
}

#[test]
fn every_value_has_a_mark_and_no_evidence_is_a_persons() {
    for form in Form::all() {
        let filing = stolen_card().filing(&form.id, &answers());
        for field in &filing.fields {
            assert_eq!(field.value.is_some(), !field.marks.is_empty(), "{}", field.key);
        }
        assert!(filing.marked(Mark::Evidence) > 3, "{}", form.id);
        assert!(filing.marked(Mark::Configuration) > 2, "{}", form.id);
    }
}

#[test]
fn residents_are_a_number_only_where_everybody_is_known() {
    let filing = stolen_card().filing("maine", &answers());
    assert!(filing.missing().any(|field| field.key == "residents"), "three are not known");
}

/// The golden texts of the sample. `COFFERDAM_GOLDEN=write cargo test -p cofferdam-incident
/// golden` writes them anew, to be read before they are kept.
#[test]
fn golden_texts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/filings/golden");
    for form in Form::all() {
        let filing: Filing = stolen_card().filing(&form.id, &answers());
        let text = filing.sheet(Filed::Draft).text();
        let path = folder.join(format!("{}.txt", form.id));
        if std::env::var("COFFERDAM_GOLDEN").is_ok_and(|word| word == "write") {
            std::fs::write(&path, &text).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap();
        assert!(text == golden, "{} differs from {}:\n{text}", form.id, path.display());
    }
}
