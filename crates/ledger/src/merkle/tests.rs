use super::*;
use data_encoding::HEXLOWER;
use proptest::prelude::*;

/// The leaves and roots that every Certificate Transparency implementation is tested with.
const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

#[test]
fn roots_are_those_of_rfc_6962() {
    let mut tree = Tree::default();
    assert_eq!(tree.head(), Head { size: 0, root: EMPTY_ROOT });
    assert_eq!(to_hash(digest(&SHA256, b"").as_ref()), EMPTY_ROOT);
    for (leaf, root) in LEAVES.iter().zip(ROOTS) {
        tree.push(leaf_hash(&HEXLOWER.decode(leaf.as_bytes()).unwrap()));
        assert_eq!(HEXLOWER.encode(&tree.head().root), root);
    }
}

/// A tree with all its leaves at hand, and the same leaves in the other implementation.
struct Both {
    tree: Tree,
    leaves: Vec<Hash>,
    stored: Vec<tlog_tiles::Hash>,
}

struct Stored<'s>(&'s [tlog_tiles::Hash]);

impl tlog_tiles::HashReader for Stored<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|index| self.0[*index as usize]).collect())
    }
}

fn entry(number: u64) -> Vec<u8> {
    format!("entry {number}").into_bytes()
}

fn both(size: u64) -> Both {
    let mut both = Both { tree: Tree::default(), leaves: Vec::new(), stored: Vec::new() };
    for number in 0..size {
        let leaf = leaf_hash(&entry(number));
        both.tree.push(leaf);
        both.leaves.push(leaf);
        let new = tlog_tiles::stored_hashes(number, &entry(number), &Stored(&both.stored));
        both.stored.extend(new.unwrap());
    }
    both
}

impl Both {
    fn leaves(&self) -> impl FnMut(u64) -> Result<Vec<Hash>, ()> {
        |group| Ok(self.leaves.iter().skip((group * GROUP) as usize).take(256).copied().collect())
    }

    fn head(&self, size: u64) -> Head {
        let root = match size {
            0 => EMPTY_ROOT,
            _ => self.tree.root_of(0, size, &mut self.leaves()).unwrap(),
        };
        assert_eq!(root, tlog_tiles::tree_hash(size, &Stored(&self.stored)).unwrap().0);
        Head { size, root }
    }
}

#[test]
fn roots_and_proofs_are_those_of_another_implementation() {
    let size = 70_000;
    let both = both(size);
    assert_eq!(both.tree.head(), both.head(size));
    let sizes = [1, 2, 3, 255, 256, 257, 511, 512, 1000, 65_535, 65_536, 65_537, 69_999, size];
    for newer in sizes {
        let head = both.head(newer);
        for at in [0, 1, 2, 254, 255, 256, 257, 700, 65_535, 65_536, 69_900, size - 1] {
            if at < newer {
                let proof = both.tree.inclusion(at, newer, &mut both.leaves()).unwrap();
                let other = tlog_tiles::prove_record(newer, at, &Stored(&both.stored)).unwrap();
                assert_eq!(proof, other.iter().map(|hash| hash.0).collect::<Vec<_>>());
                let leaf = both.leaves[at as usize];
                verify_inclusion(&head, at, leaf, &proof).unwrap();
            }
        }
        for older in sizes.into_iter().filter(|older| *older <= newer) {
            let proof = both.tree.consistency(older, newer, &mut both.leaves()).unwrap();
            let other = tlog_tiles::prove_tree(newer, older, &Stored(&both.stored)).unwrap();
            assert_eq!(proof, other.iter().map(|hash| hash.0).collect::<Vec<_>>());
            verify_consistency(&both.head(older), &head, &proof).unwrap();
        }
    }
}

#[test]
fn nothing_is_consistent_with_an_empty_log_but_by_an_empty_proof() {
    let both = both(3);
    verify_consistency(&both.head(0), &both.head(3), &[]).unwrap();
    assert!(verify_consistency(&both.head(0), &both.head(3), &[EMPTY_ROOT]).is_err());
    let false_empty = Head { size: 0, root: [0; 32] };
    assert!(verify_consistency(&false_empty, &both.head(3), &[]).is_err());
    assert!(verify_consistency(&both.head(3), &both.head(2), &[]).is_err());
}

/// One way to forge a proof; `false` where it would change nothing.
fn forge(proof: &mut Vec<Hash>, how: u8, at: usize, bit: usize) -> bool {
    match how % 4 {
        0 if !proof.is_empty() => {
            let at = at % proof.len();
            proof[at][bit / 8] ^= 1 << (bit % 8);
        }
        1 if !proof.is_empty() => drop(proof.remove(at % proof.len())),
        2 => proof.insert(at % (proof.len() + 1), [bit as u8; 32]),
        3 if proof.len() > 1 => {
            let at = at % (proof.len() - 1);
            proof.swap(at, at + 1);
        }
        _ => return false,
    }
    true
}

proptest! {
    #[test]
    fn forged_inclusion_proofs_are_refused(
        size in 1..600_u64, index: u64, how: u8, at: usize, bit in 0..256_usize, other: u64,
    ) {
        let (index, both) = (index % size, both(size));
        let (head, leaf) = (both.head(size), both.leaves[index as usize]);
        let mut proof = both.tree.inclusion(index, size, &mut both.leaves()).unwrap();
        prop_assert_eq!(verify_inclusion(&head, index, leaf, &proof), Ok(()));
        let other = other % size;
        if other != index {
            prop_assert!(verify_inclusion(&head, other, leaf, &proof).is_err());
            let other_leaf = both.leaves[other as usize];
            prop_assert!(verify_inclusion(&head, index, other_leaf, &proof).is_err());
        }
        prop_assert!(verify_inclusion(&head, index + size, leaf, &proof).is_err());
        if forge(&mut proof, how, at, bit) {
            prop_assert!(verify_inclusion(&head, index, leaf, &proof).is_err());
        }
    }

    #[test]
    fn forged_consistency_proofs_are_refused(
        newer in 2..600_u64, older: u64, how: u8, at: usize, bit in 0..256_usize,
    ) {
        let older = 1 + older % (newer - 1);
        let both = both(newer);
        let (old, new) = (both.head(older), both.head(newer));
        let mut proof = both.tree.consistency(older, newer, &mut both.leaves()).unwrap();
        prop_assert_eq!(verify_consistency(&old, &new, &proof), Ok(()));
        let mut wrong = old;
        wrong.root[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify_consistency(&wrong, &new, &proof).is_err());
        let mut wrong = new;
        wrong.root[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify_consistency(&old, &wrong, &proof).is_err());
        if forge(&mut proof, how, at, bit) {
            prop_assert!(verify_consistency(&old, &new, &proof).is_err());
        }
    }
}
