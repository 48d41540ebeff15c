//! `cofferdam disclosure advisory`: CSAF 2.0 from the settings and a person's facts.

use super::journal::{self, What};
use super::{read_path, reports, told};
use crate::cli::DisclosureAdvisoryArguments;
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::{Home, write_new};
use intake::csaf::{Facts, Publisher, TEMPLATE};

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
    let text = String::from_utf8(read_path(facts)?)
        .map_err(|_| Failure::Asked(format!("{} is not UTF-8", facts.display())))?;
    let facts: Facts = toml::from_str(&text)
        .map_err(|error| Failure::Asked(format!("{}: {error}", facts.display())))?;
    let page = notice.page();
    let publisher = Publisher {
        name: &notice.organisation,
        namespace: &config.disclosure_namespace,
        contact: notice.contact.first().unwrap_or(&page),
    };
    let missing = facts.missing(&publisher);
    if !missing.is_empty() {
        return Err(Failure::Asked(format!(
            "the advisory is not written, because a person has to say first:\n  {}",
            missing.join("\n  ")
        )));
    }
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
