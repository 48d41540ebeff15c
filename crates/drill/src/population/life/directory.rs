//! Practices, hospitals, laboratories, insurers and the people who work there. They are the same
//! in every bundle of a population, so that each exists once on a server.

use super::{Json, entry, list, object, status, to, urn};
use crate::population::Person;
use crate::population::household::Country;
use crate::population::random::Random;
use crate::population::tables::TABLES;

const DIRECTORY: u64 = 4;
const ORGANIZATION_TYPE: &str = "http://terminology.hl7.org/CodeSystem/organization-type";

/// A kind of place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Office {
    Practice,
    Laboratory,
    Insurer,
    /// A hospital's outpatient clinic of this specialty.
    Clinic(&'static str),
}

/// A practitioner of an office.
#[derive(Clone)]
pub(super) struct Doctor {
    pub(super) reference: String,
    pub(super) name: String,
}

/// The directory entries that one bundle needs, created as they are asked for.
pub(super) struct Directory {
    seed: u64,
    country: Country,
    town: usize,
    insurer: usize,
    known: Vec<(u64, String, Option<Doctor>)>,
    entries: Vec<Json>,
}

impl Directory {
    pub(super) fn of(person: &Person) -> Directory {
        Directory {
            seed: person.member.seed,
            country: person.country(),
            town: person.address().town_index,
            insurer: person.household() as usize % 7,
            known: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// The reference to the organization.
    pub(super) fn organization(&mut self, office: Office) -> String {
        let key = self.key(office);
        if let Some((_, reference, _)) = self.known.iter().find(|known| known.0 == key) {
            return reference.clone();
        }
        let mut random = Random::of(&[self.seed, DIRECTORY, key]);
        let id = random.uuid();
        let reference = urn(&id);
        let number = format!("{:07}", key % 10_000_000);
        let system = self.country.say(
            "urn:oid:1.2.208.176.1.1",
            "https://fhir.kbv.de/NamingSystem/KBV_NS_Base_BSNR",
            "http://hl7.org/fhir/sid/us-npi",
        );
        let kind = if office == Office::Insurer { "ins" } else { "prov" };
        let town = &TABLES.of(self.country).towns[self.place(office)];
        let body = object! {
            "identifier": list![object! { "system": system, "value": number.clone() }],
            "active": true,
            "type": list![status(ORGANIZATION_TYPE, kind)],
            "name": self.name_of(office),
            "address": list![object! {
                "city": town.name, "postalCode": town.postcode, "country": self.country.code(),
            }],
        };
        let condition = Some(format!("identifier={system}|{number}"));
        self.entries.push(entry("Organization", id, Json::Absent, body, condition));
        self.known.push((key, reference.clone(), None));
        reference
    }

    /// The doctor who works there.
    pub(super) fn doctor(&mut self, office: Office) -> Doctor {
        self.organization(office);
        let key = self.key(office);
        let known = self.known.iter().position(|known| known.0 == key);
        if let Some(doctor) = known.and_then(|at| self.known[at].2.clone()) {
            return doctor;
        }
        let mut random = Random::of(&[self.seed, DIRECTORY, key, 1]);
        let tables = TABLES.of(self.country);
        let sex = random.below(2) as usize;
        let (given, family) = (*random.pick(&tables.given[sex][1]), *random.pick(&tables.family));
        let number = format!("{:09}", random.below(1_000_000_000));
        let system = self.country.say(
            "urn:oid:1.2.208.176.1.3",
            "https://fhir.kbv.de/NamingSystem/KBV_NS_Base_ANR",
            "http://hl7.org/fhir/sid/us-npi",
        );
        let id = random.uuid();
        let doctor = Doctor { reference: urn(&id), name: format!("Dr. {given} {family}") };
        let body = object! {
            "identifier": list![object! { "system": system, "value": number.clone() }],
            "active": true,
            "name": list![object! {
                "family": family, "given": list![given], "prefix": list!["Dr."],
            }],
            "gender": if sex == 0 { "female" } else { "male" },
        };
        let condition = Some(format!("identifier={system}|{number}"));
        self.entries.push(entry("Practitioner", id, Json::Absent, body, condition));
        if let Some(at) = known.or_else(|| self.known.iter().position(|known| known.0 == key)) {
            self.known[at].2 = Some(doctor.clone());
        }
        doctor
    }

    /// Practitioner and organization of an office as references.
    pub(super) fn both(&mut self, office: Office) -> (Doctor, String) {
        (self.doctor(office), self.organization(office))
    }

    pub(super) fn into_entries(self) -> Vec<Json> {
        self.entries
    }

    /// What an office is called.
    pub(super) fn name_of(&self, office: Office) -> String {
        let town = TABLES.of(self.country).towns[self.town].name;
        match office {
            Office::Practice => self.country.say(
                format!("Lægehuset {town}"),
                format!("Hausarztpraxis {town}"),
                format!("{town} Family Practice"),
            ),
            Office::Laboratory => self.country.say(
                format!("Klinisk laboratorium {town}"),
                format!("Labor {town}"),
                format!("{town} Medical Laboratory"),
            ),
            Office::Insurer => self.country.say(
                "Regionernes sygesikring".to_owned(),
                format!("Musterkasse {}", self.insurer + 1),
                format!("Example Health Plan {}", self.insurer + 1),
            ),
            Office::Clinic(specialty) => self.country.say(
                format!("{town} Hospital, {}", specialty_word(specialty, self.country)),
                format!("Klinikum {town}, {}", specialty_word(specialty, self.country)),
                format!("{town} General Hospital, {specialty}"),
            ),
        }
    }

    fn key(&self, office: Office) -> u64 {
        let kind = match office {
            Office::Practice => 1,
            Office::Laboratory => 3,
            Office::Insurer => 4,
            Office::Clinic(specialty) => {
                10 + SPECIALTIES.iter().position(|s| s.0 == specialty).unwrap_or(0) as u64
            }
        };
        (self.country as u64 + 1) * 1_000_000 + kind * 1000 + self.place(office) as u64
    }

    /// The index of the office's town; insurers sit in the first ones.
    fn place(&self, office: Office) -> usize {
        if office == Office::Insurer { self.insurer } else { self.town }
    }
}

/// A doctor as the participant of an encounter.
pub(super) fn participant(doctor: &Doctor) -> Json {
    list![object! { "individual": to(&doctor.reference) }]
}

/// The specialty in the country's language.
pub(super) fn specialty_word(specialty: &'static str, country: Country) -> &'static str {
    SPECIALTIES.iter().find(|s| s.0 == specialty).map_or(specialty, |s| country.say(s.1, s.2, s.0))
}

const SPECIALTIES: [(&str, &str, &str); 18] = [
    ("cardiology", "hjertemedicin", "Kardiologie"),
    ("dermatology", "hudsygdomme", "Dermatologie"),
    ("endocrinology", "hormonsygdomme", "Endokrinologie"),
    ("gastroenterology", "mave-tarm-sygdomme", "Gastroenterologie"),
    ("gynaecology", "kvindesygdomme", "Frauenheilkunde"),
    ("haematology", "blodsygdomme", "Hämatologie"),
    ("infectiology", "infektionsmedicin", "Infektiologie"),
    ("nephrology", "nyresygdomme", "Nephrologie"),
    ("neurology", "neurologi", "Neurologie"),
    ("oncology", "kræftbehandling", "Onkologie"),
    ("ophthalmology", "øjensygdomme", "Augenheilkunde"),
    ("orthopaedics", "ortopædkirurgi", "Orthopädie"),
    ("otology", "øre-næse-hals", "Hals-Nasen-Ohren-Heilkunde"),
    ("psychiatry", "psykiatri", "Psychiatrie"),
    ("pulmonology", "lungesygdomme", "Pneumologie"),
    ("rheumatology", "gigtsygdomme", "Rheumatologie"),
    ("surgery", "kirurgi", "Chirurgie"),
    ("urology", "urinvejskirurgi", "Urologie"),
];
