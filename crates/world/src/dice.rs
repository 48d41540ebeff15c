//! Chance that can be played again: every draw follows from the seed and from what it is about.

/// A stream of random numbers (wyrand). One for each unit and day, so that a change in one place
/// does not move all the others.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

/// One number out of several, well mixed.
pub(crate) fn mix(seed: u64, parts: [u64; 3]) -> u64 {
    let mut state = seed ^ 0x9E37_79B9_7F4A_7C15;
    for part in parts {
        state = (state ^ part).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = (state ^ (state >> 29)).wrapping_mul(0x94D0_49BB_1331_11EB);
        state ^= state >> 32;
    }
    state
}

/// A number from 0 to 1 out of a mixed one.
pub(crate) fn share(mixed: u64) -> f64 {
    (mixed >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

impl Dice {
    pub(crate) fn of(seed: u64, parts: [u64; 3]) -> Dice {
        Dice(mix(seed, parts))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0xA076_1D64_78BD_642F);
        let wide = u128::from(self.0) * u128::from(self.0 ^ 0xE703_7ED1_A0B4_28DB);
        (wide >> 64) as u64 ^ wide as u64
    }

    /// From 0 to 1, without 1.
    pub(crate) fn share(&mut self) -> f64 {
        share(self.next())
    }

    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.share() < p
    }

    /// A whole number below `n`; 0 where there is none.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }

    /// A whole number of seconds, days or people, both ends possible.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below((most.saturating_sub(least) + 1) as usize) as u64
    }

    /// Exponential.
    pub(crate) fn wait(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.share()).ln()
    }

    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.share()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }

    /// Log-normal with mean 1 and this variance.
    pub(crate) fn log_normal(&mut self, variance: f64) -> f64 {
        let s2 = (1.0 + variance).ln();
        (s2.sqrt() * self.normal() - s2 / 2.0).exp()
    }

    /// Gamma with mean 1 and this variance (Marsaglia and Tsang).
    pub(crate) fn gamma(&mut self, variance: f64) -> f64 {
        if variance <= 0.0 {
            return 1.0;
        }
        let shape = 1.0 / variance;
        let (lifted, boost) = if shape < 1.0 {
            (shape + 1.0, (1.0 - self.share()).powf(variance))
        } else {
            (shape, 1.0)
        };
        let d = lifted - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            let u = 1.0 - self.share();
            if v > 0.0 && u.ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v * boost * variance;
            }
        }
    }

    /// Poisson; by the normal curve where the mean is large.
    pub(crate) fn poisson(&mut self, mean: f64) -> usize {
        if mean > 40.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as usize;
        }
        let (limit, mut product, mut count) = ((-mean).exp(), self.share(), 0);
        while product > limit {
            product *= self.share();
            count += 1;
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    fn moments(mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let draws: Vec<f64> = (0..100_000).map(|_| draw()).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / draws.len() as f64;
        (mean, variance)
    }

    #[test]
    fn draws_have_the_moments_they_say() {
        let mut dice = Dice::of(1, [2, 3, 4]);
        let close = |(mean, variance): (f64, f64), m: f64, v: f64| {
            assert!((mean - m).abs() < 0.03 * m.max(0.2), "mean {mean}, not {m}");
            assert!((variance - v).abs() < 0.08 * v, "variance {variance}, not {v}");
        };
        close(moments(|| dice.share()), 0.5, 1.0 / 12.0);
        close(moments(|| dice.wait(2.0)), 2.0, 4.0);
        close(moments(|| dice.log_normal(0.5)), 1.0, 0.5);
        close(moments(|| dice.gamma(0.5)), 1.0, 0.5);
        close(moments(|| dice.gamma(2.0)), 1.0, 2.0);
        close(moments(|| dice.poisson(1.5) as f64), 1.5, 1.5);
        close(moments(|| dice.poisson(60.0) as f64), 60.0, 60.0);
    }
}
