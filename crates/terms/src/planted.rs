//! Bugs planted in the code, so that tests can show that they would be noticed; and a clock, so
//! that simulated days pass quickly.
//!
//! Without the feature `planted`, which only tests of ours ask for (`cargo xtask boundaries`),
//! [`planted!`](crate::planted) is nothing at all.

/// Does this where the bug of this name is planted.
#[cfg(feature = "planted")]
#[macro_export]
macro_rules! planted {
    ($bug:literal, $act:expr) => {
        if $crate::planted::is($bug) {
            $act;
        }
    };
}

/// Nothing: there are no planted bugs in what is built for use.
#[cfg(not(feature = "planted"))]
#[macro_export]
macro_rules! planted {
    ($bug:literal, $act:expr) => {};
}

#[cfg(feature = "planted")]
mod selected {
    use crate::Time;
    use std::cell::Cell;

    thread_local! {
        static CLOCK: Cell<Option<Time>> = const { Cell::new(None) };
        static BUG: Cell<Option<&'static str>> = const { Cell::new(None) };
    }

    /// Plants this bug, or none, in what this thread does from here on.
    pub fn plant(bug: Option<&'static str>) {
        BUG.set(bug);
    }

    /// Whether this bug is planted; with a clock, `a clock` and `says nothing` are.
    pub fn is(bug: &str) -> bool {
        BUG.get() == Some(bug)
            || CLOCK.get().is_some() && ["a clock", "says nothing"].contains(&bug)
    }

    /// Sets this thread's clock, or gives it the system's again.
    pub fn set_clock(time: Option<Time>) {
        CLOCK.set(time);
    }

    /// The time on this thread's planted clock.
    pub fn clock() -> Time {
        CLOCK.get().unwrap_or_default()
    }
}

#[cfg(feature = "planted")]
pub use selected::{clock, is, plant, set_clock};
