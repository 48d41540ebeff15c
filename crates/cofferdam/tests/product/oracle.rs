//! A naive reading of FHIR search over raw JSON: nothing of it comes from the server's crates.

use crate::tree::Tree;

/// How the values of a parameter are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Token,
    Text,
    Date,
    Number,
    Quantity,
    Reference,
    Uri,
    /// `code$valueQuantity` of one element.
    CodeAndQuantity,
}

/// A parameter: its name, its kind, and where its values lie; choices are spelled out.
pub(crate) type Parameter = (&'static str, Kind, &'static [&'static str]);

/// The parameters of a type that are tried.
pub(crate) fn parameters(kind: &str) -> &'static [Parameter] {
    use Kind::*;
    match kind {
        "Observation" => &[
            ("code", Token, &["code"]),
            ("category", Token, &["category"]),
            ("status", Token, &["status"]),
            ("date", Date, &["effectiveDateTime", "effectivePeriod"]),
            ("encounter", Reference, &["encounter"]),
            ("value-quantity", Quantity, &["valueQuantity"]),
            ("value-concept", Token, &["valueCodeableConcept"]),
            ("value-string", Text, &["valueString", "valueCodeableConcept.text"]),
            ("component-code", Token, &["component.code"]),
            ("component-value-quantity", Quantity, &["component.valueQuantity"]),
            ("combo-code", Token, &["code", "component.code"]),
            ("combo-value-quantity", Quantity, &["valueQuantity", "component.valueQuantity"]),
            ("code-value-quantity", CodeAndQuantity, &[""]),
            ("component-code-value-quantity", CodeAndQuantity, &["component"]),
            ("combo-code-value-quantity", CodeAndQuantity, &["", "component"]),
        ],
        "Condition" => &[
            ("code", Token, &["code"]),
            ("clinical-status", Token, &["clinicalStatus"]),
            ("verification-status", Token, &["verificationStatus"]),
            ("onset-date", Date, &["onsetDateTime", "onsetPeriod"]),
            ("abatement-date", Date, &["abatementDateTime", "abatementPeriod"]),
            ("recorded-date", Date, &["recordedDate"]),
            ("encounter", Reference, &["encounter"]),
        ],
        "Encounter" => &[
            ("class", Token, &["class"]),
            ("type", Token, &["type"]),
            ("status", Token, &["status"]),
            ("reason-code", Token, &["reasonCode"]),
            ("date", Date, &["period"]),
            ("participant", Reference, &["participant.individual"]),
            ("service-provider", Reference, &["serviceProvider"]),
        ],
        "Procedure" => &[
            ("code", Token, &["code"]),
            ("status", Token, &["status"]),
            ("date", Date, &["performedDateTime", "performedPeriod"]),
            ("encounter", Reference, &["encounter"]),
            ("reason-reference", Reference, &["reasonReference"]),
        ],
        "MedicationRequest" => &[
            ("code", Token, &["medicationCodeableConcept"]),
            ("status", Token, &["status"]),
            ("authoredon", Date, &["authoredOn"]),
            ("encounter", Reference, &["encounter"]),
            ("requester", Reference, &["requester"]),
        ],
        "Immunization" => &[
            ("vaccine-code", Token, &["vaccineCode"]),
            ("date", Date, &["occurrenceDateTime"]),
            ("status", Token, &["status"]),
        ],
        "DiagnosticReport" => &[
            ("code", Token, &["code"]),
            ("date", Date, &["effectiveDateTime", "effectivePeriod"]),
            ("issued", Date, &["issued"]),
            ("result", Reference, &["result"]),
        ],
        "Claim" => &[
            ("use", Token, &["use"]),
            ("created", Date, &["created"]),
            ("provider", Reference, &["provider"]),
        ],
        "CarePlan" => &[
            ("category", Token, &["category"]),
            ("activity-code", Token, &["activity.detail.code"]),
            ("date", Date, &["period"]),
            ("instantiates-uri", Uri, &["instantiatesUri"]),
        ],
        "RiskAssessment" => &[
            ("probability", Number, &["prediction.probabilityDecimal"]),
            ("risk", Token, &["prediction.qualitativeRisk"]),
            ("date", Date, &["occurrenceDateTime"]),
        ],
        "Patient" => &[
            ("identifier", Token, &["identifier"]),
            ("gender", Token, &["gender"]),
            ("birthdate", Date, &["birthDate"]),
            ("name", Text, &["name"]),
            ("family", Text, &["name.family"]),
            ("given", Text, &["name.given"]),
            ("address", Text, &["address"]),
            ("address-city", Text, &["address.city"]),
            ("telecom", Token, &["telecom"]),
        ],
        "Organization" => &[
            ("name", Text, &["name", "alias"]),
            ("address", Text, &["address"]),
            ("type", Token, &["type"]),
            ("identifier", Token, &["identifier"]),
        ],
        "Practitioner" => &[
            ("name", Text, &["name"]),
            ("family", Text, &["name.family"]),
            ("identifier", Token, &["identifier"]),
        ],
        _ => &[],
    }
}

/// Every value at these paths; lists on the way are gone through.
pub(crate) fn values<'a>(resource: &'a Tree, paths: &[&str]) -> Vec<&'a Tree> {
    let mut found = Vec::new();
    for path in paths {
        let mut here = vec![resource];
        for step in path.split('.').filter(|step| !step.is_empty()) {
            here = here.into_iter().filter_map(|tree| tree.get(step)).flat_map(each).collect();
        }
        found.extend(here);
    }
    found
}

fn each(tree: &Tree) -> Vec<&Tree> {
    match tree {
        Tree::List(items) => items.iter().collect(),
        one => vec![one],
    }
}

/// System and code of every token in a value.
pub(crate) fn tokens(value: &Tree) -> Vec<(Option<&str>, &str)> {
    match value {
        Tree::Text(text) | Tree::Literal(text) => vec![(None, text)],
        Tree::Object(members) if members.contains_key("coding") => {
            value.items("coding").iter().flat_map(tokens).collect()
        }
        Tree::Object(members) => {
            let code = if members.contains_key("value") { "value" } else { "code" };
            let system = members.contains_key("system").then(|| value.text("system"));
            let some = system.is_some() || members.contains_key(code);
            some.then(|| (system, value.text(code))).into_iter().collect()
        }
        Tree::List(_) => Vec::new(),
    }
}

/// The words beside a code.
pub(crate) fn words(value: &Tree) -> Vec<&str> {
    let displays = value.items("coding").iter().map(|coding| coding.text("display"));
    let own = if values(value, &["coding"]).is_empty() { "display" } else { "text" };
    let text = [value.text("text"), value.text(own)];
    displays.chain(text).filter(|words| !words.is_empty()).collect()
}

/// The texts of a name, an address, or the text itself.
pub(crate) fn texts(value: &Tree) -> Vec<&str> {
    const PARTS: [&str; 11] = [
        "family",
        "given",
        "prefix",
        "suffix",
        "text",
        "line",
        "city",
        "district",
        "state",
        "postalCode",
        "country",
    ];
    let parts = if let Tree::Text(_) = value { vec![value] } else { values(value, &PARTS) };
    let text = |part: &&'_ Tree| matches!(part, Tree::Text(_));
    parts.into_iter().filter(text).filter_map(|part| part.as_text()).collect()
}

/// Lower case without accents, as far as the sample data and the made-up people need it.
pub(crate) fn plain(text: &str) -> String {
    let mut folded = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'à'..='å' => folded.push('a'),
            'æ' => folded.push_str("ae"),
            'ç' => folded.push('c'),
            'è'..='ë' => folded.push('e'),
            'ì'..='ï' => folded.push('i'),
            'ñ' => folded.push('n'),
            'ò'..='ö' | 'ø' => folded.push('o'),
            'ù'..='ü' => folded.push('u'),
            'ß' => folded.push_str("ss"),
            c => folded.push(c),
        }
    }
    folded
}

/// Seconds and thousandths since 1970 that a date, time or period covers, the end not included.
pub(crate) fn span(value: &Tree) -> Option<(i64, i64)> {
    match value {
        Tree::Text(text) => Some(moment(text)),
        Tree::Object(members) => {
            let end = |name: &str| members.get(name).and_then(Tree::as_text).map(moment);
            let (start, end) = (end("start"), end("end"));
            let some = start.is_some() || end.is_some();
            some.then(|| (start.map_or(i64::MIN, |m| m.0), end.map_or(i64::MAX, |m| m.1)))
        }
        _ => None,
    }
}

/// Thousandths of a second; without a zone it is UTC.
pub(crate) fn moment(text: &str) -> (i64, i64) {
    const DAY: i64 = 86_400_000;
    let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
    let parts: Vec<i64> = date.split('-').map(|part| part.parse().unwrap()).collect();
    let Some(time) = time else {
        let (from, to) = match parts[..] {
            [year] => (days(year, 1, 1), days(year + 1, 1, 1)),
            [year, 12] => (days(year, 12, 1), days(year + 1, 1, 1)),
            [year, month] => (days(year, month, 1), days(year, month + 1, 1)),
            _ => (days(parts[0], parts[1], parts[2]), days(parts[0], parts[1], parts[2]) + 1),
        };
        return (from * DAY, to * DAY);
    };
    let at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(at);
    let minutes = match zone.get(1..).and_then(|zone| zone.split_once(':')) {
        Some((hours, minutes)) => {
            let minutes = hours.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap();
            if zone.starts_with('-') { -minutes } else { minutes }
        }
        None => 0,
    };
    let mut clock = clock.split(':');
    let mut next = || clock.next().unwrap_or("0");
    let (hours, mins, seconds) =
        (next().parse::<i64>().unwrap(), next().parse::<i64>().unwrap(), next());
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    // As long as the last digit: a second, or less.
    let length = 1000 / 10_i64.pow(u32::try_from(fraction.len()).unwrap().min(3));
    let fraction: i64 = format!("{fraction:0<3}")[..3].parse().unwrap();
    let start = days(parts[0], parts[1], parts[2]) * DAY
        + (hours * 60 + mins - minutes) * 60_000
        + whole.parse::<i64>().unwrap() * 1000
        + fraction;
    (start, start + length.max(1))
}

/// Days since 1970, by counting.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let years: i64 = if year >= 1970 {
        (1970..year).map(|year| if leap(year) { 366 } else { 365 }).sum()
    } else {
        -(year..1970).map(|year| if leap(year) { 366 } else { 365 }).sum::<i64>()
    };
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    years + lengths[..usize::try_from(month - 1).unwrap()].iter().sum::<i64>() + day - 1
}

/// Whether a value passes `prefix` and what was asked, both as they cover time.
pub(crate) fn date_fits(prefix: &str, asked: (i64, i64), found: (i64, i64)) -> bool {
    let within = asked.0 <= found.0 && found.1 <= asked.1;
    match prefix {
        "" | "eq" => within,
        "ne" => !within,
        "gt" => found.1 > asked.1,
        "lt" => found.0 < asked.0,
        "ge" => found.1 > asked.1 || within,
        "le" => found.0 < asked.0 || within,
        "sa" => found.0 >= asked.1,
        "eb" => found.1 <= asked.0,
        other => panic!("no prefix {other}"),
    }
}

/// How many digits behind the point are kept.
const DIGITS: usize = 22;

/// A number as an integer of 10^-22.
pub(crate) fn scaled(text: &str) -> i128 {
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let digits = DIGITS.checked_add_signed(exponent.parse().unwrap()).unwrap();
    let (sign, number) = number.strip_prefix('-').map_or((1, number), |rest| (-1, rest));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    assert!(fraction.len() <= digits, "more digits than the oracle keeps: {text}");
    sign * format!("{whole}{fraction:0<digits$}").parse::<i128>().unwrap()
}

/// Whether a number passes `prefix` and the number that was asked, as precise as it is written.
pub(crate) fn number_fits(prefix: &str, asked: &str, found: &str) -> bool {
    let precise = asked.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let half = 5 * 10_i128.pow(u32::try_from(DIGITS - precise - 1).unwrap());
    let (asked, found) = (scaled(asked), scaled(found));
    let same = asked - half <= found && found < asked + half;
    match prefix {
        "" | "eq" => same,
        "ne" => !same,
        "gt" | "sa" => found > asked,
        "lt" | "eb" => found < asked,
        "ge" => found >= asked,
        "le" => found <= asked,
        other => panic!("no prefix {other}"),
    }
}

#[test]
fn the_oracle_knows_calendar_and_digits() {
    assert_eq!(moment("1970-01"), (0, 31 * 86_400_000));
    assert_eq!(moment("2000-03-01").0, 951_868_800_000);
    assert_eq!(moment("1969-12-31T23:00:00-01:00"), (0, 1000));
    assert_eq!(moment("2020-02-29T12:00:00.250Z").0 - moment("2020-02-29").0, 43_200_250);
    assert!(number_fits("", "5.4", "5.44999") && !number_fits("", "5.4", "5.45"));
    assert!(number_fits("ge", "1", "1.0E0") && !number_fits("gt", "-1", "-1.00"));
}
