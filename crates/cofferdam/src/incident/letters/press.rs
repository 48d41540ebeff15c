//! From a person and what happened to the file: to whom a letter goes, and its pages.

use super::exposed::Exposed;
use super::place::{self, Ages};
use crate::failure::{Failure, Outcome};
use export::{Address, Contact, Person};
use letters::{Language, Opened, Pages, Recipient, Run, Variant, Writer};
use serde::Serialize;
use std::fmt::Display;
use terms::{Section, Time};

/// Codes of those who are written to in a child's or ward's place (HL7 v3 RoleCode), the nearest
/// first.
const GUARDIANS: [&str; 6] = ["GUARD", "PRN", "MTH", "FTH", "PRNFOST", "STPPRN"];
/// The same for the dead; `N` is next of kin in HL7 v2 table 0131.
const KIN: [&str; 8] = ["N", "NOK", "SPS", "DOMPART", "CHILD", "PRN", "MTH", "FTH"];

/// What letters of one run are made by.
pub(super) struct Press {
    run: Run,
    ages: Ages,
    today: String,
    writer: Writer,
}

/// One letter, made.
pub(super) struct Made {
    pub(super) pdf: Vec<u8>,
    pub(super) pages: usize,
    pub(super) to: Recipient,
}

/// What counts of a person, without a name: one line of `people.ndjson`.
#[derive(Serialize)]
pub(super) struct Facts {
    pub(super) file: String,
    pub(super) country: Option<String>,
    pub(super) region: Option<String>,
    pub(super) postcode: Option<String>,
    pub(super) minor: bool,
    pub(super) dead: bool,
    pub(super) association: Option<String>,
    pub(super) language: &'static str,
}

impl Press {
    pub(super) fn of(run: Run, ages: Ages, today: Time) -> Outcome<Press> {
        let writer = Writer::built_in().map_err(Failure::world("the letters' texts"))?;
        Ok(Press { run, ages, today: today.to_string(), writer })
    }

    /// The letter about this person's file.
    pub(super) fn letter(
        &self,
        pages: &Pages,
        person: &Person,
        exposed: Option<Exposed>,
        code: &str,
    ) -> Outcome<Made> {
        let file = person.file;
        let wrong = |why: &dyn Display| Failure::Asked(format!("the letter about {file}: {why}"));
        let to = self.recipient(person, exposed, code).map_err(|why| wrong(&why))?;
        let letter = self.writer.compose(&self.run, &to).map_err(|why| wrong(&why))?;
        let (pdf, pages) = pages.counted(&[letter]).map_err(|why| wrong(&why))?;
        Ok(Made { pdf, pages, to })
    }

    /// What counts of this person.
    pub(super) fn facts(&self, person: &Person) -> Facts {
        let address = person.addresses.first();
        let country = address.and_then(|address| self.country(address));
        let known = country.as_deref().unwrap_or(&self.run.country);
        let minor = self.ages.is_minor(person.birth_date.as_deref(), known, &self.today);
        Facts {
            file: person.file.to_string(),
            region: address.and_then(|address| address.region.clone()),
            postcode: address.and_then(|address| address.postcode.clone()),
            minor: minor && !person.dead,
            dead: person.dead,
            association: None,
            language: place::language(&person.languages, known).code(),
            country,
        }
    }

    /// To whom a letter goes, or why none can.
    pub(super) fn recipient(
        &self,
        person: &Person,
        exposed: Option<Exposed>,
        code: &str,
    ) -> Result<Recipient, &'static str> {
        let name = person.name.as_ref().ok_or("no-name")?;
        let own = person.addresses.first();
        let facts = self.facts(person);
        let guardian = nearest(&person.contacts, &GUARDIANS[..1]);
        let (variant, reader) = match facts {
            Facts { dead: true, .. } => (Variant::Dead, nearest(&person.contacts, &KIN)),
            Facts { minor: true, .. } => (Variant::Minor, nearest(&person.contacts, &GUARDIANS)),
            _ if guardian.is_some() => (Variant::Guardian, guardian),
            _ => (Variant::Adult, None),
        };
        let theirs = reader.and_then(|reader| reader.address.as_ref()).filter(|one| is_whole(one));
        let address = theirs.or(own).ok_or("no-address")?;
        let country = self.country(address).ok_or("no-country")?;
        let language = place::language(&person.languages, &country);
        let reader_name = reader.and_then(|reader| reader.name.clone());
        let opened = exposed.map(opened).transpose()?.unwrap_or_default();
        let variant = if opened.is_empty() { Variant::NotOpened } else { variant };
        let about_another = variant.is_about_another();
        let recipient = Recipient {
            name: match variant {
                _ if !about_another => name.clone(),
                _ => reader_name.unwrap_or_else(|| in_place_of(variant, name, language)),
            },
            address: address.lines.clone(),
            postcode: address.postcode.clone().ok_or("no-postcode")?,
            town: town(address, &country).ok_or("no-town")?,
            country,
            country_line: None,
            language,
            variant,
            person: about_another.then(|| name.clone()),
            opened,
            not_opened: not_opened(&person.has, exposed),
            code: code.to_owned(),
            protection_code: None,
        };
        match recipient.check() {
            Ok(()) => Ok(recipient),
            Err(_) => Err("not-writable"),
        }
    }

    /// The country of an address; that of the run where none is written.
    fn country(&self, address: &Address) -> Option<String> {
        match address.country.as_deref().map(str::trim).filter(|country| !country.is_empty()) {
            Some(country) => place::code(country),
            None => Some(self.run.country.clone()),
        }
    }
}

fn nearest<'c>(contacts: &'c [Contact], codes: &[&str]) -> Option<&'c Contact> {
    let has = |code: &&str| {
        let of = move |one: &&'c Contact| one.relationships.iter().any(|is| is == code);
        contacts.iter().find(|one| of(one) && one.name.is_some())
    };
    codes.iter().find_map(has)
}

fn is_whole(address: &Address) -> bool {
    !address.lines.is_empty() && address.postcode.is_some() && address.city.is_some()
}

fn town(address: &Address, country: &str) -> Option<String> {
    let city = address.city.clone()?;
    match (country, &address.region) {
        ("US", Some(state)) => Some(format!("{city}, {state}")),
        _ => Some(city),
    }
}

/// On the envelope where nobody is named.
fn in_place_of(variant: Variant, name: &str, language: Language) -> String {
    match (variant, language) {
        (Variant::Dead, Language::Danish) => format!("Efterladte efter {name}"),
        (Variant::Dead, Language::German) => format!("Angehörige von {name}"),
        (Variant::Dead, Language::English) => format!("Next of kin of {name}"),
        (_, Language::Danish) => format!("Forældremyndigheden for {name}"),
        (_, Language::German) => format!("Sorgeberechtigte von {name}"),
        (_, Language::English) => format!("Parents or guardians of {name}"),
    }
}

fn opened(exposed: Exposed) -> Result<Vec<Opened>, &'static str> {
    let moment = |time: Time| {
        let text = time.to_string();
        let seconds = text.get(..19).ok_or("no-time")?;
        format!("{seconds}Z").parse().map_err(|_| "no-time")
    };
    let (first, last) = (moment(exposed.first)?, moment(exposed.last)?);
    let one = |section: Section, passed| Opened { section, first, last, by: None, passed };
    let passed = exposed.passed.without(exposed.read);
    let read = exposed.read.iter().map(|section| one(section, false));
    Ok(read.chain(passed.iter().map(|section| one(section, true))).collect())
}

/// What the file has now and was neither read nor passed through.
fn not_opened(has: &[String], exposed: Option<Exposed>) -> Vec<Section> {
    let known = has.iter().filter_map(|word| word.parse::<Section>().ok());
    let touched = |section: &Section| {
        exposed.is_some_and(|one| one.read.union(one.passed).contains(*section))
    };
    known.filter(|section| !touched(section)).collect()
}

/// The facts of a run, as a person wrote them.
pub(super) fn facts(path: &std::path::Path) -> Outcome<Run> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::NotThere(format!("{}: {error}; it is the letters' facts", path.display()))
    })?;
    let wrong = |why: String| Failure::Asked(format!("{}: {why}", path.display()));
    let run: Run = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    run.check().map_err(|error| wrong(error.to_string()))?;
    Ok(run)
}
