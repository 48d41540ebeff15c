//! `cofferdam incident letters facts`: begins the file of what the letters say, with everything
//! in it that is known.

use crate::cli::LetterFactsArguments;
use crate::client::now;
use crate::console;
use crate::failure::Outcome;
use crate::home::{Home, write_new};
use crate::incident::{folder, known};
use ::incident::facts::{Knowledge, Value};

const BEGUN: &str = include_str!("facts.toml");

/// `cofferdam incident letters facts`.
pub(super) fn facts(home: &Home, arguments: &LetterFactsArguments, json: bool) -> Outcome {
    let folder = folder(home, &arguments.incident)?;
    let (knowledge, _) = known::gather(home, &folder, None)?;
    write_new(&arguments.out, begun(&knowledge, &now().to_string()).as_bytes())?;
    let path = arguments.out.display();
    if json {
        console::json(&serde_json::json!({"facts": arguments.out}));
    } else {
        console::say(&format!("{path} has what is known; the rest is for a person to write"));
    }
    Ok(())
}

fn begun(knowledge: &Knowledge, today: &str) -> String {
    let text = |name: &str| match knowledge.get(name).map(|known| &known.value) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let both = |names: [&str; 2], between: &str| {
        let texts = names.map(text);
        texts.iter().filter(|text| !text.is_empty()).cloned().collect::<Vec<_>>().join(between)
    };
    let town = both(["config.zip", "config.city"], " ");
    let address = [text("config.street"), town].into_iter().filter(|line| !line.is_empty());
    let address = toml::Value::Array(address.map(toml::Value::String).collect());
    let known = [
        ("@incident@", text("evidence.incident")),
        ("@name@", text("config.name")),
        ("@officer@", both(["config.dpo-name", "config.dpo-contact"], ", ")),
        ("@authority@", text("config.authority")),
        ("@begin@", text("evidence.begin")),
        ("@end@", text("evidence.end")),
        ("@aware@", text("evidence.aware")),
        ("@today@", today.chars().take("2026-11-26".len()).collect()),
    ];
    let begun = BEGUN.replace("@address@", &address.to_string());
    known.into_iter().fold(begun, |begun, (name, value)| {
        begun.replace(name, &toml::Value::String(value).to_string())
    })
}
