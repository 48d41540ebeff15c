//! Paper: pages with lines, circles and text, as PDF with embedded fonts and tags for readers that
//! read aloud.
//!
//! Sizes are points (72 to an inch), from the top left corner. Pages are A4.

mod face;
mod flow;
mod pdf;

pub use face::Faces;
pub use flow::{Flow, MARGIN};
pub use pdf::pdf;

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
}

/// One page.
#[derive(Default)]
pub struct Page {
    /// What is on it, in the order in which it is read.
    pub parts: Vec<Part>,
}

/// A part of a page that is read as one.
pub struct Part {
    /// What it is.
    pub kind: Kind,
    /// What is drawn for it.
    pub marks: Vec<Mark>,
}

/// What a part is, for readers that read aloud.
pub enum Kind {
    /// A heading of this level, 1 to 6.
    Heading(u16),
    /// A paragraph.
    Paragraph,
    /// A picture, and what it shows in words.
    Picture(String),
    /// Nothing to read: rules, page numbers.
    Ornament,
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
