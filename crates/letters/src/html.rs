//! A letter as a page for a browser: no script, nothing from elsewhere.

use crate::{Block, Letter};
use std::fmt::Write as _;

const STYLE: &str = "body{font:1.05rem/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;\
padding:0 1rem;color:#111;background:#fff}h1{font-size:1.4rem}h2{font-size:1.15rem;\
margin-top:1.6rem}h3{font-size:1rem}table{border-collapse:collapse;width:100%}\
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;\
border-bottom:1px solid #767676}.lead{font-size:1.15rem;font-weight:bold}.detail{color:#4a4a4a}\
address{font-style:normal;white-space:pre-line}dl{display:grid;grid-template-columns:auto 1fr;\
gap:0 1rem}dd{margin:0}";

/// The letter as one HTML document.
pub fn html(letter: &Letter) -> String {
    let mut page = String::with_capacity(12_000);
    // Writing to a string cannot fail.
    let _ = write(&mut page, letter);
    page
}

fn write(page: &mut String, letter: &Letter) -> std::fmt::Result {
    let (head, subject) = (&letter.head, Safe(&letter.subject));
    let language = letter.language.code();
    write!(
        page,
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n"
    )?;
    page.push_str("<meta name=\"viewport\" content=\"width=device-width\">\n");
    page.push_str("<meta name=\"robots\" content=\"noindex\">\n");
    write!(page, "<title>{subject}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n")?;
    let sender = head.sender_lines.join("\n");
    writeln!(
        page,
        "<address><strong>{}</strong>\n{}</address>",
        Safe(&head.sender),
        Safe(&sender)
    )?;
    writeln!(page, "<address>{}</address>", Safe(&head.address.join("\n")))?;
    page.push_str("<dl>");
    for (label, what) in &head.facts {
        write!(page, "<dt>{}</dt><dd>{}</dd>", Safe(label), Safe(what))?;
    }
    write!(page, "</dl>\n</header>\n<main>\n<h1>{subject}</h1>\n")?;
    letter.blocks.iter().try_for_each(|block| one(page, block))?;
    page.push_str("</main>\n</body>\n</html>\n");
    Ok(())
}

fn one(page: &mut String, block: &Block) -> std::fmt::Result {
    match block {
        Block::Lead(text) => writeln!(page, "<p class=\"lead\">{}</p>", Safe(text)),
        Block::Heading(text) => writeln!(page, "<h2>{}</h2>", Safe(text)),
        Block::Subheading(text) => writeln!(page, "<h3>{}</h3>", Safe(text)),
        Block::Paragraph(text) => writeln!(page, "<p>{}</p>", Safe(text)),
        Block::Points(points) => {
            page.push_str("<ul>");
            points.iter().try_for_each(|point| write!(page, "<li>{}</li>", Safe(point)))?;
            page.push_str("</ul>\n");
            Ok(())
        }
        Block::Table([left, right], rows) => {
            let (left, right) = (Safe(left), Safe(right));
            write!(page, "<table><thead><tr><th scope=\"col\">{left}</th>")?;
            write!(page, "<th scope=\"col\">{right}</th></tr></thead><tbody>")?;
            for [part, when] in rows {
                write!(page, "<tr><td>{}</td><td>{}</td></tr>", Safe(part), Safe(when))?;
            }
            page.push_str("</tbody></table>\n");
            Ok(())
        }
        Block::Steps(first, steps) => {
            write!(page, "<ol start=\"{first}\">")?;
            for step in steps {
                let (title, how) = (Safe(&step.title), Safe(&step.how));
                write!(page, "<li><strong>{title}</strong><br>{how}<br>")?;
                write!(page, "<span class=\"detail\">{}</span></li>", Safe(&step.detail))?;
            }
            page.push_str("</ol>\n");
            Ok(())
        }
    }
}

/// Text that cannot become markup.
struct Safe<'a>(&'a str);

impl std::fmt::Display for Safe<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}
