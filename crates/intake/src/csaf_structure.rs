//! The structure of CSAF 2.0 documents, as `csaf_json_schema.json` and `provider_json_schema.json`
//! of the standard (18 November 2022) have it, for fields that documents of ours can have.

use crate::csaf::tests::{PUBLISHER, facts};
use crate::provider;
use serde_json::Value;

/// One field a line: its path, `!` where it must be there, and what it is.
const ADVISORY: &str = "
document ! object
document.acknowledgments list
document.acknowledgments[] object
document.acknowledgments[].names list
document.acknowledgments[].names[] text
document.category ! name
document.csaf_version ! one 2.0
document.distribution object
document.distribution.tlp object
document.distribution.tlp.label ! one AMBER GREEN RED WHITE
document.notes list
document.notes[] object
document.notes[].category ! note
document.notes[].text ! text
document.publisher ! object
document.publisher.category ! one coordinator discoverer other translator user vendor
document.publisher.contact_details text
document.publisher.name ! text
document.publisher.namespace ! uri
document.title ! text
document.tracking ! object
document.tracking.current_release_date ! time
document.tracking.generator object
document.tracking.generator.engine ! object
document.tracking.generator.engine.name ! text
document.tracking.generator.engine.version text
document.tracking.id ! id
document.tracking.initial_release_date ! time
document.tracking.revision_history ! list
document.tracking.revision_history[] object
document.tracking.revision_history[].date ! time
document.tracking.revision_history[].number ! number
document.tracking.revision_history[].summary ! text
document.tracking.status ! one draft final interim
document.tracking.version ! number
product_tree object
product_tree.branches list
product_tree.branches[] three
product_tree.branches[].category ! one product_name product_version vendor
product_tree.branches[].name ! text
product_tree.branches[].product object
product_tree.branches[].product.name ! text
product_tree.branches[].product.product_id ! text
vulnerabilities list
vulnerabilities[] object
vulnerabilities[].cve cve
vulnerabilities[].cwe object
vulnerabilities[].cwe.id ! cwe
vulnerabilities[].cwe.name ! text
vulnerabilities[].notes list
vulnerabilities[].notes[] object
vulnerabilities[].notes[].category ! note
vulnerabilities[].notes[].text ! text
vulnerabilities[].product_status object
vulnerabilities[].product_status.fixed set
vulnerabilities[].product_status.fixed[] text
vulnerabilities[].product_status.known_affected set
vulnerabilities[].product_status.known_affected[] text
vulnerabilities[].remediations list
vulnerabilities[].remediations[] object
vulnerabilities[].remediations[].category ! remedy
vulnerabilities[].remediations[].details ! text
vulnerabilities[].remediations[].product_ids set
vulnerabilities[].remediations[].product_ids[] text
vulnerabilities[].title text
";

const PROVIDER: &str = "
canonical_url ! provider
distributions set
distributions[] object
distributions[].directory_url uri
last_updated ! time
list_on_CSAF_aggregators ! flag
metadata_version ! one 2.0
mirror_on_CSAF_aggregators ! flag
publisher ! object
publisher.category ! one coordinator discoverer other translator user vendor
publisher.contact_details text
publisher.name ! text
publisher.namespace ! uri
role ! one csaf_publisher csaf_provider csaf_trusted_provider
";

/// What is not as the table says, by path.
fn wrong(table: &str, document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    below(table, "", document, &mut found);
    found
}

fn below(table: &str, path: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let of =
                |name: &str| if path.is_empty() { name.into() } else { format!("{path}.{name}") };
            for (name, value) in fields {
                check(table, &of(name), value, found);
            }
            for name in required(table, path) {
                if !fields.contains_key(name) {
                    found.push(format!("{} is missing", of(name)));
                }
            }
        }
        Value::Array(items) => {
            // Branches hold branches of the same kind.
            let path = format!("{path}[]").replace("[].branches[]", "[]");
            items.iter().for_each(|item| check(table, &path, item, found));
        }
        _ => {}
    }
}

fn check(table: &str, path: &str, value: &Value, found: &mut Vec<String>) {
    let known = path.replace("[].branches", "");
    let line = table.lines().find_map(|line| {
        let (name, what) = line.split_once(' ')?;
        (name == path || name == known).then_some(what.trim_start_matches("! "))
    });
    match line {
        None => found.push(format!("{path} is no field")),
        Some(what) if !is(what, value) => found.push(format!("{path} is not {what}: {value}")),
        Some(_) => below(table, path, value, found),
    }
}

/// The fields right below that must be there.
fn required<'a>(table: &'a str, path: &str) -> Vec<&'a str> {
    let names = table.lines().filter_map(|line| line.split_once(" ! "));
    let within = |name: &'a str| match path {
        "" => Some(name),
        _ => name.strip_prefix(path)?.strip_prefix('.'),
    };
    names.filter_map(|(name, _)| within(name)).filter(|name| !name.contains(['.', '['])).collect()
}

const NOTES: &str = "one description details faq general legal_disclaimer other summary";
const REMEDIES: &str = "one mitigation no_fix_planned none_available vendor_fix workaround";

fn is(what: &str, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let ends =
        |bad: fn(char) -> bool| !text.is_empty() && !text.starts_with(bad) && !text.ends_with(bad);
    match what {
        "object" => value.as_object().is_some_and(|fields| !fields.is_empty()),
        "three" => value.as_object().is_some_and(|fields| fields.len() == 3),
        "list" => value.as_array().is_some_and(|items| !items.is_empty()),
        "set" => value.as_array().is_some_and(|items| {
            !items.is_empty() && (1..items.len()).all(|at| !items[..at].contains(&items[at]))
        }),
        "flag" => value.is_boolean(),
        "text" => !text.is_empty(),
        "uri" => text
            .split_once("://")
            .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty()),
        "provider" => text.starts_with("https://") && text.ends_with("/provider-metadata.json"),
        "time" => text.parse::<terms::Time>().is_ok(),
        "name" => ends(|c| c.is_whitespace() || "-_.".contains(c)),
        "id" => ends(char::is_whitespace),
        "note" => is(NOTES, value),
        "remedy" => is(REMEDIES, value),
        "number" => digits(text) && (text == "0" || !text.starts_with('0')),
        "cve" => text.strip_prefix("CVE-").and_then(|rest| rest.split_once('-')).is_some_and(
            |(year, number)| year.len() == 4 && digits(year) && number.len() >= 4 && digits(number),
        ),
        "cwe" => text
            .strip_prefix("CWE-")
            .is_some_and(|n| n.len() <= 6 && digits(n) && !n.starts_with('0')),
        _ => {
            what.strip_prefix("one ").is_some_and(|words| words.split(' ').any(|word| word == text))
        }
    }
}

fn provider() -> provider::Facts {
    provider::Facts {
        publisher_category: "user".into(),
        role: "csaf_provider".into(),
        list_on_aggregators: Some(true),
        mirror_on_aggregators: Some(false),
        directory: "https://north.example/csaf/".into(),
    }
}

const ADDRESS: &str = "https://north.example/.well-known/csaf/provider-metadata.json";

#[test]
fn every_advisory_has_the_structure_of_the_standard() {
    let whole = facts();
    let mut least = facts();
    least.fixed.clear();
    least.thanks_to.clear();
    (least.cve, least.cwe, least.cwe_name) = Default::default();
    for facts in [whole, least] {
        assert_eq!(wrong(ADVISORY, &facts.advisory(&PUBLISHER)), Vec::<String>::new());
    }
}

#[test]
fn the_metadata_of_a_provider_has_the_structure_of_the_standard() {
    let now = terms::Time::from_millis(1_790_000_000_000);
    let mut facts = provider();
    assert_eq!(facts.missing(&PUBLISHER, ADDRESS), Vec::<String>::new());
    let metadata = facts.metadata(&PUBLISHER, ADDRESS, now);
    assert_eq!(wrong(PROVIDER, &metadata), Vec::<String>::new());
    // It names the same publisher as the advisories do (section 7.1.7).
    let advisory = crate::csaf::tests::facts().advisory(&PUBLISHER);
    assert_eq!(metadata["publisher"], advisory["document"]["publisher"]);
    facts.role = "csaf_publisher".into();
    facts.directory.clear();
    assert_eq!(wrong(PROVIDER, &facts.metadata(&PUBLISHER, ADDRESS, now)), Vec::<String>::new());
}

#[test]
fn what_a_provider_must_say_is_asked_for() {
    let nobody = crate::csaf::Publisher { name: "", namespace: "", contact: "" };
    let missing = provider::Facts::default().missing(&nobody, "https://north.example/csaf.json");
    for field in [
        "publisher_category",
        "role",
        "list_on_aggregators",
        "mirror_on_aggregators",
        "disclosure_organisation",
        "disclosure_namespace",
        "disclosure_csaf",
    ] {
        assert!(missing.iter().any(|line| line.starts_with(field)), "{field} in {missing:?}");
    }
    let mut facts = provider();
    facts.directory.clear();
    assert!(facts.missing(&PUBLISHER, ADDRESS)[0].starts_with("directory"));
    facts.role = "csaf_trusted_provider".into();
    assert!(facts.missing(&PUBLISHER, ADDRESS)[0].starts_with("role"));
    let template = provider::TEMPLATE.replace("# list", "list").replace("# mirror", "mirror");
    assert!(template.contains("\nlist_on_aggregators =\nmirror_on_aggregators =\n"));
}

/// The table finds what is wrong: a document with one thing changed does not pass.
#[test]
fn a_document_that_is_not_of_the_standard_does_not_pass() {
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 9] = [
        ("document.tracking.id is missing", |d| {
            d["document"]["tracking"].as_object_mut().unwrap().remove("id");
        }),
        ("document is missing", |d| {
            d.as_object_mut().unwrap().remove("document");
        }),
        ("document.notes is not list", |d| d["document"]["notes"] = serde_json::json!([])),
        ("document.tracking.status is not one", |d| {
            d["document"]["tracking"]["status"] = "done".into();
        }),
        ("document.tracking.current_release_date is not time", |d| {
            d["document"]["tracking"]["current_release_date"] = "26.11.2026".into();
        }),
        ("document.extra is no field", |d| d["document"]["extra"] = 1.into()),
        ("product_tree.branches[].name is missing", |d| {
            let inner = d.pointer_mut("/product_tree/branches/0/branches/0/branches/0").unwrap();
            let fields = inner.as_object_mut().unwrap();
            fields.remove("name");
            fields.insert("branches".into(), serde_json::json!([]));
        }),
        ("vulnerabilities[].product_status.known_affected is not set", |d| {
            d["vulnerabilities"][0]["product_status"]["known_affected"] =
                serde_json::json!(["a", "a"]);
        }),
        ("vulnerabilities[].cve is not cve", |d| d["vulnerabilities"][0]["cve"] = Value::Null),
    ];
    for (says, change) in changes {
        let mut advisory = facts().advisory(&PUBLISHER);
        change(&mut advisory);
        let found = wrong(ADVISORY, &advisory);
        assert!(found.iter().any(|line| line.starts_with(says)), "{says} in {found:?}");
    }
}
