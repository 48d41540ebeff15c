use super::PathError;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Name(&'a str),
    Text(&'a str),
    Number(usize),
    /// `.`, `(`, `)`, `[`, `]`, `|`, `=`.
    Sign(char),
    NotEqual,
    End,
}

/// Tokens and where they start; the last one is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token<'_>)>, PathError> {
    let mut tokens = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let length = match byte {
            b' ' | b'\n' | b'\r' | b'\t' => {
                at += 1;
                continue;
            }
            b'.' | b'(' | b')' | b'[' | b']' | b'|' | b'=' => {
                tokens.push((at, Token::Sign(char::from(byte))));
                1
            }
            b'!' if bytes.get(at + 1) == Some(&b'=') => {
                tokens.push((at, Token::NotEqual));
                2
            }
            b'\'' => {
                let rest = &text[at + 1..];
                let end = rest.find('\'').ok_or(PathError { at, what: "an open string" })?;
                tokens.push((at, Token::Text(&rest[..end])));
                end + 2
            }
            b'0'..=b'9' => {
                let word = run(&text[at..], |byte| byte.is_ascii_digit());
                let number = word.parse().map_err(|_| PathError { at, what: "a long number" })?;
                tokens.push((at, Token::Number(number)));
                word.len()
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let word = run(&text[at..], |byte| byte.is_ascii_alphanumeric() || byte == b'_');
                tokens.push((at, Token::Name(word)));
                word.len()
            }
            _ => {
                return Err(PathError { at, what: "an unknown sign" });
            }
        };
        at += length;
    }
    tokens.push((text.len(), Token::End));
    Ok(tokens)
}

/// The longest start of the text whose bytes all belong.
fn run(text: &str, belongs: fn(u8) -> bool) -> &str {
    let end = text.bytes().position(|byte| !belongs(byte)).unwrap_or(text.len());
    &text[..end]
}
