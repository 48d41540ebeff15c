//! What denies something stands in a form by evidence alone.

use crate::sample::{CLOSING, Sample, list, person, persons, scope, stolen_card, text};
use incident::facts::{Answers, Denies, Evidence, Known};
use incident::filing::{Filing, Form};
use incident::{IncidentError, Scope, Source, StolenCopy};
use ledger::Signer;
use terms::{Section, Time};

fn value(filing: &Filing, key: &str) -> Option<String> {
    let field = filing.fields.iter().find(|field| field.key == key)?;
    field.value.as_ref().map(ToString::to_string)
}

fn why(filing: &Filing, key: &str) -> String {
    filing.fields.iter().find(|field| field.key == key).unwrap().why.clone()
}

#[test]
fn released_keys_are_disclosure_and_legible() {
    let filing = stolen_card().filing("edpb", &[]);
    assert_eq!(value(&filing, "56").as_deref(), Some("a"));
    assert_eq!(value(&filing, "57").as_deref(), Some("c"));
    assert!(
        why(&filing, "56").contains("by the ledger: 5 (complete files: 2"),
        "{}",
        why(&filing, "56")
    );
}

#[test]
fn what_only_passed_is_likely_disclosed() {
    let sample = Sample::new(Source::Hand);
    sample.expose(scope(), vec![person(6, &[], &[Section::Results])]);
    let filing = sample.filing("edpb", &[]);
    assert_eq!(value(&filing, "56").as_deref(), Some("b"));
    assert_eq!(value(&filing, "57").as_deref(), Some("c"));
}

#[test]
fn nobody_listed_is_a_denial_with_its_sentence() {
    let sample = Sample::new(Source::Hand);
    sample.expose(scope(), Vec::new());
    let filing = sample.filing("edpb", &[("also-nature", list(&["b"]))]);
    // Without a breach of confidentiality the fields are not visible; the claim is there.
    assert_eq!(value(&filing, "56"), None);
    let claim = sample.evidence().undisclosed(&sample.knowledge(&[])).unwrap();
    assert_eq!(claim.denies(), Denies::Disclosure);
    assert!(claim.sentence().contains("lists no key that was released"));
    let german = sample.filing("germany", &[]);
    assert!(value(&german, "3.2").unwrap().contains("lists no key that was released"));
}

#[test]
fn a_sealed_copy_was_taken_and_cannot_be_read() {
    let sample = Sample::new(Source::Outside);
    let copy = |with_root_key| Scope {
        copy: Some(StolenCopy { entries: 90, with_root_key }),
        ..Scope::default()
    };
    sample.expose(copy(false), Vec::new());
    let filing = sample.filing("edpb", &[("told-persons", text("e"))]);
    assert_eq!(value(&filing, "56").as_deref(), Some("a"), "the copy itself was taken");
    assert_eq!(value(&filing, "57").as_deref(), Some("a"));
    assert_eq!(value(&filing, "100").as_deref(), Some("a"));
    assert!(why(&filing, "57").contains("the root key over it"), "{}", why(&filing, "57"));
    assert_eq!(value(&filing, "68"), None, "whose sealed data were in it, a person says");
    // With the root key nothing of that holds.
    let sample = Sample::new(Source::Outside);
    sample.expose(copy(true), persons());
    let filing = sample.filing("edpb", &[("told-persons", text("e"))]);
    assert_eq!(value(&filing, "57").as_deref(), Some("b"));
    assert_eq!(value(&filing, "100"), None);
}

#[test]
fn a_doubt_about_the_keyholder_takes_every_claim_back() {
    let sample = Sample::new(Source::Hand);
    let copy = Some(StolenCopy { entries: 90, with_root_key: false });
    sample.expose(Scope { copy, ..Scope::default() }, Vec::new());
    for doubt in ["yes", "unknown"] {
        let filing = sample.filing("edpb", &[("keyholder-reached", text(doubt))]);
        assert_eq!(value(&filing, "57").as_deref(), Some("d"), "{doubt}");
        assert!(
            sample
                .knowledge(&[("keyholder-reached", text(doubt))])
                .get("evidence.unintelligible")
                .is_none()
        );
    }
    let filing = sample.filing("edpb", &[("keyholder-reached", text("no"))]);
    assert_eq!(value(&filing, "57").as_deref(), Some("a"));
}

/// Whoever asks a narrower question after a wider one found somebody denies nothing.
#[test]
fn a_later_version_that_lists_nobody_denies_nothing() {
    let sample = stolen_card();
    let later = Scope { from: Some(Time::from_millis(1)), ..scope() };
    sample.expose(later, Vec::new());
    assert!(sample.evidence().undisclosed(&sample.knowledge(&[])).is_none());
    assert!(sample.knowledge(&[]).get("evidence.unintelligible").is_none());
}

/// A file that was open before the span, or a card that asks for reports, leaves nothing to deny.
#[test]
fn an_exposure_with_a_doubt_denies_nothing() {
    let sample = Sample::new(Source::Hand);
    let mut exposure = sample.exposure(scope(), Vec::new());
    exposure.doubts.push("a file was open before".into());
    sample.folder.keep(&exposure).unwrap();
    assert!(sample.evidence().undisclosed(&sample.knowledge(&[])).is_none());
    assert!(sample.knowledge(&[]).get("evidence.unintelligible").is_none());
}

#[test]
fn a_version_that_was_taken_away_or_rewritten_is_not_forgotten() {
    let sample = stolen_card();
    sample.expose(scope(), Vec::new());
    let first = sample.folder.path().join("exposures/1.json");
    let forged = sample.exposure(scope(), Vec::new());
    std::fs::write(&first, serde_json::to_vec(&forged).unwrap()).unwrap();
    assert!(sample.folder.exposure(Some(1)).is_err(), "its digest is not the journal's");
    std::fs::remove_file(&first).unwrap();
    assert!(sample.evidence().undisclosed(&sample.knowledge(&[])).is_none());
}

#[test]
fn of_two_exposures_at_once_one_is_made_again() {
    let sample = Sample::new(Source::Hand);
    let (first, second) =
        (sample.exposure(scope(), persons()), sample.exposure(scope(), Vec::new()));
    assert_eq!(first.version, second.version);
    sample.folder.keep(&first).unwrap();
    assert!(sample.folder.keep(&second).is_err());
    assert_eq!(sample.folder.exposure(None).unwrap(), first);
}

#[test]
fn no_person_and_no_configuration_can_choose_a_denial() {
    let mut answers = Answers::default();
    let now = Time::from_millis(0);
    assert!(answers.set("exemption", text("a"), now, "Maria").is_err());
    // Even where one gets into what is known, the form refuses it.
    let sample = stolen_card();
    for known in [Known::said(text("a")), Known::configured(text("a"))] {
        let mut knowledge = sample.knowledge(&[("told-persons", text("e"))]);
        knowledge.put("fact.exemption", known);
        let form = Form::named("edpb").unwrap();
        let filing = Filing::of(form, "1", &sample.evidence(), knowledge, now);
        assert_eq!(value(&filing, "100"), None);
        assert!(why(&filing, "100").starts_with("only evidence may say"));
    }
}

/// Of all choices, those that deny something carry the word; a form that loses it is noticed.
#[test]
fn every_denial_in_a_form_is_marked() {
    let denials: Vec<String> = Form::all()
        .iter()
        .flat_map(|form| &form.fields)
        .flat_map(|field| field.choices.iter().map(move |choice| (field, choice)))
        .filter(|(_, choice)| choice.claim.is_some())
        .map(|(field, choice)| format!("{}{}", field.key, choice.code))
        .collect();
    assert_eq!(denials, ["56c", "57a", "100a"]);
    for field in Form::all().iter().flat_map(|form| &form.fields) {
        for choice in &field.choices {
            let denies = choice.text.contains("NOT exfiltrated") || choice.text.contains("intact");
            assert!(!denies || choice.claim.is_some(), "{}: {}", field.key, choice.text);
        }
    }
}

#[test]
fn an_exposure_that_the_ledger_did_not_sign_is_no_evidence() {
    let sample = stolen_card();
    let other = Signer::new("practice.example", &[8; 32]).unwrap();
    let read = |verifier, closing| Evidence::of(&sample.folder, None, verifier, closing, None);
    assert!(read(sample.verifier(), CLOSING).is_ok());
    for (verifier, closing) in [(other.verifier(), CLOSING), (sample.verifier(), "other")] {
        assert!(matches!(read(verifier, closing), Err(IncidentError::Tampered(_))));
    }
}
