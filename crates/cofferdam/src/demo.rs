//! `cofferdam demo`: a made-up practice with made-up patients, served, and a tour to try.

use crate::cli::{DemoArguments, InitArguments};
use crate::client::{Ask, SignedInCard};
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::init::{self, Officers};
use crate::orders::{issue_order, make_card, random, send};
use crate::serve::{self, Running};
use crate::{console, import, server_process};
use cards::{Card, CardFile, Identity};
use drill::population::{Person, Population, Richness};
use keyproto::jws::Jwk;
use keyproto::statement::{Order, ProofClaims};
use record::import::{Progress, Source};
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};
use terms::{CardId, Curve, FileId, ListId, PracticeId, Role};

/// The PIN of every card of the demonstration.
pub(crate) const PIN: &str = "123456";
/// Stands in a folder that a demo is making; renamed when it is whole.
const UNFINISHED: &str = "demo.unfinished";
/// The chart numbers' namespace.
const CHARTS: &str = "https://demo.example/chart";
/// Who works in the made-up practice, and which of them belongs to the other one.
const STAFF: &[(&str, Role, &str, bool)] = &[
    ("doctor-1", Role::Doctor, "Dr. Ane Holm", false),
    ("doctor-2", Role::Doctor, "Dr. Peter Voss", false),
    ("nurse", Role::Nurse, "Nurse Maria Lund", false),
    ("receptionist", Role::Receptionist, "Tom Berg, reception", false),
    ("laboratory", Role::Laboratory, "Laboratory analyser", false),
    ("importer", Role::Importer, "Import", false),
    ("doctor-elsewhere", Role::Doctor, "Dr. Eva Stern, another practice", true),
];

/// `cofferdam demo`.
pub(crate) fn demo(home: &Home, arguments: &DemoArguments) -> Outcome {
    home.fits()?;
    let shown = shown(arguments)?;
    let runtime = serve::runtime()?;
    let mark = home.path().join("demo");
    let making = if mark.exists() { None } else { Some(begin(home)?) };
    let is_new = making.is_some();
    let officers = if is_new { Some(make(home, arguments)?) } else { None };
    let config = Config::read(home)?;
    let passphrase = serve::passphrase(home, &config)?;
    let log = home.path().join("demo.log");
    console::say(&format!("what server and keyholder say goes to {}", log.display()));
    let mut running = runtime.block_on(Running::start(home, passphrase, Some(&log)))?;
    let toured = officers
        .map_or(Ok(()), |officers| fill(home, &config, &officers, arguments))
        .and_then(|()| tour(home, &config, &shown));
    if toured.is_ok() && is_new {
        let unfinished = home.path().join(UNFINISHED);
        std::fs::rename(unfinished, &mark).map_err(Failure::world(mark.display()))?;
    }
    drop(making);
    if toured.is_err() || arguments.once {
        runtime.block_on(running.stop());
        return toured;
    }
    console::say("\nserving until Ctrl-C; the commands above work in another terminal.");
    runtime.block_on(running.until_told())
}

/// An empty folder with a mark that says whose it is and that it is being made; the mark is locked
/// meanwhile. What an earlier demo left unfinished is removed: nothing but made-up people is in it.
fn begin(home: &Home) -> Outcome<File> {
    let folder = home.path();
    let mark = folder.join(UNFINISHED);
    if mark.exists() {
        let file = File::open(&mark).map_err(Failure::world(mark.display()))?;
        let being_made = || {
            let text = format!("another demo is making {}: wait for its tour", folder.display());
            Failure::World(text)
        };
        file.try_lock().map_err(|_| being_made())?;
        let since = Instant::now();
        while !serve::nobody_writes(home)? {
            // Its processes end after it; they must not write into the new folder.
            if since.elapsed() > Duration::from_secs(30) {
                return Err(being_made());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        console::say(&format!(
            "{} was interrupted while a demo made it: beginning again",
            folder.display()
        ));
        std::fs::remove_dir_all(folder).map_err(Failure::world(folder.display()))?;
    }
    let mut entries = std::fs::read_dir(folder).into_iter().flatten();
    if entries.next().is_some() {
        return Err(Failure::Asked(format!(
            "{} is not empty and was not made by a demo: name another folder with --home, or \
             start what is there with `cofferdam serve`",
            folder.display()
        )));
    }
    Home::make(folder)?;
    let file = File::create(&mark).map_err(Failure::world(mark.display()))?;
    file.try_lock().map_err(Failure::world(mark.display()))?;
    Ok(file)
}

/// The data folder with its first practice and two officers.
fn make(home: &Home, arguments: &DemoArguments) -> Outcome<Officers> {
    console::say(&format!("making a practice in {} …", home.path().display()));
    let passphrase = data_encoding::HEXLOWER.encode(&random::<16>()?);
    let path = home.path().join("passphrase");
    write_secret(&path, &passphrase).map_err(Failure::world(path.display()))?;
    let init = InitArguments {
        tenant: "demo".into(),
        practice: "Harbour Practice".into(),
        listen: arguments.listen,
        local_listen: arguments.local_listen,
        passphrase_file: Some(path),
    };
    init::make(home, &init, PIN)
}

fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    writeln!(options.open(path)?, "{text}")
}

/// Cards, patients, and the list of them that both officers approve.
fn fill(home: &Home, config: &Config, officers: &Officers, arguments: &DemoArguments) -> Outcome {
    staff(home, config, officers)?;
    let progress = bring_in(home, config, officers, arguments, false)?;
    console::say(&format!(
        "{} made-up patients with {} resources are in, sealed; nobody opened one",
        progress.files, progress.resources
    ));
    Ok(())
}

/// Issues the cards of the made-up practice, and of a doctor elsewhere.
pub(crate) fn staff(home: &Home, config: &Config, officers: &Officers) -> Outcome {
    let here = officers.first.identity().practice;
    let elsewhere = PracticeId::from_bytes(random()?);
    let order = Order::RegisterPractice { practice: elsewhere, name: "Hill Practice".into() };
    send(home, config, &[&officers.first], &order)?;
    for (name, role, holder, is_elsewhere) in STAFF {
        let practice = if *is_elsewhere { elsewhere } else { here };
        let identity = Identity {
            card: CardId::from_bytes(random()?),
            role: *role,
            practice,
            holder: (*holder).into(),
        };
        let card = make_card(home, name, identity, Curve::P256, PIN)?;
        let order = issue_order(card.identity(), Jwk::of(card.public()), 365, None);
        // A card for another practice takes both officers.
        let both = [&officers.first, &officers.second];
        send(home, config, &both[..if *is_elsewhere { 2 } else { 1 }], &order)?;
    }
    Ok(())
}

/// Imports made-up people by deposits only, and has their list approved.
pub(crate) fn bring_in(
    home: &Home,
    config: &Config,
    officers: &Officers,
    arguments: &DemoArguments,
    is_thin: bool,
) -> Outcome<Progress> {
    let records = server_process::open_records(home, config)?;
    let by = import::sign_in(&records, config, &unlock(home, "importer")?)?;
    let list = ListId::from_bytes(random()?);
    let richness = if is_thin { Richness::Thin } else { Richness::Rich };
    let people = population(arguments.seed, arguments.patients).with_richness(richness);
    let bar = console::progress(arguments.patients.into(), "patients");
    let mut sources = people.people().map(|person| {
        bar.inc(1);
        let name = format!("person {}", person.number());
        Ok(Source { name, text: person.bundle().into_bytes() })
    });
    let journal = home.path().join("demo.journal");
    let (progress, rejects) = import::import_sources(&records, by, list, journal, &mut sources)?;
    bar.finish_and_clear();
    if let Some(reject) = rejects.first() {
        return Err(Failure::World(format!("{} was rejected: {}", reject.name, reject.reason)));
    }
    let order = Order::ApproveList { list, practice: officers.first.identity().practice };
    send(home, config, &[&officers.first, &officers.second], &order)?;
    Ok(progress)
}

/// A card of the made-up practice, unlocked.
pub(crate) fn unlock(home: &Home, name: &str) -> Outcome<Card> {
    let path = home.card(name)?;
    let card = CardFile::read(&path).and_then(|file| file.open(PIN));
    card.map_err(|error| Failure::Asked(format!("{}: {error}", path.display())))
}

/// The made-up people of a seed.
pub(crate) fn population(seed: u64, patients: u32) -> Population {
    Population::new(seed, patients).with_chart_system(CHARTS)
}

/// Whose file the tour opens.
fn shown(arguments: &DemoArguments) -> Outcome<Person> {
    let people = population(arguments.seed, arguments.patients);
    let mut grown_up = people.people().filter(|p| !p.is_minor() && p.death().is_none());
    grown_up.next().ok_or_else(|| {
        let text = "no grown-up is among so few patients, and the tour shows one: take more";
        Failure::Asked(text.into())
    })
}

/// Prints commands that work as printed.
fn tour(home: &Home, config: &Config, person: &Person) -> Outcome {
    let mut card = SignedInCard::anew(home, config, &unlock(home, "doctor-1")?)?;
    let id = find(&mut card, person)?;
    let program = program();
    let run = |command: String| console::say(&format!("  {program} {command}"));
    console::heading("What to try (in another terminal, in this folder)");
    let folder = quoted(&home.path().display().to_string());
    console::say(&format!("  export COFFERDAM_PIN={PIN} COFFERDAM_HOME={folder}"));
    console::heading("Find a patient, as the receptionist does");
    run(format!("fhir GET 'Patient?name={}' --card receptionist", prefix(person.family())));
    console::heading("Open the file, as a doctor does: the whole of it, then one thing");
    run(format!("fhir GET 'Patient/{id}/$everything' --card doctor-1"));
    run(format!(
        "fhir GET 'Observation?patient={id}&category=laboratory&_count=5' --card doctor-1"
    ));
    console::heading("Read more than the role has: what is hidden is named");
    run(format!("fhir GET 'Observation?patient={id}' --card receptionist"));
    console::heading("Open a file that you have nothing to do with: refused, exit code 3");
    run(format!("fhir GET Patient/{id} --card doctor-elsewhere"));
    console::heading("… unless it is an emergency: a few a day, with a reason, on the ledger");
    run(format!(
        "fhir GET Patient/{id} --card doctor-elsewhere --purpose emergency --reason unconscious"
    ));
    console::heading("Who opened it? From the ledger, exactly");
    run(format!("who-opened --patient {id}"));
    console::heading("The watch: what it found in that, and what waits for an officer");
    run("watch alerts --all".into());
    let card = unlock(home, "doctor-elsewhere")?.identity().card;
    console::heading("The worst day: that card was stolen. Who was affected, exactly?");
    run("incident open --title 'a stolen card'".into());
    run(format!("incident exposure last --by-card {card}"));
    console::heading("A token for exactly this patient, for any FHIR client");
    console::say(&format!("  TOKEN=$({program} token {id} --card doctor-2)"));
    console::say(&format!(
        "  curl --cacert {} -H \"Authorization: Bearer $TOKEN\" '{}/fhir/Condition?patient={id}'",
        quoted(&home.authority().display().to_string()),
        config.origin
    ));
    console::heading("Freeze a lost card; verify the ledger; look at the cards");
    run("card list".into());
    run("freeze --card CARD --reason lost".into());
    run("ledger verify".into());
    Ok(())
}

/// The file of a made-up person, as a doctor of the practice finds it.
pub(crate) fn find(card: &mut SignedInCard, person: &Person) -> Outcome<FileId> {
    let national = person.national();
    let path = format!("/fhir/Patient?identifier={}%7C{}", national.system, national.value);
    let ask = Ask { method: "GET", path: &path, headers: &[], body: &[] };
    let answer = card.send(&ask, &ProofClaims::default)?;
    let found: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let entries = found["entry"].as_array().into_iter().flatten();
    let mut ids = entries.filter_map(|entry| entry["resource"]["id"].as_str()?.parse().ok());
    ids.next().ok_or_else(|| {
        Failure::NotThere(format!("a patient that was just imported ({})", answer.status))
    })
}

/// The first letters of a name, as one types them.
fn prefix(name: &str) -> String {
    name.chars().take(4).collect::<String>().to_lowercase()
}

/// How to call this program from where the user is.
fn program() -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let program = std::env::current_exe().unwrap_or_else(|_| "cofferdam".into());
    quoted(&match program.strip_prefix(&here) {
        Ok(inside) => format!("./{}", inside.display()),
        Err(_) => program.display().to_string(),
    })
}

/// One word for a shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "./-_+:".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_paths_are_one_word_for_a_shell() {
        assert_eq!(quoted("/srv/a-b_c.1"), "/srv/a-b_c.1");
        for word in ["my practice", "it's \"so\" $HOME `x` \\", "tøm;rm", ""] {
            let echo = format!("printf %s {}", quoted(word));
            let said = std::process::Command::new("sh").args(["-c", &echo]).output().unwrap();
            assert_eq!(said.stdout, word.as_bytes());
        }
    }

    #[test]
    fn a_demo_without_anybody_to_show_makes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(&folder.path().join("home"));
        let [listen, local_listen] = [8443, 9464].map(|port| ([127, 0, 0, 1], port).into());
        let arguments = DemoArguments { patients: 0, seed: 1, listen, local_listen, once: true };
        assert!(matches!(demo(&home, &arguments), Err(Failure::Asked(_))));
        assert!(!home.path().exists());
    }
}
