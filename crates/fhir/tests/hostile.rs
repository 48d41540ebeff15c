//! Whatever comes from outside is answered, never with a panic.

use fhir::compartment::{all_patient_references, patient_references, subject_of};
use fhir::definitions::{resource_types, search_parameters};
use fhir::links::rewrite_links;
use fhir::path::Expression;
use fhir::references::{rewrite_references, set_id, set_version, strip_id, strip_version, target};
use fhir::subset::Subset;
use fhir::{
    Index, Json, Limits, PatientFacts, SearchQuery, merge_patient, patch, section_of,
    split_patient, validate,
};
use proptest::prelude::*;
use proptest::sample::select;

const NAMES: [&str; 26] = [
    "resourceType",
    "id",
    "meta",
    "name",
    "given",
    "_given",
    "birthDate",
    "_birthDate",
    "code",
    "coding",
    "system",
    "value",
    "valueQuantity",
    "valueDateTime",
    "subject",
    "reference",
    "extension",
    "url",
    "contained",
    "security",
    "tag",
    "effectivePeriod",
    "start",
    "order",
    "label",
    "unknown",
];
const TEXTS: [&str; 14] = [
    "Patient",
    "Observation",
    "Patient/1",
    "#x",
    "urn:uuid:1",
    "2020-01",
    "2020-01-01T10:00:00Z",
    "http://loinc.org",
    "1",
    "",
    " ",
    "é",
    "Patient?a=b",
    "Patient/1/_history/",
];

/// Trees that look like resources and are none.
fn tree() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_string()),
        any::<bool>().prop_map(|value| value.to_string()),
        any::<i32>().prop_map(|value| value.to_string()),
        "-?[0-9]{1,3}\\.[0-9]{1,20}e[0-9]{1,12}"
            .prop_filter("json", |n| { Json::parse(n.as_bytes(), &Limits::default()).is_ok() }),
        select(&TEXTS[..]).prop_map(|text| format!("{text:?}")),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        let members = prop::collection::btree_map(select(&NAMES[..]), inner.clone(), 0..8);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            (select(&TEXTS[..2]), members).prop_map(|(resource_type, mut members)| {
                members.insert("resourceType", format!("{resource_type:?}"));
                let members = members.iter().map(|(name, value)| format!("{name:?}:{value}"));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

fn read(text: &str) -> Json {
    Json::parse(text.as_bytes(), &Limits::default()).unwrap()
}

fn parameter() -> impl Strategy<Value = (String, String)> {
    let known = select(
        &[
            "code",
            "date",
            "value-quantity",
            "subject",
            "_id",
            "status:not",
            "code:text",
            "_sort",
            "_count",
            "_include",
            "_revinclude",
            "_elements",
            "_summary",
            "subject:identifier",
            "code-value-quantity",
            "identifier:of-type",
            "_profile:below",
            "_lastUpdated:missing",
        ][..],
    );
    let value = prop_oneof![
        ".{0,12}",
        "(ge|ap|ne)?[0-9:TZ.+e|$,\\\\-]{0,24}",
        select(&TEXTS[..]).prop_map(str::to_string),
    ];
    (prop_oneof![known.prop_map(str::to_string), ".{0,10}"], value)
}

proptest! {
    #[test]
    fn any_tree_can_be_looked_at(text in tree(), other in tree()) {
        let json = read(&text);
        for issue in validate(&json) {
            prop_assert!(!issue.message.is_empty());
        }
        section_of(&json);
        subject_of(&json);
        patient_references(&json);
        all_patient_references(&json);
        PatientFacts::of(&json);
        for subset in [Subset::Summary, Subset::Text, Subset::Data, Subset::Count] {
            subset.of(&json);
        }
        let mut changed = json.clone();
        rewrite_references(&mut changed, &mut |text| Some(format!("{text}x")));
        rewrite_links(&mut changed, &mut |text| Some(format!("{text}x")));
        set_id(&mut changed, "1");
        set_version(&mut changed, "1", "2020-01-01T00:00:00Z");
        strip_version(&mut changed);
        strip_id(&mut changed);
        prop_assert!(changed.to_text() == read(&changed.to_text()).to_text());
        let _ = patch::apply(&json, &read(&other));
        merge_patient(json.clone(), Some(read(&other)), None);
        if let Some(parts) = split_patient(json) {
            let merged = merge_patient(parts.label, Some(parts.contact), Some(parts.identity));
            prop_assert_eq!(merged.map(|merged| merged.to_text()), Some(text));
        }
    }

    #[test]
    fn any_query_is_answered_or_refused(
        parameters in prop::collection::vec(parameter(), 0..5),
        texts in prop::collection::vec(tree(), 70),
    ) {
        let pairs = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let Ok(query) = SearchQuery::parse("Observation", pairs, "http://x") else {
            return Ok(());
        };
        let resources: Vec<Json> = texts.iter().map(|text| read(text)).collect();
        let scan = (0..).zip(&resources).filter(|(_, r)| query.matches(r)).map(|(at, _)| at);
        prop_assert_eq!(Index::new().search(&query, &resources), scan.collect::<Vec<u32>>());
        let keys: Vec<_> = resources.iter().map(|r| query.sort_keys(r)).collect();
        for pair in keys.windows(2) {
            let order = query.compare(&pair[0], &pair[1]);
            prop_assert_eq!(query.compare(&pair[1], &pair[0]), order.reverse());
        }
        for include in query.includes() {
            resources.iter().for_each(|r| drop(include.references(r)));
        }
    }

    #[test]
    fn any_reference_is_taken_apart(
        text in ".{0,30}",
        known in "(Patient|http://a|#|_history|/|\\?|1){0,6}",
    ) {
        target(&text);
        target(&known);
    }

    #[test]
    fn any_parameter_evaluates_on_any_tree(text in tree(), at in 0usize..147) {
        let mut json = read(&text);
        let name = resource_types()[at];
        if let Some(object) = json.as_object_mut() {
            object.insert("resourceType", name.into());
        }
        for parameter in search_parameters(name) {
            Expression::compile(name, parameter.expression).unwrap().evaluate(&json);
        }
    }
}
