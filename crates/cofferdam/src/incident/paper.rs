//! A filing on paper.

use ::incident::filing::{Sheet, SheetField};
use print::{Colour, Faces, Flow, Press, PrintError};

const INK: Colour = [20, 20, 20];
const QUIET: Colour = [90, 90, 90];
const ALARM: Colour = [160, 20, 20];
const RULE: Colour = [187, 187, 187];
/// Sizes of text, in points.
const TITLE: f32 = 15.0;
const GROUP: f32 = 11.5;
const TEXT: f32 = 9.5;
const LABEL: f32 = 8.5;
const SMALL: f32 = 7.5;

/// The filing as PDF.
pub(super) fn pdf(sheet: &Sheet) -> Result<Vec<u8>, PrintError> {
    let press = Press::new()?;
    let faces = press.faces();
    let mut flow = Flow::new(faces, &sheet.title, "en");
    flow.heading(1, TITLE, &sheet.title, INK);
    flow.space(4.0);
    sheet.about.iter().for_each(|line| flow.paragraph(LABEL, false, line, QUIET));
    for group in &sheet.groups {
        flow.space(10.0);
        // A heading stays with its first field.
        flow.keep(GROUP + 60.0);
        flow.rule(RULE);
        flow.space(4.0);
        flow.heading(2, GROUP, &group.title, INK);
        group.fields.iter().for_each(|field| one(&mut flow, faces, field));
    }
    flow.space(14.0);
    flow.keep(60.0);
    flow.rule(RULE);
    flow.space(4.0);
    for note in &sheet.notes {
        flow.paragraph(SMALL, false, &broken(faces, note, SMALL), QUIET);
        flow.space(2.0);
    }
    press.pdf(&flow.finish())
}

fn one(flow: &mut Flow<'_>, faces: &Faces, field: &SheetField) {
    flow.space(6.0);
    let label = format!("{}{}", field.number, field.label);
    flow.keep(flow.height(LABEL, true, &label) + 3.0 * TEXT);
    flow.paragraph(LABEL, true, &label, QUIET);
    match &field.value {
        Some(value) => value
            .lines()
            .filter(|line| !line.trim().is_empty())
            .for_each(|line| flow.paragraph(TEXT, false, &broken(faces, line, TEXT), INK)),
        None if field.missing => flow.paragraph(TEXT, true, "MISSING", ALARM),
        None => flow.paragraph(TEXT, false, "(left open)", QUIET),
    }
    let mark = format!("[{}] {}", field.mark, field.why);
    flow.paragraph(SMALL, false, &broken(faces, &mark, SMALL), QUIET);
}

/// The text with words broken that are wider than a line.
fn broken(faces: &Faces, text: &str, size: f32) -> String {
    let mut broken = String::with_capacity(text.len());
    let mut width = 0.0;
    for character in text.chars() {
        let more = faces.width(character.encode_utf8(&mut [0; 4]), size, false);
        width = if character.is_whitespace() { 0.0 } else { width + more };
        if width > Flow::width() {
            broken.push(' ');
            width = more;
        }
        broken.push(character);
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_wider_than_a_line_are_broken_and_nothing_is_lost() {
        let faces = Faces::new().unwrap();
        let text = format!("short {} end", "WÉ".repeat(200));
        let made = broken(&faces, &text, TEXT);
        let widths = made.split(' ').map(|word| faces.width(word, TEXT, false));
        assert!(widths.clone().count() > 5 && widths.max_by(f32::total_cmp) <= Some(Flow::width()));
        assert_eq!(made.replace(' ', ""), text.replace(' ', ""));
    }
}
