//! What is measured at a visit: vital signs, laboratory panels.

use super::{
    Date, Json, LOINC, Life, Office, SNOMED, Visit, coding, concept, list, object, status, to,
};
use crate::population::Person;
use crate::population::household::Sex;
use crate::population::json::Key;
use crate::population::random::Random;
use crate::population::tables::{Lab, Panel};

const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
const UCUM: &str = "http://unitsofmeasure.org";

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
        let middle = if person.sex() == Sex::Male { 1790 } else { 1660 };
        Body {
            adult_millimetres: middle + random.around(-140, 140),
            adult_mass_index: random.around(185, 340),
            heart_rate: random.around(58, 84),
            smoker: random.chance(180),
        }
    }

    /// Height in millimetres and ten times the body mass index on a day.
    fn at(&self, birth: Date, day: Date) -> (i64, i64) {
        // Shares of the adult height in thousandths at each birthday.
        const GROWN: [i64; 19] = [
            290, 430, 500, 550, 590, 630, 660, 690, 730, 760, 790, 820, 860, 900, 940, 970, 990,
            995, 1000,
        ];
        let days = i64::from(birth.days_until(day)).max(0);
        let (year, rest) = ((days / 366) as usize, days % 366);
        let (Some(now), Some(next)) = (GROWN.get(year), GROWN.get(year + 1)) else {
            return (self.adult_millimetres, self.adult_mass_index);
        };
        let share = now * 366 + (next - now) * rest;
        let slim = 160 + (self.adult_mass_index - 180) * year as i64 / 25;
        (self.adult_millimetres * share / 366_000, slim)
    }
}

impl Life<'_> {
    /// Blood pressure, and with `whole` everything else that a nurse measures.
    pub(super) fn measure(&mut self, visit: &Visit, whole: bool) {
        let age = self.age(visit.date);
        let (height, mass_index) = self.body.at(self.person.birth(), visit.date);
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
        self.vital(visit, ("39156-5", "Body mass index (BMI) [Ratio]"), (mass_index, 1), "kg/m2");
        self.vital(visit, ("8867-4", "Heart rate"), (pulse, 0), "/min");
        self.vital(visit, ("9279-1", "Respiratory rate"), (breaths, 0), "/min");
        let temperature = self.random.around(362, 375);
        self.vital(visit, ("8310-5", "Body temperature"), (temperature, 1), "Cel");
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

    fn blood_pressure(&mut self, visit: &Visit, age: i32) {
        let high = self.hypertension_since.is_some_and(|since| since <= visit.date);
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

    pub(super) fn ask_about_smoking(&mut self, visit: &Visit) {
        let mut body =
            self.observation(visit, "social-history", ("72166-2", "Tobacco smoking status"));
        let (code, display) = if self.body.smoker {
            ("77176002", "Smoker")
        } else {
            ("266919005", "Never smoked tobacco")
        };
        body.push(("valueCodeableConcept".into(), concept(SNOMED, code, display)));
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
            ("valueQuantity".into(), quantity(value, lab.places, lab.unit)),
            ("interpretation".into(), list![concept(meaning, code, display)]),
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
    ) -> Vec<(Key, Json)> {
        let category = object! { "coding": list![coding(CATEGORY, category, category)] };
        vec![
            ("status".into(), "final".into()),
            ("category".into(), list![category]),
            ("code".into(), concept(LOINC, code, display)),
            ("subject".into(), to(&self.patient)),
            ("encounter".into(), to(&visit.encounter)),
            ("effectiveDateTime".into(), self.moment(visit.date, 9 * 60 + 5).into()),
        ]
    }
}

/// A quantity in UCUM units.
pub(super) fn quantity(value: i64, places: u32, unit: &'static str) -> Json {
    object! {
        "value": Json::decimal(value, places), "unit": unit, "system": UCUM, "code": unit,
    }
}
