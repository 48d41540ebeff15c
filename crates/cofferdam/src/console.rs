//! What people and programs read: lines on standard output, trouble on standard error.

#![expect(clippy::print_stderr, reason = "this is a command")]

use crate::failure::{Failure, Outcome};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::io::{BufRead, ErrorKind, IsTerminal, Read, Write};
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// Shortest passphrase of a key that lies as a file.
const PASSPHRASE_LENGTH_MIN: usize = 12;
/// Longest first line of a file that holds a secret.
const SECRET_BYTES_MAX: u64 = 4096;
/// Why output was cut off, once it was.
static LOST: OnceLock<String> = OnceLock::new();

/// Prints a line for people.
pub(crate) fn say(line: &str) {
    write(&clean(line));
}

/// Prints a heading, bold on a terminal.
pub(crate) fn heading(line: &str) {
    let line = clean(line);
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        write(&format!("\n\u{1b}[1m{line}\u{1b}[0m"));
    } else {
        write(&format!("\n{line}"));
    }
}

/// Prints a value for programs, as one line of JSON.
pub(crate) fn json<T: Serialize>(value: &T) {
    match serde_json::to_string(value) {
        Ok(line) => write(&escaped(&line)),
        Err(error) => warn(&format!("cannot be written as JSON: {error}")),
    }
}

/// Says something that is not the result, on standard error.
pub(crate) fn warn(line: &str) {
    eprintln!("{}", clean(line));
}

fn write(line: &str) {
    bytes(format!("{line}\n").as_bytes());
}

/// Prints what came from elsewhere, as it came. Output that cannot be written is cut off there and
/// remembered: [`whole`] says it in the end.
pub(crate) fn bytes(text: &[u8]) {
    let mut out = std::io::stdout().lock();
    if LOST.get().is_none()
        && let Err(error) = out.write_all(text).and_then(|()| out.flush())
    {
        let _ = LOST.set(match error.kind() {
            // A reader that went away, such as `head`, is no failure of the command.
            ErrorKind::BrokenPipe => String::new(),
            _ => error.to_string(),
        });
    }
}

/// Whether everything was written that somebody still reads: a list that is cut off is none.
pub(crate) fn whole() -> Outcome {
    match LOST.get().filter(|error| !error.is_empty()) {
        Some(error) => Err(Failure::World(format!("the output is not complete: {error}"))),
        None => Ok(()),
    }
}

/// Text for a terminal: no control character, and nothing that turns the direction of writing, so
/// that it shows as what it is. Reasons, names and notes come from others, thieves among them.
pub(crate) fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\t', " ");
    text.chars().map(|c| if c == '\n' || !steers(c) { c } else { '\u{fffd}' }).collect()
}

/// The same for what is to stay on its line: what somebody wrote makes no line of its own.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// JSON that means the same and steers no terminal.
pub(crate) fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        // Line ends and the like stand between values, where they are JSON's own.
        if !c.is_ascii() && steers(c) {
            text.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            text.push(c);
        }
    }
    text
}

fn steers(c: char) -> bool {
    let turns = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    // Line and paragraph separators end a line as well.
    c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Says why a command failed.
pub(crate) fn failed(failure: &Failure, as_json: bool) {
    if as_json {
        let value = serde_json::json!({"error": failure.family(), "message": failure.to_string()});
        eprintln!("{}", escaped(&value.to_string()));
    } else {
        eprintln!("cofferdam: {}", clean(&failure.to_string()));
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
    let mut reader = std::io::BufReader::new(file).take(SECRET_BYTES_MAX + 1);
    reader.read_line(&mut line).map_err(Failure::world(path.display()))?;
    if line.len() as u64 > SECRET_BYTES_MAX {
        let text = "its first line is too long for a secret: is it another file?";
        return Err(Failure::Asked(format!("{}: {text}", path.display())));
    }
    Ok(Zeroizing::new(line.trim_end_matches(['\n', '\r']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_steers_no_terminal() {
        assert_eq!(clean("plain\r\ntext\tæ"), "plain\ntext æ");
        for hostile in ["\u{1b}]0;title\u{7}", "\u{9b}2J", "a\rb", "\u{202e}txt", "\u{0}"] {
            for shown in [clean(hostile), one_line(hostile)] {
                assert!(shown.contains('\u{fffd}'));
                assert!(shown.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{shown:?}");
            }
        }
        assert_eq!(one_line("one\ntwo\u{2028}three"), "one\u{fffd}two\u{fffd}three");
    }

    #[test]
    fn a_secret_is_a_short_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            secret_file(&path)
        };
        assert_eq!(*read("a b\r\nmore\n").unwrap(), "a b");
        assert!(matches!(read(&"a".repeat(5000)), Err(Failure::Asked(_))));
    }

    #[test]
    fn json_for_a_terminal_means_the_same() {
        let hostile = serde_json::json!({ "reason": "\u{9b}2J\u{202e}\u{1b}[2J æ\n" });
        let shown = escaped(&hostile.to_string());
        assert!(shown.chars().all(|c| !steers(c)), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), hostile);
    }
}
