//! Which card has which number.

use crate::scene::Scene;

/// Staff first, then for each place its officer, its machine and its importer, then two officers
/// of the region; what is issued later follows.
#[derive(Clone, Debug)]
pub(crate) struct Cards {
    staff: u32,
    places: u32,
    /// The machine of each place, which may have been issued anew.
    pub(crate) machines: Vec<u32>,
}

impl Cards {
    pub(crate) fn of(scene: &Scene) -> Cards {
        let (staff, places) = (scene.staff.len() as u32, scene.places.len() as u32);
        let machines = (staff + places..staff + 2 * places).collect();
        Cards { staff, places, machines }
    }

    /// The officer of a place.
    pub(crate) fn officer(&self, place: u32) -> u32 {
        self.staff + place
    }

    /// The card by which a place's own system signs in.
    pub(crate) fn machine(&self, place: u32) -> u32 {
        self.machines[place as usize]
    }

    pub(crate) fn importer(&self, place: u32) -> u32 {
        self.staff + 2 * self.places + place
    }

    /// The two officers of the region.
    pub(crate) fn officers(&self) -> [u32; 2] {
        [self.staff + 3 * self.places, self.staff + 3 * self.places + 1]
    }

    /// The first number for a card that is issued later.
    pub(crate) fn first_free(&self) -> u32 {
        self.staff + 3 * self.places + 2
    }
}
