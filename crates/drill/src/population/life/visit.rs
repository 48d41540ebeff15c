//! Contacts with a doctor: why, where, and the bill.

use super::directory::participant;
use super::{ACT_CODE, Date, Json, Life, Office, SNOMED, Visit, concept, list, object, status, to};
use crate::population::household::Country;
use crate::population::tables::TABLES;

/// Why somebody sees a doctor.
#[derive(Clone, Copy)]
pub(super) enum Reason {
    CheckUp,
    Symptom,
    FollowUp,
    Admission,
}

impl Life<'_> {
    /// A routine visit; with `whole`, everything is measured and adults give blood.
    pub(super) fn check_up(&mut self, date: Date, whole: bool) -> Visit {
        let visit = self.see_doctor(date, Reason::CheckUp, Office::Practice, None, None);
        self.measure(&visit, whole);
        if whole && self.age(date) >= 18 {
            let panel = self.random.pick(&TABLES.routine);
            self.report(&visit, panel, 60);
            if self.random.chance(300) {
                self.ask_about_smoking(&visit);
            }
        }
        if whole {
            self.claim(&visit, None);
        }
        visit
    }

    pub(super) fn see_doctor(
        &mut self,
        date: Date,
        reason: Reason,
        office: Office,
        label: Option<&'static str>,
        word: Option<(&'static str, Option<&str>)>,
    ) -> Visit {
        let (doctor, organization) = self.directory.both(office);
        let (class, code, display) = match reason {
            Reason::CheckUp => ("AMB", "185349003", "Encounter for check up"),
            Reason::Symptom => ("AMB", "185345009", "Encounter for symptom"),
            Reason::FollowUp => ("AMB", "390906007", "Follow-up encounter"),
            Reason::Admission => ("IMP", "32485007", "Hospital admission"),
        };
        let start = self.random.between(8 * 12, 16 * 12) * 5;
        let days = if class == "IMP" { self.random.between(1, 6) as i32 } else { 0 };
        let end = self.moment(date.plus_days(days).min(self.end), start + 15);
        let body = object! {
            "status": "finished",
            "class": object! { "system": ACT_CODE, "code": class },
            "type": list![concept(SNOMED, code, display)],
            "subject": to(&self.patient),
            "participant": participant(&doctor),
            "period": object! { "start": self.moment(date, start), "end": end },
            "reasonCode": word.map(|(word, _)| list![object! { "text": word }]),
            "reasonReference": word.and_then(|(_, case)| case).map(|case| list![to(case)]),
            "serviceProvider": to(&organization),
        };
        let encounter = self.add(date, "Encounter", label, body);
        Visit { date, encounter, doctor, organization, label }
    }

    /// The bill, where there is somebody to send one to.
    pub(super) fn claim(&mut self, visit: &Visit, condition: Option<&str>) {
        let Some(coverage) = self.coverage.clone() else {
            return;
        };
        if !self.random.chance(400) {
            return;
        }
        let (places, currency) = (2, if self.country == Country::Usa { "USD" } else { "EUR" });
        let amount = Json::decimal(self.random.between(180, 4200) * 10, places);
        let price = object! { "value": amount, "currency": currency };
        let diagnosis = condition
            .map(|condition| list![object! { "sequence": 1, "diagnosisReference": to(condition) }]);
        let body = object! {
            "status": "active",
            "type": status("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
            "use": "claim",
            "patient": to(&self.patient),
            "created": visit.date.to_string(),
            "provider": to(&visit.organization),
            "priority": status("http://terminology.hl7.org/CodeSystem/processpriority", "normal"),
            "diagnosis": diagnosis,
            "insurance": list![object! {
                "sequence": 1, "focal": true, "coverage": to(&coverage),
            }],
            "item": list![object! {
                "sequence": 1,
                "productOrService": concept(SNOMED, "185349003", "Encounter for check up"),
                "net": price.clone(),
                "encounter": list![to(&visit.encounter)],
            }],
            "total": price,
        };
        self.add(visit.date, "Claim", visit.label, body);
    }
}
