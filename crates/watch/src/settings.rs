//! Thresholds, each with its source: the names in capitals are those of the list in
//! docs/containment.md, "Where thresholds come from"; what has no source is assumed.

use terms::{Duration, Role};

/// What the watch looks for, and how hard.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The detectors that are on.
    pub parts: Parts,
    /// Sudden more of what nothing explains. Usual: below the 1 to 2.5 a day of DAY, which
    /// counts what is weak here as well. Shifts: the limits of emergencies let nobody have more
    /// than 8 a day, so they are smaller than the 2, 6 and 20 of SHIFTS.
    pub unexplained: Tuning,
    /// Sudden more of what is weakly explained. Usual: DAY, unexplained.
    pub weak: Tuning,
    /// What nothing explained within 14 days: 15 % stay so (LATE, assumed).
    pub residual: Tuning,
    /// The same for what was weakly explained.
    pub weak_residual: Tuning,
    /// Look-ups by identifier that find nobody: typing errors, 1 % (MISSES), a few of them a day.
    pub misses: Tuning,
    /// Relations made by one card, assumed.
    pub relating: Tuning,
    /// Unexplained openings and residual of a whole practice; the usual is one card's at work.
    pub practice: Tuning,
    /// The same for a server.
    pub server: Tuning,
    /// Strangers' files of a whole practice, each counted once: as it is opened, and again if one
    /// card alone looked at it. Usual: the practice's own past days, assumed.
    pub lone: Tuning,
    /// The sum at which they are too many (LOSS): honest practices of the base climate stay below
    /// it, but for one in some years; measured on made-up days.
    pub lone_sum: f64,
    /// Mean days at work of one card between two false first signals of one test (LOSS): a lower
    /// bound. 3,000 days and six tests leave 2 in 1,000 staff-days; measured on made-up days.
    pub first: f64,
    /// The same for the second signal, which restricts: 30,000 days leave 0.2.
    pub second: f64,
    /// The same for what stayed unexplained: two weeks later a new sign-in proves nothing.
    pub later: f64,
    /// How many times the second threshold restricts a card without another finding within 14
    /// days, assumed: relations that come late or never make honest cards look like slow thieves.
    pub alone: f64,
    /// The same for what is weakly explained, at once or two weeks later, assumed: recall campaigns
    /// and telephone days open the own list as a thief would, and canaries stand in it.
    pub alone_weak: f64,
    /// The same for practices and servers, which are never stopped by it alone. Far more, as cases
    /// that several colleagues look at make the days of a ward differ more than is reckoned with.
    pub shared: f64,
    /// Days at work after which half of what a card did is forgotten, assumed.
    pub memory_days: f64,
    /// How long a restriction lasts first; each further one within 60 days twice as long.
    pub restricted: Duration,
    /// After so long an opening should have found a relation (the emergencies' own 14 days).
    pub residual_after: Duration,
    /// Most unexplained openers of one file in 30 days (GOALS: the crowd, at most 5).
    pub crowd: usize,
    /// Most weakly explained openers of one file in 30 days, with the unexplained, assumed: a
    /// practice's own staff with their substitutes.
    pub crowd_weak: usize,
    /// Most cards that are refused one file in three days, beside those of the practice that asked
    /// most, before an officer is told, assumed: a late referral brings a handful of colleagues.
    pub crowd_refused: usize,
    /// Unexplained files of close people in 30 days at which a card is noted, asked for reasons,
    /// and restricted (GOALS: the repeat offender is stopped by file 3). A weak one counts half.
    pub close: [f64; 3],
    /// How long a new card is on probation, assumed.
    pub probation: Duration,
    /// What of the soft limits of its role a new card may open without strong explanation, in
    /// percent, assumed: 28 files a day of a doctor.
    pub probation_percent: u32,
    /// Cards issued by the same officers within a day that are looked at, assumed.
    pub cards_a_day: usize,
    /// Cards that one officer issues alone within 30 days before others are told, assumed.
    pub cards_alone: usize,
    /// Within this time one card is not at two servers, assumed: nobody walks faster.
    pub place: Duration,
    /// Returns to a device within [`Settings::place`] that are too many, assumed: whoever walks
    /// between two rooms returns once or twice.
    pub device_changes: u32,
    /// Days with a soft limit reached within 30 that are noted, and looked at, assumed.
    pub soft_days: [usize; 2],
    /// Strangers' files that a card opened on a day, and others that it was refused for want of
    /// emergencies, at which it is restricted, assumed: whoever is honest asks a colleague.
    pub strangers: [usize; 2],
    /// Cards stopped within an hour that are too many for a practice, but never less than a tenth
    /// of its cards, assumed: chance alone gives two in an hour of a large hospital. For a server
    /// twice as many, a twentieth of all cards, and from a quarter of all practices.
    pub stopped: usize,
    /// How long a practice whose sum was too high is under suspicion, assumed.
    pub suspected: Duration,
    /// The share of the second signal at which its cards are restricted meanwhile by what nothing
    /// explains, assumed.
    pub suspicion: f64,
    /// After how long officers are told again of a practice that goes on, assumed: an alert is
    /// read within three days.
    pub told_again: Duration,
    /// How often in 30 days a colleague's word makes the watch forget, assumed.
    pub relaxed: usize,
    /// How many confirmations in 30 days count for one card's residual, assumed.
    pub confirmed: usize,
}

/// How one rate is tested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tuning {
    /// Three shifts a day that are looked for (SHIFTS: CUSUM for three shift sizes).
    pub shifts: [f64; 3],
    /// What is usual on a day at work before the card and its peers are known.
    pub usual: f64,
    /// The least and the most that is ever taken for usual.
    pub bounds: [f64; 2],
    /// A card's usual is never taken for more than this share of its role's cards has (POISON:
    /// a baseline that follows the user alone can be poisoned). Slow rates show slowly, so there
    /// it takes less, assumed.
    pub peers: f64,
}

/// The detectors, each of which can be switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Sudden more of what nothing, or little, explains.
    pub fast: bool,
    /// What nothing explained within 14 days.
    pub residual: bool,
    /// The sums of practices and servers.
    pub shared: bool,
    /// Two signals together freeze a practice or server.
    pub together: bool,
    /// Look-ups that find nobody.
    pub misses: bool,
    /// Many who open one file.
    pub crowd: bool,
    /// Files of close people.
    pub close: bool,
    /// New cards.
    pub probation: bool,
    /// Two places at once.
    pub place: bool,
    /// Canaries, and guards that did not act.
    pub canary: bool,
    /// Many relations made.
    pub relating: bool,
    /// Limits reached.
    pub limits: bool,
}

impl Parts {
    /// Everything on.
    pub const ALL: Parts = Parts::each(true);
    /// Everything off.
    pub const NONE: Parts = Parts::each(false);

    const fn each(on: bool) -> Parts {
        Parts {
            fast: on,
            residual: on,
            shared: on,
            together: on,
            misses: on,
            crowd: on,
            close: on,
            probation: on,
            place: on,
            canary: on,
            relating: on,
            limits: on,
        }
    }

    /// The names of the parts, as in the settings file.
    pub const NAMES: [&'static str; 12] = [
        "fast",
        "residual",
        "shared",
        "together",
        "misses",
        "crowd",
        "close",
        "probation",
        "place",
        "canary",
        "relating",
        "limits",
    ];

    /// The part of this name.
    pub fn named(&mut self, name: &str) -> Option<&mut bool> {
        Some(match name {
            "fast" => &mut self.fast,
            "residual" => &mut self.residual,
            "shared" => &mut self.shared,
            "together" => &mut self.together,
            "misses" => &mut self.misses,
            "crowd" => &mut self.crowd,
            "close" => &mut self.close,
            "probation" => &mut self.probation,
            "place" => &mut self.place,
            "canary" => &mut self.canary,
            "relating" => &mut self.relating,
            "limits" => &mut self.limits,
            _ => return None,
        })
    }
}

impl Default for Settings {
    fn default() -> Settings {
        let tuning = |shifts, usual, bounds, peers| Tuning { shifts, usual, bounds, peers };
        Settings {
            parts: Parts::ALL,
            unexplained: tuning([1.0, 3.0, 8.0], 0.5, [0.1, 2.5], 0.95),
            weak: tuning([2.0, 6.0, 20.0], 3.0, [0.5, 30.0], 0.95),
            residual: tuning([0.2, 0.8, 3.0], 0.05, [0.02, 0.4], 0.8),
            weak_residual: tuning([0.5, 2.0, 6.0], 0.45, [0.1, 6.0], 0.95),
            misses: tuning([2.0, 6.0, 20.0], 0.3, [0.1, 2.0], 0.95),
            relating: tuning([10.0, 30.0, 90.0], 8.0, [2.0, 80.0], 0.95),
            practice: tuning([4.0, 12.0, 40.0], 0.3, [0.05, 2.5], 0.95),
            lone: tuning([2.0, 6.0, 20.0], 0.3, [0.3, 40.0], 0.95),
            lone_sum: 25.0,
            server: tuning([10.0, 30.0, 100.0], 0.3, [0.05, 2.5], 0.95),
            first: 3_000.0,
            second: 30_000.0,
            later: 3_000.0,
            alone: 1.5,
            alone_weak: 4.0,
            shared: 1e9,
            memory_days: 40.0,
            restricted: Duration::from_days(7),
            residual_after: Duration::from_days(14),
            crowd: 5,
            crowd_weak: 15,
            crowd_refused: 10,
            close: [1.0, 2.0, 3.0],
            probation: Duration::from_days(14),
            probation_percent: 20,
            cards_a_day: 20,
            cards_alone: 3,
            place: Duration::from_seconds(600),
            device_changes: 3,
            soft_days: [5, 15],
            strangers: [2, 4],
            stopped: 5,
            suspected: Duration::from_days(14),
            suspicion: 0.3,
            told_again: Duration::from_days(3),
            relaxed: 2,
            confirmed: 3,
        }
    }
}

/// Roles whose cards people hold and work with.
pub(crate) fn is_staff(role: Role) -> bool {
    matches!(
        role,
        Role::Doctor | Role::Nurse | Role::Receptionist | Role::Pharmacist | Role::System
    )
}
