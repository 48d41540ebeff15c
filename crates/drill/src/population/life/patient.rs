//! The Patient resource, the insurance, and what is pinned to the record's cover.

use super::{Json, Life, Office, Ongoing, concept, list, object, status, to};
use crate::population::Identifier;
use crate::population::household::{Country, Member, Sex};

const V2_0203: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";
const BIRTH_PLACE: &str = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace";

impl Life<'_> {
    pub(super) fn add_patient(&mut self) {
        let (person, country) = (self.person, self.country);
        let (doctor, practice) = self.directory.both(Office::Practice);
        let age = self.age(self.end);
        let language = country.say("da", "de", "en");
        let given: Vec<Json> = person.given().iter().map(|name| Json::from(*name)).collect();
        let number_type = country.say("NNDNK", "KVZ10", "SS");
        let death = person.death().map(|date| self.moment(date, 7 * 60 + 30));
        let body = object! {
            "extension": list![object! {
                "url": BIRTH_PLACE,
                "valueAddress": object! {
                    "city": person.address().town, "country": country.code(),
                },
            }],
            "identifier": list![
                identifier(person.national(), number_type, country),
                identifier(person.chart(), "MR", Country::Usa),
            ],
            "active": person.death().is_none(),
            "name": list![object! {
                "use": "official", "family": person.family(), "given": given,
            }],
            "telecom": self.telecom(age),
            "gender": gender(person.sex()),
            "birthDate": person.birth().to_string(),
            "deceasedDateTime": death,
            "address": list![address(&person.member)],
            "maritalStatus": (age >= 18).then(|| self.marital_status(age)),
            "contact": person.member.relative().map(|kin| list![contact(&kin, age)]),
            "communication": list![object! {
                "language": status("urn:ietf:bcp:47", language), "preferred": true,
            }],
            "generalPractitioner": list![to(&doctor.reference)],
            "managingOrganization": to(&practice),
        };
        let id = self.patient.trim_start_matches("urn:uuid:").to_owned();
        let patient = super::entry("Patient", id, Json::Absent, body, None);
        self.entries.push((person.birth().plus_days(-1), patient));
    }

    /// Statutory or private insurance; Danes are covered without a policy.
    pub(super) fn add_coverage(&mut self) {
        if self.country == Country::Denmark {
            return;
        }
        let insurer = self.directory.organization(Office::Insurer);
        let from = self.person.birth().plus_days(30).min(self.end);
        let number = match self.country {
            Country::Usa => format!("W{:09}", self.random.below(1_000_000_000)),
            _ => self.person.national().value.clone(),
        };
        let ended = self.person.death().map(|date| date.to_string());
        let body = object! {
            "status": if ended.is_some() { "cancelled" } else { "active" },
            "type": status(
                "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                self.country.say("PUBLICPOL", "PUBLICPOL", "EHCPOL"),
            ),
            "subscriberId": number,
            "beneficiary": to(&self.patient),
            "relationship": status(
                "http://terminology.hl7.org/CodeSystem/subscriber-relationship", "self",
            ),
            "period": object! { "start": from.to_string(), "end": ended },
            "payor": list![to(&insurer)],
        };
        self.coverage = Some(self.add(from, "Coverage", None, body));
    }

    /// Warnings that everybody should see at once.
    pub(super) fn add_flags(&mut self, ongoing: &[Ongoing]) {
        for case in ongoing {
            let warning = match case.problem.key {
                "atrialfib" => self.country.say(
                    "Blodfortyndende behandling",
                    "Blutverdünnende Behandlung",
                    "Takes an anticoagulant",
                ),
                "epilepsy" => {
                    self.country.say("Krampeanfald", "Krampfanfälle möglich", "Seizure risk")
                }
                "osteoporosis" | "parkinson" => {
                    self.country.say("Faldrisiko", "Sturzgefahr", "Risk of falling")
                }
                "alzheimer" => self.country.say(
                    "Pårørende deltager ved samtaler",
                    "Angehörige zu Gesprächen hinzuziehen",
                    "Relatives take part in conversations",
                ),
                "diabetes1" => self.country.say("Insulin", "Insulinpflichtig", "Needs insulin"),
                _ => continue,
            };
            let body = object! {
                "status": if self.person.death().is_some() { "inactive" } else { "active" },
                "category": list![concept(
                    "http://terminology.hl7.org/CodeSystem/flag-category", "clinical", "Clinical",
                )],
                "code": object! { "text": warning },
                "subject": to(&self.patient),
                "period": object! { "start": case.since.to_string() },
            };
            self.add(case.since, "Flag", case.problem.label, body);
        }
    }

    fn telecom(&mut self, age: i32) -> Json {
        let phone = object! {
            "system": "phone", "value": self.person.phone().to_owned(), "use": "home",
        };
        let email = (age >= 14 && self.random.chance(600)).then(|| {
            let value = format!("person{}@mail.example", self.person.number());
            object! { "system": "email", "value": value }
        });
        list![phone, email]
    }

    fn marital_status(&self, age: i32) -> Json {
        let (code, display) = match self.person.member.partnered {
            true => ("M", "Married"),
            false if age >= 68 => ("W", "Widowed"),
            false => ("S", "Never Married"),
        };
        concept("http://terminology.hl7.org/CodeSystem/v3-MaritalStatus", code, display)
    }
}

fn gender(sex: Sex) -> &'static str {
    if sex == Sex::Female { "female" } else { "male" }
}

/// The identifier with its type; Danish CPR numbers have no code of their own, so text names them.
fn identifier(identifier: &Identifier, code: &'static str, country: Country) -> Json {
    let kind = match code {
        "NNDNK" => object! { "text": "CPR" },
        "KVZ10" => status("http://fhir.de/CodeSystem/identifier-type-de-basis", code),
        _ => status(V2_0203, code),
    };
    let official = code != "MR" && country != Country::Usa;
    object! {
        "use": if official { "official" } else { "usual" },
        "type": kind,
        "system": identifier.system.to_string(),
        "value": identifier.value.clone(),
    }
}

fn address(member: &Member) -> Json {
    let home = &member.address;
    object! {
        "use": "home",
        "line": list![home.line.clone()],
        "city": home.town,
        "state": home.state,
        "postalCode": home.postcode,
        "country": member.country.code(),
    }
}

fn contact(kin: &Member, age: i32) -> Json {
    let (code, display) =
        if age < 18 { ("GUARD", "guardian") } else { ("FAMMEMB", "family member") };
    object! {
        "relationship": list![concept(
            "http://terminology.hl7.org/CodeSystem/v3-RoleCode", code, display,
        )],
        "name": object! { "family": kin.family, "given": list![kin.names().0] },
        "telecom": list![object! { "system": "phone", "value": kin.phone.clone() }],
        "address": address(kin),
        "gender": gender(kin.sex),
    }
}
