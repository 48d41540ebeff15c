//! Security advisories as CSAF 2.0 (OASIS, 18 November 2022), profile "Security Advisory".
//!
//! Nothing is made up: what only a person can know is asked for, and an advisory without it is not
//! written.

use serde::Deserialize;
use serde_json::{Value, json};

/// The facts that a person writes, as they stand in a file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// The advisory's own id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it is about, for everybody.
    pub summary: String,
    /// What the flaw is.
    pub details: String,
    /// `vendor`, `user`, `coordinator`, `discoverer`, `translator` or `other`.
    pub publisher_category: String,
    /// `WHITE`, `GREEN`, `AMBER` or `RED`.
    pub tlp: String,
    /// `draft`, `interim` or `final`.
    pub status: String,
    /// Who makes the product.
    pub vendor: String,
    /// Its name.
    pub product: String,
    /// Versions that have the flaw.
    pub affected: Vec<String>,
    /// Versions that do not have it any more.
    pub fixed: Vec<String>,
    /// `vendor_fix`, `workaround`, `mitigation`, `no_fix_planned` or `none_available`.
    pub remediation_category: String,
    /// What to do.
    pub remediation: String,
    /// The flaw's number, if it has one.
    pub cve: String,
    /// Kind of weakness, such as `CWE-639`.
    pub cwe: String,
    /// The name of that kind.
    pub cwe_name: String,
    /// Whom to thank; only who wished it.
    pub thanks_to: Vec<String>,
    /// Every release of this advisory, the first one first.
    pub revision: Vec<Revision>,
}

/// One release of an advisory.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Revision {
    /// When, such as `2026-11-26T12:00:00Z`.
    pub date: String,
    /// What changed.
    pub summary: String,
}

/// Who publishes, from the settings.
#[derive(Clone, Copy, Debug)]
pub struct Publisher<'a> {
    /// The name.
    pub name: &'a str,
    /// An address on the web that is the publisher's own.
    pub namespace: &'a str,
    /// Where to ask.
    pub contact: &'a str,
}

/// A file of facts to fill in.
pub const TEMPLATE: &str = include_str!("advisory.toml");

pub(crate) const PUBLISHERS: [&str; 6] =
    ["vendor", "user", "coordinator", "discoverer", "translator", "other"];
const LABELS: [&str; 4] = ["WHITE", "GREEN", "AMBER", "RED"];
const STATES: [&str; 3] = ["draft", "interim", "final"];
const REMEDIES: [&str; 5] =
    ["vendor_fix", "workaround", "mitigation", "no_fix_planned", "none_available"];

impl Publisher<'_> {
    /// What the settings still have to say.
    pub(crate) fn missing(&self) -> Vec<String> {
        let mut missing = Vec::new();
        if self.name.is_empty() {
            missing.push("disclosure_organisation in cofferdam.toml: who publishes".into());
        }
        if !self.namespace.starts_with("https://") {
            missing.push("disclosure_namespace in cofferdam.toml: an https address".into());
        }
        missing
    }

    /// As documents name it.
    pub(crate) fn said(&self, category: &str) -> Value {
        let mut said =
            json!({ "category": category, "name": self.name, "namespace": self.namespace });
        if !self.contact.is_empty() {
            said["contact_details"] = self.contact.into();
        }
        said
    }
}

impl Facts {
    /// What a person still has to write, or wrote wrongly, by field.
    pub fn missing(&self, publisher: &Publisher<'_>) -> Vec<String> {
        let texts = [
            ("id", &self.id),
            ("title", &self.title),
            ("summary", &self.summary),
            ("details", &self.details),
            ("vendor", &self.vendor),
            ("product", &self.product),
            ("remediation", &self.remediation),
        ];
        let mut missing: Vec<String> = texts
            .into_iter()
            .filter(|(_, text)| text.trim().is_empty())
            .map(|(name, _)| format!("{name}: a person has to write it"))
            .collect();
        let words: [(&str, &String, &[&str]); 4] = [
            ("publisher_category", &self.publisher_category, &PUBLISHERS),
            ("tlp", &self.tlp, &LABELS),
            ("status", &self.status, &STATES),
            ("remediation_category", &self.remediation_category, &REMEDIES),
        ];
        for (name, word, known) in words {
            if !known.contains(&word.as_str()) {
                missing.push(format!("{name}: one of {}", known.join(", ")));
            }
        }
        missing.extend(publisher.missing());
        if self.id != self.id.trim() {
            missing.push("id: no space before or after it".into());
        }
        missing.extend(self.wrong_lists());
        missing
    }

    fn wrong_lists(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let versions: Vec<&String> = self.affected.iter().chain(&self.fixed).collect();
        let is_twice = |at: usize| versions[..at].contains(&versions[at]);
        if self.affected.is_empty() || versions.iter().any(|v| v.trim().is_empty()) {
            wrong.push("affected: the versions that have the flaw, by name".into());
        }
        if (0..versions.len()).any(is_twice) {
            wrong.push("affected, fixed: each version once, in one of them".into());
        }
        if self.cwe.is_empty() != self.cwe_name.is_empty() || !is_cwe(&self.cwe) {
            wrong.push("cwe: as CWE-639, and cwe_name with it; or neither".into());
        }
        let cve = self.cve.strip_prefix("CVE-").and_then(|rest| rest.split_once('-'));
        let is_cve = cve.is_some_and(|(year, number)| {
            year.len() == 4 && is_digits(year) && number.len() >= 4 && is_digits(number)
        });
        if !(self.cve.is_empty() || is_cve) {
            wrong.push("cve: as CVE-2026-12345, or empty".into());
        }
        let is_complete =
            |r: &Revision| crate::csaf::instant(&r.date).is_some() && !r.summary.trim().is_empty();
        if self.revision.is_empty() || !self.revision.iter().all(is_complete) {
            wrong
                .push("revision: a date in UTC such as 2026-11-26T12:00:00Z, and a summary".into());
        }
        if !self.revision.iter().map(|r| instant(&r.date)).is_sorted() {
            wrong.push("revision: the earliest first".into());
        }
        wrong
    }

    /// The advisory; call it when nothing is missing.
    pub fn advisory(&self, publisher: &Publisher<'_>) -> Value {
        let mut value = json!({
            "document": self.document(publisher),
            "product_tree": { "branches": [{
                "category": "vendor",
                "name": self.vendor,
                "branches": [{
                    "category": "product_name",
                    "name": self.product,
                    "branches": self.versions().map(|(id, version)| json!({
                        "category": "product_version",
                        "name": version,
                        "product": {
                            "product_id": id,
                            "name": format!("{} {} {version}", self.vendor, self.product),
                        },
                    })).collect::<Vec<_>>(),
                }],
            }]},
            "vulnerabilities": [self.vulnerability()],
        });
        if !self.thanks_to.is_empty() {
            value["document"]["acknowledgments"] = json!([{ "names": self.thanks_to }]);
        }
        value
    }

    fn document(&self, publisher: &Publisher<'_>) -> Value {
        let number = |at: usize| (at + 1).to_string();
        let history = self
            .revision
            .iter()
            .enumerate()
            .map(|(at, r)| json!({"date": r.date, "number": number(at), "summary": r.summary}));
        json!({
            "category": "csaf_security_advisory",
            "csaf_version": "2.0",
            "title": self.title,
            "publisher": publisher.said(&self.publisher_category),
            "distribution": { "tlp": { "label": self.tlp } },
            "notes": [{ "category": "summary", "text": self.summary }],
            "tracking": {
                "id": self.id,
                "status": self.status,
                "version": self.revision.len().to_string(),
                "initial_release_date": self.revision.first().map(|r| &r.date),
                "current_release_date": self.revision.last().map(|r| &r.date),
                "revision_history": history.collect::<Vec<_>>(),
                "generator": { "engine": {
                    "name": "Cofferdam",
                    "version": env!("CARGO_PKG_VERSION"),
                }},
            },
        })
    }

    fn vulnerability(&self) -> Value {
        let ids = |count: usize, skip: usize| -> Vec<String> {
            self.versions().skip(skip).take(count).map(|(id, _)| id).collect()
        };
        let (affected, fixed) = (self.affected.len(), self.fixed.len());
        let mut status = json!({ "known_affected": ids(affected, 0) });
        if fixed > 0 {
            status["fixed"] = ids(fixed, affected).into();
        }
        let mut value = json!({
            "title": self.title,
            "notes": [{ "category": "description", "text": self.details }],
            "product_status": status,
            "remediations": [{
                "category": self.remediation_category,
                "details": self.remediation,
                "product_ids": ids(affected, 0),
            }],
        });
        if !self.cve.is_empty() {
            value["cve"] = self.cve.as_str().into();
        }
        if !self.cwe.is_empty() {
            value["cwe"] = json!({ "id": self.cwe, "name": self.cwe_name });
        }
        value
    }

    /// Versions with the ids that the document has for them: affected ones, then fixed ones.
    fn versions(&self) -> impl Iterator<Item = (String, &String)> {
        let versions = self.affected.iter().chain(&self.fixed).enumerate();
        versions.map(|(at, version)| (format!("CSAFPID-{:04}", at + 1), version))
    }

    /// How the file is to be called (section 5.1).
    pub fn file_name(&self) -> String {
        let mut name = String::new();
        for c in self.id.chars().flat_map(char::to_lowercase) {
            match c {
                'a'..='z' | '0'..='9' | '+' | '-' => name.push(c),
                _ if name.ends_with('_') => {}
                _ => name.push('_'),
            }
        }
        name + ".json"
    }
}

/// A moment in UTC with seconds, as `date-time` has it.
fn instant(text: &str) -> Option<terms::Time> {
    crate::lines::time(&format!("{}.000Z", text.strip_suffix('Z')?))
}

/// Empty, or `CWE-` and a number of at most six digits without leading zeros.
fn is_cwe(text: &str) -> bool {
    let is_number = |n: &str| n.len() <= 6 && !n.starts_with('0') && is_digits(n);
    text.is_empty() || text.strip_prefix("CWE-").is_some_and(is_number)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
#[path = "csaf_tests.rs"]
pub(crate) mod tests;
