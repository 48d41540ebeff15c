use super::shape::{Shape, shape};
use super::value::{Prefix, prefix, split, unescape};
use crate::Json;
use crate::decimal::Decimal;
use crate::path::Node;

/// Longer numbers are no search for a measured value.
const DIGITS_MAX: usize = 40;

/// What a number parameter looks for.
pub(super) struct NumberTest {
    prefix: Prefix,
    number: Decimal,
    /// The numbers that `eq`, `ne` and `ap` mean; the upper one is not included.
    low: Decimal,
    high: Decimal,
}

/// What a quantity parameter looks for: a number and its unit.
pub(super) struct QuantityTest {
    number: NumberTest,
    unit: Unit,
}

enum Unit {
    Any,
    /// `number||code`: the code or the unit as it is printed.
    Code(String),
    /// `number|system|code`.
    Coded {
        system: String,
        code: String,
    },
}

impl NumberTest {
    pub(super) fn parse(value: &str) -> Option<NumberTest> {
        let (prefix, text) = prefix(value);
        if !is_number(text) {
            return None;
        }
        let (low, high) = match prefix {
            Prefix::Ap => Decimal::around(text),
            _ => Decimal::rounded_from(text),
        };
        Some(NumberTest { prefix, number: Decimal::parse(text), low, high })
    }

    pub(super) fn passes(&self, node: Node<'_>) -> bool {
        let found = match (shape(node.type_id), node.json) {
            (Shape::Number, Json::Number(number)) => exactly(number.as_str()),
            (Shape::Range, range) => range_of(range),
            _ => return false,
        };
        self.fits(&found)
    }

    fn fits(&self, found: &Interval) -> bool {
        let is_within = found.low.as_ref().is_some_and(|low| *low >= self.low)
            && found.high.as_ref().is_some_and(|high| *high < self.high);
        let above = |limit: &Decimal| found.high.as_ref().is_none_or(|high| high > limit);
        let below = |limit: &Decimal| found.low.as_ref().is_none_or(|low| low < limit);
        let from = |limit: &Decimal| found.high.as_ref().is_none_or(|high| high >= limit);
        let to = |limit: &Decimal| found.low.as_ref().is_none_or(|low| low <= limit);
        match self.prefix {
            Prefix::Eq => is_within,
            Prefix::Ne => !is_within,
            Prefix::Gt => above(&self.number),
            Prefix::Lt => below(&self.number),
            Prefix::Ge => from(&self.number),
            Prefix::Le => to(&self.number),
            Prefix::Sa => found.low.as_ref().is_some_and(|low| *low > self.number),
            Prefix::Eb => found.high.as_ref().is_some_and(|high| *high < self.number),
            Prefix::Ap => from(&self.low) && to(&self.high),
        }
    }
}

impl QuantityTest {
    /// Reads `number`, `number|system|code` or `number||code`.
    pub(super) fn parse(value: &str) -> Option<QuantityTest> {
        let parts: Vec<String> =
            split(value, '|').into_iter().map(unescape).collect::<Option<_>>()?;
        let number = NumberTest::parse(parts.first()?)?;
        let unit = match &parts[1..] {
            [] => Unit::Any,
            [_, code] if code.is_empty() => return None,
            [system, code] if system.is_empty() => Unit::Code(code.clone()),
            [system, code] => Unit::Coded { system: system.clone(), code: code.clone() },
            _ => return None,
        };
        Some(QuantityTest { number, unit })
    }

    pub(super) fn passes(&self, node: Node<'_>) -> bool {
        let json = node.json;
        match shape(node.type_id) {
            Shape::Quantity => {
                self.unit.fits(json.text("system"), json.text("code"), json.text("unit"))
                    && value_of(json).is_some_and(|found| self.number.fits(&found))
            }
            Shape::Money => {
                self.unit.fits(Some(CURRENCIES), json.text("currency"), None)
                    && value_of(json).is_some_and(|found| self.number.fits(&found))
            }
            Shape::Range => {
                let ends = ["low", "high"].map(|end| json.get(end));
                let mut ends = ends.into_iter().flatten();
                let fits = |end: &Json| {
                    self.unit.fits(end.text("system"), end.text("code"), end.text("unit"))
                };
                ends.all(fits) && self.number.fits(&range_of(json))
            }
            _ => false,
        }
    }
}

const CURRENCIES: &str = "urn:iso:std:iso:4217";

impl Unit {
    fn fits(&self, system: Option<&str>, code: Option<&str>, unit: Option<&str>) -> bool {
        match self {
            Unit::Any => true,
            Unit::Code(asked) => code == Some(asked) || unit == Some(asked),
            Unit::Coded { system: asked, code: asked_code } => {
                system == Some(asked) && code == Some(asked_code)
            }
        }
    }
}

/// What a value may be; no limit reaches for ever.
struct Interval {
    low: Option<Decimal>,
    high: Option<Decimal>,
}

fn exactly(text: &str) -> Interval {
    let number = Decimal::parse(text);
    Interval { low: Some(number.clone()), high: Some(number) }
}

/// The value of a Quantity; a comparator opens one side of it.
fn value_of(json: &Json) -> Option<Interval> {
    let Some(Json::Number(number)) = json.get("value") else { return None };
    let exact = exactly(number.as_str());
    Some(match json.text("comparator") {
        Some("<" | "<=") => Interval { low: None, ..exact },
        Some(">" | ">=") => Interval { high: None, ..exact },
        _ => exact,
    })
}

fn range_of(json: &Json) -> Interval {
    let end = |name| match json.get(name).and_then(|end| end.get("value")) {
        Some(Json::Number(number)) => Some(Decimal::parse(number.as_str())),
        _ => None,
    };
    Interval { low: end("low"), high: end("high") }
}

/// What a value is sorted by.
pub(super) fn sort_number(node: Node<'_>) -> Option<Decimal> {
    let number = match shape(node.type_id) {
        Shape::Range => node.json.get("low").and_then(|low| low.get("value")),
        Shape::Number => Some(node.json),
        _ => node.json.get("value"),
    };
    match number {
        Some(Json::Number(number)) => Some(Decimal::parse(number.as_str())),
        _ => None,
    }
}

/// Whether this is a number as searches have it: a sign, digits, a fraction, an exponent.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, exponent.strip_prefix(['-', '+']).unwrap_or(exponent))
        }
        None => (text, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    mantissa.len() <= DIGITS_MAX
        && exponent.len() <= 3
        && are_digits(whole)
        && are_digits(fraction)
        && are_digits(exponent)
}
