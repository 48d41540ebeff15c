//! Decimal numbers as FHIR means them: exact, of any length, with the precision they were
//! written with.

use std::cmp::Ordering;

/// A number as sign, digits and exponent: `0.d1d2d3… × 10^exponent`.
///
/// Comparison is exact at any length, up to exponents of a billion; equality is of value, so
/// `1.0` equals `1.00`.
#[derive(Clone, Debug)]
pub(crate) struct Decimal {
    is_negative: bool,
    /// Without zeros in front; empty for zero.
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// Reads a number of the JSON grammar; anything else reads as far as it goes.
    pub(crate) fn parse(text: &str) -> Decimal {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = whole.bytes().chain(fraction.bytes()).map(|digit| digit.wrapping_sub(b'0'));
        let mut digits: Vec<u8> = digits.collect();
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        digits.drain(..zeros);
        // What an i64 does not hold is beyond the limit on its side of zero.
        let beyond = if exponent.starts_with('-') { -EXPONENT_MAX } else { EXPONENT_MAX };
        let exponent = exponent.trim_start_matches('+').parse().unwrap_or(beyond);
        let exponent = exponent.clamp(-EXPONENT_MAX, EXPONENT_MAX);
        let exponent = exponent + whole.len() as i64 - zeros as i64;
        Decimal { is_negative, digits, exponent }
    }

    /// The number less and plus half a unit of its last digit: what it may have been rounded from.
    pub(crate) fn rounded_from(text: &str) -> (Decimal, Decimal) {
        let number = Decimal::parse(text);
        let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
        let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let power = text.split_once(['e', 'E']).and_then(|(_, e)| e.parse().ok()).unwrap_or(0i64);
        let power = power.clamp(-EXPONENT_MAX, EXPONENT_MAX);
        // The last digit counts 10^unit.
        let unit = power - fraction as i64;
        let half = Decimal { is_negative: false, digits: vec![5], exponent: unit };
        (number.plus(&half.negated()), number.plus(&half))
    }

    /// The number less and plus a tenth of itself.
    pub(crate) fn around(text: &str) -> (Decimal, Decimal) {
        let number = Decimal::parse(text);
        let mut tenth = Decimal { exponent: number.exponent - 1, ..number.clone() };
        tenth.is_negative = false;
        (number.plus(&tenth.negated()), number.plus(&tenth))
    }

    fn negated(&self) -> Decimal {
        Decimal { is_negative: !self.is_negative, ..self.clone() }
    }

    fn is_zero(&self) -> bool {
        self.digits.iter().all(|digit| *digit == 0)
    }

    /// The sum, unless the numbers are too far apart for it to differ from the larger one.
    fn plus(&self, other: &Decimal) -> Decimal {
        if other.is_zero() || self.exponent - other.exponent > DIGITS_MAX {
            return self.clone();
        }
        if self.is_zero() || other.exponent - self.exponent > DIGITS_MAX {
            return other.clone();
        }
        let last = |number: &Decimal| number.exponent - number.digits.len() as i64;
        let low = last(self).min(last(other));
        let high = self.exponent.max(other.exponent) + 1;
        let spread = |number: &Decimal| {
            let sign = if number.is_negative { -1 } else { 1 };
            let mut spread = vec![0i8; (high - low) as usize];
            let first = (high - number.exponent) as usize;
            for (place, digit) in spread[first..].iter_mut().zip(&number.digits) {
                *place = sign * *digit as i8;
            }
            spread
        };
        let sums: Vec<i8> = spread(self).iter().zip(spread(other)).map(|(a, b)| a + b).collect();
        Decimal::carried(sums, high)
    }

    /// Digits of mixed signs, brought to the form of a number.
    fn carried(mut sums: Vec<i8>, exponent: i64) -> Decimal {
        let is_negative = sums.iter().find(|sum| **sum != 0).is_some_and(|sum| *sum < 0);
        let mut carry = 0;
        for sum in sums.iter_mut().rev() {
            let value = if is_negative { -*sum } else { *sum } + carry;
            carry = value.div_euclid(10);
            *sum = value.rem_euclid(10);
        }
        let zeros = sums.iter().take_while(|sum| **sum == 0).count();
        let digits = sums[zeros..].iter().map(|sum| *sum as u8).collect();
        Decimal { is_negative, digits, exponent: exponent - zeros as i64 }
    }
}

const EXPONENT_MAX: i64 = 1_000_000_000;
const DIGITS_MAX: i64 = 400;

impl PartialEq for Decimal {
    fn eq(&self, other: &Decimal) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Decimal) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Decimal) -> Ordering {
        let sign = |number: &Decimal| match (number.is_zero(), number.is_negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let signs = sign(self).cmp(&sign(other));
        if signs.is_ne() || sign(self) == 0 {
            return signs;
        }
        let significant = |number: &Decimal| {
            number.digits.iter().rposition(|digit| *digit != 0).map_or(0, |last| last + 1)
        };
        let digits = |number: &'_ Decimal| number.digits[..significant(number)].to_vec();
        let size =
            self.exponent.cmp(&other.exponent).then_with(|| digits(self).cmp(&digits(other)));
        if self.is_negative { size.reverse() } else { size }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn order(a: &str, b: &str) -> Ordering {
        Decimal::parse(a).cmp(&Decimal::parse(b))
    }

    #[test]
    fn numbers_compare_by_value_at_any_length() {
        for (a, b) in [
            ("1", "1.00"),
            ("100", "1e2"),
            ("0", "-0.0"),
            ("0.001", "1e-3"),
            ("12E+3", "12000"),
            ("0e99999999999", "0"),
            ("5.0e-1", "0.5"),
        ] {
            assert!(order(a, b).is_eq(), "{a} {b}");
        }
        for (a, b) in [
            ("1", "1.0000000000000000000000000000000000001"),
            ("-2", "-1"),
            ("-1", "0"),
            ("9", "10"),
            ("0.5", "0.51"),
            ("-1e9", "1e-9"),
            ("1e-99999999999999999999", "1"),
        ] {
            assert!(order(a, b).is_lt(), "{a} {b}");
        }
    }

    #[test]
    fn a_number_stands_for_what_rounds_to_it() {
        for (text, low, high) in [
            ("100", "99.5", "100.5"),
            ("100.00", "99.995", "100.005"),
            ("1.0e2", "95", "105"),
            ("1e2", "50", "150"),
            ("5.4", "5.35", "5.45"),
            ("0", "-0.5", "0.5"),
            ("-5.4", "-5.45", "-5.35"),
            ("0.99", "0.985", "0.995"),
            ("0.2", "0.15", "0.25"),
        ] {
            let (from, to) = Decimal::rounded_from(text);
            assert!(from == Decimal::parse(low) && to == Decimal::parse(high), "{text}");
        }
        let (from, to) = Decimal::around("-50");
        assert!(from == Decimal::parse("-55") && to == Decimal::parse("-45"));
    }

    proptest! {
        #[test]
        fn sums_and_order_agree_with_whole_numbers(a in -99999i64..99999, b in -99999i64..99999,
            scale in 0u32..4) {
            let text = |n: i64| format!("{n}e-{scale}");
            let (x, y) = (Decimal::parse(&text(a)), Decimal::parse(&text(b)));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert!(x.plus(&y) == Decimal::parse(&text(a + b)));
        }
    }
}
