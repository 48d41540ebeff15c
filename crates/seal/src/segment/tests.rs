use super::*;
use crate::{FileKey, Link, SealedHash, vector_tests};
use proptest::prelude::*;

const TENANT: &str = "harbour";

fn place() -> Place<'static> {
    Place {
        tenant: TENANT,
        file: FileId::from_bytes([1; 16]),
        section: Section::Results,
        sequence: 3,
        generation: 0,
        previous: Chain::from_bytes([5; 32]),
    }
}

fn key() -> SegmentKey {
    SegmentKey::from_bytes(Zeroizing::new([9; 32]))
}

fn is_refused(place: &Place, key: &SegmentKey, sealed: &[u8]) -> bool {
    matches!(open_segment(place, key, sealed), Err(SealError::Tampered(_)))
}

#[test]
fn segments_are_those_of_the_vectors() {
    vector_tests::check("segment.txt", |vector| {
        let place = Place {
            tenant: vector.text("tenant"),
            file: FileId::from_bytes(vector.array("file")),
            section: Section::from_number(vector.number("section") as u8).unwrap(),
            sequence: vector.number("sequence"),
            generation: vector.number("generation"),
            previous: Chain::from_bytes(vector.array("previous")),
        };
        let key = SegmentKey::from_bytes(vector.key("key"));
        let plaintext = vector.bytes("plaintext");
        let squeezed = squeeze::squeeze(&plaintext).unwrap();
        let sealed =
            cipher(&key).unwrap().seal_with(vector.array("nonce"), &place.aad(), &squeezed);
        let sealed = sealed.unwrap();
        assert_eq!(*open_segment(&place, &key, &sealed).unwrap(), plaintext);
        let hash = SealedHash::of(&sealed);
        let link = Link { section: place.section, sequence: place.sequence, sealed: hash };
        let head = place.previous.then(place.file, &link);
        vec![
            ("squeezed", squeezed.to_vec()),
            ("aad", place.aad()),
            ("sealed", sealed),
            ("hash", hash.as_bytes().to_vec()),
            ("head", head.as_bytes().to_vec()),
        ]
    });
}

#[test]
fn any_flipped_bit_any_cut_and_any_addition_is_refused() {
    let sealed = seal_segment(&place(), &key(), b"{\"resourceType\":\"Observation\"}").unwrap();
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(is_refused(&place(), &key(), &changed), "bit {bit}");
    }
    for cut in 0..sealed.len() {
        assert!(is_refused(&place(), &key(), &sealed[..cut]), "cut at {cut}");
        assert!(is_refused(&place(), &key(), &sealed[cut + 1..]), "begun at {}", cut + 1);
    }
    for more in [[0; 1].as_slice(), &[0; 16], &sealed] {
        assert!(is_refused(&place(), &key(), &[&sealed, more].concat()));
    }
}

#[test]
fn a_segment_opens_at_its_own_place_only() {
    let sealed = seal_segment(&place(), &key(), b"a result").unwrap();
    for wrong in [
        Place { tenant: "harbor", ..place() },
        Place { tenant: "", ..place() },
        Place { file: FileId::from_bytes([2; 16]), ..place() },
        Place { section: Section::Restricted, ..place() },
        Place { sequence: 4, ..place() },
        Place { generation: 1, ..place() },
        Place { previous: Chain::EMPTY, ..place() },
    ] {
        assert!(is_refused(&wrong, &key(), &sealed), "{wrong:?}");
    }
    let other = SegmentKey::from_bytes(Zeroizing::new([8; 32]));
    assert!(is_refused(&place(), &other, &sealed));
}

#[test]
fn segments_of_one_file_cannot_change_places() {
    let file = FileKey::generate().unwrap();
    let sealed: Vec<_> = (0..6)
        .map(|sequence| {
            let place = Place { sequence, ..place() };
            let key = file.segment_key(place.section, sequence, 0).unwrap();
            (place, seal_segment(&place, &key, b"the same text").unwrap(), key)
        })
        .collect();
    for (at, (place, _, key)) in sealed.iter().enumerate() {
        for (from, (_, bytes, _)) in sealed.iter().enumerate() {
            assert_eq!(open_segment(place, key, bytes).is_ok(), at == from);
        }
    }
}

#[test]
fn one_text_sealed_twice_shows_no_likeness() {
    let [one, two] = [0; 2].map(|_| seal_segment(&place(), &key(), b"text").unwrap());
    assert_eq!(one.len(), two.len());
    let alike = one[45..].iter().zip(&two[45..]).filter(|(a, b)| a == b).count();
    assert!(alike < 10, "{alike} bytes alike");
}

#[test]
fn the_longest_segment_fits_and_a_longer_one_is_asked_wrongly() {
    let mut noise = vec![0; SEGMENT_PLAINTEXT_BYTES_MAX + 1];
    aws_lc_rs::rand::fill(&mut noise).unwrap();
    let longest = &noise[1..];
    let sealed = seal_segment(&place(), &key(), longest).unwrap();
    assert!(sealed.len() <= SEGMENT_SEALED_BYTES_MAX);
    assert_eq!(*open_segment(&place(), &key(), &sealed).unwrap(), longest);
    assert!(matches!(seal_segment(&place(), &key(), &noise), Err(SealError::Asked(_))));
    assert!(is_refused(&place(), &key(), &vec![1; SEGMENT_SEALED_BYTES_MAX + 1]));
}

/// One who holds the key (a taken-over server that deposits) seals what would unfold without end.
#[test]
fn what_unfolds_to_more_than_a_segment_is_refused() {
    let seal = |mut squeezed: Vec<u8>| {
        squeeze::pad(&mut squeezed);
        cipher(&key()).unwrap().seal(&place().aad(), &squeezed).unwrap()
    };
    let bomb = zstd::bulk::compress(&vec![0; SEGMENT_PLAINTEXT_BYTES_MAX + 1], 3).unwrap();
    let mut compressor = zstd::bulk::Compressor::new(3).unwrap();
    compressor.include_contentsize(false).unwrap();
    let unsized_bomb = compressor.compress(&[0; 100_000]).unwrap();
    let mut lying = zstd::bulk::compress(&[0; 100_000], 3).unwrap();
    // The content size stands in four bytes behind magic and descriptor.
    lying[5..9].copy_from_slice(&1000_u32.to_le_bytes());
    let honest = zstd::bulk::compress(&[7; 1000], 3).unwrap();
    let twice = [honest.as_slice(), &honest].concat();
    let hostile = [bomb, unsized_bomb, lying, twice, b"no frame".to_vec(), Vec::new()];
    for (number, squeezed) in hostile.into_iter().enumerate() {
        assert!(is_refused(&place(), &key(), &seal(squeezed)), "number {number}");
    }
    assert_eq!(*open_segment(&place(), &key(), &seal(honest)).unwrap(), [7; 1000]);
    let unpadded = cipher(&key()).unwrap().seal(&place().aad(), &[0; 64]).unwrap();
    assert!(is_refused(&place(), &key(), &unpadded));
}

proptest! {
    #[test]
    fn any_text_comes_back_as_it_was(
        plaintext in prop::collection::vec(any::<u8>(), 0..5000),
        key: [u8; 32], file: [u8; 16], previous: [u8; 32],
        number in 0..10_u8, sequence: u32, generation: u32, tenant in ".{0,20}",
        bit: usize,
    ) {
        let place = Place {
            tenant: &tenant,
            file: FileId::from_bytes(file),
            section: Section::from_number(number).unwrap(),
            sequence,
            generation,
            previous: Chain::from_bytes(previous),
        };
        let key = SegmentKey::from_bytes(Zeroizing::new(key));
        let mut sealed = seal_segment(&place, &key, &plaintext).unwrap();
        prop_assert_eq!(&*open_segment(&place, &key, &sealed).unwrap(), &plaintext);
        let bit = bit % (sealed.len() * 8);
        sealed[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(is_refused(&place, &key, &sealed));
    }
}
