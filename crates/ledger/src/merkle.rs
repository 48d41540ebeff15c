//! The Merkle tree of RFC 6962 and RFC 9162: hashes, roots, proofs and their verification.

use aws_lc_rs::digest::{Context, SHA256, digest};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Leaves under one node of height 8; also the width of a full C2SP tile.
pub const GROUP: u64 = 256;
const GROUP_HEIGHT: usize = 8;
/// Leaves up to here, which are nearly all, are hashed at once.
const SHORT_BYTES: usize = 511;

/// The root of a log without entries: the SHA-256 of nothing.
pub const EMPTY_ROOT: Hash = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
    0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// A moment of a log: two logs with one head hold the same entries in the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many entries.
    pub size: u64,
    /// The Merkle root over them.
    pub root: Hash,
}

/// The proof does not show what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proof does not show what it should")]
pub struct ProofRefused;

/// The hash of an entry as a leaf.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    // One call on one piece needs no context of the digest on the heap.
    let mut bytes = [0; 1 + SHORT_BYTES];
    match bytes.get_mut(1..=entry.len()) {
        Some(short) => {
            short.copy_from_slice(entry);
            to_hash(digest(&SHA256, &bytes[..=entry.len()]).as_ref())
        }
        None => {
            let mut context = Context::new(&SHA256);
            context.update(&[0]);
            context.update(entry);
            to_hash(context.finish().as_ref())
        }
    }
}

pub(crate) fn to_hash(digest: &[u8]) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest);
    hash
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    to_hash(digest(&SHA256, &bytes).as_ref())
}

/// Refuses unless the entry with this leaf hash is number `index` of the log with this head.
pub fn verify_inclusion(
    head: &Head,
    index: u64,
    leaf: Hash,
    proof: &[Hash],
) -> Result<(), ProofRefused> {
    if index >= head.size {
        return Err(ProofRefused);
    }
    let (mut node, mut last, mut root) = (index, head.size - 1, leaf);
    for sibling in proof {
        if last == 0 {
            return Err(ProofRefused);
        }
        if node & 1 == 1 || node == last {
            root = node_hash(sibling, &root);
            climb(&mut node, &mut last);
        } else {
            root = node_hash(&root, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last == 0 && root == head.root { Ok(()) } else { Err(ProofRefused) }
}

/// Refuses unless the newer log begins with all entries of the older one, unchanged.
pub fn verify_consistency(older: &Head, newer: &Head, proof: &[Hash]) -> Result<(), ProofRefused> {
    if older.size == 0 || older.size >= newer.size {
        let empty = *older == Head { size: 0, root: EMPTY_ROOT };
        return if proof.is_empty() && (older == newer || empty) {
            Ok(())
        } else {
            Err(ProofRefused)
        };
    }
    let whole = older.size.is_power_of_two().then_some(&older.root);
    let mut hashes = whole.into_iter().chain(proof);
    let first = *hashes.next().ok_or(ProofRefused)?;
    let (mut node, mut last) = (older.size - 1, newer.size - 1);
    let shift = node.trailing_ones();
    (node, last) = (node >> shift, last >> shift);
    let (mut old_root, mut new_root) = (first, first);
    for hash in hashes {
        if last == 0 {
            return Err(ProofRefused);
        }
        if node & 1 == 1 || node == last {
            old_root = node_hash(hash, &old_root);
            new_root = node_hash(hash, &new_root);
            climb(&mut node, &mut last);
        } else {
            new_root = node_hash(&new_root, hash);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    let shown = last == 0 && old_root == older.root && new_root == newer.root;
    if shown { Ok(()) } else { Err(ProofRefused) }
}

/// Skips the levels at which the node has no sibling because the tree ends with it.
fn climb(node: &mut u64, last: &mut u64) {
    if *node != 0 {
        let shift = node.trailing_zeros();
        (*node, *last) = (*node >> shift, *last >> shift);
    }
}

/// A growing tree. It keeps all complete nodes of height 8 and more, and below them those of the
/// last, incomplete group: a quarter of a byte per entry. The other leaves are asked for.
#[derive(Default)]
pub struct Tree {
    levels: Vec<Vec<Hash>>,
    size: u64,
}

impl Tree {
    /// Adds the next leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for height in 0.. {
            if height == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let left = self.levels[height].last().copied();
            self.levels[height].push(hash);
            match left {
                Some(left) if self.size >> height & 1 == 1 => hash = node_hash(&left, &hash),
                _ => break,
            }
        }
        self.size += 1;
        if self.size.is_multiple_of(GROUP) {
            self.levels.iter_mut().take(GROUP_HEIGHT).for_each(Vec::clear);
        }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// How many leaves there are, and the root over them.
    pub fn head(&self) -> Head {
        let mut root = None;
        for (height, level) in self.levels.iter().enumerate() {
            if let Some(node) = level.last().filter(|_| self.size >> height & 1 == 1) {
                root = Some(root.map_or(*node, |right| node_hash(node, &right)));
            }
        }
        Head { size: self.size, root: root.unwrap_or(EMPTY_ROOT) }
    }

    /// The complete node of this height and number, where it is kept.
    pub(crate) fn node(&self, height: usize, number: u64) -> Option<&Hash> {
        let dropped =
            if height < GROUP_HEIGHT { (self.size / GROUP) << (GROUP_HEIGHT - height) } else { 0 };
        self.levels.get(height)?.get(usize::try_from(number.checked_sub(dropped)?).ok()?)
    }

    /// The root over the leaves `lo..hi`, where `lo` is a multiple of a power of two that is at
    /// least `hi - lo`, and `hi` at most the size. `leaves` gives the leaves of one whole group.
    pub(crate) fn root_of<E>(
        &self,
        lo: u64,
        hi: u64,
        leaves: &mut impl FnMut(u64) -> Result<Vec<Hash>, E>,
    ) -> Result<Hash, E> {
        let count = hi - lo;
        let kept = count.is_power_of_two().then(|| count.trailing_zeros() as usize);
        if let Some(node) = kept.and_then(|height| self.node(height, lo >> height)) {
            return Ok(*node);
        }
        if count <= GROUP && lo / GROUP < self.size / GROUP {
            let group = leaves(lo / GROUP)?;
            let from = (lo % GROUP) as usize;
            let mut small = Tree::default();
            group.iter().skip(from).take(count as usize).for_each(|leaf| small.push(*leaf));
            return Ok(small.head().root);
        }
        let left = lo + split(count);
        Ok(node_hash(&self.root_of(lo, left, leaves)?, &self.root_of(left, hi, leaves)?))
    }

    /// The proof that the leaf `index`, below `size`, is in the tree over the first `size` leaves.
    /// `leaves` gives the leaves of one whole group of [`GROUP`].
    pub fn inclusion<E>(
        &self,
        index: u64,
        size: u64,
        leaves: &mut impl FnMut(u64) -> Result<Vec<Hash>, E>,
    ) -> Result<Vec<Hash>, E> {
        let (mut lo, mut hi, mut proof) = (0, size, Vec::new());
        while hi - lo > 1 {
            let middle = lo + split(hi - lo);
            if index < middle {
                proof.push(self.root_of(middle, hi, leaves)?);
                hi = middle;
            } else {
                proof.push(self.root_of(lo, middle, leaves)?);
                lo = middle;
            }
        }
        proof.reverse();
        Ok(proof)
    }

    /// The proof that the tree over `newer` leaves begins with that over `older`, which is not 0.
    pub(crate) fn consistency<E>(
        &self,
        older: u64,
        newer: u64,
        leaves: &mut impl FnMut(u64) -> Result<Vec<Hash>, E>,
    ) -> Result<Vec<Hash>, E> {
        let (mut lo, mut hi, mut proof) = (0, newer, Vec::new());
        while older != hi {
            let middle = lo + split(hi - lo);
            if older <= middle {
                proof.push(self.root_of(middle, hi, leaves)?);
                hi = middle;
            } else {
                proof.push(self.root_of(lo, middle, leaves)?);
                lo = middle;
            }
        }
        if lo != 0 {
            proof.push(self.root_of(lo, hi, leaves)?);
        }
        proof.reverse();
        Ok(proof)
    }
}

/// The largest power of two below `count`, which is 2 or more.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

#[cfg(test)]
mod tests;
