//! A writer has all texts and steps, checked, and composes letters from facts.

use crate::compose::Composing;
use crate::steps::Steps;
use crate::texts::Texts;
use crate::{Language, Letter, Recipient, Refused, Run};
use std::collections::BTreeMap;
use std::path::Path;

/// The texts that are built in, by the names that files in a folder have.
const TEXTS: [(Language, &str, &str); 3] = [
    (Language::Danish, "texts/da.ftl", include_str!("../texts/da.ftl")),
    (Language::German, "texts/de.ftl", include_str!("../texts/de.ftl")),
    (Language::English, "texts/en.ftl", include_str!("../texts/en.ftl")),
];
/// The steps that are built in.
const STEPS: [(&str, &str); 4] = [
    ("steps/all.toml", include_str!("../steps/all.toml")),
    ("steps/de.toml", include_str!("../steps/de.toml")),
    ("steps/dk.toml", include_str!("../steps/dk.toml")),
    ("steps/us.toml", include_str!("../steps/us.toml")),
];
/// The most files of steps in a folder.
const FILES_MOST: usize = 100;

/// All texts and steps. It can be shared by threads.
pub struct Writer {
    texts: [Texts; 3],
    steps: Steps,
}

impl Writer {
    /// With what is built in.
    pub fn built_in() -> Result<Writer, Refused> {
        Writer::with(&BTreeMap::new())
    }

    /// With what is built in, where this folder does not have a file of the same name
    /// (`texts/da.ftl`, `steps/dk.toml`) that replaces it. Further files under `steps` are added.
    pub fn from_folder(folder: &Path) -> Result<Writer, Refused> {
        let mut files = BTreeMap::new();
        for below in ["texts", "steps"] {
            let inside = folder.join(below);
            if !inside.is_dir() {
                continue;
            }
            let failed = |error: std::io::Error| Refused::Data {
                file: inside.display().to_string(),
                what: error.to_string(),
            };
            for entry in std::fs::read_dir(&inside).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let name = format!("{below}/{}", entry.file_name().to_string_lossy());
                if name.ends_with(".ftl") || name.ends_with(".toml") {
                    files.insert(name, std::fs::read_to_string(entry.path()).map_err(failed)?);
                }
                if files.len() > FILES_MOST {
                    let what = format!("has more than {FILES_MOST} files");
                    return Err(Refused::Data { file: inside.display().to_string(), what });
                }
            }
        }
        Writer::with(&files)
    }

    /// With these files in place of those of the same names that are built in.
    pub fn with(files: &BTreeMap<String, String>) -> Result<Writer, Refused> {
        let text = |name: &str, own: &str| files.get(name).map_or(own, String::as_str).to_owned();
        let [da, de, en] =
            TEXTS.map(|(language, name, own)| Texts::read(language, name, text(name, own)));
        let mut steps: BTreeMap<String, String> =
            STEPS.into_iter().map(|(name, own)| (name.to_owned(), text(name, own))).collect();
        for (name, source) in files {
            if name.starts_with("steps/") {
                steps.insert(name.clone(), source.clone());
            } else if !TEXTS.iter().any(|(_, known, _)| known == name) {
                let what = "there is no such file: texts are da, de and en".to_owned();
                return Err(Refused::Data { file: name.clone(), what });
            }
        }
        Ok(Writer { texts: [da?, de?, en?], steps: Steps::read(&steps)? })
    }

    /// The letter to this person. Facts are checked first; what is wrong with them is said without
    /// a word of the person's own.
    pub fn compose(&self, run: &Run, recipient: &Recipient) -> Result<Letter, Refused> {
        run.check()?;
        recipient.check()?;
        if run.log_in_doubt && recipient.opened.is_empty() {
            return Err(Refused::Variant("the log is in doubt: nobody can be told No"));
        }
        let texts = self.texts(recipient.language);
        Composing::new(texts, &self.steps, run, recipient)?.letter()
    }

    fn texts(&self, language: Language) -> &Texts {
        let [da, de, en] = &self.texts;
        match language {
            Language::Danish => da,
            Language::German => de,
            Language::English => en,
        }
    }
}
