//! Surnames: a few that many bear, and many that few bear.

use crate::dice::Dice;

/// How flat the most frequent are: the first ten of Denmark lie within a factor of two.
const FLAT: f64 = 4.0;
const STARTS: [&str; 20] = [
    "An", "Berg", "Dal", "El", "Fjord", "Gran", "Holm", "Is", "Jens", "Kir", "Lind", "Mo", "Nord",
    "Ol", "Peter", "Ros", "Sten", "Thor", "Ul", "Vest",
];
const MIDDLES: [&str; 20] = [
    "", "a", "be", "de", "er", "gaard", "hol", "i", "ke", "le", "man", "ne", "o", "re", "sel",
    "ste", "te", "u", "ve", "ke",
];
const ENDS: [&str; 20] = [
    "sen", "berg", "borg", "by", "dahl", "feldt", "gren", "holt", "kamp", "lund", "mark", "ner",
    "quist", "rup", "skov", "strup", "sson", "toft", "vad", "wald",
];

/// How frequent each surname is, summed up.
pub(crate) struct Surnames(Vec<f64>);

impl Surnames {
    pub(crate) fn new(count: usize, steepness: f64) -> Surnames {
        let mut sum = 0.0;
        let sums = (1..=count).map(|rank| {
            sum += (rank as f64 + FLAT).powf(-steepness);
            sum
        });
        Surnames(sums.collect())
    }

    pub(crate) fn draw(&self, dice: &mut Dice) -> u16 {
        let at = dice.share() * self.0.last().copied().unwrap_or(0.0);
        self.0.partition_point(|sum| *sum <= at).min(self.0.len() - 1) as u16
    }
}

/// The surname of this number, made up.
pub(crate) fn surname(number: u16) -> String {
    let n = usize::from(number);
    let (start, end, middle) = (n % 20, n / 20 % 20, n / 400);
    let more = if middle / 20 > 0 { MIDDLES[middle / 20 % 20] } else { "" };
    format!("{}{more}{}{}", STARTS[start], MIDDLES[middle % 20], ENDS[(end + start) % 20])
}
