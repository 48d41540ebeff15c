//! What passed through a server, a practice's hands, a span of time: exactly that, and what a
//! taken-over server was handed and never stored.

use crate::rig::Product;
use crate::smart_client::{SmartClient, seconds};
use keyproto::message::{Deposit, Hello, NewFile, Target, VERSION};
use keyproto::{Answer, Request, frame};
use serde_json::{Value, json};
use std::os::unix::net::UnixStream;
use std::time::Duration;
use terms::{Section, ServerId, SessionId, Time};

/// Act, holder, file, sections, as `who-opened` prints them.
type Told = (String, String, String, String);

#[test]
fn an_exposure_is_exactly_what_passed_by_and_counts_what_was_never_stored() {
    let product = Product::demo(8);
    let cards = product.json(&["card", "list"]);
    let of = |holder: &str| cards.iter().find(|card| card["holder"] == holder).unwrap();
    let elsewhere = "Dr. Eva Stern, another practice";
    let here = of("Dr. Ane Holm")["practice"].as_str().unwrap().to_owned();
    let hill = of(elsewhere)["practice"].as_str().unwrap().to_owned();
    let mut system = product.client("system", "a ward's system");
    let began = moment();

    let made = made(&mut system, "Sundt");
    let after_made = moment();
    let read = format!("Patient/{made}");
    let emergency = ["--purpose", "emergency", "--reason", "unconscious", "--card"];
    let get = ["fhir", "GET", &read];
    product.ok(&[&get[..], &emergency, &["doctor-elsewhere"]].concat());
    let after_emergency = moment();
    let never = keep(&product, &system, &made);

    let here_made = told("deposited", "a ward's system", &made, "label contact identity");
    let opened = told("opened", elsewhere, &made, "label contact");
    let kept = told("abandoned", "a ward's system", &made, "results restricted");
    let new = told("abandoned", "a ward's system", &format!("never made {never}"), "history");
    let all = [&here_made, &opened, &kept, &new];
    let server = server_id(&product);
    let since = ["--from", &began];
    let ask = |question: &[&str]| {
        let told = product.who_opened(question);
        told.iter().map(read_line).collect::<Vec<Told>>()
    };
    let same = |question: &[&str], expected: &[&Told]| {
        assert_eq!(ask(question).iter().collect::<Vec<_>>(), expected, "{question:?}");
    };
    same(&[&["--server", &server], &since[..]].concat(), &all);
    let nowhere = ServerId::from_bytes([66; 10]).to_string();
    assert_eq!(product.run(&["who-opened", "--server", &nowhere]).code, 4, "no such server");
    same(&[&["--by-practice", &hill], &since[..]].concat(), &[&opened]);
    same(&[&["--by-practice", &here], &since[..]].concat(), &[&here_made, &kept, &new]);
    same(&["--by-card", &system.card], &[&here_made, &kept, &new]);
    same(&["--patient", &made], &all[..3]);
    same(&["--from", &after_made, "--to", &after_emergency], &[&opened]);
    same(&["--from", &after_emergency], &[&kept, &new]);
    same(&["--server", &server, "--from", &began, "--to", &after_made], &[&here_made]);
    same(&["--to", &began, "--by-card", &system.card], &[]);
    // For people: each file with everything that may be known of it.
    let people = product.ok(&["who-opened", "--server", &server, "--from", &after_made]);
    let end: Vec<&str> = people.lines().rev().skip(1).take(2).collect();
    assert!(people.contains("3 entries, 2 files"), "{people}");
    assert!(
        end.iter().any(|line| line.starts_with(&format!("{made}  ")) && line.contains("restr"))
    );
    assert!(end.iter().any(|line| line.starts_with(&format!("never made {never}"))), "{people}");
}

/// A patient with a name, an address and a number; returns the file.
fn made(client: &mut SmartClient, family: &str) -> String {
    let patient = json!({
        "resourceType": "Patient",
        "identifier": [{"system": "https://example.org/chart", "value": family}],
        "name": [{"family": family}],
        "telecom": [{"system": "phone", "value": "+45 70 10 20 30"}],
    });
    client.expect(201, "POST", "/fhir/Patient", &patient).created_id().unwrap()
}

/// The server's own words to the keyholder, under a session that is live in it: it asks for two
/// deposits, as for content that clients handed it, and stores nothing. Returns the ledger's name
/// of the file that was never made.
fn keep(product: &Product, client: &SmartClient, file: &str) -> String {
    let shown = product.json(&["ledger", "show"]);
    let is_mine = |line: &&Value| {
        line["act"] == "session-started" && line["fields"]["card"] == client.card.as_str()
    };
    let started = shown.iter().rfind(is_mine).unwrap();
    let session: SessionId = started["fields"]["session"].as_str().unwrap().parse().unwrap();
    let mut stream = UnixStream::connect(product.home().join("run/keyholder.sock")).unwrap();
    let origin = format!("https://localhost:{}", product.port);
    let server = server_id(product).parse().unwrap();
    let hello = Request::Hello(Hello { version: VERSION, server, origin });
    assert!(matches!(say(&mut stream, &hello), Answer::Welcome(_)));
    let new = NewFile { unless: None, list: None, source: None };
    for (target, sections) in [
        (Target::File(file.parse().unwrap()), vec![Section::Results, Section::Restricted]),
        (Target::New(new), vec![Section::History]),
    ] {
        let deposit = Request::Deposit(Deposit { session, target, sections, facts: None });
        let Answer::Granted(grant) = say(&mut stream, &deposit) else { panic!("not granted") };
        assert!(matches!(say(&mut stream, &Request::Abort(grant.grant)), Answer::Done));
    }
    let last = product.json(&["ledger", "show"]);
    let abandoned = last.iter().rfind(|line| line["act"] == "abandoned").unwrap();
    let file = abandoned["fields"]["file"].as_str().unwrap();
    file.strip_prefix("never made ").unwrap().to_owned()
}

fn say(stream: &mut UnixStream, request: &Request) -> Answer {
    frame::write(stream, &request.to_bytes()).unwrap();
    Answer::from_bytes(&frame::read(stream).unwrap().unwrap()).unwrap()
}

fn server_id(product: &Product) -> String {
    let config = std::fs::read_to_string(product.home().join("cofferdam.toml")).unwrap();
    let line = config.lines().find(|line| line.starts_with("server = ")).unwrap();
    line.split('"').nth(1).unwrap().to_owned()
}

/// Now, with nothing else in the same moment.
fn moment() -> String {
    std::thread::sleep(Duration::from_millis(1_100));
    Time::from_millis(seconds() * 1_000).to_string()
}

fn told(act: &str, holder: &str, file: &str, sections: &str) -> Told {
    (act.into(), holder.into(), file.into(), sections.into())
}

fn read_line(line: &Value) -> Told {
    let word = |name: &str| line[name].as_str().unwrap().to_owned();
    let words = |name: &str| {
        let words = line[name].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
        words.collect::<Vec<_>>().join(" ")
    };
    (word("act"), word("holder"), words("files"), words("sections"))
}
