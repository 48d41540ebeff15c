use super::*;
use crate::entry::{Act, EpochBegan};
use crate::merkle::Tree;
use proptest::prelude::*;
use terms::Time;

fn entry(number: u32) -> Entry {
    let at = Time::from_millis(u64::from(number));
    Entry { at, act: Act::EpochBegan(EpochBegan { epoch: number }) }
}

fn leaf_of(number: u32) -> (Vec<u8>, Salt, Vec<u8>) {
    let (salt, bytes) = ([number as u8; 16], entry(number).to_bytes());
    let sealed = [number as u8; 90];
    let leaf = Leaf { commitment: &commitment(&salt, &bytes), sealed: &sealed }.to_bytes();
    (leaf, salt, bytes)
}

fn disclosed(number: u32, size: u32) -> (Head, Disclosure) {
    let mut tree = Tree::default();
    let leaves: Vec<_> = (0..size).map(|number| leaf_hash(&leaf_of(number).0)).collect();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    let mut all = |_| Ok::<_, ()>(leaves.clone());
    let path = tree.inclusion(number.into(), size.into(), &mut all).unwrap();
    let (leaf, salt, entry) = leaf_of(number);
    (tree.head(), Disclosure { number: number.into(), leaf, salt, entry, path })
}

/// Computed by hand with another program: `printf 'cofferdam entry v1\n'`, sixteen ones, `abc`.
#[test]
fn a_commitment_is_sha_256_of_word_salt_and_entry() {
    let hashed = digest(
        &SHA256,
        b"cofferdam entry v1\n\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01abc",
    );
    assert_eq!(commitment(&[1; 16], b"abc"), hashed.as_ref());
    assert_eq!(
        data_encoding::HEXLOWER.encode(hashed.as_ref()),
        "053189b2533a3a7838c2118e6dab0949168d7d768710192ef48ed498604d6472"
    );
}

#[test]
fn leaves_of_another_version_are_refused_and_say_so() {
    let (mut leaf, ..) = leaf_of(1);
    assert_eq!(Leaf::parse(&leaf).unwrap().to_bytes(), leaf);
    for version in [0, 1, 3, 255] {
        leaf[0] = version;
        let error = Leaf::parse(&leaf).unwrap_err();
        assert!(error.to_string().contains("another format version"), "{error}");
    }
    assert!(matches!(Leaf::parse(&[]), Err(LogError::Tampered { .. })));
    assert!(matches!(Leaf::parse(&[LEAF_VERSION; 32]), Err(LogError::Tampered { .. })));
}

proptest! {
    #[test]
    fn one_entry_is_proved_and_nothing_else(
        size in 1..250_u32, number: u32, other: u32, which in 0..4_usize, bit: usize,
    ) {
        let number = number % size;
        let (head, shown) = disclosed(number, size);
        prop_assert_eq!(shown.verify(&head).unwrap(), entry(number));

        let mut changed = shown.clone();
        let flip = |bytes: &mut [u8]| {
            let bit = bit % (bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        };
        match which {
            0 => flip(&mut changed.leaf),
            1 => flip(&mut changed.salt),
            2 => flip(&mut changed.entry),
            _ => changed.path.push([0; 32]),
        }
        prop_assert!(changed.verify(&head).is_err());

        let other = other % size;
        if other != number {
            let (_, theirs) = disclosed(other, size);
            let moved = Disclosure { number: other.into(), ..shown.clone() };
            prop_assert!(moved.verify(&head).is_err());
            let mixed = Disclosure { entry: theirs.entry, salt: theirs.salt, ..shown.clone() };
            prop_assert!(mixed.verify(&head).is_err());
            let mixed = Disclosure { leaf: theirs.leaf, ..shown.clone() };
            prop_assert!(mixed.verify(&head).is_err());
        }
        let (newer, _) = disclosed(number, size + 1);
        prop_assert!(shown.verify(&newer).is_err(), "a head that it was not made against");
    }
}
