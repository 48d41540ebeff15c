//! What evidence puts into forms: codes and sentences, under names that begin with `shown.`.

use crate::counts::{Counts, special_categories};
use crate::facts::{Catalogue, Evidence, Knowledge, Known, Value};
use terms::Section;

/// Persons from which on the HHS portal takes a report at once.
const HHS_AT_ONCE: u64 = 500;

/// Makes known what forms take from evidence; what persons said must be known already.
pub(super) fn tell(evidence: &Evidence, knowledge: &mut Knowledge) {
    let mut told = Told { evidence, knowledge };
    told.kind();
    told.times();
    told.confidentiality();
    if told.counts_persons() {
        told.persons();
        told.data();
        told.places();
    }
    told.measures();
    told.words();
}

struct Told<'a> {
    evidence: &'a Evidence,
    knowledge: &'a mut Knowledge,
}

impl Told<'_> {
    fn put(&mut self, name: &str, value: Value, why: impl Into<String>) {
        self.knowledge.put(format!("shown.{name}"), Known::shown(value, why));
    }

    fn text(&mut self, name: &str, text: impl Into<String>, why: impl Into<String>) {
        self.put(name, Value::Text(text.into()), why);
    }

    fn codes(&mut self, name: &str, codes: &[&str], why: impl Into<String>) {
        let codes = codes.iter().map(|code| (*code).to_owned()).collect();
        self.put(name, Value::List(codes), why);
    }

    fn counts(&self) -> &Counts {
        self.evidence.counts()
    }

    /// Of a sealed copy the ledger knows nobody who could read: whose sealed data were in it, a
    /// person says.
    fn counts_persons(&self) -> bool {
        let sealed = self.evidence.exposure().scope.copy.as_ref().is_some_and(|c| !c.with_root_key);
        !sealed
    }

    fn is_said(&self, name: &str, word: &str) -> bool {
        self.knowledge.get(name).is_some_and(|known| known.value.has(word))
    }

    fn kind(&mut self) {
        let follow_up = self.knowledge.get("fact.previous-id").is_some();
        let (code, why) = match follow_up {
            true => ("b", "an earlier notification is named"),
            false => ("a", "no earlier notification is named"),
        };
        self.text("type", code, why);
        let outside = match self.knowledge.get("config.eea").map(|known| known.value.has("yes")) {
            Some(inside) => Known::configured(Value::Text(if inside { "b" } else { "a" }.into())),
            None => return,
        };
        self.knowledge.put("shown.outside-eea", outside);
    }

    fn times(&mut self) {
        let text = |name: &str, knowledge: &Knowledge| {
            knowledge.get(name).map(|known| known.value.to_string())
        };
        let (begin, end) =
            (text("evidence.begin", self.knowledge), text("evidence.end", self.knowledge));
        if let (Some(begin), Some(end)) = (begin, end) {
            let code = match (self.is_said("fact.ongoing", "yes"), begin.get(..10) == end.get(..10))
            {
                (true, _) => "c",
                (false, true) => "a",
                (false, false) => "b",
            };
            self.text("when", code, "first and last entry of the exposure");
            self.put("estimated", Value::Truth(false), "the ledger has the times");
            self.text("dates", format!("{begin} to {end}"), "first and last entry of the exposure");
            let lines = self.evidence.exposure().lines;
            self.text(
                "timeline",
                format!(
                    "By the ledger, the first entry of it is of {begin} and the last of {end}. \
                     Times are those of the keyholder's entries ({lines} lines)."
                ),
                "",
            );
        }
        if self.is_said("evidence.source", "watch") {
            let why = "the incident was opened from an alert";
            self.text("discovered-how", "a", why);
            let found = "The watch, which follows the ledger entry by entry, raised an alert.";
            self.text("discovery", found, why);
        }
    }

    /// Was anything disclosed, and can it be read? Denials come from a claim alone.
    fn confidentiality(&mut self) {
        let released = self.evidence.released();
        let touched = self.counts().value("persons") > 0;
        let copy = self.evidence.exposure().scope.copy.clone();
        if touched || copy.is_some() {
            self.codes("nature", &["a"], "the exposure");
        }
        let undisclosed = self.evidence.undisclosed(self.knowledge);
        let disclosed = match (undisclosed, &copy) {
            (Some(claim), _) => Known::denied(Value::Text("c".into()), claim),
            (None, Some(_)) => known("a", "A copy of the data was taken."),
            (None, None) if self.counts().value("persons.read") > 0 => known("a", &released),
            (None, None) if touched => known("b", &released),
            (None, None) => known("e", UNDECIDED),
        };
        let said = disclosed.why.clone();
        self.knowledge.put("shown.confidentiality", disclosed);
        let reached = ["yes", "unknown"].iter().any(|w| self.is_said("fact.keyholder-reached", w));
        let unintelligible = match self.evidence.unintelligible(self.knowledge) {
            Some(claim) => Known::denied(Value::Text("a".into()), claim),
            None if copy.is_some_and(|copy| copy.with_root_key) => known("b", &released),
            None if touched => known("c", &released),
            None if reached => known("d", "The keyholder may have been reached."),
            None => known("e", UNDECIDED),
        };
        let why = unintelligible.why.clone();
        let yes = if unintelligible.value.has("a") { "Ja (yes)" } else { "Nein (no)" };
        if !unintelligible.value.has("d") && !unintelligible.value.has("e") {
            self.text("unintelligible-words", format!("{yes}. {why}"), "");
        }
        self.knowledge.put("shown.unintelligible", unintelligible);
        self.text("released", if touched { released } else { said }, "");
        if let Some(claim) = self.evidence.unintelligible(self.knowledge) {
            self.text("exemption-sentence", claim.sentence(), "");
            self.knowledge.put("shown.exemption", Known::denied(Value::Text("a".into()), claim));
        }
    }

    fn persons(&mut self) {
        let counts = self.counts();
        let value = |name: &str| counts.value(name);
        let minors = value("minors");
        let why = counts
            .figures
            .get("persons")
            .map_or_else(String::new, |figure| format!("rule persons, digest {}", figure.digest));
        let sentence = format!(
            "Persons: {}. Clinical sections were opened (counted as complete files): {}; the \
             summary and none of these: {}; contact data only (label, contact, identity, \
             insurance): {}; something only passed: {}. Minors: {minors}, not known: {}. Dead: {}, \
             not known: {}.",
            value("persons"),
            value("persons.complete"),
            value("persons.summary"),
            value("persons.contact-only"),
            value("persons.passed-only"),
            value("minors.unknown"),
            value("dead"),
            value("dead.unknown"),
        );
        let persons = value("persons");
        match (persons, minors) {
            (0, _) => {}
            (_, 0) => self.codes("person-categories", &["e"], "every file is a patient's"),
            (_, _) => self.codes("person-categories", &["d", "e"], "people facts name minors"),
        }
        self.text("persons-sentence", sentence, why.clone());
        self.text("persons-kind", "a", "counted by file, from the ledger");
        self.put("persons", Value::Number(persons), why);
        let size = if persons >= HHS_AT_ONCE { "500" } else { "fewer" };
        self.text("hhs-size", size, format!("{persons} persons"));
    }

    fn data(&mut self) {
        let counts = self.counts();
        let has = |section: Section| counts.value(&format!("section.{}", section.word())) > 0;
        let touched: Vec<Section> = Section::ALL.into_iter().filter(|s| has(*s)).collect();
        let mut codes: Vec<&str> = touched.iter().flat_map(|s| data_types(*s)).copied().collect();
        let mut phi: Vec<&str> = touched.iter().map(|s| phi_of(*s)).collect();
        [&mut codes, &mut phi].into_iter().for_each(|list| {
            list.sort_unstable();
            list.dedup();
        });
        let listed = |prefix: &str, words: &mut dyn Iterator<Item = &str>| {
            let each = |word| {
                let name = format!("{prefix}.{word}");
                let at_most = counts.figures.get(&name).is_some_and(|figure| figure.at_most);
                let most = if at_most { "at most " } else { "" };
                format!("{word}: {most}{}", counts.value(&name))
            };
            words.map(each).collect::<Vec<_>>().join(", ")
        };
        let sections = listed("section", &mut touched.iter().map(|section| section.word()));
        let special = listed("special", &mut special_categories().iter().map(|s| &*s.category));
        let records = counts.value("records");
        let exact = records == 0;
        self.codes("data-types", &codes, "what the opened sections are for");
        self.codes("hhs-phi", &phi, "what the opened sections are for");
        self.text(
            "data-sentence",
            format!(
                "Persons by section of the file: {sections}. By special category (GDPR Art. 9): \
                 {special}."
            ),
            "rules section and special",
        );
        self.text("special-sentence", format!("{special}."), "rule special");
        self.text("records-kind", if exact { "a" } else { "b" }, "rule records: at most so many");
        self.put("records", Value::Number(records), "rule records: segments, at most so many");
    }

    fn places(&mut self) {
        let counts = self.counts();
        let listed = |start: &str| {
            let list: Vec<String> =
                counts.beginning(start).map(|(name, value)| format!("{name}: {value}")).collect();
            let unknown = counts.value(&format!("{start}unknown"));
            (!list.is_empty()).then(|| format!("{}, not known: {unknown}", list.join(", ")))
        };
        let countries: Vec<String> =
            counts.beginning("country.").map(|(name, _)| name.to_owned()).collect();
        let (per_country, regions, associations) =
            (listed("country."), listed("region."), listed("association."));
        let maine = counts.bounds("region.US-ME").filter(|[low, high]| low == high);
        if !countries.is_empty() {
            self.text("countries", countries.join(", "), "people facts, rule country");
        }
        for (name, list) in
            [("per-country", per_country), ("regions", regions), ("associations", associations)]
        {
            if let Some(list) = list {
                self.text(name, list, "people facts");
            }
        }
        if let Some([residents, _]) = maine {
            let why = "people facts of every person are known, rule region";
            self.put("maine-residents", Value::Number(residents), why);
        }
    }

    fn measures(&mut self) {
        let why = "part of this server";
        self.codes("measures", &["c", "f", "g", "h"], why);
        self.text(
            "measures-sentence",
            "Each file is sealed under keys of its own (AES-256-GCM), which lie with the keyholder \
             alone. Each opening is decided for one file, by card, relation and budget, and \
             recorded in an append-only ledger before a key leaves.",
            why,
        );
    }

    /// Answers of persons that several forms want in words.
    fn words(&mut self) {
        let catalogue = Catalogue::built_in();
        let says = |id: &str, knowledge: &Knowledge| {
            let value = &knowledge.get(&format!("fact.{id}"))?.value;
            Some(catalogue.fact(id)?.says(value))
        };
        for (name, facts) in [
            ("impact-words", &["confidentiality-consequences", "impact", "impact-other"][..]),
            ("told-words", &["told-persons", "told-date", "will-tell-date"][..]),
        ] {
            let parts: Vec<String> =
                facts.iter().filter_map(|id| says(id, self.knowledge)).collect();
            if !parts.is_empty() {
                let said = Known::said(Value::Text(parts.join("; ")));
                self.knowledge.put(format!("shown.{name}"), said);
            }
        }
    }
}

const UNDECIDED: &str = "Nothing is listed, but evidence does not carry a denial: an earlier \
                         version of the exposure listed somebody, or the keyholder may have been \
                         reached.";

fn known(code: &str, why: &str) -> Known {
    Known::shown(Value::Text(code.into()), why)
}

/// Codes of field 70 of the EDPB form.
fn data_types(section: Section) -> &'static [&'static str] {
    match section {
        Section::Label => &["a"],
        Section::Contact => &["b"],
        Section::Identity => &["n"],
        // Claims and bills say what was treated, and what was paid.
        Section::Insurance => &["k", "l"],
        Section::History
        | Section::Results
        | Section::Medication
        | Section::Documents
        | Section::Restricted
        | Section::Summary => &["k"],
    }
}

/// Types of protected health information on the HHS portal.
fn phi_of(section: Section) -> &'static str {
    match section {
        Section::Label | Section::Contact | Section::Identity => "demographic",
        Section::Insurance => "financial",
        _ => "clinical",
    }
}
