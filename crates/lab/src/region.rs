//! A made-up region of the crate `world`, in the lab's words.

use crate::chance::Chance;
use crate::scene::{Deed, Happening, Person, Place, Scene, Staff};
use terms::{Duration, Role, Time};
use world::{FindBy, PersonId, Plan, Proof, StaffId, UnitId, UnitKind, What, World};

/// The first day: Monday, 5 January 2026.
const START: Time = Time::from_millis(1_767_571_200_000);

/// A region before its first day.
pub(crate) struct Region {
    plan: Plan,
    seed: u64,
    scene: Scene,
}

impl Region {
    /// The region of this plan and seed.
    pub(crate) fn new(plan: &Plan, seed: u64) -> Region {
        let world = World::new(plan, seed);
        let people = world.people().iter().map(|person| Person {
            family: u32::from(person.surname),
            household: person.household,
            street: person.street,
        });
        let mut places: Vec<Place> = world
            .units()
            .iter()
            .map(|unit| Place { kind: kind(unit.kind).into(), list: Vec::new() })
            .collect();
        let home: Vec<u32> =
            world.people().iter().map(|person| u32::from(person.practice.0)).collect();
        for (person, place) in (0..).zip(&home) {
            places[*place as usize].list.push(person);
        }
        let staff = world.staff().iter().map(|staff| Staff {
            place: u32::from(staff.unit.0),
            role: role(staff.role),
            person: Some(staff.person.0),
            starts: staff.joins == 0,
            leaves: START + Duration::from_days(u64::from(staff.leaves)),
        });
        let scene = Scene {
            start: START,
            days: world.days(),
            people: people.collect(),
            staff: staff.collect(),
            famous: Vec::new(),
            places,
            home,
        };
        Region { plan: plan.clone(), seed, scene }
    }

    pub(crate) fn scene(&self) -> &Scene {
        &self.scene
    }
}

fn kind(kind: UnitKind) -> &'static str {
    match kind {
        UnitKind::Practice => "practice",
        UnitKind::Ward => "ward",
        UnitKind::Emergency => "emergency department",
        UnitKind::Desk => "admission desk",
        UnitKind::Pharmacy => "pharmacy",
        UnitKind::HospitalPharmacy => "hospital pharmacy",
        UnitKind::Laboratory => "laboratory",
        UnitKind::Radiology => "radiology",
        UnitKind::Research => "research unit",
        UnitKind::Coding => "coding office",
        UnitKind::Support => "support",
    }
}

/// A card's role. Who reports on samples and images works with files all day, as a system does
/// that has a worklist: the product's role `laboratory` opens nothing.
fn role(role: world::Role) -> Role {
    match role {
        world::Role::Doctor => Role::Doctor,
        world::Role::Nurse => Role::Nurse,
        world::Role::Receptionist => Role::Receptionist,
        world::Role::Pharmacist => Role::Pharmacist,
        world::Role::Laboratory | world::Role::System => Role::System,
    }
}

/// Everything that happens, in order. With a seed, relations are between the wrong people.
pub(crate) fn course(region: &Region, shuffle: Option<u64>) -> impl Iterator<Item = Happening> {
    let people = region.scene.people.len();
    let instead = shuffle.map(|seed| shuffled(people, seed));
    Course { world: World::new(&region.plan, region.seed), instead, then: None }
}

struct Course {
    world: World,
    /// Whom each relation is about instead.
    instead: Option<Vec<u32>>,
    /// What follows at once.
    then: Option<Happening>,
}

impl Iterator for Course {
    type Item = Happening;

    fn next(&mut self) -> Option<Happening> {
        if let Some(then) = self.then.take() {
            return Some(then);
        }
        loop {
            let happening = self.world.next()?;
            let at = time(happening.at);
            let Some(deed) = self.deed(happening.what) else { continue };
            // A desk has whom it admits before it, but in the product needs a relation of its own
            // to admit: who has no card there is given a code.
            if let What::Admission { desk, person, .. } = happening.what {
                self.then = Some(Happening { at, deed });
                let (person, place) = (self.about(person), unit(desk));
                return Some(Happening { at, deed: Deed::Show { person, place, code: true } });
            }
            return Some(Happening { at, deed });
        }
    }
}

fn time(seconds: u64) -> Time {
    START + Duration::from_seconds(seconds)
}

fn unit(unit: UnitId) -> u32 {
    u32::from(unit.0)
}

impl Course {
    fn about(&self, person: PersonId) -> u32 {
        self.instead.as_ref().map_or(person.0, |instead| instead[person.0 as usize])
    }

    fn deed(&self, what: What) -> Option<Deed> {
        Some(match what {
            What::CardIssued { staff: StaffId(staff) } => Deed::Join { staff },
            What::CardEnded { staff: StaffId(staff) } => Deed::Leave { staff },
            What::SignIn { staff: StaffId(staff), .. } => Deed::SignIn { staff },
            What::Open { staff, person, reason, why } => Deed::Open {
                staff: staff.0,
                person: person.0,
                reason: reason.is_some(),
                why: why.word(),
            },
            What::Find { staff, person, by } => Deed::Find {
                staff: staff.0,
                person: person.map(|person| person.0),
                number: by == FindBy::Number,
            },
            What::Deposit { unit: at, staff, person, .. } => Deed::Write {
                place: unit(at),
                staff: staff.map(|staff| staff.0),
                person: self.about(person),
            },
            What::Listed { unit: at, list } => {
                let people = self.world.list(list).iter().map(|person| self.about(*person));
                Deed::List { place: unit(at), people: people.collect() }
            }
            What::Presence { person, unit: at, by } => {
                let code = by == Proof::Code;
                Deed::Show { person: self.about(person), place: unit(at), code }
            }
            What::Referral { to, person, by, .. } => Deed::Refer {
                staff: by.0,
                person: self.about(person),
                place: unit(to),
                admit: false,
            },
            What::Admission { ward, person, by, .. } => Deed::Refer {
                staff: by.0,
                person: self.about(person),
                place: unit(ward),
                admit: true,
            },
            What::Booking { person, unit: at, at: when } => {
                Deed::Book { person: self.about(person), place: unit(at), appointment: time(when) }
            }
            What::Confirm { by, about, person } => {
                Deed::Confirm { by: by.0, of: about.0, person: person.0 }
            }
            What::Moved { .. } | What::Died { .. } => return None,
        })
    }
}

fn shuffled(people: usize, seed: u64) -> Vec<u32> {
    let mut instead: Vec<u32> = (0..people as u32).collect();
    let mut chance = Chance::of(seed, 3);
    for at in (1..people).rev() {
        instead.swap(at, chance.below(at + 1));
    }
    instead
}
