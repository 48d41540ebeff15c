//! Random searches over random resources, against a plain reading of the standard.
//!
//! The oracle shares no code with the crate: it works on `serde_json` values, and dates, numbers
//! and names come from pools whose meaning is written beside them.

use fhir::{Index, Json, Limits, SearchQuery};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// Text; first second and end, from 2020-01-01T00:00:00Z.
const DATES: [(&str, i64, i64); 9] = [
    ("2019", -365 * 86_400, 0),
    ("2020", 0, 366 * 86_400),
    ("2020-01", 0, 31 * 86_400),
    ("2020-01-15", 14 * 86_400, 15 * 86_400),
    ("2020-01-31", 30 * 86_400, 31 * 86_400),
    ("2020-01-15T10:00:00Z", 1_245_600, 1_245_601),
    ("2020-01-15T12:00:00+02:00", 1_245_600, 1_245_601),
    ("2020-02", 31 * 86_400, 60 * 86_400),
    ("2020-12-31T23:59:59Z", 366 * 86_400 - 1, 366 * 86_400),
];

/// Text; thousandths, and thousandths of half the last digit.
const NUMBERS: [(&str, i64, i64); 9] = [
    ("5", 5000, 500),
    ("5.4", 5400, 50),
    ("5.40", 5400, 5),
    ("5.35", 5350, 5),
    ("5.45", 5450, 5),
    ("1e1", 10_000, 5000),
    ("10.0", 10_000, 50),
    ("-1", -1000, 500),
    ("0.5", 500, 50),
];

/// Text as written and as folded.
const NAMES: [(&str, &str); 6] = [
    ("Müller", "muller"),
    ("MULLER", "muller"),
    ("Mull", "mull"),
    ("Sørensen", "sorensen"),
    ("sor", "sor"),
    ("Van Dyk", "van dyk"),
];

const SYSTEMS: [&str; 2] = ["http://a", "http://b"];
const CODES: [&str; 4] = ["x", "X", "y", "x,1|2"];
const IDS: [&str; 3] = ["1", "2", "a1"];
const PREFIXES: [&str; 9] = ["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"];

fn coding() -> impl Strategy<Value = Value> {
    let system = prop::option::of(select(&SYSTEMS[..]));
    (system, prop::option::of(select(&CODES[..]))).prop_map(|(system, code)| {
        let mut coding = json!({ "display": "d" });
        system.into_iter().for_each(|system| coding["system"] = system.into());
        code.into_iter().for_each(|code| coding["code"] = code.into());
        coding
    })
}

fn date() -> impl Strategy<Value = &'static str> {
    select(&DATES[..]).prop_map(|(text, _, _)| text)
}

fn effective() -> impl Strategy<Value = Option<(&'static str, Value)>> {
    let ends = (prop::option::of(date()), prop::option::of(date()));
    prop_oneof![
        Just(None),
        date().prop_map(|date| Some(("effectiveDateTime", json!(date)))),
        ends.prop_filter("some end", |(a, b)| a.is_some() || b.is_some()).prop_map(
            |(start, end)| {
                let mut period = json!({});
                start.into_iter().for_each(|start| period["start"] = start.into());
                end.into_iter().for_each(|end| period["end"] = end.into());
                Some(("effectivePeriod", period))
            }
        ),
    ]
}

fn observation() -> impl Strategy<Value = Value> {
    let subject = prop::option::of(select(
        &["Patient/1", "Patient/2", "Group/1", "http://me/Patient/a1", "http://you/Patient/1"][..],
    ));
    let quantity = prop::option::of((select(&NUMBERS[..]), select(&["kg", "g"][..])));
    let status = select(&["final", "amended"][..]);
    let codings = prop::collection::vec(coding(), 0..3);
    let text = prop::option::of(select(&NAMES[..]));
    (codings, effective(), subject, quantity, status, text).prop_map(
        |(codings, effective, subject, quantity, status, text)| {
            let mut made = json!({ "resourceType": "Observation", "status": status });
            if !codings.is_empty() {
                made["code"] = json!({ "coding": codings });
            }
            effective.into_iter().for_each(|(name, value)| made[name] = value);
            subject.into_iter().for_each(|to| made["subject"] = json!({ "reference": to }));
            match (quantity, text) {
                (Some(((number, _, _), unit)), _) => {
                    made["valueQuantity"] = json!({ "value": number, "code": unit, "system": "u" });
                }
                (None, Some((text, _))) => made["valueString"] = text.into(),
                (None, None) => {}
            }
            made
        },
    )
}

/// The resource as JSON; numbers are kept as text in the oracle, to lose nothing.
fn tree(value: &Value) -> Json {
    let mut text = value.to_string();
    for (number, _, _) in NUMBERS {
        text = text.replace(&format!("\"value\":\"{number}\""), &format!("\"value\":{number}"));
    }
    Json::parse(text.as_bytes(), &Limits::default()).unwrap()
}

/// One value of one parameter, and what the oracle says of it.
#[derive(Clone, Debug)]
enum Asked {
    Code(Option<&'static str>, Option<&'static str>),
    Date(&'static str, (&'static str, i64, i64)),
    Quantity(&'static str, (&'static str, i64, i64), Option<&'static str>),
    Text((&'static str, &'static str)),
    Subject(&'static str),
    Status(&'static str),
}

impl Asked {
    fn name(&self) -> &'static str {
        match self {
            Asked::Code(..) => "code",
            Asked::Date(..) => "date",
            Asked::Quantity(..) => "value-quantity",
            Asked::Text(..) => "value-string",
            Asked::Subject(_) => "subject",
            Asked::Status(_) => "status",
        }
    }

    fn value(&self) -> String {
        let escape = |text: &str| text.replace(',', "\\,").replace('|', "\\|");
        match self {
            Asked::Code(None, code) => escape(code.unwrap_or("x")),
            Asked::Code(Some(system), code) => format!("{system}|{}", escape(code.unwrap_or(""))),
            Asked::Date(prefix, (date, ..)) => format!("{prefix}{date}"),
            Asked::Quantity(prefix, (number, ..), None) => format!("{prefix}{number}"),
            Asked::Quantity(prefix, (number, ..), Some(unit)) => {
                format!("{prefix}{number}|u|{unit}")
            }
            Asked::Text((text, _)) => text.to_string(),
            Asked::Subject(text) | Asked::Status(text) => text.to_string(),
        }
    }

    /// What the standard says, read plainly.
    fn holds(&self, resource: &Value) -> bool {
        match self {
            Asked::Code(system, code) => {
                let code = code.or(system.is_none().then_some("x"));
                resource["code"]["coding"].as_array().into_iter().flatten().any(|coding| {
                    let system_fits = match *system {
                        None => true,
                        Some("") => coding.get("system").is_none(),
                        Some(system) => coding["system"] == system,
                    };
                    let found = coding["code"].as_str().map(str::to_lowercase);
                    let is_coding = coding.get("system").is_some() || found.is_some();
                    is_coding
                        && system_fits
                        && code.is_none_or(|code| found == Some(code.to_lowercase()))
                })
            }
            Asked::Date(prefix, (_, from, to)) => span(resource)
                .is_some_and(|(start, end)| compare(prefix, (start, end), (*from, *to))),
            Asked::Quantity(prefix, (_, number, half), unit) => {
                let quantity = &resource["valueQuantity"];
                let Some(value) = quantity["value"].as_str() else { return false };
                let value = NUMBERS.iter().find(|(text, ..)| *text == value).unwrap().1;
                let rounds = value >= number - half && value < number + half;
                let fits = match *prefix {
                    "" | "eq" => rounds,
                    "ne" => !rounds,
                    "gt" | "sa" => value > *number,
                    "lt" | "eb" => value < *number,
                    "ge" => value >= *number,
                    _ => value <= *number,
                };
                fits && unit.is_none_or(|unit| quantity["code"] == unit)
            }
            Asked::Text((_, folded)) => {
                let text = resource["valueString"].as_str();
                let found = text.and_then(|text| NAMES.iter().find(|(name, _)| *name == text));
                found.is_some_and(|(_, found)| found.starts_with(folded))
            }
            Asked::Subject(asked) => {
                let Some(found) = resource["subject"]["reference"].as_str() else { return false };
                let local = found.strip_prefix("http://me/").unwrap_or(found);
                let asked = asked.strip_prefix("http://me/").unwrap_or(asked);
                local == asked
                    || (!asked.contains('/')
                        && [format!("Patient/{asked}"), format!("Group/{asked}")]
                            .contains(&local.to_string()))
            }
            Asked::Status(status) => resource["status"] == *status,
        }
    }
}

fn span(resource: &Value) -> Option<(i64, i64)> {
    let find = |value: &Value| {
        let text = value.as_str()?;
        DATES.iter().find(|(date, ..)| *date == text).map(|(_, from, to)| (*from, *to))
    };
    if let Some(found) = find(&resource["effectiveDateTime"]) {
        return Some(found);
    }
    let period = resource.get("effectivePeriod")?;
    let (start, end) = (find(&period["start"]), find(&period["end"]));
    Some((start.map_or(i64::MIN, |s| s.0), end.map_or(i64::MAX, |e| e.1)))
}

fn compare(prefix: &str, found: (i64, i64), asked: (i64, i64)) -> bool {
    let contained = asked.0 <= found.0 && found.1 <= asked.1;
    match prefix {
        "" | "eq" => contained,
        "ne" => !contained,
        "gt" => found.1 > asked.1,
        "lt" => found.0 < asked.0,
        "ge" => found.1 > asked.1 || contained,
        "le" => found.0 < asked.0 || contained,
        "sa" => found.0 >= asked.1,
        _ => found.1 <= asked.0,
    }
}

fn asked() -> impl Strategy<Value = Asked> {
    let system = prop::option::of(select(&["", "http://a", "http://b"][..]));
    let code = prop::option::of(select(&CODES[..]));
    let prefix = || select(&PREFIXES[..]);
    let unit = prop::option::of(select(&["kg", "g"][..]));
    prop_oneof![
        (system, code)
            .prop_filter("not empty", |(s, c)| !(*s == Some("") && c.is_none()))
            .prop_map(|(system, code)| Asked::Code(system, code)),
        (prefix(), select(&DATES[..])).prop_map(|(prefix, date)| Asked::Date(prefix, date)),
        (prefix(), select(&NUMBERS[..]), unit).prop_map(|(p, n, u)| Asked::Quantity(p, n, u)),
        select(&NAMES[..]).prop_map(Asked::Text),
        select(&["Patient/1", "Group/1", "http://me/Patient/a1", "http://you/Patient/1"][..])
            .prop_map(Asked::Subject),
        select(&IDS[..]).prop_map(Asked::Subject),
        select(&["final", "amended"][..]).prop_map(Asked::Status),
    ]
}

/// How the values of one parameter are put.
#[derive(Clone, Copy, Debug)]
enum How {
    Plain,
    /// `:not`, for tokens.
    Not,
    Missing(bool),
}

fn criterion() -> impl Strategy<Value = (Vec<Asked>, How)> {
    let how = prop_oneof![
        6 => Just(How::Plain),
        2 => Just(How::Not),
        1 => any::<bool>().prop_map(How::Missing),
    ];
    (asked(), prop::collection::vec(asked(), 0..3), how).prop_map(|(first, more, how)| {
        let name = first.name();
        let mut values = vec![first];
        values.extend(more.into_iter().filter(|value| value.name() == name));
        let is_token = matches!(name, "code" | "status");
        (values, if matches!(how, How::Not) && !is_token { How::Plain } else { how })
    })
}

fn has_value(name: &str, resource: &Value) -> bool {
    match name {
        "code" => resource.get("code").is_some(),
        "date" => span(resource).is_some(),
        "value-quantity" => resource.get("valueQuantity").is_some(),
        "value-string" => resource.get("valueString").is_some(),
        "subject" => resource.get("subject").is_some(),
        _ => true,
    }
}

fn oracle(criteria: &[(Vec<Asked>, How)], resource: &Value) -> bool {
    criteria.iter().all(|(values, how)| match how {
        How::Plain => values.iter().any(|value| value.holds(resource)),
        How::Not => !values.iter().any(|value| value.holds(resource)),
        How::Missing(missing) => has_value(values[0].name(), resource) != *missing,
    })
}

fn query(criteria: &[(Vec<Asked>, How)]) -> SearchQuery {
    let pairs: Vec<(String, String)> = criteria
        .iter()
        .map(|(values, how)| {
            let list: Vec<_> = values.iter().map(Asked::value).collect();
            let name = values[0].name();
            match how {
                How::Plain => (name.to_string(), list.join(",")),
                How::Not => (format!("{name}:not"), list.join(",")),
                How::Missing(missing) => (format!("{name}:missing"), missing.to_string()),
            }
        })
        .collect();
    let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    SearchQuery::parse("Observation", pairs, "http://me").unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn searches_agree_with_the_oracle(
        resources in prop::collection::vec(observation(), 64..80),
        searches in prop::collection::vec(prop::collection::vec(criterion(), 1..4), 1..12),
    ) {
        let trees: Vec<Json> = resources.iter().map(tree).collect();
        let mut index = Index::new();
        for criteria in &searches {
            let query = query(criteria);
            let expected: Vec<u32> = (0..resources.len() as u32)
                .filter(|at| oracle(criteria, &resources[*at as usize]))
                .collect();
            for (at, tree) in trees.iter().enumerate() {
                let wanted = expected.contains(&(at as u32));
                prop_assert_eq!(query.matches(tree), wanted, "{:?} {}", criteria, resources[at]);
            }
            prop_assert_eq!(index.search(&query, &trees), expected);
        }
    }
}
