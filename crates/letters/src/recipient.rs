//! What is this reader's own.

use crate::facts::{Actor, LINE, country};
use crate::{Language, Moment, Refused, clean};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use terms::{Section, Sections};

/// One reader, and what was opened of the file that the letter is about.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// The reader's name, as it stands on the envelope.
    pub name: String,
    /// The lines between name and postcode, at most three.
    pub address: Vec<String>,
    /// The postcode.
    pub postcode: String,
    /// The town; in the USA with the State, `Middletown, CT`.
    pub town: String,
    /// The country, two letters.
    pub country: String,
    /// The country as it stands on an envelope from abroad, where two letters do not suffice.
    #[serde(default)]
    pub country_line: Option<String>,
    /// The language to write in.
    pub language: Language,
    /// What kind of letter this is.
    pub variant: Variant,
    /// Whose file the letter is about, where that is not the reader.
    #[serde(default)]
    pub person: Option<String>,
    /// What was opened.
    #[serde(default)]
    pub opened: Vec<Opened>,
    /// What the file has and was not opened.
    #[serde(default, deserialize_with = "sections", serialize_with = "section_words")]
    pub not_opened: Vec<Section>,
    /// The letter's code, by which it can be checked.
    pub code: String,
    /// The code for the free protection, where the run offers one.
    #[serde(default)]
    pub protection_code: Option<String>,
}

/// What kind of letter a reader gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Variant {
    /// The reader's own file was opened.
    Adult,
    /// A child's file was opened; its parents are written to.
    Minor,
    /// The file of an adult under guardianship was opened; the guardian is written to.
    Guardian,
    /// The file of a dead person was opened; the next of kin are written to.
    Dead,
    /// A file was opened whose owner chose the reader as deputy.
    Deputy,
    /// The file of somebody who applied for a professional card was opened.
    Professional,
    /// Somebody asked, or would, and the file was not opened.
    NotOpened,
}

/// One section that was opened.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// Which.
    #[serde(deserialize_with = "section", serialize_with = "section_word")]
    pub section: Section,
    /// When first.
    pub first: Moment,
    /// When last.
    pub last: Moment,
    /// By what kind of actor, where it is not the run's.
    #[serde(default)]
    pub by: Option<Actor>,
    /// It was not opened, but passed through a server in the hands of others as it was deposited.
    #[serde(default)]
    pub passed: bool,
}

impl Variant {
    /// Every variant.
    pub const ALL: [Variant; 7] = [
        Variant::Adult,
        Variant::Minor,
        Variant::Guardian,
        Variant::Dead,
        Variant::Deputy,
        Variant::Professional,
        Variant::NotOpened,
    ];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Variant::Adult => "adult",
            Variant::Minor => "minor",
            Variant::Guardian => "guardian",
            Variant::Dead => "dead",
            Variant::Deputy => "deputy",
            Variant::Professional => "professional",
            Variant::NotOpened => "not-opened",
        }
    }

    /// Whether the letter is about a file that is not the reader's own.
    pub const fn is_about_another(self) -> bool {
        matches!(self, Variant::Minor | Variant::Guardian | Variant::Dead | Variant::Deputy)
    }
}

impl Recipient {
    /// Says what is wrong with this recipient, if anything, without a word of what it holds.
    pub fn check(&self) -> Result<(), Refused> {
        clean::line("name", &self.name, LINE)?;
        clean::lines("address", &self.address, 1..=3, 60)?;
        clean::line("postcode", &self.postcode, 12)?;
        clean::line("town", &self.town, 60)?;
        country("country", &self.country)?;
        clean::maybe("country_line", self.country_line.as_ref(), 40)?;
        clean::maybe("person", self.person.as_ref(), LINE)?;
        code("code", &self.code)?;
        clean::maybe("protection_code", self.protection_code.as_ref(), 40)?;
        self.check_variant()?;
        self.check_sections()
    }

    /// The sections that were opened or passed through.
    pub fn exposed(&self) -> Sections {
        self.opened.iter().map(|opened| opened.section).collect()
    }

    fn check_variant(&self) -> Result<(), Refused> {
        if self.variant.is_about_another() && self.person.is_none() {
            return Err(Refused::Variant("person is missing: whose file is it?"));
        }
        if self.person.is_some() && matches!(self.variant, Variant::Adult | Variant::Professional) {
            return Err(Refused::Variant("person is given, but this letter is about its reader"));
        }
        match (self.variant, self.opened.is_empty()) {
            (Variant::NotOpened, false) => {
                Err(Refused::Variant("the variant is not-opened, but something was opened"))
            }
            (Variant::NotOpened, true) | (_, false) => Ok(()),
            (_, true) => Err(Refused::Variant("nothing was opened: the variant is not-opened")),
        }
    }

    fn check_sections(&self) -> Result<(), Refused> {
        if self.opened.len() > 2 * Section::ALL.len() || self.not_opened.len() > Section::ALL.len()
        {
            return Err(Refused::Variant("there are more sections than a file has"));
        }
        if self.opened.iter().any(|opened| opened.first > opened.last) {
            return Err(Refused::Dates("a section's first opening is after its last"));
        }
        let exposed = self.exposed();
        if self.not_opened.iter().any(|section| exposed.contains(*section)) {
            return Err(Refused::Variant("a section is said to be opened and not opened"));
        }
        Ok(())
    }
}

/// A code that people read aloud: letters, digits, hyphens.
fn code(field: &str, text: &str) -> Result<(), Refused> {
    let right = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if (6..=40).contains(&text.len()) && text.bytes().all(right) {
        return Ok(());
    }
    let what = "is not 6 to 40 letters, digits and hyphens".to_owned();
    Err(Refused::Text { field: field.to_owned(), what })
}

fn section<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Section, D::Error> {
    let word = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    word.parse().map_err(de::Error::custom)
}

fn section_word<S: Serializer>(section: &Section, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(section.word())
}

fn sections<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Section>, D::Error> {
    let words = Vec::<std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
    words.iter().map(|word| word.parse().map_err(de::Error::custom)).collect()
}

fn section_words<S: Serializer>(sections: &[Section], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(sections.iter().map(|section| section.word()))
}
