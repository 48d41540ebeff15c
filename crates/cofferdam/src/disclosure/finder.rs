//! `cofferdam disclose`: what the report page does, for those who do without it.

use super::receipts::same;
use super::{clean, read_path, told};
use crate::cli::{ReadAnswersArguments, SealArguments};
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::write_new;
use intake::Sealed;
use intake::desk;
use intake::key::{Certificate, fingerprint};
use intake::message::{FinderMessage, Report, open_answer};
use intake::phrase::Phrase;
use zeroize::Zeroizing;

const VARIABLE: &str = "COFFERDAM_PHRASE";

/// Seals a report or a text.
pub(super) fn seal(arguments: &SealArguments, json: bool) -> Outcome {
    let text = String::from_utf8(read_path(&arguments.key)?).unwrap_or_default();
    let certificate = Certificate::parse(&text).map_err(|error| {
        Failure::Tampered(format!(
            "{} is no officer's certificate: {error}",
            arguments.key.display()
        ))
    })?;
    let found = fingerprint(&certificate.intake_key);
    if arguments.fingerprint.as_ref().is_some_and(|given| same(given) != same(&found)) {
        return Err(Failure::Tampered(format!("nothing was sealed: the key is another, {found}")));
    }
    let phrase = match std::env::var(VARIABLE) {
        Ok(words) => words.parse().map_err(asked)?,
        Err(_) => Phrase::make().map_err(failed)?,
    };
    let (mailbox, key) = (phrase.mailbox().map_err(failed)?, phrase.answer_key().map_err(failed)?);
    let message = match (&arguments.report, &arguments.text) {
        (Some(path), _) => {
            let report: Report = serde_json::from_slice(&read_path(path)?)
                .map_err(|error| Failure::Asked(format!("{}: {error}", path.display())))?;
            FinderMessage::report(report, &key)
        }
        (None, Some(path)) => {
            let text = String::from_utf8(read_path(path)?)
                .map_err(|_| Failure::Asked(format!("{} is not UTF-8", path.display())))?;
            FinderMessage::text(&text, &key)
        }
        (None, None) => return Err(Failure::Asked("give --report or --text".into())),
    };
    let sealed = message
        .seal(&certificate.seal_key, &mailbox)
        .map_err(|_| Failure::Asked("it cannot be sealed: a message has at most 64 KiB".into()))?;
    write_new(&arguments.out, desk::body(&mailbox, &sealed).as_bytes())?;
    let words = phrase.words();
    let value = serde_json::json!({
        "phrase": words.as_str(),
        "fingerprint": found,
        "out": arguments.out,
    });
    let line = format!(
        "sealed to the key with the fingerprint\n  {found}\ninto {}. Your code phrase, to read the \
         answers with; nobody can give it to you again:\n  {}",
        arguments.out.display(),
        words.as_str()
    );
    told(json, &value, &line);
    Ok(())
}

/// Prints what asks for the answers.
pub(super) fn ask() -> Outcome {
    let mailbox = phrase()?.mailbox().map_err(failed)?;
    console::json(&serde_json::json!({ "mailbox": mailbox.to_string() }));
    Ok(())
}

/// Opens answers.
pub(super) fn read_answers(text: &[u8], phrase: &Phrase) -> Outcome<(u64, Vec<String>)> {
    let (mailbox, key) = (phrase.mailbox().map_err(failed)?, phrase.answer_key().map_err(failed)?);
    let told = desk::told(text)
        .ok_or_else(|| Failure::Asked("this is not what /report/answers gives".into()))?;
    let mut answers = Vec::new();
    for ((number, sealed), expected) in told.sealed.iter().zip(1..) {
        let opened = open_answer(&key, &mailbox, expected, sealed);
        match opened {
            Ok(text) if *number == expected => answers.push(text),
            _ => {
                return Err(Failure::Tampered(format!(
                    "answer {expected} is missing or was altered on the server: tell its operator \
                     another way"
                )));
            }
        }
    }
    Ok((told.received, answers))
}

/// Prints the answers.
pub(super) fn read(arguments: &ReadAnswersArguments, json: bool) -> Outcome {
    let (received, answers) = read_answers(&super::read(&arguments.answers)?, &phrase()?)?;
    if json {
        console::json(&serde_json::json!({"received": received, "answers": answers}));
        return Ok(());
    }
    console::say(&format!("messages of yours that arrived: {received}"));
    for (text, number) in answers.iter().zip(1..) {
        console::heading(&format!("answer {number}"));
        console::say(&clean(text));
    }
    if answers.is_empty() {
        console::say("there is no answer yet");
    }
    Ok(())
}

fn phrase() -> Outcome<Phrase> {
    let words = match std::env::var(VARIABLE) {
        Ok(words) => Zeroizing::new(words),
        Err(_) => console::secret("code phrase", "set the environment variable COFFERDAM_PHRASE")?,
    };
    words.parse().map_err(asked)
}

fn asked(error: intake::phrase::NoPhrase) -> Failure {
    Failure::Asked(error.to_string())
}

fn failed(_: Sealed) -> Failure {
    Failure::World("keys cannot be made from the code phrase".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use intake::message::seal_answer;

    #[test]
    fn answers_that_the_server_dropped_or_moved_are_noticed() {
        let phrase = Phrase::make().unwrap();
        let (mailbox, key) = (phrase.mailbox().unwrap(), phrase.answer_key().unwrap());
        let sealed = |number| {
            let sealed = seal_answer(&key, &mailbox, number, "thank you").unwrap();
            data_encoding::BASE64.encode(&sealed)
        };
        let told = |answers: &[(u32, u32)]| {
            let answers: Vec<_> = answers
                .iter()
                .map(
                    |(number, real)| serde_json::json!({"number": number, "sealed": sealed(*real)}),
                )
                .collect();
            let text = serde_json::json!({"received": 1, "answers": answers}).to_string();
            read_answers(text.as_bytes(), &phrase)
        };
        assert_eq!(told(&[(1, 1), (2, 2)]).unwrap().1.len(), 2);
        for altered in [&[(2, 2)][..], &[(1, 2), (2, 1)], &[(1, 1), (3, 3)], &[(1, 1), (2, 1)]] {
            assert!(matches!(told(altered), Err(Failure::Tampered(_))), "{altered:?}");
        }
    }
}
