//! Letters as PDF: one file each, or many in one.

use crate::layout::Sheet;
use crate::{Letter, Refused};
use print::{Faces, Line, Paper, Press};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Makes pages of letters. It keeps the faces and the lines of paragraphs that are equal in many
/// letters; one per thread.
pub struct Pages {
    press: Press,
    lines: RefCell<Kept>,
}

/// The most paragraphs that are kept, twice over: about 20 MB.
const KEPT_MOST: usize = 512;

/// Paragraphs that were set, and those that were set before these: what is not asked for goes.
#[derive(Default)]
struct Kept {
    newer: HashMap<Asked, Lines>,
    older: HashMap<Asked, Lines>,
}

type Lines = Rc<Vec<Rc<Line>>>;

/// Text, size and width as bits, bold.
type Asked = (String, u32, u32, bool);

impl Pages {
    /// With the faces that are built in.
    pub fn new() -> Result<Pages, Refused> {
        Ok(Pages { press: Press::new()?, lines: RefCell::default() })
    }

    /// These letters as one PDF/UA-1 file, each beginning on a page of its own with numbers of its
    /// own. With no letter there is no file but an error.
    pub fn pdf(&self, letters: &[Letter]) -> Result<Vec<u8>, Refused> {
        self.counted(letters).map(|(pdf, _)| pdf)
    }

    /// The same, and how many pages it has.
    pub fn counted(&self, letters: &[Letter]) -> Result<(Vec<u8>, usize), Refused> {
        let Some(first) = letters.first() else {
            return Err(Refused::Variant("there is no letter to print"));
        };
        let mut paper = Paper::new(&first.subject, first.language.code());
        paper.pages.clear();
        for letter in letters {
            Sheet::new(self, &mut paper, letter).letter();
        }
        Ok((self.press.pdf(&paper)?, paper.pages.len()))
    }

    pub(crate) fn faces(&self) -> &Faces {
        self.press.faces()
    }

    /// The lines of a paragraph, with a space after the last: what follows is another word to
    /// readers that read aloud.
    pub(crate) fn lines(&self, text: &str, size: f32, bold: bool, width: f32) -> Lines {
        let asked = (format!("{text} "), size.to_bits(), width.to_bits(), bold);
        let mut kept = self.lines.borrow_mut();
        if let Some(found) = kept.newer.get(&asked) {
            return Rc::clone(found);
        }
        let lines = match kept.older.remove(&asked) {
            Some(found) => found,
            None => Rc::new(self.press.faces().lines(&asked.0, size, bold, width)),
        };
        if kept.newer.len() >= KEPT_MOST {
            kept.older = std::mem::take(&mut kept.newer);
        }
        kept.newer.insert(asked, Rc::clone(&lines));
        lines
    }
}
