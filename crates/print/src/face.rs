//! The two faces that are built in, and how wide text is in them.

use crate::PrintError;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, GlyphId, MetadataProvider};

pub(crate) const REGULAR: &[u8] = include_bytes!("../fonts/DejaVuSans.ttf");
pub(crate) const BOLD: &[u8] = include_bytes!("../fonts/DejaVuSans-Bold.ttf");

/// Regular and bold.
pub struct Faces {
    regular: Face,
    bold: Face,
}

struct Face {
    font: FontRef<'static>,
    per_em: f32,
}

impl Faces {
    /// The faces that are built in.
    pub fn new() -> Result<Faces, PrintError> {
        Ok(Faces { regular: Face::new(REGULAR)?, bold: Face::new(BOLD)? })
    }

    /// How wide a line of text is.
    pub fn width(&self, text: &str, size: f32, bold: bool) -> f32 {
        self.glyphs(text, bold).map(|(_, advance)| advance * size).sum()
    }

    /// Text in lines that are not wider than this; a word that is wider stands alone.
    pub fn lines(&self, text: &str, size: f32, bold: bool, width: f32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for word in text.split_whitespace() {
            match lines.last_mut() {
                Some(line) if self.width(&format!("{line} {word}"), size, bold) <= width => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        lines
    }

    /// The glyph of each character, and how far it goes in shares of the size.
    pub(crate) fn glyphs(&self, text: &str, bold: bool) -> impl Iterator<Item = (GlyphId, f32)> {
        let face = if bold { &self.bold } else { &self.regular };
        let metrics = face.font.glyph_metrics(Size::unscaled(), LocationRef::default());
        text.chars().map(move |character| {
            let glyph = face.font.charmap().map(character).unwrap_or_default();
            (glyph, metrics.advance_width(glyph).unwrap_or_default() / face.per_em)
        })
    }
}

impl Face {
    fn new(bytes: &'static [u8]) -> Result<Face, PrintError> {
        let font = FontRef::new(bytes).map_err(|_| PrintError::Font)?;
        let metrics = font.metrics(Size::unscaled(), LocationRef::default());
        Ok(Face { font, per_em: f32::from(metrics.units_per_em) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_many_languages_have_glyphs_and_lines_fit() {
        let faces = Faces::new().unwrap();
        let text = "Ægteskab, Öffnung, Żółć, Ğ, Ελλάδα, Київ, ≤ 5 – „so“ … €";
        for bold in [false, true] {
            assert!(faces.glyphs(text, bold).all(|(glyph, _)| glyph.to_u32() > 0));
        }
        let lines = faces.lines(&text.repeat(6), 9.0, false, 200.0);
        assert!(lines.len() > 5);
        assert!(lines.iter().all(|line| faces.width(line, 9.0, false) <= 200.0));
        assert!(faces.width("wide", 10.0, true) > faces.width("wide", 10.0, false));
    }
}
