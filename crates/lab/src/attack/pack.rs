//! Packs of attacks: which families, with which ranges, from which seed.

use super::{Family, Plan, Ranges};
use crate::chance::Chance;
use serde::{Deserialize, Serialize};

/// A pack as a file holds it; `docs/attacks.md` describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// Its name, for the report.
    pub name: String,
    /// What its plans are drawn with: the same seed gives the same attacks.
    pub seed: u64,
    /// The attacks.
    pub attacks: Vec<Ranges>,
}

/// A pack that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// Not the form that is documented.
    #[error("not a pack of attacks: {0}")]
    Form(#[from] serde_json::Error),
    /// A range that makes no sense.
    #[error("a range that makes no sense: {0}")]
    Range(String),
    /// No attack at all.
    #[error("there is no attack in it")]
    Empty,
}

impl Pack {
    /// The pack for development: every family as it is documented.
    pub fn development() -> Pack {
        let attacks = Family::ALL.iter().filter(|family| **family != Family::Adaptive);
        let attacks = attacks.map(|family| family.ranges()).collect();
        Pack { name: "development".into(), seed: 1, attacks }
    }

    /// Reads a pack.
    pub fn parse(text: &str) -> Result<Pack, PackError> {
        let mut pack: Pack = serde_json::from_str(text)?;
        pack.attacks = pack.attacks.into_iter().map(Ranges::filled).collect();
        match pack.attacks.iter().find_map(Ranges::fault) {
            Some(fault) => Err(PackError::Range(fault)),
            None if pack.attacks.is_empty() => Err(PackError::Empty),
            None => Ok(pack),
        }
    }

    /// Whether there are attacks of this family in it.
    pub fn has(&self, family: Family) -> bool {
        self.attacks.iter().any(|ranges| ranges.family == family)
    }

    /// The same pack with attacks of this family alone.
    #[must_use]
    pub fn only(&self, family: Family) -> Pack {
        let of = self.attacks.iter().filter(|ranges| ranges.family == family);
        Pack { attacks: of.cloned().collect(), ..self.clone() }
    }

    /// The attack of this number in a run: families take turns, each with a plan of its own.
    pub fn plan(&self, run: u64, number: usize) -> Plan {
        let ranges = &self.attacks[number % self.attacks.len()];
        ranges.draw(&mut Chance::of(self.seed ^ run.rotate_left(17), number as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_say_what_is_wrong_with_them() {
        let good = r#"{"name":"a","seed":9,"attacks":[{"family":"burst","per_day":[50,60]}]}"#;
        let pack = Pack::parse(good).unwrap();
        let plan = pack.plan(1, 0);
        assert!((50.0..60.0).contains(&plan.per_day));
        assert_eq!(plan, pack.plan(1, 0));
        assert_ne!(plan, pack.plan(2, 0));
        for (bad, says) in [
            (good.replace("[50,60]", "[60,50]"), "per_day"),
            (good.replace("burst", "explosion"), "explosion"),
            (good.replace("per_day", "per_dya"), "per_dya"),
            (good.replace(r#"{"family":"burst","per_day":[50,60]}"#, ""), "no attack"),
        ] {
            let error = Pack::parse(&bad).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        assert_eq!(Pack::development().attacks.iter().find_map(Ranges::fault), None);
    }
}
