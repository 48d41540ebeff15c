//! The text of a search value: lists, parts, escapes and prefixes.

/// Splits at a separator that no backslash stands before; escapes stay for the parts.
pub(super) fn split(text: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut is_escaped) = (0, false);
    for (at, c) in text.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if c == separator {
            parts.push(&text[start..at]);
            start = at + c.len_utf8();
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Takes the escapes out; `None` where a backslash stands before nothing that is escaped.
pub(super) fn unescape(text: &str) -> Option<String> {
    let mut unescaped = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let escaped = chars.next().filter(|c| matches!(c, '\\' | ',' | '|' | '$'))?;
                unescaped.push(escaped);
            }
            c => unescaped.push(c),
        }
    }
    Some(unescaped)
}

/// How an ordered value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    Eq,
    Ne,
    Gt,
    Lt,
    Ge,
    Le,
    /// Starts after.
    Sa,
    /// Ends before.
    Eb,
    /// Approximately.
    Ap,
}

/// The prefix of a value, `eq` if it has none, and the rest.
pub(super) fn prefix(text: &str) -> (Prefix, &str) {
    const ALL: [(&str, Prefix); 9] = [
        ("eq", Prefix::Eq),
        ("ne", Prefix::Ne),
        ("gt", Prefix::Gt),
        ("lt", Prefix::Lt),
        ("ge", Prefix::Ge),
        ("le", Prefix::Le),
        ("sa", Prefix::Sa),
        ("eb", Prefix::Eb),
        ("ap", Prefix::Ap),
    ];
    let found = ALL.iter().find_map(|(word, prefix)| Some((*prefix, text.strip_prefix(word)?)));
    found.unwrap_or((Prefix::Eq, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_separators_do_not_separate() {
        assert_eq!(split(r"a,b\,c,\\,d", ','), ["a", r"b\,c", r"\\", "d"]);
        assert_eq!(split("", ','), [""]);
        assert_eq!(split("ä|ö", '|'), ["ä", "ö"]);
        assert_eq!(unescape(r"b\,c\\\|\$").as_deref(), Some(r"b,c\|$"));
        assert_eq!(unescape(r"a\b"), None);
        assert_eq!(unescape(r"a\"), None);
        assert_eq!(prefix("ge2020"), (Prefix::Ge, "2020"));
        assert_eq!(prefix("2020"), (Prefix::Eq, "2020"));
    }
}
