use super::*;
use proptest::prelude::*;

fn link(number: u32) -> Link {
    let section = Section::ALL[number as usize % Section::ALL.len()];
    Link { section, sequence: number, sealed: SealedHash::of(&number.to_be_bytes()) }
}

fn head(file: FileId, links: &[Link]) -> Chain {
    links.iter().fold(Chain::EMPTY, |chain, link| chain.then(file, link))
}

proptest! {
    #[test]
    fn a_segment_dropped_swapped_replaced_or_rolled_back_is_noticed(
        count in 1..40_u32, at: usize, how in 0..7,
    ) {
        let file = FileId::from_bytes([1; 16]);
        let links: Vec<_> = (0..count).map(link).collect();
        let whole = head(file, &links);
        prop_assert_eq!(verify_chain(file, Chain::EMPTY, links.clone(), whole), Ok(()));

        let (mut changed, mut of) = (links.clone(), file);
        let at = at % links.len();
        match how {
            0 => drop(changed.remove(at)),
            1 => changed.insert(at, link(77)),
            2 => changed.truncate(at),
            3 => changed[at].sealed = SealedHash::of(b"an older one"),
            4 => changed[at].sequence ^= 1 << 31,
            5 => changed[at].section = Section::ALL[(changed[at].section as usize + 1) % 10],
            _ => of = FileId::from_bytes([2; 16]),
        }
        prop_assert!(verify_chain(of, Chain::EMPTY, changed, whole).is_err());
        if links.len() > 1 {
            let mut swapped = links.clone();
            swapped.swap(at, (at + 1) % links.len());
            prop_assert!(verify_chain(file, Chain::EMPTY, swapped, whole).is_err());
        }
        let middle = head(file, &links[..at]);
        prop_assert_eq!(verify_chain(file, middle, links[at..].to_vec(), whole), Ok(()));
    }
}

#[test]
fn an_empty_file_has_the_empty_head_only() {
    let file = FileId::from_bytes([1; 16]);
    assert_eq!(verify_chain(file, Chain::EMPTY, [], Chain::EMPTY), Ok(()));
    assert!(verify_chain(file, Chain::EMPTY, [link(0)], Chain::EMPTY).is_err());
}
