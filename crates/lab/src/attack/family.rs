//! The families of attacks, their ranges and the figures to reach.

use super::{
    Ranges, burst, card_office, colluders, crowd, excuses, officer, own_list, paced, practice_card,
    snooper, walk,
};
use serde::{Deserialize, Serialize};

macro_rules! families {
    ($($(#[$doc:meta])* $name:ident $word:literal $text:literal,)*) => {
        /// A family of attacks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Family {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl Family {
            /// Every family.
            pub const ALL: &'static [Family] = &[$(Family::$name,)*];

            /// Its name in files and tables.
            pub const fn word(self) -> &'static str {
                match self { $(Family::$name => $word,)* }
            }

            /// What it does, for people.
            pub const fn text(self) -> &'static str {
                match self { $(Family::$name => $text,)* }
            }
        }
    };
}

families! {
    /// As many strangers as it can, at once.
    Burst "burst" "burst of strangers, 40 a day to one a second",
    /// Ten strangers a day.
    Paced10 "paced-10" "10 strangers a day",
    /// Three strangers a day.
    Paced3 "paced-3" "3 strangers a day",
    /// One stranger a day.
    Paced1 "paced-1" "1 stranger a day",
    /// One stranger in three days.
    Paced03 "paced-0.3" "0.3 strangers a day",
    /// A stolen staff card, on the practice's own list.
    OwnList "own-list" "staff card, own list without an event",
    /// The practice's machine card, on strangers.
    PracticeCardStrangers "practice-card-strangers" "practice card, strangers",
    /// The practice's machine card, on the own list.
    PracticeCardList "practice-card-list" "practice card, own list without an event",
    /// Made-up identifiers.
    Walk "walk" "identifier walk",
    /// Somebody known, without a word.
    SnooperSilent "snooper" "named victim, no excuse",
    /// Somebody known, with a made-up reason.
    SnooperExcuse "snooper-excuse" "named victim, made-up excuse",
    /// Many who open one file.
    Crowd "crowd" "crowd on one file",
    /// Twenty cards together.
    Colluders "colluders" "20 colluders",
    /// An insider with made-up reasons, notes and bookings.
    Excuses "excuses" "insider with made-up excuses",
    /// A stolen card and one officer who helps it.
    Officer "rogue-officer" "one rogue officer and a stolen card",
    /// One officer who issues cards.
    CardOffice "rogue-card-office" "one officer who issues cards",
    /// Knows code and thresholds.
    Adaptive "adaptive" "adaptive, 30 days",
}

/// What is counted for a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Distinct files opened.
    Files,
    /// Look-ups that found somebody.
    Hits,
    /// Cards that opened the file without an explanation.
    Openers,
    /// Share of attempts that were held before the file was readable.
    Held,
}

/// The figures to reach, in the base climate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Goal {
    /// Median, at most (share, at least).
    pub median: f64,
    /// 95th percentile, at most; none where only one figure is asked for.
    pub p95: Option<f64>,
    /// Share of attacks that are found, at least.
    pub found: Option<f64>,
}

impl Family {
    /// What is counted.
    pub const fn measure(self) -> Measure {
        match self {
            Family::Walk => Measure::Hits,
            Family::Crowd => Measure::Openers,
            Family::SnooperSilent => Measure::Held,
            _ => Measure::Files,
        }
    }

    /// The figures to reach, where there are any.
    pub const fn goal(self) -> Option<Goal> {
        let (median, p95, found) = match self {
            Family::Burst => (8.0, Some(14.0), None),
            Family::Paced10 => (12.0, Some(25.0), None),
            Family::Paced3 => (20.0, Some(45.0), None),
            Family::Paced1 => (20.0, Some(40.0), None),
            Family::Paced03 => (20.0, Some(60.0), None),
            Family::PracticeCardStrangers => (20.0, Some(50.0), None),
            Family::OwnList | Family::PracticeCardList => (40.0, Some(100.0), None),
            Family::Walk => (3.0, Some(5.0), None),
            Family::Colluders => (100.0, Some(300.0), None),
            Family::Crowd => (5.0, None, None),
            Family::SnooperSilent => (0.95, None, None),
            Family::SnooperExcuse | Family::Excuses => (10.0, Some(30.0), Some(0.7)),
            Family::Officer | Family::CardOffice | Family::Adaptive => return None,
        };
        Some(Goal { median, p95, found })
    }

    /// The ranges its parameters are drawn from, unless a pack says otherwise.
    pub fn ranges(self) -> Ranges {
        match self {
            Family::Burst => burst::ranges(),
            Family::Paced10 | Family::Paced3 | Family::Paced1 | Family::Paced03 => {
                paced::ranges(self)
            }
            Family::OwnList => own_list::ranges(),
            Family::PracticeCardStrangers | Family::PracticeCardList => practice_card::ranges(self),
            Family::Walk => walk::ranges(),
            Family::SnooperSilent | Family::SnooperExcuse => snooper::ranges(self),
            Family::Crowd => crowd::ranges(),
            Family::Colluders => colluders::ranges(),
            Family::Excuses => excuses::ranges(),
            Family::Officer => officer::ranges(),
            Family::CardOffice => card_office::ranges(),
            Family::Adaptive => super::adaptive::ranges(),
        }
    }

    /// What most families have in common: a card holder's whole week or the whole day, until the
    /// benchmark's 210 days are over.
    pub(super) fn usual(self, per_day: [f64; 2], victims: &[[f64; 3]]) -> Ranges {
        Ranges {
            family: self,
            per_day,
            victims: victims.to_vec(),
            hours: vec![[8, 18], [7, 22], [0, 24]],
            workdays: 0.5,
            members: None,
            days: [210.0, 210.0],
            rest: [0.0, 2.0],
            excuses: [0.0, 1.0],
            density: [0.0, 0.0],
        }
    }

    /// Whether "restricted" stops it: it lives on strangers and on the own list.
    pub const fn stopped_by_restriction(self) -> bool {
        !matches!(self, Family::Walk | Family::Crowd)
    }

    /// Whether the card's own holder is the attacker: then nobody says "that was not me".
    pub const fn insider(self) -> bool {
        matches!(
            self,
            Family::SnooperSilent
                | Family::SnooperExcuse
                | Family::Crowd
                | Family::Colluders
                | Family::Excuses
                | Family::CardOffice
        )
    }
}
