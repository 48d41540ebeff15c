//! The languages that letters are written in.

use serde::{Deserialize, Serialize};

/// A language that letters are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    /// Danish.
    #[serde(rename = "da")]
    Danish,
    /// German.
    #[serde(rename = "de")]
    German,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// Every language.
    pub const ALL: [Language; 3] = [Language::Danish, Language::German, Language::English];

    /// Its code (ISO 639-1).
    pub const fn code(self) -> &'static str {
        match self {
            Language::Danish => "da",
            Language::German => "de",
            Language::English => "en",
        }
    }

    /// Its English name.
    pub const fn name(self) -> &'static str {
        match self {
            Language::Danish => "Danish",
            Language::German => "German",
            Language::English => "English",
        }
    }
}
