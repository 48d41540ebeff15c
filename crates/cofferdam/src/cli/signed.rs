//! What officers, patients and practices sign.

use super::words::{file_name, words};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use terms::{CardId, FileId, ListId, PracticeId, Role, Section, ServerId};

#[derive(Subcommand)]
pub(crate) enum CardCommand {
    /// Make a key pair and issue a card for it. An officer's or patient's card, and one for another
    /// practice, take two officers.
    Issue(IssueArguments),
    /// List the cards.
    List(OfficerArguments),
    /// Revoke a card, for good. An officer's card takes two officers.
    Revoke(RevokeArguments),
    /// Take a card one rung down: from restricted to signing in again, to giving reasons, to
    /// nothing. A colleague of the same practice who treats patients may, twice a day and twice
    /// for one card in 30 days; so may an officer. Nobody relaxes their own card.
    Relax(RelaxArguments),
}

#[derive(Args)]
pub(crate) struct OfficerArguments {
    /// The officer's card.
    #[arg(long, default_value = "officer-1")]
    pub(crate) officer: String,
    /// A second officer's card, where the order takes two.
    #[arg(long)]
    pub(crate) second_officer: Option<String>,
}

#[derive(Args)]
pub(crate) struct IssueArguments {
    #[command(flatten)]
    pub(crate) officer: OfficerArguments,
    /// What its holder is: doctor, nurse, receptionist, pharmacist, laboratory, system, importer,
    /// officer or patient.
    #[arg(long)]
    pub(crate) role: Role,
    /// The holder, as colleagues know them; for a patient's card the word `patient`.
    #[arg(long, value_parser = words)]
    pub(crate) holder: String,
    /// The practice it belongs to, if not the officer's own.
    #[arg(long)]
    pub(crate) practice: Option<PracticeId>,
    /// The patient's own file, for a patient's card. For staff: the file they have as patients, so
    /// that opening it, or files of people close to them, takes a reason; it opens nothing.
    #[arg(long)]
    pub(crate) file: Option<FileId>,
    /// How many days it signs in.
    #[arg(long, default_value_t = 730, value_parser = clap::value_parser!(u64).range(1..=3650))]
    pub(crate) days: u64,
    /// Name of its file in `cards/`, without `.card`.
    #[arg(long, value_parser = file_name)]
    pub(crate) name: String,
    /// Use P-384 and ES384 instead of P-256 and ES256.
    #[arg(long)]
    pub(crate) p384: bool,
    /// A system's own public key, as a JWK file, instead of a new key pair.
    #[arg(long)]
    pub(crate) key: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct RevokeArguments {
    #[command(flatten)]
    pub(crate) officer: OfficerArguments,
    /// Which card.
    pub(crate) card: CardId,
    /// Why.
    #[arg(long, value_parser = words)]
    pub(crate) reason: String,
}

#[derive(Args)]
pub(crate) struct RelaxArguments {
    /// The card to relax.
    pub(crate) relaxed: CardId,
    /// The card that says so: a colleague's or an officer's.
    #[arg(long)]
    pub(crate) card: String,
}

#[derive(Args)]
pub(crate) struct PracticeArguments {
    #[command(flatten)]
    pub(crate) officer: OfficerArguments,
    /// Its name.
    #[arg(long, value_parser = words)]
    pub(crate) name: String,
}

#[derive(Args)]
pub(crate) struct ApproveArguments {
    /// The list.
    pub(crate) list: ListId,
    /// The practice whose patients they are, if not the officers' own.
    #[arg(long)]
    pub(crate) practice: Option<PracticeId>,
    #[command(flatten)]
    pub(crate) officers: TwoOfficers,
}

#[derive(Args)]
pub(crate) struct TwoOfficers {
    /// The first officer's card.
    #[arg(long, default_value = "officer-1")]
    pub(crate) officer: String,
    /// The second officer's card.
    #[arg(long, default_value = "officer-2")]
    pub(crate) second_officer: String,
}

#[derive(Subcommand)]
pub(crate) enum RelationCommand {
    /// The patient is present: the patient's card says so, or a one-time code was shown at the
    /// practice of the card that says so. Lasts 90 days, 3 at a pharmacy.
    Present(PresentArguments),
    /// A practice that treats the patient refers to another. Lasts 90 days.
    Refer(ReferArguments),
    /// A practice that treats the patient, such as an admission desk, admits to another. Lasts 90
    /// days.
    Admit(ReferArguments),
    /// The patient's card books an appointment: a relation from 7 days before until 2 days after.
    /// Five a day.
    Book(BookArguments),
    /// Give a patient without a card one-time codes, each to be shown once where a card would be.
    /// They are printed once, here, to hand over to the patient, and kept nowhere; new ones replace
    /// all earlier ones. Takes two officers.
    Codes(CodesArguments),
    /// Say that another card's emergency was one. A colleague of the same practice who treats
    /// patients may, three times a day; so may an officer. Nobody confirms their own.
    Confirm(ConfirmArguments),
}

#[derive(Args)]
pub(crate) struct BookArguments {
    /// The patient's own file.
    pub(crate) file: FileId,
    /// Where.
    #[arg(long)]
    pub(crate) practice: PracticeId,
    /// When, such as 2026-12-01T10:00:00Z; at most 400 days ahead.
    #[arg(long)]
    pub(crate) at: String,
    /// The patient's card.
    #[arg(long)]
    pub(crate) card: String,
}

#[derive(Args)]
pub(crate) struct CodesArguments {
    /// The patient's file.
    pub(crate) file: FileId,
    /// How many.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u8).range(1..=20))]
    pub(crate) count: u8,
    #[command(flatten)]
    pub(crate) officers: TwoOfficers,
}

#[derive(Args)]
pub(crate) struct ConfirmArguments {
    /// The patient's file.
    pub(crate) file: FileId,
    /// Id of the card that opened it in the emergency.
    #[arg(long)]
    pub(crate) opened_by: CardId,
    /// The card that says so: a colleague's or an officer's.
    #[arg(long)]
    pub(crate) card: String,
}

#[derive(Args)]
pub(crate) struct PresentArguments {
    /// The patient's own file.
    pub(crate) file: FileId,
    #[command(flatten)]
    pub(crate) shown: ShownArguments,
    /// The patient's card; with a code, a card of the practice where it was shown.
    #[arg(long)]
    pub(crate) card: String,
}

/// What the patient brought.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct ShownArguments {
    /// The card: the practice that the patient visits.
    #[arg(long)]
    pub(crate) practice: Option<PracticeId>,
    /// One of the patient's one-time codes.
    #[arg(long)]
    pub(crate) code: Option<String>,
}

#[derive(Args)]
pub(crate) struct ReferArguments {
    /// The file.
    pub(crate) file: FileId,
    /// The practice that receives the patient.
    #[arg(long)]
    pub(crate) to: PracticeId,
    /// The card that refers: a doctor's, nurse's, receptionist's or system's.
    #[arg(long)]
    pub(crate) card: String,
}

#[derive(Subcommand)]
pub(crate) enum ConsentCommand {
    /// This practice opens nothing of the file but in an emergency.
    Bar(BarArguments),
    /// Nobody but the patient sees this section.
    Hide(HideArguments),
    /// Another patient's card opens the file as the patient does, but for what is hidden.
    Deputy(DeputyArguments),
}

/// Whose word it is.
#[derive(Args)]
pub(crate) struct ConsentOf {
    /// The patient's own file.
    pub(crate) file: FileId,
    /// The patient's card.
    #[arg(long)]
    pub(crate) card: String,
    /// Take it back.
    #[arg(long)]
    pub(crate) off: bool,
}

#[derive(Args)]
pub(crate) struct BarArguments {
    #[command(flatten)]
    pub(crate) of: ConsentOf,
    /// The practice.
    #[arg(long)]
    pub(crate) practice: PracticeId,
}

#[derive(Args)]
pub(crate) struct HideArguments {
    #[command(flatten)]
    pub(crate) of: ConsentOf,
    /// The section, such as `results`.
    #[arg(long)]
    pub(crate) section: Section,
}

#[derive(Args)]
pub(crate) struct DeputyArguments {
    #[command(flatten)]
    pub(crate) of: ConsentOf,
    /// The deputy's card.
    #[arg(long)]
    pub(crate) deputy: CardId,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct SubjectArguments {
    /// A card.
    #[arg(long)]
    pub(crate) card: Option<CardId>,
    /// A practice, with all its cards.
    #[arg(long)]
    pub(crate) practice: Option<PracticeId>,
    /// A server.
    #[arg(long)]
    pub(crate) server: Option<ServerId>,
}

#[derive(Args)]
pub(crate) struct FreezeArguments {
    #[command(flatten)]
    pub(crate) officer: OfficerArguments,
    #[command(flatten)]
    pub(crate) subject: SubjectArguments,
    /// Why.
    #[arg(long, value_parser = words)]
    pub(crate) reason: String,
}

#[derive(Args)]
pub(crate) struct UnfreezeArguments {
    #[command(flatten)]
    pub(crate) officers: TwoOfficers,
    #[command(flatten)]
    pub(crate) subject: SubjectArguments,
    /// Why.
    #[arg(long, value_parser = words)]
    pub(crate) reason: String,
}

#[derive(Args)]
pub(crate) struct MarkArguments {
    /// The file.
    pub(crate) file: FileId,
    /// `canary` or `restricted`.
    pub(crate) mark: String,
    /// Take the mark off.
    #[arg(long)]
    pub(crate) off: bool,
    #[command(flatten)]
    pub(crate) officers: TwoOfficers,
}

#[derive(Args)]
pub(crate) struct EraseArguments {
    /// The file.
    pub(crate) file: FileId,
    /// Erase it before its period is over: such as a file that was made by mistake.
    #[arg(long)]
    pub(crate) early: bool,
    #[command(flatten)]
    pub(crate) officers: TwoOfficers,
}
