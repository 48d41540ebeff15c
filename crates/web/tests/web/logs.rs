//! Nothing that names anybody reaches the log, however much it is told to say.

use crate::rig::{JSON, rig, unique_number};
use std::io::{self, Write};
use std::sync::{LazyLock, Mutex};

static LINES: LazyLock<Mutex<Vec<u8>>> = LazyLock::new(Mutex::default);

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps what all tests log, at a level that operators can set.
pub(crate) fn keep() {
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
        .with_ansi(false)
        .with_writer(|| Lines)
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();
}

#[test]
fn logs_name_routes_and_nobody() {
    let rig = rig();
    let mut client = rig.connect();
    let doctor = rig.sign_in("doctor");
    let marker = format!("Marker{}", unique_number());
    let patient = rig.patient(&mut client, &doctor, &marker);
    let id = patient.strip_prefix("Patient/").unwrap();
    let token = rig.token(&mut client, &doctor, &patient);
    let mut ask = |method: &str, path: String, body: String| {
        rig.ask(&mut client, &doctor, method, &path, &JSON, body.as_bytes()).status
    };
    assert_eq!(ask("GET", format!("/fhir/{patient}"), String::new()), 200);
    assert_eq!(ask("GET", format!("/fhir/Patient?name={marker}"), String::new()), 200);
    ask("GET", format!("/fhir/Observation?patient={id}&code={marker}"), String::new());
    ask("GET", format!("/fhir/Observation?patient={id}&{marker}=1"), String::new());
    ask("GET", format!("/{marker}"), String::new());
    ask("POST", "/fhir/Observation".into(), format!("{{\"resourceType\":\"{marker}\"}}"));
    ask("POST", "/fhir/Observation".into(), format!("{{\"{marker}\":{marker}}}"));
    ask("POST", "/fhir".into(), format!("{{\"resourceType\":\"Bundle\",\"type\":\"{marker}\"}}"));
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("X-Marker", marker.as_str())];
    assert_eq!(client.send("GET", &format!("/fhir/{patient}"), &headers, b"").status, 200);
    let lines = String::from_utf8_lossy(&LINES.lock().unwrap()).into_owned();
    assert!(lines.contains("find-patient") && lines.contains("status=200"), "nothing was kept");
    let secrets = [marker.as_str(), id, &token, &doctor.token];
    for secret in secrets {
        assert!(!lines.contains(secret), "{}", lines.lines().find(|l| l.contains(secret)).unwrap());
    }
}
