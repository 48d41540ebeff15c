//! How a problem goes: diagnosis, treatment, referral, letters, plan, follow-up.

use super::directory::specialty_word;
use super::letter::{self, Letter};
use super::measure::quantity;
use super::visit::Reason;
use super::{
    Date, Json, LOINC, Life, Office, Ongoing, SNOMED, Visit, concept, list, object, status, to,
};
use crate::population::household::Country;
use crate::population::tables::{Code, Drug, Problem};

const ICD10: &str = "http://hl7.org/fhir/sid/icd-10";
const ATC: &str = "http://www.whocc.no/atc";
const RXNORM: &str = "http://www.nlm.nih.gov/research/umls/rxnorm";
const CLINICAL: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const VERIFIED: &str = "http://terminology.hl7.org/CodeSystem/condition-ver-status";

impl Life<'_> {
    /// The first contact about a problem; a chronic one is returned.
    pub(super) fn begin(&mut self, problem: &'static Problem, date: Date) -> Option<Ongoing> {
        let word = (problem.word(self.country), None);
        let visit =
            self.see_doctor(date, Reason::Symptom, Office::Practice, problem.label, Some(word));
        if problem.key == "hypertension" {
            self.hypertension_since = Some(date);
        }
        self.measure(&visit, false);
        let condition = self.add_condition(&visit, problem);
        if let Some(panel) = &problem.panel {
            self.report(&visit, panel, 850);
        }
        self.prescribe(&visit, problem, &condition);
        self.claim(&visit, Some(&condition));
        if let Some(specialty) = problem.specialty {
            self.refer(&visit, problem, &condition, specialty);
        } else if let Some(procedure) = problem.procedures.first() {
            self.operate(&visit, *procedure, &condition);
        }
        problem.chronic.then(|| {
            self.plan(&visit, problem, &condition);
            Ongoing { problem, condition, since: date }
        })
    }

    /// A later visit about a chronic problem.
    pub(super) fn follow_up(&mut self, case: &Ongoing) {
        let date = self.some_day(case.since.plus_days(30), self.end);
        let word = (case.problem.word(self.country), Some(case.condition.as_str()));
        let label = case.problem.label;
        let visit = self.see_doctor(date, Reason::FollowUp, Office::Practice, label, Some(word));
        self.measure(&visit, false);
        if let Some(panel) = &case.problem.panel {
            self.report(&visit, panel, 500);
        }
        if self.random.chance(350) {
            self.prescribe(&visit, case.problem, &case.condition);
        }
        self.claim(&visit, Some(&case.condition));
    }

    pub(super) fn add_condition(&mut self, visit: &Visit, problem: &Problem) -> String {
        let healed = visit.date.plus_days(self.random.between(6, 40) as i32);
        let active = problem.chronic || healed > self.end;
        let body = object! {
            "clinicalStatus": status(CLINICAL, if active { "active" } else { "resolved" }),
            "verificationStatus": status(VERIFIED, "confirmed"),
            "category": list![concept(
                "http://terminology.hl7.org/CodeSystem/condition-category",
                "encounter-diagnosis",
                "Encounter Diagnosis",
            )],
            "code": object! {
                "coding": list![
                    super::coding(SNOMED, problem.snomed.code, problem.snomed.display),
                    super::coding(ICD10, problem.icd.code, problem.icd.display),
                ],
                "text": problem.word(self.country),
            },
            "subject": to(&self.patient),
            "encounter": to(&visit.encounter),
            "onsetDateTime": visit.date.to_string(),
            "abatementDateTime": (!active).then(|| healed.to_string()),
            "recordedDate": visit.date.to_string(),
            "recorder": to(&visit.doctor.reference),
            "note": self.random.chance(150).then(|| {
                let text = letter::note(self.country, self.age(visit.date), &mut self.random);
                list![object! { "time": self.moment(visit.date, 600), "text": text }]
            }),
        };
        self.add(visit.date, "Condition", visit.label, body)
    }

    /// One of the problem's drugs; a chronic problem usually gets them all over the years.
    pub(super) fn prescribe(&mut self, visit: &Visit, problem: &Problem, condition: &str) {
        if problem.drugs.is_empty() {
            return;
        }
        let drug = self.random.pick(&problem.drugs);
        let recent = visit.date.days_until(self.end) < 300 && self.person.death().is_none();
        let active = problem.chronic && recent;
        let days = if problem.chronic { 100 } else { self.random.between(1, 3) * 5 };
        let body = object! {
            "status": if active { "active" } else { "completed" },
            "intent": "order",
            "medicationCodeableConcept": self.medication(drug),
            "subject": to(&self.patient),
            "encounter": to(&visit.encounter),
            "authoredOn": self.moment(visit.date, 10 * 60 + 20),
            "requester": to(&visit.doctor.reference),
            "reasonReference": list![to(condition)],
            "dosageInstruction": list![object! {
                "text": dosage(self.country, drug),
                "timing": object! {
                    "repeat": object! { "frequency": drug.daily, "period": 1, "periodUnit": "d" },
                },
            }],
            "dispenseRequest": object! {
                "numberOfRepeatsAllowed": if problem.chronic { 3 } else { 0 },
                "quantity": object! { "value": days * drug.daily },
            },
        };
        self.add(visit.date, "MedicationRequest", visit.label, body);
    }

    /// Referral, the specialist's visit, what is done there, and the letters both ways.
    fn refer(
        &mut self,
        visit: &Visit,
        problem: &'static Problem,
        condition: &str,
        specialty: &'static str,
    ) {
        let word = problem.word(self.country);
        let clinic = Office::Clinic(specialty);
        let (specialist, _) = self.directory.both(clinic);
        let body = object! {
            "status": "completed",
            "intent": "order",
            "priority": "routine",
            "code": object! {
                "coding": list![super::coding(SNOMED, "3457005", "Patient referral")],
                "text": specialty_word(specialty, self.country),
            },
            "subject": to(&self.patient),
            "encounter": to(&visit.encounter),
            "authoredOn": self.moment(visit.date, 10 * 60 + 30),
            "requester": to(&visit.doctor.reference),
            "performer": list![to(&specialist.reference)],
            "reasonReference": list![to(condition)],
        };
        self.add(visit.date, "ServiceRequest", visit.label, body);
        self.file_letter(visit, problem, Letter::Referral { to: self.directory.name_of(clinic) });

        let date = visit.date.plus_days(self.random.between(3, 60) as i32);
        if date > self.end {
            return;
        }
        let reason = if problem.chronic { Reason::FollowUp } else { Reason::Admission };
        let there =
            self.see_doctor(date, reason, clinic, visit.label, Some((word, Some(condition))));
        for procedure in &problem.procedures {
            self.operate(&there, *procedure, condition);
        }
        let from = self.directory.name_of(clinic);
        self.file_letter(&there, problem, Letter::Discharge { from });
    }

    fn operate(&mut self, visit: &Visit, procedure: Code, condition: &str) {
        let (start, end) = (self.moment(visit.date, 640), self.moment(visit.date, 700));
        let body = object! {
            "status": "completed",
            "code": concept(SNOMED, procedure.code, procedure.display),
            "subject": to(&self.patient),
            "encounter": to(&visit.encounter),
            "performedPeriod": object! { "start": start, "end": end },
            "performer": list![object! { "actor": to(&visit.doctor.reference) }],
            "reasonReference": list![to(condition)],
        };
        self.add(visit.date, "Procedure", visit.label, body);
    }

    /// Goal and care plan of a chronic problem, where the laboratory can tell whether it is met.
    fn plan(&mut self, visit: &Visit, problem: &Problem, condition: &str) {
        let Some(lab) = problem.panel.as_ref().and_then(|panel| panel.labs.first()) else {
            return;
        };
        let word = problem.word(self.country);
        let (goal, title, activity) = (
            self.country.say(
                format!("Målet er normale prøver: {word}"),
                format!("Ziel sind Werte im Normbereich: {word}"),
                format!("Values within the normal range: {word}"),
            ),
            self.country.say(
                format!("Forløbsplan: {word}"),
                format!("Behandlungsplan: {word}"),
                format!("Care plan: {word}"),
            ),
            self.country.say(
                "Kontrol hver sjette måned med blodprøver og samtale",
                "Halbjährliche Kontrolle mit Laborwerten und Gespräch",
                "Review every six months with laboratory tests",
            ),
        );
        let body = object! {
            "lifecycleStatus": "active",
            "description": object! { "text": goal },
            "subject": to(&self.patient),
            "startDate": visit.date.to_string(),
            "target": list![object! {
                "measure": concept(LOINC, lab.loinc.code, lab.loinc.display),
                "detailRange": object! {
                    "low": quantity(lab.low, lab.places, lab.unit),
                    "high": quantity(lab.high, lab.places, lab.unit),
                },
            }],
            "addresses": list![to(condition)],
        };
        let goal = self.add(visit.date, "Goal", visit.label, body);
        let body = object! {
            "status": if self.person.death().is_some() { "completed" } else { "active" },
            "intent": "plan",
            "title": title,
            "subject": to(&self.patient),
            "encounter": to(&visit.encounter),
            "period": object! { "start": visit.date.to_string() },
            "author": to(&visit.doctor.reference),
            "addresses": list![to(condition)],
            "goal": list![to(&goal)],
            "activity": list![object! {
                "detail": object! { "status": "in-progress", "description": activity },
            }],
        };
        self.add(visit.date, "CarePlan", visit.label, body);
    }

    fn file_letter(&mut self, visit: &Visit, problem: &Problem, letter: Letter) {
        let (code, display) = match letter {
            Letter::Referral { .. } => ("57133-1", "Referral note"),
            Letter::Discharge { .. } => ("18842-5", "Discharge summary"),
        };
        let text = letter.write(self.person, visit, problem, &mut self.random);
        let written = self.moment(visit.date, 15 * 60);
        let body = object! {
            "status": "current",
            "type": concept(LOINC, code, display),
            "subject": to(&self.patient),
            "date": written.clone(),
            "author": list![to(&visit.doctor.reference)],
            "description": problem.word(self.country),
            "content": list![object! {
                "attachment": object! {
                    "contentType": "text/plain; charset=utf-8",
                    "language": self.country.say("da", "de", "en"),
                    "data": data_encoding::BASE64.encode(text.as_bytes()),
                    "title": letter.title(self.country),
                    "creation": written,
                },
            }],
            "context": object! { "encounter": list![to(&visit.encounter)] },
        };
        self.add(visit.date, "DocumentReference", visit.label, body);
    }

    fn medication(&self, drug: &Drug) -> Json {
        let [english, danish, german] = drug.names;
        let name = self.country.say(danish, german, english);
        let coded = match self.country {
            Country::Usa => super::coding(RXNORM, drug.rxnorm, english),
            _ => super::coding(ATC, drug.atc, english),
        };
        object! { "coding": list![coded], "text": format!("{name} {}", drug.strength) }
    }
}

/// How to take it, in the country's language.
fn dosage(country: Country, drug: &Drug) -> String {
    let (danish, german, english) = match drug.form {
        "tablet" => ("1 tablet", "1 Tablette", "1 tablet"),
        "capsule" => ("1 kapsel", "1 Kapsel", "1 capsule"),
        "inhaler" => ("1 sug", "1 Hub", "1 puff"),
        "injection" => ("1 indsprøjtning", "1 Injektion", "1 injection"),
        "drops" => ("1 dråbe i hvert øje", "1 Tropfen in jedes Auge", "1 drop in each eye"),
        "patch" => ("1 plaster", "1 Pflaster", "1 patch"),
        _ => ("smøres tyndt", "dünn auftragen", "apply thinly"),
    };
    let daily = drug.daily;
    match (country, daily) {
        (Country::Denmark, 1) => format!("{danish}, 1 gang daglig"),
        (Country::Denmark, _) => format!("{danish}, {daily} gange daglig"),
        (Country::Germany, _) => format!("{german}, {daily}-mal täglich"),
        (Country::Usa, 1) => format!("{english}, once a day"),
        (Country::Usa, _) => format!("{english}, {daily} times a day"),
    }
}
