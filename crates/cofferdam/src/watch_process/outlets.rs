//! Where alerts are told on: files beside the queue, and a collector over TLS.
//!
//! Each outlet reads the queue on its own and remembers how far it has told, so nothing is lost
//! when it, or the other side, is away; after a crash a line may be told twice.

use super::collector::Collector;
use crate::alerts::{Line, Reader, Told, What, audit_event, ocsf, syslog};
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often the queue is looked at, and how long after trouble.
const LOOK: Duration = Duration::from_millis(300);
const AGAIN: Duration = Duration::from_secs(10);

/// One way to tell an alert on.
enum Sink {
    Ocsf(PathBuf),
    AuditEvents(PathBuf, String),
    Collector(Box<Collector>),
}

/// An outlet, and how far it is.
struct Outlet {
    name: &'static str,
    sink: Sink,
    reader: Reader,
    cursor: PathBuf,
    /// The alerts so far: what comes after them is told with them.
    alerts: HashMap<String, (String, Box<Told>)>,
    trouble: bool,
}

/// The outlets that the settings ask for.
pub(super) struct Outlets(Vec<Outlet>);

impl Outlets {
    pub(super) fn new(home: &Home, config: &Config) -> Outcome<Outlets> {
        let mut outlets = Vec::new();
        let mut add = |name, sink| -> Outcome {
            let failed = Failure::world::<io::Error>(name);
            outlets.push(Outlet::new(home, name, sink).map_err(failed)?);
            Ok(())
        };
        if config.alerts_ocsf {
            add("ocsf", Sink::Ocsf(home.cases().join("ocsf.ndjson")))?;
        }
        if config.alerts_audit_events {
            let path = home.cases().join("audit-events.ndjson");
            add("audit-events", Sink::AuditEvents(path, config.server.clone()))?;
        }
        if !config.alerts_syslog.is_empty() {
            let collector = Collector::new(home, config)?;
            add("syslog", Sink::Collector(Box::new(collector)))?;
        }
        Ok(Outlets(outlets))
    }

    /// Looks up where the collector is. Whether everything was found that there is.
    pub(super) fn look_up(&mut self) -> bool {
        self.0.iter_mut().all(|outlet| match &mut outlet.sink {
            Sink::Collector(collector) => collector.look_up(),
            _ => true,
        })
    }

    /// The port of the collector, if there is one.
    pub(super) fn port(&self) -> Option<u16> {
        self.0.iter().find_map(|outlet| match &outlet.sink {
            Sink::Collector(collector) => Some(collector.port()),
            _ => None,
        })
    }

    /// Tells on until the process ends, each outlet by itself.
    pub(super) fn run(self) {
        for mut outlet in self.0 {
            std::thread::spawn(move || {
                loop {
                    let told = outlet.tell_on();
                    outlet.is(told.as_ref().err());
                    std::thread::sleep(if told.is_ok() { LOOK } else { AGAIN });
                }
            });
        }
    }
}

impl Outlet {
    fn new(home: &Home, name: &'static str, sink: Sink) -> io::Result<Outlet> {
        let cursor = home.cases().join(format!("{name}.told"));
        let told = match std::fs::read_to_string(&cursor) {
            Ok(text) => text.trim().parse().unwrap_or(0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        let mut outlet = Outlet {
            name,
            sink,
            reader: Reader::new(&home.alerts()),
            cursor,
            alerts: HashMap::new(),
            trouble: false,
        };
        for (line, end) in outlet.reader.lines_with_ends()? {
            if end > told {
                break;
            }
            outlet.remember(&line);
        }
        outlet.reader.offset = told;
        Ok(outlet)
    }

    fn tell_on(&mut self) -> io::Result<()> {
        let from = self.reader.offset;
        let mut told = from;
        let lines = self.reader.lines_with_ends()?;
        for (line, end) in &lines {
            self.remember(line);
            if let Err(error) = self.tell(line) {
                self.reader.offset = told;
                self.keep(told)?;
                return Err(error);
            }
            told = *end;
        }
        if self.reader.offset > from { self.keep(self.reader.offset) } else { Ok(()) }
    }

    fn remember(&mut self, line: &Line) {
        if let What::Alert(told) = &line.what {
            self.alerts.insert(line.id.clone(), (line.at.clone(), told.clone()));
        }
    }

    fn tell(&mut self, line: &Line) -> io::Result<()> {
        let Some((created, told)) = self.alerts.get(&line.id) else { return Ok(()) };
        match &mut self.sink {
            Sink::Ocsf(path) => append(path, &ocsf(line, told, created).to_string()),
            Sink::AuditEvents(path, server) => match audit_event(line, server) {
                Some(event) => append(path, &event.to_text()),
                None => Ok(()),
            },
            Sink::Collector(collector) => {
                let message = syslog(line, told, collector.host());
                collector.send(&message)
            }
        }
    }

    fn keep(&self, told: u64) -> io::Result<()> {
        let new = self.cursor.with_extension("new");
        std::fs::write(&new, told.to_string())?;
        std::fs::rename(new, &self.cursor)
    }

    /// Says what is wrong when it begins and when it ends, not all the time.
    fn is(&mut self, trouble: Option<&io::Error>) {
        let outlet = self.name;
        match trouble {
            Some(why) if !self.trouble => tracing::error!(outlet, %why, "alerts are not told on"),
            None if self.trouble => tracing::info!(outlet, "alerts are told on again"),
            _ => {}
        }
        self.trouble = trouble.is_some();
    }
}

fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut file = crate::queue::private(path)?;
    file.write_all(format!("{line}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::Queue;
    use crate::alerts::told_tests::{closed, line};

    fn outlet(home: &Home) -> Outlet {
        let sink = Sink::Ocsf(home.cases().join("ocsf.ndjson"));
        Outlet::new(home, "ocsf", sink).unwrap()
    }

    #[test]
    fn each_line_is_told_once_across_restarts() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        Home::make(&home.cases()).unwrap();
        let queue = Queue::at(&home.alerts());
        let told = || std::fs::read_to_string(home.cases().join("ocsf.ndjson")).unwrap();
        queue.append(&line()).unwrap();
        let mut first = outlet(&home);
        first.tell_on().unwrap();
        first.tell_on().unwrap();
        assert_eq!(told().lines().count(), 1);
        // Closed while nobody told on: the next one still knows what it is about.
        queue.append(&closed()).unwrap();
        let mut second = outlet(&home);
        second.tell_on().unwrap();
        let text = told();
        let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!((text.lines().count(), &last["activity_id"]), (2, &3.into()));
        assert_eq!(last["finding_info"]["uid"], line().id);
    }

    #[test]
    fn what_could_not_be_told_is_told_later() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        Home::make(&home.cases()).unwrap();
        Queue::at(&home.alerts()).append(&line()).unwrap();
        let mut outlet = outlet(&home);
        let there = home.cases().join("ocsf.ndjson");
        std::fs::create_dir(&there).unwrap();
        assert!(outlet.tell_on().is_err());
        std::fs::remove_dir(&there).unwrap();
        outlet.tell_on().unwrap();
        assert_eq!(std::fs::read_to_string(there).unwrap().lines().count(), 1);
    }
}
