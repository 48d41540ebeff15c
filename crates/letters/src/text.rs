//! A letter as plain text, for whoever has it read out or sent by e-mail.

use crate::{Block, Letter};

/// The letter as lines of text. Lines are not broken: what shows it does that.
pub fn text(letter: &Letter) -> String {
    let head = &letter.head;
    let mut lines = vec![head.sender.clone()];
    lines.extend(head.sender_lines.iter().cloned());
    lines.push(String::new());
    lines.extend(head.address.iter().cloned());
    lines.push(String::new());
    lines.extend(head.facts.iter().map(|(label, what)| format!("{label}: {what}")));
    lines.push(String::new());
    lines.push(letter.subject.to_uppercase());
    for block in &letter.blocks {
        lines.push(String::new());
        one(&mut lines, block);
    }
    lines.push(String::new());
    lines.join("\n")
}

fn one(lines: &mut Vec<String>, block: &Block) {
    match block {
        Block::Heading(text) => lines.push(text.to_uppercase()),
        Block::Lead(text) | Block::Subheading(text) | Block::Paragraph(text) => {
            lines.push(text.clone());
        }
        Block::Points(points) => lines.extend(points.iter().map(|point| format!("- {point}"))),
        Block::Table([left, right], rows) => {
            lines.push(format!("{left} | {right}"));
            lines.extend(rows.iter().map(|[part, when]| format!("- {part} | {when}")));
        }
        Block::Steps(first, steps) => {
            for (number, step) in (*first..).zip(steps) {
                lines.push(format!("{number}. {}", step.title));
                lines.push(format!("   {}", step.how));
                lines.push(format!("   {}", step.detail));
            }
        }
    }
}
