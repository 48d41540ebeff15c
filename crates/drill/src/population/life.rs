//! A life as FHIR resources: what happens when, in which order it is written.

mod directory;
mod illness;
mod letter;
mod measure;
mod patient;
mod prevention;
mod visit;

use super::calendar::Date;
use super::household::Country;
use super::json::{Json, list, object};
use super::random::Random;
use super::tables::{Problem, TABLES};
use super::{LAST_DAY, Person, Richness};
use directory::{Directory, Doctor, Office};

const SNOMED: &str = "http://snomed.info/sct";
const LOINC: &str = "http://loinc.org";
const ACT_CODE: &str = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const CONFIDENTIALITY: &str = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
/// No further problem begins in a record of this many entries.
const FULL: usize = 300;

/// The record of one person as text.
pub(super) fn bundle(person: &Person) -> String {
    let mut life = Life::new(person);
    life.add_patient();
    match person.richness {
        Richness::Thin => life.live_thinly(),
        Richness::Rich => life.live_richly(),
    }
    life.into_text()
}

/// A record in the making.
struct Life<'a> {
    person: &'a Person,
    country: Country,
    /// Death, or the last day.
    end: Date,
    random: Random,
    directory: Directory,
    patient: String,
    coverage: Option<String>,
    entries: Vec<(Date, Json)>,
    hypertension_since: Option<Date>,
    body: measure::Body,
}

/// A chronic problem that is followed up.
struct Ongoing {
    problem: &'static Problem,
    condition: String,
    since: Date,
}

/// A contact with a doctor, to which other resources refer.
struct Visit {
    date: Date,
    encounter: String,
    doctor: Doctor,
    organization: String,
    label: Option<&'static str>,
}

impl<'a> Life<'a> {
    fn new(person: &'a Person) -> Life<'a> {
        let mut random = person.member.random(3);
        let body = measure::Body::draw(&mut random, person);
        Life {
            person,
            country: person.country(),
            end: person.death().unwrap_or(LAST_DAY),
            patient: urn(&random.uuid()),
            random,
            directory: Directory::of(person),
            coverage: None,
            entries: Vec::new(),
            hypertension_since: None,
            body,
        }
    }

    fn live_thinly(&mut self) {
        let visit = self.check_up(self.end.plus_days(-20).max(self.person.birth()), false);
        let age = self.age(visit.date);
        let fitting = |p: &&Problem| {
            p.ages.0 <= age && p.sex.is_none_or(|sex| sex == self.person.sex()) && !p.chronic
        };
        let start = self.random.below(TABLES.problems.len() as u64) as usize;
        let problem = TABLES.problems.iter().cycle().skip(start).take(TABLES.problems.len());
        if let Some(problem) = problem.into_iter().find(fitting) {
            let visit = Visit { label: problem.label, ..visit };
            let condition = self.add_condition(&visit, problem);
            self.prescribe(&visit, problem, &condition);
        }
        self.add_coverage();
    }

    fn live_richly(&mut self) {
        self.add_coverage();
        self.vaccinate();
        self.add_allergies();
        let ongoing = self.fall_ill();
        let enough = self.random.between(125, 320) as usize;
        while self.entries.len() < enough {
            let chronic = self.random.chance(600) && !ongoing.is_empty();
            if chronic {
                let case = self.random.pick(&ongoing);
                self.follow_up(case);
            } else {
                let date = self.some_day(self.person.birth(), self.end);
                self.check_up(date, true);
            }
        }
        self.add_flags(&ongoing);
    }

    /// Goes through all problems, from one by chance, and lets each happen or not.
    fn fall_ill(&mut self) -> Vec<Ongoing> {
        let mut ongoing = Vec::new();
        let all = &TABLES.problems;
        let start = self.random.below(all.len() as u64) as usize;
        for problem in all.iter().cycle().skip(start).take(all.len()) {
            let age = self.age(self.end);
            let due = problem.sex.is_none_or(|sex| sex == self.person.sex())
                && age >= problem.ages.0
                && self.random.chance(problem.in_thousand);
            if due && self.entries.len() < FULL {
                let last = problem.ages.1.min(age);
                let years = self.random.between(i64::from(problem.ages.0), i64::from(last)) as i32;
                let from = self.person.birth().plus_days(years * 36_525 / 100 + 1);
                let date = self.some_day(from, from.plus_days(360).min(self.end));
                ongoing.extend(self.begin(problem, date));
            }
        }
        ongoing
    }

    /// Adds a resource and returns the reference to it.
    fn add(
        &mut self,
        date: Date,
        kind: &'static str,
        label: Option<&'static str>,
        body: Json,
    ) -> String {
        let id = self.random.uuid();
        let reference = urn(&id);
        self.entries.push((date, entry(kind, id, security(label), body, None)));
        reference
    }

    fn into_text(mut self) -> String {
        self.entries.sort_by_key(|(date, _)| *date);
        let mut text = String::with_capacity(1000 * self.entries.len());
        let entries: Vec<Json> = self
            .directory
            .into_entries()
            .into_iter()
            .chain(self.entries.into_iter().map(|(_, entry)| entry))
            .collect();
        object! { "resourceType": "Bundle", "type": "transaction", "entry": entries }
            .write(&mut text);
        text
    }

    fn age(&self, date: Date) -> i32 {
        self.person.birth().years_until(date)
    }

    /// A day between these two, usually one on which practices are open.
    fn some_day(&mut self, from: Date, to: Date) -> Date {
        let from = from.min(to);
        let day = from.plus_days(self.random.between(0, i64::from(from.days_until(to))) as i32);
        let friday = if day.plus_days(-1).is_weekend() { -2 } else { -1 };
        if day.is_weekend() { day.plus_days(friday).max(from) } else { day }
    }

    /// A moment of that day in the country's own time.
    fn moment(&self, date: Date, minutes: i64) -> String {
        let zone = self.country.say("+01:00", "+01:00", "-05:00");
        format!("{date}T{:02}:{:02}:00{zone}", minutes / 60 % 24, minutes % 60)
    }
}

/// One entry of a transaction: its resource with identifier, labels and the rest.
fn entry(
    kind: &'static str,
    id: String,
    meta: Json,
    body: Json,
    if_none_exist: Option<String>,
) -> Json {
    let mut members = Vec::with_capacity(16);
    let full_url = urn(&id);
    members.push(("resourceType".into(), Json::from(kind)));
    members.push(("id".into(), Json::from(id)));
    members.push(("meta".into(), meta));
    if let Json::Object(body) = body {
        members.extend(body);
    }
    object! {
        "fullUrl": full_url,
        "resource": Json::Object(members),
        "request": object! { "method": "POST", "url": kind, "ifNoneExist": if_none_exist },
    }
}

fn security(label: Option<&'static str>) -> Json {
    let Some(label) = label else {
        return Json::Absent;
    };
    let display = match label {
        "PSY" => "psychiatry disorder information sensitivity",
        "ETH" => "substance abuse information sensitivity",
        "HIV" => "HIV/AIDS information sensitivity",
        "STD" => "sexually transmitted disease information sensitivity",
        "SDV" => "sexual assault, abuse, or domestic violence information sensitivity",
        _ => "genetic disease information sensitivity",
    };
    let restricted = object! { "system": CONFIDENTIALITY, "code": "R", "display": "restricted" };
    let code = object! { "system": ACT_CODE, "code": label, "display": display };
    object! { "security": list![code, restricted] }
}

fn urn(id: &str) -> String {
    format!("urn:uuid:{id}")
}

fn to(reference: &str) -> Json {
    object! { "reference": reference.to_owned() }
}

fn coding(system: &'static str, code: &'static str, display: &'static str) -> Json {
    object! { "system": system, "code": code, "display": display }
}

/// A CodeableConcept of one coding, with its display as text.
fn concept(system: &'static str, code: &'static str, display: &'static str) -> Json {
    object! { "coding": list![coding(system, code, display)], "text": display }
}

/// A CodeableConcept of one coding of a terminology that FHIR binds, without text.
fn status(system: &'static str, code: &'static str) -> Json {
    object! { "coding": list![object! { "system": system, "code": code }] }
}
