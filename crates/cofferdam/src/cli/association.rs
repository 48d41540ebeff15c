//! What associations (chambers) are told of their members.

use super::IncidentArguments;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum AssociationCommand {
    /// For an association: make its key and print the public half, to which lists are sealed.
    ///
    /// The passphrase comes from COFFERDAM_ASSOCIATION_PASSPHRASE, else you are asked.
    Key(AssociationKeyArguments),
    /// Seal to an association how many of its members an incident concerns, and their files.
    Seal(SealListArguments),
    /// For an association: open a sealed list. Needs no server and no data folder.
    Open(OpenListArguments),
}

#[derive(Args)]
pub(crate) struct AssociationKeyArguments {
    /// The private half goes into this new file, under a passphrase.
    #[arg(long)]
    pub(crate) out: PathBuf,
}

#[derive(Args)]
pub(crate) struct SealListArguments {
    #[command(flatten)]
    pub(crate) incident: IncidentArguments,
    /// People facts, as the letter run wrote them.
    #[arg(long)]
    pub(crate) people: PathBuf,
    /// Whose members, as `cofferdam incident counts` writes the name.
    #[arg(long)]
    pub(crate) association: String,
    /// A file with the association's public key.
    #[arg(long)]
    pub(crate) to: PathBuf,
    /// The sealed list, a new file.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// A version of the exposure; the newest if absent.
    #[arg(long)]
    pub(crate) exposure: Option<u32>,
}

#[derive(Args)]
pub(crate) struct OpenListArguments {
    /// The sealed list.
    pub(crate) file: PathBuf,
    /// The association's key.
    #[arg(long)]
    pub(crate) key: PathBuf,
}
