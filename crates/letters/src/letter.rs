//! A letter before it is printed: what stands in it, in order, without a place on a page.

use crate::{Language, Measures};

/// A composed letter.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    /// The language it is written in.
    pub language: Language,
    /// The subject. It says nothing of health.
    pub subject: String,
    /// What stands around the text.
    pub head: Head,
    /// The text, in the order in which it is read.
    pub blocks: Vec<Block>,
    /// How hard the text is to read.
    pub measures: Measures,
}

/// What stands around the text of a letter.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The sender's name; it is printed outside the window.
    pub sender: String,
    /// The sender's lines under the name.
    pub sender_lines: Vec<String>,
    /// The small line above the reader's address, in the window: street and town alone.
    pub return_line: String,
    /// The reader's name and address, in the window.
    pub address: Vec<String>,
    /// The day, in words.
    pub day: String,
    /// Lines beside the address: labels and what they say.
    pub facts: Vec<(String, String)>,
    /// The letter's code.
    pub code: String,
    /// What stands at the foot of each page, before its number.
    pub foot: String,
    /// The word for a page.
    pub page: String,
}

/// A block of text.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// The first words: was the file opened?
    Lead(String),
    /// A heading.
    Heading(String),
    /// A smaller heading under one.
    Subheading(String),
    /// A paragraph.
    Paragraph(String),
    /// Points in no order.
    Points(Vec<String>),
    /// A table with two columns, and what stands over them.
    Table([String; 2], Vec<[String; 2]>),
    /// Steps to take; they are numbered through the letter, from this number.
    Steps(usize, Vec<Step>),
}

/// A step that a reader can take.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What to do, in a few words.
    pub title: String,
    /// How.
    pub how: String,
    /// Effort, cost, and where to ring or go.
    pub detail: String,
}

impl Letter {
    /// Everything that is read, in order, as sentences and fragments.
    pub fn passages(&self) -> Vec<&str> {
        passages(&self.blocks)
    }
}

/// The sentences of blocks, in order. Headings, tables and what stands in few words under a step
/// are left out: short as they are, they would make any letter seem easy.
pub(crate) fn sentences(blocks: &[Block]) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for block in blocks {
        match block {
            Block::Lead(text) | Block::Paragraph(text) => found.push(text),
            Block::Points(points) => found.extend(points.iter().map(String::as_str)),
            Block::Steps(_, steps) => found.extend(steps.iter().map(|step| step.how.as_str())),
            Block::Heading(_) | Block::Subheading(_) | Block::Table(..) => {}
        }
    }
    found
}

/// What is read of blocks, in order.
fn passages(blocks: &[Block]) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for block in blocks {
        match block {
            Block::Lead(text)
            | Block::Heading(text)
            | Block::Subheading(text)
            | Block::Paragraph(text) => found.push(text),
            Block::Points(points) => found.extend(points.iter().map(String::as_str)),
            Block::Table(heads, rows) => {
                found.extend(heads.iter().map(String::as_str));
                found.extend(rows.iter().flatten().map(String::as_str));
            }
            Block::Steps(_, steps) => {
                found.extend(steps.iter().flat_map(|s| [&*s.title, &*s.how, &*s.detail]));
            }
        }
    }
    found
}
