//! The watch's process: reads what the keyholder records, and can order it to take away.
//!
//! Trust: it holds no key, and sees neither records nor reasons, nor whose file a blind is. Taken
//! over it can stop cards, practices and servers, or stay silent; officers lift what it stopped,
//! and the keyholder's own limits, canaries and refusals do not need it.

mod collector;
mod link;
mod outlets;
mod owed;
mod walls;

use crate::alerts::{Line, Names, Queue, What, cases};
use crate::client::now;
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::serve::end_with_parent;
use crate::server_process::log_to_stderr;
use ledger::entry::{Act, Entry};
use link::Link;
use outlets::Outlets;
use owed::Owed;
use std::collections::HashSet;
use std::time::{Duration, Instant};
use terms::{Blind, Finding, Role, Time};
use watch::{Alert, Level, Settings, Watch};

/// How often the keyholder is asked for what is new, and how long after trouble.
const LOOK: Duration = Duration::from_millis(50);
const AGAIN: Duration = Duration::from_secs(1);
/// How long it works without a collector whose address could not be looked up.
const LOOK_UP_AGAIN: Duration = Duration::from_secs(300);
/// How often it is asked whether a canary would stop whoever touches it.
const REHEARSE: Duration = Duration::from_secs(60);
/// Time passes for the watch this much later, so that no entry comes before it.
const BEHIND: terms::Duration = terms::Duration::from_seconds(10);

/// Runs until told to stop.
pub(crate) fn run(home: &Home) -> Outcome {
    end_with_parent(home)?;
    let config = Config::read(home)?;
    log_to_stderr(&config)?;
    let (mut outlets, mut post) = parts(home, &config)?;
    let (is_found, since) = (outlets.look_up(), Instant::now());
    walls::enter(home, outlets.port())?;
    outlets.run();
    let mut trouble = false;
    loop {
        if !is_found && since.elapsed() > LOOK_UP_AGAIN {
            // Inside the walls no name can be asked for.
            return Err(Failure::World("the collector's address is looked up again".into()));
        }
        let done = post.follow(home);
        if let Err(why) = &done
            && !trouble
        {
            tracing::warn!(%why, "the keyholder cannot be followed");
        }
        trouble = done.is_err();
        std::thread::sleep(if trouble { AGAIN } else { LOOK });
    }
}

/// Whether the watch could work with these settings and this folder: else it would end again and
/// again, and nobody watch.
pub(crate) fn check(home: &Home, config: &Config) -> Outcome {
    parts(home, config).map(drop)
}

/// What it works with, without an address and without a keyholder.
fn parts(home: &Home, config: &Config) -> Outcome<(Outlets, Post)> {
    let cases = home.cases();
    if cases.exists() && !cases.is_dir() {
        return Err(Failure::Asked(format!("{} is not a folder", cases.display())));
    }
    Home::make(&cases)?;
    Ok((Outlets::new(home, config)?, Post::new(home, settings(config)?)?))
}

/// What the settings file says of the watch.
fn settings(config: &Config) -> Outcome<Settings> {
    let mut settings = Settings::default();
    for name in &config.watch_off {
        let part = settings.parts.named(name).ok_or_else(|| {
            let names = watch::Parts::NAMES.join(", ");
            Failure::Asked(format!("watch_off names `{name}`; there are {names}"))
        })?;
        *part = false;
    }
    settings.first = config.watch_first_days.unwrap_or(settings.first);
    settings.second = config.watch_second_days.unwrap_or(settings.second);
    if !(1.0..=settings.second).contains(&settings.first) {
        let text = "watch_first_days is not from 1 to watch_second_days";
        return Err(Failure::Asked(text.into()));
    }
    Ok(settings)
}

/// The watch, and what it remembers of what it said and ordered.
struct Post {
    watch: Watch,
    names: Names,
    owed: Owed,
    queue: Queue,
    /// The alerts that stand in the queue.
    said: HashSet<String>,
    next: u64,
    link: Option<Link>,
    rehearsed: Option<Instant>,
    /// A canary stopped nobody at the last rehearsal.
    silent: bool,
}

impl Post {
    fn new(home: &Home, settings: Settings) -> Outcome<Post> {
        let queue = Queue::at(&home.alerts());
        let mut owed = Owed::default();
        let mut said = HashSet::new();
        for case in cases(queue.lines()?) {
            if case.acted.is_some() {
                owed.was_asked(case.id.clone());
            }
            said.insert(case.id);
        }
        let (watch, names) = (Watch::new(settings), Names::default());
        let (next, link, rehearsed, silent) = (0, None, None, false);
        Ok(Post { watch, names, owed, queue, said, next, link, rehearsed, silent })
    }

    /// Takes in what is new, says what it found, orders what follows.
    fn follow(&mut self, home: &Home) -> Outcome {
        let mut link = match self.link.take() {
            Some(link) => link,
            None => Link::new(&home.watch())?,
        };
        loop {
            let entries = link.follow(self.next)?;
            if entries.is_empty() {
                break;
            }
            for (number, entry) in entries {
                self.entry(number, &entry)?;
                self.next = number + 1;
            }
        }
        // Only now: what the ledger shows later may be what an earlier alert asked for.
        let late = now() - BEHIND;
        if late > self.watch.time() {
            let alerts = self.watch.tick(late);
            self.take(&alerts, None)?;
        }
        self.act(&mut link)?;
        self.rehearse(&mut link)?;
        self.link = Some(link);
        Ok(())
    }

    fn entry(&mut self, number: u64, entry: &Entry) -> Outcome {
        match &entry.act {
            // A patient's card may bear the patient's name.
            Act::CardIssued(act) if act.role != Role::Patient => {
                self.names.holders.insert(act.card, act.holder.clone());
            }
            Act::PracticeRegistered(act) => {
                self.names.practices.insert(act.practice, act.name.clone());
            }
            _ => {}
        }
        self.owed.entry(entry);
        let alerts = self.watch.entry(number, entry);
        self.take(&alerts, Some(&entry.act))
    }

    fn take(&mut self, alerts: &[Alert], after: Option<&Act>) -> Outcome {
        for alert in alerts {
            self.owed.alert(alert);
            let line = Line::of(alert, &self.names, after);
            if self.said.insert(line.id.clone()) {
                self.queue.append(&line)?;
                let (alert, level) = (&line.id, alert.level.word());
                tracing::warn!(alert, level, "the watch found something");
            }
        }
        Ok(())
    }

    fn act(&mut self, link: &mut Link) -> Outcome {
        let mut failed = None;
        for (id, step) in self.owed.due(now()) {
            if failed.is_some() {
                self.owed.again(id, now(), step);
                continue;
            }
            match link.step(step) {
                Ok(done) => {
                    self.queue.append(&Line::now(&id, now(), What::Acted { done }))?;
                    tracing::warn!(alert = id, done, "the keyholder was asked to take away");
                }
                Err(error) => {
                    self.owed.again(id, now(), step);
                    failed = Some(error);
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Asks whether the next canary in turn would stop whoever touches it.
    fn rehearse(&mut self, link: &mut Link) -> Outcome {
        if self.rehearsed.is_some_and(|at| at.elapsed() < REHEARSE) {
            return Ok(());
        }
        self.rehearsed = Some(Instant::now());
        let canaries = self.watch.canaries();
        let minute = now().seconds() / 60;
        let Some(canary) = turn(&canaries, minute) else { return Ok(()) };
        let stopped = link.rehearse(canary)?;
        if stopped == self.silent {
            self.silent = !stopped;
            if !stopped {
                let alert = silent(now(), canary, self.next.saturating_sub(1));
                self.take(&[alert], None)?;
            }
        }
        Ok(())
    }
}

/// Each minute the turn of another canary.
fn turn(canaries: &[Blind], minute: u64) -> Option<Blind> {
    let count = u64::try_from(canaries.len()).ok().filter(|count| *count > 0)?;
    usize::try_from(minute % count).ok().and_then(|at| canaries.get(at)).copied()
}

fn silent(at: Time, canary: Blind, last: u64) -> Alert {
    Alert {
        at,
        finding: Finding::Silent,
        level: Level::Review,
        card: None,
        practice: None,
        server: None,
        file: Some(canary),
        evidence: vec![last],
        action: None,
        score: 10.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Filled, fill};
    use terms::ServerId;

    #[test]
    fn settings_with_which_nobody_would_watch_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let [listen, local_listen] = [8443, 9464].map(|port| ([127, 0, 0, 1], port).into());
        let server = ServerId::from_bytes([1; 10]);
        let text = fill(&Filled { tenant: "t", server, listen, local_listen, passphrase_file: "" });
        std::fs::write(home.settings(), text).unwrap();
        let good = Config::read(&home).unwrap();
        let pem = rcgen::generate_simple_self_signed(["siem.invalid".into()]).unwrap().cert.pem();
        std::fs::write(folder.path().join("ca.pem"), pem).unwrap();
        let with = |target: &str, authority: &str| {
            let (alerts_syslog, alerts_syslog_ca) = (target.into(), authority.into());
            check(&home, &Config { alerts_syslog, alerts_syslog_ca, ..good.clone() })
        };
        with("", "").unwrap();
        // A name that cannot be looked up just now is no reason.
        with("siem.invalid:6514", "ca.pem").unwrap();
        for (target, authority) in [
            ("siem.invalid", "ca.pem"),
            ("siem.invalid:syslog", "ca.pem"),
            ("siem.invalid:0", "ca.pem"),
            ("siem.invalid:6514", ""),
            ("siem.invalid:6514", "none.pem"),
            ("siem.invalid:6514", "cofferdam.toml"),
        ] {
            let refused = with(target, authority);
            assert!(matches!(refused, Err(Failure::Asked(_))), "{target} {authority}");
        }
        std::fs::remove_dir(home.cases()).unwrap();
        std::fs::write(home.cases(), "").unwrap();
        assert!(matches!(with("", ""), Err(Failure::Asked(_))), "cases is no folder");
    }
}
