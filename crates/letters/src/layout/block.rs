//! Blocks of text, one under the other, over the pages.

use super::*;
use crate::letter::Step;

/// Room for a number or a dot before a point.
const INDENT: f32 = 16.0;
/// Where the second column of a table begins.
const SECOND: f32 = 90.0 * MM;

impl Sheet<'_> {
    /// One block; `next` is what a heading must not be parted from.
    pub(super) fn block(&mut self, block: &Block, next: Option<&Block>) {
        match block {
            Block::Lead(text) => {
                self.keep(self.height(text, HEADING, true, WIDTH));
                let branch = self.branch(Kind::Paragraph);
                self.set(branch, text, HEADING, true, INK);
                self.y += 3.0;
            }
            Block::Heading(text) => self.heading(2, text, HEADING, 6.0, next),
            Block::Subheading(text) => self.heading(3, text, TEXT, 3.0, next),
            Block::Paragraph(text) => {
                let branch = self.branch(Kind::Paragraph);
                self.set(branch, text, TEXT, false, INK);
                self.y += 3.0;
            }
            Block::Points(points) => self.points(points),
            Block::Table(heads, rows) => self.table(heads, rows),
            Block::Steps(first, steps) => self.steps(*first, steps),
        }
    }

    fn heading(&mut self, level: u16, text: &str, size: f32, above: f32, next: Option<&Block>) {
        let own = above + self.height(text, size, true, WIDTH);
        self.keep(own + next.map_or(0.0, |next| self.beginning(next)));
        if self.y > TOP {
            self.y += above;
        }
        let branch = self.branch(Kind::Heading(level, text.to_owned()));
        self.set(branch, text, size, true, INK);
        self.y += 1.0;
    }

    /// How much of a block must stand under its heading.
    fn beginning(&self, block: &Block) -> f32 {
        match block {
            Block::Heading(text) | Block::Subheading(text) | Block::Lead(text) => {
                self.height(text, HEADING, true, WIDTH) + 3.0 * leading(TEXT)
            }
            Block::Paragraph(text) => {
                self.height(text, TEXT, false, WIDTH).min(2.0 * leading(TEXT))
            }
            Block::Points(_) => 2.0 * leading(TEXT),
            Block::Table(..) => 3.0 * leading(TEXT),
            Block::Steps(_, steps) => steps.first().map_or(0.0, |step| self.step_height(step)),
        }
    }

    fn points(&mut self, points: &[String]) {
        let list = self.branch(Kind::List { numbered: false });
        for (number, point) in points.iter().enumerate() {
            // The last point does not go to another page alone.
            let last = if number + 2 == points.len() { number + 1 } else { number };
            let together = points[number..=last].iter();
            let height = |point: &String| self.height(point, TEXT, false, WIDTH - INDENT);
            self.keep(together.map(height).sum());
            let body = self.item(list, "•", false);
            self.set_at(body, point, TEXT, false, INK, INDENT);
        }
        self.y += 4.0;
    }

    fn steps(&mut self, first: usize, steps: &[Step]) {
        let list = self.branch(Kind::List { numbered: true });
        for (number, step) in (first..).zip(steps) {
            self.keep(self.step_height(step));
            let body = self.item(list, &format!("{number}."), true);
            self.set_at(body, &step.title, TEXT, true, INK, INDENT);
            self.set_at(body, &step.how, TEXT, false, INK, INDENT);
            self.set_at(body, &step.detail, TEXT, false, QUIET, INDENT);
            self.y += 2.0;
        }
        self.y += 1.0;
    }

    fn step_height(&self, step: &Step) -> f32 {
        let narrow = WIDTH - INDENT;
        self.height(&step.title, TEXT, true, narrow)
            + self.height(&step.how, TEXT, false, narrow)
            + self.height(&step.detail, TEXT, false, narrow)
    }

    /// An item of a list with its label set; what it says is yet to come. A dot is an ornament: the
    /// list says by itself that it has dots.
    fn item(&mut self, list: usize, label: &str, numbered: bool) -> usize {
        let item = self.paper.branch(Some(list), Kind::Item);
        let branch = numbered.then(|| self.paper.branch(Some(item), Kind::Label));
        let lines = self.pages.lines(label, TEXT, numbered, INDENT);
        let at = [LEFT, self.y + base(TEXT)];
        let (size, step, colour) = (TEXT, leading(TEXT), INK);
        let marks = vec![Mark::Block { at, size, step, lines, colour }];
        self.paper.put(Part { branch, marks });
        self.paper.branch(Some(item), Kind::Body)
    }

    fn table(&mut self, heads: &[String; 2], rows: &[[String; 2]]) {
        let table = self.branch(Kind::Table);
        self.row(table, heads, true);
        rows.iter().for_each(|row| self.row(table, row, false));
        self.y += 4.0;
    }

    fn row(&mut self, table: usize, cells: &[String; 2], head: bool) {
        let columns = [(0.0, SECOND - 8.0), (SECOND, WIDTH - SECOND)];
        let height =
            |(text, (_, width)): (&String, (f32, f32))| self.height(text, TEXT, head, width);
        let tallest = cells.iter().zip(columns).map(height).fold(0.0, f32::max);
        self.keep(tallest + 3.0);
        let row = self.paper.branch(Some(table), Kind::Row);
        for (text, (x, width)) in cells.iter().zip(columns) {
            let kind = if head { Kind::Head } else { Kind::Cell };
            let branch = self.paper.branch(Some(row), kind);
            let lines = self.pages.lines(text, TEXT, head, width);
            let at = [LEFT + x, self.y + 1.5 + base(TEXT)];
            let (size, step, colour) = (TEXT, leading(TEXT), INK);
            let marks = vec![Mark::Block { at, size, step, lines, colour }];
            self.paper.put(Part { branch: Some(branch), marks });
        }
        self.y += tallest + 3.0;
        let y = (self.y * 2.0).round() / 2.0;
        let (from, to) = ([LEFT.round(), y], [RIGHT.round(), y]);
        let width = if head { 0.8 } else { 0.3 };
        let marks = vec![Mark::Line { from, to, width, colour: RULE }];
        self.paper.put(Part { branch: None, marks });
    }

    fn height(&self, text: &str, size: f32, bold: bool, width: f32) -> f32 {
        self.pages.lines(text, size, bold, width).len() as f32 * leading(size)
    }

    /// Begins another page unless so much fits on this one.
    fn keep(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.paper.pages.push(Page::default());
            self.y = TOP;
        }
    }

    pub(super) fn set(&mut self, branch: usize, text: &str, size: f32, bold: bool, ink: Colour) {
        self.set_at(branch, text, size, bold, ink, 0.0);
    }

    /// Lines under one another; where a page is full the rest stands on the next.
    fn set_at(
        &mut self,
        branch: usize,
        text: &str,
        size: f32,
        bold: bool,
        colour: Colour,
        indent: f32,
    ) {
        let lines = self.pages.lines(text, size, bold, WIDTH - indent);
        let at = [LEFT + indent, self.y + base(size)];
        let (step, height) = (leading(size), lines.len() as f32 * leading(size));
        if self.y + height <= BOTTOM {
            let marks = vec![Mark::Block { at, size, step, lines, colour }];
            self.paper.put(Part { branch: Some(branch), marks });
            self.y += height;
            return;
        }
        let mut marks = Vec::with_capacity(lines.len());
        for (number, line) in lines.iter().enumerate() {
            // No single line is left behind, and none goes alone.
            let two = lines.len() > 1 && (number == 0 || number + 2 == lines.len());
            let ask = if two { 2.0 * leading(size) } else { leading(size) };
            if self.y + ask > BOTTOM {
                let full = std::mem::take(&mut marks);
                self.paper.put(Part { branch: Some(branch), marks: full });
                self.keep(ask);
            }
            let at = [LEFT + indent, self.y + base(size)];
            marks.push(Mark::Set { at, size, line: Rc::clone(line), colour });
            self.y += leading(size);
        }
        self.paper.put(Part { branch: Some(branch), marks });
    }
}

/// From the top of a line to its base.
fn base(size: f32) -> f32 {
    1.02 * size
}
