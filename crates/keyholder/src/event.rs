//! What the process says about itself: one line of JSON an event, on standard error.
//!
//! Trust: only ids, counts and fixed words go in; no caller passes text that came from a client.

use std::fmt::Display;
use std::io::Write;

/// Writes one event; a closed standard error loses it and harms nothing.
pub(crate) fn event(what: &str, fields: &[(&str, &dyn Display)]) {
    terms::planted!("says nothing", return);
    let mut line = format!("{{\"at\":\"{}\",\"event\":\"{what}\"", crate::clock::now());
    for (name, value) in fields {
        line.push_str(&format!(",\"{name}\":\"{}\"", escaped(&value.to_string())));
    }
    line.push_str("}\n");
    let _ = std::io::stderr().lock().write_all(line.as_bytes());
}

/// Makes panics say where they happened and nothing else: their message could hold content.
pub(crate) fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        event("panic", &[("place", &place)]);
    }));
}

fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            c if c.is_control() => " ".to_owned(),
            c => c.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn no_value_ends_a_line_or_a_string() {
        assert_eq!(escaped("a\"b\\c\nd\u{1b}"), "a\\\"b\\\\c d ");
    }
}
