//! A taken-over server that edits reports on their way from the keyholder to the client.
//!
//! It is played by what stands between client and server with the server's own certificate and key,
//! reads every request, and may change each answer.

use crate::http::{Http, Reply};
use crate::rig::{Done, Product};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What it does to the lines of a report, of which the last is the signed end.
type Lie = Box<dyn Fn(&mut Vec<String>) + Send>;

/// What it does now, and the last report that it saw.
#[derive(Default)]
struct Liar {
    answer: Option<Lie>,
    /// What it writes over the client's question.
    question: Option<&'static str>,
    seen: Vec<String>,
}

#[test]
fn a_server_that_changes_a_report_is_noticed() {
    let (product, liar) = lied_to();
    ["Jensen", "Hansen", "Nielsen"].iter().for_each(|family| deposit(&product, family));
    let honest = product.json(&["who-opened"]);
    let verified = &honest.last().unwrap()["verified"];
    assert!(honest.len() > 3 && verified["entries"].as_u64().unwrap() > 5, "{honest:?}");
    let checkpoint = product.work().join("checkpoint");
    std::fs::write(&checkpoint, verified["checkpoint"].as_str().unwrap()).unwrap();
    product.ok(&["ledger", "verify", "--checkpoint", checkpoint.to_str().unwrap()]);
    let people = product.ok(&["who-opened"]);
    assert!(people.contains("verified against checkpoint of "), "{people}");
    let older = liar.lock().unwrap().seen.clone();
    deposit(&product, "Olsen");

    // How far it is, is no part of what is told.
    liar.lock().unwrap().answer = Some(Box::new(|lines| lines.insert(1, "{\"read\":9}".into())));
    assert_eq!(product.json(&["who-opened"]).len(), honest.len() + 1);

    noticed(&product, &liar, "dropped", Box::new(|lines| drop(lines.remove(1))));
    noticed(&product, &liar, "cut", Box::new(|lines| lines.truncate(2)));
    noticed(&product, &liar, "nothing left", Box::new(Vec::clear));
    noticed(&product, &liar, "nothing but the end", Box::new(|lines| drop(lines.drain(..2))));
    noticed(&product, &liar, "told twice", Box::new(|lines| lines.insert(0, lines[0].clone())));
    noticed(&product, &liar, "moved", Box::new(|lines| lines.swap(0, 1)));
    noticed(&product, &liar, "goes on", Box::new(|lines| lines.push(lines[0].clone())));
    noticed(&product, &liar, "another holder", Box::new(edit("holder", "Somebody Else")));
    noticed(&product, &liar, "another practice", Box::new(edit("practice", "Elsewhere")));
    noticed(
        &product,
        &liar,
        "another number",
        Box::new(|lines| {
            let number = lines[0].split_once(',').unwrap().0.to_owned();
            lines[0] = lines[0].replacen(&number, "{\"number\":1", 1);
        }),
    );
    noticed(
        &product,
        &liar,
        "another file",
        Box::new(|lines| {
            let file = |line: &str| {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                line["files"][0]["file"].as_str().unwrap().to_owned()
            };
            let (one, other) = (file(&lines[0]), file(&lines[1]));
            lines[0] = lines[0].replace(&one, &other);
        }),
    );
    let replayed = older.clone();
    let replay = move |lines: &mut Vec<String>| replayed.clone_into(lines);
    noticed(&product, &liar, "an older answer", Box::new(replay));
    let end = older.last().unwrap().clone();
    let other_end = move |lines: &mut Vec<String>| *lines.last_mut().unwrap() = end.clone();
    noticed(&product, &liar, "the end of an older answer", Box::new(other_end));
    let checkpoint = member(older.last().unwrap(), "checkpoint");
    let other_checkpoint = move |lines: &mut Vec<String>| {
        let last = lines.last_mut().unwrap();
        *last = last.replace(&member(last, "checkpoint"), &checkpoint);
    };
    noticed(&product, &liar, "an older checkpoint", Box::new(other_checkpoint));

    liar.lock().unwrap().question = Some(r#"{"to":"2026-01-01"}"#);
    tampered(&product.run(&["who-opened"]), "another question");
    liar.lock().unwrap().question = None;
    assert_eq!(product.run(&["who-opened"]).code, 0);
}

/// A file more.
fn deposit(product: &Product, family: &str) {
    let body = product.work().join("patient.json");
    let patient = serde_json::json!({"resourceType": "Patient", "name": [{"family": family}]});
    std::fs::write(&body, patient.to_string()).unwrap();
    let body = body.to_str().unwrap();
    product.ok(&["fhir", "POST", "Patient", body, "--card", "doctor"]);
}

fn noticed(product: &Product, liar: &Mutex<Liar>, what: &str, lie: Lie) {
    liar.lock().unwrap().answer = Some(lie);
    tampered(&product.run(&["who-opened"]), what);
    liar.lock().unwrap().answer = None;
}

fn tampered(done: &Done, what: &str) {
    assert_eq!(done.code, 6, "{what}: {done:?}");
    assert_eq!(done.stdout, "", "{what}: nothing is told");
}

/// Puts this in place of what a member of the first line says.
fn edit(name: &'static str, text: &'static str) -> impl Fn(&mut Vec<String>) {
    move |lines| {
        let was = member(&lines[0], name);
        lines[0] = lines[0].replace(&was, text);
    }
}

/// A member as the JSON text has it.
fn member(line: &str, name: &str) -> String {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let text = line[name].to_string();
    text.trim_matches('"').to_owned()
}

/// An installation whose clients reach their server through the liar.
fn lied_to() -> (Product, Arc<Mutex<Liar>>) {
    let mut product = Product::initialised("a long passphrase of a test", "123456");
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let origin = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let (settings, real) = (product.home().join("cofferdam.toml"), product.http());
    let text = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, text.replace(&real.origin, &origin)).unwrap();
    product.serve();
    let liar = Arc::new(Mutex::new(Liar::default()));
    let (tls, shared) = (server_tls(&product), liar.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (tls, real, liar) = (tls.clone(), real.clone(), shared.clone());
            std::thread::spawn(move || {
                let connection = ServerConnection::new(tls).unwrap();
                carry(StreamOwned::new(connection, stream.unwrap()), &real, &liar);
            });
        }
    });
    product.issue_file("doctor", "doctor");
    (product, liar)
}

fn server_tls(product: &Product) -> Arc<ServerConfig> {
    let file = |name: &str| product.home().join("tls").join(name);
    let chain = CertificateDer::pem_file_iter(file("server.pem")).unwrap();
    let chain = chain.collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.unwrap().with_no_client_auth().with_single_cert(chain, key);
    Arc::new(config.unwrap())
}

/// Carries the requests of one connection to the real server, and the answers back.
fn carry(
    mut client: StreamOwned<ServerConnection, TcpStream>,
    real: &Http,
    liar: &Mutex<Liar>,
) -> Option<()> {
    loop {
        let (head, mut body) = request(&mut client)?;
        let mut lines = head.split("\r\n");
        let (method, path) = lines.next()?.strip_suffix(" HTTP/1.1")?.split_once(' ')?;
        let is_report = path == "/reports/who-opened";
        let mut liar = liar.lock().unwrap();
        if let Some(question) = liar.question.filter(|_| is_report) {
            body = question.into();
        }
        let not_ours = |name: &str| !["host", "content-length"].contains(&name);
        let headers: Vec<(&str, &str)> = lines
            .filter_map(|line| line.split_once(": "))
            .filter(|(name, _)| not_ours(&name.to_ascii_lowercase()))
            .collect();
        let mut reply = real.ask(method, path, &headers, &body).ok()?;
        if is_report && reply.status == 200 {
            let mut told: Vec<String> = reply.text().lines().map(str::to_owned).collect();
            liar.seen.clone_from(&told);
            if let Some(lie) = &liar.answer {
                lie(&mut told);
            }
            reply.body = told.iter().flat_map(|line| format!("{line}\n").into_bytes()).collect();
        }
        drop(liar);
        answer(&mut client, &reply)?;
    }
}

fn request(client: &mut impl Read) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    let head = String::from_utf8(head).ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    client.read_exact(&mut body).ok()?;
    Some((head, body))
}

fn answer(client: &mut impl Write, reply: &Reply) -> Option<()> {
    let mut text = format!("HTTP/1.1 {} -\r\n", reply.status);
    for name in ["content-type", "dpop-nonce", "www-authenticate", "location"] {
        if let Some(value) = reply.header(name) {
            text += &format!("{name}: {value}\r\n");
        }
    }
    text += &format!("content-length: {}\r\n\r\n", reply.body.len());
    client.write_all(text.as_bytes()).and_then(|()| client.write_all(&reply.body)).ok()?;
    client.flush().ok()
}
