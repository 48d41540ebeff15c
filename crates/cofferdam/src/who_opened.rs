//! `cofferdam who-opened`: exact files and sections, from the ledger.

use crate::cli::WhoOpenedArguments;
use crate::console;
use crate::failure::Outcome;
use crate::home::Home;
use crate::report::{Line, ask, instant};
use keyproto::message::Question;
use ledger::entry::Act;
use serde::Serialize;
use std::collections::BTreeMap;
use terms::{Blind, FileId, Section, Sections};

/// `cofferdam who-opened`.
pub(crate) fn who_opened(home: &Home, arguments: &WhoOpenedArguments, json: bool) -> Outcome {
    let question = Question {
        file: arguments.patient,
        card: arguments.by_card,
        practice: arguments.by_practice,
        server: arguments.server,
        from: instant(arguments.from.as_deref())?,
        to: instant(arguments.to.as_deref())?,
        ..Question::default()
    };
    let reported = ask(home, &arguments.card, &question)?;
    let exposed = exposed(&reported.lines, question.file);
    for line in &reported.lines {
        let told = Told::of(line);
        if json {
            console::json(&told);
        } else {
            console::say(&told.for_people());
        }
    }
    if json {
        let words = |sections: &Sections| sections.iter().map(Section::word).collect::<Vec<_>>();
        let files: BTreeMap<_, _> = exposed.iter().map(|(file, s)| (file, words(s))).collect();
        let total = serde_json::json!({"entries": reported.lines.len(), "files": files});
        console::json(&serde_json::json!({"total": total}));
    } else {
        console::heading(&format!("{} entries, {} files", reported.lines.len(), exposed.len()));
        for (file, sections) in exposed {
            console::say(&format!("{file}  {sections}"));
        }
    }
    reported.say_verified(json);
    Ok(())
}

/// Every file that these lines tell of, or this one alone, with the sections of it.
pub(crate) fn exposed(lines: &[Line], only: Option<FileId>) -> BTreeMap<String, Sections> {
    let wanted = only.map(|file| file.to_string());
    let mut exposed: BTreeMap<String, Sections> = BTreeMap::new();
    for told in lines.iter().map(Told::of) {
        let asked = |file: &&String| wanted.as_ref().is_none_or(|asked| asked == *file);
        for file in told.files.iter().filter(asked) {
            let sections = exposed.entry(file.clone()).or_default();
            *sections = sections.union(told.of_sections);
        }
    }
    exposed
}

/// An entry as it is told: what was read, by whom, why.
#[derive(Serialize)]
struct Told<'a> {
    number: u64,
    at: String,
    act: &'static str,
    /// The files, by id; by the ledger's own name where they are erased.
    files: Vec<String>,
    sections: Vec<&'static str>,
    #[serde(skip)]
    of_sections: Sections,
    card: Option<String>,
    holder: Option<&'a str>,
    practice: Option<&'a str>,
    server: Option<String>,
    relation: Option<&'static str>,
    purpose: Option<&'static str>,
    reason: Option<&'a str>,
    job: Option<String>,
}

impl<'a> Told<'a> {
    fn of(line: &'a Line) -> Told<'a> {
        let mut told = Told {
            number: line.number,
            at: line.entry.at.to_string(),
            act: "",
            files: Vec::new(),
            sections: Vec::new(),
            of_sections: Sections::NONE,
            card: None,
            holder: line.holder.as_deref(),
            practice: line.practice.as_deref(),
            server: None,
            relation: None,
            purpose: None,
            reason: None,
            job: None,
        };
        told.fill(line);
        told.sections = told.of_sections.iter().map(Section::word).collect();
        told
    }

    fn fill(&mut self, line: &'a Line) {
        let name = |blind: &Blind| line.file(blind);
        match &line.entry.act {
            Act::Opened(opened) => {
                self.act = "opened";
                self.files = vec![name(&opened.file)];
                self.of_sections = opened.sections;
                self.card = Some(opened.card.to_string());
                self.server = Some(opened.server.to_string());
                self.relation = Some(opened.class.word());
                self.purpose = Some(opened.purpose.word());
                self.reason = opened.reason.as_deref();
            }
            Act::OpenedByJob(opened) => {
                self.act = "opened-by-job";
                self.files = vec![name(&opened.file)];
                self.of_sections = opened.sections;
                self.card = Some(opened.card.to_string());
                self.server = Some(opened.server.to_string());
                self.job = Some(opened.job.to_string());
            }
            Act::Found(found) => {
                self.act = "found";
                self.files = found.shown.iter().map(name).collect();
                self.of_sections = Sections::of(&[Section::Label]);
                self.card = Some(found.card.to_string());
                self.server = Some(found.server.to_string());
            }
            Act::Deposited(deposited) | Act::Abandoned(deposited) => {
                let came = matches!(line.entry.act, Act::Deposited(_));
                self.act = if came { "deposited" } else { "abandoned" };
                let new = !came && deposited.first == 0;
                let never = || format!("never made {}", deposited.file);
                self.files = vec![if new { never() } else { name(&deposited.file) }];
                self.of_sections = deposited.sections.iter().copied().collect();
                self.card = Some(deposited.card.to_string());
                self.server = Some(deposited.server.to_string());
            }
            _ => self.act = "other",
        }
    }

    fn for_people(&self) -> String {
        let who = self.holder.or(self.card.as_deref()).unwrap_or("-");
        let practice = self.practice.unwrap_or("-");
        let mut text =
            format!("{:>8}  {}  {:<13} {who} ({practice})", self.number, self.at, self.act);
        let details = [
            ("relation", self.relation),
            ("purpose", self.purpose),
            ("reason", self.reason),
            ("job", self.job.as_deref()),
        ];
        for (name, value) in details {
            if let Some(value) = value {
                text.push_str(&format!("  {name}: {value}"));
            }
        }
        text.push_str(&format!("  [{}]", self.sections.join(" ")));
        text
    }
}
