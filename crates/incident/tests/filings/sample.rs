//! A made-up incident in a folder of its own: six files, opened by a stolen card.

use incident::facts::{Answers, Controller, Evidence, Knowledge, Value, tell_incident};
use incident::filing::{Filing, Form};
use incident::{Exposure, FileName, Folder, Incident, People, Person, Scope, Source, digest};
use ledger::{Head, Signer, Verifier};
use std::io::Cursor;
use tempfile::TempDir;
use terms::{CardId, FileId, Grade, Section, Sections, Time};

pub(crate) const CLOSING: &str = "report";

pub(crate) struct Sample {
    _home: TempDir,
    pub(crate) folder: Folder,
    signer: Signer,
}

pub(crate) fn time(text: &str) -> Time {
    text.parse().unwrap()
}

/// The moment at which filings of the sample are made.
pub(crate) fn now() -> Time {
    time("2026-11-27T09:00:00Z")
}

pub(crate) fn file(number: u8) -> FileName {
    FileName::File(FileId::from_bytes([number; 16]))
}

/// A person whose file was opened at this hour.
pub(crate) fn person(number: u8, read: &[Section], passed: &[Section]) -> Person {
    let at = time(&format!("2026-11-25T{:02}:30:00Z", 10 + number));
    Person {
        file: file(number),
        read: Sections::of(read),
        passed: Sections::of(passed),
        first: at,
        last: at,
        entries: vec![70 + u64::from(number)],
        cards: vec![CardId::from_bytes([9; 10])],
        grades: vec![Grade::None],
        segments: if read.is_empty() { 0 } else { 10 },
    }
}

/// Two complete files, one summary, two of contact data only, one of which something passed.
pub(crate) fn persons() -> Vec<Person> {
    use Section::{Contact, History, Identity, Label, Restricted, Results, Summary};
    vec![
        person(1, &[Label, Contact, Identity, History, Results], &[]),
        person(2, &[Label, Restricted], &[]),
        person(3, &[Label, Summary], &[]),
        person(4, &[Label], &[]),
        person(5, &[Label, Contact], &[Results]),
        person(6, &[], &[Results]),
    ]
}

impl Sample {
    pub(crate) fn new(source: Source) -> Sample {
        let home = tempfile::tempdir().unwrap();
        let aware = time("2026-11-26T08:00:00Z");
        let incident = |id| Incident {
            id,
            title: "A stolen card".into(),
            opened: aware,
            aware,
            source,
            reference: None,
        };
        let folder = Folder::create(&home.path().join("incidents"), incident, aware).unwrap();
        Sample { _home: home, folder, signer: Signer::new("practice.example", &[7; 32]).unwrap() }
    }

    pub(crate) fn verifier(&self) -> &Verifier {
        self.signer.verifier()
    }

    /// Keeps a version of the exposure, signed as the keyholder signs.
    pub(crate) fn expose(&self, scope: Scope, persons: Vec<Person>) {
        let exposure = self.exposure(scope, persons);
        self.folder.keep(&exposure).unwrap();
    }

    pub(crate) fn exposure(&self, scope: Scope, persons: Vec<Person>) -> Exposure {
        Exposure {
            version: self.folder.next_version().unwrap(),
            made: time("2026-11-26T08:10:00Z"),
            scope,
            checkpoint: self.signer.sign(&Head { size: 90, root: [3; 32] }),
            statement: self.signer.sign_note(CLOSING, "lines 6\n"),
            lines: 6,
            digest: digest(&persons),
            persons,
            rests_on: Vec::new(),
            unknown: Vec::new(),
            doubts: Vec::new(),
        }
    }

    pub(crate) fn evidence(&self) -> Evidence {
        Evidence::of(&self.folder, None, self.verifier(), CLOSING, Some(&people())).unwrap()
    }

    /// What is known, with these answers.
    pub(crate) fn knowledge(&self, said: &[(&str, Value)]) -> Knowledge {
        let mut knowledge = Knowledge::default();
        tell_incident(&self.folder, now(), &mut knowledge).unwrap();
        let mut answers = Answers::default();
        for (id, value) in said {
            answers.set(id, value.clone(), now(), "Maria").unwrap();
        }
        answers.tell(&mut knowledge);
        controller().tell(&mut knowledge);
        if self.folder.next_version().unwrap() > 1 {
            self.evidence().tell(&mut knowledge);
        }
        knowledge
    }

    pub(crate) fn filing(&self, form: &str, said: &[(&str, Value)]) -> Filing {
        let (form, id) = (Form::named(form).unwrap(), &self.folder.incident().id);
        Filing::of(form, id, &self.evidence(), self.knowledge(said), now())
    }
}

/// A stolen card's sample, counted once.
pub(crate) fn stolen_card() -> Sample {
    let sample = Sample::new(Source::Watch);
    sample.expose(scope(), persons());
    sample
}

pub(crate) fn scope() -> Scope {
    Scope { card: Some(CardId::from_bytes([9; 10])), ..Scope::default() }
}

/// People facts: two of Maine, one Dane who is a minor, one dead, one of whom little is known, and
/// one of whom nothing is known.
pub(crate) fn people() -> People {
    let lines = [
        (1, r#""country":"US","region":"ME","minor":false,"dead":false"#),
        (2, r#""country":"us","region":"US-ME","minor":false,"dead":true"#),
        (3, r#""country":"DK","minor":true,"dead":false,"language":"da""#),
        (4, r#""country":"US","region":"CA","minor":false,"dead":false,"postcode":"90001""#),
        (5, r#""association":"Chamber of Nowhere""#),
    ];
    let mut text = String::new();
    for (number, facts) in lines {
        text.push_str(&format!("{{\"file\":\"{}\",{facts}}}\n", file(number)));
    }
    People::read(Cursor::new(text)).unwrap()
}

pub(crate) fn controller() -> Controller {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("controller.toml");
    std::fs::write(&path, include_str!("controller.toml")).unwrap();
    Controller::read(&path).unwrap()
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

pub(crate) fn list(codes: &[&str]) -> Value {
    Value::List(codes.iter().map(|code| (*code).to_owned()).collect())
}

/// Answers with which the EDPB form is complete.
pub(crate) fn answers() -> Vec<(&'static str, Value)> {
    vec![
        ("description", text("A card was taken from a bag; its PIN was written on it.")),
        ("incident-nature", text("f")),
        ("cause", text("d")),
        ("other-parties", text("a")),
        ("other-party-name", list(&["Clouds Ltd"])),
        ("confidentiality-consequences", list(&["b", "c"])),
        ("impact", list(&["a", "i"])),
        ("severity", text("b")),
        ("risk", text("a")),
        ("risk-assessment", text("ENISA: 3 x 1 + 0.5.")),
        ("measures-taken", text("The card is revoked.")),
        ("prevention", list(&["f"])),
        ("prevention-description", text("PINs are not written down; everybody was reminded.")),
        ("told-persons", text("b")),
        ("will-tell-date", text("2026-11-30")),
        ("cross-border", text("b")),
    ]
}
