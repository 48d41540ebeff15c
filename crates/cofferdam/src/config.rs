//! The settings file `cofferdam.toml`. Every setting stands, with its meaning, in `cofferdam.toml`
//! beside this file, which `cofferdam init` copies.

use crate::failure::{Failure, Outcome};
use crate::home::Home;
use intake::notice::{LANGUAGES, Notice};
use keyproto::statement::normal_address;
use serde::Deserialize;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use terms::ServerId;

/// The settings as `init` writes them: a template with the installation's own values left open.
const TEMPLATE: &str = include_str!("cofferdam.toml");

/// What an operator sets.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) tenant: String,
    pub(crate) server: String,
    pub(crate) listen: SocketAddr,
    pub(crate) origin: String,
    pub(crate) local_listen: SocketAddr,
    pub(crate) passphrase_file: PathBuf,
    pub(crate) second_place: PathBuf,
    pub(crate) witnesses: Vec<String>,
    pub(crate) witness_quorum: usize,
    pub(crate) unwitnessed_entries_max: u64,
    pub(crate) unwitnessed_seconds_max: u64,
    #[serde(default)]
    pub(crate) watch_off: Vec<String>,
    #[serde(default)]
    pub(crate) watch_first_days: Option<f64>,
    #[serde(default)]
    pub(crate) watch_second_days: Option<f64>,
    #[serde(default)]
    pub(crate) alerts_syslog: String,
    #[serde(default)]
    pub(crate) alerts_syslog_ca: PathBuf,
    #[serde(default)]
    pub(crate) alerts_ocsf: bool,
    #[serde(default)]
    pub(crate) alerts_audit_events: bool,
    #[serde(default)]
    pub(crate) disclosure_organisation: String,
    #[serde(default)]
    pub(crate) disclosure_contact: Vec<String>,
    #[serde(default)]
    pub(crate) disclosure_policy: String,
    #[serde(default)]
    pub(crate) disclosure_encryption: String,
    #[serde(default = "languages")]
    pub(crate) disclosure_languages: Vec<String>,
    #[serde(default)]
    pub(crate) disclosure_canonical: Vec<String>,
    #[serde(default = "expires_days")]
    pub(crate) disclosure_expires_days: u64,
    #[serde(default)]
    pub(crate) disclosure_test_files: Vec<String>,
    #[serde(default)]
    pub(crate) disclosure_csaf: String,
    #[serde(default)]
    pub(crate) disclosure_namespace: String,
    pub(crate) log: String,
    pub(crate) connections_max: usize,
    pub(crate) open_idle_minutes_max: u64,
    pub(crate) body_mebibytes_max: usize,
}

/// What `init` fills in.
pub(crate) struct Filled<'a> {
    pub(crate) tenant: &'a str,
    pub(crate) server: ServerId,
    pub(crate) listen: SocketAddr,
    pub(crate) local_listen: SocketAddr,
    pub(crate) passphrase_file: &'a str,
}

/// An open file is closed after four hours, used or not.
const OPEN_IDLE_MINUTES_MAX: u64 = 240;
/// Most that `body_mebibytes_max` may be: a body is held in memory.
const BODY_MEBIBYTES_MAX: usize = 4096;

impl Config {
    /// Reads the settings of a data folder.
    pub(crate) fn read(home: &Home) -> Outcome<Config> {
        let path = home.settings();
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let text = format!("{}: {error}", path.display());
            match error.kind() {
                ErrorKind::NotFound => Failure::NotThere(format!(
                    "{text}. Make a data folder with `cofferdam init`, try `cofferdam demo`, or \
                     name the folder with --home"
                )),
                // Another encoding than UTF-8.
                ErrorKind::InvalidData => Failure::Asked(text),
                _ => Failure::World(text),
            }
        })?;
        Config::parse(&path, &text)
    }

    /// The settings in a text, which lies or will lie at this path.
    pub(crate) fn parse(path: &Path, text: &str) -> Outcome<Config> {
        let mut config: Config = toml::from_str(text)
            .map_err(|error| Failure::Asked(format!("{}: {error}", path.display())))?;
        // What clients sign is compared with it in this form.
        config.origin = normal_address(config.origin.trim_end_matches('/'));
        config.bounds()?;
        config.server_id()?;
        config.notice()?;
        Ok(config)
    }

    /// Numbers and words with which something would not run at all, or say more than it may.
    fn bounds(&self) -> Outcome {
        let words = ["error", "warn", "info", "debug"];
        let wrong = [
            (!self.local_listen.ip().is_loopback(), "local_listen must be a loopback address"),
            (
                self.listen.port() == 0 || self.local_listen.port() == 0,
                "`listen` and `local_listen` name a port, not 0: clients have to know it",
            ),
            (!self.origin.starts_with("https://"), "`origin` begins with https://"),
            (!words.contains(&&*self.log), "`log` is not one of error, warn, info, debug"),
            (self.connections_max == 0, "`connections_max` is 1 or more"),
            (
                !(1..=OPEN_IDLE_MINUTES_MAX).contains(&self.open_idle_minutes_max),
                "`open_idle_minutes_max` is 1 to 240",
            ),
            (
                !(1..=BODY_MEBIBYTES_MAX).contains(&self.body_mebibytes_max),
                "`body_mebibytes_max` is 1 to 4096",
            ),
        ];
        match wrong.into_iter().find(|(is_wrong, _)| *is_wrong) {
            Some((_, text)) => Err(Failure::Asked(text.into())),
            None => Ok(()),
        }
    }

    /// The server as the ledger names it.
    pub(crate) fn server_id(&self) -> Outcome<ServerId> {
        self.server.parse().map_err(|_| Failure::Asked("`server` is not a server's id".into()))
    }

    /// What is said to those who found a flaw.
    pub(crate) fn notice(&self) -> Outcome<Notice> {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let file = |text: &String| {
            text.parse().map_err(|_| {
                Failure::Asked("`disclosure_test_files` are ids of files, as import prints".into())
            })
        };
        let notice = Notice {
            origin: self.origin.clone(),
            organisation: self.disclosure_organisation.clone(),
            contact: self.disclosure_contact.clone(),
            policy: given(&self.disclosure_policy),
            encryption: given(&self.disclosure_encryption),
            languages: self.disclosure_languages.clone(),
            canonical: self.disclosure_canonical.clone(),
            csaf: given(&self.disclosure_csaf),
            expires_days: self.disclosure_expires_days,
            test_files: self.disclosure_test_files.iter().map(file).collect::<Outcome<_>>()?,
        };
        notice.check().map_err(Failure::Asked)?;
        Ok(notice)
    }

    /// The address of the token endpoint.
    pub(crate) fn token_url(&self) -> String {
        format!("{}/auth/token", self.origin)
    }
}

fn languages() -> Vec<String> {
    LANGUAGES.map(str::to_owned).into()
}

fn expires_days() -> u64 {
    90
}

/// The text of a new settings file.
pub(crate) fn fill(filled: &Filled<'_>) -> String {
    TEMPLATE
        .replace("@tenant@", filled.tenant)
        .replace("@server@", &filled.server.to_string())
        .replace("@listen@", &filled.listen.to_string())
        .replace("@port@", &filled.listen.port().to_string())
        .replace("@local_listen@", &filled.local_listen.to_string())
        .replace(
            "\"@passphrase_file@\"",
            // A path may hold what ends a text.
            &toml::Value::from(filled.passphrase_file).to_string(),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled() -> Filled<'static> {
        Filled {
            tenant: "t",
            server: ServerId::from_bytes([1; 10]),
            listen: ([127, 0, 0, 1], 8443).into(),
            local_listen: ([127, 0, 0, 1], 9464).into(),
            passphrase_file: "",
        }
    }

    #[test]
    fn settings_with_which_nothing_would_run_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path());
        let read = |from: &str, to: &str| {
            let text = fill(&filled());
            assert!(text.contains(from), "{from}");
            std::fs::write(home.settings(), text.replace(from, to)).unwrap();
            Config::read(&home)
        };
        assert!(read("\nlog = \"info\"", "\nlog = \"debug\"").is_ok());
        for (from, to) in [
            ("\nlog = \"info\"", "\nlog = \"trace\""),
            ("\nlog = \"info\"", "\nlog = \"h2=trace\""),
            ("\nconnections_max = 2048", "\nconnections_max = 0"),
            ("\nopen_idle_minutes_max = 15", "\nopen_idle_minutes_max = 0"),
            ("\nopen_idle_minutes_max = 15", "\nopen_idle_minutes_max = 18446744073709551615"),
            ("\nbody_mebibytes_max = 64", "\nbody_mebibytes_max = 0"),
            ("\nlisten = \"127.0.0.1:8443", "\nlisten = \"127.0.0.1:0"),
            ("\nlocal_listen = \"127.0.0.1:9464", "\nlocal_listen = \"127.0.0.1:0"),
            ("\norigin = \"https:", "\norigin = \"http:"),
            ("\nlocal_listen = \"127.0.0.1", "\nlocal_listen = \"0.0.0.0"),
        ] {
            assert!(matches!(read(from, to), Err(Failure::Asked(_))), "{to}");
        }
        // What cannot be read is there all the same: nobody is told to make a new one.
        let failed = |prepare: &dyn Fn(&Path)| {
            prepare(&home.settings());
            Config::read(&home).unwrap_err()
        };
        let failure = failed(&|path| std::fs::write(path, b"tenant = \"n\xf8rd\"\n").unwrap());
        assert!(matches!(&failure, Failure::Asked(text) if !text.contains("init")), "{failure}");
        std::fs::remove_file(home.settings()).unwrap();
        let failure = failed(&|path| std::fs::create_dir(path).unwrap());
        assert!(matches!(&failure, Failure::World(text) if !text.contains("init")), "{failure}");
    }

    #[test]
    fn the_template_is_complete_and_says_what_each_setting_means() {
        let text = fill(&filled());
        let config: Config = toml::from_str(&text).unwrap();
        assert_eq!(config.origin, "https://localhost:8443");
        assert!(config.notice().is_ok());
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            if line.contains(" = ") && !line.starts_with('#') {
                assert!(lines[number - 1].starts_with("# "), "{line}: not explained");
            }
        }
    }
}
