//! Letters to those whom an incident concerns.

use super::TwoOfficers;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use terms::Sections;

#[derive(Subcommand)]
pub(crate) enum LettersCommand {
    /// Prepare a job: whose label and contact are to be opened, by which card, until when.
    Order(JobArguments),
    /// Two officers approve a prepared job.
    Approve(ApproveJobArguments),
    /// Begin the file of what the letters say: what is known is in it, the rest is for a person.
    Facts(LetterFactsArguments),
    /// Open what the job names and make the letters; the same command again goes on where it
    /// stopped. What it writes is plaintext.
    Run(RunArguments),
    /// How far a job's letters are.
    Status(StatusArguments),
    /// Say that batches went to the post.
    Sent(SentArguments),
    /// Say that letters came back.
    Returned(MailArguments),
    /// Say that people cannot be reached by letter.
    Unreachable(MailArguments),
    /// Whether a letter with this code is one of ours.
    Check(CheckCodeArguments),
}

#[derive(Args)]
pub(crate) struct JobArguments {
    /// The incident.
    pub(crate) incident: String,
    /// The version of the incident's exposure whose persons are written to.
    #[arg(long, conflicts_with = "list", required_unless_present = "list")]
    pub(crate) exposure: Option<u32>,
    /// A text file of file ids instead, one a line.
    #[arg(long)]
    pub(crate) list: Option<PathBuf>,
    /// What was read of the files in the list; left out, the letters say that nothing was.
    #[arg(long, requires = "list")]
    pub(crate) read: Option<Sections>,
    /// When it was read first.
    #[arg(long, requires = "read")]
    pub(crate) first: Option<String>,
    /// When it was read last.
    #[arg(long, requires = "first")]
    pub(crate) last: Option<String>,
    /// The card whose sessions run the job: its id, or the name of its file, such as officer-1.
    #[arg(long)]
    pub(crate) card: String,
    /// How many days it may run, 30 at most.
    #[arg(long, default_value_t = 14)]
    pub(crate) days: u64,
    /// Where to write the job, if not in the incident's folder.
    #[arg(long)]
    pub(crate) job_file: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct LetterFactsArguments {
    /// The incident.
    pub(crate) incident: String,
    /// The file to write; one that is there already is left alone.
    #[arg(long, default_value = "letters.toml")]
    pub(crate) out: PathBuf,
}

#[derive(Args)]
pub(crate) struct ApproveJobArguments {
    /// The prepared job.
    #[arg(long)]
    pub(crate) job_file: PathBuf,
    #[command(flatten)]
    pub(crate) officers: TwoOfficers,
}

#[derive(Args)]
pub(crate) struct RunArguments {
    /// The approved job.
    #[arg(long)]
    pub(crate) job_file: PathBuf,
    /// The facts of the letters: who writes, what happened, in every language that is written in.
    #[arg(long)]
    pub(crate) facts: PathBuf,
    /// The folder to write to. It is plaintext: keep it off shared disks and backups.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// The card that runs the job.
    #[arg(long, default_value = "officer-1")]
    pub(crate) as_card: String,
    /// How many letters a batch has.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) batch: u32,
    /// Open so many files only, and make a test print that counts as no letter.
    #[arg(long)]
    pub(crate) limit: Option<u64>,
    /// From which age people are written to themselves.
    #[arg(long, default_value_t = 18)]
    pub(crate) adult_age: u8,
    /// The same for one country, such as `AT=14`; several times for several.
    #[arg(long, value_name = "COUNTRY=AGE")]
    pub(crate) adult_age_in: Vec<String>,
    /// One PDF for each batch and language, in the order of its manifest, instead of one a letter.
    #[arg(long)]
    pub(crate) together: bool,
    /// Write each letter in these forms too.
    #[arg(long, value_enum)]
    pub(crate) also: Vec<LetterForm>,
}

/// A form of a letter besides PDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LetterForm {
    /// A page for a browser.
    Html,
    /// Plain text.
    Text,
}

#[derive(Args)]
pub(crate) struct StatusArguments {
    /// The incident.
    pub(crate) incident: String,
}

#[derive(Args)]
pub(crate) struct SentArguments {
    /// The incident.
    pub(crate) incident: String,
    /// The job.
    #[arg(long)]
    pub(crate) job: terms::JobId,
    /// Which batch; several times for several.
    #[arg(long, required_unless_present = "all")]
    pub(crate) batch: Vec<u32>,
    /// All that are made and not sent.
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Args)]
pub(crate) struct MailArguments {
    /// The incident.
    pub(crate) incident: String,
    /// The letters, by their codes or by the ids of the files they are about.
    #[arg(required = true)]
    pub(crate) letters: Vec<String>,
}

#[derive(Args)]
pub(crate) struct CheckCodeArguments {
    /// The code, as it stands on the letter.
    pub(crate) code: String,
    /// The incident, if it is known; else all are looked through.
    #[arg(long)]
    pub(crate) incident: Option<String>,
}
