//! Paper: pages with lines, circles and text, as PDF with embedded fonts and tags for readers that
//! read aloud.
//!
//! Each file is made by the rules of PDF/UA-1 (ISO 14289-1) that a machine can check: where one is
//! broken there is an error and no file. Sizes are points (72 to an inch), from the top left
//! corner. Pages are A4.

mod face;
mod flow;
mod pack;
mod pdf;
mod repeat;
mod tags;

pub use face::{Faces, Line, missing};
pub use flow::{Flow, MARGIN};
pub use pdf::Press;
pub use tags::{Branch, Kind};

use std::rc::Rc;

/// Width and height of A4.
pub const A4: [f32; 2] = [595.28, 841.89];

/// A colour: red, green, blue.
pub type Colour = [u8; 3];

/// A document.
pub struct Paper {
    /// Its title, which viewers show.
    pub title: String,
    /// Its language, such as `en`.
    pub language: String,
    /// Its pages.
    pub pages: Vec<Page>,
    /// What its parts are: a tree, each branch after the one that it hangs from.
    pub branches: Vec<Branch>,
    /// What a viewer lists beside the pages: words, and the number of the page from 0.
    pub outline: Vec<(String, usize)>,
}

/// One page.
#[derive(Default)]
pub struct Page {
    /// What is on it, in the order in which it is read.
    pub parts: Vec<Part>,
}

/// A part of a page that is read as one.
pub struct Part {
    /// The branch that it belongs to; none if there is nothing to read, as on rules.
    pub branch: Option<usize>,
    /// What is drawn for it.
    pub marks: Vec<Mark>,
}

/// One thing to draw.
pub enum Mark {
    /// A straight line.
    Line {
        /// From here.
        from: [f32; 2],
        /// To here.
        to: [f32; 2],
        /// So broad.
        width: f32,
        /// In this colour.
        colour: Colour,
    },
    /// A circle.
    Circle {
        /// Around here.
        at: [f32; 2],
        /// So far.
        radius: f32,
        /// In this colour.
        colour: Colour,
        /// Filled; if not, a ring this broad around white.
        ring: Option<f32>,
    },
    /// A line of text.
    Text {
        /// Where it begins, on its base line.
        at: [f32; 2],
        /// How large.
        size: f32,
        /// What it says.
        text: String,
        /// In this colour.
        colour: Colour,
        /// Bold or not.
        bold: bool,
    },
    /// A line of text whose letters are placed already.
    Set {
        /// Where it begins, on its base line.
        at: [f32; 2],
        /// How large.
        size: f32,
        /// The line.
        line: Rc<Line>,
        /// In this colour.
        colour: Colour,
    },
    /// Such lines under one another. Where the same lines stand in a document again, they are in
    /// the file once.
    Block {
        /// Where the first begins, on its base line.
        at: [f32; 2],
        /// How large.
        size: f32,
        /// From one base line to the next.
        step: f32,
        /// The lines.
        lines: Rc<Vec<Rc<Line>>>,
        /// In this colour.
        colour: Colour,
    },
}

impl Paper {
    /// A document with one empty page.
    pub fn new(title: &str, language: &str) -> Paper {
        Paper {
            title: title.to_owned(),
            language: language.to_owned(),
            pages: vec![Page::default()],
            branches: Vec::new(),
            outline: Vec::new(),
        }
    }

    /// A new branch on this one, or on the root.
    pub fn branch(&mut self, on: Option<usize>, kind: Kind) -> usize {
        self.branches.push(Branch { on, kind });
        self.branches.len() - 1
    }

    /// Puts a part on the last page.
    pub fn put(&mut self, part: Part) {
        if let Some(page) = self.pages.last_mut() {
            page.parts.push(part);
        }
    }
}

/// A document could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// A font that is built in cannot be read.
    #[error("a font that is built in cannot be read")]
    Font,
    /// The PDF could not be written.
    #[error("the PDF could not be written: {0}")]
    Pdf(String),
}
