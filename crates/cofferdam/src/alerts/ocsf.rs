//! The Detection Finding of OCSF (class 2004) for systems that collect events.

use super::told::{Line, Told, Verdict, What};
use serde_json::{Value, json};

/// The published schema it is written for.
const SCHEMA: &str = "1.5.0";
const CLASS: u64 = 2004;

/// One line as an event: a new finding, one that goes on, or one that is closed. `told` is the
/// alert that the line is about.
pub(crate) fn ocsf(line: &Line, told: &Told, created: &str) -> Value {
    let (activity, name, status) = match &line.what {
        What::Alert(_) => (1, "Create", (1, "New")),
        What::Closed { verdict: Verdict::Wrong, .. } => (3, "Close", (3, "Suppressed")),
        What::Closed { .. } => (3, "Close", (4, "Resolved")),
        What::Acted { .. } => (2, "Update", (1, "New")),
        What::Taken { .. } | What::Note { .. } => (2, "Update", (2, "In Progress")),
    };
    let mut event = json!({
        "activity_id": activity,
        "activity_name": name,
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Detection Finding",
        "type_uid": CLASS * 100 + activity,
        "type_name": format!("Detection Finding: {name}"),
        "time": millis(&line.at),
        "severity_id": told.severity(),
        "severity": severity(told.severity()),
        "status_id": status.0,
        "status": status.1,
        "is_alert": activity == 1 && told.level != "note",
        "message": told.reviewer,
        "metadata": {
            "version": SCHEMA,
            "product": {"name": "Cofferdam", "vendor_name": "Cofferdam",
                        "version": env!("CARGO_PKG_VERSION")},
            "uid": format!("{}-{}", line.id, millis(&line.at)),
        },
        "finding_info": {
            "uid": line.id,
            "title": told.reviewer,
            "types": [told.finding],
            "created_time": millis(created),
            "modified_time": millis(&line.at),
            "analytic": {"name": told.finding, "type_id": 2, "type": "Behavioral"},
            "data_sources": ["ledger"],
        },
        "resources": resources(told),
        "evidences": [{"data": {"ledger_entries": told.evidence, "score": told.score}}],
    });
    if let Some(ordered) = &told.ordered {
        event["remediation"] = json!({"desc": ordered.reviewer});
    }
    if let Some(comment) = comment(&line.what) {
        event["comment"] = comment.into();
    }
    event
}

/// What it is about; a patient as the ledger's blind alone.
fn resources(told: &Told) -> Vec<Value> {
    let about = [
        ("card", &told.card, &told.holder),
        ("practice", &told.practice, &told.practice_name),
        ("server", &told.server, &None),
        ("file", &told.file, &None),
    ];
    let there = about.into_iter().filter_map(|(kind, uid, name)| {
        let mut resource = json!({"type": kind, "uid": uid.as_ref()?});
        if let Some(name) = name {
            resource["name"] = name.as_str().into();
        }
        Some(resource)
    });
    there.collect()
}

fn comment(what: &What) -> Option<String> {
    match what {
        What::Alert(_) => None,
        What::Acted { done: true } => Some("The keyholder carried out the step.".to_owned()),
        What::Acted { done: false } => Some("The keyholder refused the step.".to_owned()),
        What::Taken { who } => Some(format!("{who} took the case.")),
        What::Note { who, note } => Some(format!("{who}: {note}")),
        What::Closed { who, verdict, note } => {
            Some(format!("{who} closed the case ({}): {note}", verdict.word()))
        }
    }
}

const fn severity(id: u8) -> &'static str {
    match id {
        1 => "Informational",
        2 => "Low",
        3 => "Medium",
        4 => "High",
        _ => "Critical",
    }
}

/// Milliseconds since 1970 of a time that we wrote ourselves.
pub(crate) fn millis(at: &str) -> u64 {
    crate::report::instant(Some(at)).ok().flatten().map_or(0, terms::Time::millis)
}

#[cfg(test)]
mod tests {
    use super::super::told::tests::{closed, line};
    use super::*;

    /// What OCSF's `base_event`, `finding` and `detection_finding` require, and what they know of
    /// what is used here (github.com/ocsf/ocsf-schema, events/findings).
    const REQUIRED: [&str; 8] = [
        "activity_id",
        "category_uid",
        "class_uid",
        "finding_info",
        "metadata",
        "severity_id",
        "time",
        "type_uid",
    ];
    const KNOWN: [&str; 13] = [
        "activity_name",
        "category_name",
        "class_name",
        "comment",
        "evidences",
        "is_alert",
        "message",
        "remediation",
        "resources",
        "severity",
        "status",
        "status_id",
        "type_name",
    ];

    fn told() -> Told {
        match line().what {
            What::Alert(told) => *told,
            _ => unreachable!("the line is an alert"),
        }
    }

    #[test]
    fn events_have_what_the_schema_requires_and_nothing_that_it_does_not_know() {
        for line in [line(), closed()] {
            let event = ocsf(&line, &told(), "2026-11-23T14:00:00.000Z");
            let object = event.as_object().unwrap();
            for name in REQUIRED {
                assert!(object.contains_key(name), "{name} is missing");
            }
            for name in object.keys() {
                assert!(REQUIRED.contains(&name.as_str()) || KNOWN.contains(&name.as_str()));
            }
            assert!(event["finding_info"]["uid"].is_string() && event["time"].as_u64() > Some(0));
            assert!(event["metadata"]["product"].is_object());
            assert!(event["remediation"]["desc"].is_string());
            let numbers = ["class_uid", "activity_id", "type_uid"].map(|n| event[n].as_u64());
            assert_eq!(numbers[2], Some(numbers[0].unwrap() * 100 + numbers[1].unwrap()));
        }
    }

    #[test]
    fn a_finding_is_created_and_closed_under_the_same_name() {
        let (created, closed) = (line(), closed());
        let event = |line: &Line| ocsf(line, &told(), "2026-11-23T14:00:00.000Z");
        assert_eq!(event(&created)["activity_id"], 1);
        assert_eq!(event(&created)["is_alert"], true);
        assert_eq!(event(&closed)["activity_id"], 3);
        assert_eq!(event(&closed)["is_alert"], false);
        assert_eq!(event(&closed)["status"], "Suppressed");
        assert_eq!(event(&created)["finding_info"]["uid"], event(&closed)["finding_info"]["uid"]);
    }
}
