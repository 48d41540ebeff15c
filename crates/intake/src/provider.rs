//! `provider-metadata.json`: who publishes advisories and where, for whoever collects them
//! (CSAF 2.0, section 7.1.7, and its schema `provider_json_schema.json`).
//!
//! Nothing is signed: roles that take OpenPGP signatures (section 7.2.3) are not offered.

use crate::csaf::{PUBLISHERS, Publisher};
use serde::Deserialize;
use serde_json::{Value, json};
use terms::Time;

/// How the file is to be called.
pub const FILE_NAME: &str = "provider-metadata.json";

/// What a person decides, as it stands in a file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// `vendor`, `user`, `coordinator`, `discoverer`, `translator` or `other`, as in advisories.
    pub publisher_category: String,
    /// `csaf_publisher` or `csaf_provider` (sections 7.2.1 and 7.2.2).
    pub role: String,
    /// Whether lists of providers may name this one.
    pub list_on_aggregators: Option<bool>,
    /// Whether others may offer copies of the advisories.
    pub mirror_on_aggregators: Option<bool>,
    /// Address of the folder with a folder for each year, for a provider.
    pub directory: String,
}

/// A file of facts to fill in.
pub const TEMPLATE: &str = include_str!("provider.toml");

const ROLES: [&str; 2] = ["csaf_publisher", "csaf_provider"];

impl Facts {
    /// What a person still has to write, or wrote wrongly, by field; `address` is where the file
    /// will lie.
    pub fn missing(&self, publisher: &Publisher<'_>, address: &str) -> Vec<String> {
        let mut missing = publisher.missing();
        let words: [(&str, &str, &[&str]); 2] = [
            ("publisher_category", &self.publisher_category, &PUBLISHERS),
            ("role", &self.role, &ROLES),
        ];
        for (name, word, known) in words {
            if !known.contains(&word) {
                missing.push(format!("{name}: one of {}", known.join(", ")));
            }
        }
        let flags = [
            ("list_on_aggregators", self.list_on_aggregators),
            ("mirror_on_aggregators", self.mirror_on_aggregators),
        ];
        let open = flags.into_iter().filter(|(_, flag)| flag.is_none());
        missing.extend(open.map(|(name, _)| format!("{name}: true or false")));
        if !is_web(&self.directory) && (self.role == ROLES[1] || !self.directory.is_empty()) {
            missing.push("directory: an https address; a csaf_provider has one".into());
        }
        if !is_web(address) || !address.ends_with(&format!("/{FILE_NAME}")) {
            missing.push(format!(
                "disclosure_csaf in cofferdam.toml: the https address of {FILE_NAME}, which \
                 security.txt then names"
            ));
        }
        missing
    }

    /// The file; call it when nothing is missing.
    pub fn metadata(&self, publisher: &Publisher<'_>, address: &str, now: Time) -> Value {
        let mut value = json!({
            "canonical_url": address,
            "last_updated": now.to_string(),
            "list_on_CSAF_aggregators": self.list_on_aggregators == Some(true),
            "metadata_version": "2.0",
            "mirror_on_CSAF_aggregators": self.mirror_on_aggregators == Some(true),
            "publisher": publisher.said(&self.publisher_category),
            "role": self.role,
        });
        if !self.directory.is_empty() {
            value["distributions"] = json!([{ "directory_url": self.directory }]);
        }
        value
    }
}

fn is_web(address: &str) -> bool {
    let rest = address.strip_prefix("https://");
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic()))
}
