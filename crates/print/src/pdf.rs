//! From pages to PDF.

use crate::face::{BOLD, Faces, REGULAR};
use crate::{A4, Colour, Kind, Mark, Page, Paper, PrintError};
use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Node, Tag, TagGroup, TagKind, TagTree};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use std::num::NonZeroU16;

/// How far a circle's control points are from its ends, in radii.
const ROUND: f32 = 0.552_285;

/// The document as PDF, with the letters that it uses embedded.
pub fn pdf(paper: &Paper) -> Result<Vec<u8>, PrintError> {
    let font = |bytes: &'static [u8]| Font::new(bytes.into(), 0).ok_or(PrintError::Font);
    let press = Press { faces: Faces::new()?, regular: font(REGULAR)?, bold: font(BOLD)? };
    let settings = SerializeSettings { enable_tagging: true, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let mut tree = TagTree::new();
    for page in &paper.pages {
        press.page(&mut document, &mut tree, page)?;
    }
    document.set_tag_tree(tree);
    let metadata = Metadata::new().title(paper.title.clone()).language(paper.language.clone());
    document.set_metadata(metadata.creator("Cofferdam".into()));
    document.finish().map_err(|error| PrintError::Pdf(format!("{error:?}")))
}

struct Press {
    faces: Faces,
    regular: Font,
    bold: Font,
}

impl Press {
    fn page(
        &self,
        document: &mut Document,
        tree: &mut TagTree,
        page: &Page,
    ) -> Result<(), PrintError> {
        let wrong = || PrintError::Pdf("the size of a page".into());
        let settings = PageSettings::from_wh(A4[0], A4[1]).ok_or_else(wrong)?;
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        for part in &page.parts {
            let tag = match &part.kind {
                Kind::Ornament => ContentTag::Artifact(Artifact::new(ArtifactType::Other, None)),
                _ => ContentTag::Other,
            };
            let leaf = surface.start_tagged(tag);
            part.marks.iter().for_each(|mark| self.mark(&mut surface, mark));
            surface.end_tagged();
            if let Some(kind) = tag_of(&part.kind) {
                tree.push(TagGroup::with_children(kind, vec![Node::from(leaf)]));
            }
        }
        surface.finish();
        sheet.finish();
        Ok(())
    }

    fn mark(&self, surface: &mut Surface<'_>, mark: &Mark) {
        match mark {
            Mark::Line { from, to, width, colour } => {
                let mut path = PathBuilder::new();
                path.move_to(from[0], from[1]);
                path.line_to(to[0], to[1]);
                draw(surface, path, None, Some((*colour, *width)));
            }
            Mark::Circle { at, radius, colour, ring } => {
                let (fill, stroke) = match ring {
                    Some(width) => ([255; 3], Some((*colour, *width))),
                    None => (*colour, None),
                };
                draw(surface, circle(*at, *radius), Some(fill), stroke);
            }
            Mark::Text { at, size, text, colour, bold } => {
                surface.set_stroke(None);
                surface.set_fill(Some(fill_of(*colour)));
                let font = if *bold { &self.bold } else { &self.regular };
                let glyphs = self.glyphs(text, *bold);
                let at = Point::from_xy(at[0], at[1]);
                surface.draw_glyphs(at, &glyphs, font.clone(), text, *size, false);
            }
        }
    }

    fn glyphs(&self, text: &str, bold: bool) -> Vec<KrillaGlyph> {
        let placed = text.char_indices().zip(self.faces.glyphs(text, bold));
        placed
            .map(|((at, character), (glyph, advance))| KrillaGlyph {
                glyph_id: GlyphId::new(glyph.to_u32()),
                text_range: at..at + character.len_utf8(),
                x_advance: advance,
                x_offset: 0.0,
                y_offset: 0.0,
                y_advance: 0.0,
                location: None,
            })
            .collect()
    }
}

fn tag_of(kind: &Kind) -> Option<TagKind> {
    match kind {
        Kind::Heading(level) => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            Some(Tag::Hn(level, None).into())
        }
        Kind::Paragraph => Some(Tag::P.into()),
        Kind::Picture(words) => Some(Tag::Figure(Some(words.clone())).into()),
        Kind::Ornament => None,
    }
}

fn draw(
    surface: &mut Surface<'_>,
    path: PathBuilder,
    fill: Option<Colour>,
    stroke: Option<(Colour, f32)>,
) {
    surface.set_fill(fill.map(fill_of));
    let stroke = stroke.map(|(colour, width)| Stroke {
        paint: paint(colour).into(),
        width,
        ..Stroke::default()
    });
    surface.set_stroke(stroke);
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

fn circle([x, y]: [f32; 2], radius: f32) -> PathBuilder {
    let far = radius * ROUND;
    let mut path = PathBuilder::new();
    path.move_to(x + radius, y);
    path.cubic_to(x + radius, y + far, x + far, y + radius, x, y + radius);
    path.cubic_to(x - far, y + radius, x - radius, y + far, x - radius, y);
    path.cubic_to(x - radius, y - far, x - far, y - radius, x, y - radius);
    path.cubic_to(x + far, y - radius, x + radius, y - far, x + radius, y);
    path.close();
    path
}

fn fill_of(colour: Colour) -> Fill {
    Fill { paint: paint(colour).into(), ..Fill::default() }
}

fn paint([red, green, blue]: Colour) -> rgb::Color {
    rgb::Color::new(red, green, blue)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Flow;

    #[test]
    fn a_document_has_its_fonts_inside() {
        let faces = Faces::new().unwrap();
        let mut flow = Flow::new(&faces, "A title", "en");
        flow.heading(1, 18.0, "A heading", [0; 3]);
        flow.paragraph(10.0, false, "Some words – æøå.", [0; 3]);
        flow.picture(50.0, "a dot".into(), |[x, y]| {
            vec![
                Mark::Circle { at: [x + 9.0, y + 9.0], radius: 5.0, colour: [9; 3], ring: None },
                Mark::Line { from: [x, y], to: [x + 9.0, y], width: 1.0, colour: [9; 3] },
            ]
        });
        let pdf = pdf(&flow.finish()).unwrap();
        let has = |word: &[u8]| pdf.windows(word.len()).any(|window| window == word);
        assert!(pdf.starts_with(b"%PDF-1.7"));
        assert!(has(b"/FontFile") && has(b"DejaVuSans-Bold"));
        assert!(has(b"/StructTreeRoot") && has(b"/Alt"));
        assert!(pdf.len() < 60_000, "{} bytes", pdf.len());
    }
}
