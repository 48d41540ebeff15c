//! Ids and words as they stand in addresses and statements: one text each.

use record::ids::ResourceId;
use std::fmt::Display;
use std::str::FromStr;
use terms::{CardId, FileId, Purpose, Role, Section, Sections};

pub(super) fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    one_text::<FileId>(text);
    one_text::<CardId>(text);
    one_text::<Purpose>(text);
    one_text::<Role>(text);
    one_text::<Section>(text);
    one_text::<ResourceId>(text);
    // Sections may be named in any order.
    if let Ok(sections) = text.parse::<Sections>() {
        assert!(sections.to_string().parse().is_ok_and(|again: Sections| again == sections));
    }
}

fn one_text<T: FromStr + Display>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        assert!(value.to_string() == text, "two texts of one id");
    }
}
