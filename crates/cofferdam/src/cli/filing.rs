//! What follows once it is known who was affected: counts, clocks, facts, filings.

use super::IncidentArguments;
use super::words::words;
use clap::Args;
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct PeopleArguments {
    /// People facts, as lines of JSON: country, region, minor, dead, association by file. Keep
    /// them outside the data folder.
    #[arg(long)]
    pub(crate) people: Option<PathBuf>,
    /// A version of the exposure; the newest if absent.
    #[arg(long)]
    pub(crate) exposure: Option<u32>,
}

#[derive(Args)]
pub(crate) struct CountsArguments {
    #[command(flatten)]
    pub(crate) incident: IncidentArguments,
    #[command(flatten)]
    pub(crate) people: PeopleArguments,
}

#[derive(Args)]
pub(crate) struct ClocksArguments {
    #[command(flatten)]
    pub(crate) incident: IncidentArguments,
    #[command(flatten)]
    pub(crate) people: PeopleArguments,
    /// Show what is not due as well, and why.
    #[arg(long)]
    pub(crate) all: bool,
    /// Write into the journal that this was done.
    #[arg(long, value_name = "CLOCK")]
    pub(crate) done: Option<String>,
    /// When it was done (such as 2026-11-23T14:00:00Z); now if absent.
    #[arg(long, requires = "done")]
    pub(crate) at: Option<String>,
    /// How it was done, such as the authority's id. Never a patient's name.
    #[arg(long, requires = "done")]
    pub(crate) note: Option<String>,
}

#[derive(Args)]
pub(crate) struct FactsArguments {
    #[command(flatten)]
    pub(crate) incident: IncidentArguments,
    /// Answer this: FIELD=VALUE. May be given several times.
    #[arg(long, value_name = "FIELD=VALUE")]
    pub(crate) set: Vec<String>,
    /// Answers from a file: TOML, or JSON if its name ends so; a field and a value each.
    #[arg(long)]
    pub(crate) from: Option<PathBuf>,
    /// List what can be asked and what was answered, and ask nothing.
    #[arg(long)]
    pub(crate) list: bool,
    /// Who answers.
    #[arg(long = "as", env = "USER", default_value = "an officer", value_parser = words)]
    pub(crate) who: String,
}

#[derive(Args)]
pub(crate) struct FileArguments {
    #[command(flatten)]
    pub(crate) incident: IncidentArguments,
    /// The form: edpb, denmark, germany, hhs or maine.
    #[arg(value_parser = ["edpb", "denmark", "germany", "hhs", "maine"])]
    pub(crate) form: String,
    #[command(flatten)]
    pub(crate) people: PeopleArguments,
    /// A folder that is not there yet; a new one in the incident's own if absent.
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
    /// It goes out: refused while a mandatory field is missing, and signed by --card.
    #[arg(long = "final", requires = "card")]
    pub(crate) is_final: bool,
    /// The officer's card that signs.
    #[arg(long)]
    pub(crate) card: Option<String>,
}

#[derive(Args)]
pub(crate) struct VerifyExportArguments {
    /// The export's folder.
    pub(crate) folder: PathBuf,
    /// The thumbprint of the officer's card, as its organisation published it.
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) thumbprint: Option<String>,
}

#[cfg(test)]
mod tests {
    use crate::cli::Arguments;
    use clap::Parser;

    /// One in 64 begins with a hyphen.
    #[test]
    fn a_thumbprint_is_taken_as_it_is_printed() {
        let words = ["cofferdam", "incident", "verify", "export", "--thumbprint", "-asXwJyqYZe8"];
        assert!(Arguments::try_parse_from(words).is_ok());
    }
}
