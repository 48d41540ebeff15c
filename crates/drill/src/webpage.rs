//! The report of a run as a web page: one file, no scripts, nothing from elsewhere.

use crate::picture::{Picture, escaped};
use crate::played::{Attacker, Check, Played, Run, grouped};

const STYLE: &str = "
:root { color-scheme: light; }
body { font: 1rem/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff; margin: 0 auto;
  max-width: 62rem; padding: 1.5rem; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { font-size: 1.25rem; margin: 2.2rem 0 .3rem; }
.verdict { font-size: 1.15rem; font-weight: 700; }
.held { color: #0b5d2a; } .broken { color: #9b1c1c; }
figure { margin: 1.5rem 0; } svg { width: 100%; height: auto; font-family: inherit; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; margin: .6rem 0; }
th, td { border-bottom: 1px solid #bbb; padding: .3rem .5rem; text-align: left;
  vertical-align: top; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
.source { color: #4a4a4a; font-size: .92rem; }
@media print { body { padding: 0; max-width: none; font-size: 10pt; }
  section { break-inside: avoid; } }
";

/// The page.
pub fn page(run: &Run) -> String {
    let words = Picture::in_words(&run.drills);
    let svg = Picture::of(&run.drills).svg(&words);
    let sections: String = run.drills.iter().map(section).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta \
         name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Drills: what \
         the attackers got</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Drills: \
         what the attackers got</h1>\n<p>{}</p>\n{}\n<figure>\n{svg}<figcaption>Each step of the \
         scale to the right is ten times as many persons. Rings: the original incident, as its \
         source has it. Dots: the same attack on this system, the most that one attacker \
         got.</figcaption>\n</figure>\n{sections}</main>\n</body>\n</html>\n",
        escaped(&introduction(run)),
        verdict(run.held, &conclusion(run)),
    )
}

/// What the report is, in a sentence or two.
pub fn introduction(run: &Run) -> String {
    let scale = match run.scale.as_str() {
        "small" => " At this scale there are hundreds of files to get, not as many as there were.",
        _ => "",
    };
    format!(
        "{} attacks on a running system with made-up people, scale {}, begun {}, {:.0} seconds, \
         Cofferdam {}. Every figure was measured in this run; the originals are as their sources \
         give them.{scale}",
        run.drills.len(),
        run.scale,
        run.began,
        run.seconds,
        run.version
    )
}

/// What it comes to, in a sentence.
pub fn conclusion(run: &Run) -> String {
    let broken: Vec<&str> =
        run.drills.iter().filter(|played| !played.held).map(|played| played.title).collect();
    if broken.is_empty() {
        "Every bound held, every list of the affected was exact, and every alarm rang.".into()
    } else {
        format!("NOT everything held: {}.", broken.join("; "))
    }
}

/// What one attacker got, in a sentence.
pub fn got(attacker: &Attacker) -> String {
    let sections: Vec<String> =
        attacker.sections.iter().map(|(section, count)| format!("{section} {count}")).collect();
    let what = if sections.is_empty() { "nothing".into() } else { sections.join(", ") };
    let stopped = match (&attacker.stopped_by, attacker.seconds_to_stop) {
        (Some(by), Some(seconds)) => format!("; stopped after {seconds:.2} s: {by}"),
        (Some(by), None) => format!("; {by}"),
        _ => String::new(),
    };
    let persons = counted(attacker.persons, "person", "persons");
    let tries = counted(attacker.tries, "try", "tries");
    format!("{persons} ({what}) in {tries}{stopped}")
}

fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

fn verdict(held: bool, text: &str) -> String {
    let class = if held { "held" } else { "broken" };
    format!("<p class=\"verdict {class}\">{}</p>", escaped(text))
}

fn section(played: &Played) -> String {
    let incident = &played.incident;
    let attackers: String = played.attackers.iter().map(attacker_row).collect();
    let checks: String = played.checks.iter().map(check_row).collect();
    let attackers = if attackers.is_empty() {
        String::new()
    } else {
        format!(
            "<table><caption>What the attackers got</caption><thead><tr>{}</tr></thead>\
             <tbody>{attackers}</tbody></table>\n",
            columns(
                "attacker, tries#, persons#, sections with persons each, seconds to stop#, \
                     stopped by, listed by the ledger#"
            )
        )
    };
    format!(
        "<section>\n<h2>{}</h2>\n{}\n<p>The attacker {}. Files in reach: {}.</p>\n<p \
         class=\"source\">{}: {} Taken: {}. Unnoticed: {}. Source: {}.</p>\n{attackers}<table>\
         <caption>What was promised</caption><thead><tr>{}</tr></thead><tbody>{checks}</tbody>\
         </table>\n</section>\n",
        escaped(played.title),
        verdict(played.held, &played.plainly()),
        escaped(played.attack),
        grouped(played.files),
        escaped(incident.name),
        escaped(incident.what),
        escaped(incident.sections),
        escaped(incident.unnoticed),
        escaped(incident.source),
        columns("promise, found, held"),
    )
}

/// The heads of columns; those of numbers end with `#`.
fn columns(names: &str) -> String {
    let column = |name: &str| match name.strip_suffix('#') {
        Some(name) => format!("<th scope=\"col\" class=\"n\">{name}</th>"),
        None => format!("<th scope=\"col\">{name}</th>"),
    };
    names.split(", ").map(column).collect()
}

fn attacker_row(attacker: &Attacker) -> String {
    let sections: Vec<String> =
        attacker.sections.iter().map(|(section, count)| format!("{section} {count}")).collect();
    let seconds = attacker.seconds_to_stop.map_or("–".into(), |s| format!("{s:.2}"));
    format!(
        "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td><td \
         class=\"n\">{seconds}</td><td>{}</td><td class=\"n\">{}</td></tr>",
        escaped(&attacker.who),
        attacker.tries,
        attacker.persons,
        escaped(&sections.join(", ")),
        escaped(attacker.stopped_by.as_deref().unwrap_or("–")),
        attacker.listed,
    )
}

fn check_row(check: &Check) -> String {
    let (class, word) = if check.held { ("held", "yes") } else { ("broken", "NO") };
    format!(
        "<tr><td>{}</td><td>{}</td><td class=\"{class}\">{word}</td></tr>",
        escaped(&check.what),
        escaped(&check.found),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::DRILLS;
    use crate::played::Kind;

    #[test]
    fn the_page_stands_alone_and_says_when_something_broke() {
        let check = Check::holds(Kind::SelfTest, "a <promise>", "nothing & nobody", false);
        let drills = vec![Played::new(&DRILLS[0], 9, Vec::new(), vec![check])];
        let run = Run {
            scale: "small".into(),
            version: "0".into(),
            began: "now".into(),
            seconds: 1.0,
            drills,
            held: false,
        };
        let page = page(&run);
        assert!(page.contains("NOT everything held") && page.contains("a &lt;promise&gt;"));
        for outside in ["<script", "src=", "href=", "@import", "url("] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.contains("<html lang=") && page.contains("role=\"img\""));
    }
}
