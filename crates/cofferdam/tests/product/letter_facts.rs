//! The file of what letters say beside what the ledger knows: begun by the command, ended by a
//! person.

use crate::rig::Product;
use serde_json::Value;

#[test]
fn the_facts_begin_with_what_is_known_and_letters_are_made_when_a_person_wrote_the_rest() {
    let product = Product::demo(3);
    let whole =
        "name = \"Harbour Practice\"\nstreet = \"Havnegade 1\"\nzip = \"8000\"\ncity = \"Aarhus\"";
    std::fs::write(product.home().join("controller.toml"), whole).unwrap();
    let deposited = product.json(&["who-opened"]);
    let patient = |line: &&Value| line["sections"].to_string().contains("contact");
    let file = deposited.iter().find(patient).unwrap()["files"][0].as_str().unwrap();
    product.ok(&["fhir", "GET", &format!("Patient/{file}"), "--card", "doctor-2"]);
    let cards = product.json(&["card", "list"]);
    let card = cards.iter().find(|card| card["holder"] == "Dr. Peter Voss").unwrap();
    let card = card["card"].as_str().unwrap();
    product.ok(&["incident", "open", "--title", "a stolen card"]);
    let exposure = &product.json(&["incident", "exposure", "last", "--by-card", card])[0];
    let facts = product.work().join("letters.toml");
    let begin = ["incident", "letters", "facts", "last", "--out", facts.to_str().unwrap()];
    product.ok(&begin);
    assert_eq!(product.run(&begin).code, 5, "nothing that was written is written over");
    let begun = std::fs::read_to_string(&facts).unwrap();
    let table: toml::Table = toml::from_str(&begun).unwrap();
    assert_eq!(table["sender"]["address"].to_string(), "[\"Havnegade 1\", \"8000 Aarhus\"]");
    assert_eq!(table["dates"]["from"].as_str(), exposure["persons"][0]["first"].as_str());

    let order = ["incident", "letters", "order", "last", "--exposure", "1", "--card", "officer-1"];
    let job = product.json(&order)[0]["job_file"].as_str().unwrap().to_owned();
    product.ok(&["incident", "letters", "approve", "--job-file", &job]);
    let out = product.folder().join("letters");
    let run = ["incident", "letters", "run", "--job-file", &job, "--facts", begin[5]];
    let run = [&run[..], &["--out", out.to_str().unwrap()]].concat();
    let refused = product.run(&run);
    assert!(refused.code == 2 && refused.stderr.contains("actor"), "{refused:?}");
    let written = begun
        .replace("country = \"\"", "country = \"DK\"")
        .replace("actor = \"\"", "actor = \"stolen-card\"")
        .replace("= \"\"", "= \"as agreed\"")
        .replace("= []", "= [\"Kort.\"]");
    std::fs::write(&facts, written).unwrap();
    let made = &product.json(&run)[0];
    let count = |name: &str| made[name].as_u64().unwrap();
    assert_eq!(count("letters") + count("left_out"), 1, "{made}");
}
