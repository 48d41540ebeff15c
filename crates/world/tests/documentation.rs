//! docs/world.md says what the code says.

use std::fmt::Write as _;
use world::{Climate, HonestWhy, Parameters, Plan, Size};

const TEXT: &str = include_str!("../../../docs/world.md");

#[test]
fn the_table_of_parameters_is_the_one_in_the_code() {
    let mut table = String::new();
    for row in Parameters::TABLE {
        let what = row.what.trim_end_matches('.');
        let (name, value, least, most) = (row.name, row.value, row.least, row.most);
        let _ =
            writeln!(table, "| `{name}` | {what} | {value} | {least} to {most} | {} |", row.source);
    }
    if std::env::var_os("COFFERDAM_REGENERATE").is_some() {
        let (before, after) = around();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/world.md");
        std::fs::write(path, format!("{before}{table}{after}")).unwrap();
        return;
    }
    let missing: Vec<_> = table.lines().filter(|line| !TEXT.contains(line)).collect();
    assert!(missing.is_empty(), "docs/world.md lacks, or says otherwise:\n{}", missing.join("\n"));
    let (before, after) = around();
    let rows = TEXT.lines().count() - before.lines().count() - after.lines().count();
    assert_eq!(rows, Parameters::TABLE.len(), "docs/world.md has parameters that are none");
}

/// What stands before and after the table of parameters.
fn around() -> (&'static str, &'static str) {
    let head = "| parameter | what | value | range | source |\n|---|---|---|---|---|\n";
    let start = TEXT.find(head).expect("docs/world.md has the table") + head.len();
    let end = TEXT[start..].find("\n\n").map_or(TEXT.len(), |n| start + n + 1);
    (&TEXT[..start], &TEXT[end..])
}

#[test]
fn every_source_is_a_publication_or_the_word_assumed() {
    for row in Parameters::TABLE {
        assert!((row.least..=row.most).contains(&row.value), "{} is out of its range", row.name);
        let known = ["assumed", "Sundheds", "KBV", "ABDA", "MIMIC", "Arndt"];
        assert!(known.iter().any(|k| row.source.contains(k)), "{}: {}", row.name, row.source);
    }
}

#[test]
fn the_example_in_the_documentation_is_a_world_file() {
    let start = TEXT.find("```json\n").expect("an example") + 8;
    let end = start + TEXT[start..].find("```").expect("its end");
    let plan = Plan::from_json(&TEXT[start..end]).unwrap();
    assert_eq!((plan.size, plan.climate), (Size::Small, Climate::Hard));
    assert_ne!(plan, Plan::new(Size::Small, Climate::Hard), "the example changes something");
}

#[test]
fn every_behaviour_stands_in_the_documentation() {
    let missing: Vec<_> =
        HonestWhy::ALL.iter().map(|why| why.word()).filter(|word| !TEXT.contains(word)).collect();
    assert!(missing.is_empty(), "docs/world.md lacks {missing:?}");
}
