//! Messages as RFC 5424 has them, with structured data, and framed as RFC 5425 sends them.

use super::told::{Line, Told, What};
use std::fmt::Write;

/// RFC 5424: security and authorisation messages, local use 4 in some collectors.
const FACILITY: u8 = 10;
/// The private enterprise number that RFC 5612 reserves for documentation: the project has none
/// of its own.
const ENTERPRISE: u32 = 32_473;
/// RFC 5424, 6.1: every collector takes so many bytes, and should take more.
const BYTES_MAX: usize = 2_048;

/// One line as a message.
pub(crate) fn syslog(line: &Line, told: &Told, host: &str) -> String {
    let severity = match (&line.what, told.severity()) {
        (What::Alert(_), 5) => 2,
        (What::Alert(_), 4) => 4,
        (What::Alert(_), 2) => 5,
        _ => 6,
    };
    let (event, extra) = match &line.what {
        What::Alert(_) => ("alert", None),
        What::Acted { done: true } => ("acted", None),
        What::Acted { done: false } => ("not-acted", None),
        What::Taken { who } => ("taken", Some(("who", who.as_str()))),
        What::Note { who, .. } => ("note", Some(("who", who.as_str()))),
        What::Closed { verdict, .. } => ("closed", Some(("verdict", verdict.word()))),
    };
    let evidence = told.evidence.iter().map(u64::to_string).collect::<Vec<_>>().join(" ");
    let step = told.ordered.as_ref().map(|ordered| ordered.step.as_str());
    let fields = [
        ("id", Some(line.id.as_str())),
        ("finding", Some(&told.finding)),
        ("level", Some(&told.level)),
        ("card", told.card.as_deref()),
        ("practice", told.practice.as_deref()),
        ("server", told.server.as_deref()),
        ("file", told.file.as_deref()),
        ("step", step),
        ("entries", Some(&evidence)),
        extra.map_or(("", None), |(name, value)| (name, Some(value))),
    ];
    let mut data = format!("[cofferdam@{ENTERPRISE}");
    for (name, value) in fields {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            // Writing to a string does not fail.
            let _ = write!(data, " {name}=\"{}\"", escaped(value));
        }
    }
    data.push(']');
    let priority = FACILITY * 8 + severity;
    let host = printable(host, 255);
    let head = format!("<{priority}>1 {} {host} cofferdam - {event} ", line.at);
    // The mark says that what follows is UTF-8.
    let mut message = format!("{head}{data} \u{feff}{}", told.reviewer);
    while message.len() > BYTES_MAX {
        message.pop();
    }
    message
}

/// The message with its length before it (RFC 5425, 4.3).
pub(crate) fn frame(message: &str) -> Vec<u8> {
    format!("{} {message}", message.len()).into_bytes()
}

/// RFC 5424, 6.3.3: what a value has to escape. Control characters have no place in one.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for character in value.chars().filter(|character| !character.is_control()) {
        if matches!(character, '"' | '\\' | ']') {
            text.push('\\');
        }
        text.push(character);
    }
    text
}

/// Printable ASCII without blanks, or the nil value.
fn printable(text: &str, most: usize) -> String {
    let text: String = text.chars().filter(char::is_ascii_graphic).take(most).collect();
    if text.is_empty() { "-".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::super::told::tests::{closed, line};
    use super::*;

    fn told() -> Told {
        match line().what {
            What::Alert(told) => *told,
            _ => unreachable!("the line is an alert"),
        }
    }

    /// A message taken apart by the grammar of RFC 5424, section 6: header, structured data, text.
    fn parse(message: &str) -> (Vec<String>, Vec<(String, String)>, String) {
        let (priority, rest) = message.strip_prefix('<').unwrap().split_once('>').unwrap();
        assert!(priority.parse::<u8>().unwrap() <= 191);
        let mut parts = rest.splitn(7, ' ');
        let header: Vec<String> = parts.by_ref().take(6).map(str::to_owned).collect();
        assert_eq!(header[0], "1");
        assert!(header.iter().all(|part| part.bytes().all(|b| (33..=126).contains(&b))));
        let rest = parts.next().unwrap();
        let mut characters = rest.strip_prefix('[').unwrap().chars();
        let mut id = String::new();
        let mut fields = Vec::new();
        let mut character = characters.next().unwrap();
        while !" ]".contains(character) {
            id.push(character);
            character = characters.next().unwrap();
        }
        assert!(id.len() <= 32 && id.contains('@'));
        while character == ' ' {
            let name: String = characters.by_ref().take_while(|c| *c != '=').collect();
            assert_eq!(characters.next(), Some('"'));
            let mut value = String::new();
            loop {
                match characters.next().unwrap() {
                    '"' => break,
                    '\\' => value.push(characters.next().unwrap()),
                    ']' => panic!("a bracket that is not escaped"),
                    other => value.push(other),
                }
            }
            fields.push((name, value));
            character = characters.next().unwrap();
        }
        assert_eq!((character, characters.next()), (']', Some(' ')));
        (header, fields, characters.collect())
    }

    #[test]
    fn messages_keep_to_the_grammar() {
        let hostile = Told { card: Some("a\"]\\\n[x y=\"1\"".into()), ..told() };
        for (line, told) in [(line(), told()), (closed(), told()), (line(), hostile)] {
            let message = syslog(&line, &told, "host name\n");
            let (header, fields, text) = parse(&message);
            assert_eq!(header[2..4], ["hostname", "cofferdam"]);
            assert_eq!(fields[0], ("id".to_owned(), line.id.clone()));
            let card = told.card.clone().unwrap().replace('\n', "");
            assert!(fields.contains(&("card".to_owned(), card)), "{fields:?}");
            assert_eq!(text, format!("\u{feff}{}", told.reviewer));
            assert!(message.len() <= BYTES_MAX && !message.contains('\n'));
        }
    }

    #[test]
    fn severity_follows_from_who_has_to_do_something() {
        let critical = Told { critical: true, ..told() };
        assert!(syslog(&line(), &critical, "h").starts_with("<82>1 "));
        assert!(syslog(&line(), &told(), "h").starts_with("<84>1 "));
        assert!(syslog(&closed(), &told(), "h").starts_with("<86>1 "));
    }

    #[test]
    fn a_frame_counts_bytes() {
        assert_eq!(frame("é"), "2 é".as_bytes());
    }
}
