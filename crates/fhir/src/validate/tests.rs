use super::*;
use crate::Limits;

/// Findings as `severity code expression`.
fn findings(text: &str) -> Vec<String> {
    let json = Json::parse(text.as_bytes(), &Limits::default()).unwrap();
    let show = |issue: &Issue| {
        format!("{} {} {}", issue.severity.word(), issue.code.word(), issue.expression)
    };
    validate(&json).iter().map(show).collect()
}

/// Findings in a Patient with these members.
fn patient(members: &str) -> Vec<String> {
    findings(&format!(
        r#"{{"resourceType":"Patient"{}{members}}}"#,
        if members.is_empty() { "" } else { "," }
    ))
}

#[test]
fn good_resources_have_no_findings() {
    for members in [
        "",
        r#""id":"a","meta":{"profile":["http://p"]},"implicitRules":"http://x""#,
        r#""birthDate":"1970-01-01","_birthDate":{"extension":[
            {"url":"http://t","valueDateTime":"1970-01-01T10:00:00Z"}]}"#,
        r#""_birthDate":{"id":"only"}"#,
        r#""name":[{"given":["A",null,"B"],"_given":[null,{"id":"x"},null]}]"#,
        r#""name":[{"_given":[{"id":"x"}]}]"#,
        r#""deceasedBoolean":false,"_deceasedBoolean":{"id":"x"}"#,
        r#""extension":[{"url":"http://a","extension":[{"url":"b","valueInteger":1}]}]"#,
        r##""contained":[{"resourceType":"Organization","id":"o","name":"x"}],
            "managingOrganization":{"reference":"#o"}"##,
        r#""contact":[{"relationship":[{"coding":[{"code":"N"}]}],"name":{"family":"x"}}]"#,
        r#""text":{"status":"generated",
            "div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}"#,
        r#""link":[{"other":{"reference":"Patient/1"},"type":"seealso"}]"#,
        r#""photo":[{"data":"QUJD","size":3,"creation":"2020"}]"#,
    ] {
        assert_eq!(patient(members), [""; 0], "{members}");
    }
    let condition = r#"{"resourceType":"Condition","subject":{"reference":"Patient/1"},
        "clinicalStatus":{"coding":[{"code":"active",
        "system":"http://terminology.hl7.org/CodeSystem/condition-clinical"}]}}"#;
    assert_eq!(findings(condition), [""; 0]);
    let bundle = r#"{"resourceType":"Bundle","type":"batch","entry":[
        {"resource":{"resourceType":"Basic","code":{"text":"x"}},
        "request":{"method":"POST","url":"Basic"}}],"link":[{"relation":"self","url":"x"}]}"#;
    assert_eq!(findings(bundle), [""; 0]);
    let parameters = r#"{"resourceType":"Parameters","parameter":[{"name":"a","valueString":"x"},
        {"name":"b","part":[{"name":"c","resource":{"resourceType":"Patient"}}]}]}"#;
    assert_eq!(findings(parameters), [""; 0]);
    let questionnaire = r#"{"resourceType":"QuestionnaireResponse","status":"completed","item":[
        {"linkId":"1","item":[{"linkId":"1.1","answer":[{"valueString":"x"}]}]}]}"#;
    assert_eq!(findings(questionnaire), [""; 0]);
}

#[test]
fn every_kind_of_fault_is_found_where_it_is() {
    for (members, expected) in [
        (r#""nonsense":1"#, "error structure Patient.?"),
        (r#""status":"x""#, "error structure Patient.status"),
        (r#""name":[{"city":"x"}]"#, "error structure Patient.name[0].city"),
        (r#""name":{"family":"x"}"#, "error structure Patient.name"),
        (r#""name":[]"#, "error structure Patient.name"),
        (r#""name":[{}]"#, "error structure Patient.name[0]"),
        (r#""name":["x"]"#, "error structure Patient.name[0]"),
        (r#""name":[null]"#, "error structure Patient.name[0]"),
        (r#""name":null"#, "error structure Patient.name"),
        (r#""birthDate":null"#, "error structure Patient.birthDate"),
        (r#""birthDate":["1970"]"#, "error structure Patient.birthDate"),
        (r#""birthDate":"1970-02-30""#, "error value Patient.birthDate"),
        (r#""birthDate":1970"#, "error value Patient.birthDate"),
        (r#""birthDate":{"value":"1970"}"#, "error value Patient.birthDate"),
        (r#""_birthDate":"x""#, "error structure Patient._birthDate"),
        (r#""_birthDate":{}"#, "error structure Patient._birthDate"),
        (r#""_birthDate":{"value":"x"}"#, "error structure Patient._birthDate.value"),
        (r#""_name":[{"id":"x"}]"#, "error structure Patient._name"),
        (r#""name":[{"given":["A",null]}]"#, "error structure Patient.name[0].given[1]"),
        (
            r#""name":[{"given":["A",null],"_given":[{"id":"x"}]}]"#,
            "error structure Patient.name[0].given[1]",
        ),
        (
            r#""name":[{"given":["A",null],"_given":[{"id":"x"},null]}]"#,
            "error structure Patient.name[0].given[1]",
        ),
        (
            r#""name":[{"given":["A"],"_given":[null,null]}]"#,
            "error structure Patient.name[0]._given[1]",
        ),
        (r#""name":[{"given":["A",""]}]"#, "error value Patient.name[0].given[1]"),
        (r#""active":"true""#, "error value Patient.active"),
        (r#""gender":"f""#, "error code-invalid Patient.gender"),
        (r#""id":"a b""#, "error value Patient.id"),
        (r#""multipleBirthInteger":1.5"#, "error value Patient.multipleBirthInteger"),
        (
            r#""deceasedBoolean":true,"deceasedDateTime":"2020""#,
            "error structure Patient.deceasedDateTime",
        ),
        (
            r#""deceasedBoolean":true,"_deceasedDateTime":{"id":"a"}"#,
            "error structure Patient._deceasedDateTime",
        ),
        (r#""deceased":true"#, "error structure Patient.?"),
        (r#""deceasedString":"x""#, "error structure Patient.deceasedString"),
        (r#""link":[{"type":"seealso"}]"#, "error required Patient.link[0].other"),
        (r#""extension":[{"valueString":"x"}]"#, "error required Patient.extension[0].url"),
        (r#""extension":[{"url":"x"}]"#, "error invariant Patient.extension[0]"),
        (
            r#""extension":[{"url":"x","valueCode":"a",
            "extension":[{"url":"y","valueCode":"b"}]}]"#,
            "error invariant Patient.extension[0]",
        ),
        (
            r#""extension":[{"url":"x","valueNonsense":"a"}]"#,
            "error structure Patient.extension[0].?",
        ),
        (r#""contained":[{"id":"a"}]"#, "error structure Patient.contained[0]"),
        (
            r#""contained":[{"resourceType":"Basic","id":"a"}]"#,
            "error required Patient.contained[0].code",
        ),
        (
            r#""contained":[{"resourceType":"Organization","name":"a"}]"#,
            "error invariant Patient.contained[0]",
        ),
        (
            r#""contained":[{"resourceType":"Group","id":"a","type":"person","actual":true,
            "contained":[{"resourceType":"Organization","id":"b"}]}]"#,
            "error invariant Patient.contained[0].contained[0]",
        ),
        (
            r#""contact":[{"resourceType":"Patient","gender":"male"}]"#,
            "error structure Patient.contact[0].resourceType",
        ),
        (r#""text":{"status":"generated","div":"<p/>"}"#, "error value Patient.text.div"),
    ] {
        let found = patient(members);
        assert!(found.iter().any(|finding| finding == expected), "{members}: {found:?}");
    }
}

#[test]
fn what_is_no_resource_is_refused() {
    for text in
        ["[]", "null", "\"x\"", "{}", r#"{"resourceType":1}"#, r#"{"resourceType":"Resource"}"#]
    {
        assert_eq!(findings(text), ["error structure "], "{text}");
    }
}

#[test]
fn demanded_codes_of_concepts_are_held_to_their_system() {
    let condition = |status: &str| {
        findings(&format!(
            r#"{{"resourceType":"Condition","clinicalStatus":{status},
            "subject":{{"reference":"Patient/1"}}}}"#
        ))
    };
    let system = "http://terminology.hl7.org/CodeSystem/condition-clinical";
    let strange = format!(r#"{{"coding":[{{"system":"{system}","code":"asleep"}}]}}"#);
    assert_eq!(condition(&strange), ["error code-invalid Condition.clinicalStatus"]);
    let words = "warning code-invalid Condition.clinicalStatus";
    assert_eq!(condition(r#"{"text":"active"}"#), [words]);
    assert_eq!(condition(r#"{"coding":[{"system":"http://old","code":"active"}]}"#), [words]);
}

#[test]
fn findings_say_nothing_of_the_content() {
    let text = r#"{"resourceType":"Patient","Marker1":1,"gender":"Marker2","name":[{"Marker3":1}],
        "birthDate":"Marker4","_gender":{"Marker5":1}}"#;
    let json = Json::parse(text.as_bytes(), &Limits::default()).unwrap();
    let issues = validate(&json);
    assert_eq!(issues.len(), 5);
    assert!(is_refused(&issues) && !format!("{issues:?}").contains("Marker"));
}

#[test]
fn findings_are_bounded() {
    let members: Vec<_> = (0..5000).map(|i| format!("\"x{i}\":1")).collect();
    assert_eq!(patient(&members.join(",")).len(), 100);
}
