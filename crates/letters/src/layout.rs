//! Where things stand on the pages of a letter.
//!
//! The first page is DIN 5008 form B: the address field, 85 by 45 mm, stands 20 mm from the left
//! and 45 mm from the top, behind the window of an envelope DL or C5/6; folds are at 105 and
//! 210 mm. Nothing but street, town and the reader's address stands in that field.

mod block;

use crate::{Block, Letter, Pages};
use print::{Colour, Kind, Mark, Page, Paper, Part};
use std::rc::Rc;

/// Points in a millimetre.
const MM: f32 = 72.0 / 25.4;
const LEFT: f32 = 25.0 * MM;
const RIGHT: f32 = 190.0 * MM;
const WIDTH: f32 = RIGHT - LEFT;
/// Where text ends on a page, and where the page's number stands.
const BOTTOM: f32 = 280.0 * MM;
const FOOT: f32 = 288.0 * MM;
/// Where text begins on the first page, and on the others.
const FIRST_TOP: f32 = 98.5 * MM;
const TOP: f32 = 17.0 * MM;
/// Sizes of text. California asks for ten points or more.
const TEXT: f32 = 10.0;
const HEADING: f32 = 11.5;
const SUBJECT: f32 = 13.0;
const SMALL: f32 = 8.0;
const INK: Colour = [0; 3];
const QUIET: Colour = [102; 3];
const RULE: Colour = [153; 3];

/// From one base line to the next.
fn leading(size: f32) -> f32 {
    1.3 * size
}

/// The pages of one letter in the making.
pub(crate) struct Sheet<'a> {
    pages: &'a Pages,
    paper: &'a mut Paper,
    letter: &'a Letter,
    /// The branch of this letter.
    article: usize,
    /// The number of its first page in the document.
    first: usize,
    /// How far down this page it is filled.
    y: f32,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(pages: &'a Pages, paper: &'a mut Paper, letter: &'a Letter) -> Sheet<'a> {
        let article = paper.branch(None, Kind::Article(letter.language.code().to_owned()));
        let first = paper.pages.len();
        paper.pages.push(Page::default());
        Sheet { pages, paper, letter, article, first, y: FIRST_TOP }
    }

    /// The whole letter.
    pub(crate) fn letter(mut self) {
        let letter = self.letter;
        self.folds();
        self.sender();
        self.address();
        self.facts();
        let outline = format!("{} {}", letter.subject, letter.head.code);
        self.paper.outline.push((outline, self.first));
        self.y = FIRST_TOP;
        let branch = self.branch(Kind::Heading(1, letter.subject.clone()));
        self.set(branch, &letter.subject, SUBJECT, true, INK);
        self.y += 0.5 * TEXT;
        let blocks = &letter.blocks;
        for (number, block) in blocks.iter().enumerate() {
            self.block(block, blocks.get(number + 1));
        }
        self.feet();
    }

    fn branch(&mut self, kind: Kind) -> usize {
        self.paper.branch(Some(self.article), kind)
    }

    /// Marks where to fold (105 and 210 mm) and to punch (148.5 mm).
    fn folds(&mut self) {
        let mark = |(y, length): (f32, f32)| {
            let (from, to) = ([11.0, (y * MM).round()], [11.0 + length, (y * MM).round()]);
            Mark::Line { from, to, width: 0.4, colour: RULE }
        };
        let marks = [(105.0, 12.0), (148.5, 17.0), (210.0, 12.0)].map(mark).into();
        self.paper.put(Part { branch: None, marks });
    }

    /// Name and address of the sender, above the window.
    fn sender(&mut self) {
        let head = &self.letter.head;
        let branch = self.branch(Kind::Paragraph);
        // One line each, however long: what is higher would stand in the window.
        let mut y = 17.0 * MM + SUBJECT;
        let name = self.fitting([LEFT, y], &head.sender, (SUBJECT, true), WIDTH, INK);
        let mut marks = vec![name];
        for line in head.sender_lines.iter().take(3) {
            y += leading(9.0);
            marks.push(self.fitting([LEFT, y], line, (9.0, false), WIDTH, QUIET));
        }
        self.paper.put(Part { branch: Some(branch), marks });
    }

    /// The window: 17.7 mm for the line to return to, 27.3 mm for the address.
    fn address(&mut self) {
        let head = &self.letter.head;
        let most = 80.0 * MM;
        let marks =
            vec![self.fitting([LEFT, 61.0 * MM], &head.return_line, (7.0, false), most, QUIET)];
        // The sender stands above already: this line is for the post.
        self.paper.put(Part { branch: None, marks });
        let branch = self.branch(Kind::Paragraph);
        let step = 4.5 * MM;
        let lines = head.address.iter().take(6).enumerate();
        let marks = lines.map(|(number, text)| {
            let at = [LEFT, 66.5 * MM + number as f32 * step];
            self.fitting(at, text, (TEXT, false), most, INK)
        });
        let marks = marks.collect();
        self.paper.put(Part { branch: Some(branch), marks });
    }

    /// One line; what is too wide is cut off rather than printed over what stands beside it.
    fn fitting(
        &self,
        at: [f32; 2],
        text: &str,
        (size, bold): (f32, bool),
        most: f32,
        colour: Colour,
    ) -> Mark {
        let mut lines = self.pages.lines(text, size, bold, most);
        if lines.len() > 1 {
            let dots = self.pages.faces().width("…", size, bold);
            let first = self.pages.lines(text, size, bold, most - dots);
            let first = first.first().map(|line| line.text().trim_end()).unwrap_or_default();
            lines = Rc::new(vec![Rc::new(self.pages.faces().line(&format!("{first}… "), bold))]);
        }
        Mark::Block { at, size, step: 0.0, lines, colour }
    }

    /// Date, reference, contact and code, right of the window.
    fn facts(&mut self) {
        let left = 125.0 * MM;
        let branch = self.branch(Kind::Paragraph);
        let mut marks = Vec::new();
        let mut y = 50.0 * MM;
        for (label, what) in &self.letter.head.facts {
            let label = format!("{label}:");
            marks.push(self.fitting(
                [left, y + SMALL],
                &label,
                (SMALL, false),
                RIGHT - left,
                QUIET,
            ));
            y += leading(SMALL);
            marks.push(self.fitting([left, y + 8.0], what, (9.0, false), RIGHT - left, INK));
            y += leading(9.0) + 3.0;
        }
        self.paper.put(Part { branch: Some(branch), marks });
    }

    /// The code and the number at the foot of each page: whoever drops the pages finds them again.
    fn feet(&mut self) {
        let count = self.paper.pages.len() - self.first;
        let head = &self.letter.head;
        for number in 0..count {
            let text = head.page.replace("{number}", &(number + 1).to_string());
            let text = text.replace("{count}", &count.to_string());
            let text = self.pages.faces().line(&text, false);
            let right = [RIGHT - text.width(SMALL), FOOT];
            let code = self.pages.faces().line(&head.foot, false);
            let set = |at, line| Mark::Set { at, size: SMALL, line: Rc::new(line), colour: QUIET };
            let marks = vec![set([LEFT, FOOT], code), set(right, text)];
            let page = &mut self.paper.pages[self.first + number];
            page.parts.push(Part { branch: None, marks });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Head, Language, Measures};

    /// A letter whose every part is as long as it is allowed to be.
    fn longest() -> Letter {
        let long = |count: usize| "W".repeat(count);
        Letter {
            language: Language::German,
            subject: "Mitteilung".to_owned(),
            head: Head {
                sender: long(80),
                sender_lines: vec![long(60); 3],
                return_line: vec![long(60); 3].join(" · "),
                address: vec![long(80); 6],
                day: "1. Januar 2026".to_owned(),
                facts: vec![("Datum".to_owned(), long(80)); 5],
                code: long(40),
                foot: long(60),
                page: "{number}/{count}".to_owned(),
            },
            blocks: vec![
                Block::Paragraph(long(1_200)),
                Block::Points(vec![long(300); 12]),
                Block::Table([long(40), long(40)], vec![[long(90), long(90)]; 20]),
            ],
            measures: Measures::default(),
        }
    }

    fn placed(paper: &Paper, page: usize) -> Vec<([f32; 2], f32, String)> {
        let marks = paper.pages[page].parts.iter().flat_map(|part| &part.marks);
        let mut found = Vec::new();
        for mark in marks {
            match mark {
                Mark::Block { at: [x, y], size, step, lines, .. } => {
                    let lines = (0..).zip(lines.iter());
                    found.extend(lines.map(|(number, line)| {
                        let down = number as f32 * step;
                        ([*x, y + down], line.width(*size), line.text().to_owned())
                    }));
                }
                Mark::Set { at, size, line, .. } => {
                    found.push((*at, line.width(*size), line.text().to_owned()));
                }
                _ => {}
            }
        }
        found
    }

    #[test]
    fn the_window_shows_the_address_alone_and_nothing_leaves_the_page() {
        let (pages, letter) = (Pages::new().unwrap(), longest());
        let mut paper = Paper::new("t", "de");
        paper.pages.clear();
        Sheet::new(&pages, &mut paper, &letter).letter();
        assert!(paper.pages.len() > 2);
        let mut seen = 0;
        for page in 0..paper.pages.len() {
            for ([x, y], width, text) in placed(&paper, page) {
                assert!(x >= LEFT - 0.1 && (TOP - 9.0..=FOOT).contains(&y), "{x} {y}");
                assert!(x + width <= RIGHT + 0.5, "{x} {width} {text}");
                // The address field of form B, in millimetres from the corner of the first page.
                let window =
                    (20.0 * MM..105.0 * MM).contains(&x) && (45.0 * MM..92.0 * MM).contains(&y);
                if page == 0 && window {
                    seen += 1;
                    assert!(y <= 90.0 * MM, "{y}");
                    assert!(x + width <= 105.0 * MM, "{text}");
                    assert!(text.starts_with('W'), "{text}");
                }
            }
        }
        assert_eq!(seen, 7, "the line to return to, and six lines of address");
    }
}
