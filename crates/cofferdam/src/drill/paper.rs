//! The report on paper: the same picture, and the same sentences.

use ::drill::picture::{Anchor, INK, NOW, Picture, Shape, THEN};
use ::drill::played::{Played, Run, grouped};
use ::drill::webpage;
use print::{Colour, Faces, Flow, Mark, Press, PrintError};

const HELD: Colour = [11, 93, 42];
const QUIET: Colour = [74, 74, 74];
const RULE: Colour = [187, 187, 187];
/// Sizes of text, in points.
const TEXT: f32 = 9.5;
const SMALL: f32 = 8.5;

/// The report as PDF.
pub(super) fn pdf(run: &Run) -> Result<Vec<u8>, PrintError> {
    let press = Press::new()?;
    let faces = press.faces();
    let mut flow = Flow::new(faces, "Drills: what the attackers got", "en");
    flow.heading(1, 20.0, "Drills: what the attackers got", INK);
    flow.space(4.0);
    flow.paragraph(TEXT, false, &webpage::introduction(run), INK);
    flow.space(6.0);
    flow.paragraph(12.0, true, &webpage::conclusion(run), verdict(run.held));
    flow.space(10.0);
    picture(&mut flow, faces, run);
    flow.paragraph(SMALL, false, SCALE, QUIET);
    flow.space(8.0);
    for played in &run.drills {
        let text = format!("{} – {}", played.title, played.plainly());
        flow.paragraph(8.0, false, &text, verdict(played.held));
        flow.space(2.0);
    }
    // The first page is for whoever reads one page.
    flow.another_page();
    run.drills.iter().for_each(|played| one(&mut flow, played));
    press.pdf(&flow.finish())
}

const SCALE: &str = "Each step of the scale to the right is ten times as many persons. Rings: the \
                     original incident, as its source has it. Dots: the same attack on this \
                     system, the most that one attacker got.";

fn verdict(held: bool) -> Colour {
    if held { HELD } else { THEN }
}

fn picture(flow: &mut Flow<'_>, faces: &Faces, run: &Run) {
    let picture = Picture::of(&run.drills);
    let scale = Flow::width() / picture.width;
    let words = Picture::in_words(&run.drills);
    flow.picture(picture.height * scale + 6.0, words, |origin| {
        let place = |[x, y]: [f32; 2]| [origin[0] + x * scale, origin[1] + y * scale];
        picture.shapes.iter().map(|shape| mark(shape, faces, scale, &place)).collect()
    });
}

fn mark(shape: &Shape, faces: &Faces, scale: f32, place: &dyn Fn([f32; 2]) -> [f32; 2]) -> Mark {
    match shape {
        Shape::Line { from, to, width, colour } => {
            Mark::Line { from: place(*from), to: place(*to), width: width * scale, colour: *colour }
        }
        Shape::Circle { at, radius, colour, filled } => Mark::Circle {
            at: place(*at),
            radius: radius * scale,
            colour: *colour,
            ring: (!filled).then_some(3.0 * scale),
        },
        Shape::Text { at, size, text, colour, bold, anchor } => {
            let (size, [x, y]) = (size * scale, place(*at));
            let width = faces.width(text, size, *bold);
            let x = match anchor {
                Anchor::Start => x,
                Anchor::Middle => x - width / 2.0,
                Anchor::End => x - width,
            };
            Mark::Text { at: [x, y], size, text: text.clone(), colour: *colour, bold: *bold }
        }
    }
}

fn one(flow: &mut Flow<'_>, played: &Played) {
    let incident = &played.incident;
    flow.keep(140.0);
    flow.space(12.0);
    flow.rule(RULE);
    flow.space(6.0);
    flow.heading(2, 12.5, played.title, INK);
    flow.space(2.0);
    flow.paragraph(TEXT, true, &played.plainly(), verdict(played.held));
    let files = grouped(played.files);
    let attack = format!("The attacker {}. Files in reach: {files}.", played.attack);
    flow.paragraph(TEXT, false, &attack, INK);
    let then = format!(
        "{}: {} Taken: {}. Unnoticed: {}. Source: {}.",
        incident.name, incident.what, incident.sections, incident.unnoticed, incident.source
    );
    flow.space(3.0);
    flow.paragraph(SMALL, false, &then, QUIET);
    flow.space(3.0);
    for attacker in &played.attackers {
        let got = format!(
            "• {}: {}. Listed by the ledger: {}.",
            attacker.who,
            webpage::got(attacker),
            attacker.listed
        );
        flow.paragraph(SMALL, false, &got, NOW);
    }
    flow.space(3.0);
    for check in &played.checks {
        let word = if check.held { "held" } else { "BROKEN" };
        let text = format!("{word}: {} ({})", check.what, check.found);
        flow.paragraph(SMALL, !check.held, &text, verdict(check.held));
    }
}
