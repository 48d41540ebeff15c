//! Where a household lives and how it is called.

use super::household::Country;
use super::random::Random;
use super::tables::CountryTables;

/// A home address.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Street and number, and the floor if there is one.
    pub line: String,
    /// The postcode or ZIP code.
    pub postcode: &'static str,
    /// The town.
    pub town: &'static str,
    /// The state's short code, where the country has states.
    pub state: Option<&'static str>,
    /// The index of the town in its country's table.
    pub(super) town_index: usize,
}

/// Any address of the country.
pub(super) fn address(random: &mut Random, country: Country, tables: &CountryTables) -> Address {
    let town_index = random.below(tables.towns.len() as u64) as usize;
    let town = &tables.towns[town_index];
    let street = random.pick(&tables.streets);
    let number = random.between(1, 140);
    let floor = random.between(1, 4);
    let flat = random.chance(350);
    let line = match country {
        Country::Denmark if flat => format!("{street} {number}, {floor}. tv."),
        Country::Usa if flat => format!("{} {street}, Apt {floor}", number * 7),
        Country::Usa => format!("{} {street}", number * 7),
        _ => format!("{street} {number}"),
    };
    Address { line, postcode: town.postcode, town: town.name, state: town.state, town_index }
}

/// Numbers that nobody has: Danish ones begin with 0, the German and US ranges are those kept free
/// for films and books.
pub(super) fn phone(random: &mut Random, country: Country) -> String {
    match country {
        Country::Denmark => {
            let n = random.below(1_000_000);
            format!("+45 00 {:02} {:02} {:02}", n / 10_000, n / 100 % 100, n % 100)
        }
        Country::Germany => {
            let free =
                ["+49 30 23125", "+49 40 66969", "+49 69 90009", "+49 89 99998", "+49 221 4710"];
            format!("{}{:03}", random.pick(&free), random.below(1000))
        }
        Country::Usa => {
            let areas = [201, 212, 303, 312, 404, 415, 503, 512, 617, 702, 713, 804, 919];
            format!("+1-{}-555-01{:02}", random.pick(&areas), random.below(100))
        }
    }
}
