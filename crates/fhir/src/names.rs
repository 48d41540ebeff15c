//! Names of elements as small numbers, so that keys take no memory of their own.

use std::fmt;
use std::sync::LazyLock;

/// The number of a name that R4 defines.
pub(crate) type NameId = u16;

/// The name of an object's member.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// A name that R4 defines; always this variant for such a name.
    Known(NameId),
    /// Any other.
    Other(Box<str>),
}

impl Key {
    pub(crate) fn new(name: &str) -> Key {
        match id_of(name) {
            Some(id) => Key::Known(id),
            None => Key::Other(name.into()),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Key::Known(id) => name_of(*id),
            Key::Other(name) => name,
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Known(id) => f.write_str(name_of(*id)),
            Key::Other(_) => f.write_str("?"),
        }
    }
}

/// The number of a name, if R4 defines it.
pub(crate) fn id_of(name: &str) -> Option<NameId> {
    NAMES.find(name)
}

/// The name with this number; numbers come from [`id_of`] alone.
pub(crate) fn name_of(id: NameId) -> &'static str {
    NAMES.names.get(usize::from(id)).copied().unwrap_or_default()
}

/// `value[x]` and `Quantity` make `valueQuantity`.
pub(crate) fn choice_name(stem: &str, fhir_type: &str) -> String {
    let mut name = stem.to_string();
    let mut chars = fhir_type.chars();
    name.extend(chars.next().map(|c| c.to_ascii_uppercase()));
    name.push_str(chars.as_str());
    name
}

static NAMES: LazyLock<Names> = LazyLock::new(|| Names::read(crate::definitions::ELEMENTS));

/// Power of two, at least twice the number of names.
const SLOTS: usize = 1 << 14;
const FREE: u16 = u16::MAX;

struct Names {
    names: Vec<&'static str>,
    slots: Vec<u16>,
}

impl Names {
    fn read(elements: &'static str) -> Names {
        let mut names = Names { names: Vec::new(), slots: vec![FREE; SLOTS] };
        names.add("resourceType");
        for line in elements.lines().filter(|line| line.starts_with(' ')) {
            let mut words = line.split_ascii_whitespace();
            let name = words.next().unwrap_or_default();
            let types = words.nth(2).unwrap_or_default();
            for fhir_type in types.split(',') {
                let is_primitive = fhir_type.starts_with(|c: char| c.is_ascii_lowercase());
                match name.strip_suffix("[x]") {
                    Some(stem) => names.add_both(&choice_name(stem, fhir_type), is_primitive),
                    None => names.add_both(name, is_primitive),
                }
            }
        }
        names
    }

    fn add_both(&mut self, name: &str, is_primitive: bool) {
        self.add(name);
        if is_primitive {
            self.add(&format!("_{name}"));
        }
    }

    fn add(&mut self, name: &str) {
        let slot = self.slot(name);
        if self.slots[slot] == FREE && self.names.len() < SLOTS / 2 {
            self.slots[slot] = self.names.len() as u16;
            // Leaking is bounded: the table is fixed and read once.
            self.names.push(name.to_string().leak());
        }
    }

    fn find(&self, name: &str) -> Option<NameId> {
        let id = self.slots[self.slot(name)];
        (id != FREE).then_some(id)
    }

    /// The slot that holds the name, or the free one where it would stand.
    fn slot(&self, name: &str) -> usize {
        let mut slot = hash(name.as_bytes()) & (SLOTS - 1);
        loop {
            let id = self.slots[slot];
            if id == FREE || self.names[usize::from(id)] == name {
                return slot;
            }
            slot = (slot + 1) & (SLOTS - 1);
        }
    }
}

fn hash(bytes: &[u8]) -> usize {
    let mut hash = bytes.len() as u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
    (hash >> 40) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbered_once() {
        for name in ["resourceType", "valueQuantity", "_birthDate", "subject", "deceasedDateTime"] {
            let id = id_of(name).unwrap();
            assert_eq!(name_of(id), name);
        }
        assert_eq!(id_of("nonsense"), None);
        assert_eq!(id_of("value[x]"), None);
        assert!(NAMES.names.len() < SLOTS / 2);
        assert_eq!(size_of::<Key>(), 16);
    }
}
