use super::*;
use crate::vector_tests;

fn name() -> KeyName<'static> {
    KeyName { tenant: "harbour", what: "file", id: &[1, 2, 3], epoch: 7 }
}

#[test]
fn keys_are_those_of_the_vectors() {
    vector_tests::check("keys.txt", |vector| {
        let file = FileKey(vector.key("file key"));
        let section = Section::from_number(vector.number("section") as u8).unwrap();
        let (sequence, generation) = (vector.number("sequence"), vector.number("generation"));
        let segment = file.segment_key(section, sequence, generation).unwrap();
        let attachment = segment.attachment_key(vector.number("attachment")).unwrap();
        let (id, epoch) = (vector.bytes("id"), vector.number("epoch"));
        let (tenant, what) = (vector.text("tenant"), vector.text("what"));
        let name = KeyName { tenant, what, id: &id, epoch };
        let wrapping = WrappingKey::from_bytes(vector.key("wrapping key")).unwrap();
        let wrapped = wrapping.cipher.seal_with(vector.array("nonce"), &name.aad(), &*file.0);
        let wrapped = WrappedKey::from_bytes(&wrapped.unwrap()).unwrap();
        assert!(FileKey::unwrap(&wrapping, &name, &wrapped).unwrap().0 == file.0);
        vec![
            ("segment key", segment.as_bytes().to_vec()),
            ("attachment key", attachment.bytes.to_vec()),
            ("aad", name.aad()),
            ("wrapped", wrapped.as_bytes().to_vec()),
        ]
    });
}

#[test]
fn a_wrapped_key_unwraps_under_its_own_name_and_key_only() {
    let (epoch, other) = (WrappingKey::generate().unwrap(), WrappingKey::generate().unwrap());
    let key = FileKey::generate().unwrap();
    let wrapped = key.wrap(&epoch, &name()).unwrap();
    assert!(FileKey::unwrap(&epoch, &name(), &wrapped).unwrap().0 == key.0);
    let is_refused = |result: Result<FileKey, SealError>| {
        assert!(matches!(result, Err(SealError::Tampered(_))));
    };
    is_refused(FileKey::unwrap(&other, &name(), &wrapped));
    for wrong in [
        KeyName { tenant: "harbou", ..name() },
        KeyName { what: "epoch", ..name() },
        KeyName { id: &[1, 2], ..name() },
        KeyName { epoch: 8, ..name() },
        // The same bytes, cut elsewhere.
        KeyName { tenant: "harbourf", what: "ile", ..name() },
    ] {
        is_refused(FileKey::unwrap(&epoch, &wrong, &wrapped));
    }
    for bit in 0..WrappedKey::LENGTH * 8 {
        let mut changed = wrapped;
        changed.0[bit / 8] ^= 1 << (bit % 8);
        is_refused(FileKey::unwrap(&epoch, &name(), &changed));
    }
    assert!(WrappedKey::from_bytes(&wrapped.0[1..]).is_err());
}

#[test]
fn every_segment_has_a_key_of_its_own() {
    let (file, other) = (FileKey::generate().unwrap(), FileKey::generate().unwrap());
    let mut keys = std::collections::BTreeSet::new();
    for file in [&file, &other] {
        for section in Section::ALL {
            for (sequence, generation) in [(0, 0), (0, 1), (1, 0), (256, 0), (0, 256)] {
                let key = file.segment_key(section, sequence, generation).unwrap();
                assert!(keys.insert(*key.as_bytes()));
                let attachment = key.attachment_key(0).unwrap();
                assert!(keys.insert(*attachment.bytes));
            }
        }
    }
    let again = file.segment_key(Section::Label, 0, 0).unwrap();
    assert!(keys.contains(again.as_bytes()));
}
