//! The command `cofferdam`: patients' files, sealed, opened one at a time, every opening on record.

mod backup;
mod bench;
mod cli;
mod client;
mod config;
mod console;
mod demo;
mod failure;
mod fhir_command;
mod home;
mod import;
mod init;
mod keyholder_process;
mod ledger_command;
mod orders;
mod pki;
mod serve;
mod server_process;
mod who_opened;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let json = arguments.json;
    match cli::run(arguments) {
        Ok(code) => code,
        Err(failure) => {
            console::failed(&failure, json);
            failure.exit_code()
        }
    }
}
