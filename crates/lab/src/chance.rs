//! Chance from a seed: the same seed gives the same course of things, on every machine.

/// A stream of random numbers (xoshiro256**, seeded by splitmix64).
#[derive(Clone, Debug)]
pub struct Chance([u64; 4]);

impl Chance {
    /// The stream of this seed.
    pub fn new(seed: u64) -> Chance {
        let mut state = seed;
        Chance(std::array::from_fn(|_| splitmix(&mut state)))
    }

    /// A stream of its own for one thing, so that asking here more often changes nothing there.
    pub fn of(seed: u64, thing: u64) -> Chance {
        Chance::new(seed.rotate_left(32) ^ thing.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// From 0 to 1, without 1.
    pub fn unit(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// One of so many.
    pub fn below(&mut self, many: usize) -> usize {
        ((self.number() >> 32) as usize * many.max(1)) >> 32
    }

    /// With this probability.
    pub fn with(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Between the two, evenly.
    pub fn between(&mut self, range: [f64; 2]) -> f64 {
        range[0] + (range[1] - range[0]) * self.unit()
    }

    /// Between the two, evenly in the logarithm, as paces are spread.
    pub fn spread(&mut self, range: [f64; 2]) -> f64 {
        (range[0].ln() + (range[1].ln() - range[0].ln()) * self.unit()).exp()
    }

    /// A waiting time of this mean.
    pub fn wait(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// One of these; none of nothing.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }
}

fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_course_and_streams_of_their_own() {
        let course = |mut chance: Chance| (0..8).map(move |_| chance.number()).collect::<Vec<_>>();
        assert_eq!(course(Chance::new(7)), course(Chance::new(7)));
        assert_ne!(course(Chance::of(7, 1)), course(Chance::of(7, 2)));
        let mut chance = Chance::new(1);
        let mean = (0..20_000).map(|_| chance.wait(3.0)).sum::<f64>() / 20_000.0;
        assert!((2.9..3.1).contains(&mean), "{mean}");
        assert!((0..1_000).all(|_| chance.below(5) < 5));
    }
}
