//! Vaccinations by the country's schedule, and allergies.

use super::{Json, Life, Office, SNOMED, concept, list, object, status, to};
use crate::population::Date;
use crate::population::household::Country;
use crate::population::tables::{Code, TABLES};

const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
const VERIFIED: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";

impl Life<'_> {
    /// Everything the schedule had for somebody of this age and sex in those years.
    pub(super) fn vaccinate(&mut self) {
        let practice = self.directory.organization(Office::Practice);
        let birth = self.person.birth();
        for vaccine in &TABLES.of(self.country).vaccines {
            if vaccine.sex.is_some_and(|sex| sex != self.person.sex()) {
                continue;
            }
            let introduced = Date::new(vaccine.since, 3, 1);
            let mut days: Vec<Date> =
                vaccine.months.iter().map(|m| birth.plus_days(m * 30_437 / 1000 + 3)).collect();
            if days.is_empty() && birth.years_until(introduced) >= 12 {
                days = vec![introduced.plus_days(60), introduced.plus_days(102)];
            }
            for day in days {
                let day = day.plus_days(self.random.between(0, 20) as i32);
                // Some are missed.
                if day > introduced && day <= self.end && !self.random.chance(60) {
                    self.add_immunization(day, vaccine.code, &practice);
                }
            }
        }
    }

    pub(super) fn add_allergies(&mut self) {
        let number = match self.random.below(100) {
            0..72 => 0,
            72..90 => 1,
            _ => 2,
        };
        let first = self.random.below(TABLES.allergies.len() as u64) as usize;
        for allergy in TABLES.allergies.iter().cycle().skip(first).take(number) {
            let day = self.some_day(self.person.birth().plus_days(300), self.end);
            let body = object! {
                "clinicalStatus": status(CLINICAL, "active"),
                "verificationStatus": status(VERIFIED, "confirmed"),
                "type": "allergy",
                "category": list![allergy.category],
                "criticality": allergy.criticality,
                "code": concept(SNOMED, allergy.code.code, allergy.code.display),
                "patient": to(&self.patient),
                "recordedDate": day.to_string(),
                "reaction": list![object! {
                    "manifestation": list![
                        concept(SNOMED, allergy.reaction.code, allergy.reaction.display),
                    ],
                    "severity": if allergy.criticality == "high" { "severe" } else { "mild" },
                }],
            };
            self.add(day, "AllergyIntolerance", None, body);
        }
    }

    fn add_immunization(&mut self, day: Date, vaccine: Code, practice: &str) {
        let system = match self.country {
            Country::Usa => "http://hl7.org/fhir/sid/cvx",
            _ => "http://www.whocc.no/atc",
        };
        let lot = format!("{:06X}", self.random.below(0x100_0000));
        let body: Json = object! {
            "status": "completed",
            "vaccineCode": concept(system, vaccine.code, vaccine.display),
            "patient": to(&self.patient),
            "occurrenceDateTime": self.moment(day, 11 * 60),
            "primarySource": true,
            "lotNumber": lot,
            "performer": list![object! { "actor": to(practice) }],
        };
        self.add(day, "Immunization", None, body);
    }
}
