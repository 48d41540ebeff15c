//! Where a drill is played: a practice with running processes, made-up people, and its officers.

use super::Scale;
use crate::bench::stage::Stage;
use crate::cli::DrillArguments;
use crate::client::{SignedInCard, now};
use crate::console;
use crate::demo;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::import;
use crate::orders::random;
use crate::report::{self, Reported};
use crate::who_opened::exposed;
use ::drill::holdings::Holdings;
use ::drill::population::Person;
use cards::Card;
use keyproto::message::Question;
use keyproto::statement::Order;
use ledger::entry::{Act, Subject, Why};
use record::import::Source;
use rusqlite::{Connection, OpenFlags};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use terms::{CardId, FileId, ListId, PracticeId, Role, Section, Time};
use tokio::signal::unix::{SignalKind, signal};

/// The seed of every drill's people.
pub(super) const SEED: u64 = 38;
/// What the processes say, in the data folder.
pub(super) const LOG: &str = "processes.log";

/// What all drills of a run share.
pub(super) struct Context {
    pub(super) scale: Scale,
    keep: bool,
    json: bool,
    stopped: Arc<AtomicBool>,
}

/// One practice.
pub(super) struct Scene {
    pub(super) stage: Stage,
    pub(super) preparing: Duration,
    pub(super) files: u64,
    stopped: Arc<AtomicBool>,
    began: Instant,
}

impl Context {
    /// From here on a signal ends the run in good order; a second one at once.
    pub(super) fn new(arguments: &DrillArguments, json: bool) -> Outcome<Context> {
        let stopped = Arc::new(AtomicBool::new(false));
        let (flag, runtime) = (stopped.clone(), crate::serve::runtime()?);
        std::thread::spawn(move || {
            runtime.block_on(async {
                let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
                let (Ok(mut interrupt), Ok(mut terminate)) = signals else { return };
                loop {
                    tokio::select! {
                        _ = interrupt.recv() => {}
                        _ = terminate.recv() => {}
                    }
                    if flag.swap(true, Ordering::SeqCst) {
                        std::process::exit(130);
                    }
                    console::warn("stopping and clearing away; once more ends it at once");
                }
            });
        });
        Ok(Context { scale: arguments.scale, keep: arguments.keep, json, stopped })
    }

    /// So many at the small scale, and so many at the full one.
    pub(super) fn pick(&self, small: u32, full: u32) -> u32 {
        match self.scale {
            Scale::Small => small,
            Scale::Full => full,
        }
    }

    /// An error once somebody has asked to stop.
    pub(super) fn go_on(&self) -> Outcome {
        go_on(&self.stopped)
    }
}

fn go_on(stopped: &AtomicBool) -> Outcome {
    if stopped.load(Ordering::Relaxed) {
        return Err(Failure::World("stopped before the end; nothing is left over".into()));
    }
    Ok(())
}

impl Scene {
    /// A practice with staff and without patients.
    pub(super) fn new(context: &Context, name: &str) -> Outcome<Scene> {
        context.go_on()?;
        let began = Instant::now();
        let mut stage = Stage::for_purpose("drill", name, Some(LOG))?;
        stage.keep = context.keep;
        if context.keep && !context.json {
            console::say(&format!("  kept in  {}", stage.home.path().display()));
        }
        let preparing = began.elapsed();
        Ok(Scene { stage, preparing, files: 0, stopped: context.stopped.clone(), began })
    }

    /// A practice with so many people of whom little is known, on a list that is approved.
    pub(super) fn with_people(context: &Context, name: &str, people: u32) -> Outcome<Scene> {
        let mut scene = Scene::new(context, name)?;
        let population = demo::population(SEED, people);
        let thin = population.with_richness(::drill::population::Richness::Thin);
        scene.bring_in(people, true, &mut thin.people().map(|person| person.bundle()))?;
        Ok(scene)
    }

    /// Imports bundles as one list, which two officers approve or not.
    pub(super) fn bring_in(
        &mut self,
        count: u32,
        approved: bool,
        bundles: &mut (dyn Iterator<Item = String> + Send),
    ) -> Outcome {
        let home = &self.stage.home;
        let records = crate::server_process::open_records(home, &self.stage.config)?;
        let by = import::sign_in(&records, &self.stage.config, &self.card("importer")?)?;
        let list = ListId::from_bytes(random()?);
        let bar = console::progress(count.into(), "files");
        let stopped = &self.stopped;
        let mut sources = bundles.enumerate().map(|(number, bundle)| {
            bar.inc(1);
            go_on(stopped).map_err(std::io::Error::other)?;
            Ok(Source { name: format!("person {number}"), text: bundle.into_bytes() })
        });
        let journal = home.path().join(format!("{list}.journal"));
        let imported = import::import_sources(&records, by, list, journal, &mut sources);
        bar.finish_and_clear();
        let (progress, rejects) = imported?;
        if let Some(reject) = rejects.first() {
            return Err(Failure::World(format!("{}: {}", reject.name, reject.reason)));
        }
        self.files += progress.files;
        if approved {
            let practice = self.practice();
            self.order(2, &Order::ApproveList { list, practice })?;
        }
        self.preparing = self.began.elapsed();
        Ok(())
    }

    /// An error once somebody has asked to stop.
    pub(super) fn go_on(&self) -> Outcome {
        go_on(&self.stopped)
    }

    /// The practice that is attacked.
    pub(super) fn practice(&self) -> PracticeId {
        self.stage.officers.first.identity().practice
    }

    /// A card of the staff, unlocked.
    pub(super) fn card(&self, name: &str) -> Outcome<Card> {
        demo::unlock(&self.stage.home, name)
    }

    /// A new card that both officers issued.
    pub(super) fn issue(&self, role: Role, practice: PracticeId, holder: &str) -> Outcome<Card> {
        self.stage.issue(role, practice, holder)
    }

    /// An order by so many officers.
    pub(super) fn order(&self, officers: usize, order: &Order) -> Outcome<u64> {
        self.stage.order(officers, order)
    }

    /// Every patient's file in the store, read as a thief of the store reads it. Each has
    /// numbers of its own in section `identity`, and the directory has none.
    pub(super) fn stolen_ids(&self) -> Outcome<Vec<FileId>> {
        let failed = Failure::world::<rusqlite::Error>("the store");
        let store = self.stage.home.store();
        let connection = open_database(&store, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let read = || {
            let mut query =
                connection.prepare("SELECT DISTINCT file FROM segment WHERE section = ?1")?;
            let rows =
                query.query_map([Section::Identity as u8], |row| row.get::<_, [u8; 16]>(0))?;
            rows.map(|row| row.map(FileId::from_bytes)).collect::<Result<Vec<_>, _>>()
        };
        read().map_err(failed)
    }

    /// The made-up person with this number.
    pub(super) fn person(&self, number: u32) -> Person {
        demo::population(SEED, number + 1).person(number)
    }

    /// What the ledger lists, verified against its checkpoint.
    pub(super) fn listed(&self, question: &Question) -> Outcome<Holdings> {
        let reported = self.ask(question)?;
        let mut listed = Holdings::new();
        let exposed = exposed(&reported.lines, question.file);
        exposed.iter().for_each(|(file, sections)| listed.add(file, *sections));
        Ok(listed)
    }

    /// Asks the ledger as an officer does.
    pub(super) fn ask(&self, question: &Question) -> Outcome<Reported> {
        self.sign_in_officer()?;
        report::ask(&self.stage.home, "officer-1", question)
    }

    /// From here on the first officer's card asks without a PIN.
    pub(super) fn sign_in_officer(&self) -> Outcome {
        let (home, config) = (&self.stage.home, &self.stage.config);
        SignedInCard::anew(home, config, &self.stage.officers.first).map(drop)
    }

    /// What the ledger says that stopped this card since then.
    pub(super) fn what_stopped(&self, card: CardId, since: Time) -> Outcome<String> {
        let question = Question { from: Some(since), everything: true, ..Question::default() };
        let lines = self.ask(&question)?.lines;
        let mut refused = None;
        for line in &lines {
            match &line.entry.act {
                Act::Frozen(frozen) if frozen.subject == Subject::Card(card) => {
                    let why = frozen.why.map_or("an officer", in_words);
                    return Ok(format!("card frozen: {why}"));
                }
                Act::Refused(one) if one.card == Some(card) => refused = Some(in_words(one.why)),
                _ => {}
            }
        }
        Ok(format!("refused: {}", refused.unwrap_or("no reason on the ledger")))
    }
}

/// The database of a store's folder.
pub(super) fn open_database(store: &std::path::Path, flags: OpenFlags) -> Outcome<Connection> {
    let path = store.join("store.db");
    let connection = Connection::open_with_flags(path, flags);
    let connection = connection.map_err(Failure::world("the store"))?;
    connection.busy_timeout(Duration::from_secs(10)).map_err(Failure::world("the store"))?;
    Ok(connection)
}

/// Copies a folder or file with everything below it.
pub(super) fn copy(from: &std::path::Path, to: &std::path::Path) -> Outcome {
    let done = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status();
    match done {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::World(format!("copying {}: {status}", from.display()))),
        Err(error) => Err(Failure::World(format!("copying {}: {error}", from.display()))),
    }
}

/// A folder beside the data folder that is gone when this is dropped.
pub(super) struct Beside(pub(super) Home);

impl Drop for Beside {
    fn drop(&mut self) {
        // A folder that stays costs disk space only.
        let _ = std::fs::remove_dir_all(self.0.path());
    }
}

impl Beside {
    /// A place of this name beside the scene's data folder; nothing is there yet.
    pub(super) fn place(scene: &Scene, name: &str) -> Beside {
        Beside(Home::at(&scene.stage.home.path().with_extension(name)))
    }
}

/// When an attack begins, with nothing else in the same moment.
pub(super) fn moment() -> Time {
    std::thread::sleep(Duration::from_millis(5));
    now()
}

fn in_words(why: Why) -> &'static str {
    match why {
        Why::Frozen => "the card, practice or server is frozen",
        Why::Session => "no such session",
        Why::Card => "the card is revoked, out of date or not on the ledger",
        Why::Signature => "the signature is not for this",
        Why::Replay => "the same statement came before",
        Why::NoFile => "no such file",
        Why::NoRelation => "no relation to the file",
        Why::Role => "the role has none of it",
        Why::Restricted => "the file is restricted",
        Why::StepUp => "sign in with the card again",
        Why::Budget => "the budget is spent",
        Why::SessionBudget => "the session opened as many files as it may",
        Why::Openers => "too many have opened this file",
        Why::Canary => "a canary",
        Why::Enumeration => "look-ups that find nobody",
        Why::Order => "it takes other officers",
        Why::Unwitnessed => "witnesses lag behind",
        Why::Reason => "a reason is asked for first",
        Why::Weak => "the card is restricted",
        Why::Code => "a code that is not the patient's",
        Why::Held => "a legal hold is on it",
    }
}
