//! What is usual among the cards of one role, in one practice and everywhere: the measure that no
//! single card can move.

use crate::settings::Tuning;

/// Buckets of a rate, each a fifth wider than the one before: from 0.01 to some hundred a day.
const BUCKETS: usize = 64;
const LEAST: f64 = 0.01;
const RATIO: f64 = 1.2;
/// A card's own rate counts among its peers after so many days at work.
pub(crate) const KNOWN_DAYS: f32 = 5.0;
/// How much the first guess of the dispersion weighs, in counted events.
const GUESSED: f64 = 50.0;
/// Days differ more than chance: 2 in the base climate of docs/world.md, at most 4 in the
/// hard one.
const DISPERSION: f64 = 1.5;
const DISPERSION_MAX: f64 = 4.0;
/// How many days of one card the first guess of the rate weighs.
const GUESSED_DAYS: f64 = 30.0;
/// How far above the quantile of its peers a card's usual may be: a busy one is no thief.
const BEYOND: f64 = 1.5;
/// What each closed day leaves of the earlier ones' weight.
const FORGETS: f64 = 0.9995;

/// One group of peers: the rates of its cards, and how much their days differ.
#[derive(Clone, Debug)]
pub(crate) struct Peers {
    buckets: [u32; BUCKETS],
    cards: u32,
    /// Cards that had a day at all.
    members: u32,
    squares: f64,
    events: f64,
    /// Days of all its cards, and what was counted on them: known before any single card is.
    days: f64,
    counted: f64,
    /// The usual, the cap, and the day on which both were worked out.
    known: (f64, f64, u32),
}

impl Peers {
    pub(crate) fn new(tuning: &Tuning) -> Peers {
        let known = (tuning.usual, tuning.bounds[1], u32::MAX);
        let (squares, events) = (GUESSED * DISPERSION, GUESSED);
        let (days, counted) = (GUESSED_DAYS, GUESSED_DAYS * tuning.usual);
        let buckets = [0; BUCKETS];
        Peers { buckets, cards: 0, members: 0, squares, events, days, counted, known }
    }

    /// A card's rate moved; `None` is one that was not counted yet.
    pub(crate) fn moves(&mut self, from: Option<u8>, rate: f64) -> u8 {
        if let Some(from) = from {
            self.buckets[usize::from(from)] -= 1;
        } else {
            self.cards += 1;
        }
        let place = ((rate.max(LEAST) / LEAST).ln() / RATIO.ln()) as usize;
        let place = place.min(BUCKETS - 1);
        self.buckets[place] += 1;
        u8::try_from(place).unwrap_or(u8::MAX)
    }

    /// One more card had its first day.
    pub(crate) fn joins(&mut self) {
        self.members += 1;
    }

    /// A day of one card, or of so many together, ended on which so many were counted where so
    /// many were usual.
    pub(crate) fn day(&mut self, counted: f64, usual: f64, scale: f64) {
        // One wild day must not teach that all days are wild.
        let counted = counted.min(usual + 3.0 * (2.0 * usual).sqrt() + 0.5);
        self.squares = self.squares * FORGETS + (counted - usual).powi(2);
        self.events = self.events * FORGETS + usual;
        self.days = self.days * FORGETS + 1.0;
        self.counted = self.counted * FORGETS + counted / scale;
    }

    /// How much more than by chance days differ.
    pub(crate) fn dispersion(&self) -> f64 {
        (self.squares / self.events).clamp(1.0, DISPERSION_MAX)
    }

    /// The rate that half of the cards exceed, and the one that no card's usual may exceed. What
    /// few peers say is shared with what is known of the wider group.
    pub(crate) fn usual(
        &mut self,
        day: u32,
        tuning: &Tuning,
        wider: Option<(f64, f64)>,
    ) -> (f64, f64) {
        let (.., when) = self.known;
        if when != day {
            let (guess, beyond) = wider.unwrap_or((tuning.usual, 0.0));
            // Few peers say little: they share the guess with as many made-up ones.
            let weight = |cards: u32| f64::from(cards) / (f64::from(cards) + 10.0);
            let blend = |own: f64, guess: f64, cards| guess + (own - guess) * weight(cards);
            let [least, most] = tuning.bounds;
            let mean = blend(self.counted / self.days, guess, self.members);
            let median = blend(self.quantile(0.5), mean, self.cards).clamp(least, most);
            let guessed = (3.0 * mean).max(beyond).min(most);
            let cap = BEYOND * self.quantile(tuning.peers);
            let cap = blend(cap, guessed, self.cards).clamp(median, most);
            self.known = (median, cap, day);
        }
        (self.known.0, self.known.1)
    }

    fn quantile(&self, share: f64) -> f64 {
        let wanted = (share * f64::from(self.cards)).ceil();
        let mut seen = 0;
        for (place, cards) in self.buckets.iter().enumerate() {
            seen += cards;
            if f64::from(seen) >= wanted && seen > 0 {
                return LEAST * RATIO.powi(i32::try_from(place + 1).unwrap_or(i32::MAX));
            }
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TUNING: Tuning =
        Tuning { shifts: [2.0, 6.0, 20.0], usual: 1.0, bounds: [0.1, 30.0], peers: 0.95 };

    #[test]
    fn a_few_cards_do_not_move_what_is_usual() {
        let mut peers = Peers::new(&TUNING);
        for _ in 0..200 {
            peers.moves(None, 1.0);
        }
        let honest = peers.usual(1, &TUNING, None);
        for _ in 0..8 {
            peers.moves(None, 25.0);
        }
        let poisoned = peers.usual(2, &TUNING, None);
        assert!(poisoned.1 < honest.1 * 1.1, "{honest:?} {poisoned:?}");
        assert!((0.9..1.5).contains(&poisoned.0), "{poisoned:?}");
    }

    #[test]
    fn days_that_differ_much_are_learnt_within_bounds() {
        let mut peers = Peers::new(&TUNING);
        for day in 0..5_000 {
            peers.day(if day % 10 == 0 { 10.0 } else { 0.0 }, 1.0, 1.0);
        }
        let wild = peers.dispersion();
        for _ in 0..20_000 {
            peers.day(1.0, 1.0, 1.0);
        }
        assert!(wild > 2.0 && wild <= DISPERSION_MAX, "{wild}");
        assert!(peers.dispersion() < 1.1);
    }
}
