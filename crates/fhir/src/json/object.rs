use super::Json;
use crate::names::{self, Key, NameId};

/// Members of an object in the order they were written; no name occurs twice.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Object {
    members: Vec<(Key, Json)>,
}

impl Object {
    /// No members.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a member, for building.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.insert(name, value.into());
        self
    }

    /// The member of this name.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.position(name).map(|at| &self.members[at].1)
    }

    /// The member of this name, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        self.position(name).map(|at| &mut self.members[at].1)
    }

    /// Replaces the member of this name where it stands, or appends it.
    pub fn insert(&mut self, name: &str, value: Json) -> Option<Json> {
        match self.position(name) {
            Some(at) => Some(std::mem::replace(&mut self.members[at].1, value)),
            None => {
                self.members.push((Key::new(name), value));
                None
            }
        }
    }

    /// Replaces the member of this name, or inserts it before the member at this position.
    pub fn insert_at(&mut self, at: usize, name: &str, value: Json) {
        if self.get(name).is_some() {
            self.insert(name, value);
        } else {
            let at = at.min(self.members.len());
            self.members.insert(at, (Key::new(name), value));
        }
    }

    /// Takes the member of this name out; the others keep their order.
    pub fn remove(&mut self, name: &str) -> Option<Json> {
        self.position(name).map(|at| self.members.remove(at).1)
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.members.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Names and values in order, the values to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Json)> {
        self.members.iter_mut().map(|(key, value)| (key.as_str(), value))
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The caller answers for the names being distinct.
    pub(crate) fn from_members(members: Vec<(Key, Json)>) -> Object {
        Object { members }
    }

    pub(crate) fn into_members(self) -> Vec<(Key, Json)> {
        self.members
    }

    pub(crate) fn members_mut(&mut self) -> &mut [(Key, Json)] {
        &mut self.members
    }

    pub(crate) fn members(&self) -> &[(Key, Json)] {
        &self.members
    }

    pub(crate) fn get_known(&self, id: NameId) -> Option<&Json> {
        self.members.iter().find(|(key, _)| *key == Key::Known(id)).map(|(_, value)| value)
    }

    fn position(&self, name: &str) -> Option<usize> {
        match names::id_of(name) {
            Some(id) => self.members.iter().position(|(key, _)| *key == Key::Known(id)),
            None => self
                .members
                .iter()
                .position(|(key, _)| matches!(key, Key::Other(other) if &**other == name)),
        }
    }
}
