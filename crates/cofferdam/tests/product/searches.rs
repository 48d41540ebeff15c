//! Searches through HTTP over imported files, against a naive reading of their raw JSON.
//!
//! `COFFERDAM_SEED=N` plays one run again, `COFFERDAM_QUERIES=N` says how many queries.

use crate::criteria::{Random, criterion};
use crate::http::Http;
use crate::oracle::{Kind, Parameter, parameters, span, values};
use crate::rig::Product;
use crate::sample_data::{copy, everything, find, patient_of, read_bundle, samples};
use crate::smart_client::{SmartClient, hash, unique};
use crate::tree::Tree;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How many queries for each patient, unless COFFERDAM_QUERIES says otherwise.
const QUERIES: usize = 75;
/// How many patients, unless COFFERDAM_FULL takes all.
const PATIENTS: usize = 4;
/// How many files one doctor opens here: fewer than make a card sign in again.
const FILES_A_CARD: usize = 4;
/// Types of the directory, which everybody signed in searches.
const DIRECTORY: [&str; 2] = ["Organization", "Practitioner"];

#[test]
fn searches_agree_with_a_naive_oracle() {
    let mut product = Product::new();
    let folder = product.work().join("bundles");
    let bundles = bundles(&folder);
    product.import(&folder);
    // The directory is read again at the start.
    product.stop();
    product.serve();
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seed = number("COFFERDAM_SEED").unwrap_or(1);
    let queries = number("COFFERDAM_QUERIES").map_or(QUERIES, |n| usize::try_from(n).unwrap());
    let mut random = Random(seed);
    let mut tried = BTreeMap::new();
    for (card, bundles) in bundles.chunks(FILES_A_CARD).enumerate() {
        let mut doctor = product.client("doctor", &format!("doctor-{card}"));
        for path in bundles {
            let (ask, resources) = opened(&product, &mut doctor, path, seed);
            for _ in 0..queries {
                ask.one(&mut random, &resources, &mut tried);
            }
        }
        // As many as a server with few cards may open in a minute.
        std::thread::sleep(Duration::from_millis(if card < 4 { 0 } else { 5200 }));
    }
    let patients = bundles.len();
    eprintln!("{patients} times {queries} queries of seed {seed}, by kind and hits: {tried:?}");
    for kind in ["Token", "Text", "Date", "Number", "Quantity", "Reference", "Uri"] {
        let found = tried.iter().any(|((k, some), count)| k == kind && *some && *count > 0);
        assert!(found || queries < QUERIES, "no {kind} found anything");
    }
}

/// A patient's file with a few odd resources more, and everything that may be found.
fn opened(
    product: &Product,
    doctor: &mut SmartClient,
    path: &Path,
    seed: u64,
) -> (Ask, BTreeMap<String, Tree>) {
    let file = find(doctor, patient_of(&read_bundle(path)).unwrap());
    for resource in odd_ones(&file) {
        let kind = resource["resourceType"].as_str().unwrap();
        doctor.expect(201, "POST", &format!("/fhir/{kind}"), &resource);
    }
    let mut resources: BTreeMap<String, Tree> = everything(doctor, &file).into_iter().collect();
    let token = token(doctor, &file);
    let ask = Ask { http: product.http(), token, file, seed };
    for kind in DIRECTORY {
        resources.extend(ask.all(&format!("/fhir/{kind}?_count=1000")));
    }
    (ask, resources)
}

/// Sample bundles, or made-up people where there are none.
fn bundles(folder: &Path) -> Vec<PathBuf> {
    if let Some(bundles) = samples(PATIENTS) {
        copy(&bundles, folder);
        return bundles;
    }
    std::fs::create_dir(folder).unwrap();
    let people = drill::population::Population::new(7, 2 * PATIENTS as u32);
    let write = |person: drill::population::Person| {
        let path = folder.join(format!("{}.json", person.number()));
        std::fs::write(&path, person.bundle()).unwrap();
        path
    };
    people.people().take(PATIENTS).map(write).collect()
}

/// What the bundles have nothing of: numbers, URIs, open ends, few digits.
fn odd_ones(file: &str) -> Vec<Value> {
    let subject = json!({"reference": format!("Patient/{file}")});
    let observation = |value: Value, date: &str| {
        json!({"resourceType": "Observation", "status": "final", "subject": subject,
            "code": {"coding": [{"system": "http://loinc.org", "code": "8302-2"}]},
            "effectiveDateTime": date, "valueQuantity": value})
    };
    let mut some = vec![
        observation(json!({"value": 5.4, "unit": "mmol/L"}), "2012"),
        observation(
            json!({"value": 5.45, "unit": "mmol/L", "code": "mmol/L",
            "system": "http://unitsofmeasure.org"}),
            "2012-02",
        ),
        observation(json!({"value": -1, "unit": "K"}), "2012-02-29T23:59:59.999Z"),
        json!({"resourceType": "CarePlan", "status": "active", "intent": "plan",
            "subject": subject, "period": {"start": "2015-03"},
            "instantiatesUri": ["http://plans.example/a/b", "urn:plan:1"]}),
        json!({"resourceType": "Condition", "subject": subject, "code": {"text": "Ældre skade"},
            "onsetPeriod": {"end": "2001-05-06"}}),
    ];
    for (probability, date) in
        [("0.5", "2016-01-01T00:00:00+01:00"), ("0.05", "2016"), ("0.25", "2016-06")]
    {
        let probability: Value = serde_json::from_str(probability).unwrap();
        some.push(json!({"resourceType": "RiskAssessment", "status": "final", "subject": subject,
            "occurrenceDateTime": date, "prediction": [{"probabilityDecimal": probability,
            "qualitativeRisk": {"coding": [{"system": "urn:risk", "code": "low",
            "display": "Low risk"}]}}]}));
    }
    some
}

/// A bearer token for everything that the file has now.
fn token(doctor: &mut SmartClient, file: &str) -> String {
    let token = unique();
    let claims = json!({"token": hash(token.as_bytes()), "token_hours": 1});
    let again = [("cache-control", "no-cache")];
    let opened =
        doctor.ask_with("GET", &format!("/fhir/Patient/{file}"), &again, b"", &claims).unwrap();
    assert_eq!(opened.status, 200, "{}", opened.text());
    token
}

struct Ask {
    http: Http,
    token: String,
    file: String,
    seed: u64,
}

/// One page of an answer: what matches and what is included, by `Type/id`.
struct Answered {
    total: Option<usize>,
    matches: Vec<String>,
    included: Vec<(String, Tree)>,
    found: Vec<(String, Tree)>,
    next: Option<String>,
}

impl Ask {
    fn get(&self, path: &str) -> Answered {
        let reply = self.http.bearer(&self.token, "GET", path, b"").unwrap();
        assert_eq!(reply.status, 200, "seed {}: {path}: {}", self.seed, reply.text());
        let bundle = Tree::read(&reply.text());
        let next = bundle.items("link").iter().find(|link| link.text("relation") == "next");
        let next = next.map(|link| link.text("url").replacen(&self.http.origin, "", 1));
        let mut answered = Answered {
            total: match bundle.get("total") {
                Some(Tree::Literal(total)) => total.parse().ok(),
                _ => None,
            },
            matches: Vec::new(),
            included: Vec::new(),
            found: Vec::new(),
            next,
        };
        for entry in bundle.items("entry") {
            let resource = entry.get("resource").unwrap().clone();
            let name = format!("{}/{}", resource.kind(), resource.text("id"));
            match entry.get("search").map_or("", |search| search.text("mode")) {
                "match" => {
                    answered.matches.push(name.clone());
                    answered.found.push((name, resource));
                }
                "include" => answered.included.push((name, resource)),
                other => panic!("{path}: a {other}: {}", resource.to_text()),
            }
        }
        answered
    }

    /// Every match of all pages.
    fn all(&self, path: &str) -> Vec<(String, Tree)> {
        let mut page = self.get(path);
        let mut all = std::mem::take(&mut page.found);
        while let Some(next) = page.next {
            page = self.get(&next);
            all.append(&mut page.found);
        }
        all
    }

    /// One query, compared with the oracle.
    fn one(
        &self,
        random: &mut Random,
        resources: &BTreeMap<String, Tree>,
        tried: &mut BTreeMap<(String, bool), usize>,
    ) {
        let kinds: BTreeSet<&str> = resources.values().map(Tree::kind).collect();
        let kinds: Vec<&str> =
            kinds.into_iter().filter(|kind| !parameters(kind).is_empty()).collect();
        // Observations have the most kinds of parameters.
        let kind = if random.below(4) == 0 { "Observation" } else { random.of(&kinds) };
        let own: Vec<&Tree> = resources.values().filter(|tree| tree.kind() == kind).collect();
        let mut criteria = Vec::new();
        for _ in 0..=random.below(2) {
            let parameter = random.of(parameters(kind));
            if let Some(criterion) = criterion(random, &parameter, &own) {
                criteria.push((parameter.1, criterion));
            }
        }
        let expected: BTreeSet<&str> = resources
            .iter()
            .filter(|(_, tree)| tree.kind() == kind)
            .filter(|(_, tree)| criteria.iter().all(|(_, criterion)| (criterion.passes)(tree)))
            .map(|(name, _)| name.as_str())
            .collect();
        let mut path = match kind {
            "Patient" => format!("/fhir/Patient?_id={}", self.file),
            _ if DIRECTORY.contains(&kind) => format!("/fhir/{kind}?_total=accurate"),
            _ => format!("/fhir/{kind}?patient={}", self.file),
        };
        for (of, criterion) in &criteria {
            path = format!("{path}&{}", criterion.text);
            *tried.entry((format!("{of:?}"), !expected.is_empty())).or_default() += 1;
        }
        let said = format!("seed {}, {path}", self.seed);
        let whole = self.get(&format!("{path}&_count=1000"));
        assert_eq!(whole.total, Some(expected.len()), "{said}");
        let found: BTreeSet<&str> = whole.matches.iter().map(String::as_str).collect();
        assert_eq!((found.len(), &found), (whole.matches.len(), &expected), "{said}");
        self.counted(&path, expected.len());
        self.in_pages(random, &path, &whole.matches);
        self.sorted(random, kind, &path, &whole.matches);
        self.with_included(random, kind, &path, resources, &whole.found);
    }

    fn counted(&self, path: &str, expected: usize) {
        let counted = self.get(&format!("{path}&_summary=count"));
        assert_eq!((counted.total, counted.matches.len()), (Some(expected), 0), "{path}");
    }

    /// Pages say the same in the same order.
    fn in_pages(&self, random: &mut Random, path: &str, matches: &[String]) {
        let count = matches.len() / (1 + random.below(4)) + 1;
        let paged = self.all(&format!("{path}&_count={count}"));
        let paged: Vec<&String> = paged.iter().map(|(name, _)| name).collect();
        assert!(paged.into_iter().eq(matches), "seed {}: {path} by {count}", self.seed);
    }

    /// The same resources, by a date's beginning, or by its end where the order descends.
    fn sorted(&self, random: &mut Random, kind: &str, path: &str, matches: &[String]) {
        let dates: Vec<&Parameter> =
            parameters(kind).iter().filter(|parameter| parameter.1 == Kind::Date).collect();
        let Some((name, _, paths)) = (!dates.is_empty()).then(|| random.of(&dates)) else { return };
        let descends = random.below(2) == 1;
        let sign = if descends { "-" } else { "" };
        let path = format!("{path}&_sort={sign}{name}");
        let sorted = self.all(&format!("{path}&_count=1000"));
        let names: BTreeSet<&String> = sorted.iter().map(|(name, _)| name).collect();
        assert_eq!(names, matches.iter().collect(), "seed {}: {path}", self.seed);
        let key = |tree: &Tree| {
            let spans = values(tree, paths).into_iter().filter_map(span);
            let keys = spans.map(|(start, end)| if descends { -end } else { start });
            // What has no date comes last.
            keys.min().map_or((1, 0), |key| (0, key))
        };
        let keys: Vec<_> = sorted.iter().map(|(_, tree)| key(tree)).collect();
        assert!(keys.is_sorted(), "seed {}: {path}: {keys:?}", self.seed);
    }

    /// What the matches refer to, and what refers to them.
    fn with_included(
        &self,
        random: &mut Random,
        kind: &str,
        path: &str,
        resources: &BTreeMap<String, Tree>,
        matches: &[(String, Tree)],
    ) {
        let references = |kind: &'static str| {
            let all = parameters(kind).iter().filter(|parameter| parameter.1 == Kind::Reference);
            all.map(move |parameter| (kind, parameter))
        };
        let kinds = ["Observation", "Condition", "Encounter", "Procedure", "DiagnosticReport"];
        let all: Vec<(&str, &Parameter)> = kinds.into_iter().flat_map(references).collect();
        let (source, (name, _, paths)) = random.of(&all);
        let targets = |tree: &Tree| -> BTreeSet<String> {
            let references = values(tree, paths).into_iter();
            references.map(|reference| reference.text("reference").to_owned()).collect()
        };
        let matched: BTreeSet<&String> = matches.iter().map(|(name, _)| name).collect();
        let (what, mut expected): (&str, BTreeSet<String>) = if source == kind {
            let all = matches.iter().flat_map(|(_, tree)| targets(tree));
            ("_include", all.filter(|name| resources.contains_key(name)).collect())
        } else if DIRECTORY.contains(&kind) {
            return;
        } else {
            let refers = |tree: &Tree| targets(tree).iter().any(|name| matched.contains(name));
            let own = resources.iter().filter(|(_, tree)| tree.kind() == source && refers(tree));
            ("_revinclude", own.map(|(name, _)| name.clone()).collect())
        };
        expected.retain(|name| !matched.contains(name));
        let path = format!("{path}&_count=1000&{what}={source}:{name}");
        let answered = self.get(&path);
        let included: BTreeSet<String> =
            answered.included.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(included.len(), answered.included.len(), "told twice: {path}");
        assert_eq!(included, expected, "seed {}: {path}", self.seed);
    }
}
