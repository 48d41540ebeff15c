use super::*;
use crate::{Chain, vector_tests};
use terms::{FileId, Section};

const FULL: usize = ATTACHMENT_CHUNK_BYTES;

fn place() -> Place<'static> {
    Place {
        tenant: "harbour",
        file: FileId::from_bytes([1; 16]),
        section: Section::Documents,
        sequence: 3,
        generation: 0,
        previous: Chain::EMPTY,
    }
}

fn key(number: u32) -> AttachmentKey {
    SegmentKey::from_bytes(Zeroizing::new([9; 32])).attachment_key(number).unwrap()
}

fn stream(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 % 251) as u8).collect()
}

/// Seals a stream as a server does: in full chunks and one shorter one.
fn seal(stream: &[u8]) -> (Vec<Vec<u8>>, AttachmentHeader) {
    let (mut sealer, header) = AttachmentSealer::new(&place(), &key(0)).unwrap();
    let mut chunks = Vec::new();
    let mut rest = stream;
    loop {
        let (chunk, left) = rest.split_at(rest.len().min(FULL));
        chunks.push(sealer.seal_next(chunk).unwrap());
        if chunk.len() < FULL {
            break;
        }
        rest = left;
    }
    assert_eq!(sealer.finish(), Ok(stream.len() as u64));
    (chunks, header)
}

fn open(
    chunks: &[Vec<u8>],
    place: &Place,
    key: &AttachmentKey,
    header: &AttachmentHeader,
) -> Result<Vec<u8>, SealError> {
    let mut opener = AttachmentOpener::new(place, key, header)?;
    let mut stream = Vec::new();
    for (at, chunk) in chunks.iter().enumerate() {
        stream.extend_from_slice(&opener.open_next(chunk, at + 1 == chunks.len())?);
    }
    assert_eq!(opener.finish()?, stream.len() as u64);
    Ok(stream)
}

#[test]
fn attachments_are_those_of_the_vectors() {
    vector_tests::check("attachment.txt", |vector| {
        let place = Place {
            tenant: vector.text("tenant"),
            file: FileId::from_bytes(vector.array("file")),
            section: Section::from_number(vector.number("section") as u8).unwrap(),
            sequence: vector.number("sequence"),
            generation: vector.number("generation"),
            previous: Chain::from_bytes(vector.array("previous")),
        };
        let key = SegmentKey::from_bytes(vector.key("key"));
        let key = key.attachment_key(vector.number("number")).unwrap();
        let header = AttachmentHeader::from_bytes(vector.array("header"));
        let stream = Stream::new(&place, &key, &header).unwrap();
        let mut padded = vector.bytes("plaintext");
        pad(&mut padded);
        let sealed = stream.cipher.seal_with(vector.array("nonce"), &stream.aad(true), &padded);
        let sealed = sealed.unwrap();
        let opened = open(std::slice::from_ref(&sealed), &place, &key, &header);
        assert_eq!(opened.unwrap(), vector.bytes("plaintext"));
        vec![("aad", stream.aad(true)), ("sealed", sealed)]
    });
}

#[test]
fn a_stream_of_any_length_comes_back() {
    for length in [0, 1, 1000, FULL - 1, FULL, FULL + 1, 3 * FULL, 3 * FULL + 70_000] {
        let stream = stream(length);
        let (chunks, header) = seal(&stream);
        assert_eq!(chunks.len(), length / FULL + 1);
        assert!(open(&chunks, &place(), &key(0), &header).unwrap() == stream);
    }
}

#[test]
fn a_stream_cut_reordered_or_mixed_with_another_upload_is_refused() {
    let (chunks, header) = seal(&stream(2 * FULL + 5));
    let (again, other_header) = seal(&stream(2 * FULL + 5));
    let refused = |chunks: &[Vec<u8>]| {
        let opened = open(chunks, &place(), &key(0), &header);
        assert!(matches!(opened, Err(SealError::Tampered(_))));
    };
    refused(&[]);
    refused(&chunks[..1]);
    refused(&chunks[..2]);
    refused(&chunks[1..]);
    refused(&[chunks[1].clone(), chunks[0].clone(), chunks[2].clone()]);
    refused(&[chunks[0].clone(), chunks[2].clone()]);
    refused(&[chunks[0].clone(), chunks[0].clone(), chunks[2].clone()]);
    refused(&[chunks.clone(), chunks[2..].to_vec()].concat());
    for at in 0..3 {
        let mut mixed = chunks.clone();
        mixed[at].clone_from(&again[at]);
        refused(&mixed);
    }
    assert!(open(&again, &place(), &key(0), &other_header).is_ok());
    assert!(open(&chunks, &place(), &key(0), &other_header).is_err());
    assert!(open(&chunks, &place(), &key(1), &header).is_err());
    let elsewhere = Place { sequence: 4, ..place() };
    assert!(open(&chunks, &elsewhere, &key(0), &header).is_err());
}

#[test]
fn the_end_is_known_before_and_after_it() {
    let (chunks, header) = seal(&stream(FULL + 5));
    let mut opener = AttachmentOpener::new(&place(), &key(0), &header).unwrap();
    opener.open_next(&chunks[0], false).unwrap();
    assert_eq!(opener.finish(), Err(SealError::Tampered("cut short")));
    let mut opener = AttachmentOpener::new(&place(), &key(0), &header).unwrap();
    assert!(opener.open_next(&chunks[0], true).is_err(), "not the last one");
    opener.open_next(&chunks[0], false).unwrap();
    opener.open_next(&chunks[1], true).unwrap();
    assert!(opener.open_next(&chunks[1], true).is_err());

    let (mut sealer, _) = AttachmentSealer::new(&place(), &key(0)).unwrap();
    assert!(matches!(sealer.seal_next(&stream(FULL + 1)), Err(SealError::Asked(_))));
    sealer.seal_next(b"the end").unwrap();
    assert!(matches!(sealer.seal_next(b"more"), Err(SealError::Asked(_))));
    let (unfinished, _) = AttachmentSealer::new(&place(), &key(0)).unwrap();
    assert!(unfinished.finish().is_err());
}

#[test]
fn any_flipped_bit_of_a_chunk_is_refused() {
    let (chunks, header) = seal(&stream(9));
    for bit in 0..chunks[0].len() * 8 {
        let mut changed = chunks.clone();
        changed[0][bit / 8] ^= 1 << (bit % 8);
        assert!(open(&changed, &place(), &key(0), &header).is_err(), "bit {bit}");
    }
}

#[test]
fn more_than_an_attachment_may_be_is_asked_wrongly() {
    let (mut sealer, _) = AttachmentSealer::new(&place(), &key(0)).unwrap();
    let chunk = vec![0; FULL];
    for _ in 0..ATTACHMENT_BYTES_MAX / FULL as u64 {
        sealer.seal_next(&chunk).unwrap();
    }
    assert!(matches!(sealer.seal_next(b"x"), Err(SealError::Asked(_))));
    sealer.seal_next(b"").unwrap();
    assert_eq!(sealer.finish(), Ok(ATTACHMENT_BYTES_MAX));
}
