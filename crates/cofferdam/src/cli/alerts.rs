//! What officers do with alerts.

use super::words::words;
use crate::alerts::Verdict;
use clap::{Args, Subcommand};

#[derive(Subcommand)]
pub(crate) enum WatchCommand {
    /// List the alerts that wait for an officer, the newest last.
    Alerts(AlertsArguments),
    /// One alert: what was found, what was done about it, what you can do next.
    Show(CaseArguments),
    /// Say that you are on it.
    Take(TakeArguments),
    /// Write something down about it.
    Note(NoteArguments),
    /// Come to an end with it.
    Close(CloseArguments),
    /// Follow alerts and cases as they come, until Ctrl-C; with `--json` one object a line.
    Tail(TailArguments),
}

#[derive(Args)]
pub(crate) struct AlertsArguments {
    /// All of them: closed ones, and those that wait for nobody.
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Args)]
pub(crate) struct CaseArguments {
    /// The alert, as `cofferdam watch alerts` names it.
    pub(crate) id: String,
}

#[derive(Args)]
pub(crate) struct WhoArguments {
    /// Who you are.
    #[arg(long = "as", env = "USER", default_value = "an officer", value_parser = words)]
    pub(crate) who: String,
}

#[derive(Args)]
pub(crate) struct TakeArguments {
    #[command(flatten)]
    pub(crate) case: CaseArguments,
    #[command(flatten)]
    pub(crate) who: WhoArguments,
}

#[derive(Args)]
pub(crate) struct NoteArguments {
    #[command(flatten)]
    pub(crate) case: CaseArguments,
    /// What is to be remembered. Never a patient's name.
    #[arg(long)]
    pub(crate) note: String,
    #[command(flatten)]
    pub(crate) who: WhoArguments,
}

#[derive(Args)]
pub(crate) struct CloseArguments {
    #[command(flatten)]
    pub(crate) case: CaseArguments,
    /// Whether it was misuse.
    #[arg(long)]
    pub(crate) verdict: Verdict,
    /// What you found out. Never a patient's name.
    #[arg(long)]
    pub(crate) note: String,
    #[command(flatten)]
    pub(crate) who: WhoArguments,
}

#[derive(Args)]
pub(crate) struct TailArguments {
    /// Begin with everything that is there already.
    #[arg(long)]
    pub(crate) all: bool,
}
