//! Writes a letter of each language and kind into a folder, as PDF, HTML and text.

#[path = "../tests/letters/facts.rs"]
mod facts;

use letters::{Language, Pages, Variant, Writer, html, text};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("say into which folder")?;
    let folder = std::path::Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let (writer, pages) = (Writer::built_in()?, Pages::new()?);
    let mut all = Vec::new();
    for language in Language::ALL {
        let run = facts::run(facts::country(language));
        for variant in Variant::ALL {
            let letter = writer.compose(&run, &facts::reader(language, variant))?;
            let name = format!("{}-{}", language.code(), variant.word());
            std::fs::write(folder.join(format!("{name}.txt")), text(&letter))?;
            std::fs::write(folder.join(format!("{name}.html")), html(&letter))?;
            std::fs::write(
                folder.join(format!("{name}.pdf")),
                pages.pdf(std::slice::from_ref(&letter))?,
            )?;
            all.push(letter);
        }
    }
    std::fs::write(folder.join("batch.pdf"), pages.pdf(&all)?)?;
    let run = facts::run("DK");
    let hundred: Result<Vec<_>, _> = (0..100)
        .map(|number| {
            let mut to = facts::reader(Language::Danish, Variant::Adult);
            to.name = format!("Åse Ærø {number}");
            to.code = format!("K7QM-{number:08}");
            writer.compose(&run, &to)
        })
        .collect();
    std::fs::write(folder.join("hundred.pdf"), pages.pdf(&hundred?)?)?;
    Ok(())
}
