use super::*;
use crate::faults::{Fault, FaultyFiles};
use crate::{Signer, leaf_hash};
use tlog_tiles::{Error, Tile, TileHashReader, TileReader};

fn signer() -> Signer {
    Signer::new("cofferdam/harbour", &[7; 32]).unwrap()
}

fn entry(number: u64) -> Vec<u8> {
    format!("entry {number}").into_bytes()
}

fn log_of(size: u64) -> Log<FaultyFiles> {
    let mut log = Log::open(FaultyFiles::new(1), signer().verifier(), &[]).unwrap();
    grow(&mut log, size);
    log
}

fn grow(log: &mut Log<FaultyFiles>, size: u64) {
    let entries: Vec<_> = (log.head().size..size).map(entry).collect();
    for batch in entries.chunks(1000) {
        log.append(batch).unwrap();
    }
}

/// Reads published tiles as another implementation does.
struct Published<'p>(&'p FaultyFiles);

impl TileReader for Published<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        let tiles = tiles.iter().map(|tile| {
            let name = path(&tile.level().to_string(), tile.level_index(), tile.width().into());
            self.0.contents(&name).unwrap_or_else(|| panic!("{name} is missing"))
        });
        Ok(tiles.collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

fn check(published: &FaultyFiles, indexes: &[u64]) {
    let checkpoint = published.contents("checkpoint").unwrap();
    let head = signer().verifier().verify(&checkpoint).unwrap();
    let root = tlog_tiles::Hash(head.root);
    let tiles = Published(published);
    let reader = TileHashReader::new(head.size, root, &tiles);
    for index in indexes.iter().copied().filter(|index| *index < head.size) {
        let proof = tlog_tiles::prove_record(head.size, index, &reader).unwrap();
        let leaf = tlog_tiles::Hash(leaf_hash(&entry(index)));
        tlog_tiles::check_record(&proof, head.size, root, index, leaf).unwrap();
    }
}

#[test]
fn another_implementation_reads_what_was_published_bit_by_bit() {
    let (mut log, into) = (log_of(0), FaultyFiles::new(1));
    for size in [1, 2, 255, 256, 257, 600, 66_000, 66_100] {
        grow(&mut log, size);
        let checkpoint = log.checkpoint(&signer()).unwrap();
        log.publish(&into, signer().verifier(), &checkpoint).unwrap();
        check(&into, &[0, 1, 255, 256, 300, 599, 65_535, 65_536, 65_999, size - 1]);
    }
    let bundle = into.contents("tile/entries/257.p/208").unwrap();
    assert!(bundle.starts_with(b"\x00\x0bentry 65792\x00\x0bentry 65793"));
    assert!(into.contents("tile/entries/256").is_some());
    assert_eq!(into.contents("tile/1/000").unwrap().len(), 256 * 32);
    assert_eq!(into.contents("tile/1/001.p/2").unwrap().len(), 2 * 32);
    assert_eq!(into.contents("tile/2/000.p/1").unwrap().len(), 32);
}

#[test]
fn a_checkpoint_is_published_after_everything_it_covers() {
    let mut log = log_of(300);
    let first = log.checkpoint(&signer()).unwrap();
    grow(&mut log, 1200);
    let second = log.checkpoint(&signer()).unwrap();
    for step in 1..60 {
        let into = FaultyFiles::new(step);
        log.publish(&into, signer().verifier(), &first).unwrap();
        let at = into.steps() + step;
        into.fail(at..at + 1, Fault::PowerCut);
        let published = log.publish(&into, signer().verifier(), &second);
        into.cut_power();
        check(&into, &[0, 299, 300, 1199]);
        if published.is_err() {
            log.publish(&into, signer().verifier(), &second).unwrap();
        }
        check(&into, &[0, 299, 300, 1199]);
    }
}

#[test]
fn only_this_log_s_own_checkpoints_are_published() {
    let (log, into) = (log_of(10), FaultyFiles::new(1));
    let mut head = log.head();
    head.root[0] ^= 1;
    let wrong = signer().sign(&head);
    assert!(log.publish(&into, signer().verifier(), &wrong).is_err());
    let other = Signer::new("cofferdam/harbour", &[8; 32]).unwrap().sign(&log.head());
    assert!(log.publish(&into, signer().verifier(), &other).is_err());
    assert!(into.contents("checkpoint").is_none());
}

#[test]
fn tiles_have_the_names_that_the_format_gives_them() {
    assert_eq!(path("0", 1_234_067, 256), "tile/0/x001/x234/067");
    assert_eq!(path("entries", 67, 5), "tile/entries/067.p/5");
    assert_eq!(path("1", 273_000, 112), "tile/1/x273/000.p/112");
}
