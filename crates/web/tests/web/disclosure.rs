//! Anybody reports, without an account: over real HTTP, with what hostile clients send.

use crate::client::Client;
use crate::rig::{JSON, OFFICER, Rig, rig};
use intake::desk::{body, told};
use intake::key::Certificate;
use intake::message::{FinderMessage, Report, open};
use intake::phrase::Phrase;
use intake::receipt::Receipt;
use intake::store::{Bounds, Messages};

/// The code of a letter that was sent; the rig has its hash.
const CODE: &str = "K7QM-2XPA-9RTD";
fn get(client: &mut Client, path: &str) -> crate::client::Response {
    client.send("GET", path, &[("Accept", "text/html,*/*;q=0.1")], b"")
}

#[test]
fn a_report_comes_in_without_a_session_and_the_receipt_is_for_it() {
    let rig = rig();
    let mut client = rig.connect();
    let key = get(&mut client, "/report/key");
    let certificate = Certificate::parse(key.text()).unwrap();
    assert!(certificate.origin == rig.origin && certificate.intake_key == *OFFICER.public());

    let phrase = Phrase::make().unwrap();
    let (mailbox, answers) = (phrase.mailbox().unwrap(), phrase.answer_key().unwrap());
    let report = Report { seen: "Sealedwords".into(), ..Report::default() };
    let sealed = FinderMessage::report(report, &answers);
    let sealed = sealed.seal(&certificate.seal_key, &mailbox).unwrap();
    let sent = body(&mailbox, &sealed);
    let response = client.send("POST", "/report/messages", &JSON, sent.as_bytes());
    assert_eq!(response.status, 201, "{}", response.text());
    let receipt = Receipt::verify(response.text()).unwrap();
    assert!(receipt.is_for(&sealed) && receipt.certificate == certificate);

    let folder = rig.folder().join("intake");
    let kept = Messages::open(&folder, Bounds::default()).unwrap().of(&mailbox).unwrap();
    assert_eq!((kept.len(), &kept[0].sealed), (1, &sealed));
    assert!(open(OFFICER.opens(), &mailbox, &kept[0].sealed).is_ok());
    for file in std::fs::read_dir(&folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!text.contains("Sealedwords"), "the server has it in the clear");
    }

    let ask = serde_json::json!({"mailbox": mailbox.to_string()}).to_string();
    let response = client.send("POST", "/report/answers", &JSON, ask.as_bytes());
    let answers = told(&response.body).unwrap();
    assert_eq!((answers.received, answers.sealed.len()), (1, 0));
}

#[test]
fn pages_run_their_own_script_and_nobody_elses() {
    let mut client = rig().connect();
    for (path, kind) in [
        ("/report", "text/html; charset=utf-8"),
        ("/report?lang=da", "text/html; charset=utf-8"),
        ("/letter", "text/html; charset=utf-8"),
        ("/report/report.js", "text/javascript; charset=utf-8"),
        ("/report/crypto.js", "text/javascript; charset=utf-8"),
        ("/report/style.css", "text/css; charset=utf-8"),
        ("/report/key", "text/plain; charset=utf-8"),
        ("/.well-known/security.txt", "text/plain; charset=utf-8"),
    ] {
        let response = get(&mut client, path);
        assert_eq!((response.status, response.header("content-type")), (200, Some(kind)));
        let policy = response.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{path}: {policy}");
        let is_page = kind.starts_with("text/html");
        assert_eq!(policy.contains("script-src 'self'"), is_page, "{path}: {policy}");
        assert_eq!(policy.contains("sandbox"), !is_page, "{path}: {policy}");
    }
    assert!(get(&mut client, "/report?lang=da").text().contains("<html lang=\"da\">"));
    let german = [("Accept-Language", "de-CH"), ("Accept", "text/html")];
    let page = client.send("GET", "/report", &german, b"");
    assert!(page.text().contains("<html lang=\"de\">"));
}

#[test]
fn security_txt_leads_to_the_page_and_has_not_expired() {
    let rig = rig();
    let text = get(&mut rig.connect(), "/.well-known/security.txt").text().to_owned();
    assert!(text.contains(&format!("Contact: {}/report\n", rig.origin)), "{text}");
    let expires = text.lines().find_map(|line| line.strip_prefix("Expires: ")).unwrap();
    let (expires, now) = (expires.parse::<terms::Time>().unwrap(), crate::rig::now());
    assert!(expires > now && expires < now + terms::Duration::from_days(365));
}

#[test]
fn hostile_messages_are_refused() {
    let rig = rig();
    let mailbox = Phrase::make().unwrap().mailbox().unwrap();
    let good = body(&mailbox, b"sealed");
    let send = |path: &str, headers: &[(&str, &str)], body: &[u8]| {
        // A body that was not read to its end is the end of its connection.
        let response = rig.connect().send("POST", path, headers, body);
        assert!(response.header("access-control-allow-origin").is_none());
        response.status
    };
    // What a page of another origin can send without asking.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        assert_eq!(send("/report/messages", &[("Content-Type", kind)], good.as_bytes()), 415);
    }
    assert_eq!(send("/report/messages", &[], good.as_bytes()), 415);
    let long = body(&mailbox, &vec![0; intake::SEALED_BYTES_MAX + 1]);
    assert_eq!(send("/report/messages", &JSON_KIND, long.as_bytes()), 413);
    let mut client = rig.connect();
    // Its length alone is reason enough; nothing of it is waited for.
    let head = "POST /report/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\
                Content-Type: application/json\r\n\r\n";
    client.write(head.as_bytes()).unwrap();
    assert_eq!(client.receive().unwrap().status, 413);
    for wrong in ["", "{}", "[]", "{\"mailbox\":\"..\"}", "{\"mailbox\":\"0\",\"sealed\":\"!\"}"] {
        assert_eq!(send("/report/messages", &JSON_KIND, wrong.as_bytes()), 400, "{wrong}");
        assert_eq!(send("/report/answers", &JSON_KIND, wrong.as_bytes()), 400, "{wrong}");
    }
    assert_eq!(send("/report/answers", &JSON_KIND, good.as_bytes()), 400, "a message there");
    let kept = Messages::open(&rig.folder().join("intake"), Bounds::default()).unwrap();
    assert!(kept.of(&mailbox).unwrap().is_empty());
}

const JSON_KIND: [(&str, &str); 1] = [("Content-Type", "application/json")];

#[test]
fn a_flood_from_one_network_is_stopped_and_reads_no_mailboxes() {
    let rig = Rig::start(|bounds| {
        bounds.messages_an_hour = 3;
        bounds.looks_a_minute = 2;
    });
    let mut client = rig.connect();
    let mut send = |path: &str, headers: &[(&str, &str)], body: String| {
        let response = client.send("POST", path, headers, body.as_bytes());
        (response.status, response.header("retry-after").map(str::to_owned))
    };
    let message = || body(&Phrase::make().unwrap().mailbox().unwrap(), b"sealed");
    for _ in 0..3 {
        assert_eq!(send("/report/messages", &JSON_KIND, message()).0, 201);
    }
    let refused = send("/report/messages", &JSON_KIND, message());
    assert_eq!(refused, (429, Some("3600".into())));
    let ask = || format!("{{\"mailbox\":\"{}\"}}", "0".repeat(32));
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    assert_eq!(send("/report/answers", &JSON_KIND, ask()).0, 200);
    assert_eq!(send("/letter", &form, format!("code={CODE}")).0, 200);
    assert_eq!(send("/report/answers", &JSON_KIND, ask()).0, 429);
    assert_eq!(send("/letter", &form, format!("code={CODE}")).0, 429);
}

#[test]
fn a_letters_code_is_answered_with_yes_or_no() {
    let mut client = rig().connect();
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let mut check = |code: &str| {
        let body = format!("code={code}");
        let response = client.send("POST", "/letter?lang=en", &form, body.as_bytes());
        assert_eq!(response.status, 200);
        response.text().to_owned()
    };
    let (yes, no) = (check(CODE), check("K7QM-2XPA-9RTE"));
    assert!(yes.contains("Yes, we sent") && !yes.contains(CODE));
    assert!(no.contains("No, we know no letter"));
    assert!(check("%3Cscript%3Ealert(1)%3C%2Fscript%3E").contains("No, we know no letter"));
    assert!(check("").contains("No, we know no letter"));
}
