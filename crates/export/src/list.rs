//! The files of a job, and the proof that each is one of them.

use crate::ExportError;
use ledger::{GROUP, Hash, Tree, leaf_hash};
use std::convert::Infallible;
use terms::FileId;

/// Files in the order of their ids, each once, and the RFC 6962 tree over them: 16 bytes a file,
/// and a quarter of one for the tree.
pub struct FileList {
    files: Vec<FileId>,
    tree: Tree,
}

impl FileList {
    /// Sorts them; the same file twice is one file.
    pub fn of(mut files: Vec<FileId>) -> Result<FileList, ExportError> {
        files.sort_unstable();
        files.dedup();
        if files.is_empty() {
            return Err(ExportError::Asked("a job is about one file at least"));
        }
        let mut tree = Tree::default();
        files.iter().for_each(|file| tree.push(leaf_hash(file.as_bytes())));
        Ok(FileList { files, tree })
    }

    /// How many files.
    pub fn len(&self) -> u64 {
        self.files.len() as u64
    }

    /// Never: a list has one file at least.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The root over the ids, as two officers sign it.
    pub fn root(&self) -> Hash {
        self.tree.head().root
    }

    /// The file at this place.
    pub fn file(&self, index: u64) -> Option<FileId> {
        self.files.get(usize::try_from(index).ok()?).copied()
    }

    /// Where this file is, if it is one of them.
    pub fn index(&self, file: FileId) -> Option<u64> {
        self.files.binary_search(&file).ok().map(|at| at as u64)
    }

    /// The inclusion path of the file at this place.
    pub fn path(&self, index: u64) -> Option<Vec<Hash>> {
        self.file(index)?;
        let mut leaves = |group: u64| {
            let from = (group * GROUP) as usize;
            let until = self.files.len().min(from + GROUP as usize);
            let group = self.files.get(from..until).unwrap_or_default();
            Ok(group.iter().map(|file| leaf_hash(file.as_bytes())).collect())
        };
        let path: Result<_, Infallible> = self.tree.inclusion(index, self.len(), &mut leaves);
        path.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::{Head, verify_inclusion};

    fn file(number: u32) -> FileId {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&number.wrapping_mul(0x9e37_79b9).to_be_bytes());
        FileId::from_bytes(bytes)
    }

    #[test]
    fn every_file_is_proved_at_its_place_and_no_other_file_at_any() {
        for count in [1, 2, 3, 255, 256, 257, 700] {
            let list = FileList::of((0..count).map(file).collect()).unwrap();
            let head = Head { size: list.len(), root: list.root() };
            let stranger = leaf_hash(file(count + 1).as_bytes());
            for index in 0..list.len() {
                let path = list.path(index).unwrap();
                let id = list.file(index).unwrap();
                assert_eq!(list.index(id), Some(index));
                let leaf = leaf_hash(id.as_bytes());
                assert!(verify_inclusion(&head, index, leaf, &path).is_ok());
                assert!(verify_inclusion(&head, index, stranger, &path).is_err());
            }
            assert!(list.path(list.len()).is_none());
        }
    }

    #[test]
    fn the_order_in_which_files_are_named_is_nothing() {
        let there = FileList::of((0..40).map(file).collect()).unwrap();
        let back = FileList::of((0..40).rev().chain([7]).map(file).collect()).unwrap();
        assert_eq!((there.root(), there.len()), (back.root(), back.len()));
        assert!(FileList::of(Vec::new()).is_err());
    }
}
