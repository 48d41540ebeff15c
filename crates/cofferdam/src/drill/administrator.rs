//! The database administrator: reads the store, and writes into it while it is served.

use super::scan::{Found, People};
use super::scene::{Context, LOG, Scene, moment, open_database};
use crate::client::{Ask, SignedInCard};
use crate::failure::{Failure, Outcome};
use ::drill::holdings::Holdings;
use ::drill::incident::Drill;
use ::drill::played::{Attacker, Check, Kind, Played};
use keyproto::message::Question;
use keyproto::statement::ProofClaims;
use rusqlite::{Connection, OpenFlags, params};
use std::time::Duration;
use terms::FileId;

/// What is done to one file, or to it and another.
type Damage = fn(&Connection, &[u8; 16], &[u8; 16]) -> rusqlite::Result<usize>;

const DAMAGES: [(&str, Damage); 6] = [
    ("two files' first segments swapped", |db, file, other| {
        let read = |of: &[u8; 16]| {
            db.query_row(
                "SELECT hash, bytes FROM segment WHERE file = ?1 AND sequence = 0",
                [of],
                |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?)),
            )
        };
        let (mine, theirs) = (read(file)?, read(other)?);
        let write = |of: &[u8; 16], (hash, bytes): &(Vec<u8>, Vec<u8>)| {
            let text = "UPDATE segment SET hash = ?2, bytes = ?3 WHERE file = ?1 AND sequence = 0";
            db.execute(text, params![of, hash, bytes])
        };
        Ok(write(file, &theirs)? + write(other, &mine)?)
    }),
    ("a segment dropped", |db, file, _| {
        db.execute("DELETE FROM segment WHERE file = ?1 AND sequence = 0", [file])
    }),
    ("set back to before the last deposit", |db, file, _| {
        let newest = "(SELECT max(sequence) FROM segment WHERE file = ?1)";
        let text = format!("DELETE FROM segment WHERE file = ?1 AND sequence = {newest}");
        db.execute(&text, [file])
    }),
    ("an older segment replayed in a newer one's place", |db, file, _| {
        let old = |column: &str| {
            format!("(SELECT {column} FROM segment WHERE file = ?1 AND sequence = 0)")
        };
        let text = format!(
            "UPDATE segment SET hash = {}, bytes = {} WHERE file = ?1 AND sequence = 1",
            old("hash"),
            old("bytes")
        );
        db.execute(&text, [file])
    }),
    ("another file's whole history in this one's place", |db, file, other| {
        db.execute("DELETE FROM segment WHERE file = ?1", [file])?;
        db.execute(
            "INSERT INTO segment SELECT ?1, sequence, section, hash, bytes FROM segment \
             WHERE file = ?2",
            params![file, other],
        )
    }),
    ("one bit changed", |db, file, _| {
        let bytes: Vec<u8> = db.query_row(
            "SELECT bytes FROM segment WHERE file = ?1 AND sequence = 1",
            [file],
            |row| row.get(0),
        )?;
        let mut bytes = bytes;
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        let text = "UPDATE segment SET bytes = ?2 WHERE file = ?1 AND sequence = 1";
        db.execute(text, params![file, bytes])
    }),
];

/// Who reads in turn, so that nobody's budget is spent.
const READERS: [&str; 3] = ["doctor-1", "doctor-2", "nurse"];

pub(super) fn play(drill: &'static Drill, context: &Context) -> Outcome<Played> {
    let people = context.pick(60, 5_000);
    let scene = Scene::with_people(context, drill.name, people)?;
    let ids = scene.stolen_ids()?;
    let (since, mut wanted, mut found) = (moment(), People::new(), Found::default());
    (0..people).for_each(|number| wanted.add(&scene.person(number)));
    wanted.search_below(&scene.stage.home.store(), &mut found)?;
    let listed = scene.listed(&Question { from: Some(since), ..Question::default() })?;
    let held = found.holdings();

    let readers = READERS
        .iter()
        .map(|name| {
            let (home, config) = (&scene.stage.home, &scene.stage.config);
            SignedInCard::anew(home, config, &scene.card(name)?)
        })
        .collect::<Outcome<_>>()?;
    let mut readers = Turns(readers, 0);
    let mut checks = vec![Check::at_most("persons that the store tells", held.persons(), 0)];
    let (mut noticed, mut tries) = (0, 1);
    for (number, (what, damage)) in DAMAGES.iter().enumerate() {
        scene.go_on()?;
        tries += 1;
        let (file, other) = (ids[2 * number], ids[2 * number + 1]);
        write(&scene, |db| damage(db, file.as_bytes(), other.as_bytes()))?;
        let (status, served) = read(readers.next(), file)?;
        noticed += u64::from(status >= 500);
        checks.push(Check::holds(
            Kind::HardBound,
            format!("{what}: noticed, and nothing of it served"),
            format!("answered {status}, {} persons served", served.persons()),
            status >= 500 && served.persons() == 0,
        ));
    }
    let untouched = ids[2 * DAMAGES.len() + 2];
    let (status, served) = read(readers.next(), untouched)?;
    checks.push(Check::holds(
        Kind::SelfTest,
        "a file that nobody touched is served as before",
        format!("answered {status}"),
        status == 200 && served.persons() == 1,
    ));
    checks.push(alarms(&scene, noticed)?);
    let who = "the administrator, reading the database";
    let attacker = Attacker::new(who, tries, &held, &listed);
    let attacker = attacker.stopped(None, "nothing in the database can be read");
    let mut played = Played::new(drill, scene.files, vec![attacker], checks);
    played.preparing = super::rounded(scene.preparing);
    Ok(played)
}

/// That the server said so in its log, once for each.
fn alarms(scene: &Scene, expected: u64) -> Outcome<Check> {
    let path = scene.stage.home.path().join(LOG);
    let log = std::fs::read_to_string(&path).map_err(Failure::world(path.display()))?;
    let rang = log.lines().filter(|line| line.contains("\"alarm\":true")).count() as u64;
    let (what, found) = ("each raised an alarm in the server's log", format!("{rang} alarms"));
    Ok(Check::holds(Kind::SelfTest, what, found, rang >= expected && expected > 0))
}

fn write(scene: &Scene, act: impl Fn(&Connection) -> rusqlite::Result<usize>) -> Outcome {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
    let mut database = open_database(&scene.stage.home.store(), flags)?;
    let failed = Failure::world::<rusqlite::Error>("the database");
    let work = |database: &mut Connection| {
        let transaction = database.transaction()?;
        let changed = act(&transaction)?;
        transaction.commit()?;
        Ok(changed)
    };
    match work(&mut database).map_err(failed)? {
        0 => Err(Failure::World("the administrator's write changed nothing".into())),
        _ => Ok(()),
    }
}

/// What an honest reader gets.
fn read(reader: &mut SignedInCard, file: FileId) -> Outcome<(u16, Holdings)> {
    let path = format!("/fhir/Patient/{file}/$everything");
    let ask = Ask { method: "GET", path: &path, headers: &[], body: &[] };
    let claims = || ProofClaims { file: Some(file), ..ProofClaims::default() };
    let answer = reader.send(&ask, &claims)?;
    let mut served = Holdings::new();
    served.read(&answer.body);
    // An honest reader is never in a hurry.
    std::thread::sleep(Duration::from_millis(50));
    Ok((answer.status, served))
}

/// Hands out readers in turn.
struct Turns(Vec<SignedInCard>, usize);

impl Turns {
    fn next(&mut self) -> &mut SignedInCard {
        self.1 = (self.1 + 1) % self.0.len();
        &mut self.0[self.1]
    }
}
