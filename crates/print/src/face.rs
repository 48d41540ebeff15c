//! The two faces that are built in: shaping, and breaking text into lines.

use crate::PrintError;
use harfrust::{Direction, ShapeOptions, ShapePlan, Shaper, ShaperData, UnicodeBuffer, script};
use krilla::text::{GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use std::rc::Rc;
use unicode_linebreak::linebreaks;

pub(crate) const REGULAR: &[u8] = include_bytes!("../fonts/NotoSans-Regular.ttf");
pub(crate) const BOLD: &[u8] = include_bytes!("../fonts/NotoSans-Bold.ttf");

/// What stands for a character that no face has.
const REPLACEMENT: char = '\u{FFFD}';

/// Regular and bold.
pub struct Faces {
    regular: Face,
    bold: Face,
}

struct Face {
    font: FontRef<'static>,
    data: ShaperData,
    /// How to shape Latin letters, worked out once.
    latin: ShapePlan,
    per_em: f32,
}

/// A line of text with its letters placed: kerned, accents on their letters.
#[derive(Clone)]
pub struct Line {
    pub(crate) text: String,
    pub(crate) glyphs: Vec<KrillaGlyph>,
    pub(crate) bold: bool,
    width: f32,
}

impl Line {
    /// How wide it is at this size, without spaces at its end.
    pub fn width(&self, size: f32) -> f32 {
        self.width * size
    }

    /// What it says.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// The first character that the faces do not have, if there is one.
pub fn missing(text: &str) -> Option<char> {
    let font = FontRef::new(REGULAR).ok()?;
    let map = font.charmap();
    text.chars().find(|character| map.map(*character).is_none())
}

impl Faces {
    /// The faces that are built in.
    pub fn new() -> Result<Faces, PrintError> {
        Ok(Faces { regular: Face::new(REGULAR)?, bold: Face::new(BOLD)? })
    }

    /// How wide a line of text is.
    pub fn width(&self, text: &str, size: f32, bold: bool) -> f32 {
        self.line(text, bold).width(size)
    }

    /// One line, however wide. Characters that no face has are replaced by one that shows.
    pub fn line(&self, text: &str, bold: bool) -> Line {
        let face = if bold { &self.bold } else { &self.regular };
        let text = face.printable(text);
        let glyphs = face.shape(&text);
        let width = width_without_end(&text, &glyphs);
        Line { text, glyphs, bold, width }
    }

    /// Text in lines that are not wider than this, broken where Unicode allows (UAX #14); a word
    /// that is wider is broken anywhere.
    pub fn lines(&self, text: &str, size: f32, bold: bool, width: f32) -> Vec<Rc<Line>> {
        let whole = self.line(text, bold);
        let most = width / size;
        if whole.width <= most && !whole.text.contains('\n') {
            return vec![Rc::new(whole)];
        }
        let cuts = Cuts { whole: &whole, most };
        cuts.lines().into_iter().map(Rc::new).collect()
    }
}

/// Where a text that is shaped as a whole is cut into lines.
struct Cuts<'a> {
    whole: &'a Line,
    most: f32,
}

impl Cuts<'_> {
    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        // Glyph numbers: where this line began, where it last could end.
        let (mut start, mut fits) = (0, 0);
        for (at, _) in linebreaks(&self.whole.text) {
            let end = self.glyph_at(at);
            while self.width(start, end) > self.most {
                if fits == start {
                    fits = self.forced(start, end);
                }
                lines.push(self.slice(start, fits));
                start = fits;
            }
            fits = end;
        }
        if start < self.whole.glyphs.len() {
            lines.push(self.slice(start, self.whole.glyphs.len()));
        }
        lines
    }

    /// The first glyph that belongs to text from here on.
    fn glyph_at(&self, text_at: usize) -> usize {
        self.whole.glyphs.partition_point(|glyph| glyph.text_range.start < text_at)
    }

    /// As far as a line can go that has no place to break: whole clusters, one at least.
    fn forced(&self, start: usize, end: usize) -> usize {
        let same = |at: usize| {
            let glyphs = &self.whole.glyphs;
            glyphs[at].text_range.start == glyphs[at - 1].text_range.start
        };
        let mut last = start;
        for at in start + 1..=end {
            if at < self.whole.glyphs.len() && same(at) {
                continue;
            }
            if last > start && self.width(start, at) > self.most {
                break;
            }
            last = at;
        }
        last
    }

    fn width(&self, start: usize, end: usize) -> f32 {
        let glyphs = &self.whole.glyphs[start..end];
        width_without_end(&self.whole.text, glyphs)
    }

    fn slice(&self, start: usize, end: usize) -> Line {
        let mut glyphs = self.whole.glyphs[start..end].to_vec();
        let from = glyphs.first().map_or(0, |glyph| glyph.text_range.start);
        let to = glyphs.last().map_or(from, |glyph| glyph.text_range.end);
        for glyph in &mut glyphs {
            glyph.text_range = glyph.text_range.start - from..glyph.text_range.end - from;
        }
        let text = self.whole.text[from..to].to_owned();
        let width = width_without_end(&text, &glyphs);
        Line { text, glyphs, bold: self.whole.bold, width }
    }
}

fn width_without_end(text: &str, glyphs: &[KrillaGlyph]) -> f32 {
    let blank = |glyph: &&KrillaGlyph| text.get(glyph.text_range.clone()) == Some(" ");
    let end = glyphs.iter().rev().take_while(blank).count();
    glyphs[..glyphs.len() - end].iter().map(|glyph| glyph.x_advance).sum()
}

impl Face {
    fn new(bytes: &'static [u8]) -> Result<Face, PrintError> {
        let font = FontRef::new(bytes).map_err(|_| PrintError::Font)?;
        let data = ShaperData::new(&font);
        let shaper = data.shaper(&font).build();
        let latin = ShapePlan::new(&shaper, Direction::LeftToRight, Some(script::LATIN), None, &[]);
        let per_em = f32::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
        Ok(Face { font, data, latin, per_em })
    }

    fn printable(&self, text: &str) -> String {
        let map = self.font.charmap();
        text.chars().map(|c| if map.map(c).is_some() { c } else { REPLACEMENT }).collect()
    }

    fn shape(&self, text: &str) -> Vec<KrillaGlyph> {
        let shaper: Shaper<'_> = self.data.shaper(&self.font).build();
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        buffer.set_direction(Direction::LeftToRight);
        // Digits and spaces alone have no script; Latin suits them.
        if !text.chars().any(char::is_alphabetic) {
            buffer.set_script(script::LATIN);
        }
        let plan = (buffer.script() == script::LATIN).then_some(&self.latin);
        let shaped = shaper.shape(buffer, ShapeOptions::new().plan(plan));
        let mut end = text.len();
        let mut glyphs = Vec::with_capacity(shaped.len());
        let placed = shaped.glyph_infos().iter().zip(shaped.glyph_positions());
        // From the end, because a cluster reaches to the one after it.
        for (info, position) in placed.rev() {
            let start = info.cluster as usize;
            let share = |units: i32| units as f32 / self.per_em;
            glyphs.push(KrillaGlyph {
                glyph_id: GlyphId::new(info.glyph_id),
                text_range: start..end,
                x_advance: share(position.x_advance),
                x_offset: share(position.x_offset),
                y_offset: share(position.y_offset),
                y_advance: share(position.y_advance),
                location: None,
            });
            let first = glyphs.len() - 1;
            let begins = shaped.glyph_infos().len() == glyphs.len()
                || shaped.glyph_infos()[shaped.len() - glyphs.len() - 1].cluster != info.cluster;
            if begins {
                // Every glyph of a cluster covers all of it.
                let of_cluster = glyphs[..=first].iter_mut().rev();
                of_cluster
                    .take_while(|glyph| glyph.text_range.start == start)
                    .for_each(|glyph| glyph.text_range.end = end);
                end = start;
            }
        }
        glyphs.reverse();
        glyphs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_many_languages_have_glyphs_and_lines_fit() {
        let faces = Faces::new().unwrap();
        let text = "Ægteskab, Öffnung, Żółć, Ğ, Ελλάδα, Київ, Nguyễn – „so“ … € ";
        assert_eq!(missing(text), None);
        for bold in [false, true] {
            assert!(faces.line(text, bold).glyphs.iter().all(|glyph| glyph.glyph_id.to_u32() > 0));
        }
        let lines = faces.lines(&text.repeat(6), 9.0, false, 200.0);
        assert!(lines.len() > 5);
        assert!(lines.iter().all(|line| line.width(9.0) <= 200.0));
        let again: String = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(again, text.repeat(6));
        assert!(faces.width("wide", 10.0, true) > faces.width("wide", 10.0, false));
    }

    #[test]
    fn pairs_are_kerned_and_accents_take_no_room() {
        let faces = Faces::new().unwrap();
        let apart = faces.width("A", 10.0, false) + faces.width("V", 10.0, false);
        assert!(faces.width("AV", 10.0, false) < apart);
        let plain = faces.width("q", 10.0, false);
        assert!((faces.width("q\u{301}", 10.0, false) - plain).abs() < 0.01);
    }

    #[test]
    fn no_line_is_broken_at_a_hard_space() {
        let faces = Faces::new().unwrap();
        let lines = faces.lines("ring 33\u{a0}37\u{a0}00\u{a0}37 today", 10.0, false, 60.0);
        assert!(lines.len() > 1);
        assert!(lines.iter().any(|line| line.text.contains("33\u{a0}37\u{a0}00\u{a0}37")));
    }

    #[test]
    fn a_word_without_end_is_broken_and_loses_nothing() {
        let faces = Faces::new().unwrap();
        for word in ["x".repeat(500), "e\u{301}".repeat(300), "王".repeat(50)] {
            let lines = faces.lines(&word, 10.0, false, 100.0);
            assert!(lines.len() > 4);
            assert!(lines.iter().all(|line| line.width(10.0) <= 100.0));
            let count: usize = lines.iter().map(|line| line.text.chars().count()).sum();
            assert_eq!(count, word.chars().count());
        }
        assert!(faces.line("王", false).text.contains(REPLACEMENT));
        // Narrower than any letter: one letter a line, and an end.
        assert_eq!(faces.lines("abc", 10.0, false, 0.1).len(), 3);
    }
}
