//! How hard the letters of a run are to read, language by language.

use letters::Letter;
use std::collections::BTreeMap;

/// What was measured so far.
#[derive(Default)]
pub struct Measured(BTreeMap<&'static str, Sum>);

#[derive(Default)]
struct Sum {
    letters: u32,
    lix: f64,
    hardest: f64,
    flesch: Option<f64>,
}

/// How hard the letters in one language are to read: below a LIX of 40, or above a Flesch of 60,
/// is plain language.
pub struct Ease {
    /// The language's code.
    pub language: &'static str,
    /// LIX, on average.
    pub lix: f64,
    /// The highest LIX.
    pub hardest: f64,
    /// Flesch, on average, where the language has one.
    pub flesch: Option<f64>,
}

impl Measured {
    /// Takes a letter in.
    pub(crate) fn add(&mut self, letter: &Letter) {
        let sum = self.0.entry(letter.language.code()).or_default();
        sum.letters += 1;
        sum.lix += letter.measures.lix;
        sum.hardest = sum.hardest.max(letter.measures.lix);
        if let Some(flesch) = letter.measures.flesch {
            *sum.flesch.get_or_insert(0.0) += flesch;
        }
    }

    /// What came of it, by language.
    pub fn languages(&self) -> impl Iterator<Item = Ease> + '_ {
        self.0.iter().map(|(language, sum)| {
            let count = f64::from(sum.letters);
            let flesch = sum.flesch.map(|flesch| flesch / count);
            Ease { language, lix: sum.lix / count, hardest: sum.hardest, flesch }
        })
    }
}
