//! What stands in a document more than once is put into the file once.
//!
//! Such text is drawn from a form that holds no marks of its own, from within the marked part of
//! the page that it belongs to: so it is read where it stands (ISO 32000-1, 14.6.2; ISO 14289-1,
//! 7.20). Where a block differs from all others, its lines may not.

use crate::{Colour, Line, Mark, Paper};
use krilla::graphic::Graphic;
use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;

/// Shorter text takes less room where it stands than a form does.
const LETTERS_LEAST: usize = 3;
/// Letters that take about as much room as a form takes beside its own: where fewer are saved,
/// there is none.
const LETTERS_OF_A_FORM: usize = 120;

/// The lines, their size, step and colour.
type Block = (usize, u32, u32, Colour);

/// The words of a line, bold or not, its size and colour. Words that are broken into lines at
/// another place have other spaces at the end alone.
type Words<'a> = (&'a str, bool, u32, Colour);

/// How often blocks and lines stand in a document, and the forms of those that repeat.
#[derive(Default)]
pub(crate) struct Repeats<'a> {
    blocks: Seen<Block>,
    lines: Seen<Words<'a>>,
}

struct Seen<K> {
    counts: HashMap<K, usize>,
    forms: HashMap<K, Graphic>,
}

impl<'a> Repeats<'a> {
    pub(crate) fn of(paper: &'a Paper) -> Repeats<'a> {
        let mut repeats = Repeats::default();
        let parts = || paper.pages.iter().flat_map(|page| &page.parts);
        let marks = || parts().flat_map(|part| &part.marks);
        marks().filter_map(block).for_each(|(asked, _)| repeats.blocks.count(asked));
        for mark in marks() {
            match mark {
                Mark::Set { size, line, colour, .. } => {
                    repeats.lines.count(words(line, *size, *colour));
                }
                Mark::Block { size, lines, colour, .. } if !repeats.holds(mark) => {
                    let lines = lines.iter().map(|line| words(line, *size, *colour));
                    lines.for_each(|asked| repeats.lines.count(asked));
                }
                _ => {}
            }
        }
        repeats
    }

    /// Whether a block is drawn from a form as a whole.
    fn holds(&self, mark: &Mark) -> bool {
        block(mark).is_some_and(|(asked, letters)| self.blocks.is_worth(&asked, letters))
    }

    /// The form of a block that repeats, made where there is none yet; none if it stands alone.
    pub(crate) fn block(&mut self, mark: &Mark, make: impl FnOnce() -> Graphic) -> Option<Graphic> {
        let (asked, letters) = block(mark)?;
        self.blocks.form(asked, letters, make)
    }

    /// The same of a line.
    pub(crate) fn line(
        &mut self,
        (line, size, colour): (&'a Line, f32, Colour),
        make: impl FnOnce() -> Graphic,
    ) -> Option<Graphic> {
        self.lines.form(words(line, size, colour), line.glyphs.len(), make)
    }
}

impl<K> Default for Seen<K> {
    fn default() -> Seen<K> {
        Seen { counts: HashMap::new(), forms: HashMap::new() }
    }
}

impl<K: Eq + Hash> Seen<K> {
    fn count(&mut self, asked: K) {
        *self.counts.entry(asked).or_default() += 1;
    }

    fn is_worth(&self, asked: &K, letters: usize) -> bool {
        let others = self.counts.get(asked).map_or(0, |count| count.saturating_sub(1));
        letters >= LETTERS_LEAST && others.saturating_mul(letters) >= LETTERS_OF_A_FORM
    }

    fn form(
        &mut self,
        asked: K,
        letters: usize,
        make: impl FnOnce() -> Graphic,
    ) -> Option<Graphic> {
        let worth = self.is_worth(&asked, letters);
        worth.then(|| self.forms.entry(asked).or_insert_with(make).clone())
    }
}

/// A block as it is looked for, and how many letters it has.
fn block(mark: &Mark) -> Option<(Block, usize)> {
    let Mark::Block { size, step, lines, colour, .. } = mark else { return None };
    let letters = lines.iter().map(|line| line.glyphs.len()).sum();
    // The document holds the lines, so no other lines can come to stand at their address.
    Some(((Rc::as_ptr(lines) as usize, size.to_bits(), step.to_bits(), *colour), letters))
}

fn words(line: &Line, size: f32, colour: Colour) -> Words<'_> {
    (&line.text, line.bold, size.to_bits(), colour)
}
