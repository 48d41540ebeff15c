//! From a person and what happened to the file: to whom a letter goes, and its pages.

use crate::error::{PostError, Result};
use crate::exposed::Exposed;
use crate::place::{self, Ages};
use export::{Address, Contact, Person};
use letters::{Language, Letter, Opened, Recipient, Run, Variant, Writer};
use serde::Serialize;
use std::fmt::Display;
use std::path::Path;
use terms::{Section, Time};

/// Codes of those who are written to in a child's or ward's place (HL7 v3 RoleCode), the nearest
/// first.
const GUARDIANS: [&str; 6] = ["GUARD", "PRN", "MTH", "FTH", "PRNFOST", "STPPRN"];
/// The same for the dead; `N` is next of kin in HL7 v2 table 0131.
const KIN: [&str; 8] = ["N", "NOK", "SPS", "DOMPART", "CHILD", "PRN", "MTH", "FTH"];

/// What letters of one run are made by.
pub(crate) struct Press {
    run: Run,
    ages: Ages,
    today: String,
    writer: Writer,
}

/// One letter in words.
pub(crate) struct Written {
    pub(crate) letter: Letter,
    pub(crate) to: Recipient,
}

/// What counts of a person, without a name: one line of `people.ndjson`.
#[derive(Serialize)]
pub(crate) struct Facts {
    pub(crate) file: String,
    pub(crate) country: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) postcode: Option<String>,
    pub(crate) minor: bool,
    pub(crate) dead: bool,
    pub(crate) association: Option<String>,
    pub(crate) language: &'static str,
}

impl Press {
    /// Texts and steps of the folder stand in place of those that are built in.
    pub(crate) fn of(run: Run, ages: Ages, today: Time, texts: &Path) -> Result<Press> {
        let writer = Writer::from_folder(texts);
        let writer =
            writer.map_err(|why| PostError::Asked(format!("{}: {why}", texts.display())))?;
        Ok(Press { run, ages, today: today.to_string(), writer })
    }

    /// The letter about this person's file.
    pub(crate) fn letter(
        &self,
        person: &Person,
        exposed: Option<Exposed>,
        code: &str,
    ) -> Result<Written> {
        let file = person.file;
        let wrong = |why: &dyn Display| PostError::Asked(format!("the letter about {file}: {why}"));
        let to = self.recipient(person, exposed, code).map_err(|why| wrong(&why))?;
        let letter = self.writer.compose(&self.run, &to).map_err(|why| wrong(&why))?;
        Ok(Written { letter, to })
    }

    /// What counts of this person.
    pub(crate) fn facts(&self, person: &Person) -> Facts {
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
            association: person.association.clone(),
            language: place::language(&person.languages, known).code(),
            country,
        }
    }

    /// To whom a letter goes, or why none can.
    pub(crate) fn recipient(
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
pub(crate) fn facts(path: &Path) -> Result<Run> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        PostError::NotThere(format!("{}: {error}; it is the letters' facts", path.display()))
    })?;
    let wrong = |why: String| PostError::Asked(format!("{}: {why}", path.display()));
    let run: Run = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    run.check().map_err(|error| wrong(error.to_string()))?;
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use terms::{FileId, Sections};

    fn press() -> Press {
        let facts = include_str!("../../letters/tests/letters/run.toml");
        let run: Run = toml::from_str(&facts.replace("COUNTRY", "DK")).unwrap();
        let today = Time::from_millis(1_795_700_000_000);
        Press::of(run, Ages::of(18, &[]).unwrap(), today, Path::new("/nowhere")).unwrap()
    }

    fn person() -> Person {
        let address = Address {
            lines: vec!["Vej 1".into()],
            city: Some("Aarhus".into()),
            postcode: Some("8000".into()),
            ..Address::default()
        };
        Person {
            index: 0,
            file: FileId::from_bytes([1; 16]),
            entry: 1,
            has: vec!["label".into(), "contact".into(), "results".into()],
            name: Some("Bo Ny".into()),
            birth_date: Some("1970-01-01".into()),
            dead: false,
            addresses: vec![address],
            telecoms: Vec::new(),
            contacts: Vec::new(),
            languages: vec!["en".into()],
            association: None,
        }
    }

    fn contact(code: &str, address: Option<Address>) -> Contact {
        let relationships = vec![code.to_owned()];
        Contact { relationships, name: Some("Ane Ny".into()), address }
    }

    fn exposed() -> Option<Exposed> {
        let time = Time::from_millis(1_795_600_000_000);
        let read = "label,contact".parse().unwrap();
        Some(Exposed { read, passed: Sections::NONE, first: time, last: time })
    }

    fn to(person: &Person) -> Result<Recipient, &'static str> {
        press().recipient(person, exposed(), "AAAA-BBBB")
    }

    #[test]
    fn who_is_grown_up_is_written_to_and_hears_what_was_not_opened() {
        let to = to(&person()).unwrap();
        assert!(to.variant == Variant::Adult && to.name == "Bo Ny" && to.person.is_none());
        assert_eq!(to.not_opened, [Section::Results]);
        let written = press().letter(&person(), exposed(), "AAAA-BBBB").unwrap();
        assert_eq!(written.letter.head.code, "AAAA-BBBB");
        let nothing = press().recipient(&person(), None, "AAAA-BBBB").unwrap();
        assert!(nothing.variant == Variant::NotOpened && nothing.not_opened.len() == 3);
    }

    #[test]
    fn guardians_and_kin_are_written_to_at_their_own_address_where_it_is_whole() {
        let own = Address {
            lines: vec!["Gade 2".into()],
            city: Some("Odense".into()),
            postcode: Some("5000".into()),
            ..Address::default()
        };
        let half = Address { city: Some("Odense".into()), ..Address::default() };
        let born = |year: &str| Some(format!("{year}-01-01"));
        for (code, birth_date, dead, variant) in [
            ("MTH", born("2015"), false, Variant::Minor),
            ("GUARD", born("1970"), false, Variant::Guardian),
            ("N", born("1940"), true, Variant::Dead),
        ] {
            let ward = Person { birth_date, dead, ..person() };
            let near = Person { contacts: vec![contact(code, Some(own.clone()))], ..ward.clone() };
            let found = to(&near).unwrap();
            assert!(found.variant == variant && found.name == "Ane Ny" && found.postcode == "5000");
            assert_eq!(found.person.as_deref(), Some("Bo Ny"));
            let near = Person { contacts: vec![contact(code, Some(half.clone()))], ..ward.clone() };
            assert_eq!(to(&near).unwrap().postcode, "8000");
            // A contact of another kind is nobody's guardian.
            let other = Person { contacts: vec![contact("E", Some(own.clone()))], ..ward };
            let found = to(&other).unwrap();
            assert!(found.name != "Ane Ny" && found.postcode == "8000");
        }
    }

    #[test]
    fn whoever_cannot_be_written_to_is_said_why() {
        let no = |change: &dyn Fn(&mut Person)| {
            let mut person = person();
            change(&mut person);
            to(&person).err()
        };
        assert_eq!(no(&|p| p.name = None), Some("no-name"));
        assert_eq!(no(&|p| p.addresses.clear()), Some("no-address"));
        assert_eq!(no(&|p| p.addresses[0].postcode = None), Some("no-postcode"));
        assert_eq!(no(&|p| p.addresses[0].city = None), Some("no-town"));
        assert_eq!(no(&|p| p.addresses[0].country = Some("Atlantis".into())), Some("no-country"));
        assert_eq!(no(&|p| p.addresses[0].lines.clear()), Some("not-writable"));
        assert_eq!(no(&|p| p.name = Some("a\u{202e}b".into())), Some("not-writable"));
        assert_eq!(no(&|_| {}), None);
    }
}
