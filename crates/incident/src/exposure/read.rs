//! Reads an exposure person by person, so that a million of them are never held at once.

use super::{Digest, Exposure, Person};
use crate::error::{IncidentError, Result};
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Gets persons one after the other.
pub type EachPerson<'a> = &'a mut dyn FnMut(Person) -> Result<()>;

/// Hands over the persons, and returns the rest if their digest is the one that it says.
pub(crate) fn read(path: &Path, each: EachPerson) -> Result<Exposure> {
    let file = File::open(path).map_err(IncidentError::disk(path))?;
    let mut reader = serde_json::Deserializer::from_reader(BufReader::new(file));
    let mut persons = Persons { each, digest: Digest::default(), failure: None };
    let rest = Document(&mut persons).deserialize(&mut reader);
    let rest = rest.and_then(|rest| reader.end().map(|()| rest));
    if let Some(failure) = persons.failure {
        return Err(failure);
    }
    let rest = rest.map_err(IncidentError::unread(path))?;
    if rest.digest != persons.digest.finish() {
        let text = format!("{}: its persons are not those of its digest", path.display());
        return Err(IncidentError::Tampered(text));
    }
    Ok(rest)
}

/// What becomes of each person.
struct Persons<'a> {
    each: EachPerson<'a>,
    digest: Digest,
    /// Why one was not taken.
    failure: Option<IncidentError>,
}

impl Persons<'_> {
    fn take<E: Error>(&mut self, person: Person) -> std::result::Result<(), E> {
        self.digest.add(&person);
        (self.each)(person).map_err(|failure| {
            self.failure = Some(failure);
            E::custom("a person was not taken")
        })
    }
}

/// The exposure's object: its persons are handed over, the rest is kept.
struct Document<'p, 'a>(&'p mut Persons<'a>);

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = Exposure;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<Exposure, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = Exposure;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an exposure")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Exposure, A::Error> {
        let mut rest = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let value = if key == "persons" && !rest.contains_key("persons") {
                map.next_value_seed(List(self.0))?;
                Value::Array(Vec::new())
            } else {
                map.next_value()?
            };
            if rest.insert(key, value).is_some() {
                return Err(A::Error::custom("a member is there twice"));
            }
        }
        Exposure::deserialize(Value::Object(rest)).map_err(A::Error::custom)
    }
}

/// The array of persons.
struct List<'p, 'a>(&'p mut Persons<'a>);

impl<'de> DeserializeSeed<'de> for List<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> std::result::Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of persons")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<(), A::Error> {
        while let Some(person) = seq.next_element()? {
            self.0.take(person)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposure::digest;
    use crate::{FileName, Fold, Scope};
    use terms::{FileId, Time};

    fn exposure() -> Exposure {
        let time = Time::from_millis(1_795_694_400_000);
        let person = |n| Person::new(FileName::File(FileId::from_bytes([n; 16])), time);
        let persons: Vec<Person> = (1..=3).map(person).collect();
        let empty = Fold::new(Scope::default()).finish(1, time, Default::default());
        Exposure { digest: digest(&persons), persons, ..empty }
    }

    fn read_back(text: &str) -> Result<Exposure> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.json");
        std::fs::write(&path, text).unwrap();
        let mut persons = Vec::new();
        let rest = read(&path, &mut |person| {
            persons.push(person);
            Ok(())
        })?;
        assert!(rest.persons.is_empty());
        Ok(Exposure { persons, ..rest })
    }

    #[test]
    fn an_exposure_is_read_as_it_was_written_and_in_any_order() {
        let text = serde_json::to_string(&exposure()).unwrap();
        assert_eq!(read_back(&text).unwrap(), exposure());
        let mut members: Map<String, Value> = serde_json::from_str(&text).unwrap();
        let persons = members.shift_remove("persons").unwrap();
        members.insert("persons".into(), persons);
        assert_eq!(read_back(&Value::Object(members).to_string()).unwrap(), exposure());
    }

    #[test]
    fn what_was_changed_left_out_or_put_in_is_noticed() {
        let text = serde_json::to_string(&exposure()).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        let with = |change: &dyn Fn(&mut Value)| {
            let mut value = value.clone();
            change(&mut value);
            value.to_string()
        };
        let twice = text.replacen('{', r#"{"persons":[],"#, 1);
        for broken in [
            with(&|value| value["persons"][1]["segments"] = 7.into()),
            with(&|value| drop(value["persons"].as_array_mut().unwrap().pop())),
            with(&|value| value["persons"] = Value::Null),
            with(&|value| drop(value.as_object_mut().unwrap().shift_remove("persons"))),
            with(&|value| value["more"] = 1.into()),
            format!("{text}{text}"),
            text[..text.len() - 1].to_owned(),
            twice,
        ] {
            let refused = read_back(&broken);
            assert!(matches!(refused, Err(IncidentError::Tampered(_))), "{broken}");
        }
    }

    #[test]
    fn a_person_that_is_not_taken_ends_it_with_the_same_failure() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.json");
        std::fs::write(&path, serde_json::to_vec(&exposure()).unwrap()).unwrap();
        let mut count = 0;
        let ended = read(&path, &mut |_| {
            count += 1;
            Err(IncidentError::Asked("enough".into()))
        });
        assert!(matches!(ended, Err(IncidentError::Asked(text)) if text == "enough"));
        assert_eq!(count, 1);
    }
}
