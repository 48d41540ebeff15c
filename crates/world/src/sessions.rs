//! Whoever acts has signed in within the last twelve hours.

use crate::happening::{Happening, Place, StaffId, What};
use crate::staff::Staff;

/// Seconds after which somebody signs in again: assumed, the length of a long duty.
const SESSION: u64 = 12 * 3600;

pub(crate) struct Sessions {
    /// When each of the staff signed in last, plus one; 0 for never.
    last: Vec<u64>,
}

impl Sessions {
    pub(crate) fn new(staff: usize) -> Sessions {
        Sessions { last: vec![0; staff] }
    }

    /// Adds, at their unit's workstations, the sign-ins that a day's happenings, in order, lack;
    /// says whether there were any.
    pub(crate) fn complete(&mut self, staff: &[Staff], out: &mut Vec<Happening>) -> bool {
        let length = out.len();
        for number in 0..length {
            let Happening { at, what } = out[number];
            match what {
                What::SignIn { staff, .. } => self.last[staff.0 as usize] = at + 1,
                What::Open { staff: who, .. }
                | What::Find { staff: who, .. }
                | What::Deposit { staff: Some(who), .. } => {
                    let place = Place::Workstation { unit: staff[who.0 as usize].unit, number: 0 };
                    self.act(who, at, place, out);
                }
                _ => {}
            }
        }
        out.len() > length
    }

    fn act(&mut self, staff: StaffId, at: u64, place: Place, out: &mut Vec<Happening>) {
        let last = &mut self.last[staff.0 as usize];
        if *last == 0 || *last + SESSION <= at {
            *last = at + 1;
            out.push(Happening { at, what: What::SignIn { staff, place } });
        }
    }
}
