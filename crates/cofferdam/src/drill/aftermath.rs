//! The hours after an attack: an incident, and whether its exposures, filings and letters are about
//! exactly those whom the attackers hold.

use super::scene::{Beside, Scene};
use super::thief::Thief;
use crate::client::now;
use crate::failure::{Failure, Outcome};
use crate::incident;
use ::drill::holdings::Holdings;
use ::drill::played::{Check, Kind};
use ::incident::{Exposure, Folder, Incident, Scope, Source, StolenCopy};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use terms::Time;

/// The officer's card that asks.
const OFFICER: &str = "officer-1";
/// What a person would write; the same in every drill.
const FACTS: &str = include_str!("letters.toml");
const ANSWERS: &str = include_str!("answers.toml");
const CONTROLLER: &str = include_str!("controller.toml");
/// What a person says besides of a copy, of which the ledger counts nobody.
const OF_A_COPY: &str = r#"
when = "d"
told-persons = "e"
more-person-categories = ["e"]
persons-description = "Everybody with a file when the copy was made, sealed."
concerned-kind = "c"
more-data-types = ["a", "b"]
data-description = "Whole files, sealed."
records-kind = "c"
records = 0
"#;
/// The form that goes out; of the others there are drafts, for a person to finish.
const FINAL: &str = "edpb";

/// What one attacker took, and what the incident is asked about it.
pub(super) struct Taken<'a> {
    who: &'a str,
    scope: Scope,
    held: &'a Holdings,
}

/// What is to follow after an attack.
pub(super) struct After<'a> {
    /// What people call the incident.
    pub(super) title: &'a str,
    /// Where it is: the country of those who gave none.
    pub(super) country: &'a str,
    /// The forms that authorities there take.
    pub(super) forms: &'a [&'a str],
    /// When the attack began; nobody but the attackers read anything since.
    pub(super) since: Time,
    pub(super) taken: &'a [Taken<'a>],
}

impl<'a> Taken<'a> {
    /// By a stolen card.
    pub(super) fn by(who: &'a str, thief: &'a Thief<'_>) -> Taken<'a> {
        let scope = Scope { card: Some(thief.id()), ..Scope::default() };
        Taken { who, scope, held: &thief.held }
    }

    /// From a copy with so many entries of the ledger, without the root key.
    pub(super) fn copied(who: &'a str, entries: u64, held: &'a Holdings) -> Taken<'a> {
        let copy = Some(StolenCopy { entries, with_root_key: false });
        Taken { who, scope: Scope { copy, ..Scope::default() }, held }
    }
}

impl After<'_> {
    /// Opens an incident, asks the ledger about each attacker and about all of them together, fills
    /// the forms, and writes the letters.
    pub(super) fn follow(&self, scene: &Scene, checks: &mut Vec<Check>) -> Outcome {
        self.follow_and(scene, checks, &|_, _, _| Ok(()))
    }

    /// The same, and something more with the incident and the people facts.
    pub(super) fn follow_and(
        &self,
        scene: &Scene,
        checks: &mut Vec<Check>,
        more: &dyn Fn(&str, &Path, &mut Vec<Check>) -> Outcome,
    ) -> Outcome {
        let folder = self.opened(scene)?;
        let mut all = Holdings::new();
        for one in self.taken {
            scene.go_on()?;
            let exposure = exposed(scene, &folder, one.scope.clone())?;
            checks.push(exact(one.who, &exposure, one.held));
            all.join(one.held);
        }
        let is_card = |one: &Taken<'_>| one.scope.card.is_some();
        let by_cards = self.taken.iter().any(is_card);
        let beside = Beside::place(scene, "letters");
        let mut people = None;
        if by_cards {
            // The last version is what filings and letters are about.
            let scope = Scope { from: Some(self.since), ..Scope::default() };
            let exposure = exposed(scene, &folder, scope)?;
            checks.push(exact("all together", &exposure, &all));
            self.write(scene, &folder, &exposure, beside.0.path(), checks)?;
            let facts = people.insert(beside.0.path().join("people.ndjson"));
            more(&folder.incident().id, facts, checks)?;
        }
        self.file(scene, &folder, people.as_deref(), &all, checks)
    }

    fn opened(&self, scene: &Scene) -> Outcome<Folder> {
        scene.sign_in_officer()?;
        let at = now();
        let incident = |id| Incident {
            id,
            title: self.title.to_owned(),
            opened: at,
            aware: at,
            source: Source::Hand,
            reference: None,
        };
        Ok(Folder::create(&scene.stage.home.incidents(), incident, at)?)
    }

    /// Two officers approve the list; each person on it gets a letter, or is told of as somebody
    /// who cannot get one.
    fn write(
        &self,
        scene: &Scene,
        folder: &Folder,
        exposure: &Exposure,
        out: &Path,
        checks: &mut Vec<Check>,
    ) -> Outcome {
        let (id, version) = (&*folder.incident().id, exposure.version.to_string());
        let card = scene.stage.officers.first.identity().card.to_string();
        let order = ["letters", "order", id, "--exposure", &version, "--card", &card];
        let ordered = ran(scene, &order)?;
        let job = ordered["job_file"].as_str().unwrap_or_default();
        ran(scene, &["letters", "approve", "--job-file", job])?;
        let facts = out.with_extension("toml");
        std::fs::write(&facts, self.facts()).map_err(Failure::world(facts.display()))?;
        let (facts_text, out_text) = (facts.display().to_string(), out.display().to_string());
        let run = ["letters", "run", "--job-file", job, "--facts", &facts_text, "--out", &out_text];
        let made = ran(scene, &run);
        let _ = std::fs::remove_file(&facts);
        let made = made?;
        let (letters, left) = (count(&made, "letters"), count(&made, "left_out"));
        let wanted: BTreeSet<String> =
            exposure.persons.iter().map(|person| person.file.to_string()).collect();
        let written = files(&out.join("people.ndjson"))?;
        checks.push(Check::holds(
            Kind::ExactList,
            "letters are for exactly those who were exposed",
            format!("{letters} letters, {left} without an address, {} exposed", wanted.len()),
            letters + left == wanted.len() as u64 && written == wanted && letters > 0,
        ));
        Ok(())
    }

    fn facts(&self) -> String {
        let now = now();
        let today = now.to_string();
        FACTS
            .replace("COUNTRY", self.country)
            .replace("FROM", &self.since.to_string())
            .replace("TODAY", today.get(..10).unwrap_or_default())
            .replace("TO", &today)
    }

    /// What a person writes, and what stands in the settings.
    fn answer(&self, scene: &Scene, id: &str) -> Outcome {
        let home = scene.stage.home.path();
        let (controller, answers) = (home.join("controller.toml"), home.join("answers.toml"));
        let by_card = self.taken.iter().any(|one| one.scope.card.is_some());
        let more = if by_card { "told-persons = \"b\"\n" } else { OF_A_COPY };
        let said = format!("{ANSWERS}{more}");
        for (path, text) in [(&controller, CONTROLLER), (&answers, &*said)] {
            std::fs::write(path, text).map_err(Failure::world(path.display()))?;
        }
        let answers = answers.display().to_string();
        ran(scene, &["facts", id, "--from", &answers, "--as", "a drill"]).map(drop)
    }

    /// Each form is there, with the number of those taken.
    fn file(
        &self,
        scene: &Scene,
        folder: &Folder,
        people: Option<&Path>,
        all: &Holdings,
        checks: &mut Vec<Check>,
    ) -> Outcome {
        let id = &*folder.incident().id;
        self.answer(scene, id)?;
        for form in self.forms {
            let mut arguments = vec!["file", id, form];
            let people = people.map(|people| people.display().to_string());
            if let Some(people) = &people {
                arguments.extend(["--people", people]);
            }
            if *form == FINAL {
                arguments.extend(["--final", "--card", OFFICER]);
            }
            // A final form is refused while a mandatory field is missing.
            let filed = ran(scene, &arguments)?;
            let export = filed["folder"].as_str().unwrap_or_default();
            let path = Path::new(export).join(format!("{form}.json"));
            let payload = json_of(&path)?;
            if people.is_none() {
                // Of a sealed copy the form counts nobody: it says that it stayed sealed.
                let intact = payload["field_57"] == "a" && payload["field_100"] == "a";
                let what = format!("the form `{form}` says that what was taken stayed unreadable");
                let found = format!("57 {}, 100 {}", payload["field_57"], payload["field_100"]);
                checks.push(Check::holds(Kind::ExactList, what, found, intact));
                continue;
            }
            let persons = persons(form, &payload);
            checks.push(Check::holds(
                Kind::ExactList,
                format!("the number of persons in the form `{form}` is that of those taken"),
                format!("{} in the form, {} taken", persons.unwrap_or(u64::MAX), all.persons()),
                persons == Some(all.persons()),
            ));
        }
        Ok(())
    }
}

/// Asks the ledger, and keeps the answer as a version.
fn exposed(scene: &Scene, folder: &Folder, scope: Scope) -> Outcome<Exposure> {
    let exposure = incident::of(&scene.stage.home, OFFICER, scope, folder.next_version()?)?;
    folder.keep(&exposure)?;
    Ok(exposure)
}

fn exact(who: &str, exposure: &Exposure, held: &Holdings) -> Check {
    let mut exposed = Holdings::new();
    for person in &exposure.persons {
        exposed.add(&person.file.to_string(), person.read.union(person.passed));
    }
    let what = format!("the incident's exposure is what was taken: {who}");
    let found = format!("{} persons exposed, {} taken", exposed.persons(), held.persons());
    Check::holds(Kind::ExactList, what, found, exposed.agreement(held).is_exact())
}

/// What an officer types: `cofferdam incident …`.
pub(super) fn ran(scene: &Scene, arguments: &[&str]) -> Outcome<Value> {
    scene.go_on()?;
    scene.stage.officer(arguments)
}

fn count(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or(u64::MAX / 2)
}

fn json_of(path: &Path) -> Outcome<Value> {
    let bytes = std::fs::read(path).map_err(Failure::world(path.display()))?;
    serde_json::from_slice(&bytes).map_err(Failure::world(path.display()))
}

/// The files that people facts are about.
fn files(path: &Path) -> Outcome<BTreeSet<String>> {
    let text = std::fs::read_to_string(path).map_err(Failure::world(path.display()))?;
    let file = |line: &str| {
        let value: Value = serde_json::from_str(line).unwrap_or_default();
        value["file"].as_str().map(str::to_owned)
    };
    Ok(text.lines().filter_map(file).collect())
}

/// How many persons a filled form says.
fn persons(form: &str, payload: &Value) -> Option<u64> {
    let field = match form {
        "edpb" => &payload["field_68"],
        "hhs" => &payload["individuals"],
        "maine" => &payload["total"],
        "denmark" => &payload["3.4"],
        _ => &payload["5.2"],
    };
    field.as_u64()
}
