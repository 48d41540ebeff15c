//! The ledger: looked at, verified, and proofs from it for strangers.

use super::OfficerArguments;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use terms::FileId;

#[derive(Subcommand)]
pub(crate) enum LedgerCommand {
    /// Verify a copy offline: every hash, the root, the checkpoint's signature.
    Verify(VerifyArguments),
    /// Show entries, decrypted by the keyholder for an officer.
    Show(ShowArguments),
    /// Prove to a stranger what was opened of one file, and that it is all.
    Prove(ProveArguments),
    /// Check such a proof: without a data folder, a network, or trust in whoever brought it.
    Check(CheckProofArguments),
}

#[derive(Args)]
pub(crate) struct VerifyArguments {
    /// Folder of the copy; without it the data folder's own ledger.
    pub(crate) folder: Option<PathBuf>,
    /// The ledger's verifier key, as `cofferdam init` printed it; without it the data folder's.
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// A file with an earlier checkpoint that the copy has to begin with, such as a report's.
    #[arg(long)]
    pub(crate) checkpoint: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct ShowArguments {
    #[command(flatten)]
    pub(crate) officer: OfficerArguments,
    /// Not before this time (such as 2026-11-23T14:00:00Z).
    #[arg(long)]
    pub(crate) from: Option<String>,
    /// Before this time.
    #[arg(long)]
    pub(crate) to: Option<String>,
}

#[derive(Args)]
pub(crate) struct ProveArguments {
    /// Whose file.
    #[arg(long)]
    pub(crate) file: FileId,
    /// The card that asks: an officer's, or the patient's own.
    #[arg(long, default_value = "officer-1")]
    pub(crate) card: String,
    /// Not before this time (such as 2026-11-23T14:00:00Z).
    #[arg(long)]
    pub(crate) from: Option<String>,
    /// Before this time.
    #[arg(long)]
    pub(crate) to: Option<String>,
    /// A file with a checkpoint that whoever checks it has, such as a witness's.
    #[arg(long)]
    pub(crate) checkpoint: Option<PathBuf>,
    /// Where the document goes.
    #[arg(long)]
    pub(crate) out: PathBuf,
}

#[derive(Args)]
pub(crate) struct CheckProofArguments {
    /// The document.
    pub(crate) file: PathBuf,
    /// The ledger's verifier key, or a file with it, from elsewhere than the document.
    #[arg(long)]
    pub(crate) key: String,
    /// A file with a checkpoint of this ledger, from elsewhere than the document.
    #[arg(long)]
    pub(crate) checkpoint: Option<PathBuf>,
}
