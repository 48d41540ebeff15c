//! The ledger cut, edited, set back and deleted, by somebody who wants traces gone.

use super::old_backup::last_line;
use super::scene::{Beside, Context, LOG, Scene, copy};
use super::thief::{Came, Thief};
use crate::bench::stage::free_port;
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::serve::{self, Running};
use ::drill::holdings::Holdings;
use ::drill::incident::Drill;
use ::drill::played::{Attacker, Check, Kind, Played};
use keyproto::message::Question;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use terms::CardId;

/// How long witnesses may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Files that the saboteur reads and wants forgotten.
const READ: usize = 3;

/// What is done to a copy of the data folder, given an earlier copy of it.
type Damage = fn(&Home, &Home) -> std::io::Result<()>;

const DAMAGES: [(&str, Damage); 6] = [
    ("cut to half its length", |home, _| {
        edit(&home.ledger().join("entries"), |bytes| bytes.truncate(bytes.len() / 2))
    }),
    ("cut by its last entries", |home, _| {
        edit(&home.ledger().join("entries"), |bytes| bytes.truncate(bytes.len() - 200))
    }),
    ("edited in one byte", |home, _| {
        edit(&home.ledger().join("entries"), |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        })
    }),
    ("set back to an earlier copy", |home, earlier| {
        for name in ["entries", "checkpoint"] {
            std::fs::copy(earlier.ledger().join(name), home.ledger().join(name))?;
        }
        Ok(())
    }),
    ("deleted", |home, _| std::fs::remove_dir_all(home.ledger())),
    ("robbed of its checkpoint", |home, _| std::fs::remove_file(home.ledger().join("checkpoint"))),
];

pub(super) fn play(drill: &'static Drill, context: &Context) -> Outcome<Played> {
    let mut scene = Scene::with_people(context, drill.name, context.pick(40, 5_000))?;
    scene.stage.stop();
    let parties =
        (1..=3).map(|number| Party::start(&scene, number)).collect::<Outcome<Vec<_>>>()?;
    set_witnesses(&scene.stage.home, &parties)?;
    scene.stage.restart()?;
    cosigned_beyond(&scene, 0)?;
    scene.stage.stop();
    let earlier = Beside::place(&scene, "earlier");
    copy(scene.stage.home.path(), earlier.0.path())?;

    scene.stage.restart()?;
    let (card, held, tries) = read_secretly(&scene)?;
    let before = cosigned(&earlier.0);
    cosigned_beyond(&scene, before)?;
    scene.stage.stop();
    let mut checks = Vec::new();
    for (what, damage) in DAMAGES {
        scene.go_on()?;
        // The keyholder notices these by itself, so nobody else is asked.
        let started = sabotaged(&scene, &[], |home| damage(home, &earlier.0))?;
        checks.push(refusal(&format!("a ledger that was {what}"), started));
    }
    let whole = |home: &Home| {
        let from = |name: &str| earlier.0.path().join(name);
        std::fs::remove_dir_all(home.keyholder())?;
        std::fs::remove_dir_all(home.store())?;
        let copied = copy(&from("keyholder"), &home.keyholder())
            .and_then(|()| copy(&from("store"), &home.store()));
        copied.map_err(|failure| std::io::Error::other(failure.to_string()))
    };
    let started = sabotaged(&scene, &parties, whole)?;
    let what = "everything set back together, ledger, keys and store, against three witnesses";
    checks.push(refusal(what, started));

    scene.stage.restart()?;
    cosigned_beyond(&scene, before)?;
    let listed = scene.listed(&Question { card: Some(card), ..Question::default() })?;
    let who = "an insider who opens files and then sabotages the ledger";
    let attacker = Attacker::new(who, tries + DAMAGES.len() as u64 + 1, &held, &listed);
    let attacker = attacker.stopped(None, "the keyholder does not start from a damaged ledger");
    let mut played = Played::new(drill, scene.files, vec![attacker], checks);
    scene.stage.stop();
    played.preparing = super::rounded(scene.preparing);
    Ok(played)
}

/// Opens some files; says by which card, and what came.
fn read_secretly(scene: &Scene) -> Outcome<(CardId, Holdings, u64)> {
    let ids = scene.stolen_ids()?;
    let mut insider = Thief::with(scene, "doctor-1")?;
    let since = Instant::now();
    for file in ids.into_iter().take(READ) {
        // Until enough witnesses have cosigned the start, only emergencies are served.
        while insider.everything(file)? == Came::Refused && since.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    Ok((insider.id(), insider.held.clone(), insider.tries))
}

/// Whether a keyholder starts from a copy that was damaged, and what it says.
fn sabotaged(
    scene: &Scene,
    witnesses: &[Party],
    damage: impl FnOnce(&Home) -> std::io::Result<()>,
) -> Outcome<(bool, String)> {
    let forged = Beside::place(scene, "forged");
    let home = &forged.0;
    copy(scene.stage.home.path(), home.path())?;
    set_witnesses(home, witnesses)?;
    damage(home).map_err(Failure::world("the sabotage"))?;
    let log = home.path().join(LOG);
    let _ = std::fs::remove_file(&log);
    let passphrase = serve::passphrase(home, &Config::read(home)?)?;
    let runtime = serve::runtime()?;
    match runtime.block_on(Running::start(home, passphrase, Some(&log))) {
        Ok(mut running) => {
            runtime.block_on(running.stop());
            Ok((true, "it started".into()))
        }
        Err(_) => Ok((false, last_line(&log))),
    }
}

fn refusal(what: &str, (started, said): (bool, String)) -> Check {
    let what = format!("the keyholder refuses to start from {what}, and says what is wrong");
    Check::holds(Kind::SelfTest, what, said.clone(), !started && !said.is_empty())
}

/// An outside party that cosigns, as a process of its own.
struct Party {
    child: Child,
    /// As the settings name it.
    setting: String,
    _state: Beside,
}

impl Drop for Party {
    fn drop(&mut self) {
        // One that has ended already is no failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Party {
    fn start(scene: &Scene, number: usize) -> Outcome<Party> {
        let state = Beside::place(scene, &format!("witness-{number}"));
        let (folder, address) = (state.0.path(), free_port()?);
        let program = std::env::current_exe().map_err(Failure::world("a witness"))?;
        let name = format!("w{number}.example");
        let made = Command::new(&program)
            .args(["--json", "witness", "init", &name, "--state"])
            .arg(folder)
            .output()
            .map_err(Failure::world("a witness"))?;
        let made: serde_json::Value =
            serde_json::from_slice(&made.stdout).map_err(Failure::world("a witness's keys"))?;
        let keys = made["keys"].as_array().into_iter().flatten();
        let keys: Vec<&str> = keys.filter_map(serde_json::Value::as_str).collect();
        let setting = format!("http://{address} {}", keys.join(" "));
        let child = Command::new(&program)
            .args(["witness", "serve", "--listen", &address.to_string(), "--state"])
            .arg(folder)
            .arg("--log")
            .arg(scene.stage.home.verifier())
            .stdout(Stdio::null())
            .spawn()
            .map_err(Failure::world("a witness"))?;
        let party = Party { child, setting, _state: state };
        until("a witness listens", || TcpStream::connect(address).is_ok())?;
        Ok(party)
    }
}

fn set_witnesses(home: &Home, parties: &[Party]) -> Outcome {
    let path = home.settings();
    let text = std::fs::read_to_string(&path).map_err(Failure::world(path.display()))?;
    let settings: Vec<&str> = parties.iter().map(|party| party.setting.as_str()).collect();
    let line = |line: &str| match line.starts_with("witnesses = ") {
        true => format!("witnesses = {settings:?}"),
        false => line.to_owned(),
    };
    let lines: Vec<String> = text.lines().map(line).collect();
    std::fs::write(&path, lines.join("\n") + "\n").map_err(Failure::world(path.display()))
}

/// How many entries enough witnesses cosigned.
fn cosigned(home: &Home) -> u64 {
    let note = std::fs::read_to_string(home.keyholder().join("cosigned")).unwrap_or_default();
    note.lines().nth(1).and_then(|line| line.parse().ok()).unwrap_or_default()
}

fn cosigned_beyond(scene: &Scene, entries: u64) -> Outcome {
    until("the ledger is cosigned", || cosigned(&scene.stage.home) > entries)
}

fn until(what: &str, holds: impl Fn() -> bool) -> Outcome {
    let since = Instant::now();
    while !holds() {
        if since.elapsed() > PATIENCE {
            return Err(Failure::World(format!("not within {} s: {what}", PATIENCE.as_secs())));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> std::io::Result<()> {
    let mut bytes = std::fs::read(path)?;
    change(&mut bytes);
    std::fs::write(path, bytes)
}
