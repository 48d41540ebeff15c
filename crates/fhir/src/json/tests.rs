use super::*;
use proptest::prelude::*;

fn read(text: &str) -> Result<Json, JsonErrorKind> {
    Json::parse(text.as_bytes(), &Limits::default()).map_err(|error| error.kind)
}

fn refused(text: &[u8]) -> JsonErrorKind {
    Json::parse(text, &Limits::default()).unwrap_err().kind
}

#[test]
fn compact_text_comes_back_as_it_was() {
    for text in [
        r#"{"resourceType":"Patient","b":1,"a":[1.00,1e2,-0.0,12E+3,0],"z":{"":null}}"#,
        r#"["\"\\\n\r\t\b\f\u0001é😀/",true,false,null,{},[]]"#,
        "0",
        r#""""#,
    ] {
        assert_eq!(read(text).unwrap().to_text(), text);
    }
    assert_eq!(read(r#""\u00e9\ud83d\ude00\/""#).unwrap().to_text(), r#""é😀/""#);
    assert_eq!(read(" {\n \"a\" :\t1 , \"b\":[ ] }\r\n").unwrap().to_text(), r#"{"a":1,"b":[]}"#);
}

#[test]
fn malformed_texts_are_refused() {
    use JsonErrorKind::*;
    for (text, kind) in [
        ("", End),
        ("{", End),
        ("[1", End),
        (r#"{"a""#, End),
        (r#""abc"#, End),
        (r#""\u12"#, End),
        ("{a:1}", Unexpected),
        (r#"{"a":1,}"#, Unexpected),
        ("[1,]", Unexpected),
        ("[1 2]", Unexpected),
        (r#"{"a" 1}"#, Unexpected),
        ("NaN", Unexpected),
        ("nul", Unexpected),
        ("'a'", Unexpected),
        ("01", Number),
        ("-", Number),
        ("1.", Number),
        ("1e", Number),
        ("-01", Number),
        ("+1", Unexpected),
        (".5", Unexpected),
        ("1 1", Trailing),
        ("{}x", Trailing),
        (r#""\x""#, Escape),
        (r#""\u12g4""#, Escape),
        (r#""\ud800""#, Surrogate),
        (r#""\ud800\u0041""#, Surrogate),
        (r#""\udc00""#, Surrogate),
        ("\"a\nb\"", Control),
        (r#"{"a":1,"a":2}"#, Duplicate),
        (r#"{"id":1,"\u0069d":2}"#, Duplicate),
    ] {
        assert_eq!(read(text).unwrap_err(), kind, "{text}");
    }
    assert_eq!(refused(b"\xef\xbb\xbf{}"), ByteOrderMark);
    assert_eq!(refused(b"\"\xff\""), NotUtf8);
    assert_eq!(refused(b"\"\xed\xa0\x80\""), NotUtf8);
}

#[test]
fn duplicates_are_found_in_large_objects() {
    let members: Vec<_> = (0..5000).map(|i| format!("\"k{i}\":0")).collect();
    assert!(read(&format!("{{{}}}", members.join(","))).is_ok());
    let text = format!("{{{},\"k77\":0}}", members.join(","));
    assert_eq!(read(&text).unwrap_err(), JsonErrorKind::Duplicate);
}

#[test]
fn hostile_texts_are_refused_in_bounded_memory() {
    let deep = "[".repeat(100_000);
    assert_eq!(refused(deep.as_bytes()), JsonErrorKind::TooDeep);
    let deep = r#"{"a":"#.repeat(100_000);
    assert_eq!(refused(deep.as_bytes()), JsonErrorKind::TooDeep);
    let mut wide = Limits { depth: usize::MAX, ..Limits::default() };
    let error = Json::parse(deep.as_bytes(), &wide).unwrap_err();
    assert_eq!(error.kind, JsonErrorKind::TooDeep);
    let long = "9".repeat(50 << 20);
    assert_eq!(refused(long.as_bytes()), JsonErrorKind::LongNumber);
    let many = format!("[{}0]", "0,".repeat(5_000_000));
    assert_eq!(refused(many.as_bytes()), JsonErrorKind::TooMany);
    wide.bytes = 10;
    assert_eq!(Json::parse(b"[0,0,0,0,0,0]", &wide).unwrap_err().kind, JsonErrorKind::TooLong);
}

#[test]
fn depth_is_counted_exactly() {
    let nest = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert!(read(&nest(64)).is_ok());
    assert_eq!(read(&nest(65)).unwrap_err(), JsonErrorKind::TooDeep);
}

#[test]
fn errors_tell_the_place_and_nothing_else() {
    let text = "{\n \"name\": [{}, {\"Jensen\": x}]}";
    let error = Json::parse(text.as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!((error.line, error.column), (2, 26));
    assert_eq!(error.path, "$.name[1].?");
    assert!(!format!("{error} {error:?}").contains("Jensen"));
    let tree = read(r#"{"family":"Jensen"}"#).unwrap();
    assert!(!format!("{tree:?}").contains("Jensen"));
}

#[test]
fn objects_keep_their_order() {
    let mut tree = read(r#"{"id":"a","x":1,"meta":{}}"#).unwrap();
    let object = tree.as_object_mut().unwrap();
    object.insert("x", 2u64.into());
    object.insert("y", true.into());
    object.insert_at(0, "resourceType", "Basic".into());
    assert!(object.remove("id").is_some());
    assert!(object.remove("id").is_none());
    assert_eq!(tree.to_text(), r#"{"resourceType":"Basic","x":2,"meta":{},"y":true}"#);
}

fn arbitrary() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 20, |inner| {
        let name = prop_oneof![".{0,5}", Just("name".to_string()), Just("id".to_string())];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..20).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..20)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn agrees_with_another_parser(value in arbitrary()) {
        let compact = serde_json::to_string(&value).unwrap();
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        prop_assert_eq!(&read(&compact).unwrap().to_text(), &compact);
        prop_assert_eq!(&read(&pretty).unwrap().to_text(), &compact);
    }

    #[test]
    fn accepts_nothing_that_another_parser_refuses(bytes in prop::collection::vec(
        prop::sample::select(&b"{}[]\",:\\u0d8e1.- ntrfalsue\xc3\xa9\n"[..]), 0..24)) {
        if let Ok(tree) = Json::parse(&bytes, &Limits::default()) {
            let other: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            let ours: serde_json::Value = serde_json::from_str(&tree.to_text()).unwrap();
            prop_assert_eq!(ours, other);
        }
    }

    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = Json::parse(&bytes, &Limits::default());
    }
}
