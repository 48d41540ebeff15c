//! `cofferdam who-opened`: exact files and sections, from the ledger.

use crate::cli::WhoOpenedArguments;
use crate::client::{Answer, Ask, SignedInCard};
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use data_encoding::BASE64;
use keyproto::statement::ProofClaims;
use ledger::entry::{Act, Entry};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use terms::{Blind, ParseIdError, Section, Sections};

/// What to ask the ledger, as the server takes it.
#[derive(Default, Serialize)]
pub(crate) struct Question {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) card: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) practice: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) server: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<String>,
    pub(crate) everything: bool,
}

/// `cofferdam who-opened`.
pub(crate) fn who_opened(home: &Home, arguments: &WhoOpenedArguments, json: bool) -> Outcome {
    let question = Question {
        file: arguments.patient.map(|id| id.to_string()),
        card: arguments.by_card.map(|id| id.to_string()),
        practice: arguments.by_practice.map(|id| id.to_string()),
        server: arguments.server.map(|id| id.to_string()),
        from: arguments.from.clone(),
        to: arguments.to.clone(),
        everything: false,
    };
    let lines = ask(home, &arguments.card, &question)?;
    let mut exposed: BTreeMap<String, Sections> = BTreeMap::new();
    for line in &lines {
        let told = Told::of(line);
        let asked = |file: &&String| question.file.as_ref().is_none_or(|asked| asked == *file);
        for file in told.files.iter().filter(asked) {
            let sections = exposed.entry(file.clone()).or_default();
            *sections = sections.union(told.of_sections);
        }
        if json {
            console::json(&told);
        } else {
            console::say(&told.for_people());
        }
    }
    if !json {
        console::heading(&format!("{} entries, {} files", lines.len(), exposed.len()));
        for (file, sections) in exposed {
            console::say(&format!("{file}  {sections}"));
        }
    }
    Ok(())
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
        };
        told.fill(line);
        told.sections = told.of_sections.iter().map(Section::word).collect();
        told
    }

    fn fill(&mut self, line: &'a Line) {
        let name = |blind: &Blind| {
            let found = line.files.iter().find(|(known, _)| known == blind);
            found.map_or_else(|| format!("erased {blind}"), |(_, file)| file.clone())
        };
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
            Act::Found(found) => {
                self.act = "found";
                self.files = found.shown.iter().map(name).collect();
                self.of_sections = Sections::of(&[Section::Label]);
                self.card = Some(found.card.to_string());
                self.server = Some(found.server.to_string());
            }
            Act::Deposited(deposited) => {
                self.act = "deposited";
                self.files = vec![name(&deposited.file)];
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
            format!("{:>8}  {}  {:<9} {who} ({practice})", self.number, self.at, self.act);
        let details =
            [("relation", self.relation), ("purpose", self.purpose), ("reason", self.reason)];
        for (name, value) in details {
            if let Some(value) = value {
                text.push_str(&format!("  {name}: {value}"));
            }
        }
        text.push_str(&format!("  [{}]", self.sections.join(" ")));
        text
    }
}

/// An entry with its number and the names around it.
pub(crate) struct Line {
    pub(crate) number: u64,
    pub(crate) entry: Entry,
    files: Vec<(Blind, String)>,
    holder: Option<String>,
    practice: Option<String>,
}

/// The same as the server writes it.
#[derive(Deserialize)]
struct Sent {
    number: u64,
    /// The entry's bytes, base64.
    entry: String,
    files: Vec<SentFile>,
    holder: Option<String>,
    practice: Option<String>,
}

#[derive(Deserialize)]
struct SentFile {
    blind: String,
    file: String,
}

fn read(line: &str) -> Outcome<Line> {
    const WHAT: &str = "a line of the answer";
    let sent: Sent = serde_json::from_str(line).map_err(Failure::world(WHAT))?;
    let bytes = BASE64.decode(sent.entry.as_bytes()).map_err(Failure::world(WHAT))?;
    let entry = Entry::from_bytes(&bytes).map_err(Failure::world(WHAT))?;
    let files = sent.files.into_iter().map(|file| Ok((file.blind.parse()?, file.file)));
    let files = files.collect::<Result<_, ParseIdError>>().map_err(Failure::world(WHAT))?;
    let (holder, practice) = (sent.holder, sent.practice);
    Ok(Line { number: sent.number, entry, files, holder, practice })
}

/// Asks the ledger.
pub(crate) fn ask(home: &Home, card: &str, question: &Question) -> Outcome<Vec<Line>> {
    let config = Config::read(home)?;
    let mut card = SignedInCard::sign_in(home, &config, card)?;
    let body = serde_json::to_vec(question).map_err(Failure::world("the question"))?;
    let ask = Ask {
        method: "POST",
        path: "/reports/who-opened",
        headers: &[("content-type", "application/json")],
        body: &body,
    };
    let Answer { status, body, .. } = card.send(&ask, &ProofClaims::default)?;
    let text = String::from_utf8(body).map_err(Failure::world("the answer"))?;
    match status {
        200 => text.lines().map(read).collect(),
        401 => Err(Failure::Refused("the server does not let this session in (401)".into())),
        403 => Err(Failure::Refused(
            "only an officer, or a patient about the own file, may ask the ledger".into(),
        )),
        400..=499 => Err(Failure::Asked(format!("asked wrongly ({status}): {text}"))),
        _ => Err(Failure::World(format!("the server failed ({status}): {text}"))),
    }
}
