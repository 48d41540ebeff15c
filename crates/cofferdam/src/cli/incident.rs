//! What is done on the worst day: incidents.

use super::{
    AssociationCommand, ClocksArguments, CountsArguments, FactsArguments, FileArguments,
    LettersCommand, VerifyExportArguments,
};
use clap::{Args, Subcommand, ValueEnum};
use terms::{CardId, Grade, PracticeId, RelationClass, ServerId, SessionId};

#[derive(Subcommand)]
pub(crate) enum IncidentCommand {
    /// Open an incident: clocks start at the moment at which you became aware.
    Open(OpenIncidentArguments),
    /// List the incidents.
    List,
    /// One incident: what it is, what was done, what there is.
    Show(IncidentArguments),
    /// Say what it is about; from the ledger comes who was affected. Each version stays.
    Exposure(ExposureArguments),
    /// Is this person's file in it? With the numbers of the entries, or with the proof that not.
    Person(PersonArguments),
    /// Count whom it concerns, as authorities ask: complete files and contact data, by State, by
    /// section, each figure with its rule and digest.
    Counts(CountsArguments),
    /// What is due when, by which law, for which reason. No legal advice.
    Clocks(ClocksArguments),
    /// Answer what a person must say, one question after the other.
    Facts(FactsArguments),
    /// Fill the form of an authority; each field says where it comes from. No legal advice.
    File(FileArguments),
    /// Verify an export offline: what was altered, added or taken away, and which card signed.
    Verify(VerifyExportArguments),
    /// A thief shows a sample: whose records are they, and when were they read?
    Match(MatchArguments),
    /// Write to the people whom it concerns: a job that two officers approve, and its run.
    #[command(subcommand)]
    Letters(LettersCommand),
    /// Tell an association (chamber) which of its members it concerns, sealed to its key.
    #[command(subcommand)]
    Association(AssociationCommand),
    /// Write something down about it.
    Note(IncidentNoteArguments),
    /// Come to an end with it.
    Close(IncidentNoteArguments),
    /// Go on with a closed one.
    Reopen(IncidentNoteArguments),
}

#[derive(Args)]
pub(crate) struct IncidentArguments {
    /// The incident, as `cofferdam incident list` names it, or `last`.
    pub(crate) id: String,
}

#[derive(Args)]
pub(crate) struct OpenIncidentArguments {
    /// What people call it. Never a patient's name.
    #[arg(long)]
    pub(crate) title: String,
    /// When you became aware (such as 2026-11-23T14:00:00Z); now if absent.
    #[arg(long)]
    pub(crate) aware: Option<String>,
    /// How it came to be known.
    #[arg(long, value_enum, default_value_t = KnownBy::Hand)]
    pub(crate) source: KnownBy,
    /// The alert, as `cofferdam watch alerts` names it, or whose report it is.
    #[arg(long)]
    pub(crate) reference: Option<String>,
}

/// How an incident came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KnownBy {
    /// You opened it.
    Hand,
    /// The watch stopped something: takes --reference, the alert's name.
    Watch,
    /// Somebody outside reported it.
    Outside,
}

#[derive(Args)]
pub(crate) struct ExposureArguments {
    #[command(flatten)]
    pub(crate) incident: IncidentArguments,
    #[command(flatten)]
    pub(crate) scope: ScopeArguments,
    /// An officer's card, which asks the ledger.
    #[arg(long, default_value = "officer-1")]
    pub(crate) card: String,
}

/// What makes no sense beside a stolen copy.
const OTHER_SCOPES: [&str; 8] =
    ["by_card", "by_practice", "server", "session", "class", "grade", "from", "to"];

#[derive(Args)]
pub(crate) struct ScopeArguments {
    /// What this card did.
    #[arg(long)]
    pub(crate) by_card: Option<CardId>,
    /// What cards of this practice did.
    #[arg(long)]
    pub(crate) by_practice: Option<PracticeId>,
    /// What went through this server, and what it had open before; deposits count as well.
    #[arg(long)]
    pub(crate) server: Option<ServerId>,
    /// What this session, and so one device, did.
    #[arg(long)]
    pub(crate) session: Option<SessionId>,
    /// What rested on a relation of this class.
    #[arg(long)]
    pub(crate) class: Option<RelationClass>,
    /// What was explained so: strong, weak, none.
    #[arg(long)]
    pub(crate) grade: Option<Grade>,
    /// Not before this time (such as 2026-11-23T14:00:00Z).
    #[arg(long)]
    pub(crate) from: Option<String>,
    /// Before this time.
    #[arg(long)]
    pub(crate) to: Option<String>,
    /// A copy that was stolen: a backup's folder, or `store` for the disk itself.
    #[arg(long, conflicts_with_all = OTHER_SCOPES)]
    pub(crate) copy: Option<String>,
    /// The root key's passphrase, or the HSM, was stolen with the copy.
    #[arg(long, requires = "copy", conflicts_with_all = OTHER_SCOPES)]
    pub(crate) with_root_key: bool,
}

#[derive(Args)]
pub(crate) struct PersonArguments {
    #[command(flatten)]
    pub(crate) incident: IncidentArguments,
    /// The person's file.
    #[arg(long)]
    pub(crate) file: terms::FileId,
    /// A version of the exposure; the newest if absent.
    #[arg(long)]
    pub(crate) version: Option<u32>,
}

#[derive(Args)]
pub(crate) struct IncidentNoteArguments {
    #[command(flatten)]
    pub(crate) incident: IncidentArguments,
    /// What is to be remembered. Never a patient's name.
    #[arg(long)]
    pub(crate) note: String,
}

#[derive(Args)]
pub(crate) struct MatchArguments {
    #[command(flatten)]
    pub(crate) incident: IncidentArguments,
    /// A file with one identifier a line, as `system|value`. The keyholder is asked for each, which
    /// is counted and recorded; nothing but the file's id is told.
    #[arg(long)]
    pub(crate) sample: std::path::PathBuf,
    /// An officer's card.
    #[arg(long, default_value = "officer-1")]
    pub(crate) card: String,
}
