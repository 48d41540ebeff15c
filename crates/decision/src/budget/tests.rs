use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The same counts from a plain list of everything that was ever added.
fn counted(all: &[(u32, u32)], file: u32, since: u32, now: u32) -> Row {
    let mut last = BTreeMap::new();
    for (file, at) in all {
        last.insert(*file, *at);
    }
    WINDOWS.map(|width| {
        let others = last
            .iter()
            .filter(|(other, at)| **other != file && **at > since && **at + width > now)
            .count();
        1 + others as u32
    })
}

proptest! {
    #[test]
    fn windows_count_like_a_plain_list(
        steps in prop::collection::vec((0u32..12, 0u32..8, any::<bool>()), 1..120),
    ) {
        let (mut window, mut all, mut now) = (Window::default(), Vec::new(), 1_800_000_000);
        for (file, pause, withheld) in steps {
            now += [0, 0, 1, 5, 11, 700, 90_000, 900_000][pause as usize];
            prop_assert_eq!(window.with(file, now), counted(&all, file, 0, now));
            let since = now - 60;
            let some = counted(&all, file, since, now);
            prop_assert_eq!(window.with_since(file, since, now), some);
            if pause % 2 == 0 {
                window.add(file, withheld, now);
                all.push((file, now));
                prop_assert_eq!(window.released_today(file, now), !withheld);
            } else if withheld {
                window.advance(now);
            }
            let bytes = minicbor::to_vec(&window).unwrap();
            let read: Window = minicbor::decode(&bytes).unwrap();
            prop_assert!(read == window);
            prop_assert_eq!(read.with(99, now), window.with(99, now));
        }
    }
}

#[test]
fn positions_wrap_around() {
    let mut window = Window { base: u32::MAX - 2, ..Window::default() };
    window.marks = [(u32::MAX - 2, 0); WINDOWS.len()];
    for file in 0..8 {
        window.add(file, false, 1_000);
    }
    window.add(0, false, 1_005);
    assert_eq!(window.with(9, 1_010), [2, 9, 9, 9, 9, 9]);
    assert!(window.advance(1_005 + MONTH));
    assert_eq!(window.with(9, 1_005 + MONTH), [1; 6]);
}

#[test]
fn hard_limits_are_a_quarter_above_soft_ones_and_grow_with_the_staff() {
    assert_eq!(hard([5, 10, 42, 92, 144, 1_440]), [7, 13, 53, 115, 180, 1_800]);
    let limits = Limits::default();
    let mut staff = [0; 9];
    assert_eq!(limits.practice(&staff)[0], 14);
    staff[Role::Doctor as usize] = 100;
    assert_eq!(limits.practice(&staff)[0], 350);
    assert_eq!(limits.server(&staff)[0], 175);
    staff = [u32::MAX; 9];
    assert_eq!(limits.practice(&staff)[5], u32::MAX);
}
