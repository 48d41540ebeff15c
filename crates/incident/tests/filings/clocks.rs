//! What is due when, and what stays possible.

use crate::sample::{Sample, now, person, scope, stolen_card, text, time};
use incident::clocks::{Due, Row, State, laws, timetable};
use incident::facts::{Knowledge, Value};
use incident::{Counts, Source, StolenCopy};
use serde_json::json;
use terms::{Section, Time};

fn rows(knowledge: &Knowledge, at: Time) -> Vec<Row> {
    timetable(&laws(None).unwrap(), knowledge, at)
}

fn row<'a>(rows: &'a [Row], clock: &str) -> &'a Row {
    rows.iter().find(|row| row.clock == clock).unwrap()
}

#[test]
fn seventy_two_hours_run_over_a_weekend() {
    let sample = stolen_card();
    let rows = rows(&sample.knowledge(&[]), now());
    let authority = row(&rows, "gdpr-33-1");
    // Aware on a Thursday; due on the Sunday.
    assert_eq!(authority.due, Some(Due::Moment(time("2026-11-29T08:00:00Z"))));
    assert_eq!(authority.state, State::Due);
    let late =
        timetable(&laws(None).unwrap(), &sample.knowledge(&[]), time("2026-11-29T08:00:00.001Z"));
    assert_eq!(row(&late, "gdpr-33-1").state, State::Overdue);
}

#[test]
fn what_hangs_on_something_unknown_stays_possible_and_says_on_what() {
    let sample = stolen_card();
    let open = rows(&sample.knowledge(&[]), now());
    let persons = row(&open, "gdpr-34-1");
    assert_eq!((persons.state, &persons.unknown[..]), (State::Possible, &["fact.risk".into()][..]));
    assert_eq!(row(&open, "maine-persons").state, State::Possible);
    let said = sample.knowledge(&[("risk", text("a")), ("id-numbers", Value::Truth(true))]);
    let known = rows(&said, now());
    assert_eq!(row(&known, "gdpr-34-1").state, State::Due);
    assert_eq!(row(&known, "gdpr-34-1").due, Some(Due::AtOnce));
    let maine = row(&known, "maine-persons");
    assert_eq!(maine.state, State::Due);
    assert_eq!(maine.due.unwrap().to_string(), "end of 2026-12-26 (UTC)");
    assert!(maine.because.iter().any(|because| because.contains("US-ME is 2 to 5")), "{maine:?}");
    let unlikely = rows(&sample.knowledge(&[("risk", text("c"))]), now());
    assert_eq!(row(&unlikely, "gdpr-33-1").state, State::NotDue);
}

/// A law of the USA presumes a breach until somebody has shown otherwise.
#[test]
fn hipaa_is_due_until_a_low_probability_is_said() {
    let sample = stolen_card();
    let open = rows(&sample.knowledge(&[]), now());
    assert_eq!(row(&open, "hipaa-persons").state, State::Due);
    assert_eq!(row(&open, "hipaa-hhs-500").state, State::NotDue);
    let year = row(&open, "hipaa-hhs-year");
    assert_eq!(year.due.unwrap().to_string(), "end of 2027-03-01 (UTC)");
    let low = rows(&sample.knowledge(&[("low-probability", Value::Truth(true))]), now());
    assert_eq!(row(&low, "hipaa-persons").state, State::NotDue);
}

/// 500 is enough for the Secretary; media want more than 500 of one State.
#[test]
fn the_limits_of_hipaa_are_500_and_more_than_500() {
    for (count, hhs, media) in [
        (499, State::NotDue, State::NotDue),
        (500, State::Due, State::NotDue),
        (501, State::Due, State::Due),
    ] {
        let sample = Sample::new(Source::Hand);
        let mut persons = Vec::new();
        let mut lines = String::new();
        for number in 0..count {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&u32::to_be_bytes(number));
            let file = terms::FileId::from_bytes(bytes);
            let one = person(1, &[Section::Label], &[]);
            persons.push(incident::Person { file: incident::FileName::File(file), ..one });
            lines.push_str(&format!(
                "{{\"file\":\"{file}\",\"country\":\"US\",\"region\":\"ME\"}}\n"
            ));
        }
        sample.expose(scope(), persons);
        let exposure = sample.folder.exposure(None).unwrap();
        let people = incident::People::read(std::io::Cursor::new(lines)).unwrap();
        let mut knowledge = sample.knowledge(&[]);
        knowledge.count(Counts::of(&exposure, Some(&people)).unwrap());
        let rows = rows(&knowledge, now());
        assert_eq!(row(&rows, "hipaa-hhs-500").state, hhs, "{count}");
        assert_eq!(row(&rows, "hipaa-media").state, media, "{count}");
    }
}

#[test]
fn nothing_is_due_to_persons_of_a_sealed_copy_whose_keys_were_not_taken() {
    let sample = Sample::new(Source::Hand);
    let copy = Some(StolenCopy { entries: 90, with_root_key: false });
    sample.expose(incident::Scope { copy, ..incident::Scope::default() }, Vec::new());
    let rows = rows(&sample.knowledge(&[("risk", text("a"))]), now());
    assert_eq!(row(&rows, "gdpr-33-1").state, State::Due, "the authority decides for itself");
    for clock in ["gdpr-34-1", "hipaa-persons", "connecticut-persons"] {
        assert_eq!(row(&rows, clock).state, State::NotDue, "{clock}");
    }
}

#[test]
fn what_was_done_stops_its_clock_and_starts_the_next() {
    let sample = stolen_card();
    let before = rows(&sample.knowledge(&[]), now());
    assert_eq!(row(&before, "california-attorney-general").state, State::NotDue);
    let done = |clock: &str, at: &str| {
        let more = json!({ "clock": clock, "done_at": at });
        sample.folder.journal().append(now(), "done", more).unwrap();
    };
    done("gdpr-33-1", "2026-11-28T10:00:00.000Z");
    done("hipaa-persons", "2027-02-01T10:00:00.000Z");
    done("nis2-notification", "2026-01-31T10:00:00.000Z");
    let after = rows(&sample.knowledge(&[]), now());
    assert_eq!(row(&after, "gdpr-33-1").state, State::Done);
    assert_eq!(row(&after, "hipaa-persons").state, State::DoneLate);
    let last = row(&after, "nis2-final").due.unwrap().to_string();
    assert_eq!(last, "end of 2026-02-28 (UTC)");
}

#[test]
fn without_an_exposure_everything_that_hangs_on_counts_stays_possible() {
    let sample = Sample::new(Source::Hand);
    let rows = rows(&sample.knowledge(&[]), now());
    assert_eq!(row(&rows, "gdpr-33-1").state, State::Due);
    for clock in ["hipaa-persons", "maine-persons", "connecticut-persons", "california-persons"] {
        assert_eq!(row(&rows, clock).state, State::Possible, "{clock}");
    }
}
