//! The tables in `data/`: names, places, problems, drugs, laboratory tests, vaccines.
//!
//! Codes are those of SNOMED CT, ICD-10, LOINC, ATC, RxNorm and CVX; prevalences are rough and
//! only meant to look like a practice.

use std::str::FromStr;
use std::sync::LazyLock;

use super::household::{Country, Sex};

/// The tables, read once.
pub(super) static TABLES: LazyLock<Tables> = LazyLock::new(Tables::read);

/// All tables.
pub(super) struct Tables {
    countries: [CountryTables; 3],
    pub(super) problems: Vec<Problem>,
    pub(super) allergies: Vec<Allergy>,
    /// The panels that a check-up takes.
    pub(super) routine: Vec<Panel>,
    pub(super) sentences: Vec<Sentence>,
}

/// What differs by country.
pub(super) struct CountryTables {
    pub(super) family: Vec<&'static str>,
    /// By sex, then by era: born before 1955, before 1990, later.
    pub(super) given: [[Vec<&'static str>; 3]; 2],
    pub(super) towns: Vec<Town>,
    pub(super) streets: Vec<&'static str>,
    pub(super) vaccines: Vec<Vaccine>,
}

/// A town with its postcode.
pub(super) struct Town {
    pub(super) postcode: &'static str,
    pub(super) name: &'static str,
    pub(super) state: Option<&'static str>,
}

/// A problem that people have, with what usually goes with it.
pub(super) struct Problem {
    pub(super) key: &'static str,
    pub(super) snomed: Code,
    pub(super) icd: Code,
    /// Danish, German.
    words: [&'static str; 2],
    /// The ages between which it begins.
    pub(super) ages: (i32, i32),
    /// How many of a thousand ever have it.
    pub(super) in_thousand: u64,
    pub(super) sex: Option<Sex>,
    pub(super) chronic: bool,
    /// The security label (v3-ActCode) of everything about it.
    pub(super) label: Option<&'static str>,
    pub(super) panel: Option<Panel>,
    pub(super) drugs: Vec<Drug>,
    pub(super) procedures: Vec<Code>,
    pub(super) specialty: Option<&'static str>,
}

impl Problem {
    /// What a doctor of the country calls it.
    pub(super) fn word(&self, country: Country) -> &'static str {
        country.say(self.words[0], self.words[1], self.snomed.display)
    }
}

/// A code with its display.
#[derive(Clone, Copy)]
pub(super) struct Code {
    pub(super) code: &'static str,
    pub(super) display: &'static str,
}

/// A group of laboratory tests that are reported together.
#[derive(Clone)]
pub(super) struct Panel {
    pub(super) loinc: Code,
    pub(super) labs: Vec<Lab>,
}

/// A laboratory test; numbers count the last decimal place.
#[derive(Clone)]
pub(super) struct Lab {
    key: &'static str,
    pub(super) loinc: Code,
    pub(super) unit: &'static str,
    pub(super) low: i64,
    pub(super) high: i64,
    pub(super) places: u32,
    /// The usual value in somebody whose problem shows in this test.
    pub(super) ill: i64,
}

/// A drug.
#[derive(Clone)]
pub(super) struct Drug {
    key: &'static str,
    pub(super) atc: &'static str,
    pub(super) rxnorm: &'static str,
    /// English, Danish, German.
    pub(super) names: [&'static str; 3],
    pub(super) strength: &'static str,
    pub(super) form: &'static str,
    pub(super) daily: i64,
}

/// A vaccine in a country's schedule.
pub(super) struct Vaccine {
    pub(super) sex: Option<Sex>,
    pub(super) since: i32,
    pub(super) code: Code,
    /// Ages in months; none means that everybody above twelve got it when it came.
    pub(super) months: Vec<i32>,
}

/// A sentence of a letter or a note.
pub(super) struct Sentence {
    /// `referral`, `discharge` or `note`.
    pub(super) kind: &'static str,
    /// Its place in the letter; of several with one place, one is taken.
    pub(super) step: u32,
    pub(super) for_adults: bool,
    /// Danish, German, English.
    pub(super) words: [String; 3],
}

/// An allergy with its usual reaction.
pub(super) struct Allergy {
    pub(super) code: Code,
    pub(super) category: &'static str,
    pub(super) reaction: Code,
    pub(super) criticality: &'static str,
}

impl Tables {
    /// The tables of a country.
    pub(super) fn of(&self, country: Country) -> &CountryTables {
        &self.countries[country as usize]
    }

    fn read() -> Tables {
        let drugs: Vec<Drug> = rows(include_str!("../../data/drugs.tsv"), drug);
        let labs: Vec<Lab> = rows(include_str!("../../data/labs.tsv"), lab);
        let procedures: Vec<(&str, Code)> =
            rows(include_str!("../../data/procedures.tsv"), |row| (row[0], code(row, 1)));
        let panels: Vec<(&str, Panel)> = rows(include_str!("../../data/panels.tsv"), |row| {
            let labs = named(&labs, |lab| lab.key, row[3]);
            (row[0], Panel { loinc: code(row, 1), labs })
        });
        Tables {
            countries: Country::ALL.map(CountryTables::read),
            problems: rows(include_str!("../../data/problems.tsv"), |row| Problem {
                key: row[0],
                snomed: code(row, 1),
                icd: code(row, 3),
                words: [row[5], row[6]],
                ages: (number(row[7]), number(row[8])),
                in_thousand: number(row[9]),
                sex: sex(row[10]),
                chronic: row[11] == "chronic",
                label: given(row[12]),
                panel: named(&panels, |p| p.0, row[13]).pop().map(|p| p.1),
                drugs: named(&drugs, |drug| drug.key, row[14]),
                procedures: named(&procedures, |p| p.0, row[15]).iter().map(|p| p.1).collect(),
                specialty: given(row[16]),
            }),
            allergies: rows(include_str!("../../data/allergies.tsv"), |row| Allergy {
                code: code(row, 0),
                category: row[2],
                reaction: code(row, 3),
                criticality: row[5],
            }),
            routine: named(&panels, |p| p.0, "blood,renal,lipid,liver")
                .into_iter()
                .map(|p| p.1)
                .collect(),
            sentences: rows(include_str!("../../data/letters.tsv"), |row| Sentence {
                kind: row[0],
                step: number(row[1]),
                for_adults: row[2] == "adult",
                words: [row[3], row[4], row[5]].map(|words| words.replace("\\n", "\n")),
            }),
        }
    }
}

impl CountryTables {
    fn read(country: Country) -> CountryTables {
        let mine = country.say("dk", "de", "us");
        let mut tables = CountryTables {
            family: Vec::new(),
            given: Default::default(),
            towns: Vec::new(),
            streets: Vec::new(),
            vaccines: Vec::new(),
        };
        for row in fields(include_str!("../../data/names.tsv")).filter(|row| row[0] == mine) {
            let names = row[3].split(' ');
            match (sex(row[1].get(..1).unwrap_or_default()), era(row[2])) {
                (Some(sex), Some(era)) => tables.given[sex as usize][era].extend(names),
                _ => tables.family.extend(names),
            }
        }
        for row in fields(include_str!("../../data/towns.tsv")).filter(|row| row[0] == mine) {
            let (postcode, name) = (row[1], row[2]);
            tables.towns.push(Town { postcode, name, state: given(row[3]) });
        }
        for row in fields(include_str!("../../data/streets.tsv")).filter(|row| row[0] == mine) {
            tables.streets.push(row[1]);
        }
        for row in fields(include_str!("../../data/vaccines.tsv")).filter(|row| row[0] == mine) {
            tables.vaccines.push(Vaccine {
                sex: sex(row[1]),
                since: number(row[2]),
                code: code(&row, 3),
                months: row[5].split(',').filter(|m| *m != "*").map(number).collect(),
            });
        }
        tables
    }
}

fn drug(row: &[&'static str]) -> Drug {
    Drug {
        key: row[0],
        atc: row[1],
        rxnorm: row[2],
        names: [row[3], row[4], row[5]],
        strength: row[6],
        form: row[7],
        daily: number(row[8]),
    }
}

fn lab(row: &[&'static str]) -> Lab {
    let places = number(row[6]);
    Lab {
        key: row[0],
        loinc: code(row, 1),
        unit: row[3],
        low: scaled(row[4], places),
        high: scaled(row[5], places),
        places,
        ill: scaled(row[7], places),
    }
}

fn rows<T>(text: &'static str, build: impl Fn(&[&'static str]) -> T) -> Vec<T> {
    fields(text).map(|row| build(&row)).collect()
}

fn fields(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines().map(|line| line.split('\t').collect())
}

fn code(row: &[&'static str], at: usize) -> Code {
    Code { code: row[at], display: row[at + 1] }
}

fn given(field: &'static str) -> Option<&'static str> {
    (field != "-").then_some(field)
}

fn sex(field: &str) -> Option<Sex> {
    match field {
        "f" => Some(Sex::Female),
        "m" => Some(Sex::Male),
        _ => None,
    }
}

fn era(field: &str) -> Option<usize> {
    ["old", "mid", "new"].iter().position(|era| *era == field)
}

/// Those of the comma-separated keys; a dash is none.
fn named<T: Clone>(all: &[T], key: impl Fn(&T) -> &'static str, keys: &str) -> Vec<T> {
    keys.split(',').filter_map(|wanted| all.iter().find(|t| key(t) == wanted)).cloned().collect()
}

/// Invariant: the tables are part of the program, and a test reads them all.
fn number<T: FromStr>(field: &str) -> T {
    field.parse().unwrap_or_else(|_| panic!("a table holds a number that is none"))
}

/// A decimal as a count of its last place.
fn scaled(field: &str, places: u32) -> i64 {
    let (whole, part) = field.split_once('.').unwrap_or((field, ""));
    let digits = format!("{whole}{part:0<width$}", width = places as usize);
    number(&digits)
}
