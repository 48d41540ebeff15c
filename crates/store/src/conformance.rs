//! The cases that every backend passes unchanged.
//!
//! A backend's test implements [`Backend`] and calls [`run_all`]; each case gets its own
//! place. A case panics when the backend breaks the contract.

use std::path::Path;

use crate::{NewSegment, Store};
use sha2::{Digest, Sha256};
use terms::{FileId, Section};

mod attachments;
mod copies;
mod removal;
mod segments;
mod together;

/// How to make the stores that the cases use.
pub trait Backend {
    /// A store that other threads may use.
    type Store: Store;

    /// Opens the store at this place, a folder that is there, or makes an empty one.
    fn open(&self, place: &Path) -> Self::Store;

    /// Makes a store at this place, an empty folder, from a backup.
    fn restore(&self, backup: &Path, place: &Path);
}

/// What a case is given.
pub(crate) struct Trial<'a, B: Backend> {
    backend: &'a B,
    folder: &'a Path,
}

impl<B: Backend> Trial<'_, B> {
    /// The store of this case, opened (again).
    pub(crate) fn open(&self) -> B::Store {
        self.backend.open(&self.place("store"))
    }

    /// A folder of this case.
    pub(crate) fn place(&self, name: &str) -> std::path::PathBuf {
        let place = self.folder.join(name);
        std::fs::create_dir_all(&place).expect("the folder given for the cases is writable");
        place
    }
}

macro_rules! cases {
    ($($module:ident::$case:ident),* $(,)?) => {
        /// The names of all cases, in the order in which they run.
        pub const CASES: &[&str] = &[$(concat!(stringify!($module), "::", stringify!($case))),*];

        /// Runs every case on stores that the backend makes below `folder`, which must be empty.
        pub fn run_all<B: Backend>(backend: &B, folder: &Path) {
            $({
                let folder = folder.join(stringify!($case));
                $module::$case(&Trial { backend, folder: &folder });
            })*
        }
    };
}

cases![
    segments::come_back_in_order,
    segments::of_one_file_only,
    segments::by_section_and_by_piece,
    segments::outline_has_every_hash,
    segments::nothing_reads_as_empty,
    segments::orphans_are_replaced,
    segments::wrong_batches_write_nothing,
    segments::of_the_largest_size,
    segments::at_the_last_sequence,
    attachments::chunks_in_any_order,
    attachments::chunks_are_replaced,
    attachments::a_missing_chunk_is_not_there,
    attachments::of_the_largest_size,
    removal::orphans_are_forgotten,
    removal::a_dropped_attachment_is_gone,
    removal::an_erased_file_is_gone_and_no_other,
    removal::may_be_repeated,
    together::sixteen_writers,
    together::readers_see_whole_batches,
    together::two_stores_at_one_place,
    copies::reopening_keeps_everything,
    copies::a_backup_restores_to_the_same,
    copies::a_backup_is_of_one_moment,
    copies::a_backup_replaces_nothing,
    copies::check_and_statistics_count,
];

/// The file that a case knows by this number.
pub fn file(number: u8) -> FileId {
    FileId::from_bytes([number; 16])
}

/// Bytes that look sealed: different for each seed, without runs or repetition (SplitMix64).
pub fn sealed(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0xd134_2543_de82_ef95);
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend((mixed ^ (mixed >> 31)).to_be_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// A segment with its hash.
pub fn segment(file: FileId, sequence: u32, section: Section, bytes: &[u8]) -> NewSegment<'_> {
    NewSegment { file, sequence, section, hash: Sha256::digest(bytes).into(), bytes }
}

/// Appends one segment of these bytes to the section `history`.
pub fn append_one(store: &impl Store, file: FileId, sequence: u32, bytes: &[u8]) {
    let segments = [segment(file, sequence, Section::History, bytes)];
    store.append(&segments).expect("a right segment is appended");
}
