//! How hard the letters of a run are to read, language by language.

use crate::console;
use letters::Letter;
use std::collections::BTreeMap;

/// What was measured so far.
#[derive(Default)]
pub(super) struct Measured(BTreeMap<&'static str, Sum>);

#[derive(Default)]
struct Sum {
    letters: u32,
    lix: f64,
    hardest: f64,
    flesch: Option<f64>,
}

impl Measured {
    /// Takes a letter in.
    pub(super) fn add(&mut self, letter: &Letter) {
        let sum = self.0.entry(letter.language.code()).or_default();
        sum.letters += 1;
        sum.lix += letter.measures.lix;
        sum.hardest = sum.hardest.max(letter.measures.lix);
        if let Some(flesch) = letter.measures.flesch {
            *sum.flesch.get_or_insert(0.0) += flesch;
        }
    }

    /// Says it: below a LIX of 40, or above a Flesch of 60, is plain language.
    pub(super) fn say(&self) {
        for (language, sum) in &self.0 {
            let count = f64::from(sum.letters);
            let mut text = format!(
                "read with ease ({language}): LIX {:.0}, the hardest {:.0}",
                sum.lix / count,
                sum.hardest
            );
            if let Some(flesch) = sum.flesch {
                text.push_str(&format!(", Flesch {:.0}", flesch / count));
            }
            console::say(&text);
        }
    }
}
