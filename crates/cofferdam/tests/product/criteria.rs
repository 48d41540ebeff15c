//! Random parts of queries over what some resources have, and whether a resource passes them.

use crate::oracle::{
    Kind, Parameter, date_fits, moment, number_fits, plain, span, texts, tokens, values, words,
};
use crate::tree::Tree;

/// One part of a query, and whether a resource passes it.
pub(crate) struct Criterion {
    pub(crate) text: String,
    pub(crate) passes: Box<dyn Fn(&Tree) -> bool>,
}

/// A value of the parameter that some resource has, changed a little now and then.
pub(crate) fn criterion(
    random: &mut Random,
    parameter: &Parameter,
    own: &[&Tree],
) -> Option<Criterion> {
    let (name, kind, paths) = *parameter;
    if random.below(8) == 0 {
        let missing = random.below(2) == 1;
        let text = format!("{name}:missing={missing}");
        let passes = move |tree: &Tree| values(tree, paths).is_empty() == missing;
        return (kind != Kind::CodeAndQuantity)
            .then(|| Criterion { text, passes: Box::new(passes) });
    }
    let all: Vec<&Tree> = own.iter().flat_map(|tree| values(tree, paths)).collect();
    let value = (!all.is_empty()).then(|| random.of(&all))?;
    let (modifier, asked, fits) = match kind {
        Kind::Token => token_test(random, value)?,
        Kind::Text => text_test(random, value)?,
        Kind::Date => date_test(random, value)?,
        Kind::Number => number_test(random, value)?,
        Kind::Quantity => quantity_test(random, value)?,
        Kind::Reference => reference_test(random, value)?,
        Kind::Uri => uri_test(random, value)?,
        Kind::CodeAndQuantity => {
            let codes = values(value, &["code"]);
            let quantities = values(value, &["valueQuantity"]);
            let (code, quantity) = (codes.first()?, quantities.first()?);
            let (system, code) = *tokens(code).first()?;
            let asked = format!("{}|{code}", system?);
            let code_fits = has_token(system.map(str::to_owned), code);
            let (_, number, number_fits) = quantity_test(random, quantity)?;
            let fits = move |value: &Tree| {
                values(value, &["code"]).into_iter().any(&code_fits)
                    && values(value, &["valueQuantity"]).into_iter().any(&number_fits)
            };
            ("", format!("{asked}${number}"), Box::new(fits) as Fits)
        }
    };
    let text = format!("{name}{modifier}={}", encoded(&asked));
    let wanted = modifier != ":not";
    let passes = move |tree: &Tree| values(tree, paths).into_iter().any(&fits) == wanted;
    Some(Criterion { text, passes: Box::new(passes) })
}

type Fits = Box<dyn Fn(&Tree) -> bool>;
/// Modifier, value, and whether an element passes.
type Test = Option<(&'static str, String, Fits)>;

fn has_token(system: Option<String>, code: &str) -> impl Fn(&Tree) -> bool + use<> {
    let code = code.to_owned();
    move |value| {
        tokens(value).into_iter().any(|(found, text)| {
            text.eq_ignore_ascii_case(&code)
                && system.as_ref().is_none_or(|system| found == Some(system))
        })
    }
}

fn token_test(random: &mut Random, value: &Tree) -> Test {
    let words: Vec<&str> = words(value).into_iter().filter(|text| text.is_ascii()).collect();
    if !words.is_empty() && random.below(4) == 0 {
        let text = random.of(&words);
        let text = plain(&text[..1 + random.below(text.len())]);
        let asked = text.clone();
        let fits = move |value: &Tree| {
            crate::oracle::words(value).iter().any(|words| plain(words).starts_with(&text))
        };
        return (!escaped(&asked)).then(|| (":text", asked, Box::new(fits) as Fits));
    }
    let all = tokens(value);
    let (system, code) = (!all.is_empty()).then(|| random.of(&all))?;
    if escaped(code) || code.is_empty() {
        return None;
    }
    let modifier = if random.below(4) == 0 { ":not" } else { "" };
    match system.filter(|_| random.below(2) == 0) {
        Some(system) if random.below(4) == 0 => {
            let (asked, system) = (format!("{system}|"), system.to_owned());
            let fits = move |value: &Tree| {
                tokens(value).into_iter().any(|(found, _)| found == Some(&system))
            };
            Some((modifier, asked, Box::new(fits)))
        }
        Some(system) => {
            let fits = has_token(Some(system.to_owned()), code);
            Some((modifier, format!("{system}|{code}"), Box::new(fits)))
        }
        // Two of them: either will do.
        None => {
            let (one, other) = (has_token(None, code), has_token(None, "no-such-code"));
            let fits = move |value: &Tree| one(value) || other(value);
            Some((modifier, format!("{code},no-such-code"), Box::new(fits)))
        }
    }
}

fn text_test(random: &mut Random, value: &Tree) -> Test {
    let all: Vec<&str> = texts(value).into_iter().filter(|text| !text.is_empty()).collect();
    let text = (!all.is_empty()).then(|| random.of(&all))?;
    let letters: Vec<char> = text.chars().collect();
    let (from, to) = (random.below(letters.len()), random.below(letters.len()) + 1);
    let cut = |from: usize, to: usize| letters[from..to].iter().collect::<String>();
    let (modifier, asked): (&str, String) = match random.below(3) {
        0 => (":exact", if random.below(2) == 0 { text.to_owned() } else { cut(0, to) }),
        1 => (":contains", cut(from.min(to - 1), to).to_uppercase()),
        _ => ("", cut(0, to).to_lowercase()),
    };
    let (how, sought) = (modifier, asked.clone());
    let fits = move |value: &Tree| {
        texts(value).into_iter().any(|text| match how {
            ":exact" => text == sought,
            ":contains" => plain(text).contains(&plain(&sought)),
            _ => plain(text).starts_with(&plain(&sought)),
        })
    };
    (!escaped(&asked) && !asked.trim().is_empty())
        .then(|| (modifier, asked, Box::new(fits) as Fits))
}

fn date_test(random: &mut Random, value: &Tree) -> Test {
    let texts = [value.as_text(), Some(value.text("start")), Some(value.text("end"))];
    let texts: Vec<&str> = texts.into_iter().flatten().filter(|text| !text.is_empty()).collect();
    let text = (!texts.is_empty()).then(|| random.of(&texts))?;
    let lengths: Vec<usize> =
        [4, 7, 10, text.len()].into_iter().filter(|n| *n <= text.len()).collect();
    let text = &text[..random.of(&lengths)];
    let prefix = random.of(&["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"]);
    let asked = moment(text);
    let fits = move |value: &Tree| span(value).is_some_and(|found| date_fits(prefix, asked, found));
    Some(("", format!("{prefix}{text}"), Box::new(fits)))
}

/// The number, or its beginning, and a prefix.
fn near(random: &mut Random, value: &Tree) -> Option<(&'static str, String)> {
    let Tree::Literal(number) = value else { return None };
    let point = number.find('.').unwrap_or(number.len());
    let lengths = [number.len(), point, number.len().min(point + 2), number.len().min(point + 3)];
    let number = number[..random.of(&lengths)].trim_end_matches('.').to_owned();
    let prefix = random.of(&["", "", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"]);
    (!number.contains(['e', 'E'])).then_some((prefix, number))
}

fn number_test(random: &mut Random, value: &Tree) -> Test {
    let (prefix, number) = near(random, value)?;
    let asked = format!("{prefix}{number}");
    let fits = move |value: &Tree| match value {
        Tree::Literal(found) => number_fits(prefix, &number, found),
        _ => false,
    };
    Some(("", asked, Box::new(fits)))
}

fn quantity_test(random: &mut Random, value: &Tree) -> Test {
    let (prefix, number) = near(random, value.get("value")?)?;
    let (system, code, unit) = (value.text("system"), value.text("code"), value.text("unit"));
    let (system, code, unit) = (system.to_owned(), code.to_owned(), unit.to_owned());
    let how = random.below(3);
    let asked = match how {
        0 => format!("{prefix}{number}"),
        1 if !system.is_empty() && !code.is_empty() => format!("{prefix}{number}|{system}|{code}"),
        2 if !unit.is_empty() => format!("{prefix}{number}||{unit}"),
        _ => return None,
    };
    let escapes = escaped(&code) || escaped(&unit);
    let fits = move |value: &Tree| {
        let unit_fits = match how {
            0 => true,
            1 => value.text("system") == system && value.text("code") == code,
            _ => value.text("code") == unit || value.text("unit") == unit,
        };
        let found = value.get("value");
        unit_fits && matches!(found, Some(Tree::Literal(n)) if number_fits(prefix, &number, n))
    };
    (!escapes).then(|| ("", asked, Box::new(fits) as Fits))
}

fn reference_test(random: &mut Random, value: &Tree) -> Test {
    let reference = value.text("reference").to_owned();
    let id = reference.split_once('/')?.1.to_owned();
    let asked = if random.below(2) == 0 { reference.clone() } else { id };
    Some(("", asked, Box::new(move |value| value.text("reference") == reference)))
}

fn uri_test(random: &mut Random, value: &Tree) -> Test {
    let uri = value.as_text()?.to_owned();
    match uri.rfind('/').filter(|_| random.below(2) == 0) {
        Some(at) => {
            let above = uri[..at].to_owned();
            let below = format!("{above}/");
            let asked = above.clone();
            let is_below = move |text: &str| text == above || text.starts_with(&below);
            let fits = move |value: &Tree| value.as_text().is_some_and(&is_below);
            Some((":below", asked, Box::new(fits)))
        }
        None => {
            let asked = uri.clone();
            Some(("", asked, Box::new(move |value| value.as_text() == Some(&uri))))
        }
    }
}

/// Whether a text has what separates values.
fn escaped(text: &str) -> bool {
    text.contains([',', '|', '$', '\\'])
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// The same seed, the same queries (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).unwrap()
    }

    pub(crate) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}
