//! What officers do with reports of flaws, and what a finder does without the page.

use clap::{Args, Subcommand};
use std::path::PathBuf;
use terms::CardId;

#[derive(Subcommand)]
pub(crate) enum DisclosureCommand {
    /// Make the key that reports are sealed to, under a passphrase, and the server's receipt key.
    ///
    /// The passphrase comes from COFFERDAM_INTAKE_PASSPHRASE, else you are asked.
    Key(DisclosureKeyArguments),
    /// List the reports: when they came, whether they were answered. Takes no passphrase.
    List(DisclosureListArguments),
    /// Show a report and what was written after it.
    Show(DisclosureArguments),
    /// Answer into the finder's mailbox.
    Answer(DisclosureAnswerArguments),
    /// Compare the times and files that the finder names with the ledger.
    Match(DisclosureMatchArguments),
    /// Come to an end with a report.
    Close(DisclosureCloseArguments),
    /// Verify a receipt offline.
    CheckReceipt(CheckReceiptArguments),
    /// Write an advisory as CSAF 2.0 from facts that a person wrote.
    Advisory(DisclosureAdvisoryArguments),
    /// Write provider-metadata.json (CSAF 2.0): who publishes advisories, and where.
    Provider(DisclosureProviderArguments),
}

#[derive(Args)]
pub(crate) struct DisclosureKeyArguments {
    /// Make a new receipt key under the officer's key that is there already.
    #[arg(long)]
    pub(crate) renew: bool,
}

#[derive(Args)]
pub(crate) struct DisclosureListArguments {
    /// Closed ones too.
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Args)]
pub(crate) struct DisclosureArguments {
    /// The report, as `cofferdam disclosure list` names it.
    pub(crate) id: String,
}

#[derive(Args)]
pub(crate) struct DisclosureAnswerArguments {
    #[command(flatten)]
    pub(crate) report: DisclosureArguments,
    /// A file with the answer; `-` for standard input.
    #[arg(long)]
    pub(crate) text: String,
}

#[derive(Args)]
pub(crate) struct DisclosureMatchArguments {
    #[command(flatten)]
    pub(crate) report: DisclosureArguments,
    /// The officer's card that asks the ledger.
    #[arg(long, default_value = "officer-1")]
    pub(crate) card: String,
    /// Only what this card did.
    #[arg(long)]
    pub(crate) by_card: Option<CardId>,
    /// How many seconds before and after the times that the finder names to look as well.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub(crate) slack: u64,
    /// Look from this time on instead of the finder's (such as 2026-11-23T14:00:00Z).
    #[arg(long, requires = "to")]
    pub(crate) from: Option<String>,
    /// Look before this time instead.
    #[arg(long, requires = "from")]
    pub(crate) to: Option<String>,
}

#[derive(Args)]
pub(crate) struct DisclosureCloseArguments {
    #[command(flatten)]
    pub(crate) report: DisclosureArguments,
    /// How it ended. Never a patient's name.
    #[arg(long)]
    pub(crate) note: String,
    /// Erase its sealed messages as well: the finder can read no answer any more.
    #[arg(long)]
    pub(crate) erase: bool,
}

#[derive(Args)]
pub(crate) struct CheckReceiptArguments {
    /// The receipt's file.
    pub(crate) receipt: PathBuf,
    /// The sealed message that it should be for, as the page or `disclose seal` saved it.
    #[arg(long)]
    pub(crate) sealed: Option<PathBuf>,
    /// Fingerprint of the officer's key, from elsewhere; without it the data folder's key counts.
    #[arg(long)]
    pub(crate) fingerprint: Option<String>,
}

#[derive(Args)]
pub(crate) struct DisclosureAdvisoryArguments {
    /// The report that it is about.
    #[arg(required_unless_present = "template")]
    pub(crate) id: Option<String>,
    /// Print a file of facts to fill in.
    #[arg(long, conflicts_with_all = ["id", "facts", "out"])]
    pub(crate) template: bool,
    /// The facts, filled in.
    #[arg(long, required_unless_present = "template")]
    pub(crate) facts: Option<PathBuf>,
    /// Where to write the advisory: a file that is not there yet.
    #[arg(long, required_unless_present = "template")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct DisclosureProviderArguments {
    /// Print a file of facts to fill in.
    #[arg(long, conflicts_with_all = ["facts", "out"])]
    pub(crate) template: bool,
    /// The facts, filled in.
    #[arg(long, required_unless_present = "template")]
    pub(crate) facts: Option<PathBuf>,
    /// The folder of the advisories: an older file in it is replaced.
    #[arg(long, required_unless_present = "template")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum DiscloseCommand {
    /// Seal a report or a text for an officer, into a file to be sent.
    ///
    /// A report is JSON with the fields that docs/api/disclosure.md names. The code phrase comes
    /// from COFFERDAM_PHRASE; without it a new one is made and printed.
    Seal(SealArguments),
    /// Print what to send to /report/answers. The code phrase comes from COFFERDAM_PHRASE, else you
    /// are asked.
    Ask,
    /// Open the answers that came back.
    Read(ReadAnswersArguments),
}

#[derive(Args)]
pub(crate) struct SealArguments {
    /// The officer's certificate, as /report/key gives it.
    #[arg(long)]
    pub(crate) key: PathBuf,
    /// Fingerprint of the officer's key, from elsewhere: nothing is sealed to another.
    #[arg(long)]
    pub(crate) fingerprint: Option<String>,
    /// The report.
    #[arg(long, required_unless_present = "text", conflicts_with = "text")]
    pub(crate) report: Option<PathBuf>,
    /// A text to follow a report.
    #[arg(long)]
    pub(crate) text: Option<PathBuf>,
    /// Where to write what is to be sent.
    #[arg(long)]
    pub(crate) out: PathBuf,
}

#[derive(Args)]
pub(crate) struct ReadAnswersArguments {
    /// What came back; `-` for standard input.
    pub(crate) answers: String,
}
