use super::{Json, JsonError, JsonErrorKind, Limits, Number, Object};
use crate::names::Key;
use std::fmt::Write as _;

/// Recursion stays within this, whatever the caller's limits say.
const DEPTH_MAX: usize = 256;
const NUMBER_BYTES_MAX: usize = 128;
/// Up to this many members, comparing all pairs is quicker than sorting.
const PAIRWISE_MAX: usize = 16;

/// Reads one value; see [`Json::parse`].
pub(super) fn parse(text: &[u8], limits: &Limits) -> Result<Json, JsonError> {
    let refuse = |at, kind| Failure::new(at, kind).locate(text);
    if text.len() > limits.bytes {
        return Err(refuse(limits.bytes, JsonErrorKind::TooLong));
    }
    if text.starts_with(b"\xef\xbb\xbf") {
        return Err(refuse(0, JsonErrorKind::ByteOrderMark));
    }
    let valid = std::str::from_utf8(text)
        .map_err(|error| refuse(error.valid_up_to(), JsonErrorKind::NotUtf8))?;
    let mut parser = Parser {
        text: valid,
        bytes: text,
        at: 0,
        depth_left: limits.depth.min(DEPTH_MAX),
        values_left: limits.values,
        items: Vec::new(),
        members: Vec::new(),
    };
    parser.document().map_err(|failure| failure.locate(text))
}

/// An error on its way up; boxed, so that the way down stays narrow.
struct Failure(Box<Place>);

struct Place {
    at: usize,
    kind: JsonErrorKind,
    /// Innermost first.
    path: Vec<Step>,
}

enum Step {
    Member(Key),
    Item(usize),
}

impl Failure {
    fn new(at: usize, kind: JsonErrorKind) -> Failure {
        Failure(Box::new(Place { at, kind, path: Vec::new() }))
    }

    fn within(mut self, step: Step) -> Failure {
        self.0.path.push(step);
        self
    }

    fn locate(self, text: &[u8]) -> JsonError {
        let Place { at, kind, path } = *self.0;
        let before = &text[..at.min(text.len())];
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1);
        let mut place = "$".to_string();
        for step in path.iter().rev() {
            let _ = match step {
                Step::Member(key) => write!(place, ".{key:?}"),
                Step::Item(index) => write!(place, "[{index}]"),
            };
        }
        JsonError { kind, line, column: before.len() - start + 1, path: place }
    }
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth_left: usize,
    values_left: usize,
    /// Items and members of the containers that are open, so that each is allocated once.
    items: Vec<Json>,
    members: Vec<(Key, Json)>,
}

impl<'a> Parser<'a> {
    fn document(&mut self) -> Result<Json, Failure> {
        let value = self.value()?;
        self.skip_space();
        if self.at < self.bytes.len() {
            return Err(self.fail(JsonErrorKind::Trailing));
        }
        Ok(value)
    }

    fn value(&mut self) -> Result<Json, Failure> {
        self.skip_space();
        if self.values_left == 0 {
            return Err(self.fail(JsonErrorKind::TooMany));
        }
        self.values_left -= 1;
        match self.peek()? {
            b'"' => Ok(Json::String(self.string()?.into_boxed())),
            b'{' => self.nested(Self::object),
            b'[' => self.nested(Self::array),
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'n' => self.word("null", Json::Null),
            _ => Err(self.fail(JsonErrorKind::Unexpected)),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Json, Failure>) -> Result<Json, Failure> {
        if self.depth_left == 0 {
            return Err(self.fail(JsonErrorKind::TooDeep));
        }
        self.depth_left -= 1;
        self.at += 1;
        let value = read(self)?;
        self.depth_left += 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Json, Failure> {
        let first = self.members.len();
        self.skip_space();
        if self.peek()? == b'}' {
            self.at += 1;
            return Ok(Json::Object(Object::new()));
        }
        loop {
            self.skip_space();
            if self.peek()? != b'"' {
                return Err(self.fail(JsonErrorKind::Unexpected));
            }
            let key = Key::new(self.string()?.as_str());
            self.skip_space();
            self.expect(b':')?;
            match self.value() {
                Ok(value) => self.members.push((key, value)),
                Err(failure) => return Err(failure.within(Step::Member(key))),
            }
            self.skip_space();
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => break,
                _ => return Err(self.fail(JsonErrorKind::Unexpected)),
            }
        }
        if has_duplicate(&self.members[first..]) {
            return Err(self.fail(JsonErrorKind::Duplicate));
        }
        self.at += 1;
        Ok(Json::Object(Object::from_members(self.members.drain(first..).collect())))
    }

    fn array(&mut self) -> Result<Json, Failure> {
        let first = self.items.len();
        self.skip_space();
        if self.peek()? == b']' {
            self.at += 1;
            return Ok(Json::Array(Vec::new()));
        }
        loop {
            match self.value() {
                Ok(value) => self.items.push(value),
                Err(failure) => return Err(failure.within(Step::Item(self.items.len() - first))),
            }
            self.skip_space();
            match self.peek()? {
                b',' => self.at += 1,
                b']' => break,
                _ => return Err(self.fail(JsonErrorKind::Unexpected)),
            }
        }
        self.at += 1;
        Ok(Json::Array(self.items.drain(first..).collect()))
    }

    fn number(&mut self) -> Result<Json, Failure> {
        let start = self.at;
        if self.bytes[self.at] == b'-' {
            self.at += 1;
        }
        match self.digits() {
            0 => return Err(self.fail(JsonErrorKind::Number)),
            1 => {}
            digits if self.bytes[self.at - digits] == b'0' => {
                return Err(self.fail(JsonErrorKind::Number));
            }
            _ => {}
        }
        if self.bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.fail(JsonErrorKind::Number));
            }
        }
        if let Some(b'e' | b'E') = self.bytes.get(self.at) {
            self.at += 1;
            if let Some(b'+' | b'-') = self.bytes.get(self.at) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.fail(JsonErrorKind::Number));
            }
        }
        if self.at - start > NUMBER_BYTES_MAX {
            return Err(Failure::new(start, JsonErrorKind::LongNumber));
        }
        Ok(Json::Number(Number(self.text[start..self.at].into())))
    }

    fn digits(&mut self) -> usize {
        let rest = &self.bytes[self.at..];
        let count = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        self.at += count;
        count
    }

    fn word(&mut self, word: &str, value: Json) -> Result<Json, Failure> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.fail(JsonErrorKind::Unexpected));
        }
        self.at += word.len();
        Ok(value)
    }

    fn string(&mut self) -> Result<Text<'a>, Failure> {
        self.at += 1;
        let start = self.at;
        self.skip_plain()?;
        if self.bytes[self.at] == b'"' {
            self.at += 1;
            return Ok(Text::Plain(&self.text[start..self.at - 1]));
        }
        let mut unescaped = String::new();
        let mut plain = start;
        while self.bytes[self.at] != b'"' {
            unescaped.push_str(&self.text[plain..self.at]);
            unescaped.push(self.escape()?);
            plain = self.at;
            self.skip_plain()?;
        }
        unescaped.push_str(&self.text[plain..self.at]);
        self.at += 1;
        Ok(Text::Unescaped(unescaped))
    }

    /// Goes on to the next quote or backslash.
    fn skip_plain(&mut self) -> Result<(), Failure> {
        let special = |&byte: &u8| byte < 0x20 || byte == b'"' || byte == b'\\';
        let Some(length) = self.bytes[self.at..].iter().position(special) else {
            self.at = self.bytes.len();
            return Err(self.fail(JsonErrorKind::End));
        };
        self.at += length;
        if self.bytes[self.at] < 0x20 { Err(self.fail(JsonErrorKind::Control)) } else { Ok(()) }
    }

    fn escape(&mut self) -> Result<char, Failure> {
        self.at += 1;
        let unescaped = match self.peek()? {
            byte @ (b'"' | b'\\' | b'/') => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(self.fail(JsonErrorKind::Escape)),
        };
        self.at += 1;
        Ok(unescaped)
    }

    fn unicode(&mut self) -> Result<char, Failure> {
        let start = self.at;
        let first = self.hex()?;
        let code = match first {
            0xd800..=0xdbff => {
                if !self.bytes[self.at..].starts_with(b"\\u") {
                    return Err(Failure::new(start, JsonErrorKind::Surrogate));
                }
                self.at += 1;
                let second = self.hex()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return Err(Failure::new(start, JsonErrorKind::Surrogate));
                }
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            code => code,
        };
        char::from_u32(code).ok_or_else(|| Failure::new(start, JsonErrorKind::Surrogate))
    }

    /// Reads `uXXXX`.
    fn hex(&mut self) -> Result<u32, Failure> {
        let mut code = 0;
        for at in self.at + 1..self.at + 5 {
            let byte = *self.bytes.get(at).ok_or_else(|| self.fail(JsonErrorKind::End))?;
            let digit = char::from(byte).to_digit(16);
            code = code * 16 + digit.ok_or_else(|| self.fail(JsonErrorKind::Escape))?;
        }
        self.at += 5;
        Ok(code)
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.bytes.get(self.at) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Result<u8, Failure> {
        self.bytes.get(self.at).copied().ok_or_else(|| self.fail(JsonErrorKind::End))
    }

    fn expect(&mut self, byte: u8) -> Result<(), Failure> {
        if self.peek()? != byte {
            return Err(self.fail(JsonErrorKind::Unexpected));
        }
        self.at += 1;
        Ok(())
    }

    fn fail(&self, kind: JsonErrorKind) -> Failure {
        Failure::new(self.at, kind)
    }
}

/// A string, borrowed unless it had escapes.
enum Text<'a> {
    Plain(&'a str),
    Unescaped(String),
}

impl Text<'_> {
    fn as_str(&self) -> &str {
        match self {
            Text::Plain(text) => text,
            Text::Unescaped(text) => text,
        }
    }

    fn into_boxed(self) -> Box<str> {
        match self {
            Text::Plain(text) => text.into(),
            Text::Unescaped(text) => text.into(),
        }
    }
}

fn has_duplicate(members: &[(Key, Json)]) -> bool {
    if members.len() <= PAIRWISE_MAX {
        return members
            .iter()
            .enumerate()
            .any(|(i, (key, _))| members[..i].iter().any(|(earlier, _)| earlier == key));
    }
    let mut names: Vec<&str> = members.iter().map(|(key, _)| key.as_str()).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}
