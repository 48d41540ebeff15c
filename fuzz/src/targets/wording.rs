//! Files of texts and steps: what is taken as whole composes a letter.

use letters::{Recipient, Run, Writer};
use std::collections::BTreeMap;

const RUN: &str = include_str!("../../../crates/letters/tests/letters/run.toml");
const READER: &str = include_str!("../../seeds/letter/adult");

pub(super) fn run(data: &[u8]) {
    let Ok(source) = std::str::from_utf8(data) else { return };
    let mut run: Run = toml::from_str(&RUN.replace("COUNTRY", "DK")).expect("the made-up run");
    run.country = "DK".to_owned();
    let reader: Recipient = serde_json::from_str(READER).expect("the made-up reader");
    for name in ["texts/da.ftl", "steps/dk.toml"] {
        let files = BTreeMap::from([(name.to_owned(), source.to_owned())]);
        let Ok(writer) = Writer::with(&files) else { continue };
        // Texts that go round in circles are found when they are said.
        let _ = writer.compose(&run, &reader);
    }
}
