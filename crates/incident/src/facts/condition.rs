//! Conditions on what is known, as data files write them: `fact.a is yes and count.b > 500`.
//!
//! An answer is yes, no or unknown; what is unknown is named, so that somebody can find it out.
//! `isnt-yet` holds as long as nobody said otherwise: laws that presume a duty are written so.
//! `*` is any word: `config.name isnt-yet *` holds while no name is configured.

use super::known::Knowledge;
use serde::{Deserialize, Deserializer};
use std::str::FromStr;

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Nobody said yet.
    Unknown,
}

/// Whether a condition holds, and what that rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The answer.
    pub holds: Holds,
    /// What decided it, a part each.
    pub because: Vec<String>,
    /// What would have to be known.
    pub unknown: Vec<String>,
}

/// A condition: alternatives, of each of which all parts have to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition(Vec<Vec<Test>>);

/// One part: a name, a sign, and what is held against it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Test {
    name: String,
    sign: Sign,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Sign {
    Is(String),
    IsNot(String),
    IsNotYet(String),
    Above(u64),
    AtLeast(u64),
    Below(u64),
}

impl Condition {
    /// Whether it holds.
    pub fn holds(&self, knowledge: &Knowledge) -> Verdict {
        let verdicts: Vec<Verdict> =
            self.0.iter().map(|tests| all(tests.iter().map(|t| t.holds(knowledge)))).collect();
        any(verdicts)
    }

    /// The names that it looks at.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flatten().map(|test| &*test.name)
    }
}

fn all(verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let verdicts: Vec<Verdict> = verdicts.collect();
    if let Some(no) = verdicts.iter().find(|verdict| verdict.holds == Holds::No) {
        return no.clone();
    }
    let is_unknown = verdicts.iter().any(|verdict| verdict.holds == Holds::Unknown);
    let holds = if is_unknown { Holds::Unknown } else { Holds::Yes };
    joined(holds, verdicts)
}

fn any(verdicts: Vec<Verdict>) -> Verdict {
    if let Some(yes) = verdicts.iter().find(|verdict| verdict.holds == Holds::Yes) {
        return yes.clone();
    }
    let is_unknown = verdicts.iter().any(|verdict| verdict.holds == Holds::Unknown);
    let holds = if is_unknown { Holds::Unknown } else { Holds::No };
    let told = verdicts.into_iter().filter(|verdict| verdict.holds == holds).collect();
    joined(holds, told)
}

fn joined(holds: Holds, verdicts: Vec<Verdict>) -> Verdict {
    let (mut because, mut unknown) = (Vec::new(), Vec::new());
    for verdict in verdicts {
        because.extend(verdict.because);
        unknown.extend(verdict.unknown);
    }
    // Two parts may look at the same name.
    for list in [&mut because, &mut unknown] {
        list.sort();
        list.dedup();
    }
    Verdict { holds, because, unknown }
}

impl Test {
    fn holds(&self, knowledge: &Knowledge) -> Verdict {
        let (holds, told) = match &self.sign {
            Sign::IsNotYet(word) => match knowledge.get(&self.name) {
                Some(known) => (!known.value.has(word), known.value.to_string()),
                None => (true, format!("not said to be {word}")),
            },
            Sign::Is(word) | Sign::IsNot(word) => {
                let Some(known) = knowledge.get(&self.name) else { return self.unknown() };
                let wanted = matches!(self.sign, Sign::Is(_));
                (known.value.has(word) == wanted, known.value.to_string())
            }
            Sign::Above(_) | Sign::AtLeast(_) | Sign::Below(_) => {
                let Some([low, high]) = knowledge.bounds(&self.name) else {
                    return self.unknown();
                };
                let holds = |number: u64| match self.sign {
                    Sign::Above(limit) => number > limit,
                    Sign::AtLeast(limit) => number >= limit,
                    Sign::Below(limit) => number < limit,
                    _ => false,
                };
                if holds(low) != holds(high) {
                    let told = format!("{} is at least {low}, at most {high}", self.name);
                    let verdict = self.unknown();
                    return Verdict { because: vec![told], ..verdict };
                }
                let told = if low == high { low.to_string() } else { format!("{low} to {high}") };
                (holds(low), told)
            }
        };
        let holds = if holds { Holds::Yes } else { Holds::No };
        let because = vec![format!("{} is {told}", self.name)];
        Verdict { holds, because, unknown: Vec::new() }
    }

    fn unknown(&self) -> Verdict {
        let unknown = vec![self.name.clone()];
        Verdict { holds: Holds::Unknown, because: Vec::new(), unknown }
    }
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Condition, String> {
        let alternatives = text.split(" or ");
        let tests = |part: &str| part.split(" and ").map(test).collect::<Result<Vec<_>, _>>();
        alternatives.map(tests).collect::<Result<_, _>>().map(Condition)
    }
}

fn test(text: &str) -> Result<Test, String> {
    let wrong = || {
        format!(
            "`{text}` is no condition: write NAME is WORD, NAME isnt WORD, NAME isnt-yet WORD, \
             NAME > NUMBER, NAME >= NUMBER or NAME < NUMBER, with `and` and `or` between them"
        )
    };
    let mut words = text.split_whitespace();
    let (Some(name), Some(sign), Some(other), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(wrong());
    };
    let number = || other.parse::<u64>().map_err(|_| wrong());
    let sign = match sign {
        "is" => Sign::Is(other.to_owned()),
        "isnt" => Sign::IsNot(other.to_owned()),
        "isnt-yet" => Sign::IsNotYet(other.to_owned()),
        ">" => Sign::Above(number()?),
        ">=" => Sign::AtLeast(number()?),
        "<" => Sign::Below(number()?),
        _ => return Err(wrong()),
    };
    Ok(Test { name: name.to_owned(), sign })
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Condition, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Known, Value};

    fn knowledge() -> Knowledge {
        let mut knowledge = Knowledge::default();
        knowledge.put("fact.a", Known::said(Value::Truth(true)));
        knowledge.put("fact.b", Known::said(Value::List(vec!["x".into(), "y".into()])));
        knowledge.put("fact.n", Known::said(Value::Number(500)));
        knowledge
    }

    #[test]
    fn yes_no_and_unknown_are_three_answers() {
        let holds = |text: &str| {
            let verdict = text.parse::<Condition>().unwrap().holds(&knowledge());
            (verdict.holds, verdict.unknown)
        };
        let unknown = |name: &str| (Holds::Unknown, vec![name.to_owned()]);
        assert_eq!(holds("fact.a is yes"), (Holds::Yes, vec![]));
        assert_eq!(holds("fact.b is y and fact.b isnt z"), (Holds::Yes, vec![]));
        assert_eq!(holds("fact.n > 500"), (Holds::No, vec![]));
        assert_eq!(holds("fact.n >= 500"), (Holds::Yes, vec![]));
        assert_eq!(holds("fact.c is yes"), unknown("fact.c"));
        assert_eq!(holds("fact.c is yes and fact.a is no"), (Holds::No, vec![]));
        assert_eq!(holds("fact.c is yes or fact.a is yes"), (Holds::Yes, vec![]));
        assert_eq!(holds("fact.c is yes or fact.a is no"), unknown("fact.c"));
        assert_eq!(holds("fact.c isnt yes"), unknown("fact.c"));
        assert_eq!(holds("fact.c isnt-yet yes"), (Holds::Yes, vec![]));
        assert_eq!(holds("fact.a isnt-yet yes"), (Holds::No, vec![]));
        assert_eq!(holds("fact.b isnt-yet *"), (Holds::No, vec![]));
        assert_eq!(holds("fact.c isnt-yet *"), (Holds::Yes, vec![]));
        assert_eq!(holds("count.persons > 0"), unknown("count.persons"));
    }

    #[test]
    fn what_is_no_condition_is_refused_with_what_to_write() {
        for wrong in ["", "fact.a", "fact.a is", "fact.a > many", "fact.a ~ 3", "fact.a is yes no"]
        {
            let error = wrong.parse::<Condition>().unwrap_err();
            assert!(error.contains("NAME is WORD"), "{error}");
        }
    }
}
