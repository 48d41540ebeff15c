//! What letters say, word for word, and how hard that is to read.
//!
//! With `COFFERDAM_BLESS=1` the expected texts are written anew; read the difference.

use crate::facts::{country, reader, run};
use letters::{Language, Letter, Variant, Writer, text};
use std::path::Path;

fn all() -> Vec<(Language, Variant, Letter)> {
    let writer = Writer::built_in().unwrap();
    let mut letters = Vec::new();
    for language in Language::ALL {
        for variant in Variant::ALL {
            let run = run(country(language));
            let letter = writer.compose(&run, &reader(language, variant)).unwrap();
            letters.push((language, variant, letter));
        }
    }
    letters
}

fn expect(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("COFFERDAM_BLESS").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == found, "{name} differs from what was expected:\n{found}");
}

#[test]
fn every_language_and_kind_says_what_it_should() {
    for (language, variant, letter) in all() {
        expect(&format!("{}-{}.txt", language.code(), variant.word()), &text(&letter));
    }
}

#[test]
fn letters_are_easy_to_read() {
    let mut table = String::from("letter words sentences lix flesch\n");
    for (language, variant, letter) in all() {
        let found = letter.measures;
        let flesch = found.flesch.map_or("-".to_owned(), |flesch| format!("{flesch:.1}"));
        let name = format!("{}-{}", language.code(), variant.word());
        let (words, sentences, lix) = (found.words, found.sentences, found.lix);
        table.push_str(&format!("{name} {words} {sentences} {lix:.1} {flesch}\n"));
        assert!(language == Language::English || lix < 40.0, "{table}");
        assert!(found.flesch.is_none_or(|flesch| flesch > 60.0), "{table}");
    }
    expect("measures.txt", &table);
}
