//! Texts and steps that are not whole are refused, and the message says what to mend.

use letters::{Language, Variant, Writer, text};
use std::collections::BTreeMap;

use crate::facts::{reader, run};

fn own(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(path).unwrap()
}

fn refused(name: &str, from: &str, to: &str) -> String {
    let source = own(name);
    assert!(source.contains(from), "{name} has no {from:?}");
    let files = BTreeMap::from([(name.to_owned(), source.replace(from, to))]);
    Writer::with(&files).err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn a_missing_message_is_named() {
    let said = refused("texts/da.ftl", "sorry =", "sorrow =");
    assert_eq!(said, "texts/da.ftl: sorry is missing");
}

#[test]
fn an_unknown_variable_is_named_and_the_known_ones_are_listed() {
    let said = refused("texts/en.ftl", "Dear { $name },", "Dear { $nam },");
    assert!(said.starts_with("texts/en.ftl: salutation uses $nam, which is unknown"), "{said}");
    assert!(said.contains("$name"), "{said}");
    let said = refused("texts/en.ftl", "sorry = We", "sorry = { faile } We");
    assert!(said.contains("sorry uses faile, which is missing"), "{said}");
    let said = refused("texts/en.ftl", "sorry = We", "sorry = { DATETIME($person) } We");
    assert!(said.contains("function DATETIME"), "{said}");
}

#[test]
fn what_is_not_fluent_is_refused() {
    assert!(refused("texts/de.ftl", "sorry = Das", "sorry = { $").contains("is not Fluent"));
    assert!(refused("texts/de.ftl", "sorry = Das", "page = Das\nsorry = Das").contains("twice"));
}

#[test]
fn a_step_without_source_day_or_language_is_refused() {
    let source = "source = \"https://www.cpr.dk/borgere/kreditadvarsel/\"";
    let said = refused("steps/dk.toml", source, "source = \" \"");
    assert!(said.contains("step child-credit-warning: source is empty"), "{said}");
    assert!(refused("steps/dk.toml", source, "").contains("missing field `source`"));
    let said = refused("steps/dk.toml", "checked = \"2026-11-22\"", "checked = \"22.11.2026\"");
    assert!(said.contains("a day is written like 2026-11-24"), "{said}");
    let said = refused("steps/us.toml", "[step.da]", "[step.sv]");
    assert!(said.contains("sv"), "{said}");
    let one = own("steps/us.toml").split("[[step]]").take(2).collect::<Vec<_>>().join("[[step]]");
    let without = one.split("[step.en]").next().unwrap().to_owned();
    let files = BTreeMap::from([("steps/us.toml".to_owned(), without)]);
    let said = Writer::with(&files).err().unwrap().to_string();
    assert_eq!(said, "steps/us.toml: step freeze: English is missing: [step.en]");
}

#[test]
fn a_step_with_an_unknown_word_is_refused() {
    let said = refused("steps/all.toml", "{telephone}", "{telefon}");
    assert!(said.contains("da.reach uses {telefon}, which is unknown"), "{said}");
    let said = refused("steps/dk.toml", "\"label\", \"identity\"", "\"name\"");
    assert!(said.contains("no such section"), "{said}");
    let said = refused("steps/dk.toml", "country = \"DK\"", "country = \"DE\"");
    assert!(said.contains("another file is for the same country"), "{said}");
}

#[test]
fn a_folder_replaces_texts_and_adds_steps_without_a_build() {
    let folder = tempfile::tempdir().unwrap();
    for below in ["texts", "steps"] {
        std::fs::create_dir(folder.path().join(below)).unwrap();
    }
    let texts = own("texts/en.ftl").replace("Kind regards", "Yours truly");
    std::fs::write(folder.path().join("texts/en.ftl"), texts).unwrap();
    let steps = own("steps/dk.toml")
        .replace("\"DK\"", "\"SE\"")
        .replace("borger.dk", "kronofogden.example");
    std::fs::write(folder.path().join("steps/se.toml"), steps).unwrap();
    let writer = Writer::from_folder(folder.path()).unwrap();
    let mut to = reader(Language::English, Variant::Adult);
    to.country = "SE".to_owned();
    to.country_line = Some("Sweden".to_owned());
    let said = text(&writer.compose(&run("US"), &to).unwrap());
    assert!(said.contains("Yours truly") && said.contains("kronofogden.example"));
    std::fs::write(folder.path().join("texts/sv.ftl"), "page = x").unwrap();
    let said = Writer::from_folder(folder.path()).err().unwrap().to_string();
    assert!(said.contains("texts/sv.ftl: there is no such file"), "{said}");
}
