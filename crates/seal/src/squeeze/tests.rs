use super::*;
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

#[test]
fn the_dictionary_is_the_one_of_this_format_version() {
    let hash = HEXLOWER.encode(digest(&SHA256, DICTIONARY).as_ref());
    assert_eq!(hash, DICTIONARY_SHA256);
}

#[test]
fn lengths_tell_no_more_than_an_eighth() {
    let mut lengths = std::collections::BTreeSet::new();
    for length in 0..100_000 {
        let padded = padded(length);
        assert!(padded >= length.max(FLOOR_BYTES));
        assert!(padded - length <= FLOOR_BYTES.max(length / 8));
        lengths.insert(padded);
    }
    assert!(lengths.len() <= 8 * 12, "{} lengths", lengths.len());
}

#[test]
fn padding_comes_off_as_it_went_on() {
    for bytes in [b"".as_slice(), b"\x80", b"\0\0", b"text\x80\0", &[0; 1000]] {
        let mut padded = bytes.to_vec();
        pad(&mut padded);
        assert_eq!(unpad(&padded), Ok(bytes));
    }
    for wrong in [b"".as_slice(), b"\0\0\0", b"text", b"text\x80\x01"] {
        assert!(unpad(wrong).is_err());
    }
}

#[test]
fn the_dictionary_pays_on_a_short_record() {
    let record =
        br#"{"resourceType":"Observation","id":"1","status":"final","category":[{"coding":[{
        "system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs",
        "display":"Vital signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"8302-2",
        "display":"Body Height"}],"text":"Body Height"},"valueQuantity":{"value":172.1,"unit":"cm",
        "system":"http://unitsofmeasure.org","code":"cm"}}"#;
    let plain = zstd::bulk::compress(record, LEVEL).unwrap().len();
    assert!(squeeze(record).unwrap().len() * 2 < plain);
}
