//! A store that is in the attacker's hands.

use crate::world::{World, observation, page, query};
use record::OpenError;
use store::{NewSegment, StoredSegment};
use terms::{FileId, Sections};

struct Victim {
    world: World,
    file: FileId,
    other: FileId,
}

fn victim() -> Victim {
    let world = World::new();
    let doctor = world.doctor();
    let (file, other) = (doctor.patient(), doctor.patient());
    for file in [file, other] {
        doctor.create(&observation(file, "a", "1"));
        doctor.create(&observation(file, "b", "2"));
    }
    drop(doctor);
    Victim { world, file, other }
}

impl Victim {
    fn segments(&self, file: FileId) -> Vec<StoredSegment> {
        self.world.store.segments(file, 0, 100, Sections::ALL).unwrap()
    }

    fn put(&self, at: u32, segment: &StoredSegment) {
        let new = NewSegment {
            file: self.file,
            sequence: at,
            section: segment.section,
            hash: segment.hash,
            bytes: &segment.bytes,
        };
        self.world.store.append(&[new]).unwrap();
    }

    fn is_noticed(&self) {
        let doctor = self.world.doctor();
        let opened = self.world.records().open(doctor.release(self.file));
        assert!(matches!(opened, Err(OpenError::Tampered(_))));
        assert!(self.world.records().open(doctor.release(self.other)).is_ok());
    }
}

#[test]
fn an_untouched_file_opens() {
    let victim = victim();
    let open = victim.world.doctor().open(victim.file);
    let all = query("Observation", &[]);
    assert_eq!(open.search(&all, page(9), victim.world.records().directory()).total, Some(2));
    assert_eq!(victim.segments(victim.file).len(), 5);
}

#[test]
fn a_rolled_back_file_is_noticed() {
    let victim = victim();
    assert_eq!(victim.world.store.forget_orphans(victim.file, 4).unwrap(), 1);
    victim.is_noticed();
}

#[test]
fn a_dropped_segment_is_noticed() {
    let victim = victim();
    let kept = victim.segments(victim.file);
    victim.world.store.forget_orphans(victim.file, 3).unwrap();
    victim.put(3, &kept[4]);
    victim.is_noticed();
}

#[test]
fn swapped_segments_are_noticed() {
    let victim = victim();
    let kept = victim.segments(victim.file);
    assert_eq!(kept[3].section, kept[4].section);
    victim.put(3, &kept[4]);
    victim.put(4, &kept[3]);
    victim.is_noticed();
}

#[test]
fn a_segment_of_another_file_is_noticed() {
    let victim = victim();
    let foreign = victim.segments(victim.other);
    victim.put(3, &foreign[3]);
    victim.is_noticed();
}

#[test]
fn flipped_bits_are_noticed_wherever_they_are() {
    let victim = victim();
    let kept = victim.segments(victim.file);
    for at in [0, 20, 50, 100] {
        let mut changed = kept[4].clone();
        changed.bytes[at] ^= 1;
        changed.hash = *seal::SealedHash::of(&changed.bytes).as_bytes();
        victim.put(4, &changed);
        victim.is_noticed();
    }
    victim.put(4, &kept[4]);
    let doctor = victim.world.doctor();
    assert!(victim.world.records().open(doctor.release(victim.file)).is_ok());
}

#[test]
fn a_renewal_notices_as_much_as_an_opening() {
    let victim = victim();
    let doctor = victim.world.doctor();
    let open = doctor.open(victim.file);
    doctor.create(&observation(victim.file, "c", "3"));
    let foreign = victim.segments(victim.other);
    victim.put(5, &foreign[4]);
    let renewed = victim.world.records().renew(&open, doctor.release(victim.file));
    assert!(matches!(renewed, Err(OpenError::Tampered(_))));
}

#[test]
fn orphans_behind_the_head_are_not_read() {
    let victim = victim();
    let foreign = victim.segments(victim.other);
    victim.put(5, &foreign[4]);
    let open = victim.world.doctor().open(victim.file);
    let all = query("Observation", &[]);
    assert_eq!(open.search(&all, page(9), victim.world.records().directory()).total, Some(2));
}
