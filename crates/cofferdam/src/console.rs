//! What people and programs read: lines on standard output, trouble on standard error.

#![expect(clippy::print_stderr, reason = "this is a command")]

use crate::failure::{Failure, Outcome};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::io::{BufRead, IsTerminal, Write};
use zeroize::Zeroizing;

/// Shortest passphrase of a key that lies as a file.
const PASSPHRASE_LENGTH_MIN: usize = 12;

/// Prints a line for people.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // A reader that went away, such as `head`, is no failure of the command.
    let _ = writeln!(out, "{line}");
}

/// Prints a heading, bold on a terminal.
pub(crate) fn heading(line: &str) {
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        say(&format!("\n\u{1b}[1m{line}\u{1b}[0m"));
    } else {
        say(&format!("\n{line}"));
    }
}

/// Prints a value for programs, as one line of JSON.
pub(crate) fn json<T: Serialize>(value: &T) {
    match serde_json::to_string(value) {
        Ok(line) => say(&line),
        Err(error) => warn(&format!("cannot be written as JSON: {error}")),
    }
}

/// Says something that is not the result, on standard error.
pub(crate) fn warn(line: &str) {
    eprintln!("{line}");
}

/// Says why a command failed.
pub(crate) fn failed(failure: &Failure, as_json: bool) {
    if as_json {
        let value = serde_json::json!({"error": failure.family(), "message": failure.to_string()});
        eprintln!("{value}");
    } else {
        eprintln!("cofferdam: {failure}");
    }
}

/// A progress bar on a terminal, nothing elsewhere.
pub(crate) fn progress(total: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(total);
    if let Ok(style) =
        ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {per_sec} {elapsed} (eta {eta})")
    {
        bar.set_style(style);
    }
    bar.set_message(what.to_owned());
    bar
}

/// Asks for a secret on the terminal without showing it.
pub(crate) fn secret(prompt: &str, instead: &str) -> Outcome<Zeroizing<String>> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Asked(format!("no terminal to ask for the {prompt}: {instead}")));
    }
    eprint!("{prompt}: ");
    let text = rpassword::read_password().map_err(Failure::world(prompt))?;
    Ok(Zeroizing::new(text))
}

/// Asks for a new secret twice.
pub(crate) fn new_secret(prompt: &str, instead: &str) -> Outcome<Zeroizing<String>> {
    let typed = secret(prompt, instead)?;
    if typed == secret("the same again", instead)? {
        return Ok(typed);
    }
    Err(Failure::Asked("what was typed the second time differs".into()))
}

/// A passphrase: from this environment variable, else from the terminal.
pub(crate) fn passphrase(variable: &str, prompt: &str) -> Outcome<Zeroizing<String>> {
    match std::env::var(variable) {
        Ok(passphrase) => Ok(Zeroizing::new(passphrase)),
        Err(_) => secret(prompt, &format!("set the environment variable {variable}")),
    }
}

/// The same for a new one, which is asked for twice and must not be short.
pub(crate) fn new_passphrase(variable: &str, prompt: &str) -> Outcome<Zeroizing<String>> {
    let passphrase = match std::env::var(variable) {
        Ok(passphrase) => Zeroizing::new(passphrase),
        Err(_) => new_secret(prompt, &format!("set the environment variable {variable}"))?,
    };
    if passphrase.chars().count() < PASSPHRASE_LENGTH_MIN {
        let text = format!("a passphrase has {PASSPHRASE_LENGTH_MIN} characters or more");
        return Err(Failure::Asked(text));
    }
    Ok(passphrase)
}

/// Reads the first line of a file that holds a secret.
pub(crate) fn secret_file(path: &std::path::Path) -> Outcome<Zeroizing<String>> {
    let file = std::fs::File::open(path).map_err(Failure::world(path.display()))?;
    let mut line = Zeroizing::new(String::new());
    std::io::BufReader::new(file).read_line(&mut line).map_err(Failure::world(path.display()))?;
    Ok(Zeroizing::new(line.trim_end_matches(['\n', '\r']).to_owned()))
}
