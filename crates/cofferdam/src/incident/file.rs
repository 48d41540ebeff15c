//! `cofferdam incident file`: an authority's form, filled, as an export that a card may sign.

use super::{known, paper};
use crate::cli::FileArguments;
use crate::client::{now, unlock};
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use ::incident::clocks::NO_ADVICE;
use ::incident::facts::Mark;
use ::incident::filing::{Filed, Filing, Form, MANIFEST, Manifest, SIGNATURE, hash_of};
use ::incident::{Evidence, Folder, write_new};
use cards::Card;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use terms::Role;

pub(super) fn file(home: &Home, arguments: &FileArguments, json: bool) -> Outcome {
    let folder = super::folder(home, &arguments.incident.id)?;
    // An incident without an exposure has no evidence: the error says how to make one.
    let _ = folder.exposure(arguments.people.exposure)?;
    let (knowledge, evidence) = known::gather(home, &folder, Some(&arguments.people))?;
    let evidence = evidence.ok_or_else(|| Failure::NotThere("there is no exposure".into()))?;
    let form = Form::named(&arguments.form)
        .ok_or_else(|| Failure::NotThere(format!("there is no form `{}`", arguments.form)))?;
    let controller = knowledge.get("config.name").map(|known| known.value.to_string());
    let filing = Filing::of(form, &folder.incident().id, &evidence, knowledge, now());
    if arguments.is_final {
        refuse_open(&filing)?;
    }
    let officer = arguments.card.as_deref().map(|card| officer(home, card)).transpose()?;
    let export = Export { filing: &filing, evidence: &evidence, controller };
    let filed = if arguments.is_final { Filed::Final } else { Filed::Draft };
    let out = out(&folder, arguments)?;
    let hash = export.write(&out, filed, officer.as_ref())?;
    let more = json!({
        "form": form.id, "final": arguments.is_final, "exposure": filing.exposure.0,
        "manifest": hash,
    });
    folder.journal().append(now(), "filed", more)?;
    told(&filing, &out, officer.as_ref(), json);
    Ok(())
}

/// A final filing has an answer in every mandatory field.
fn refuse_open(filing: &Filing) -> Outcome {
    let missing: Vec<String> =
        filing.missing().map(|field| format!("\n  {}  {}", field.key, field.label)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::Refused(format!(
        "{} mandatory fields are missing, so it cannot be final:{}\nanswer them with `cofferdam \
         incident facts {}` or in controller.toml",
        missing.len(),
        missing.concat(),
        filing.incident
    )))
}

fn officer(home: &Home, name: &str) -> Outcome<Card> {
    let card = unlock(&home.card(name)?)?;
    match card.identity().role {
        Role::Officer => Ok(card),
        _ => Err(Failure::Refused("an export is signed by an officer's card".into())),
    }
}

/// A folder that is not there yet.
fn out(folder: &Folder, arguments: &FileArguments) -> Outcome<PathBuf> {
    if let Some(out) = &arguments.out {
        if out.exists() {
            return Err(Failure::Asked(format!("{} is there already", out.display())));
        }
        return Ok(out.clone());
    }
    let filings = folder.path().join("filings");
    let free = (1..10_000)
        .map(|number| filings.join(format!("{}-{number}", arguments.form)))
        .find(|path| !path.exists());
    free.ok_or_else(|| Failure::Asked(format!("{} is full", filings.display())))
}

struct Export<'a> {
    filing: &'a Filing,
    evidence: &'a Evidence,
    controller: Option<String>,
}

impl Export<'_> {
    /// Writes the files, their list last, and gives the list's hash.
    fn write(&self, out: &Path, filed: Filed, officer: Option<&Card>) -> Outcome<String> {
        Home::make(out)?;
        let (filing, exposure) = (self.filing, self.evidence.exposure());
        let mut manifest = Manifest {
            version: 1,
            form: filing.form.id.clone(),
            incident: filing.incident.clone(),
            made: filing.made.to_string(),
            is_final: filed == Filed::Final,
            controller: self.controller.clone(),
            exposure: exposure.version,
            exposure_digest: exposure.digest.clone(),
            checkpoint: exposure.checkpoint.clone(),
            files: BTreeMap::new(),
        };
        for (name, bytes) in self.files(filed)? {
            write_new(&out.join(&name), &bytes)?;
            manifest.add(&name, &bytes);
        }
        let bytes = manifest.to_bytes();
        let hash = hash_of(&bytes);
        if let Some(officer) = officer {
            let signature = officer
                .sign_export(&hash, filing.made)
                .map_err(Failure::world("the card's signature"))?;
            write_new(&out.join(SIGNATURE), signature.as_bytes())?;
        }
        write_new(&out.join(MANIFEST), &bytes)?;
        Ok(hash)
    }

    fn files(&self, filed: Filed) -> Outcome<Vec<(String, Vec<u8>)>> {
        let (filing, id) = (self.filing, &self.filing.form.id);
        let sheet = filing.sheet(filed);
        let pretty = |value: &serde_json::Value| {
            serde_json::to_vec_pretty(value).map_err(Failure::world("the filing as JSON"))
        };
        let counts = json!({ "counts": self.evidence.counts().figures, "notice": NO_ADVICE });
        let pdf = paper::pdf(&sheet).map_err(Failure::world("the filing as PDF"))?;
        Ok(vec![
            (format!("{id}.json"), pretty(&filing.payload())?),
            (format!("{id}-details.json"), pretty(&filing.details())?),
            (format!("{id}.txt"), sheet.text().into_bytes()),
            (format!("{id}.pdf"), pdf),
            ("counts.json".into(), pretty(&counts)?),
        ])
    }
}

fn told(filing: &Filing, out: &Path, officer: Option<&Card>, json: bool) {
    let missing: Vec<_> = filing.missing().collect();
    let thumbprint = officer.map(Card::thumbprint);
    if json {
        console::json(&json!({
            "folder": out,
            "missing": missing.iter().map(|field| &field.key).collect::<Vec<_>>(),
            "thumbprint": thumbprint,
            "notice": NO_ADVICE,
        }));
        return;
    }
    console::say(&format!("{} in {}", filing.form.title, out.display()));
    for mark in [Mark::Evidence, Mark::Configuration, Mark::Person] {
        console::say(&format!("  {:>3} fields: {}", filing.marked(mark), mark.words()));
    }
    for field in &missing {
        console::say(&format!("  missing: {}  {}", field.key, field.label));
    }
    if let Some(thumbprint) = thumbprint {
        console::say(&format!("signed; publish the card's thumbprint: {thumbprint}"));
    }
    console::say(&format!("check it anywhere: `cofferdam incident verify {}`", out.display()));
    console::say(NO_ADVICE);
}
