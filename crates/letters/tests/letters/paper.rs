//! Letters as files: accessible, small, and the same for the same facts.

use crate::facts::{country, reader, run};
use letters::{Language, Letter, Pages, Variant, Writer};

fn letters() -> Vec<Letter> {
    let writer = Writer::built_in().unwrap();
    let of = |language| {
        let run = run(country(language));
        let one = |variant| writer.compose(&run, &reader(language, variant)).unwrap();
        Variant::ALL.map(one)
    };
    Language::ALL.into_iter().flat_map(of).collect()
}

fn has(pdf: &[u8], word: &str) -> bool {
    pdf.windows(word.len()).any(|window| window == word.as_bytes())
}

#[test]
fn every_letter_is_pdf_ua_and_small() {
    let pages = Pages::new().unwrap();
    for letter in letters() {
        let pdf = pages.pdf(&[letter]).unwrap();
        assert!(has(&pdf, "pdfuaid:part"));
        assert!(pdf.len() <= 30_000, "{} bytes", pdf.len());
    }
}

#[test]
fn a_batch_of_many_languages_is_one_file_and_smaller_than_its_letters() {
    let pages = Pages::new().unwrap();
    let letters = letters();
    let alone: usize =
        letters.iter().map(|l| pages.pdf(std::slice::from_ref(l)).unwrap().len()).sum();
    let together = pages.pdf(&letters).unwrap();
    assert!(together.len() < alone / 2, "{} of {alone}", together.len());
    assert!(pages.pdf(&[]).is_err());
}

#[test]
fn the_same_facts_make_the_same_bytes() {
    let letters = &letters()[..3];
    let once = Pages::new().unwrap().pdf(letters).unwrap();
    let pages = Pages::new().unwrap();
    // Whatever was kept from other letters changes nothing.
    pages.pdf(&letters[1..]).unwrap();
    assert_eq!(once, pages.pdf(letters).unwrap());
}
