//! Countries, languages and ages, as far as letters need them.

use crate::error::{PostError, Result};
use letters::Language;
use std::collections::BTreeMap;

/// From which age people are written to themselves.
#[derive(Clone)]
pub struct Ages {
    otherwise: u8,
    by_country: BTreeMap<String, u8>,
}

impl Ages {
    /// `AT=14`, and an age for all others.
    pub fn of(otherwise: u8, by_country: &[String]) -> Result<Ages> {
        let wrong = |one: &str| PostError::Asked(format!("`{one}` is not such as AT=14"));
        let read = |one: &String| {
            let (country, age) = one.split_once('=').ok_or_else(|| wrong(one))?;
            let age = age.parse().map_err(|_| wrong(one))?;
            Ok((code(country).ok_or_else(|| wrong(one))?, age))
        };
        let by_country = by_country.iter().map(read).collect::<Result<_>>()?;
        Ok(Ages { otherwise, by_country })
    }

    /// Whether somebody born then is a minor in this country on this day. What of a birth date is
    /// missing counts as the first: whoever may be grown up gets the letter.
    pub(crate) fn is_minor(&self, born: Option<&str>, country: &str, today: &str) -> bool {
        let Some((born, today)) = born.and_then(date).zip(date(today)) else { return false };
        let age = self.by_country.get(country).copied().unwrap_or(self.otherwise);
        let grown = (born.0 + u32::from(age), born.1, born.2);
        today < grown
    }
}

/// Year, month and day.
fn date(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split(['-', 'T']).map(str::parse::<u32>);
    let year = parts.next()?.ok()?;
    let mut part = || parts.next().and_then(Result::ok).unwrap_or(1);
    Some((year, part(), part()))
}

/// The two letters of a country, from two or three letters or from its name in the languages that
/// letters are written in (ISO 3166-1).
pub(crate) fn code(country: &str) -> Option<String> {
    let text = country.trim();
    let upper = text.to_uppercase();
    if upper.len() == 2 && upper.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Some(upper);
    }
    let known = COUNTRIES.iter().find(|(_, names)| names.contains(&upper.as_str()));
    known.map(|(code, _)| (*code).to_owned())
}

const COUNTRIES: [(&str, &[&str]); 14] = [
    ("AT", &["AUT", "AUSTRIA", "ÖSTERREICH", "ØSTRIG"]),
    ("BE", &["BEL", "BELGIUM", "BELGIEN"]),
    ("CH", &["CHE", "SWITZERLAND", "SCHWEIZ"]),
    ("DE", &["DEU", "GERMANY", "DEUTSCHLAND", "TYSKLAND"]),
    ("DK", &["DNK", "DENMARK", "DANMARK", "DÄNEMARK"]),
    ("FI", &["FIN", "FINLAND", "FINNLAND"]),
    ("FO", &["FRO", "FAROE ISLANDS", "FÆRØERNE"]),
    ("FR", &["FRA", "FRANCE", "FRANKREICH", "FRANKRIG"]),
    ("GB", &["GBR", "UNITED KINGDOM", "GREAT BRITAIN"]),
    ("GL", &["GRL", "GREENLAND", "GRØNLAND"]),
    ("NL", &["NLD", "NETHERLANDS", "NIEDERLANDE"]),
    ("NO", &["NOR", "NORWAY", "NORGE", "NORWEGEN"]),
    ("SE", &["SWE", "SWEDEN", "SCHWEDEN", "SVERIGE"]),
    ("US", &["USA", "UNITED STATES", "UNITED STATES OF AMERICA"]),
];

/// The first language of the person's that letters are written in, else that of the country.
pub(crate) fn language(spoken: &[String], country: &str) -> Language {
    let of = |tag: &String| match tag.split(['-', '_']).next().map(str::to_lowercase).as_deref() {
        Some("da") => Some(Language::Danish),
        Some("de") => Some(Language::German),
        Some("en") => Some(Language::English),
        _ => None,
    };
    spoken.iter().find_map(of).unwrap_or(match country {
        "DK" | "GL" | "FO" => Language::Danish,
        "DE" | "AT" | "CH" => Language::German,
        _ => Language::English,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birthday_makes_an_adult_and_a_country_may_say_when() {
        let ages = Ages::of(18, &["AT=14".to_owned()]).unwrap();
        let minor = |born, country| ages.is_minor(Some(born), country, "2026-11-26T10:00:00Z");
        assert!(minor("2008-11-27", "DK") && !minor("2008-11-26", "DK"));
        assert!(minor("2012-11-27", "AT") && !minor("2010-01-01", "AT"));
        assert!(!minor("2008", "DK") && minor("2009", "DK"));
        assert!(!ages.is_minor(None, "DK", "2026-11-26") && !minor("unknown", "DK"));
        assert!(Ages::of(18, &["AT".to_owned()]).is_err());
    }

    #[test]
    fn countries_and_languages_are_read_as_people_write_them() {
        let codes = ["dk", "DNK", "Danmark", "Deutschland", " US "].map(code);
        assert_eq!(codes.map(Option::unwrap), ["DK", "DK", "DK", "DE", "US"]);
        assert!(code("Atlantis").is_none());
        let spoken = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
        assert_eq!(language(&spoken(&["fr", "de-AT"]), "DK"), Language::German);
        assert_eq!(language(&spoken(&["fr"]), "DK"), Language::Danish);
        assert_eq!(language(&[], "FR"), Language::English);
    }
}
