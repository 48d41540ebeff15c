//! Who lives with whom: households, ages, names, addresses.
//!
//! People come in blocks of sixteen consecutive numbers; a block belongs to one country and is
//! cut into households, so that one person's family is known without looking at anybody else.

use super::calendar::Date;
use super::home::{Address, address, phone};
use super::random::Random;
use super::tables::TABLES;
use super::{LAST_DAY, identity};

/// People per block.
pub(super) const BLOCK: u32 = 16;

const HOUSEHOLD: u64 = 1;
const MEMBER: u64 = 2;
const LAYOUT: u64 = 3;

/// A country of the population.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Country {
    /// CPR numbers, Danish names.
    Denmark = 0,
    /// KVNR, German names.
    Germany = 1,
    /// SSN, US names.
    Usa = 2,
}

impl Country {
    /// Every country, in the order in which blocks of people take turns.
    pub const ALL: [Country; 3] = [Country::Denmark, Country::Germany, Country::Usa];

    /// The choice for this country.
    pub(super) fn say<T>(self, denmark: T, germany: T, usa: T) -> T {
        match self {
            Country::Denmark => denmark,
            Country::Germany => germany,
            Country::Usa => usa,
        }
    }

    /// The ISO 3166 code.
    pub fn code(self) -> &'static str {
        self.say("DK", "DE", "US")
    }
}

/// Administrative sex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sex {
    /// `female` in a record.
    Female = 0,
    /// `male` in a record.
    Male = 1,
}

impl Sex {
    fn other(self) -> Sex {
        if self == Sex::Female { Sex::Male } else { Sex::Female }
    }
}

/// One person's place in the population.
pub(super) struct Member {
    pub(super) seed: u64,
    pub(super) number: u32,
    pub(super) country: Country,
    /// Unique to the household: the number of its first member.
    pub(super) household: u32,
    pub(super) household_size: u32,
    /// Lives with a partner.
    pub(super) partnered: bool,
    pub(super) family: &'static str,
    pub(super) sex: Sex,
    pub(super) birth: Date,
    pub(super) death: Option<Date>,
    pub(super) address: Address,
    pub(super) phone: String,
    /// Whose given names are used, as household and number: one's own, or a namesake's.
    named_as: (u32, u32),
}

impl Member {
    /// The person with this number.
    pub(super) fn at(seed: u64, number: u32) -> Member {
        let block = number / BLOCK;
        let country = Country::ALL[(block % 3) as usize];
        let slot = slots(seed, block)[(number % BLOCK) as usize];
        let first = block.saturating_mul(BLOCK) + slot.first;
        let mut home = Random::of(&[seed, HOUSEHOLD, u64::from(first)]);
        let tables = TABLES.of(country);
        let family = *home.pick(&tables.family);
        let head = Head::draw(&mut home, slot.kind);
        let mut member = Member {
            seed,
            number,
            country,
            household: first,
            household_size: slot.kind.size(),
            partnered: slot.place < 2 && slot.kind.size() > 1 && head.is_couple(1),
            family,
            sex: head.sex_of(slot.place),
            birth: LAST_DAY,
            death: None,
            address: address(&mut home, country, tables),
            phone: phone(&mut home, country),
            named_as: (first, number),
        };
        member.draw(&head, slot.place);
        member
    }

    /// The first given name and the others.
    pub(super) fn names(&self) -> (&'static str, Option<&'static str>) {
        let (household, number) = self.named_as;
        let mut home = Random::of(&[self.seed, HOUSEHOLD, u64::from(household), 1]);
        let mut own = Random::of(&[self.seed, MEMBER, u64::from(number), 1]);
        let era = match self.birth.year() {
            ..1955 => 0,
            1955..1990 => 1,
            _ => 2,
        };
        let names = &TABLES.of(self.country).given[self.sex as usize][era];
        // Five steps apart in a list of sixteen, so that no two in a family have one name.
        let steps = home.below(names.len() as u64) + u64::from(number - household) * 5;
        let (first, second) = (names[steps as usize % names.len()], *own.pick(names));
        let both = own.chance(550) && first != second;
        (first, both.then_some(second))
    }

    /// Another member of the household, the eldest first: the next of kin.
    pub(super) fn relative(&self) -> Option<Member> {
        let other = if self.number == self.household { 1 } else { 0 };
        (self.household_size > 1).then(|| Member::at(self.seed, self.household + other))
    }

    /// A stream of this person's own.
    pub(super) fn random(&self, purpose: u64) -> Random {
        Random::of(&[self.seed, MEMBER, u64::from(self.number), purpose])
    }

    fn draw(&mut self, head: &Head, place: u32) {
        let mut random = self.random(2);
        let mut year = LAST_DAY.year() - head.age_of(place, &mut random);
        let mut day_of = self.number;
        if let Some(namesake) = namesake(self.number) {
            let other = Member::at(self.seed, namesake.of);
            (self.family, self.sex, self.named_as) = (other.family, other.sex, other.named_as);
            year = other.birth.year();
            day_of = if namesake.same_day { namesake.of } else { self.number };
        } else if place > 0 && head.is_couple(place) && random.chance(150) {
            self.family = *random.pick(&TABLES.of(self.country).family);
        }
        self.birth = birthday(self.seed, year, self.number, day_of);
        if self.birth > LAST_DAY {
            self.birth = birthday(self.seed, year - 1, self.number, day_of);
        }
        self.death = death(self.birth, &mut random);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Young,
    Old,
    Couple,
    OldCouple,
    Parent(u32),
    Parents(u32),
}

impl Kind {
    fn size(self) -> u32 {
        match self {
            Kind::Young | Kind::Old => 1,
            Kind::Couple | Kind::OldCouple => 2,
            Kind::Parent(children) => 1 + children,
            Kind::Parents(children) => 2 + children,
        }
    }
}

/// A person's place in a block: household kind, first slot of the household, place in it.
#[derive(Clone, Copy)]
struct Slot {
    kind: Kind,
    first: u32,
    place: u32,
}

fn slots(seed: u64, block: u32) -> [Slot; BLOCK as usize] {
    let mut random = Random::of(&[seed, LAYOUT, u64::from(block)]);
    let mut slots = [Slot { kind: Kind::Old, first: BLOCK - 1, place: 0 }; BLOCK as usize];
    // The last slot always lives alone, so that it can be somebody's namesake.
    let mut first = 0;
    while first < BLOCK - 1 {
        let room = BLOCK - 1 - first;
        let kind = match random.below(100) {
            0..18 => Kind::Young,
            18..34 => Kind::Old,
            34..46 if room > 1 => Kind::Couple,
            46..66 if room > 1 => Kind::OldCouple,
            66..74 if room > 2 => Kind::Parent(1 + random.below(2) as u32),
            74.. if room > 4 => Kind::Parents(1 + random.below(3) as u32),
            _ => Kind::Old,
        };
        for place in 0..kind.size() {
            slots[(first + place) as usize] = Slot { kind, first, place };
        }
        first += kind.size();
    }
    slots
}

/// The oldest person of a household, on whom the others' ages depend.
struct Head {
    kind: Kind,
    age: i32,
    /// The age of the eldest child, and the years to the next one.
    eldest: i32,
    gap: i32,
    sex: Sex,
    sexes: u64,
    same_sex: bool,
}

impl Head {
    fn draw(random: &mut Random, kind: Kind) -> Head {
        let (low, high) = match kind {
            Kind::Young => (19, 55),
            Kind::Old => (58, 95),
            Kind::Couple => (22, 62),
            Kind::OldCouple => (60, 92),
            Kind::Parent(n) | Kind::Parents(n) => (27 + 3 * i64::from(n), 54),
        };
        let age = random.between(low, high);
        let gap = random.between(2, 3);
        let others = match kind {
            Kind::Parent(children) | Kind::Parents(children) => i64::from(children) - 1,
            _ => 0,
        };
        Head {
            kind,
            age: age as i32,
            eldest: random.between(gap * others, (age - 26).min(19)) as i32,
            gap: gap as i32,
            sex: if random.chance(490) { Sex::Male } else { Sex::Female },
            sexes: random.next(),
            same_sex: random.chance(50),
        }
    }

    fn is_couple(&self, place: u32) -> bool {
        place == 1 && !matches!(self.kind, Kind::Parent(_))
    }

    fn sex_of(&self, place: u32) -> Sex {
        match place {
            0 => self.sex,
            1 if self.is_couple(1) && self.same_sex => self.sex,
            1 if self.is_couple(1) => self.sex.other(),
            _ if self.sexes >> place & 1 == 0 => Sex::Female,
            _ => Sex::Male,
        }
    }

    fn age_of(&self, place: u32, random: &mut Random) -> i32 {
        if place == 0 {
            self.age
        } else if self.is_couple(place) {
            (self.age - random.around(0, 6) as i32).max(20)
        } else {
            let parents = if matches!(self.kind, Kind::Parent(_)) { 1 } else { 2 };
            self.eldest - self.gap * (place as i32 - parents)
        }
    }
}

struct Namesake {
    of: u32,
    same_day: bool,
}

/// Every fifth block of a country has a pair with one name and one birth date, and another fifth
/// a pair with one name and one year.
fn namesake(number: u32) -> Option<Namesake> {
    let block = number / BLOCK;
    let turn = block / 3 % 5;
    (number % BLOCK == BLOCK - 1 && (turn == 0 || turn == 2))
        .then(|| Namesake { of: block * BLOCK, same_day: turn == 0 })
}

/// A day of the year such that no two people of a country share both their birthday and the
/// serial number that goes into the identifier; see `identity`.
fn birthday(seed: u64, year: i32, number: u32, day_of: u32) -> Date {
    let (round, _) = identity::serial(number);
    let (_, serial) = identity::serial(day_of);
    let country = u64::from(number / BLOCK % 3);
    let offset = Random::of(&[seed, LAYOUT, country, u64::from(serial)]).below(364);
    // Never 1 January: numbers without a right check digit were given to real people of that day.
    let day = (u64::from(round) * 145 + offset) % 364 + 1;
    Date::new(year, 1, 1).plus_days(day as i32)
}

fn death(birth: Date, random: &mut Random) -> Option<Date> {
    let age = birth.years_until(LAST_DAY);
    let in_thousand = match age {
        ..40 => 8,
        40..60 => 30,
        60..75 => 120,
        _ => 300,
    };
    let days = i64::from(birth.days_until(LAST_DAY));
    let died = random.between(days * 85 / 100, days);
    random.chance(in_thousand).then(|| birth.plus_days(died as i32))
}
