//! Contacts with a doctor and what is measured there: vital signs, laboratory panels.

use super::directory::participant;
use super::{
    ACT_CODE, Date, Json, LOINC, Life, Office, SNOMED, Visit, coding, concept, list, object,
    status, to,
};
use crate::population::Person;
use crate::population::household::Country;
use crate::population::random::Random;
use crate::population::tables::{Lab, Panel, TABLES};

const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
const UCUM: &str = "http://unitsofmeasure.org";

/// Why somebody sees a doctor.
#[derive(Clone, Copy)]
pub(super) enum Reason {
    CheckUp,
    Symptom,
    FollowUp,
    Admission,
}

/// What stays the same about a body.
pub(super) struct Body {
    adult_millimetres: i64,
    /// Ten times the body mass index of the adult.
    adult_mass_index: i64,
    heart_rate: i64,
    smoker: bool,
}

impl Body {
    pub(super) fn draw(random: &mut Random, person: &Person) -> Body {
        let middle = if super::patient::gender(person.sex()) == "male" {
            1790
        } else {
            1660
        };
        Body {
            adult_millimetres: middle + random.around(-140, 140),
            adult_mass_index: random.around(185, 340),
            heart_rate: random.around(58, 84),
            smoker: random.chance(180),
        }
    }

    /// Height in millimetres and ten times the body mass index at this age.
    fn at(&self, age: i32) -> (i64, i64) {
        const GROWN: [i64; 18] = [
            290, 430, 500, 550, 590, 630, 660, 690, 730, 760, 790, 820, 860, 900, 940, 970, 990,
            995,
        ];
        match GROWN.get(age.max(0) as usize) {
            Some(share) => {
                let slim = 150 + (self.adult_mass_index - 180) * i64::from(age.max(0)) / 25;
                (self.adult_millimetres * share / 1000, slim + 10)
            }
            None => (self.adult_millimetres, self.adult_mass_index),
        }
    }
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
        let days = if class == "IMP" {
            self.random.between(1, 6) as i32
        } else {
            0
        };
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
        Visit {
            date,
            encounter,
            doctor,
            organization,
            label,
        }
    }

    /// Blood pressure, and with `whole` everything else that a nurse measures.
    pub(super) fn measure(&mut self, visit: &Visit, whole: bool) {
        let age = self.age(visit.date);
        let (height, mass_index) = self.body.at(age);
        let mass_index = mass_index + self.random.around(-8, 8);
        let weight = mass_index * height * height / 1_000_000;
        if age >= 12 || !whole {
            self.blood_pressure(visit, age);
        }
        if !whole {
            self.vital(visit, ("29463-7", "Body weight"), (weight, 1), "kg");
            return;
        }
        let pulse =
            self.body.heart_rate + self.random.around(-6, 9) + i64::from((10 - age).max(0)) * 5;
        let breaths = self.random.around(12, 18) + i64::from((8 - age).max(0)) * 2;
        self.vital(visit, ("8302-2", "Body height"), (height, 1), "cm");
        self.vital(visit, ("29463-7", "Body weight"), (weight, 1), "kg");
        self.vital(
            visit,
            ("39156-5", "Body mass index (BMI) [Ratio]"),
            (mass_index, 1),
            "kg/m2",
        );
        self.vital(visit, ("8867-4", "Heart rate"), (pulse, 0), "/min");
        self.vital(visit, ("9279-1", "Respiratory rate"), (breaths, 0), "/min");
        let temperature = self.random.around(362, 375);
        self.vital(
            visit,
            ("8310-5", "Body temperature"),
            (temperature, 1),
            "Cel",
        );
        let saturation = self.random.around(95, 100);
        let name = "Oxygen saturation in Arterial blood by Pulse oximetry";
        self.vital(visit, ("59408-5", name), (saturation, 0), "%");
        if age < 2 {
            let head = self.random.around(340, 480);
            let name = "Head Occipital-frontal circumference";
            self.vital(visit, ("9843-4", name), (head, 1), "cm");
        }
    }

    /// A panel's observations and the report that gathers them. The first test of a panel shows
    /// the problem `ill` times in a thousand, the others less often.
    pub(super) fn report(&mut self, visit: &Visit, panel: &Panel, ill: u64) {
        let laboratory = self.directory.organization(Office::Laboratory);
        let mut results = Vec::with_capacity(panel.labs.len());
        for (i, lab) in panel.labs.iter().enumerate() {
            let shows = self.random.chance(if i == 0 { ill } else { ill / 3 });
            let body = self.laboratory_value(visit, lab, shows, &laboratory);
            results.push(to(&self.add(visit.date, "Observation", visit.label, body)));
        }
        let day = visit.date.plus_days(1).min(self.end);
        let body = object! {
            "status": "final",
            "category": list![status("http://terminology.hl7.org/CodeSystem/v2-0074", "LAB")],
            "code": concept(LOINC, panel.loinc.code, panel.loinc.display),
            "subject": to(&self.patient),
            "encounter": to(&visit.encounter),
            "effectiveDateTime": self.moment(visit.date, 9 * 60 + 10),
            "issued": self.moment(day, 11 * 60 + 45),
            "performer": list![to(&laboratory)],
            "result": results,
        };
        self.add(visit.date, "DiagnosticReport", visit.label, body);
    }

    /// The bill, where there is somebody to send one to.
    pub(super) fn claim(&mut self, visit: &Visit, condition: Option<&str>) {
        let Some(coverage) = self.coverage.clone() else {
            return;
        };
        if !self.random.chance(400) {
            return;
        }
        let (places, currency) = (
            2,
            if self.country == Country::Usa {
                "USD"
            } else {
                "EUR"
            },
        );
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

    fn blood_pressure(&mut self, visit: &Visit, age: i32) {
        let high = self
            .hypertension_since
            .is_some_and(|since| since <= visit.date);
        let rise = if high { 22 } else { 0 };
        let upper = 100 + i64::from(age.clamp(0, 80)) * 2 / 5 + rise + self.random.around(-9, 15);
        let lower = upper * 3 / 5 + self.random.around(-4, 8);
        let part = |code, display, value: i64| {
            object! {
                "code": concept(LOINC, code, display),
                "valueQuantity": quantity(value, 0, "mm[Hg]"),
            }
        };
        let name = "Blood pressure panel with all children optional";
        let mut body = self.observation(visit, "vital-signs", ("85354-9", name));
        body.push((
            "component".into(),
            list![
                part("8480-6", "Systolic blood pressure", upper),
                part("8462-4", "Diastolic blood pressure", lower),
            ],
        ));
        self.add(visit.date, "Observation", visit.label, Json::Object(body));
    }

    fn vital(
        &mut self,
        visit: &Visit,
        what: (&'static str, &'static str),
        (value, places): (i64, u32),
        unit: &'static str,
    ) {
        let mut body = self.observation(visit, "vital-signs", what);
        body.push(("valueQuantity".into(), quantity(value, places, unit)));
        self.add(visit.date, "Observation", visit.label, Json::Object(body));
    }

    fn ask_about_smoking(&mut self, visit: &Visit) {
        let mut body = self.observation(
            visit,
            "social-history",
            ("72166-2", "Tobacco smoking status"),
        );
        let (code, display) = if self.body.smoker {
            ("77176002", "Smoker")
        } else {
            ("266919005", "Never smoked tobacco")
        };
        body.push((
            "valueCodeableConcept".into(),
            concept(SNOMED, code, display),
        ));
        self.add(visit.date, "Observation", visit.label, Json::Object(body));
    }

    fn laboratory_value(&mut self, visit: &Visit, lab: &Lab, ill: bool, laboratory: &str) -> Json {
        let value = if ill {
            lab.ill + self.random.around(-lab.ill / 8, lab.ill / 8)
        } else {
            self.random.around(lab.low, lab.high)
        };
        let (code, display) = match value {
            v if v < lab.low => ("L", "Low"),
            v if v > lab.high => ("H", "High"),
            _ => ("N", "Normal"),
        };
        let meaning = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation";
        let mut body = self.observation(visit, "laboratory", (lab.loinc.code, lab.loinc.display));
        body.extend([
            ("performer".into(), list![to(laboratory)]),
            (
                "valueQuantity".into(),
                quantity(value, lab.places, lab.unit),
            ),
            (
                "interpretation".into(),
                list![concept(meaning, code, display)],
            ),
            (
                "referenceRange".into(),
                list![object! {
                    "low": quantity(lab.low, lab.places, lab.unit),
                    "high": quantity(lab.high, lab.places, lab.unit),
                }],
            ),
        ]);
        Json::Object(body)
    }

    fn observation(
        &self,
        visit: &Visit,
        category: &'static str,
        (code, display): (&'static str, &'static str),
    ) -> Vec<(crate::population::json::Key, Json)> {
        let category = object! { "coding": list![coding(CATEGORY, category, category)] };
        vec![
            ("status".into(), "final".into()),
            ("category".into(), list![category]),
            ("code".into(), concept(LOINC, code, display)),
            ("subject".into(), to(&self.patient)),
            ("encounter".into(), to(&visit.encounter)),
            (
                "effectiveDateTime".into(),
                self.moment(visit.date, 9 * 60 + 5).into(),
            ),
        ]
    }
}

/// A quantity in UCUM units.
pub(super) fn quantity(value: i64, places: u32, unit: &'static str) -> Json {
    object! {
        "value": Json::decimal(value, places), "unit": unit, "system": UCUM, "code": unit,
    }
}
