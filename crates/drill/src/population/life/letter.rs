//! Letters between doctors, from sentences in three languages.

use super::Visit;
use crate::population::household::{Country, Sex};
use crate::population::random::Random;
use crate::population::tables::{Problem, Sentence, TABLES};
use crate::population::{Date, Person};

/// A letter and its other side.
pub(super) enum Letter {
    Referral { to: String },
    Discharge { from: String },
}

impl Letter {
    pub(super) fn title(&self, country: Country) -> &'static str {
        match self {
            Letter::Referral { .. } => country.say("Henvisning", "Überweisung", "Referral"),
            Letter::Discharge { .. } => {
                country.say("Epikrise", "Entlassungsbrief", "Discharge letter")
            }
        }
    }

    /// The whole letter as plain text.
    pub(super) fn write(
        &self,
        person: &Person,
        visit: &Visit,
        problem: &Problem,
        random: &mut Random,
    ) -> String {
        let country = person.country();
        let (other, kind) = match self {
            Letter::Referral { to } => (to, "referral"),
            Letter::Discharge { from } => (from, "discharge"),
        };
        let age = person.birth().years_until(visit.date);
        let mut text = format!("{other}\n{}\n\n", written(country, visit.date));
        for step in 1..=4 {
            text.push_str(choose(country, kind, step, age, random));
            text.push('\n');
        }
        let name = format!("{} {}", person.given().join(" "), person.family());
        text.replace("{name}", &name)
            .replace("{born}", &written(country, person.birth()))
            .replace("{number}", &person.national().value)
            .replace("{age}", &age.to_string())
            .replace("{who}", person_word(country, person.sex(), age))
            .replace("{problem}", problem.word(country))
            .replace("{code}", problem.icd.code)
            .replace("{drugs}", &drug_names(country, problem))
            .replace("{weeks}", &random.between(2, 12).to_string())
            .replace("{doctor}", &visit.doctor.name)
    }
}

/// A doctor's remark beside a diagnosis.
pub(super) fn note(country: Country, age: i32, random: &mut Random) -> &'static str {
    choose(country, "note", 1, age, random)
}

fn choose(country: Country, kind: &str, step: u32, age: i32, random: &mut Random) -> &'static str {
    let fitting = |s: &&Sentence| s.kind == kind && s.step == step && (age >= 18 || !s.for_adults);
    let fitting: Vec<&Sentence> = TABLES.sentences.iter().filter(fitting).collect();
    let [danish, german, english] = &random.pick(&fitting).words;
    country.say(danish, german, english)
}

fn drug_names(country: Country, problem: &Problem) -> String {
    let name = |drug: &crate::population::tables::Drug| {
        let [english, danish, german] = drug.names;
        country.say(danish, german, english)
    };
    let names: Vec<&str> = problem.drugs.iter().map(name).collect();
    if names.is_empty() { country.say("ingen", "keine", "none").into() } else { names.join(", ") }
}

fn person_word(country: Country, sex: Sex, age: i32) -> &'static str {
    match (sex, age) {
        (Sex::Female, ..18) => country.say("pige", "Mädchen", "girl"),
        (Sex::Male, ..18) => country.say("dreng", "Junge", "boy"),
        (Sex::Female, _) => country.say("kvinde", "Patientin", "woman"),
        (Sex::Male, _) => country.say("mand", "Patient", "man"),
    }
}

/// A date as people of the country write it.
fn written(country: Country, date: Date) -> String {
    let (year, month, day) = date.parts();
    match country {
        Country::Usa => format!("{month:02}/{day:02}/{year}"),
        _ => format!("{day:02}.{month:02}.{year}"),
    }
}
