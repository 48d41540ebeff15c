//! Who counts, and as what.

use crate::sample::{Sample, file, people, person, persons, scope, stolen_card};
use incident::counts::rules;
use incident::{Counts, IncidentError, People, Source};
use std::io::Cursor;
use terms::Section;

fn counts() -> Counts {
    stolen_card().evidence().counts().clone()
}

#[test]
fn complete_files_and_contact_data_only_are_told_apart_and_add_up() {
    let counts = counts();
    let value = |name: &str| counts.value(name);
    assert_eq!(value("persons"), 6);
    assert_eq!(value("persons.complete"), 2, "history; restricted");
    assert_eq!(value("persons.summary"), 1);
    assert_eq!(value("persons.contact-only"), 2);
    assert_eq!(value("persons.passed-only"), 1);
    assert_eq!(value("persons.read"), 5);
    assert_eq!(value("persons.identifying"), 1);
}

/// A hospital counted 8 of 577: letters without a diagnosis did not count there.
#[test]
fn whoever_was_touched_counts_whatever_the_sections_say() {
    let sample = Sample::new(Source::Hand);
    let label = |number| person(number, &[Section::Label], &[]);
    let contact = |number| person(number, &[Section::Label, Section::Contact], &[]);
    let mut persons: Vec<_> = (1..=5).map(label).collect();
    persons.extend((6..=8).map(contact));
    sample.expose(scope(), persons);
    let counts = Counts::of(&sample.folder.exposure(None).unwrap(), None).unwrap();
    assert_eq!(counts.value("persons"), 8);
    assert_eq!(counts.value("persons.contact-only"), 8);
    assert_eq!(counts.value("special.health"), 0);
}

#[test]
fn the_danish_case_has_both_figures() {
    let sample = Sample::new(Source::Hand);
    let complete = |number| person(number, &[Section::Label, Section::History], &[]);
    let mut persons: Vec<_> = (1..=3).map(complete).collect();
    persons.extend((4..=9).map(|n| person(n, &[Section::Label, Section::Identity], &[])));
    sample.expose(scope(), persons);
    let counts = Counts::of(&sample.folder.exposure(None).unwrap(), None).unwrap();
    assert_eq!(counts.value("persons"), 9);
    assert_eq!(counts.value("persons.complete"), 3);
    assert_eq!(counts.value("persons.contact-only"), 6);
}

#[test]
fn special_categories_say_at_most_where_a_section_only_may_hold_them() {
    let counts = counts();
    let figure = |name: &str| &counts.figures[name];
    assert_eq!((figure("special.health").value, figure("special.health").at_most), (5, false));
    assert_eq!((figure("special.genetic").value, figure("special.genetic").at_most), (4, true));
    assert_eq!(counts.bounds("special.genetic"), Some([0, 4]));
    assert_eq!((figure("records").value, figure("records").at_most), (50, true));
}

#[test]
fn what_is_not_known_of_a_person_is_counted_as_unknown() {
    let counts = counts();
    let value = |name: &str| counts.value(name);
    assert_eq!((value("country.US"), value("country.DK"), value("country.unknown")), (3, 1, 2));
    assert_eq!((value("region.US-ME"), value("region.US-CA")), (2, 1));
    assert_eq!(value("region.unknown"), 3, "a Dane without a region, and two of whom nothing is");
    assert_eq!((value("minors"), value("minors.unknown")), (1, 2));
    assert_eq!((value("dead"), value("dead.unknown")), (1, 2));
    assert_eq!(value("association.Chamber of Nowhere"), 1);
    assert_eq!(counts.bounds("region.US-ME"), Some([2, 5]));
    assert_eq!(counts.bounds("region.US-NY"), Some([0, 3]));
    assert_eq!(counts.bounds("region.US-*"), Some([2, 5]));
    assert_eq!(counts.bounds("nothing"), None);
}

#[test]
fn nobody_is_guessed_without_people_facts() {
    let sample = stolen_card();
    let counts = Counts::of(&sample.folder.exposure(None).unwrap(), None).unwrap();
    for kind in ["country", "region", "association", "minors", "dead"] {
        assert_eq!(counts.value(&format!("{kind}.unknown")), 6, "{kind}");
    }
}

#[test]
fn the_same_inputs_give_the_same_digests_and_others_do_not() {
    let sample = stolen_card();
    let exposure = sample.folder.exposure(None).unwrap();
    let once = Counts::of(&exposure, Some(&people())).unwrap();
    assert_eq!(once, Counts::of(&exposure, Some(&people())).unwrap());
    let without = Counts::of(&exposure, None).unwrap();
    assert_eq!(once.figures["persons"].digest, without.figures["persons"].digest);
    assert_ne!(
        once.figures["country.US"].digest,
        without.figures.get("country.unknown").unwrap().digest
    );
    let fewer = sample.exposure(scope(), persons()[1..].to_vec());
    let fewer = Counts::of(&fewer, Some(&people())).unwrap();
    for name in ["persons", "records", "country.US"] {
        assert_ne!(once.figures[name].digest, fewer.figures[name].digest, "{name}");
    }
    for figure in once.figures.values() {
        assert!(rules().iter().any(|rule| rule.id == figure.rule), "{}", figure.name);
        assert_eq!(figure.digest.len(), 64);
    }
}

#[test]
fn an_altered_exposure_is_not_counted() {
    let sample = stolen_card();
    let mut exposure = sample.folder.exposure(None).unwrap();
    exposure.persons.pop();
    assert!(matches!(Counts::of(&exposure, None), Err(IncidentError::Tampered(_))));
}

#[test]
fn wrong_people_facts_stop_the_counting_without_quoting_them() {
    let read = |text: &str| People::read(Cursor::new(text.to_owned())).unwrap_err().to_string();
    let line = format!("{{\"file\":\"{}\"}}\n", file(1));
    assert!(read(&format!("{line}{line}")).contains("line 2: a second line"));
    let named = format!("{{\"file\":\"{}\",\"name\":\"Ann Secret\"}}", file(1));
    let error = read(&named);
    assert!(error.contains("line 1") && !error.contains("Secret"), "{error}");
    assert!(read("{\"file\":\"Ann Secret\"}").contains("line 1"));
    assert!(!read("{\"file\":\"Ann Secret\"}").contains("Secret"));
    assert!(read(&"x".repeat(1 << 20)).contains("longer than"));
}
