//! What an opened segment holds: records lie inside it and are written again byte for byte.

use record::segment_content::{
    Record, SEGMENT_HEADER_BYTES, read_segment_header, record_bytes, records, write_record,
    write_segment_header,
};

pub(super) fn run(data: &[u8]) {
    if let Ok(piece) = read_segment_header(data) {
        let mut header = Vec::new();
        write_segment_header(&mut header, piece);
        assert!(header == data[..SEGMENT_HEADER_BYTES], "two texts of one header");
    }
    let read: Vec<Record> = records(data).map_while(Result::ok).collect();
    let mut written = Vec::new();
    for record in &read {
        let text = &data[record.text.clone()];
        let before = written.len();
        write_record(&mut written, record, text);
        let attached = record.attachment.is_some();
        let length = record_bytes(record.resource_type, attached, text.len());
        assert!(written.len() - before == length, "a record of another length");
    }
    assert!(data.starts_with(&written), "two texts of one record");
    let whole = records(data).all(|record| record.is_ok());
    assert!(whole == (written.len() == data.len()), "bytes that no record has");
}
