//! A recipient as JSON: what may be written is printed by the rules, and holds no markup of theirs.

use letters::{Pages, Recipient, Run, Writer, html, text};
use std::cell::LazyCell;

const RUN: &str = include_str!("../../../crates/letters/tests/letters/run.toml");

thread_local! {
    static MADE: LazyCell<(Writer, Pages, Run)> = LazyCell::new(|| {
        let writer = Writer::built_in().expect("what is built in is whole");
        let run = toml::from_str(&RUN.replace("COUNTRY", "DK")).expect("the made-up run");
        (writer, Pages::new().expect("the faces"), run)
    });
}

pub(super) fn run(data: &[u8]) {
    let Ok(recipient) = serde_json::from_slice::<Recipient>(data) else { return };
    MADE.with(|made| {
        let (writer, pages, run) = &**made;
        let Ok(letter) = writer.compose(run, &recipient) else { return };
        let pdf = pages.pdf(std::slice::from_ref(&letter)).expect("a letter prints by the rules");
        assert!(pdf.len() < 200_000, "a letter is small");
        assert!(
            !text(&letter).chars().any(|c| c.is_control() && c != '\n'),
            "no control character"
        );
        let page = html(&letter);
        let markup = page.matches('<').count();
        let mut plain = recipient.clone();
        plain.name = "a".to_owned();
        plain.person = plain.person.map(|_| "b".to_owned());
        plain.address = vec!["c".to_owned(); plain.address.len()];
        plain.town = "d".to_owned();
        plain.postcode = "e".to_owned();
        plain.country_line = plain.country_line.map(|_| "f".to_owned());
        plain.protection_code = plain.protection_code.map(|_| "g".to_owned());
        let plain = writer.compose(run, &plain).expect("plainer facts are no worse");
        assert_eq!(html(&plain).matches('<').count(), markup, "facts became markup");
    });
}
