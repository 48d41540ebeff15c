//! A report of a flaw, from a stranger without an account to the officer and back: by browser, by
//! command line, and as an attacker on the server would have it.

use crate::browser::Browser;
use crate::rig::{Done, PROGRAM, Product};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const PASSPHRASE: &str = "an officer's passphrase";
const JSON: [(&str, &str); 1] = [("content-type", "application/json")];
/// Stands in what the finder writes, and nowhere on the server.
const SECRET: &str = "Walpurgisnacht";

/// A demonstration whose officer has a key for reports; returns its fingerprint as well.
fn intake() -> (Product, String) {
    let mut product = Product::demo(4);
    let made = json_of(officer(&product, &["disclosure", "key"])).remove(0);
    let fingerprint = made["fingerprint"].as_str().unwrap().to_owned();
    product.stop();
    product.serve();
    product.forget_sessions();
    (product, fingerprint)
}

fn with(product: &Product, arguments: &[&str], variable: &str, value: &str) -> Done {
    let mut command = product.command(PROGRAM);
    Done::of(command.arg("--json").args(arguments).env(variable, value))
}

fn officer(product: &Product, arguments: &[&str]) -> Done {
    with(product, arguments, "COFFERDAM_INTAKE_PASSPHRASE", PASSPHRASE)
}

fn finder(product: &Product, arguments: &[&str], phrase: &str) -> Done {
    with(product, arguments, "COFFERDAM_PHRASE", phrase)
}

fn json_of(done: Done) -> Vec<Value> {
    assert_eq!(done.code, 0, "{done:?}");
    done.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn write(product: &Product, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = product.work().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The one report that is listed.
fn listed(product: &Product) -> Value {
    let mut listed = json_of(product.run_json(&["disclosure", "list"]));
    assert_eq!(listed.len(), 1, "{listed:?}");
    listed.remove(0)
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn a_finder_reports_by_command_line_and_the_ledger_bears_it_out() {
    let (product, fingerprint) = intake();
    let http = product.http();
    let patients = json_of(product.run_json(&["who-opened"]));
    let mut ids: Vec<&str> = patients
        .iter()
        .filter(|line| line["act"] == "deposited")
        .filter_map(|line| line["files"][0].as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let opens = |id: &&str| {
        let path = format!("Patient/{id}");
        product.run(&["fhir", "GET", &path, "--card", "doctor-1"]).code == 0
    };
    let began = now();
    let opened: Vec<&str> = ids.iter().copied().filter(|id| opens(id)).take(2).collect();
    let [named, kept_back] = opened[..] else { panic!("two files open: {opened:?}") };
    let ended = now();

    // The finder seals, sends, and holds a receipt that anybody verifies.
    let key = http.ask("GET", "/report/key", &[], b"").unwrap();
    let key = write(&product, "key", &key.body);
    let report = json!({
        "component": "FHIR", "steps": SECRET, "seen": SECRET, "fetched": "names", "amount": "1",
        "erased_how": "shred", "erased_when": "today", "files": [named, "a-file-of-nobody"],
        "requests": [{"from": began, "to": ended, "method": "GET /fhir/Patient"}],
    });
    let report = write(&product, "report.json", report.to_string());
    let sealed = product.work().join("sealed.json");
    let sealed = sealed.to_str().unwrap();
    let seal = ["disclose", "seal", "--key", &key, "--report", &report, "--out", sealed];
    let zeros = "0".repeat(64);
    let other = [&seal[..], &["--fingerprint", &zeros]].concat();
    assert_eq!(product.run(&other).code, 6, "sealed to another key");
    let sealing = [&seal[..], &["--fingerprint", &fingerprint]].concat();
    let said = json_of(product.run_json(&sealing)).remove(0);
    let phrase = said["phrase"].as_str().unwrap();
    let body = std::fs::read(sealed).unwrap();
    let sent = http.ask("POST", "/report/messages", &JSON, &body).unwrap();
    assert_eq!(sent.status, 201);
    let receipt = write(&product, "receipt", &sent.body);
    let check = ["disclosure", "check-receipt", &receipt, "--sealed", sealed];
    let elsewhere = ["--home", "nowhere", "--fingerprint", &fingerprint];
    let checked = json_of(product.run_json(&[&check[..], &elsewhere].concat())).remove(0);
    assert_eq!(checked["verified"], true);
    assert_eq!(product.run(&check).code, 0, "the data folder knows its own key");
    let text = String::from_utf8(sent.body).unwrap();
    let backdated = text.replacen("received: 2", "received: 1", 1);
    let backdated = write(&product, "backdated", backdated);
    assert_eq!(product.run(&["disclosure", "check-receipt", &backdated]).code, 6);

    // The officer sees at once that it is there, and reads it with the passphrase alone.
    let waiting = listed(&product);
    assert_eq!(
        (&waiting["state"], &waiting["received"]),
        (&json!("not answered"), &checked["received"])
    );
    let id = waiting["id"].as_str().unwrap();
    let show = ["disclosure", "show", id];
    assert_eq!(with(&product, &show, "COFFERDAM_INTAKE_PASSPHRASE", "another one").code, 2);
    let shown = json_of(officer(&product, &show)).remove(0);
    assert_eq!(shown["report"]["seen"], SECRET);

    // The ledger: what the finder named, left out, and what never happened.
    let matched = json_of(officer(&product, &["disclosure", "match", id]));
    let compared = &matched.last().unwrap()["compared"];
    assert_eq!(compared["read_and_named"], json!([named]));
    let left_out = compared["read_and_not_named"].as_array().unwrap();
    assert!(left_out.contains(&json!(kept_back)), "{compared}");
    assert_eq!(compared["named_and_not_read"], json!(["a-file-of-nobody"]));
    let erasure = compared["erasure"].as_str().unwrap();
    assert!(erasure.starts_with("The finder states"), "{erasure}");
    assert!(erasure.contains("a statement, not proof"), "{erasure}");
    let by_hand = ["disclosure", "match", id, "--from", "2020-01-01", "--to", "2020-01-02"];
    let nothing = json_of(officer(&product, &by_hand));
    assert_eq!(nothing.last().unwrap()["compared"]["read_and_named"], json!([]));

    // And back: answered, read under the phrase, written to again, closed.
    let thanks = write(&product, "thanks", "Thank you. It is closed.");
    json_of(officer(&product, &["disclosure", "answer", id, "--text", &thanks]));
    assert_eq!(listed(&product)["state"], "answered");
    let ask = json_of(finder(&product, &["disclose", "ask"], phrase)).remove(0);
    let told = http.ask("POST", "/report/answers", &JSON, ask.to_string().as_bytes()).unwrap();
    let told = write(&product, "told", &told.body);
    let read = json_of(finder(&product, &["disclose", "read", &told], phrase)).remove(0);
    assert_eq!(read, json!({"received": 1, "answers": ["Thank you. It is closed."]}));

    nothing_in_the_clear(&product, phrase);
    advisory(&product, id);
    let close = ["disclosure", "close", id, "--note", "closed in 0.1.1", "--erase"];
    assert_eq!(json_of(product.run_json(&close))[0]["erased"], 2);
    assert_eq!(product.run(&["disclosure", "show", id]).code, 4);
}

fn now() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    terms::Time::from_millis(since.as_millis() as u64).to_string()
}

/// Neither the report's words nor the phrase lie anywhere in the data folder or the logs, and a
/// backup has the sealed messages.
fn nothing_in_the_clear(product: &Product, phrase: &str) {
    let backup = product.folder().join("backup");
    // A server that was taken over would have the key taken along.
    let link = product.home().join("intake/link.json");
    std::os::unix::fs::symlink(product.home().join("cards/intake.key"), &link).unwrap();
    product.ok(&["backup", backup.to_str().unwrap()]);
    std::fs::remove_file(link).unwrap();
    let kept = |home: &Path| std::fs::read_dir(home.join("intake")).unwrap().count();
    assert_eq!((kept(&product.home()), kept(&backup)), (2, 2));
    for folder in [product.home(), product.logs(), backup] {
        for file in files(&folder) {
            let bytes = std::fs::read(&file).unwrap_or_default();
            for secret in [SECRET, phrase] {
                let found = memchr::memmem::find(&bytes, secret.as_bytes());
                assert!(found.is_none(), "{secret} in {}", file.display());
            }
        }
    }
}

/// An advisory without what a person must say is not written; with it, it has the profile's fields.
fn advisory(product: &Product, id: &str) {
    let template = product.ok(&["disclosure", "advisory", "--template"]);
    let facts = write(product, "facts.toml", &template);
    let out = product.work().join("advisory.json");
    let out = out.to_str().unwrap();
    let write_it = ["disclosure", "advisory", id, "--facts", &facts, "--out", out];
    let refused = product.run(&write_it);
    assert_eq!(refused.code, 2);
    for asked in ["title", "affected", "disclosure_organisation", "revision"] {
        assert!(refused.stderr.contains(asked), "{refused:?}");
    }
    let settings = product.home().join("cofferdam.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let text = text
        .replace("disclosure_organisation = \"\"", "disclosure_organisation = \"Practice\"")
        .replace("disclosure_namespace = \"\"", "disclosure_namespace = \"https://p.example\"");
    std::fs::write(&settings, text).unwrap();
    let filled = [
        ("publisher_category = \"\"", "publisher_category = \"user\""),
        ("remediation_category = \"\"", "remediation_category = \"vendor_fix\""),
        ("tlp = \"\"", "tlp = \"WHITE\""),
        ("status = \"\"", "status = \"final\""),
        ("affected = []", "affected = [\"0.1.0\"]"),
        ("date = \"\"", "date = \"2026-11-26T12:00:00Z\""),
    ];
    let mut facts = filled.iter().fold(template, |text, (from, to)| text.replace(from, to));
    for field in ["id", "title", "summary", "details", "vendor", "product", "remediation"] {
        facts = facts.replace(&format!("\n{field} = \"\""), &format!("\n{field} = \"said\""));
    }
    write(product, "facts.toml", facts);
    json_of(product.run_json(&write_it));
    let advisory: Value = serde_json::from_slice(&std::fs::read(out).unwrap()).unwrap();
    assert_eq!(advisory["document"]["category"], "csaf_security_advisory");
    assert_eq!(advisory["document"]["publisher"]["name"], "Practice");
    assert_eq!(
        advisory["vulnerabilities"][0]["product_status"]["known_affected"][0],
        "CSAFPID-0001"
    );
    provider(product);
}

/// Who publishes is written beside it, under the address that `security.txt` names.
fn provider(product: &Product) {
    let template = product.ok(&["disclosure", "provider", "--template"]);
    let facts = write(product, "provider.toml", &template);
    let (work, address) = (product.work(), "https://p.example/csaf/provider-metadata.json");
    let out = work.to_str().unwrap();
    let write_it = ["disclosure", "provider", "--facts", &facts, "--out", out];
    let refused = product.run(&write_it);
    assert_eq!(refused.code, 2);
    for asked in ["publisher_category", "list_on_aggregators", "disclosure_csaf"] {
        assert!(refused.stderr.contains(asked), "{refused:?}");
    }
    let settings = product.home().join("cofferdam.toml");
    let text = std::fs::read_to_string(&settings).unwrap();
    let set = format!("disclosure_csaf = \"{address}\"");
    std::fs::write(&settings, text.replace("disclosure_csaf = \"\"", &set)).unwrap();
    let filled = [
        ("publisher_category = \"\"", "publisher_category = \"user\""),
        ("role = \"\"", "role = \"csaf_publisher\""),
        ("# list_on_aggregators =", "list_on_aggregators = true"),
        ("# mirror_on_aggregators =", "mirror_on_aggregators = false"),
    ];
    write(
        product,
        "provider.toml",
        filled.iter().fold(template, |t, (from, to)| t.replace(from, to)),
    );
    json_of(product.run_json(&write_it));
    // Written again after each new advisory.
    json_of(product.run_json(&write_it));
    let metadata: Value =
        serde_json::from_slice(&std::fs::read(work.join("provider-metadata.json")).unwrap())
            .unwrap();
    assert_eq!(metadata["canonical_url"], address);
    assert_eq!(metadata["publisher"]["name"], "Practice");
    assert_eq!(metadata["mirror_on_CSAF_aggregators"], false);
}

/// What reaches beyond the screen.
const TOO_WIDE: &str = "[...document.querySelectorAll('body *')]\
    .filter((e) => e.getBoundingClientRect().right > innerWidth || innerWidth !== 360)\
    .map((e) => `${e.tagName} ${e.id} ${e.getBoundingClientRect().right} of ${innerWidth}`)";

/// Vectors of RFC 9180, A.3.1, and of a code phrase, in the browser's own cryptography.
const VECTORS: &str = include_str!("vectors.js");

#[test]
fn a_browser_seals_a_report_and_reads_the_answer() {
    let (product, _) = intake();
    let Some(mut browser) = Browser::start(&product.work()) else { return };
    let page = format!("https://localhost:{}/report", product.port);
    browser.go(&page);
    assert_eq!(
        browser.eval(VECTORS),
        json!([
            "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f\
             9076ac232e3ab2523f39513434",
            "kinoz-lijuf-lidoj-kijov-fadof-lojuh-kijug-mabuh",
            "e2dea44f56177ace14a78469eb03c964",
            "78dde9591f0856dfe2a0e60b43f4daab8442afe36e33904a680a71ed2167bead",
            null,
        ])
    );

    // A telephone: nothing is wider than the screen.
    let telephone = json!({"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": true});
    for language in ["en", "de", "da"] {
        browser.call("Emulation.setDeviceMetricsOverride", &telephone);
        browser.go(&format!("{page}?lang={language}"));
        assert_eq!(browser.eval("document.documentElement.lang"), language);
        browser.wait_for("!document.getElementById('report').hidden");
        assert_eq!(browser.eval(TOO_WIDE), json!([]), "{language}");
    }
    browser.go(&format!("{page}?lang=en"));
    browser.wait_for("!document.getElementById('report').hidden");

    // The finder writes; hostile words are words.
    browser.fill("steps", &format!("{SECRET} <img src=x onerror=alert(1)>"));
    browser.fill("files", "one, two\nthree");
    browser.fill("erased_how", "shred");
    browser.eval(
        "{ const [from, to, method] = document.querySelectorAll('#requests input'); \
         from.value = '2026-11-26T12:00:00'; to.value = '2026-11-26T12:05:00'; \
         method.value = 'GET /fhir'; }",
    );
    browser.click("send");
    browser.wait_for("!document.getElementById('sent').hidden");
    let phrase = browser.text("phrase");
    assert_eq!(phrase.split('-').count(), 8, "{phrase}");
    assert_eq!(browser.eval("document.getElementById('receipt-bad').hidden"), true);
    let receipt = browser.eval("document.getElementById('receipt').textContent");
    let receipt = write(&product, "receipt", receipt.as_str().unwrap());
    product.ok(&["disclosure", "check-receipt", &receipt]);

    let id = listed(&product)["id"].as_str().unwrap().to_owned();
    let shown = json_of(officer(&product, &["disclosure", "show", &id])).remove(0);
    let report = &shown["report"];
    assert_eq!(report["steps"], format!("{SECRET} <img src=x onerror=alert(1)>"));
    assert_eq!(report["files"], json!(["one", "two", "three"]));
    assert_eq!(report["language"], "en");
    let from = report["requests"][0]["from"].as_str().unwrap();
    assert!(from.starts_with("2026-11-2") && from.ends_with(":00:00.000Z"), "{from}");

    // The officer answers; the finder comes back with the phrase alone.
    let answer = write(&product, "answer", "Thank you <b>very</b> much.\nWhich version?");
    json_of(officer(&product, &["disclosure", "answer", &id, "--text", &answer]));
    browser.go(&page);
    browser.wait_for("!document.getElementById('return').hidden");
    browser.fill("return-phrase", "kinoz-lijuf-lidoj-kijov-fadof-lojuh-kijug-mabud");
    browser.click("read");
    browser.wait_for("!document.getElementById('failed-phrase').hidden");
    browser.fill("return-phrase", &phrase.to_uppercase().replace('-', " "));
    browser.click("read");
    browser.wait_for("!document.getElementById('answers-read').hidden");
    assert_eq!(browser.text("answers"), "Thank you <b>very</b> much.\nWhich version?");
    assert_eq!(browser.text("count"), "1");
    assert_eq!(browser.eval("document.getElementById('answers-altered').hidden"), true);

    // And writes again.
    browser.fill("more-text", "Version 0.1.0.");
    browser.click("send-more");
    browser.wait_for("!document.getElementById('sent').hidden");
    let messages = json_of(officer(&product, &["disclosure", "show", &id]));
    assert_eq!(messages[1]["text"], "Version 0.1.0.");
    assert_eq!(messages[1]["same_finder"], true);
    assert_eq!(listed(&product)["state"], "written to after the last answer");

    // An answer that the server altered is not shown as one.
    let folder = product.home().join("intake");
    let path = files(&folder).into_iter().find(|path| path.to_string_lossy().contains("officer"));
    let path = path.unwrap();
    let moved = path.to_string_lossy().replace("officer-1", "officer-2");
    std::fs::rename(path, moved).unwrap();
    browser.click("read");
    browser.wait_for("!document.getElementById('answers-altered').hidden");
    assert_eq!(browser.text("answers"), "");
    letters(&product, &mut browser);
    assert_eq!(
        browser.complaints,
        Vec::<String>::new(),
        "nothing was stopped by the page's policy"
    );
}

/// A letter's code: the form works under the page's policy too.
fn letters(product: &Product, browser: &mut Browser) {
    // SHA-256 of K7QM2XPA9RTD.
    let hash = "342ad29dd8937afce02683a78dfeb2cfb2a26e5fd3982e5aee7c9d6b1d5a8215\n";
    std::fs::write(product.home().join("intake/letter-codes"), hash).unwrap();
    let letter = format!("https://localhost:{}/letter?lang=da", product.port);
    for (code, words) in [("k7qm-2xpa-9rtd", "Ja, vi har sendt"), ("k7qm-2xpa-9rte", "Nej, vi")] {
        browser.go(&letter);
        browser.fill("code", code);
        browser.eval("document.querySelector('form').requestSubmit()");
        browser.wait_for(&format!("document.body.innerText.includes('{words}')"));
    }
}

#[test]
fn without_a_key_the_page_says_where_to_go_and_security_txt_still_answers() {
    let mut product = Product::new();
    let http = product.http();
    let page = http.ask("GET", "/report", &[], b"").unwrap();
    let text = String::from_utf8(page.body).unwrap();
    assert!(text.contains("Encrypted reports cannot be taken yet"));
    assert_eq!(http.ask("GET", "/report/key", &[], b"").unwrap().status, 503);
    let body = format!("{{\"mailbox\":\"{}\",\"sealed\":\"AAAA\"}}", "0".repeat(32));
    let refused = http.ask("POST", "/report/messages", &JSON, body.as_bytes()).unwrap();
    assert_eq!(refused.status, 503);
    let text = http.ask("GET", "/.well-known/security.txt", &[], b"").unwrap();
    let text = String::from_utf8(text.body).unwrap();
    assert!(text.contains(&format!("Contact: https://localhost:{}/report\n", product.port)));
    assert!(product.log_text().contains("cofferdam disclosure key"), "the operator is told");

    // A receipt key that nobody certified: files are served all the same, and the log says why.
    json_of(officer(&product, &["disclosure", "key"]));
    let key = product.home().join("tls/receipt.key");
    let other = std::fs::read(&key).unwrap();
    json_of(officer(&product, &["disclosure", "key", "--renew"]));
    std::fs::write(key, other).unwrap();
    product.stop();
    let mut serve = product.command(PROGRAM);
    serve.arg("serve").env("COFFERDAM_INTAKE_PASSPHRASE", PASSPHRASE);
    product.serve_by(serve);
    // Who opened reports in the same shell does not hand the passphrase on.
    let supervisor = product.supervisor().unwrap();
    for (pid, has) in [(supervisor, true), (product.process("server").unwrap(), false)] {
        match std::fs::read(format!("/proc/{pid}/environ")) {
            Ok(told) => {
                let found = memchr::memmem::find(&told, PASSPHRASE.as_bytes());
                assert_eq!(found.is_some(), has, "process {pid}");
            }
            Err(_) => eprintln!("SKIPPED: environments of processes are for root to read"),
        }
    }
    assert!(product.log_text().contains("disclosure key --renew"));
    assert_eq!(http.ask("GET", "/report/key", &[], b"").unwrap().status, 503);
    assert_eq!(http.ask("GET", "/fhir/metadata", &[], b"").unwrap().status, 200);
}
