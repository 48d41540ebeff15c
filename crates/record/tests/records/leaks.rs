//! Nothing that a patient's file says, or that a client sent, is in what is logged.

use crate::world::{PATIENT, World, json, observation};
use record::WriteError;

const MARK: &str = "KANARIENVOGEL";

#[test]
fn errors_name_elements_and_never_content() {
    let world = World::new();
    let (doctor, records) = (world.doctor(), world.records());
    let file = doctor.patient();
    let open = doctor.open(file);
    let by = doctor.id();
    let good = observation(file, MARK, "1");
    let id = doctor.create_in(&good, Some(&open)).id.to_string();
    let mark = |from: &str, to: &str| json(&good.replace(from, to));
    let create = |resource| records.create(by, resource, None, Some(&open));
    let other = format!("Patient/{MARK}");
    let mut errors: Vec<WriteError> = Vec::new();
    errors.extend(create(mark("final", MARK)).err());
    errors.extend(create(mark("Observation", MARK)).err());
    errors.extend(create(mark("\"status\"", &format!("\"{MARK}\""))).err());
    errors.extend(create(mark(&format!("Patient/{file}"), &other)).err());
    errors.extend(create(mark(&format!("Patient/{file}"), &format!("urn:uuid:{MARK}"))).err());
    errors.extend(records.create(by, json(PATIENT), Some(MARK), None).err());
    let condition = format!("{MARK}={MARK}");
    let condition = records.create(by, json(&good), Some(&condition), Some(&open)).err();
    // The name of a parameter is repeated, so that its sender finds the mistake; no value is.
    assert_eq!(format!("{condition:?}").matches(MARK).count(), 1);
    errors.extend(records.update(&open, "Observation", MARK, json(&good), None).err());
    errors.extend(records.update(&open, MARK, &id, json(&good), None).err());
    let patch = json(&format!(r#"[{{"op":"test","path":"/{MARK}","value":"{MARK}"}}]"#));
    errors.extend(records.patch(&open, "Observation", &id, &patch, None).err());
    let bundle = format!(
        r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"fullUrl":"{MARK}",
        "resource":{},"request":{{"method":"{MARK}","url":"{MARK}"}}}}]}}"#,
        mark("final", MARK).to_text()
    );
    errors.extend(records.bundle(by, json(&bundle), Some(&open)).err());
    let posted = bundle.replacen(&format!("\"method\":\"{MARK}\""), "\"method\":\"POST\"", 1);
    let posted = posted.replacen(&format!("\"url\":\"{MARK}\""), "\"url\":\"Observation\"", 1);
    errors.extend(records.bundle(by, json(&posted), Some(&open)).err());
    let wrong_type = bundle.replace("transaction", MARK);
    errors.extend(records.bundle(by, json(&wrong_type), Some(&open)).err());
    assert_eq!(errors.len(), 12);
    for error in errors {
        let told = format!("{error:?} {error} {}", error.outcome().to_text());
        assert!(!told.contains(MARK), "{told}");
    }
}
