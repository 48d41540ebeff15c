//! Why a letter is not written.

use crate::Language;

/// A letter, or a run of them, is not written. No message has a word of a reader's in it.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Text that may not stand in a letter.
    #[error("{field} {what}")]
    Text {
        /// Where it is.
        field: String,
        /// What is wrong with it.
        what: String,
    },
    /// Dates that cannot be so.
    #[error("{0}")]
    Dates(&'static str),
    /// What a recipient has does not fit the kind of letter.
    #[error("{0}")]
    Variant(&'static str),
    /// Nobody wrote these words in the reader's language.
    #[error("{field} has no words in {}: write some under {}", language.name(), language.code())]
    NoWords {
        /// Which words.
        field: String,
        /// In which language.
        language: Language,
    },
    /// An address abroad without a country that a postman can read.
    #[error("country_line is missing: how is the country written on an envelope?")]
    CountryLine,
    /// The texts or steps are not whole.
    #[error("{file}: {what}")]
    Data {
        /// In which file.
        file: String,
        /// What is wrong.
        what: String,
    },
    /// Pages could not be made.
    #[error(transparent)]
    Print(#[from] print::PrintError),
}
