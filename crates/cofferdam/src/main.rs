//! The command `cofferdam`: patients' files, sealed, opened one at a time, every opening on record.

mod alerts;
mod backup;
mod bench;
mod cli;
mod client;
mod config;
mod console;
mod demo;
mod disclosure;
mod drill;
mod entry_json;
mod failure;
mod feeder;
mod fhir_command;
mod home;
mod import;
mod incident;
mod init;
mod keyholder_process;
mod keys_command;
mod ledger_command;
mod orders;
mod pki;
mod proof;
mod queue;
mod relations;
mod report;
mod retention_command;
mod serve;
mod server_process;
mod walls;
mod watch_command;
mod watch_process;
mod who_opened;
mod witness_command;

use clap::Parser;
use failure::{Failure, Outcome};
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = match cli::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return no_arguments(&error),
    };
    let json = arguments.json;
    let done = no_core_dumps().and_then(|()| cli::run(arguments));
    match done.and_then(|code| console::whole().map(|()| code)) {
        Ok(code) => code,
        Err(failure) => {
            console::failed(&failure, json);
            failure.exit_code()
        }
    }
}

/// Says what was asked wrongly, in the form that was asked for; or shows help or the version.
fn no_arguments(error: &clap::Error) -> ExitCode {
    let wants_json = std::env::args_os().take_while(|word| word != "--").any(|w| w == "--json");
    if !wants_json || !error.use_stderr() {
        error.exit();
    }
    let text = error.to_string();
    let failure = Failure::Asked(text.trim().trim_start_matches("error: ").to_owned());
    console::failed(&failure, true);
    failure.exit_code()
}

/// Every command has a PIN, a passphrase, keys or records in memory.
fn no_core_dumps() -> Outcome {
    use nix::sys::resource::{Resource, setrlimit};
    setrlimit(Resource::RLIMIT_CORE, 0, 0).map_err(Failure::world("no core dumps"))?;
    nix::sys::prctl::set_dumpable(false).map_err(Failure::world("no core dumps"))
}
