//! `cofferdam incident facts`: what a person must say, one question after the other.

use super::known;
use crate::cli::FactsArguments;
use crate::client::now;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use ::incident::Folder;
use ::incident::facts::{Answers, Catalogue, Fact, Value};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal};
use std::path::Path;

/// Largest file of answers, in bytes.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

pub(super) fn facts(home: &Home, arguments: &FactsArguments, json: bool) -> Outcome {
    let folder = super::folder(home, &arguments.incident.id)?;
    let mut desk = Desk::at(home, &folder, &arguments.who)?;
    let given = !arguments.set.is_empty() || arguments.from.is_some();
    if let Some(path) = &arguments.from {
        for (id, value) in read(path)? {
            desk.answers.set(&id, value, now(), &arguments.who)?;
        }
    }
    for pair in &arguments.set {
        let wrong = || Failure::Asked(format!("`{pair}` is not FIELD=VALUE"));
        let (id, text) = pair.split_once('=').ok_or_else(wrong)?;
        let value = Catalogue::built_in().named(id)?.read(text)?;
        desk.answers.set(id, value, now(), &arguments.who)?;
    }
    if given {
        desk.save()?;
    }
    let asks = !given && !arguments.list && !json;
    if asks && std::io::stdin().is_terminal() {
        return desk.ask(&mut std::io::stdin().lock());
    }
    desk.tell(json)
}

/// Answers from a file.
fn read(path: &Path) -> Outcome<BTreeMap<String, Value>> {
    let metadata = path.metadata().map_err(Failure::world(path.display()))?;
    if metadata.len() > FILE_BYTES_MAX {
        let text = format!("{}: more than {FILE_BYTES_MAX} bytes", path.display());
        return Err(Failure::Asked(text));
    }
    let text = std::fs::read_to_string(path).map_err(Failure::world(path.display()))?;
    let wrong = |error: String| Failure::Asked(format!("{}: {error}", path.display()));
    if path.extension().is_some_and(|ending| ending == "json") {
        return serde_json::from_str(&text).map_err(|error| wrong(error.to_string()));
    }
    toml::from_str(&text).map_err(|error| wrong(error.to_string()))
}

/// Where answers are asked for and kept.
struct Desk<'a> {
    home: &'a Home,
    folder: &'a Folder,
    who: &'a str,
    answers: Answers,
}

impl<'a> Desk<'a> {
    fn at(home: &'a Home, folder: &'a Folder, who: &'a str) -> Outcome<Desk<'a>> {
        let answers = Answers::read(&known::answers_file(folder))?;
        Ok(Desk { home, folder, who, answers })
    }

    fn save(&self) -> Outcome {
        Ok(self.answers.save(&known::answers_file(self.folder))?)
    }

    /// What is still to be asked, with what was put off last.
    fn missing(&self) -> Outcome<Vec<&'static Fact>> {
        let (knowledge, _) = known::gather(self.home, self.folder, None)?;
        let mut missing = Catalogue::built_in().missing(&knowledge);
        missing.sort_by_key(|fact| self.answers.later.contains(&fact.id));
        Ok(missing)
    }

    /// Asks one question after the other, and saves after each.
    fn ask(&mut self, from: &mut dyn BufRead) -> Outcome {
        console::say("Enter skips a question, `later` puts it off, `?` helps, `stop` ends. What");
        console::say("you answered is kept; the same command goes on where you stopped.");
        let mut lines = from.lines();
        let mut skipped = Vec::new();
        loop {
            let missing = self.missing()?;
            let open: Vec<_> = missing.iter().filter(|f| !skipped.contains(&f.id)).collect();
            let Some(fact) = open.first() else { break };
            console::heading(&format!("{} ({} to go)", fact.label, open.len()));
            for choice in &fact.choices {
                console::say(&format!("  {}  {}", choice.code, choice.text));
            }
            console::say(&format!("  [{}] {}", fact.id, fact.kind.words()));
            let Some(line) = lines.next() else { break };
            let line = line.map_err(Failure::world("the terminal"))?;
            match line.trim() {
                "stop" => break,
                "?" if fact.help.is_empty() => console::say("there is no more to say about it"),
                "?" => console::say(&fact.help),
                "" => skipped.push(fact.id.clone()),
                "later" => {
                    self.answers.later.insert(fact.id.clone());
                    skipped.push(fact.id.clone());
                    self.save()?;
                }
                text => self.answer(fact, text)?,
            }
        }
        self.tell(false)
    }

    fn answer(&mut self, fact: &Fact, text: &str) -> Outcome {
        match fact.read(text) {
            Ok(value) => {
                self.answers.set(&fact.id, value, now(), self.who)?;
                self.save()
            }
            Err(error) => {
                console::warn(&error.to_string());
                Ok(())
            }
        }
    }

    /// What was answered, what is missing, and what evidence and configuration say already.
    fn tell(&self, json: bool) -> Outcome {
        let missing = self.missing()?;
        if json {
            let missing: Vec<_> = missing.iter().map(|fact| described(fact)).collect();
            let answers = &self.answers.answers;
            let later = &self.answers.later;
            console::json(&json!({ "answers": answers, "later": later, "missing": missing }));
            return Ok(());
        }
        console::heading("Answered");
        for (id, answer) in &self.answers.answers {
            let says =
                if answer.says.is_empty() { answer.value.to_string() } else { answer.says.clone() };
            console::say(&format!("  {id:<28} {says}  ({}, {})", answer.by, answer.at));
        }
        console::heading("A person can still say");
        for fact in missing {
            console::say(&format!("  {:<28} {}", fact.id, fact.label));
        }
        let id = &self.folder.incident().id;
        console::say(&format!(
            "\nwhat a form still needs, and what evidence says in it: `cofferdam incident file \
             {id} edpb`"
        ));
        Ok(())
    }
}

fn described(fact: &Fact) -> serde_json::Value {
    json!({
        "id": fact.id, "label": fact.label, "help": fact.help, "kind": fact.kind,
        "choices": fact.choices,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::incident::{Incident, Source};
    use std::io::Cursor;

    fn incident(home: &Home) -> Folder {
        let incident = |id| Incident {
            id,
            title: "a test".into(),
            opened: now(),
            aware: now(),
            source: Source::Hand,
            reference: None,
        };
        Folder::create(&home.incidents(), incident, now()).unwrap()
    }

    #[test]
    fn what_is_typed_is_kept_at_once_and_the_next_time_goes_on_there() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let folder = incident(&home);
        let ask = |typed: &str| {
            let mut desk = Desk::at(&home, &folder, "Maria").unwrap();
            desk.ask(&mut Cursor::new(typed.to_owned())).unwrap();
            Desk::at(&home, &folder, "Maria").unwrap().answers
        };
        // A description; no such option; help; an option; put off the cause; then the end.
        let answers = ask("A card was lost.\nzz\n?\nf\nlater\nstop\nnever read");
        let ids: Vec<&str> = answers.answers.keys().map(|id| &**id).collect();
        assert_eq!(ids, ["description", "incident-nature"]);
        assert_eq!(answers.answers["incident-nature"].value, Value::Text("f".into()));
        assert!(answers.later.contains("cause"));
        // Goes on with what follows; what was put off comes last.
        let answers = ask("A server in the cellar.\n");
        assert!(answers.answers.contains_key("systems"), "{answers:?}");
        let desk = Desk::at(&home, &folder, "Maria").unwrap();
        assert_eq!(desk.missing().unwrap().last().unwrap().id, "cause");
    }
}
