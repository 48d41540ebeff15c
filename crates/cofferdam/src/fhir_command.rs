//! `cofferdam fhir` and `cofferdam token`: FHIR requests that the card's session signs.

use crate::cli::{FhirArguments, OpeningArguments, TokenArguments};
use crate::client::{Answer, Ask, SignedInCard};
use crate::config::Config;
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::orders::random;
use data_encoding::BASE64URL_NOPAD;
use keyproto::jws::sha256;
use keyproto::statement::ProofClaims;
use std::io::{IsTerminal, Read};
use terms::{ATTACHMENT_BYTES_MAX, FileId, Purpose, Sections};

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
/// How the server says that it raised an alarm.
const ALTERED: &str = "stored bytes were altered";

/// `cofferdam fhir METHOD PATH`.
pub(crate) fn fhir(home: &Home, arguments: &FhirArguments) -> Outcome {
    let config = Config::read(home)?;
    let method = arguments.method.to_uppercase();
    if !METHODS.contains(&&*method) {
        return Err(Failure::Asked(format!("the method is one of {}", METHODS.join(", "))));
    }
    let body = match &arguments.body {
        Some(path) => read_body(path, most(&config))?,
        None => Vec::new(),
    };
    let mut card = SignedInCard::sign_in(home, &config, &arguments.card)?;
    let content_type = match (method.as_str(), &arguments.content_type) {
        (_, Some(content_type)) => content_type,
        ("PATCH", None) => "application/json-patch+json",
        _ => "application/fhir+json",
    };
    let mut headers = vec![("accept", "application/fhir+json")];
    if !body.is_empty() {
        headers.push(("content-type", content_type));
    }
    for header in &arguments.header {
        let (name, value) = header
            .split_once(':')
            .ok_or_else(|| Failure::Asked(format!("`{header}` is not `Name: value`")))?;
        headers.push((name.trim(), value.trim()));
    }
    let path = format!("/fhir/{}", arguments.path.trim_start_matches('/'));
    let file = arguments.file.or_else(|| file_in(&arguments.path));
    let opening = Opening::of(file, &arguments.opening);
    let ask = Ask { method: &method, path: &path, headers: &headers, body: &body };
    let answer = card.send(&ask, &|| opening.claims())?;
    show(&answer)
}

/// What a request says about the file it opens.
#[derive(Default)]
pub(crate) struct Opening {
    pub(crate) file: Option<FileId>,
    pub(crate) sections: Option<Sections>,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) reason: Option<String>,
}

impl Opening {
    fn of(file: Option<FileId>, arguments: &OpeningArguments) -> Opening {
        let (sections, purpose) = (arguments.sections, arguments.purpose);
        Opening { file, sections, purpose, reason: arguments.reason.clone() }
    }

    fn claims(&self) -> ProofClaims {
        ProofClaims {
            file: self.file,
            sections: self.sections,
            purpose: self.purpose,
            reason: self.reason.clone(),
            ..ProofClaims::default()
        }
    }
}

/// The file that a path or query names: any word that begins with a file's id.
fn file_in(path: &str) -> Option<FileId> {
    let ends = |c: Option<&u8>| matches!(c, None | Some(b'-'));
    path.split(['/', '?', '&', '=', ','])
        .filter(|word| ends(word.as_bytes().get(26)))
        .find_map(|word| word.get(..26)?.parse().ok())
}

/// More than this is no request to any server with these settings.
fn most(config: &Config) -> u64 {
    ((config.body_mebibytes_max as u64) << 20).max(ATTACHMENT_BYTES_MAX)
}

fn read_body(path: &str, most: u64) -> Outcome<Vec<u8>> {
    let input: Box<dyn Read> = match path {
        "-" => Box::new(std::io::stdin()),
        path => Box::new(std::fs::File::open(path).map_err(Failure::world(path))?),
    };
    let mut body = Vec::new();
    input.take(most + 1).read_to_end(&mut body).map_err(Failure::world(path))?;
    if body.len() as u64 > most {
        return Err(Failure::Asked(format!("the body has more than {} MiB", most >> 20)));
    }
    Ok(body)
}

fn show(answer: &Answer) -> Outcome {
    let is_json = serde_json::from_slice::<&serde_json::value::RawValue>(&answer.body).is_ok();
    let body = if is_json { pretty(&answer.body) } else { answer.body.clone() };
    // Programs get every byte as it came; a terminal is steered by none of them.
    let shown = std::io::stdout().is_terminal().then(|| {
        let text = String::from_utf8_lossy(&body);
        if is_json { console::escaped(&text) } else { console::clean(&text) }
    });
    console::bytes(shown.as_ref().map_or(&body, |shown| shown.as_bytes()));
    console::bytes(b"\n");
    if let Some(location) = &answer.location {
        console::warn(&format!("location: {location}"));
    }
    outcome(answer)
}

/// Whose turn it is after this answer.
fn outcome(answer: &Answer) -> Outcome {
    match answer.status {
        200..=299 => Ok(()),
        401 => Err(Failure::Refused("the server does not let this session in (401)".into())),
        403 => Err(Failure::Refused(format!("refused (403): {}", said(&answer.body)))),
        404 | 410 => Err(Failure::NotThere(format!("not there ({})", answer.status))),
        500 if said(&answer.body).starts_with(ALTERED) => {
            Err(Failure::Tampered("the server says: stored bytes were altered (500)".into()))
        }
        status @ 400..=499 => Err(Failure::Asked(format!("asked wrongly ({status})"))),
        status => Err(Failure::World(format!("the server failed ({status})"))),
    }
}

/// What the server says can be done, or whom to ask.
pub(crate) fn said(body: &[u8]) -> String {
    let outcome: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let diagnostics = outcome["issue"][0]["diagnostics"].as_str();
    diagnostics.unwrap_or("the officer sees why in the ledger").to_owned()
}

/// Indents JSON without touching a number or a string.
fn pretty(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    let line = |out: &mut Vec<u8>, depth: usize| {
        out.push(b'\n');
        out.extend(std::iter::repeat_n(b' ', depth * 2));
    };
    for (at, &byte) in json.iter().enumerate() {
        if in_string {
            out.push(byte);
            in_string = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
            continue;
        }
        let closes_empty = matches!(json.get(at + 1), Some(b'}' | b']'));
        match byte {
            b'"' => {
                in_string = true;
                out.push(byte);
            }
            b'{' | b'[' => {
                out.push(byte);
                depth += 1;
                if !closes_empty {
                    line(&mut out, depth);
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if !matches!(out.last(), Some(b'{' | b'[')) {
                    line(&mut out, depth);
                }
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                line(&mut out, depth);
            }
            b':' => out.extend(b": "),
            b' ' | b'\n' | b'\r' | b'\t' => {}
            _ => out.push(byte),
        }
    }
    out
}

/// `cofferdam token`: a bearer token for exactly one patient.
///
/// The token is made here; the signed request carries its hash, and the keyholder checks it.
pub(crate) fn token(home: &Home, arguments: &TokenArguments, json: bool) -> Outcome {
    let config = Config::read(home)?;
    let mut card = SignedInCard::sign_in(home, &config, &arguments.card)?;
    let opening = Opening::of(Some(arguments.patient), &arguments.opening);
    let (token, answer) = make_token(&mut card, arguments.patient, &opening, arguments.hours)?;
    if answer.status != 200 {
        return show(&answer);
    }
    if json {
        console::json(&serde_json::json!({
            "token": token,
            "base": format!("{}/fhir", config.origin),
            "patient": arguments.patient.to_string(),
            "authority": home.authority(),
        }));
    } else {
        console::say(&token);
    }
    Ok(())
}

/// Makes a token and has the keyholder record its hash with an opening.
pub(crate) fn make_token(
    card: &mut SignedInCard,
    patient: FileId,
    opening: &Opening,
    hours: u64,
) -> Outcome<(String, Answer)> {
    let token = BASE64URL_NOPAD.encode(&random::<32>()?);
    let hash = BASE64URL_NOPAD.encode(&sha256(token.as_bytes()));
    let claims =
        || ProofClaims { token: Some(hash.clone()), token_hours: Some(hours), ..opening.claims() };
    let path = format!("/fhir/Patient/{patient}");
    // A file that the session has open already would be answered without the keyholder, which then
    // would not know the token.
    let headers = &[("cache-control", "no-cache")];
    let ask = Ask { method: "GET", path: &path, headers, body: &[] };
    let answer = card.send(&ask, &claims)?;
    Ok((token, answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_its_file() {
        let file = FileId::from_bytes([5; 16]);
        for path in [
            format!("Patient/{file}"),
            format!("Observation?patient={file}&code=1"),
            format!("Observation?subject=Patient/{file}"),
            format!("Observation/{file}-4a"),
        ] {
            assert_eq!(file_in(&path), Some(file), "{path}");
        }
        assert_eq!(file_in("Patient?name=abcdefghijklmnopqrstuvwxyz77"), None);
    }

    #[test]
    fn an_alarm_of_the_server_is_one_here() {
        let answer = |status, said: &str| {
            let body = serde_json::json!({"issue": [{"diagnostics": said}]}).to_string();
            outcome(&Answer { status, location: None, body: body.into_bytes() })
        };
        let altered = answer(500, "stored bytes were altered; an alarm was raised");
        assert!(matches!(altered, Err(Failure::Tampered(_))));
        assert!(matches!(answer(500, "this server made a mistake"), Err(Failure::World(_))));
        assert!(matches!(answer(413, "it is too long"), Err(Failure::Asked(_))));
    }

    #[test]
    fn a_body_is_read_as_far_as_a_server_takes_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("body");
        std::fs::write(&path, "12345").unwrap();
        let path = path.to_str().unwrap();
        assert_eq!(read_body(path, 5).unwrap(), b"12345");
        assert!(matches!(read_body(path, 4), Err(Failure::Asked(_))));
    }

    #[test]
    fn indenting_keeps_numbers_and_strings() {
        let text = pretty(br#"{"a":[1.00,{}],"b":"x{,\"y"}"#);
        let text = String::from_utf8(text).unwrap();
        assert_eq!(text, "{\n  \"a\": [\n    1.00,\n    {}\n  ],\n  \"b\": \"x{,\\\"y\"\n}");
    }
}
