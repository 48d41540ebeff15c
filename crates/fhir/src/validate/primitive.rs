use crate::Json;
use crate::datetime::{self, Precision};
use crate::definitions::Primitive;

const ID_BYTES_MAX: usize = 64;
const STRING_BYTES_MAX: usize = 1024 * 1024;

/// What is wrong with a primitive's value, if anything.
pub(super) fn fault(primitive: Primitive, value: &Json) -> Option<&'static str> {
    match (primitive, value) {
        (Primitive::Boolean, Json::Bool(_)) => None,
        (Primitive::Boolean, _) => Some("true or false is expected"),
        (Primitive::Decimal, Json::Number(_)) => None,
        (Primitive::Decimal, _) => Some("a number is expected"),
        (Primitive::Integer | Primitive::PositiveInt | Primitive::UnsignedInt, _) => {
            integer_fault(primitive, value)
        }
        (_, Json::String(text)) => text_fault(primitive, text),
        _ => Some("a string is expected"),
    }
}

fn integer_fault(primitive: Primitive, value: &Json) -> Option<&'static str> {
    let least = match primitive {
        Primitive::PositiveInt => 1,
        Primitive::UnsignedInt => 0,
        _ => i32::MIN,
    };
    match value {
        Json::Number(number) => match number.as_str().parse::<i32>() {
            Ok(number) if number >= least => None,
            _ => Some("a whole number within the type's range is expected"),
        },
        _ => Some("a whole number is expected"),
    }
}

fn text_fault(primitive: Primitive, text: &str) -> Option<&'static str> {
    let (is_good, fault) = match primitive {
        Primitive::Code => (is_code(text), "not a code: white space"),
        Primitive::Id => (is_id(text), "not an id: 1 to 64 of A-Z a-z 0-9 - ."),
        Primitive::Uri => (is_uri(text), "not a URI: empty or white space"),
        Primitive::Oid => (is_oid(text), "not an OID as urn:oid:…"),
        Primitive::Uuid => (is_uuid(text), "not a UUID as urn:uuid:…"),
        Primitive::Date => (is_date(text), "not a date: YYYY, YYYY-MM or YYYY-MM-DD"),
        Primitive::DateTime => (is_date_time(text), "not a dateTime, or a time without a zone"),
        Primitive::Instant => (is_instant(text), "not an instant with seconds and a zone"),
        Primitive::Time => (datetime::is_time(text), "not a time: hh:mm:ss"),
        Primitive::Base64Binary => (is_base64(text), "not base64"),
        Primitive::Xhtml => (is_div(text), "not one <div> of XHTML"),
        _ => (is_string(text), "empty, longer than 1 MiB, or with control characters"),
    };
    (!is_good).then_some(fault)
}

/// Whether this may be the logical id of a resource.
pub fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    (1..=ID_BYTES_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

fn is_string(text: &str) -> bool {
    let is_control = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    !text.is_empty()
        && text.len() <= STRING_BYTES_MAX
        && !text.bytes().any(is_control)
        && !text.bytes().all(|byte| byte.is_ascii_whitespace())
}

fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text.split(' ').all(|word| {
            !word.is_empty() && !word.bytes().any(|b| b.is_ascii_whitespace() || b < 0x20)
        })
}

fn is_uri(text: &str) -> bool {
    !text.is_empty() && !text.bytes().any(|byte| byte <= b' ')
}

fn is_oid(text: &str) -> bool {
    let Some(oid) = text.strip_prefix("urn:oid:") else {
        return false;
    };
    let is_number = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    oid.starts_with(['0', '1', '2']) && oid.contains('.') && oid.split('.').all(is_number)
}

fn is_uuid(text: &str) -> bool {
    let Some(uuid) = text.strip_prefix("urn:uuid:") else {
        return false;
    };
    uuid.len() == 36
        && uuid.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_date(text: &str) -> bool {
    datetime::parse(text).is_some_and(|(moment, _)| moment.precision <= Precision::Day)
}

fn is_date_time(text: &str) -> bool {
    is_date(text) || is_instant(text)
}

fn is_instant(text: &str) -> bool {
    datetime::parse(text)
        .is_some_and(|(moment, has_zone)| moment.precision == Precision::Second && has_zone)
}

fn is_base64(text: &str) -> bool {
    let (mut digits, mut padding) = (0usize, 0usize);
    for byte in text.bytes() {
        match byte {
            b'=' => padding += 1,
            b' ' | b'\n' | b'\r' | b'\t' => {}
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => digits += 1,
            _ => return false,
        }
    }
    digits > 0 && padding <= 2 && (digits + padding).is_multiple_of(4)
}

fn is_div(text: &str) -> bool {
    let text = text.trim_ascii();
    text.starts_with("<div") && (text.ends_with("</div>") || text.ends_with("/>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(primitive: Primitive, good: &[&str], bad: &[&str]) {
        for text in good {
            assert_eq!(fault(primitive, &Json::from(*text)), None, "{primitive:?} {text}");
        }
        for text in bad {
            assert!(fault(primitive, &Json::from(*text)).is_some(), "{primitive:?} {text}");
        }
    }

    #[test]
    fn texts_are_held_to_their_forms() {
        accepts(Primitive::Code, &["a", "a b"], &["", " a", "a ", "a  b", "a\tb"]);
        accepts(Primitive::Id, &["a", "A-1.b"], &["", "a_b", "ä", &"a".repeat(65)]);
        accepts(Primitive::Uri, &["http://a/b", "x", "ü"], &["", "a b", "a\n"]);
        accepts(Primitive::Oid, &["urn:oid:1.2.0"], &["1.2", "urn:oid:3.1", "urn:oid:1.02"]);
        accepts(
            Primitive::Uuid,
            &["urn:uuid:018f428e-34f6-4707-8009-5ad742f901e7"],
            &["018f428e-34f6-4707-8009-5ad742f901e7", "urn:uuid:018f428e34f6470780095ad742f901e7"],
        );
        accepts(Primitive::Date, &["2020", "2020-02-29"], &["2021-02-29", "2020-01-01T10:00:00Z"]);
        accepts(
            Primitive::DateTime,
            &["2020", "2020-01", "2020-01-01T10:00:00+01:00", "2020-01-01T10:00:00.5Z"],
            &["2020-01-01T10:00Z", "2020-01-01T10:00:00", "20200101"],
        );
        accepts(Primitive::Instant, &["2020-01-01T10:00:00Z"], &["2020-01-01"]);
        accepts(Primitive::Time, &["10:00:00"], &["24:00:00", "1:00:00"]);
        accepts(Primitive::Base64Binary, &["QQ==", "QUJD", "QU JD"], &["", "Q", "Q===", "QQ=A"]);
        accepts(Primitive::Xhtml, &["<div>a</div>", "<div/>"], &["", "<p/>", "a<div></div>"]);
        accepts(Primitive::String, &["a", " a\n"], &["", "  ", "a\u{1}"]);
    }

    #[test]
    fn numbers_are_numbers_of_their_range() {
        let read = |text: &str| Json::parse(text.as_bytes(), &crate::Limits::default()).unwrap();
        for (primitive, text, is_good) in [
            (Primitive::Integer, "-1", true),
            (Primitive::Integer, "2147483648", false),
            (Primitive::Integer, "1.0", false),
            (Primitive::Integer, "1e2", false),
            (Primitive::Integer, "\"1\"", false),
            (Primitive::UnsignedInt, "0", true),
            (Primitive::UnsignedInt, "-1", false),
            (Primitive::PositiveInt, "0", false),
            (Primitive::Decimal, "1.00", true),
            (Primitive::Decimal, "\"1\"", false),
            (Primitive::Boolean, "true", true),
            (Primitive::Boolean, "\"true\"", false),
            (Primitive::String, "1", false),
        ] {
            assert_eq!(fault(primitive, &read(text)).is_none(), is_good, "{primitive:?} {text}");
        }
    }
}
