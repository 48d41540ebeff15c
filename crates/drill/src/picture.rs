//! The picture of a run: for each drill a ring where the original incident ended and a dot where
//! ours did, on a scale that multiplies by ten. Web page and PDF draw these same shapes.

use crate::played::{Played, grouped};

/// Shapes in a field of this size, top left first.
pub struct Picture {
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
    /// From the back to the front.
    pub shapes: Vec<Shape>,
}

/// A colour: red, green, blue.
pub type Colour = [u8; 3];

/// Where a text stands to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// It begins there.
    Start,
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// One thing to draw.
pub enum Shape {
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
        /// Filled, or a ring.
        filled: bool,
    },
    /// A line of text.
    Text {
        /// Its base line.
        at: [f32; 2],
        /// How large.
        size: f32,
        /// What it says.
        text: String,
        /// In this colour.
        colour: Colour,
        /// Bold or not.
        bold: bool,
        /// Where it stands.
        anchor: Anchor,
    },
}

/// Text: nearly black.
pub const INK: Colour = [26, 26, 26];
/// What happened then: dark red, a ring.
pub const THEN: Colour = [155, 28, 28];
/// What happened here: dark blue, a dot.
pub const NOW: Colour = [0, 76, 140];
const QUIET: Colour = [90, 90, 90];
const GRID: Colour = [215, 215, 215];

const WIDTH: f32 = 1000.0;
const ROW: f32 = 46.0;
const TOP: f32 = 92.0;
/// Where nobody is, and where one person is.
const NOBODY: f32 = 392.0;
const ONE: f32 = 452.0;
const RIGHT: f32 = 965.0;
/// The scale ends at a thousand million.
const DECADES: u32 = 9;

impl Picture {
    /// The picture of what was played.
    pub fn of(drills: &[Played]) -> Picture {
        let bottom = TOP + ROW * drills.len() as f32;
        let mut picture = Picture { width: WIDTH, height: bottom + 16.0, shapes: Vec::new() };
        picture.legend();
        picture.scale(bottom);
        for (number, played) in drills.iter().enumerate() {
            picture.row(TOP + ROW * (number as f32 + 0.5), played);
        }
        picture
    }

    /// What the picture shows, in words, for those who do not see it.
    pub fn in_words(drills: &[Played]) -> String {
        let rows: Vec<String> =
            drills.iter().map(|played| format!("{}: {}", played.title, played.plainly())).collect();
        rows.join(" ")
    }

    fn legend(&mut self) {
        self.circle([14.0, 20.0], THEN, false);
        self.text([30.0, 26.0], 17.0, "then: persons taken, or within reach", THEN);
        self.circle([464.0, 20.0], NOW, true);
        self.text([480.0, 26.0], 17.0, "here: persons that the same attack got", NOW);
    }

    fn scale(&mut self, bottom: f32) {
        let mut marks = vec![(NOBODY, "nobody".to_owned())];
        for decade in 0..=DECADES {
            let name = match decade {
                0..=3 => grouped(10_u64.pow(decade)),
                4 | 5 => format!("{} k", 10_u64.pow(decade - 3)),
                6..=8 => format!("{} m", 10_u64.pow(decade - 6)),
                _ => format!("{} bn", 10_u64.pow(decade - 9)),
            };
            marks.push((across(10_u64.pow(decade)), name));
        }
        for (x, name) in marks {
            let (from, to) = ([x, TOP - 14.0], [x, bottom]);
            self.shapes.push(Shape::Line { from, to, width: 1.0, colour: GRID });
            self.put([x, TOP - 24.0], 15.0, name, QUIET, false, Anchor::Middle);
        }
    }

    fn row(&mut self, y: f32, played: &Played) {
        self.put([8.0, y + 5.0], 17.0, played.title.to_owned(), INK, true, Anchor::Start);
        let ours = [across(played.persons()), y];
        match played.incident.persons {
            Some(persons) => {
                let theirs = [across(persons), y];
                let (width, colour) = (2.0, QUIET);
                self.shapes.push(Shape::Line { from: ours, to: theirs, width, colour });
                self.circle(theirs, THEN, false);
                let place = [theirs[0], y - 12.0];
                self.put(place, 15.0, grouped(persons), THEN, true, Anchor::Middle);
            }
            None => {
                let text = "nobody could say how many".to_owned();
                self.put([RIGHT, y + 5.0], 15.0, text, THEN, false, Anchor::End);
            }
        }
        self.circle(ours, NOW, true);
        let place = [ours[0], y - 12.0];
        self.put(place, 15.0, grouped(played.persons()), NOW, true, Anchor::Middle);
    }

    fn circle(&mut self, at: [f32; 2], colour: Colour, filled: bool) {
        let radius = if filled { 8.0 } else { 7.0 };
        self.shapes.push(Shape::Circle { at, radius, colour, filled });
    }

    fn text(&mut self, at: [f32; 2], size: f32, text: &str, colour: Colour) {
        self.put(at, size, text.to_owned(), colour, true, Anchor::Start);
    }

    fn put(
        &mut self,
        at: [f32; 2],
        size: f32,
        text: String,
        colour: Colour,
        bold: bool,
        anchor: Anchor,
    ) {
        self.shapes.push(Shape::Text { at, size, text, colour, bold, anchor });
    }

    /// The picture as SVG, to stand inside a page; `words` says what it shows.
    pub fn svg(&self, words: &str) -> String {
        let mut svg = format!(
            "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"picture-title \
             picture-words\" xmlns=\"http://www.w3.org/2000/svg\">\n<title \
             id=\"picture-title\">Persons whose data an attacker got, then and here</title>\n<desc \
             id=\"picture-words\">{}</desc>\n",
            self.width,
            self.height,
            escaped(words)
        );
        self.shapes.iter().for_each(|shape| svg.push_str(&shape.svg()));
        svg + "</svg>\n"
    }
}

impl Shape {
    fn svg(&self) -> String {
        let hex = |[r, g, b]: &Colour| format!("#{r:02x}{g:02x}{b:02x}");
        match self {
            Shape::Line { from: [x1, y1], to: [x2, y2], width, colour } => {
                let colour = hex(colour);
                format!(
                    "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" stroke=\"{colour}\" \
                     stroke-width=\"{width}\"/>\n"
                )
            }
            Shape::Circle { at: [x, y], radius, colour, filled } => {
                let colour = hex(colour);
                let fill = if *filled { colour.as_str() } else { "#ffffff" };
                format!(
                    "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{fill}\" \
                     stroke=\"{colour}\" stroke-width=\"3\"/>\n"
                )
            }
            Shape::Text { at: [x, y], size, text, colour, bold, anchor } => {
                let weight = if *bold { 700 } else { 400 };
                let anchor = match anchor {
                    Anchor::Start => "start",
                    Anchor::Middle => "middle",
                    Anchor::End => "end",
                };
                format!(
                    "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{}\" \
                     font-weight=\"{weight}\" text-anchor=\"{anchor}\">{}</text>\n",
                    hex(colour),
                    escaped(text)
                )
            }
        }
    }
}

/// Text as HTML and SVG have it.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Where so many persons stand.
fn across(persons: u64) -> f32 {
    if persons == 0 {
        return NOBODY;
    }
    let decades = (persons as f64).log10() as f32;
    (ONE + decades * (RIGHT - ONE) / DECADES as f32).min(RIGHT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::DRILLS;

    fn played() -> Vec<Played> {
        DRILLS.iter().map(|drill| Played::new(drill, 300, Vec::new(), Vec::new())).collect()
    }

    #[test]
    fn everything_stands_inside_the_picture() {
        let picture = Picture::of(&played());
        let inside = |[x, y]: [f32; 2]| {
            (0.0..=picture.width).contains(&x) && (0.0..=picture.height).contains(&y)
        };
        for shape in &picture.shapes {
            assert!(match shape {
                Shape::Line { from, to, .. } => inside(*from) && inside(*to),
                Shape::Circle { at, .. } | Shape::Text { at, .. } => inside(*at),
            });
        }
        assert!(across(0) < across(1) && across(7) < across(8));
        assert!(across(192_700_000) <= RIGHT);
    }

    #[test]
    fn the_picture_has_words_and_no_markup_of_others() {
        let drills = played();
        let svg = Picture::of(&drills).svg("5 < 6 & \"7\"");
        assert!(svg.contains("5 &lt; 6 &amp; &quot;7&quot;"));
        assert_eq!(svg.matches("<desc").count(), 1);
        assert!(!svg.contains("href") && !svg.contains("<script"));
    }
}
