//! The plan of a world, and the world file it is read from and written to.

use crate::parameters::Parameters;
use serde::{Deserialize, Serialize};

/// What a world file's `format` says.
const FORMAT: u32 = 1;

/// How large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// 2 % of a region, for CI.
    Small,
    /// A quarter of a region.
    Medium,
    /// A region of 250,000 people.
    Full,
}

/// How much of what is honest looks wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Climate {
    /// Half as much is unexplained, evenly, and evidence is there within a day.
    Calm,
    /// As the literature has it.
    Base,
    /// Twice as much, unevenly, and evidence takes up to a month.
    Hard,
}

/// The climate in numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weather {
    /// Unexplained openings, late and lost evidence: times the base.
    pub unexplained: f64,
    /// Variance over mean of unexplained openings of a staff-day.
    pub over_dispersion: f64,
    /// Days within which late evidence mostly comes.
    pub lag_days: f64,
}

/// What there is of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// People.
    pub people: u32,
    /// Practices.
    pub practices: u32,
    /// Hospitals, each with an emergency department, a desk, a radiology, a pharmacy, coders.
    pub hospitals: u32,
    /// Wards of each hospital.
    pub wards: u32,
    /// Pharmacies in towns.
    pub pharmacies: u32,
}

/// Everything a world is made from, besides the seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The size that `counts` began from.
    pub size: Size,
    /// The climate that `weather` began from.
    pub climate: Climate,
    /// How many days.
    pub days: u32,
    /// What there is of each.
    pub counts: Counts,
    /// The climate in numbers.
    pub weather: Weather,
    /// Every other number.
    pub parameters: Parameters,
}

/// Why a world file is refused.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// It is no JSON, or has a member that no world file has.
    #[error("the world file cannot be read: {0}")]
    Form(String),
    /// A number is out of its range.
    #[error("the world file does not fit: {0}")]
    Range(String),
}

impl Size {
    /// What a world of this size has.
    pub fn counts(self) -> Counts {
        let of = |people, practices, hospitals, wards, pharmacies| Counts {
            people,
            practices,
            hospitals,
            wards,
            pharmacies,
        };
        match self {
            Size::Small => of(5_000, 2, 1, 2, 1),
            Size::Medium => of(62_500, 10, 1, 15, 5),
            Size::Full => of(250_000, 40, 2, 30, 20),
        }
    }
}

impl Climate {
    /// The climate in numbers: assumed, and chosen to be far apart.
    pub fn weather(self) -> Weather {
        let of = |unexplained, over_dispersion, lag_days| Weather {
            unexplained,
            over_dispersion,
            lag_days,
        };
        match self {
            Climate::Calm => of(0.5, 1.0, 1.0),
            Climate::Base => of(1.0, 2.0, 7.0),
            Climate::Hard => of(2.0, 4.0, 30.0),
        }
    }
}

/// A world file. What is absent is as size and climate say.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WorldFile {
    format: u32,
    size: Size,
    climate: Climate,
    #[serde(default)]
    days: Option<u32>,
    #[serde(default)]
    counts: Option<Counts>,
    #[serde(default)]
    weather: Option<Weather>,
    #[serde(default)]
    parameters: Parameters,
}

impl Plan {
    /// A plan of this size and climate, of 400 days.
    pub fn new(size: Size, climate: Climate) -> Plan {
        let (counts, weather) = (size.counts(), climate.weather());
        Plan { size, climate, days: 400, counts, weather, parameters: Parameters::default() }
    }

    /// Reads a world file.
    ///
    /// # Errors
    ///
    /// When it has another form, or a number is out of its range; the message names it.
    pub fn from_json(text: &str) -> Result<Plan, PlanError> {
        let file: WorldFile =
            serde_json::from_str(text).map_err(|error| PlanError::Form(error.to_string()))?;
        if file.format != FORMAT {
            return Err(PlanError::Range(format!("format is {}, not {FORMAT}", file.format)));
        }
        let mut plan = Plan::new(file.size, file.climate);
        plan.days = file.days.unwrap_or(plan.days);
        plan.counts = file.counts.unwrap_or(plan.counts);
        plan.weather = file.weather.unwrap_or(plan.weather);
        plan.parameters = file.parameters;
        plan.fault().map_or(Ok(plan), |fault| Err(PlanError::Range(fault)))
    }

    /// Writes a world file with every number.
    pub fn to_json(&self) -> String {
        let file = WorldFile {
            format: FORMAT,
            size: self.size,
            climate: self.climate,
            days: Some(self.days),
            counts: Some(self.counts.clone()),
            weather: Some(self.weather.clone()),
            parameters: self.parameters.clone(),
        };
        // Numbers, words and maps with text keys: all of them are JSON.
        serde_json::to_string_pretty(&file).expect("a plan is JSON")
    }

    /// What is out of its range, in words.
    fn fault(&self) -> Option<String> {
        let (counts, weather) = (&self.counts, &self.weather);
        let rows = [
            ("days", f64::from(self.days), 1.0, 3660.0),
            ("counts.people", f64::from(counts.people), 1000.0, 5_000_000.0),
            ("counts.practices", f64::from(counts.practices), 2.0, 2000.0),
            ("counts.hospitals", f64::from(counts.hospitals), 1.0, 50.0),
            ("counts.wards", f64::from(counts.wards), 2.0, 200.0),
            ("counts.pharmacies", f64::from(counts.pharmacies), 1.0, 2000.0),
            ("weather.unexplained", weather.unexplained, 0.0, 10.0),
            ("weather.over_dispersion", weather.over_dispersion, 1.0, 20.0),
            ("weather.lag_days", weather.lag_days, 0.0, 90.0),
        ];
        let wrong = rows.iter().find(|(_, value, least, most)| !(*least..=*most).contains(value));
        if let Some((name, value, least, most)) = wrong {
            return Some(format!("{name} is {value}; it must be from {least} to {most}"));
        }
        let p = &self.parameters;
        let pairs = [
            ("campaign_least", p.campaign_least, "campaign_most", p.campaign_most),
            ("spell_least", p.spell_least, "spell_most", p.spell_most),
        ];
        let crossed = pairs.iter().find(|(_, least, _, most)| least > most);
        let crossed = crossed.map(|(a, _, b, _)| format!("parameters.{a} is more than {b}"));
        let shares = p.visit_share + p.message_share;
        let too_much = (shares > 1.0).then(|| {
            "parameters.visit_share and message_share are more than 1 together".to_owned()
        });
        let alone = (p.last_hospital_joins > 0.0 && counts.hospitals < 2)
            .then(|| "parameters.last_hospital_joins needs two hospitals".to_owned());
        p.fault().or(alone).or(crossed).or(too_much)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_file_reads_as_it_was_written() {
        for size in [Size::Small, Size::Medium, Size::Full] {
            for climate in [Climate::Calm, Climate::Base, Climate::Hard] {
                let plan = Plan::new(size, climate);
                assert_eq!(Plan::from_json(&plan.to_json()).unwrap(), plan);
            }
        }
    }

    #[test]
    fn a_short_world_file_means_the_defaults() {
        let text = r#"{"format": 1, "size": "small", "climate": "hard"}"#;
        assert_eq!(Plan::from_json(text).unwrap(), Plan::new(Size::Small, Climate::Hard));
    }

    #[test]
    fn a_wrong_world_file_is_refused_by_name() {
        let with =
            |rest: &str| format!(r#"{{"format": 1, "size": "small", "climate": "base"{rest}}}"#);
        for (text, says) in [
            ("{".to_owned(), "cannot be read"),
            (with(r#", "colour": 1"#), "colour"),
            (with(r#", "parameters": {"confirmed": 1}"#), "confirmed"),
            (with(r#", "parameters": {"confirm": 1.5}"#), "parameters.confirm is 1.5"),
            (with(r#", "parameters": {"confirm": null}"#), "cannot be read"),
            (with(r#", "days": 0"#), "days is 0"),
            (with(r#", "parameters": {"spell_least": 13}"#), "spell_least is more"),
            (with(r#", "parameters": {"visit_share": 0.9}"#), "more than 1 together"),
            (with(r#", "parameters": {"last_hospital_joins": 9}"#), "needs two hospitals"),
            (with("").replace(": 1,", ": 2,"), "format is 2"),
            (with("").replace("base", "mild"), "mild"),
        ] {
            let message = Plan::from_json(&text).unwrap_err().to_string();
            assert!(message.contains(says), "{message}");
        }
    }
}
