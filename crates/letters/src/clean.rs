//! What text may stand in a letter: nothing that breaks a page, hides, or turns other text around.

use crate::Refused;

/// A line of text that people wrote: no more than this many characters, each of which shows.
pub(crate) fn line(field: &str, text: &str, most: usize) -> Result<(), Refused> {
    let wrong = |what: &str| Refused::Text { field: field.to_owned(), what: what.to_owned() };
    if text.trim().is_empty() {
        return Err(wrong("is empty"));
    }
    // Bytes first: they bound the work of everything after.
    if text.len() > 4 * most || text.chars().count() > most {
        return Err(wrong(&format!("is longer than {most} characters")));
    }
    if text.chars().any(|c| c.is_control()) {
        return Err(wrong("has a control character or a line break in it"));
    }
    if text.chars().any(turns_or_hides) {
        return Err(wrong("has an invisible character in it, or one that turns text around"));
    }
    if text.starts_with(is_combining) || longest_pile(text) > 4 {
        return Err(wrong("has accents without a letter, or more than four on one"));
    }
    if let Some(missing) = print::missing(text) {
        let number = u32::from(missing);
        return Err(wrong(&format!("has the character U+{number:04X}, which cannot be printed")));
    }
    Ok(())
}

/// The same for text that may be absent.
pub(crate) fn maybe(field: &str, text: Option<&String>, most: usize) -> Result<(), Refused> {
    text.map_or(Ok(()), |text| line(field, text, most))
}

/// Some lines, at least so many and at most so many.
pub(crate) fn lines(
    field: &str,
    texts: &[String],
    count: std::ops::RangeInclusive<usize>,
    most: usize,
) -> Result<(), Refused> {
    if !count.contains(&texts.len()) {
        let what = format!("has {} lines; {} to {}", texts.len(), count.start(), count.end());
        return Err(Refused::Text { field: field.to_owned(), what: format!("{what} are allowed") });
    }
    texts.iter().try_for_each(|text| line(field, text, most))
}

/// Characters that order text or take no room (Unicode, Bidi_Control and Default_Ignorable).
fn turns_or_hides(character: char) -> bool {
    matches!(u32::from(character),
        0x00AD | 0x034F | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164 | 0xFE00..=0xFE0F | 0xFEFF
        | 0xFFA0 | 0xFFF0..=0xFFFD | 0x1BCA0..=0x1BCA3 | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

fn is_combining(character: char) -> bool {
    matches!(u32::from(character),
        0x0300..=0x036F | 0x0483..=0x0489 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF)
}

fn longest_pile(text: &str) -> usize {
    let mut longest = 0;
    let mut pile = 0;
    for character in text.chars() {
        pile = if is_combining(character) { pile + 1 } else { 0 };
        longest = longest.max(pile);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_many_peoples_pass() {
        let names = ["Åse Ærø", "Łucja Żółć", "Nguyễn Thị Ánh", "Ελένη", "Оксана", "O’Neill-Çelik"];
        for name in names.iter().chain(&["e\u{301}lan", "Müller\u{a0}GmbH", "D’Arcy (c/o Ø)"]) {
            line("name", name, 80).unwrap();
        }
    }

    #[test]
    fn what_would_break_or_forge_a_page_is_refused_and_the_field_is_named() {
        let long = "x".repeat(81);
        let zalgo = format!("a{}", "\u{301}".repeat(5));
        for text in
            ["", "  ", "a\nb", "a\u{202E}b", "a\u{200B}b", "\u{301}a", "王", "🙂", &long, &zalgo]
        {
            let refused = line("name", text, 80).unwrap_err().to_string();
            assert!(refused.starts_with("name "), "{refused}");
            assert!(!refused.contains('王'), "{refused}");
        }
    }
}
