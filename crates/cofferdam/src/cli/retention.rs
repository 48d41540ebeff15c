//! How long files are kept, what holds them, and how they end.

use super::TwoOfficers;
use super::words::words;
use clap::{Args, Subcommand};
use retention::{Date, Kind};
use std::path::PathBuf;
use terms::{FileId, PracticeId};

#[derive(Subcommand)]
pub(crate) enum RetentionCommand {
    /// Every file: where it stands, until when it is kept, by which rule, and what is not known.
    List(ListArguments),
    /// One file with every rule that fits.
    Show(ShowFileArguments),
    /// The rules with their sources; or whether those of a folder are sound.
    Rules(RulesArguments),
    /// Two officers lay a legal hold: while it is on, nothing that it covers is erased.
    Hold(HoldArguments),
    /// Two officers lift a legal hold.
    Release(HoldArguments),
    /// Two officers erase files whose period is over, or one file before that where no rule is
    /// against it. Without --sign nothing is erased: what would be is listed.
    Erase(EraseDueArguments),
    /// Write the certificate of an erased file anew, such as after a rotation of the epoch.
    Certify(CertifyArguments),
    /// Try whether an erased file can still be opened: through the keyholder, in the key table, in
    /// the store, and from backups.
    Verify(VerifyErasureArguments),
    /// Check a certificate of erasure, with nothing but the ledger's verifier key.
    Check(CheckArguments),
}

/// Which officer asks the ledger.
#[derive(Args)]
pub(crate) struct AskingOfficer {
    /// The card that asks the ledger.
    #[arg(long, default_value = "officer-1")]
    pub(crate) officer: String,
}

#[derive(Args)]
pub(crate) struct ListArguments {
    /// Only files whose period is over and that no hold keeps.
    #[arg(long)]
    pub(crate) due: bool,
    /// As things will stand on this day, such as 2031-01-31, if nothing else happens.
    #[arg(long)]
    pub(crate) on: Option<Date>,
    #[command(flatten)]
    pub(crate) asks: AskingOfficer,
}

/// What is known of one file and lies nowhere; it is not kept.
#[derive(Args)]
pub(crate) struct SaidArguments {
    /// When the person was born, such as 2010-01-31.
    #[arg(long)]
    pub(crate) born: Option<Date>,
    /// When the person died.
    #[arg(long)]
    pub(crate) died: Option<Date>,
    /// When the treatment ended.
    #[arg(long)]
    pub(crate) ended: Option<Date>,
    /// What the file is besides what the settings say, such as `radiotherapy`.
    #[arg(long, value_parser = kind)]
    pub(crate) kind: Vec<Kind>,
}

#[derive(Args)]
pub(crate) struct ShowFileArguments {
    /// The file.
    pub(crate) file: FileId,
    #[command(flatten)]
    pub(crate) said: SaidArguments,
    #[command(flatten)]
    pub(crate) asks: AskingOfficer,
}

#[derive(Args)]
pub(crate) struct RulesArguments {
    /// Read this folder of rule files, and say what is wrong with it.
    #[arg(long)]
    pub(crate) check: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct HoldArguments {
    #[command(flatten)]
    pub(crate) on: HoldOnArguments,
    /// The case that it is for: a court's or an incident's number. Each case holds by itself.
    #[arg(long, value_parser = words)]
    pub(crate) case: String,
    /// Why; it stands in the ledger, so never with a patient's name.
    #[arg(long, value_parser = words)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) officers: TwoOfficers,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct HoldOnArguments {
    /// The files.
    pub(crate) file: Vec<FileId>,
    /// A file with one file's id in each line, such as everybody an incident exposed.
    #[arg(long)]
    pub(crate) files: Option<PathBuf>,
    /// Every file that this practice made or has, or had, a relation to.
    #[arg(long)]
    pub(crate) practice: Option<PracticeId>,
}

#[derive(Args)]
pub(crate) struct EraseDueArguments {
    /// The file.
    #[arg(required_unless_present = "due", conflicts_with = "due")]
    pub(crate) file: Option<FileId>,
    /// Files whose period is over and that no hold keeps.
    #[arg(long, conflicts_with_all = ["born", "died", "ended", "kind"])]
    pub(crate) due: bool,
    /// How many at most, the longest due first.
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: usize,
    /// Both officers sign the erasure of each.
    #[arg(long)]
    pub(crate) sign: bool,
    #[command(flatten)]
    pub(crate) said: SaidArguments,
    #[command(flatten)]
    pub(crate) officers: TwoOfficers,
}

#[derive(Args)]
pub(crate) struct CertifyArguments {
    /// The erased file.
    pub(crate) file: FileId,
    /// What a processor or recipient attests of its own copy: `WHO: WORDS`.
    #[arg(long)]
    pub(crate) processor: Vec<String>,
    /// What whoever took or found a copy states: `WHO: WORDS`. It is a statement and proves
    /// nothing.
    #[arg(long)]
    pub(crate) taker: Vec<String>,
    #[command(flatten)]
    pub(crate) asks: AskingOfficer,
}

#[derive(Args)]
pub(crate) struct VerifyErasureArguments {
    /// The erased file.
    pub(crate) file: FileId,
    /// The folder of a backup to try; may be given several times.
    #[arg(long)]
    pub(crate) backup: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) asks: AskingOfficer,
}

#[derive(Args)]
pub(crate) struct CheckArguments {
    /// The certificate, as JSON.
    pub(crate) certificate: PathBuf,
    /// The ledger's verifier key, from a place that you trust; without it the data folder's.
    #[arg(long)]
    pub(crate) key: Option<String>,
}

fn kind(text: &str) -> Result<Kind, String> {
    let files = || Kind::ALL.into_iter().filter(|kind| *kind != Kind::AccessInformation);
    files().find(|kind| kind.word() == text).ok_or_else(|| {
        let words: Vec<_> = files().map(Kind::word).collect();
        format!("is none of {}", words.join(", "))
    })
}
