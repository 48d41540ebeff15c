//! From pages to PDF.

use crate::face::{BOLD, Faces, Line, REGULAR};
use crate::pack::pack;
use crate::repeat::Repeats;
use crate::tags::tree;
use crate::{A4, Colour, Mark, Page, Paper, PrintError};
use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Transform};
use krilla::graphic::Graphic;
use krilla::metadata::Metadata;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier};
use krilla::text::Font;

/// How far a circle's control points are from its ends, in radii.
const ROUND: f32 = 0.552_285;

/// Faces and fonts, read once for many documents.
pub struct Press {
    faces: Faces,
    regular: Font,
    bold: Font,
    settings: SerializeSettings,
}

impl Press {
    /// A press with the faces that are built in.
    pub fn new() -> Result<Press, PrintError> {
        let font = |bytes: &'static [u8]| Font::new(bytes.into(), 0).ok_or(PrintError::Font);
        let accessible = ConfigurationBuilder::new()
            .with_accessibility_validator(Accessibility::UA1)
            .finish()
            .map_err(|error| PrintError::Pdf(format!("{error:?}")))?;
        let settings = SerializeSettings {
            configuration: accessible,
            enable_tagging: true,
            ..SerializeSettings::default()
        };
        let (regular, bold) = (font(REGULAR)?, font(BOLD)?);
        Ok(Press { faces: Faces::new()?, regular, bold, settings })
    }

    /// The faces.
    pub fn faces(&self) -> &Faces {
        &self.faces
    }

    /// The document as PDF/UA-1, with the letters that it uses embedded.
    pub fn pdf(&self, paper: &Paper) -> Result<Vec<u8>, PrintError> {
        let mut document = Document::new_with(self.settings.clone());
        let mut leaves = vec![Vec::new(); paper.branches.len()];
        let mut repeats = Repeats::of(paper);
        for page in &paper.pages {
            self.page(&mut document, &mut leaves, &mut repeats, page)?;
        }
        document.set_tag_tree(tree(&paper.branches, leaves));
        document.set_outline(outline(paper));
        let metadata = Metadata::new().title(paper.title.clone()).language(paper.language.clone());
        document.set_metadata(metadata.creator("Cofferdam".into()));
        let pdf = document.finish().map_err(|error| PrintError::Pdf(format!("{error:?}")))?;
        pack(&pdf)
    }

    fn page<'a>(
        &self,
        document: &mut Document,
        leaves: &mut [Vec<Identifier>],
        repeats: &mut Repeats<'a>,
        page: &'a Page,
    ) -> Result<(), PrintError> {
        let wrong = || PrintError::Pdf("the size of a page".into());
        let settings = PageSettings::from_wh(A4[0], A4[1]).ok_or_else(wrong)?;
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        for part in page.parts.iter().filter(|part| !part.marks.is_empty()) {
            let tag = match part.branch {
                None => ContentTag::Artifact(Artifact::new(ArtifactType::Other, None)),
                Some(_) => ContentTag::Other,
            };
            let leaf = surface.start_tagged(tag);
            part.marks.iter().for_each(|mark| self.mark(&mut surface, repeats, mark));
            surface.end_tagged();
            if let Some(branch) = part.branch {
                let missing = || PrintError::Pdf("a part on no branch".into());
                leaves.get_mut(branch).ok_or_else(missing)?.push(leaf);
            }
        }
        surface.finish();
        sheet.finish();
        Ok(())
    }

    fn mark<'a>(&self, surface: &mut Surface<'_>, repeats: &mut Repeats<'a>, mark: &'a Mark) {
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
                self.line(surface, *at, *size, &self.faces.line(text, *bold), *colour);
            }
            Mark::Set { at, size, line, colour } => {
                self.set(surface, repeats, near(*at), (line, *size, *colour));
            }
            Mark::Block { at, size, step, lines, colour } => {
                let [x, mut y] = near(*at);
                let whole = |inner: &mut Surface<'_>| {
                    let mut down = 0.0;
                    for line in lines.iter() {
                        self.line(inner, [0.0, down], *size, line, *colour);
                        down += step;
                    }
                };
                if let Some(form) = repeats.block(mark, || form(surface, whole)) {
                    place(surface, [x, y], form);
                    return;
                }
                for line in lines.iter() {
                    self.set(surface, repeats, [x, y], (line, *size, *colour));
                    y += step;
                }
            }
        }
    }

    /// A line, from its form where it has one.
    fn set<'a>(
        &self,
        surface: &mut Surface<'_>,
        repeats: &mut Repeats<'a>,
        at: [f32; 2],
        (line, size, colour): (&'a Line, f32, Colour),
    ) {
        let alone = |inner: &mut Surface<'_>| self.line(inner, [0.0, 0.0], size, line, colour);
        match repeats.line((line, size, colour), || form(surface, alone)) {
            Some(form) => place(surface, at, form),
            None => self.line(surface, at, size, line, colour),
        }
    }

    fn line(&self, surface: &mut Surface<'_>, at: [f32; 2], size: f32, line: &Line, ink: Colour) {
        surface.set_stroke(None);
        surface.set_fill(Some(fill_of(ink)));
        let font = if line.bold { &self.bold } else { &self.regular };
        let at = Point::from_xy(at[0], at[1]);
        surface.draw_glyphs(at, &line.glyphs, font.clone(), &line.text, size, false);
    }
}

/// What is drawn from where its first line begins, to be placed anywhere.
fn form(surface: &mut Surface<'_>, draw: impl FnOnce(&mut Surface<'_>)) -> Graphic {
    let mut builder = surface.stream_builder();
    let mut inner = builder.surface();
    draw(&mut inner);
    inner.finish();
    Graphic::new(builder.finish(), false)
}

fn place(surface: &mut Surface<'_>, [x, y]: [f32; 2], form: Graphic) {
    surface.push_transform(&Transform::from_translate(x, y));
    surface.draw_graphic(form);
    surface.pop();
}

/// To a tenth of a point across and half of one down, counted from the foot of the page as the
/// file does: which nobody sees, and which is shorter to write.
fn near([x, y]: [f32; 2]) -> [f32; 2] {
    [(x * 10.0).round() / 10.0, A4[1] - ((A4[1] - y) * 2.0).round() / 2.0]
}

/// What a viewer lists; the title alone where nothing is said.
fn outline(paper: &Paper) -> Outline {
    let mut outline = Outline::new();
    let mut push = |text: &str, page: usize| {
        let top = XyzDestination::new(page, Point::from_xy(0.0, 0.0));
        outline.push_child(OutlineNode::new(text.to_owned(), top));
    };
    if paper.outline.is_empty() {
        push(&paper.title, 0);
    }
    paper.outline.iter().for_each(|(text, page)| push(text, *page));
    outline
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
    use crate::{Flow, Kind};

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
        let pdf = Press::new().unwrap().pdf(&flow.finish()).unwrap();
        let has = |word: &[u8]| pdf.windows(word.len()).any(|window| window == word);
        assert!(pdf.starts_with(b"%PDF-1.7"));
        assert!(has(b"pdfuaid:part") && has(b"/Type/ObjStm") && has(b"/Type/XRef"));
        assert!(pdf.len() < 60_000, "{} bytes", pdf.len());
    }

    #[test]
    fn a_document_against_the_rules_is_an_error() {
        let press = Press::new().unwrap();
        let mut paper = Paper::new("A title", "en");
        let branch = paper.branch(None, Kind::Picture("a line".into()));
        let from = [9.0, 9.0];
        let marks = vec![Mark::Line { from, to: [20.0, 9.0], width: 1.0, colour: [0; 3] }];
        paper.put(crate::Part { branch: Some(branch), marks });
        assert!(press.pdf(&paper).is_ok());
        paper.branches[branch].kind = Kind::Picture(String::new());
        assert!(press.pdf(&paper).is_err());
        paper.branches[branch].kind = Kind::Paragraph;
        paper.pages[0].parts[0].branch = Some(7);
        assert!(press.pdf(&paper).is_err());
    }
}
