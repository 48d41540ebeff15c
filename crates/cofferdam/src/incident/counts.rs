//! `cofferdam incident counts`: figures with their rules.

use super::known;
use crate::cli::CountsArguments;
use crate::console;
use crate::failure::Outcome;
use crate::home::Home;
use ::incident::counts::rules;

pub(super) fn counts(home: &Home, arguments: &CountsArguments, json: bool) -> Outcome {
    let folder = super::folder(home, &arguments.incident.id)?;
    let evidence = known::evidence(home, &folder, Some(&arguments.people))?;
    let counts = evidence.counts();
    if json {
        console::json(counts);
        return Ok(());
    }
    for rule in rules() {
        let of_rule = counts.figures.values().filter(|figure| figure.rule == rule.id);
        let figures: Vec<_> = of_rule.collect();
        if figures.is_empty() {
            continue;
        }
        console::heading(&rule.id);
        console::say(&rule.says);
        for figure in figures {
            let most = if figure.at_most { "at most " } else { "" };
            let short = &figure.digest[..12];
            console::say(&format!("  {:<28} {most}{}  [{short}]", figure.name, figure.value));
        }
    }
    if arguments.people.people.is_none() {
        console::say("\nnothing is known of where they live, of minors and of the dead: --people");
    }
    Ok(())
}
