//! How hard a text is to read.
//!
//! LIX (Björnsson 1968): words per sentence, plus how many of a hundred words have more than six
//! letters. Below 30 is very easy, to 40 easy, to 50 middling. Flesch reading ease (1948):
//! 206.835 - 1.015 words per sentence - 84.6 syllables per word; above 60 is plain English. For
//! German after Amstad (1978): 180 - words per sentence - 58.5 syllables per word.
//!
//! A passage without a full stop, such as a heading or a cell of a table, is a sentence of its
//! own. Numbers, addresses of pages and of e-mail are not words that are read, and do not count.

use crate::Language;

/// How hard a letter is to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Measures {
    /// Words.
    pub words: usize,
    /// Sentences.
    pub sentences: usize,
    /// LIX; lower is easier.
    pub lix: f64,
    /// Flesch reading ease, in German after Amstad; higher is easier. None for Danish.
    pub flesch: Option<f64>,
}

/// Measures passages of one language.
pub fn measure<'a>(language: Language, passages: impl IntoIterator<Item = &'a str>) -> Measures {
    let (mut words, mut sentences, mut long, mut syllables) = (0_usize, 0_usize, 0_usize, 0_usize);
    for passage in passages {
        let mut open = false;
        for token in passage.split_whitespace() {
            for word in words_in(token) {
                words += 1;
                open = true;
                long += usize::from(word.chars().count() > 6);
                syllables += syllables_in(word, language);
            }
            if open && ends_sentence(token) {
                sentences += 1;
                open = false;
            }
        }
        sentences += usize::from(open);
    }
    let per = |part: usize, of: usize| part as f64 / of.max(1) as f64;
    let per_sentence = per(words, sentences);
    let per_word = per(syllables, words);
    Measures {
        words,
        sentences,
        lix: per_sentence + 100.0 * per(long, words),
        flesch: match language {
            Language::Danish => None,
            Language::German => Some(180.0 - per_sentence - 58.5 * per_word),
            Language::English => Some(206.835 - 1.015 * per_sentence - 84.6 * per_word),
        },
    }
}

/// The words of a token: parts joined by hyphens and slashes are words each.
fn words_in(token: &str) -> impl Iterator<Item = &str> {
    let address = token.contains('@') || has_dot_inside(token);
    let parts = token
        .split(['-', '–', '/', '\u{a0}'])
        .map(|part| part.trim_matches(|c: char| !c.is_alphanumeric()));
    parts.filter(move |part| {
        !address && part.chars().any(char::is_alphabetic) && !part.chars().any(|c| c.is_numeric())
    })
}

/// Like `borger.dk`: a dot with a letter on both sides.
fn has_dot_inside(token: &str) -> bool {
    let letters: Vec<char> = token.chars().collect();
    letters.windows(3).any(|w| w[1] == '.' && w[0].is_alphanumeric() && w[2].is_alphanumeric())
}

/// A full stop after a number is no end in Danish and German dates; a colon ends what it leads in.
fn ends_sentence(token: &str) -> bool {
    let token = token.trim_end_matches(['"', '”', '“', '»', '«', ')', '’']);
    let number = token.trim_end_matches('.').chars().all(|c| c.is_numeric());
    token.ends_with(['.', '!', '?', ':']) && !number
}

fn syllables_in(word: &str, language: Language) -> usize {
    let word = word.to_lowercase();
    match language {
        Language::English => english_syllables(&word),
        Language::German | Language::Danish => groups_of_vowels(&word, "aeiouyäöüæøåáéàè"),
    }
}

/// Runs of vowels; in German a run such as `iu` would be two, which is rare enough.
fn groups_of_vowels(word: &str, vowels: &str) -> usize {
    let mut count = 0;
    let mut inside = false;
    for letter in word.chars() {
        let vowel = vowels.contains(letter);
        count += usize::from(vowel && !inside);
        inside = vowel;
    }
    count.max(1)
}

/// Runs of vowels, without a silent e at the end, and without the e of most -es and -ed.
fn english_syllables(word: &str) -> usize {
    let count = groups_of_vowels(word, "aeiouy");
    let letters: Vec<char> = word.chars().collect();
    let [.., before, last_but_one, last] = letters[..] else { return count };
    let vowel = |letter: char| "aeiouy".contains(letter);
    let silent = match (before, last_but_one, last) {
        // `table` and `people` keep theirs.
        (b, 'l', 'e') => vowel(b),
        (_, p, 'e') => !vowel(p),
        ('t' | 'd', 'e', 'd') => false,
        (b, 'e', 'd') => !vowel(b),
        ('s' | 'x' | 'z' | 'c' | 'g' | 'h', 'e', 's') => false,
        (b, 'e', 's') => !vowel(b),
        _ => false,
    };
    if silent { count.saturating_sub(1).max(1) } else { count }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(left: f64, right: f64) {
        assert!((left - right).abs() < 0.005, "{left} is not {right}");
    }

    #[test]
    fn lix_as_counted_by_hand() {
        // 7 words, 2 sentences, long: Nogen? no (5); "læste" no; "patientjournal" yes. 1 of 7.
        let text = "Nogen læste din patientjournal. Det er sket.";
        let found = measure(Language::Danish, [text]);
        assert_eq!((found.words, found.sentences), (7, 2));
        close(found.lix, 7.0 / 2.0 + 100.0 / 7.0);
        assert_eq!(found.flesch, None);
    }

    #[test]
    fn a_date_ends_no_sentence_and_a_heading_is_one() {
        let found = measure(Language::Danish, ["Hvad er sket", "Den 3. maj så vi det."]);
        // Hvad er sket | Den maj så vi det: the number is no word.
        assert_eq!((found.words, found.sentences), (8, 2));
        close(found.lix, 4.0);
    }

    #[test]
    fn flesch_as_counted_by_hand() {
        // Some-bo-dy read your file. We stopped it. 3+1+1+1, 1+1+1 = 9 of 7 words, 2 sentences.
        let found = measure(Language::English, ["Somebody read your file. We stopped it."]);
        assert_eq!((found.words, found.sentences), (7, 2));
        // The rule counts some-bo-dy as so-me-bo-dy: four.
        close(found.flesch.unwrap(), 206.835 - 1.015 * 3.5 - 84.6 * 10.0 / 7.0);
    }

    #[test]
    fn amstad_as_counted_by_hand() {
        // Wir ha-ben es ge-se-hen. 1+2+1+3 = 7 syllables of 4 words.
        let found = measure(Language::German, ["Wir haben es gesehen."]);
        close(found.flesch.unwrap(), 180.0 - 4.0 - 58.5 * 7.0 / 4.0);
        close(found.lix, 4.0 + 25.0);
    }

    #[test]
    fn syllables_of_english_words() {
        let counts = [("table", 2), ("file", 1), ("opened", 2), ("stopped", 1), ("wanted", 2)];
        for (word, syllables) in counts {
            assert_eq!(english_syllables(word), syllables, "{word}");
        }
        for (word, syllables) in [("names", 1), ("codes", 1), ("watches", 2), ("the", 1)] {
            assert_eq!(english_syllables(word), syllables, "{word}");
        }
    }

    #[test]
    fn addresses_and_numbers_are_no_words_and_nothing_is_no_division() {
        let text = ["Go to borger.dk or mail hjaelp@eksempel.dk, ring 33 37 00 37."];
        assert_eq!(measure(Language::English, text).words, 5);
        let nothing = measure(Language::German, []);
        assert_eq!(nothing.words, 0);
        assert!(nothing.lix.is_finite() && nothing.flesch.unwrap().is_finite());
    }
}
