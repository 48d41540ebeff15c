//! Runs every `tests/http/*.http`: what a client sends, and what it must get.
//!
//! ```text
//! @patient p Hansen            a patient of the doctor's; {p} is Patient/<id>, {p.id} the id
//! @present p                   the patient's card says: I am present at the first practice; from
//!                              then on `patient` is that card
//! @token t p                   a bearer token for that patient
//! > GET /fhir/{p} as doctor    method, address, and a card's name, `token t` or `nobody`
//! Prefer: return=minimal       headers
//!
//! {"a": 1}                     after an empty line the body, up to the first `<`
//! < 200                        the status
//! < header etag W/"1"          a header; with ~ a part of it
//! < json /total 1              a JSON pointer and its value; with `absent` that there is none
//! < has text, < lacks text     what the body holds
//! < keep name json /id         for later as {name}; also `location` (Type/id) and `header x`
//! ```

use crate::client::{Client, Response};
use crate::rig::{Rig, Session, rig};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

#[test]
fn every_script_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http");
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let only = std::env::var("HTTP_SCRIPT").unwrap_or_default();
    let mut failures = Vec::new();
    let mut steps = 0;
    for path in paths.iter().filter(|path| path.to_string_lossy().contains(&only)) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut run = Run::new(name);
        run.script(&std::fs::read_to_string(path).unwrap());
        steps += run.steps;
        failures.extend(run.failures);
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
    assert!(steps > 0, "no script ran");
}

struct Run {
    name: String,
    rig: &'static Rig,
    client: Client,
    sessions: HashMap<String, Session>,
    kept: HashMap<String, String>,
    failures: Vec<String>,
    steps: usize,
}

struct Step {
    line: usize,
    method: String,
    path: String,
    who: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Run {
    fn new(name: String) -> Run {
        let rig = rig();
        let kept = HashMap::from([("origin".to_owned(), rig.origin.clone())]);
        let (sessions, failures) = (HashMap::new(), Vec::new());
        Run { name, rig, client: rig.connect(), sessions, kept, failures, steps: 0 }
    }

    fn script(&mut self, text: &str) {
        let mut step: Option<Step> = None;
        let mut response: Option<Response> = None;
        let mut in_body = false;
        for (number, line) in text.lines().enumerate() {
            let line = self.filled(line);
            if let Some(request) = line.strip_prefix("> ") {
                step = Some(Step::parse(number + 1, request));
                (response, in_body) = (None, false);
            } else if let Some(expected) = line.strip_prefix("< ") {
                if let Some(step) = step.take() {
                    response = Some(self.send(&step));
                }
                let response = response.as_ref().expect("an expectation follows a request");
                if let Err(why) = self.check(expected, response) {
                    let body = String::from_utf8_lossy(&response.body);
                    let body: String = body.chars().take(600).collect();
                    self.failures.push(format!(
                        "{}:{}: {why}\n    got {} {body}",
                        self.name,
                        number + 1,
                        response.status
                    ));
                }
            } else if let Some(step) = &mut step {
                match line.split_once(": ") {
                    _ if in_body => step.body += &line,
                    _ if line.is_empty() => in_body = true,
                    Some((name, value)) => step.headers.push((name.into(), value.into())),
                    None => panic!("{}:{}: not a header", self.name, number + 1),
                }
            } else if let Some(directive) = line.strip_prefix('@') {
                self.prepare(directive);
            } else {
                assert!(line.is_empty() || line.starts_with('#'), "{}:{}", self.name, number + 1);
            }
        }
    }

    fn prepare(&mut self, directive: &str) {
        let words: Vec<&str> = directive.split(' ').collect();
        self.sign_in("doctor");
        let doctor = &self.sessions["doctor"];
        match words[..] {
            ["patient", name, family] => {
                let path = self.rig.patient(&mut self.client, doctor, family);
                let id = path.split('/').nth(1).unwrap().to_owned();
                self.kept.insert(format!("{name}.id"), id);
                self.kept.insert(name.to_owned(), path);
            }
            ["present", patient] => {
                let id = self.kept[&format!("{patient}.id")].parse().unwrap();
                let card = self.rig.present(&mut self.client, id);
                self.sessions
                    .insert("patient".to_owned(), self.rig.sign_in_for(&card, "system/*.cruds"));
            }
            ["token", name, patient] => {
                let token = self.rig.token(&mut self.client, doctor, &self.kept[patient]);
                self.kept.insert(format!("token {name}"), token);
            }
            _ => panic!("{}: no such directive: {directive}", self.name),
        }
    }

    fn sign_in(&mut self, who: &str) {
        if !self.sessions.contains_key(who) {
            self.sessions.insert(who.to_owned(), self.rig.sign_in(who));
        }
    }

    fn send(&mut self, step: &Step) -> Response {
        self.steps += 1;
        let mut headers: Vec<(&str, &str)> =
            step.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let named = |name: &str| headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        if !step.body.is_empty() && !named("content-type") {
            headers.push(("Content-Type", "application/fhir+json"));
        }
        let (method, path, body) = (step.method.as_str(), step.path.as_str(), step.body.as_bytes());
        let answered = match step.who.as_str() {
            "nobody" => self.client.send(method, path, &headers, body),
            who if who.starts_with("token ") => {
                let bearer = format!("Bearer {}", self.kept[who]);
                headers.push(("Authorization", &bearer));
                self.client.send(method, path, &headers, body)
            }
            who => {
                self.sign_in(who);
                let session = &self.sessions[who];
                self.rig.ask(&mut self.client, session, method, path, &headers, body)
            }
        };
        if answered.header("connection") == Some("close") {
            self.client = self.rig.connect();
        }
        if answered.status >= 500 && answered.status != 501 {
            self.failures.push(format!("{}:{}: {}", self.name, step.line, answered.status));
        }
        answered
    }

    fn check(&mut self, expected: &str, response: &Response) -> Result<(), String> {
        let (what, rest) = expected.split_once(' ').unwrap_or((expected, ""));
        let fits = match what {
            "header" => {
                let (name, value) = rest.split_once(' ').unwrap_or((rest, ""));
                let have = response.header(name).unwrap_or_default();
                match value.strip_prefix("~ ") {
                    Some(part) => have.contains(part),
                    None => have == value,
                }
            }
            "json" => {
                let (pointer, value) = rest.split_once(' ').ok_or("no value")?;
                let body = response.json();
                match value {
                    "absent" => body.pointer(pointer).is_none(),
                    value => {
                        let value: Value =
                            serde_json::from_str(value).map_err(|e| e.to_string())?;
                        let have = body.pointer(pointer);
                        if have != Some(&value) {
                            return Err(format!("{expected}: it is {have:?}"));
                        }
                        true
                    }
                }
            }
            "has" => String::from_utf8_lossy(&response.body).contains(rest),
            "lacks" => !String::from_utf8_lossy(&response.body).contains(rest),
            "keep" => return self.keep(rest, response),
            status => response.status.to_string() == status,
        };
        if fits { Ok(()) } else { Err(format!("expected {expected}")) }
    }

    fn keep(&mut self, what: &str, response: &Response) -> Result<(), String> {
        let (name, source) = what.split_once(' ').ok_or("what to keep?")?;
        let value = match source.split_once(' ').unwrap_or((source, "")) {
            ("location", _) => {
                let location = response.header("location").ok_or("no Location")?;
                let base = format!("{}/fhir/", self.rig.origin);
                let path = location.strip_prefix(&base).ok_or("a foreign Location")?;
                path.split("/_history").next().unwrap_or_default().to_owned()
            }
            ("header", name) => response.header(name).ok_or("no such header")?.to_owned(),
            ("json", pointer) => {
                let body = response.json();
                let value = body.pointer(pointer).ok_or("nothing there")?;
                value.as_str().map_or_else(|| value.to_string(), str::to_owned)
            }
            _ => return Err(format!("cannot keep {source}")),
        };
        if let Some((_, id)) = value.rsplit_once('/') {
            self.kept.insert(format!("{name}.id"), id.to_owned());
        }
        self.kept.insert(name.to_owned(), value);
        Ok(())
    }

    fn filled(&self, line: &str) -> String {
        self.kept
            .iter()
            .filter(|(name, _)| !name.starts_with("token "))
            .fold(line.to_owned(), |line, (name, value)| {
                line.replace(&format!("{{{name}}}"), value)
            })
    }
}

impl Step {
    fn parse(line: usize, request: &str) -> Step {
        let (request, who) = request.rsplit_once(" as ").expect("who asks");
        let (method, path) = request.split_once(' ').expect("method and address");
        Step {
            line,
            method: method.to_owned(),
            path: path.strip_prefix(&rig().origin).unwrap_or(path).to_owned(),
            who: who.to_owned(),
            headers: Vec::new(),
            body: String::new(),
        }
    }
}
