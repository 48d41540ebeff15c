//! Erasing: one file, or those that are due, each by an order that two officers sign.
//!
//! A marker in `erasures/` lies there from before the order until bytes and certificate are done,
//! so that whatever was interrupted is finished by the next run.

use super::law::{Known, Written, said};
use super::made::{self, Words, ended};
use super::told::{in_words, not_there};
use crate::cli::{EraseArguments, EraseDueArguments};
use crate::client::SignedInCard;
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::report::{Asker, sign_in};
use crate::{orders, server_process};
use cards::Card;
use keyproto::statement::Order;
use retention::{Clock, Due, FileFacts, Said, State, due};
use std::path::PathBuf;
use store::{EmbeddedStore, Store};
use terms::FileId;

/// Two officers at work.
struct Officers<'a> {
    home: &'a Home,
    config: &'a Config,
    store: EmbeddedStore,
    cards: [Card; 2],
    /// The first of them, signed in to ask the ledger.
    asks: Asker,
}

/// An erasure that is done.
struct Done {
    entry: u64,
    certificate: Option<PathBuf>,
}

/// `cofferdam erase`: the key first, then the sealed bytes, which are worth nothing by then.
pub(crate) fn erase(home: &Home, arguments: &EraseArguments, json: bool) -> Outcome {
    let config = Config::read(home)?;
    let mut officers = Officers::unlock(home, &config, &arguments.officers)?;
    if !Written::read(home)?.is_set {
        console::warn("there is no retention.toml: nothing holds this against a period");
    } else if !arguments.early && ended(&mut officers.asks, arguments.file)?.is_none() {
        let known = Known::ask(home, &mut officers.asks)?;
        let (_, file) = known.facts.named(arguments.file).ok_or_else(not_there)?;
        may_end(&known, file, &Said::default())?;
    }
    let Done { entry, certificate } = officers.erase(arguments.file)?;
    let done = "erased: the file's key is destroyed";
    if json {
        let value = serde_json::json!({"entry": entry, "done": done, "certificate": certificate});
        console::json(&value);
    } else {
        console::say(&format!("{done} (ledger entry {entry})"));
        if let Some(path) = certificate {
            console::say(&format!("certificate: {}", path.with_extension("txt").display()));
        }
    }
    Ok(())
}

/// `cofferdam retention erase`.
pub(super) fn retention_erase(home: &Home, a: &EraseDueArguments, json: bool) -> Outcome {
    let config = Config::read(home)?;
    if !a.sign {
        let mut asker = sign_in(home, &a.officers.officer)?;
        let files = prepared(home, &mut asker, a, json)?;
        console::warn(&format!("{} to erase; with --sign two officers do", files.len()));
        return Ok(());
    }
    let mut officers = Officers::unlock(home, &config, &a.officers)?;
    officers.finish_what_was_begun()?;
    let files = prepared(home, &mut officers.asks, a, false)?;
    let bar = console::progress(files.len() as u64, "erasing");
    let mut refused = 0;
    for file in files {
        match officers.erase(file) {
            Ok(done) if json => console::json(&serde_json::json!({
                "file": file.to_string(), "entry": done.entry, "certificate": done.certificate,
            })),
            Ok(done) => console::say(&format!("erased {file} (ledger entry {})", done.entry)),
            Err(Failure::Refused(why)) => {
                refused += 1;
                console::warn(&format!("{file}: {why}"));
            }
            Err(failure) => return Err(failure),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if refused == 0 { Ok(()) } else { Err(Failure::Refused(format!("{refused} were refused"))) }
}

/// What may end now, told on standard output: the one named, or what is due, the longest first.
fn prepared(
    home: &Home,
    asker: &mut Asker,
    arguments: &EraseDueArguments,
    json: bool,
) -> Outcome<Vec<FileId>> {
    let known = Known::ask(home, asker)?;
    known.warn();
    if let Some(file) = arguments.file {
        let said = said(&arguments.said);
        let (_, facts) = known.facts.named(file).ok_or_else(not_there)?;
        may_end(&known, facts, &said)?;
        return Ok(vec![file]);
    }
    let due = due(known.law(), &known.facts, known.today, arguments.limit);
    for Due { until, file, blind, facts, clock } in &due {
        if json {
            let (file, until) = (file.to_string(), until.to_string());
            console::json(&serde_json::json!({"file": file, "until": until}));
        } else {
            console::say(&in_words(&known, blind, facts, clock));
        }
    }
    Ok(due.into_iter().map(|due| due.file).collect())
}

/// Refuses where a hold or a running period is against it, and says what is possible instead.
fn may_end(known: &Known, file: &FileFacts, said: &Said) -> Outcome {
    let cases: Vec<_> = known.facts.cases(file).into_iter().collect();
    if !cases.is_empty() {
        return Err(Failure::Refused(format!(
            "a legal hold is on this file, for {}: two officers lift it first, with `cofferdam \
             retention release`",
            cases.join(", ")
        )));
    }
    let clock = known.clock(file, said);
    match clock.state(file, known.today) {
        State::Due => Ok(()),
        _ => Err(Failure::Refused(kept(known, &clock))),
    }
}

fn kept(known: &Known, clock: &Clock<'_>) -> String {
    let Some(term) = clock.terms.first() else { return "no rule says when it may end".into() };
    let mut text = format!(
        "this file is kept until {}: rule {} ({}), {} [{}]",
        term.until, term.rule.id, term.book.name, term.rule.says, term.rule.source
    );
    for demand in clock.demands(known.today) {
        text.push_str(&format!(". {}. Possible instead: {}", demand.says, demand.instead));
    }
    if !clock.missing.is_empty() {
        text.push_str(". Something is not known: `cofferdam retention show` says what");
    }
    text + ". What was made by mistake: `cofferdam erase --early`"
}

impl<'a> Officers<'a> {
    fn unlock(
        home: &'a Home,
        config: &'a Config,
        officers: &crate::cli::TwoOfficers,
    ) -> Outcome<Officers<'a>> {
        let cards = orders::unlock_two(home, officers)?;
        let asks = Asker::of(home, SignedInCard::anew(home, config, &cards[0])?)?;
        let store = server_process::open_store(home)?;
        Ok(Officers { home, config, store, cards, asks })
    }

    /// Erases a file: order, bytes, certificate. One that is erased already is finished.
    fn erase(&mut self, file: FileId) -> Outcome<Done> {
        let marker = self.marker(file);
        Home::make(&self.home.erasures())?;
        std::fs::write(&marker, b"").map_err(Failure::world(marker.display()))?;
        let [first, second] = &self.cards;
        let order = Order::Erase { file };
        match orders::send(self.home, self.config, &[first, second], &order) {
            Ok(_) => {}
            Err(Failure::Refused(why)) => {
                if ended(&mut self.asks, file)?.is_none() {
                    self.unmark(file)?;
                    return Err(Failure::Refused(why));
                }
            }
            // Whether it is on the ledger is not known: the marker stays for the next run.
            Err(failure) => return Err(failure),
        }
        self.finish(file)
    }

    /// The bytes, which are worth nothing by now, and the certificate.
    fn finish(&mut self, file: FileId) -> Outcome<Done> {
        let erased = self.store.erase(file);
        erased.map_err(Failure::world("the sealed bytes; give the command again"))?;
        let ended = ended(&mut self.asks, file)?.ok_or_else(|| {
            Failure::Tampered("the order was answered, and the ledger does not have it".into())
        })?;
        let made = made::write(self.home, &mut self.asks, file, &ended, Words::default());
        let certificate = match made {
            Ok(path) => {
                self.unmark(file)?;
                Some(path)
            }
            Err(failure) => {
                console::warn(&format!(
                    "erased, but the certificate was not made ({failure}): give `cofferdam \
                     retention certify {file}`"
                ));
                None
            }
        };
        Ok(Done { entry: ended.number, certificate })
    }

    /// Ends what an earlier run left.
    fn finish_what_was_begun(&mut self) -> Outcome {
        let folder = self.home.erasures();
        let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(()) };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let begun: Vec<FileId> =
            names.filter_map(|name| name.strip_suffix(".pending")?.parse().ok()).collect();
        for file in begun {
            match ended(&mut self.asks, file)? {
                Some(_) => drop(self.finish(file)?),
                None => self.unmark(file)?,
            }
        }
        Ok(())
    }

    fn marker(&self, file: FileId) -> PathBuf {
        self.home.erasures().join(format!("{file}.pending"))
    }

    fn unmark(&self, file: FileId) -> Outcome {
        let marker = self.marker(file);
        std::fs::remove_file(&marker).map_err(Failure::world(marker.display()))
    }
}
