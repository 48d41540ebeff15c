//! The command line.

use crate::failure::Outcome;
use crate::home::Home;
use crate::{
    backup, bench, demo, disclosure, drill, feeder, fhir_command, import, init, keyholder_process,
    keys_command, ledger_command, orders, proof, relations, retention_command, serve,
    server_process, watch_command, watch_process, who_opened, witness_command,
};
use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use terms::{CardId, FileId, PracticeId, Purpose, Sections, ServerId};

mod alerts;
mod association;
mod disclose;
mod filing;
mod incident;
mod ledger;
mod letters;
mod measured;
mod retention;
mod signed;
mod words;

pub(crate) use alerts::*;
pub(crate) use association::*;
pub(crate) use disclose::*;
pub(crate) use filing::*;
pub(crate) use incident::*;
pub(crate) use ledger::*;
pub(crate) use letters::*;
pub(crate) use measured::*;
pub(crate) use retention::*;
pub(crate) use signed::*;

/// An electronic patient file server that assumes it will be breached.
///
/// Every file lies sealed under a key of its own; it opens only by a decision of the keyholder,
/// which is recorded before any key leaves. So the ledger is the exact list of what was read.
///
/// Exit codes: 0 done, 1 a drill found a promise broken, 2 asked wrongly, 3 refused, 4 not there,
/// 5 the world failed, 6 tampered.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// The data folder.
    #[arg(long, global = true, env = "COFFERDAM_HOME", default_value = "cofferdam-data")]
    pub(crate) home: PathBuf,
    /// Write results and errors as JSON, for programs.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a data folder: keys, ledger, store, certificates, the first officers' cards.
    Init(InitArguments),
    /// Run the server and the keyholder until told to stop.
    Serve,
    /// Try it: a made-up practice with made-up patients, and a tour.
    Demo(DemoArguments),
    /// Issue, list and revoke cards.
    #[command(subcommand)]
    Card(CardCommand),
    /// Make a practice known.
    Practice(PracticeArguments),
    /// Bring in a folder of FHIR bundles or NDJSON, by deposits only.
    Import(ImportArguments),
    /// Two officers approve a list of patients, as an import makes it.
    Approve(ApproveArguments),
    /// Send a FHIR request that a card's session signs.
    Fhir(FhirArguments),
    /// Make a bearer token for exactly one patient, for any FHIR client.
    Token(TokenArguments),
    /// Who opened what: exact files and sections, from the ledger.
    WhoOpened(WhoOpenedArguments),
    /// Say why a practice may open a file.
    #[command(subcommand)]
    Relation(RelationCommand),
    /// A patient's card bars a practice, hides a section, names a deputy.
    #[command(subcommand)]
    Consent(ConsentCommand),
    /// Freeze a card, practice or server: it opens nothing from now on.
    Freeze(FreezeArguments),
    /// Two officers lift a freeze.
    Unfreeze(UnfreezeArguments),
    /// Two officers mark a file as a canary or as restricted, or take the mark off.
    Mark(MarkArguments),
    /// Two officers erase a file: its key is destroyed.
    Erase(EraseArguments),
    /// How long files are kept, what holds them, and how they end.
    #[command(subcommand)]
    Retention(RetentionCommand),
    /// Look at the ledger or verify a copy of it.
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Cosign ledgers, for a party that is not their operator.
    #[command(subcommand)]
    Witness(WitnessCommand),
    /// What the watch found, and the cases that officers make of it.
    #[command(subcommand)]
    Watch(WatchCommand),
    /// The worst day: who was affected, exactly; clocks, filings, letters.
    #[command(subcommand)]
    Incident(IncidentCommand),
    /// Reports of flaws: read, answer, compare with the ledger, publish.
    #[command(subcommand)]
    Disclosure(DisclosureCommand),
    /// Report a flaw to another installation, without its page: seal, and read the answers.
    #[command(subcommand)]
    Disclose(DiscloseCommand),
    /// New keys for the keyholder, while nothing is served.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Copy everything, while it is served.
    Backup(BackupArguments),
    /// Make a data folder from a backup.
    Restore(RestoreArguments),
    /// Measure it on this machine.
    Bench(BenchArguments),
    /// Attack it: known incidents replayed against real processes, and what the attackers got.
    ///
    /// Each drill makes a practice of made-up people in a temporary folder, serves it on loopback,
    /// attacks it from outside, and holds what the attacker can read against what the ledger lists.
    /// Exit code 1: a list was not exact, a bound was broken, or an alarm stayed silent.
    #[command(subcommand)]
    Drill(DrillCommand),
    /// The keyholder's process; `serve` starts it.
    #[command(hide = true)]
    Keyholder {
        /// How many entries witnesses saw.
        #[arg(long, env = serve::SEEN_ENTRIES, default_value_t = 0)]
        seen_entries: u64,
    },
    /// The feeder's process, between ledger and witnesses; `serve` starts it.
    #[command(hide = true)]
    Feeder,
    /// The watch's process; `serve` starts it.
    #[command(hide = true)]
    WatchProcess,
    /// The server's process; `serve` starts it.
    #[command(hide = true)]
    Server,
}

#[derive(Args)]
pub(crate) struct InitArguments {
    /// The installation's name; it can never be changed.
    #[arg(long, default_value = "practice")]
    pub(crate) tenant: String,
    /// The first practice's name.
    #[arg(long, default_value = "First practice")]
    pub(crate) practice: String,
    /// Where clients connect.
    #[arg(long, default_value = "127.0.0.1:8443")]
    pub(crate) listen: SocketAddr,
    /// Where health and metrics are told.
    #[arg(long, default_value = "127.0.0.1:9464")]
    pub(crate) local_listen: SocketAddr,
    /// A file whose first line is the root key's passphrase; without it COFFERDAM_PASSPHRASE is
    /// taken, else you are asked.
    #[arg(long)]
    pub(crate) passphrase_file: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct DemoArguments {
    /// How many patients.
    #[arg(long, default_value_t = 200)]
    pub(crate) patients: u32,
    /// Seed of the made-up people: the same seed makes the same people.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where clients connect.
    #[arg(long, default_value = "127.0.0.1:8443")]
    pub(crate) listen: SocketAddr,
    /// Where health and metrics are told.
    #[arg(long, default_value = "127.0.0.1:9464")]
    pub(crate) local_listen: SocketAddr,
    /// Print the tour and stop, instead of serving until Ctrl-C.
    #[arg(long)]
    pub(crate) once: bool,
}

#[derive(Args)]
pub(crate) struct ImportArguments {
    /// A folder of transaction bundles (`*.json`) or of NDJSON files (`*.ndjson`).
    pub(crate) folder: PathBuf,
    /// The importer's card.
    #[arg(long, default_value = "importer")]
    pub(crate) card: String,
    /// Where rejects are listed with reasons, as lines of JSON.
    #[arg(long)]
    pub(crate) rejects: Option<PathBuf>,
}

/// What a request says about the file it opens.
#[derive(Args)]
pub(crate) struct OpeningArguments {
    /// Open only these sections, such as `label,results`.
    #[arg(long)]
    pub(crate) sections: Option<Sections>,
    /// What for: treatment, emergency, payment, operations or patient-request.
    #[arg(long)]
    pub(crate) purpose: Option<Purpose>,
    /// Why, in words; an emergency needs it.
    #[arg(long)]
    pub(crate) reason: Option<String>,
}

#[derive(Args)]
pub(crate) struct FhirArguments {
    /// GET, POST, PUT, PATCH or DELETE.
    pub(crate) method: String,
    /// Path and query below the FHIR base, such as `Patient?name=ann`.
    pub(crate) path: String,
    /// The body: a file, or `-` for standard input.
    pub(crate) body: Option<String>,
    /// The card.
    #[arg(long)]
    pub(crate) card: String,
    /// The file to open, where the path does not name it.
    #[arg(long)]
    pub(crate) file: Option<FileId>,
    #[command(flatten)]
    pub(crate) opening: OpeningArguments,
    /// The body's type, if not FHIR JSON.
    #[arg(long)]
    pub(crate) content_type: Option<String>,
    /// A further header, such as `If-Match: W/"1"`.
    #[arg(long)]
    pub(crate) header: Vec<String>,
}

#[derive(Args)]
pub(crate) struct TokenArguments {
    /// The patient's id.
    pub(crate) patient: FileId,
    /// The card that opens the file.
    #[arg(long)]
    pub(crate) card: String,
    /// How long the token is good for, in hours; never longer than the session.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) hours: u64,
    #[command(flatten)]
    pub(crate) opening: OpeningArguments,
}

#[derive(Args)]
pub(crate) struct WhoOpenedArguments {
    /// The card that asks: an officer's, or the patient's own.
    #[arg(long, default_value = "officer-1")]
    pub(crate) card: String,
    /// Only this patient's file.
    #[arg(long)]
    pub(crate) patient: Option<FileId>,
    /// Only what this card did.
    #[arg(long)]
    pub(crate) by_card: Option<CardId>,
    /// Only what this practice did.
    #[arg(long)]
    pub(crate) by_practice: Option<PracticeId>,
    /// Only what went through this server; deposits that passed through it count as well.
    #[arg(long)]
    pub(crate) server: Option<ServerId>,
    /// Not before this time (such as 2026-11-23T14:00:00Z).
    #[arg(long)]
    pub(crate) from: Option<String>,
    /// Before this time.
    #[arg(long)]
    pub(crate) to: Option<String>,
    /// Only the files with their sections, not every entry: for reports of millions of lines.
    #[arg(long)]
    pub(crate) sum: bool,
}

#[derive(Subcommand)]
pub(crate) enum DrillCommand {
    /// Name every drill and the incident that it replays.
    List,
    /// Play one.
    Run {
        /// Its name, as `drill list` says it.
        name: String,
        #[command(flatten)]
        how: DrillArguments,
    },
    /// Play all of them, one after the other.
    All(DrillArguments),
}

#[derive(Args)]
pub(crate) struct DrillArguments {
    /// How many files: hundreds (small), or as many as the original incidents had (full: 130,000
    /// and 1,060,936; half an hour and some gigabytes of disk).
    #[arg(long, value_enum, default_value_t = drill::Scale::Small)]
    pub(crate) scale: drill::Scale,
    /// Write report.html, report.pdf and report.json into this folder.
    #[arg(long)]
    pub(crate) report: Option<PathBuf>,
    /// Leave the data folders in the system's temporary folder, and say where.
    #[arg(long)]
    pub(crate) keep: bool,
    /// For `containment`: a file of a world, as docs/world.md has it.
    #[arg(long)]
    pub(crate) world: Option<PathBuf>,
    /// For `containment`: a file of attacks, as docs/attacks.md has it.
    #[arg(long)]
    pub(crate) attack: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(crate) enum WitnessCommand {
    /// Make a witness's keys, and print what its ledgers' servers need to know.
    Init(WitnessInitArguments),
    /// Cosign until told to stop.
    Serve(WitnessServeArguments),
}

#[derive(Args)]
pub(crate) struct WitnessInitArguments {
    /// Its name: an address without `https://`, such as `witness.example/w1`.
    pub(crate) name: String,
    /// The folder for its key and its memory.
    #[arg(long, default_value = "cofferdam-witness")]
    pub(crate) state: PathBuf,
}

#[derive(Args)]
pub(crate) struct WitnessServeArguments {
    /// A ledger to cosign: its verifier key, or a file with it, such as `ledger.vkey`.
    #[arg(long, required = true)]
    pub(crate) log: Vec<String>,
    /// The folder with its key and its memory.
    #[arg(long, default_value = "cofferdam-witness")]
    pub(crate) state: PathBuf,
    /// Where ledgers' servers reach it, over plain HTTP.
    #[arg(long, default_value = "127.0.0.1:9470")]
    pub(crate) listen: SocketAddr,
}

#[derive(Subcommand)]
pub(crate) enum KeysCommand {
    /// Wrap every file key under a new epoch, and destroy the old one: older copies of the key
    /// table are dead. May be interrupted at any moment and given again.
    Rotate,
    /// Put everything under a new root key with a new passphrase. The old one is asked for like at
    /// a start.
    Passphrase(PassphraseArguments),
}

#[derive(Args)]
pub(crate) struct PassphraseArguments {
    /// A file whose first line is the new passphrase; without it COFFERDAM_NEW_PASSPHRASE is taken,
    /// else you are asked.
    #[arg(long)]
    pub(crate) new_passphrase_file: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct BackupArguments {
    /// A folder that is not there yet.
    pub(crate) to: PathBuf,
}

#[derive(Args)]
pub(crate) struct RestoreArguments {
    /// The backup's folder.
    pub(crate) from: PathBuf,
}

/// Does what the command line says.
pub(crate) fn run(arguments: Arguments) -> Outcome<ExitCode> {
    let (home, json) = (Home::at(&arguments.home), arguments.json);
    match arguments.command {
        Command::Init(a) => init::init(&home, &a, json)?,
        Command::Serve => serve::serve(&home)?,
        Command::Demo(a) => demo::demo(&home, &a)?,
        Command::Card(CardCommand::Issue(a)) => orders::issue(&home, &a, json)?,
        Command::Card(CardCommand::List(a)) => orders::list(&home, &a, json)?,
        Command::Card(CardCommand::Revoke(a)) => orders::revoke(&home, &a, json)?,
        Command::Card(CardCommand::Relax(a)) => orders::relax(&home, &a, json)?,
        Command::Practice(a) => orders::practice(&home, &a, json)?,
        Command::Import(a) => import::import(&home, &a, json)?,
        Command::Approve(a) => orders::approve(&home, &a, json)?,
        Command::Fhir(a) => fhir_command::fhir(&home, &a)?,
        Command::Token(a) => fhir_command::token(&home, &a, json)?,
        Command::WhoOpened(a) => who_opened::who_opened(&home, &a, json)?,
        Command::Relation(command) => relations::relation(&home, &command, json)?,
        Command::Consent(command) => orders::consent(&home, &command, json)?,
        Command::Freeze(a) => orders::freeze(&home, &a, json)?,
        Command::Unfreeze(a) => orders::unfreeze(&home, &a, json)?,
        Command::Mark(a) => orders::mark(&home, &a, json)?,
        Command::Erase(a) => retention_command::erase(&home, &a, json)?,
        Command::Retention(command) => retention_command::command(&home, &command, json)?,
        Command::Ledger(LedgerCommand::Verify(a)) => ledger_command::verify(&home, &a, json)?,
        Command::Ledger(LedgerCommand::Show(a)) => ledger_command::show(&home, &a, json)?,
        Command::Ledger(LedgerCommand::Prove(a)) => proof::prove(&home, &a, json)?,
        Command::Ledger(LedgerCommand::Check(a)) => proof::check(&a, json)?,
        Command::Keys(KeysCommand::Rotate) => keys_command::rotate(&home, json)?,
        Command::Keys(KeysCommand::Passphrase(a)) => keys_command::passphrase(&home, &a, json)?,
        Command::Backup(a) => backup::backup(&home, &a, json)?,
        Command::Restore(a) => backup::restore(&home, &a, json)?,
        Command::Bench(a) => bench::bench(&a, json)?,
        Command::Drill(command) => return drill::command(&command, json),
        Command::Keyholder { seen_entries } => keyholder_process::run(&home, seen_entries)?,
        Command::Feeder => feeder::run(&home)?,
        Command::Witness(WitnessCommand::Init(a)) => witness_command::init(&a, json)?,
        Command::Witness(WitnessCommand::Serve(a)) => witness_command::serve(&a)?,
        Command::Watch(command) => watch_command::watch(&home, &command, json)?,
        Command::Incident(command) => crate::incident::incident(&home, &command, json)?,
        Command::Disclosure(command) => disclosure::disclosure(&home, &command, json)?,
        Command::Disclose(command) => disclosure::disclose(&command, json)?,
        Command::WatchProcess => watch_process::run(&home)?,
        Command::Server => server_process::run(&home)?,
    }
    Ok(ExitCode::SUCCESS)
}
