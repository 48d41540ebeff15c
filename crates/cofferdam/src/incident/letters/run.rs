//! `cofferdam incident letters run`.

use super::session::Running;
use crate::cli::{LetterForm, RunArguments};
use crate::client::{now, unlock};
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::incident::folder;
use crate::{serve, server_process};
use export::{ApprovedExport, FileList};
use post::{Ages, Ended, Form, IsDone, JobFile, Measured, Opener, PostError, Run, Settings, Take};
use std::path::Path;

/// How many openings are in flight: each waits for the disk most of the time.
const THREADS: usize = 16;

pub(super) fn run(home: &Home, arguments: &RunArguments, json: bool) -> Outcome {
    let job = JobFile::read(&arguments.job_file)?;
    let folder = folder(home, job.incident())?;
    // The data folder is backed up; letters never are.
    if home.holds(&arguments.out)? {
        return Err(Failure::Asked("--out must be outside the data folder".into()));
    }
    let id = job.id()?.to_string();
    let forms = arguments.also.iter().map(|form| match form {
        LetterForm::Html => Form::Html,
        LetterForm::Text => Form::Text,
    });
    let settings = Settings {
        out: &arguments.out,
        facts: &arguments.facts,
        texts: &home.letters(),
        ages: Ages::of(arguments.adult_age, &arguments.adult_age_in)?,
        batch: arguments.batch,
        limit: arguments.limit,
        together: arguments.together,
        also: &forms.collect::<Vec<_>>(),
        now,
    };
    let run = Run::begin(job, &folder, settings)?;
    console::warn(&format!(
        "{} holds names, addresses and letters in plaintext: keep it off shared disks and \
         backups, and destroy it once the letters are at the post",
        arguments.out.display()
    ));
    let ended = run.go(&Cards { home, card: &arguments.as_card }, &|total, what| {
        let bar = console::progress(total, what);
        Box::new(move |at| bar.set_position(at))
    })?;
    said(&id, &arguments.out, &ended, json);
    Ok(())
}

/// Opens with a card of this data folder.
struct Cards<'a> {
    home: &'a Home,
    card: &'a str,
}

impl Opener for Cards<'_> {
    fn open(
        &self,
        job: &JobFile,
        files: &FileList,
        is_done: IsDone,
        take: Take,
    ) -> post::Result<()> {
        let config = Config::read(self.home)?;
        let card = unlock(&self.home.card(self.card)?)?;
        if card.identity().card != job.card()? {
            let text = format!("the job is for the card {}: give it with --as-card", job.card()?);
            return Err(PostError::Asked(text));
        }
        let _keyholder = serve::keyholder_for_a_while(self.home, &config)?;
        let records = server_process::open_records(self.home, &config)?;
        let approved = ApprovedExport::of(&records, &config.origin, job.id()?, files)?;
        let session = Running::begin(&records, &config, &card)?;
        Ok(approved.run(&session, THREADS, &is_done, take)?)
    }
}

fn said(job: &str, out: &Path, ended: &Ended, json: bool) {
    match ended {
        Ended::Made { letters, batches, left_out, substitute, .. } if json => {
            console::json(&serde_json::json!({
                "job": job, "letters": letters, "batches": batches, "left_out": left_out,
                "substitute_notice_due": substitute, "out": out,
            }));
        }
        Ended::Made { letters, batches, left_out, substitute, measured } => {
            say_measured(measured);
            let out = out.display();
            console::say(&format!("{letters} letters in {batches} batches in {out}"));
            if *left_out > 0 {
                console::say(&format!("{left_out} people get none: see {out}/left-out.ndjson"));
            }
            if *substitute {
                let due = "a substitute notice is due: ten or more people are unreachable";
                console::say(due);
            }
        }
        Ended::Tested { letters, left_out, folder, measured } => {
            let folder = folder.display();
            console::say(&format!(
                "{letters} letters for a test in {folder}; {left_out} people cannot be written to"
            ));
            say_measured(measured);
        }
    }
}

fn say_measured(measured: &Measured) {
    for ease in measured.languages() {
        let (language, lix, hardest) = (ease.language, ease.lix, ease.hardest);
        let flesch = ease.flesch.map_or(String::new(), |flesch| format!(", Flesch {flesch:.0}"));
        console::say(&format!(
            "read with ease ({language}): LIX {lix:.0}, the hardest {hardest:.0}{flesch}"
        ));
    }
}
