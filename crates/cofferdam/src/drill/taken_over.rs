use super::scene::Context;
use crate::failure::{Failure, Outcome};
use ::drill::incident::Drill;
use ::drill::played::Played;
pub(super) fn play(_drill: &'static Drill, _context: &Context) -> Outcome<Played> {
    Err(Failure::World("later".into()))
}
