//! `cofferdam disclosure advisory` and `provider`: CSAF 2.0 from the settings and a person's facts.

use super::journal::{self, What};
use super::{read_path, reports, told};
use crate::cli::{DisclosureAdvisoryArguments, DisclosureProviderArguments};
use crate::client::now;
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::{Home, replace, write_new};
use intake::csaf::{Facts, Publisher, TEMPLATE};
use intake::notice::Notice;
use intake::provider;
use serde::de::DeserializeOwned;
use std::path::Path;

/// Writes an advisory, or what to fill in.
pub(super) fn advisory(home: &Home, a: &DisclosureAdvisoryArguments, json: bool) -> Outcome {
    let (Some(id), Some(facts), Some(out)) = (&a.id, &a.facts, &a.out) else {
        console::say(TEMPLATE.trim_end());
        return Ok(());
    };
    let config = Config::read(home)?;
    let notice = config.notice()?;
    let is_known = journal::lines(home)?.iter().any(|line| line.id == *id);
    if !is_known {
        reports::find(home, id)?;
    }
    let facts: Facts = facts_of(facts)?;
    let page = notice.page();
    let publisher = publisher(&config, &notice, &page);
    nothing_missing("the advisory", &facts.missing(&publisher))?;
    let advisory = serde_json::to_string_pretty(&facts.advisory(&publisher))
        .map_err(Failure::world("the advisory"))?;
    write_new(out, (advisory + "\n").as_bytes())?;
    journal::append(home, id, What::Advised, Some(facts.id.clone()))?;
    let value = serde_json::json!({"out": out, "publish_as": facts.file_name()});
    let line = format!(
        "written to {}. CSAF wants it published as {}. Whoever is thanked in it must have wished \
         it",
        out.display(),
        facts.file_name()
    );
    told(json, &value, &line);
    Ok(())
}

/// Writes who publishes advisories, or what to fill in.
pub(super) fn provider(home: &Home, a: &DisclosureProviderArguments, json: bool) -> Outcome {
    let (Some(facts), Some(out)) = (&a.facts, &a.out) else {
        console::say(provider::TEMPLATE.trim_end());
        return Ok(());
    };
    let config = Config::read(home)?;
    let notice = config.notice()?;
    let facts: provider::Facts = facts_of(facts)?;
    let (page, address) = (notice.page(), &config.disclosure_csaf);
    let publisher = publisher(&config, &notice, &page);
    nothing_missing(provider::FILE_NAME, &facts.missing(&publisher, address))?;
    let metadata = serde_json::to_string_pretty(&facts.metadata(&publisher, address, now()))
        .map_err(Failure::world(provider::FILE_NAME))?;
    let out = out.join(provider::FILE_NAME);
    replace(&out, (metadata + "\n").as_bytes())?;
    let line = format!(
        "written to {}. Publish it at {address}, which security.txt names, and write it again \
         after each new advisory. Nobody signed it: a trusted provider signs by OpenPGP",
        out.display()
    );
    told(json, &serde_json::json!({"out": out, "publish_at": address}), &line);
    Ok(())
}

fn facts_of<T: DeserializeOwned>(path: &Path) -> Outcome<T> {
    let text = String::from_utf8(read_path(path)?)
        .map_err(|_| Failure::Asked(format!("{} is not UTF-8", path.display())))?;
    toml::from_str(&text).map_err(|error| Failure::Asked(format!("{}: {error}", path.display())))
}

fn publisher<'a>(config: &'a Config, notice: &'a Notice, page: &'a str) -> Publisher<'a> {
    Publisher {
        name: &notice.organisation,
        namespace: &config.disclosure_namespace,
        contact: notice.contact.first().map_or(page, String::as_str),
    }
}

fn nothing_missing(what: &str, missing: &[String]) -> Outcome {
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::Asked(format!(
        "{what} is not written, because a person has to say first:\n  {}",
        missing.join("\n  ")
    )))
}
