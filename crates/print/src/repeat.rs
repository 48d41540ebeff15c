//! What stands in a document more than once is put into the file once.
//!
//! Such text is drawn from a form that holds no marks of its own, from within the marked part of
//! the page that it belongs to: so it is read where it stands (ISO 32000-1, 14.6.2; ISO 14289-1,
//! 7.20).

use crate::{Line, Mark, Paper};
use krilla::graphic::Graphic;
use std::collections::HashMap;
use std::rc::Rc;

/// Shorter text takes less room where it stands than a form does.
const LETTERS_LEAST: usize = 3;

/// The lines, their size, step and colour.
type Asked = (usize, u32, u32, [u8; 3]);

/// How often blocks of lines stand in a document, and the forms of those that repeat.
pub(crate) struct Repeats {
    counts: HashMap<Asked, usize>,
    forms: HashMap<Asked, Graphic>,
}

impl Repeats {
    pub(crate) fn of(paper: &Paper) -> Repeats {
        let mut counts = HashMap::new();
        let parts = paper.pages.iter().flat_map(|page| &page.parts);
        for mark in parts.flat_map(|part| &part.marks) {
            if let Some(asked) = asked(mark) {
                *counts.entry(asked).or_default() += 1;
            }
        }
        Repeats { counts, forms: HashMap::new() }
    }

    /// The form of a block that repeats, made where there is none yet; none if it stands alone.
    pub(crate) fn form(&mut self, mark: &Mark, make: impl FnOnce() -> Graphic) -> Option<Graphic> {
        let asked = asked(mark)?;
        if self.counts.get(&asked).is_none_or(|count| *count < 2) {
            return None;
        }
        Some(self.forms.entry(asked).or_insert_with(make).clone())
    }
}

fn asked(mark: &Mark) -> Option<Asked> {
    let Mark::Block { size, step, lines, colour, .. } = mark else { return None };
    let letters: usize = lines.iter().map(|line: &Rc<Line>| line.glyphs.len()).sum();
    // The document holds the lines, so no other lines can come to stand at their address.
    let place = Rc::as_ptr(lines) as usize;
    (letters >= LETTERS_LEAST).then_some((place, size.to_bits(), step.to_bits(), *colour))
}
