//! Text that flows down pages and onto the next.

use crate::{A4, Colour, Faces, Kind, Mark, Page, Paper, Part};

/// The white around everything.
pub const MARGIN: f32 = 48.0;

/// A document in the making: each part goes below the one before.
pub struct Flow<'a> {
    faces: &'a Faces,
    paper: Paper,
    y: f32,
}

impl<'a> Flow<'a> {
    /// A document with one page and nothing on it.
    pub fn new(faces: &'a Faces, title: &str, language: &str) -> Flow<'a> {
        Flow { faces, paper: Paper::new(title, language), y: MARGIN }
    }

    /// How wide the part between the margins is.
    pub fn width() -> f32 {
        A4[0] - 2.0 * MARGIN
    }

    /// A heading.
    pub fn heading(&mut self, level: u16, size: f32, text: &str, colour: Colour) {
        self.text(Kind::Heading(level, text.to_owned()), text, size, true, colour);
    }

    /// A paragraph.
    pub fn paragraph(&mut self, size: f32, bold: bool, text: &str, colour: Colour) {
        self.text(Kind::Paragraph, text, size, bold, colour);
    }

    /// Room.
    pub fn space(&mut self, height: f32) {
        self.y += height;
    }

    /// Begins another page unless so much fits on this one.
    pub fn keep(&mut self, height: f32) {
        if self.y + height > A4[1] - MARGIN && self.y > MARGIN {
            self.another_page();
        }
    }

    /// Begins another page.
    pub fn another_page(&mut self) {
        self.paper.pages.push(Page::default());
        self.y = MARGIN;
    }

    /// How high text of this size is between the margins.
    pub fn height(&self, size: f32, bold: bool, text: &str) -> f32 {
        let lines = self.faces.lines(text, size, bold, Flow::width()).len();
        lines as f32 * leading(size)
    }

    /// A picture that is so high; `draw` is told where it begins, and says what is drawn.
    pub fn picture(
        &mut self,
        height: f32,
        words: String,
        draw: impl FnOnce([f32; 2]) -> Vec<Mark>,
    ) {
        self.keep(height);
        let marks = draw([MARGIN, self.y]);
        let branch = Some(self.paper.branch(None, Kind::Picture(words)));
        self.paper.put(Part { branch, marks });
        self.y += height;
    }

    /// A rule across the page.
    pub fn rule(&mut self, colour: Colour) {
        let (from, to) = ([MARGIN, self.y], [A4[0] - MARGIN, self.y]);
        let marks = vec![Mark::Line { from, to, width: 0.6, colour }];
        self.paper.put(Part { branch: None, marks });
    }

    /// The document, each page with its number.
    pub fn finish(mut self) -> Paper {
        let count = self.paper.pages.len();
        for (number, page) in self.paper.pages.iter_mut().enumerate() {
            let text = format!("{} / {count}", number + 1);
            let x = A4[0] - MARGIN - self.faces.width(&text, 8.0, false);
            let (at, size, colour) = ([x, A4[1] - MARGIN / 2.0], 8.0, [90; 3]);
            let marks = vec![Mark::Text { at, size, text, colour, bold: false }];
            page.parts.push(Part { branch: None, marks });
        }
        self.paper
    }

    fn text(&mut self, kind: Kind, text: &str, size: f32, bold: bool, colour: Colour) {
        let lines = self.faces.lines(text, size, bold, Flow::width());
        self.keep(lines.len() as f32 * leading(size));
        let mut marks = Vec::new();
        for line in lines {
            self.y += leading(size);
            let at = [MARGIN, self.y - 0.3 * size];
            marks.push(Mark::Set { at, size, line, colour });
        }
        let branch = Some(self.paper.branch(None, kind));
        self.paper.put(Part { branch, marks });
    }
}

/// From one base line to the next.
fn leading(size: f32) -> f32 {
    1.38 * size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_flows_onto_further_pages_and_stays_between_the_margins() {
        let faces = Faces::new().unwrap();
        let mut flow = Flow::new(&faces, "t", "en");
        (0..200).for_each(|_| flow.paragraph(10.0, false, "a few words in a line", [0; 3]));
        let paper = flow.finish();
        assert!(paper.pages.len() > 2);
        for part in paper.pages.iter().flat_map(|page| &page.parts) {
            for mark in &part.marks {
                let number = part.branch.is_none();
                let (Mark::Text { at: [x, y], .. } | Mark::Set { at: [x, y], .. }) = mark else {
                    continue;
                };
                assert!(*x >= MARGIN && *y > MARGIN && (*y <= A4[1] - MARGIN || number));
            }
        }
    }
}
