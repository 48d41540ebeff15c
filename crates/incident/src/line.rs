//! A line of a report: an entry of the ledger with the names of its files.

use ledger::entry::Entry;
use std::fmt;
use terms::{Blind, FileId};

/// An entry with its number and the ids of the files in it.
pub struct Line {
    /// Number of the entry.
    pub number: u64,
    /// What the keyholder did.
    pub entry: Entry,
    /// Ids of the files in it, for those that are not erased.
    pub files: Vec<(Blind, FileId)>,
}

/// A file as a list names it: by its id, or by the ledger's own name once it is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileName {
    /// The id.
    File(FileId),
    /// The ledger's own name: the id went with the key.
    Erased(Blind),
}

impl Line {
    /// The name of the file that the ledger calls so.
    pub fn name(&self, blind: &Blind) -> FileName {
        let found = self.files.iter().find(|(known, _)| known == blind);
        found.map_or(FileName::Erased(*blind), |(_, file)| FileName::File(*file))
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileName::File(file) => file.fmt(f),
            FileName::Erased(blind) => write!(f, "erased {blind}"),
        }
    }
}

impl std::str::FromStr for FileName {
    type Err = terms::ParseIdError;

    fn from_str(text: &str) -> Result<FileName, terms::ParseIdError> {
        match text.strip_prefix("erased ") {
            Some(blind) => blind.parse().map(FileName::Erased),
            None => text.parse().map(FileName::File),
        }
    }
}
