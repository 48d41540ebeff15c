use super::*;

fn read(text: &str) -> Json {
    Json::parse(text.as_bytes(), &crate::Limits::default()).unwrap()
}

fn patched(document: &str, patch: &str) -> Result<String, PatchError> {
    apply(&read(document), &read(patch)).map(|json| json.to_text())
}

/// The cases of RFC 6902, appendix A, and those it leaves to the reader.
#[test]
fn operations_do_what_the_standard_says() {
    for (document, patch, expected) in [
        (
            r#"{"foo":"bar"}"#,
            r#"[{"op":"add","path":"/baz","value":"qux"}]"#,
            r#"{"foo":"bar","baz":"qux"}"#,
        ),
        (
            r#"{"foo":["bar","baz"]}"#,
            r#"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
            r#"{"foo":["bar","qux","baz"]}"#,
        ),
        (r#"{"baz":"qux","foo":"bar"}"#, r#"[{"op":"remove","path":"/baz"}]"#, r#"{"foo":"bar"}"#),
        (
            r#"{"foo":["bar","qux","baz"]}"#,
            r#"[{"op":"remove","path":"/foo/1"}]"#,
            r#"{"foo":["bar","baz"]}"#,
        ),
        (
            r#"{"baz":"qux","foo":"bar"}"#,
            r#"[{"op":"replace","path":"/baz","value":"boo"}]"#,
            r#"{"baz":"boo","foo":"bar"}"#,
        ),
        (
            r#"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
            r#"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
            r#"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#,
        ),
        (
            r#"{"foo":["all","grass","cows","eat"]}"#,
            r#"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
            r#"{"foo":["all","cows","eat","grass"]}"#,
        ),
        (
            r#"{"baz":"qux","foo":["a",2,"c"]}"#,
            r#"[{"op":"test","path":"/baz","value":"qux"},
            {"op":"test","path":"/foo/1","value":2.0}]"#,
            r#"{"baz":"qux","foo":["a",2,"c"]}"#,
        ),
        (
            r#"{"foo":"bar"}"#,
            r#"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
            r#"{"foo":"bar","child":{"grandchild":{}}}"#,
        ),
        (
            r#"{"foo":"bar"}"#,
            r#"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#,
            r#"{"foo":"bar","baz":"qux"}"#,
        ),
        (r#"{"/":9,"~1":10}"#, r#"[{"op":"test","path":"/~01","value":10}]"#, r#"{"/":9,"~1":10}"#),
        (
            r#"{"foo":["bar"]}"#,
            r#"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
            r#"{"foo":["bar",["abc","def"]]}"#,
        ),
        (r#"{"a":1}"#, r#"[{"op":"replace","path":"","value":{"b":1.00}}]"#, r#"{"b":1.00}"#),
        (
            r#"{"a":{"x":1}}"#,
            r#"[{"op":"copy","from":"/a","path":"/b"},{"op":"remove","path":"/a/x"}]"#,
            r#"{"a":{},"b":{"x":1}}"#,
        ),
        (
            r#"{"a":{"x":1,"y":[2]}}"#,
            r#"[{"op":"test","path":"/a","value":{"y":[2e0],"x":1}}]"#,
            r#"{"a":{"x":1,"y":[2]}}"#,
        ),
        (r#"{"":1}"#, r#"[{"op":"replace","path":"/","value":2}]"#, r#"{"":2}"#),
        (r#"{"a":1}"#, "[]", r#"{"a":1}"#),
        (r#"{"a":1}"#, r#"[{"op":"move","from":"/a","path":"/a"}]"#, r#"{"a":1}"#),
    ] {
        assert_eq!(patched(document, patch).as_deref(), Ok(expected), "{patch}");
    }
}

#[test]
fn what_cannot_be_done_is_refused() {
    let malformed = PatchError::Malformed { operation: 0 };
    let not_there = PatchError::NotThere { operation: 0 };
    let document = r#"{"a":{"b":[1,2]},"c":"x"}"#;
    for (patch, expected) in [
        ("{}", malformed.clone()),
        ("[1]", malformed.clone()),
        (r#"[{"op":"spoil","path":"/a"}]"#, malformed.clone()),
        (r#"[{"op":"add","path":"/z"}]"#, malformed.clone()),
        (r#"[{"op":"add","value":1}]"#, malformed.clone()),
        (r#"[{"op":"move","path":"/z"}]"#, malformed.clone()),
        (r#"[{"op":"add","path":"a","value":1}]"#, malformed.clone()),
        (r#"[{"op":"add","path":"/a~2","value":1}]"#, malformed.clone()),
        (r#"[{"op":"add","path":"/a~","value":1}]"#, malformed.clone()),
        (r#"[{"op":"move","from":"/a","path":"/a/b"}]"#, malformed.clone()),
        (r#"[{"op":"remove","path":"/a/b/x"}]"#, malformed.clone()),
        (r#"[{"op":"remove","path":"/a/b/01"}]"#, malformed),
        (r#"[{"op":"add","path":"/y/z","value":1}]"#, not_there.clone()),
        (r#"[{"op":"add","path":"/c/z","value":1}]"#, not_there.clone()),
        (r#"[{"op":"add","path":"/a/b/3","value":1}]"#, not_there.clone()),
        (r#"[{"op":"remove","path":"/a/b/2"}]"#, not_there.clone()),
        (r#"[{"op":"remove","path":"/a/b/-"}]"#, not_there.clone()),
        (r#"[{"op":"replace","path":"/z","value":1}]"#, not_there.clone()),
        (r#"[{"op":"copy","from":"/z","path":"/y"}]"#, not_there.clone()),
        (r#"[{"op":"remove","path":"/a/b/99999999999999999999"}]"#, not_there),
        (r#"[{"op":"test","path":"/c","value":"y"}]"#, PatchError::TestFailed { operation: 0 }),
        (
            r#"[{"op":"add","path":"/d","value":1},{"op":"test","path":"/d","value":"1"}]"#,
            PatchError::TestFailed { operation: 1 },
        ),
    ] {
        assert_eq!(patched(document, patch), Err(expected), "{patch}");
    }
}

#[test]
fn a_patch_cannot_grow_a_document_without_bound() {
    let double = r#"{"op":"copy","from":"/a","path":"/a/-"}"#;
    let patch = format!("[{}]", [double; 60].join(","));
    let result = patched(r#"{"a":[1,2,3]}"#, &patch);
    assert!(matches!(result, Err(PatchError::TooLarge { operation: 1..60 })));
    let patch = format!("[{}]", [r#"{"op":"add","path":"/b","value":1}"#; 1001].join(","));
    assert_eq!(patched("{}", &patch), Err(PatchError::TooLarge { operation: 1000 }));
    let nest = r#"{"op":"copy","from":"","path":"/a"}"#;
    let patch = format!("[{}]", [nest; 70].join(","));
    let result = patched(r#"{"b":1}"#, &patch);
    assert!(matches!(result, Err(PatchError::TooLarge { operation: 1..70 })));
}
