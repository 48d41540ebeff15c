//! Downtime: nothing goes through, then everything that waited comes at once.

use crate::calendar::Sheet;
use crate::dice::Dice;
use crate::happening::{HonestWhy, StaffId, UnitId, What};
use crate::region::Region;

/// How much faster than usual the backlog is worked off.
const CATCH_UP: u64 = 6;

/// What waited during today's outages, if there are any, comes after them.
pub(crate) fn day(region: &Region, sheet: &mut Sheet, day: u32) {
    let hospitals = region.hospitals();
    // The places that fail on their own: each hospital, and what is outside of hospitals.
    for place in 0..=hospitals {
        let mut dice = Dice::of(region.seed, [u64::from(place), u64::from(day), 21]);
        if !dice.chance(1.0 / region.p.downtime_days) {
            continue;
        }
        let from = sheet.midnight + 7 * 3600 + dice.below(8 * 3600) as u64;
        let lasts = dice.wait(region.p.downtime_hours).clamp(0.2, 6.0) * 3600.0;
        let until = from + lasts as u64;
        let hospital = (place < hospitals).then_some(place);
        delay(region, sheet, hospital, from, until);
    }
}

fn delay(region: &Region, sheet: &mut Sheet, hospital: Option<u8>, from: u64, until: u64) {
    // What comes in during the catch-up waits too, until the backlog is gone: nothing overtakes.
    let gone = until + (until - from) / (CATCH_UP - 1);
    for happening in &mut sheet.out {
        let of = unit(region, happening.what).map(|unit| region.unit(unit).hospital);
        if of == Some(hospital) && (from..gone).contains(&happening.at) {
            happening.at = until + (happening.at - from) / CATCH_UP;
            if matches!(happening.what, What::Open { .. }) {
                sheet.tally.count(HonestWhy::CatchUp);
            }
        }
    }
}

/// The unit whose system is needed for it.
fn unit(region: &Region, what: What) -> Option<UnitId> {
    let of = |staff: StaffId| Some(region.staff[staff.0 as usize].unit);
    match what {
        What::SignIn { staff, .. }
        | What::Open { staff, .. }
        | What::Find { staff, .. }
        | What::Confirm { by: staff, .. } => of(staff),
        What::Deposit { unit, .. } | What::Presence { unit, .. } => Some(unit),
        What::Referral { to, .. } => Some(to),
        What::Admission { desk, .. } => Some(desk),
        What::CardIssued { .. }
        | What::CardEnded { .. }
        | What::Listed { .. }
        | What::Booking { .. }
        | What::Moved { .. }
        | What::Died { .. } => None,
    }
}
