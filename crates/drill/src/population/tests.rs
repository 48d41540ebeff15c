use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::json::Json;
use super::*;

/// The demonstration's bundles, as text and as trees.
static DEMO: LazyLock<Vec<(String, Json)>> = LazyLock::new(|| {
    let texts = Population::new(1, 200).people().map(|person| person.bundle()).collect::<Vec<_>>();
    texts.into_iter().map(|text| (text.clone(), Json::parse(&text).unwrap())).collect()
});

/// The marked-up walk over a bundle that several tests share.
fn entries(bundle: &Json) -> &[Json] {
    match bundle.get("entry") {
        Some(Json::List(entries)) => entries,
        _ => &[],
    }
}

fn each_text<'a>(value: &'a Json, key: &'a str, see: &mut impl FnMut(&'a str, &'a str)) {
    match value {
        Json::Text(text) => see(key, text),
        Json::List(items) => items.iter().for_each(|item| each_text(item, key, see)),
        Json::Object(members) => members.iter().for_each(|(k, v)| each_text(v, k, see)),
        Json::Absent | Json::Literal(_) => {}
    }
}

fn count_by_type(bundle: &Json, counts: &mut HashMap<String, usize>) {
    for entry in entries(bundle) {
        let kind = entry.get("resource").and_then(|r| r.get("resourceType"));
        *counts.entry(kind.and_then(Json::text).unwrap().to_owned()).or_default() += 1;
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (one, two) = (Population::new(7, 50), Population::new(7, 5000));
    let other = Population::new(8, 50);
    for n in [0, 17, 33, 49] {
        assert!(one.person(n).bundle() == two.person(n).bundle());
        assert!(one.person(n).bundle() != other.person(n).bundle());
    }
}

#[test]
fn the_bytes_of_a_known_person_stay_as_they_are() {
    let person = Population::new(1, 1).person(0);
    let sum = person.bundle().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    assert_eq!(sum, KNOWN, "change this number only with the tables or the generator");
}

const KNOWN: u64 = 11_105_818_493_133_882_971;

#[test]
fn rich_records_are_whole_lives() {
    let population = Population::new(1, 200);
    let mut counts = HashMap::new();
    for person in population.people() {
        let text = person.bundle();
        let bundle = Json::parse(&text).unwrap();
        let size = entries(&bundle).len();
        assert!((100..=400).contains(&size), "person {} has {size} entries", person.number());
        count_by_type(&bundle, &mut counts);
    }
    for kind in [
        "Patient",
        "Practitioner",
        "Organization",
        "Encounter",
        "Condition",
        "Observation",
        "DiagnosticReport",
        "MedicationRequest",
        "Immunization",
        "AllergyIntolerance",
        "Procedure",
        "CarePlan",
        "Goal",
        "DocumentReference",
        "ServiceRequest",
        "Coverage",
        "Claim",
        "Flag",
    ] {
        assert!(counts.contains_key(kind), "no {kind}");
    }
    assert_eq!(counts["Patient"], 200);
}

#[test]
fn every_reference_resolves_in_its_bundle() {
    let thin = Population::new(2, 200).with_richness(Richness::Thin);
    let thin: Vec<Json> = thin.people().map(|p| Json::parse(&p.bundle()).unwrap()).collect();
    for bundle in thin.iter().chain(DEMO.iter().map(|(_, bundle)| bundle)) {
        let mut urls = HashSet::new();
        for entry in entries(bundle) {
            let url = entry.get("fullUrl").and_then(Json::text).unwrap();
            let id = entry.get("resource").and_then(|r| r.get("id")).and_then(Json::text);
            assert_eq!(url.strip_prefix("urn:uuid:"), id);
            assert!(urls.insert(url), "two entries have one fullUrl");
        }
        let mut references = 0;
        each_text(bundle, "", &mut |key, text| {
            assert!(!text.is_empty());
            if key == "reference" {
                references += 1;
                assert!(urls.contains(text), "{text}");
            }
        });
        assert!(references > 5);
    }
}

#[test]
fn directory_entries_are_the_same_everywhere_and_the_rest_nowhere_twice() {
    let (mut shared, mut own) = (HashMap::new(), HashSet::new());
    for (_, bundle) in DEMO.iter() {
        for entry in entries(bundle) {
            let url = entry.get("fullUrl").and_then(Json::text).unwrap();
            let mut text = String::new();
            entry.write(&mut text);
            if entry.get("request").unwrap().get("ifNoneExist").is_some() {
                let known = shared.entry(url).or_insert_with(|| text.clone());
                assert_eq!(*known, text);
            } else {
                assert!(own.insert(url));
            }
        }
    }
    assert!(own.len() > 20_000 && shared.len() < 1500);
    let mut identifiers = HashSet::new();
    for entry in shared.values() {
        let entry = Json::parse(entry).unwrap();
        let request = entry.get("request").unwrap();
        let pair =
            ["url", "ifNoneExist"].map(|m| request.get(m).unwrap().text().unwrap().to_owned());
        assert!(identifiers.insert(pair), "two directory entries have one identifier");
    }
}

#[test]
fn identifiers_are_unique_and_nobodys() {
    let population = Population::new(3, 100_000);
    let (mut national, mut charts) = (HashSet::new(), HashSet::new());
    for person in population.people() {
        let value = person.national().value.clone();
        match person.country() {
            Country::Denmark => {
                assert_eq!(value.len(), 10);
                assert_ne!(identity::cpr_remainder(&value), 0, "{value}");
                let (year, month, day) = person.birth().parts();
                let date = format!("{day:02}{month:02}{:02}", year % 100);
                assert!(value.starts_with(&date) && !date.starts_with("0101"));
                assert_eq!(&value[6..7] >= "4", year >= 2000);
                let odd = value.as_bytes()[9] % 2 == 1;
                assert_eq!(odd, person.sex() == Sex::Male);
            }
            Country::Germany => {
                let (letter, digits) = value.split_at(1);
                let digits: u64 = digits.parse().unwrap();
                assert_eq!((letter, value.len()), ("X", 10));
                assert_eq!(digits % 10, identity::kvnr_check(24, digits / 10));
            }
            Country::Usa => {
                assert_eq!((&value[..1], value.len()), ("9", 11));
                assert!((1..50).contains(&value[4..6].parse::<u32>().unwrap()));
            }
        }
        assert!(national.insert(value) && charts.insert(person.chart().value.clone()));
    }
    assert_eq!(national.len(), 100_000);
}

#[test]
fn cpr_numbers_stay_unique_in_a_million() {
    let population = Population::new(4, 1_060_936);
    let mut seen = HashSet::new();
    for block in (0..population.size() / 16).step_by(3) {
        for slot in 0..16 {
            assert!(seen.insert(population.person(block * 16 + slot).national().value.clone()));
        }
    }
    assert!(seen.len() > 350_000);
}

#[test]
fn check_digits_follow_the_public_rules() {
    // A123456780 and 070761-4285 are the numbers by which the rules are usually explained.
    assert_eq!(identity::kvnr_check(1, 12_345_678), 0);
    assert_eq!(identity::cpr_remainder("0707614285"), 0);
}

#[test]
fn households_ages_and_names_are_those_of_a_practice() {
    let people: Vec<_> = Population::new(5, 3000).people().collect();
    let count = |test: &dyn Fn(&Person) -> bool| people.iter().filter(|p| test(p)).count();
    assert!((300..900).contains(&count(&|p| p.is_minor())));
    assert!((100..700).contains(&count(&|p| p.death().is_some())));
    assert!(count(&|p| p.birth() < Date::new(1936, 7, 1)) > 10);
    for country in Country::ALL {
        assert!(count(&|p| p.country() == country) > 900);
    }
    let mut homes: HashMap<u32, Vec<&Person>> = HashMap::new();
    people.iter().for_each(|p| homes.entry(p.household()).or_default().push(p));
    for home in homes.values() {
        assert!(home.iter().all(|p| p.address() == home[0].address()));
        assert!(home.iter().all(|p| p.birth() <= LAST_DAY));
        assert!(home.iter().all(|p| p.death().is_none_or(|d| d >= p.birth() && d <= LAST_DAY)));
        assert!(home.iter().any(|p| LAST_DAY.year() - p.birth().year() >= 18));
    }
    assert!(homes.values().filter(|home| home.len() > 2).count() > 200);
    let shared = homes.values().filter(|h| h.iter().all(|p| p.family() == h[0].family()));
    assert!(shared.count() * 10 > homes.len() * 8);
}

#[test]
fn namesakes_exist_already_in_the_demonstration() {
    let population = Population::new(1, 200);
    let (mut names, mut dates) = (HashMap::new(), 0);
    let mut pairs = 0;
    for person in population.people() {
        let name = (person.country().code(), person.family(), person.given()[0]);
        if let Some((birth, home)) = names.insert(name, (person.birth(), person.household())) {
            assert_ne!(home, person.household());
            pairs += 1;
            dates += usize::from(birth == person.birth());
        }
    }
    assert!(pairs >= 4 && dates >= 3, "{pairs} pairs, {dates} with one birth date");
}

#[test]
fn sensitive_problems_are_labelled() {
    let mut labels = HashMap::new();
    for (_, bundle) in DEMO.iter() {
        for entry in entries(bundle) {
            if let Some(security) = entry.get("resource").and_then(|r| r.get("meta")) {
                each_text(security, "", &mut |key, text| {
                    if key == "code" {
                        *labels.entry(text.to_owned()).or_insert(0) += 1;
                    }
                });
            }
        }
    }
    for label in ["R", "PSY", "ETH", "HIV", "STD", "SDV", "GDIS"] {
        assert!(labels.contains_key(label), "no {label} in {labels:?}");
    }
}

#[test]
fn decimals_keep_trailing_zeros_and_letters_read_well() {
    let population = Population::new(1, 60);
    let mut zeros = 0;
    for (person, (text, bundle)) in population.people().zip(DEMO.iter()) {
        zeros += text.matches("0,\"unit\":\"mmol/L\"").count();
        each_text(bundle, "", &mut |key, text| {
            if key == "data" {
                let letter = data_encoding::BASE64.decode(text.as_bytes()).unwrap();
                let letter = String::from_utf8(letter).unwrap();
                assert!(letter.len() > 300 && !letter.contains(['{', '}']), "{letter}");
                assert!(letter.contains(person.family()));
            }
        });
    }
    assert!(zeros > 20);
}

#[test]
fn thin_records_are_small() {
    for person in Population::new(6, 500).with_richness(Richness::Thin).people() {
        let text = person.bundle();
        let size = entries(&Json::parse(&text).unwrap()).len();
        assert!((6..=14).contains(&size), "{size} entries");
        assert!(text.len() < 12_000);
    }
}

#[test]
fn the_chart_system_is_the_given_one() {
    let population = Population::new(1, 5).with_chart_system("urn:oid:2.999.7");
    let person = population.person(3);
    assert_eq!(&*person.chart().system, "urn:oid:2.999.7");
    assert!(person.bundle().contains("\"system\":\"urn:oid:2.999.7\",\"value\":\"100003\""));
}

#[test]
fn tables_are_large_enough_and_whole() {
    for country in Country::ALL {
        let tables = tables::TABLES.of(country);
        let given = tables.given.iter().flatten().map(Vec::len).sum::<usize>();
        assert!(tables.family.len() >= 60 && given >= 60);
        assert!(tables.towns.len() >= 30 && tables.streets.len() == 30);
        assert!(tables.vaccines.len() > 9);
    }
    let problems = &tables::TABLES.problems;
    assert!(problems.len() >= 80);
    assert!(problems.iter().filter(|p| p.panel.is_some()).count() > 40);
    assert!(problems.iter().filter(|p| !p.drugs.is_empty()).count() > 70);
    let codes: HashSet<_> = problems.iter().map(|p| p.snomed.code).collect();
    assert_eq!(codes.len(), problems.len());
}

#[test]
fn markers_reach_every_kind_of_text_and_change_nothing_else() {
    let (bundle, tree) = &DEMO[21];
    let mut markers = (0..).map(|n| format!("MARKER{n:05}x"));
    let planted = plant(bundle, &mut markers).unwrap();
    let count = planted.places.len();
    assert!(count > 120, "{count} markers");
    let decoded = with_data_decoded(&planted.bundle);
    for place in &planted.places {
        assert_eq!(decoded.matches(&place.marker).count(), 1, "{place:?}");
    }
    let paths: Vec<&str> = planted.places.iter().map(|place| place.path.as_str()).collect();
    for end in [
        "Patient.name[0].family",
        "Patient.name[0].given[0]",
        "Patient.address[0].line[0]",
        "Patient.identifier[0].value",
        "Patient.telecom[0].value",
        ".attachment.data",
        ".text.div",
        ".note[0].text",
        ".valueString",
        ".contained[0].name[0].text",
        "code.coding[0].display",
        ".dosageInstruction[0].text",
        ".contact[0].name.family",
        "._birthDate.extension[0].valueString",
    ] {
        assert!(paths.iter().any(|path| path.ends_with(end)), "no {end} in {paths:#?}");
    }
    assert!(
        !paths.iter().any(|path| path.contains("Practitioner") || path.contains("Organization"))
    );
    let (mut before, mut after) = (HashMap::new(), HashMap::new());
    count_by_type(tree, &mut before);
    count_by_type(&Json::parse(&planted.bundle).unwrap(), &mut after);
    assert_eq!(before, after);
    assert_eq!(planted.bundle.matches(":5.10,").count(), bundle.matches(":5.10,").count());
}

#[test]
fn planting_stops_when_the_markers_do_and_refuses_what_is_not_json() {
    let bundle = Population::new(1, 1).with_richness(Richness::Thin).person(0).bundle();
    let planted = plant(&bundle, &mut ["a".to_owned(), "b".to_owned()].into_iter()).unwrap();
    assert_eq!(planted.places.len(), 2);
    assert!(plant("{\"entry\":[", &mut std::iter::empty()).is_err());
    assert!(plant("[]", &mut std::iter::empty()).unwrap().places.is_empty());
}

#[test]
fn whatever_string_got_no_marker_is_no_free_text() {
    let mut bare: HashMap<&str, bool> = HashMap::new();
    let planted: Vec<Json> = DEMO
        .iter()
        .take(40)
        .map(|(text, _)| plant(text, &mut (0..).map(|n| format!("MARKER{n}x"))).unwrap())
        .map(|planted| Json::parse(&with_data_decoded(&planted.bundle)).unwrap())
        .collect();
    for bundle in &planted {
        for resource in entries(bundle).iter().filter_map(|entry| entry.get("resource")) {
            let kind = resource.get("resourceType").and_then(Json::text);
            if !matches!(kind, Some("Practitioner" | "Organization")) {
                each_text(resource, "", &mut |key, text| {
                    *bare.entry(key).or_default() |= text.contains("MARKER");
                });
            }
        }
    }
    let mut never: Vec<&str> = bare.iter().filter(|(_, marked)| !**marked).map(|b| *b.0).collect();
    never.sort_unstable();
    // Types, references, codes, URIs, dates and nothing else.
    let known = [
        "abatementDateTime",
        "authoredOn",
        "birthDate",
        "category",
        "code",
        "contentType",
        "created",
        "creation",
        "criticality",
        "currency",
        "date",
        "deceasedDateTime",
        "effectiveDateTime",
        "end",
        "gender",
        "id",
        "intent",
        "issued",
        "language",
        "lifecycleStatus",
        "occurrenceDateTime",
        "onsetDateTime",
        "periodUnit",
        "priority",
        "recordedDate",
        "reference",
        "resourceType",
        "severity",
        "start",
        "startDate",
        "status",
        "system",
        "time",
        "type",
        "url",
        "use",
    ];
    assert_eq!(never, known);
}

/// The bundle with all base64 data replaced by what it holds.
fn with_data_decoded(bundle: &str) -> String {
    fn decode(value: &mut Json) {
        match value {
            Json::List(items) => items.iter_mut().for_each(decode),
            Json::Object(members) => {
                for (key, value) in members {
                    if let (true, Json::Text(text)) = (key == "data", &*value) {
                        let bytes = data_encoding::BASE64.decode(text.as_bytes()).unwrap();
                        *value = Json::from(String::from_utf8(bytes).unwrap());
                    }
                    decode(value);
                }
            }
            _ => {}
        }
    }
    let mut tree = Json::parse(bundle).unwrap();
    decode(&mut tree);
    let mut text = String::new();
    tree.write(&mut text);
    text
}
