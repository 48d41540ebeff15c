//! The rules of counting, as data.

use serde::Deserialize;
use std::sync::LazyLock;
use terms::{Section, Sections};

/// A rule that says who counts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name; figures begin with it.
    pub id: String,
    /// Who counts, in a sentence or two.
    pub says: String,
    /// Why the rule is so, where it was got wrong before.
    #[serde(default)]
    pub why: String,
}

/// A special category of GDPR Article 9, and the sections that hold it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Special {
    /// Its name.
    pub category: String,
    /// Sections that hold it by what they are for.
    #[serde(default, deserialize_with = "sections")]
    pub holds: Sections,
    /// Sections that hold it in some files.
    #[serde(default, deserialize_with = "sections")]
    pub may: Sections,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Counting {
    rule: Vec<Rule>,
    special: Vec<Special>,
}

// Invariant: the file is built in, and a test reads it.
static COUNTING: LazyLock<Counting> = LazyLock::new(|| {
    toml::from_str(include_str!("../data/counting.toml")).expect("invariant: it is built in")
});

/// All rules.
pub fn rules() -> &'static [Rule] {
    &COUNTING.rule
}

/// The special categories.
pub fn special_categories() -> &'static [Special] {
    &COUNTING.special
}

fn sections<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Sections, D::Error> {
    let words = Vec::<String>::deserialize(from)?;
    let section = |word: &String| word.parse::<Section>().map_err(serde::de::Error::custom);
    words.iter().map(section).collect()
}
