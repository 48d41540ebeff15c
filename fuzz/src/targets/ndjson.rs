//! Folders of NDJSON, put together patient by patient; a zero byte ends a file.
//!
//! Every line of a source stands in some file, and no line that names a patient is lost.

use crate::targets::scratch;
use std::collections::HashSet;

/// Most files of one folder.
const FILES: usize = 4;

pub(super) fn run(data: &[u8]) {
    let files: Vec<&[u8]> = data.split(|byte| *byte == 0).take(FILES).collect();
    let paths: Vec<_> = files
        .iter()
        .enumerate()
        .map(|(number, text)| scratch(&format!("{number}.ndjson"), text))
        .collect();
    let lines = |text: &[u8]| -> HashSet<Vec<u8>> {
        let lines = text.split(|byte| *byte == b'\n');
        let filled = lines.filter(|line| !line.trim_ascii().is_empty());
        filled.map(<[u8]>::to_vec).collect()
    };
    let written: HashSet<Vec<u8>> = files.iter().flat_map(|text| lines(text)).collect();
    let mut told = HashSet::new();
    let folder = paths.first().and_then(|path| path.parent()).expect("a split has a first part");
    for source in record::ndjson::sources(folder, &paths).expect("files that are there") {
        let source = source.expect("files that are there");
        assert!(!source.name.is_empty(), "a source that has no name");
        record::fuzzing::source(&source.text);
        told.extend(lines(&source.text));
    }
    assert!(told.is_subset(&written), "a line that nobody wrote");
    let is_patient = |line: &&Vec<u8>| {
        let json = fhir::Json::parse(line, &fhir::Limits::default());
        json.is_ok_and(|json| json.resource_type() == "Patient")
    };
    assert!(written.iter().filter(is_patient).all(|line| told.contains(line)), "a lost patient");
}
