use super::matcher::{Criterion, Test, ValueTest};
use super::parameter::Parameter;
use super::{SearchQuery, reference, token};
use crate::Json;
use crate::definitions::ParameterKind;
use crate::path::Unresolved;
use std::collections::HashMap;
use std::ops::ControlFlow;

/// Below this many resources, looking at each is quicker than making an index.
const RESOURCES_MIN: usize = 64;

/// Finds candidates for token and reference parameters without looking at every resource.
#[derive(Default)]
pub struct Index {
    /// By resource type and parameter: where each code or id stands.
    maps: HashMap<(&'static str, &'static str), Positions>,
}

type Positions = HashMap<String, Vec<u32>>;

impl Index {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }

    /// The positions of the resources that match, ascending.
    ///
    /// `resources` are all resources of the query's type in the file; they must be the same in
    /// the same order at every call until [`Index::forget`].
    pub fn search<R: AsRef<Json>>(&mut self, query: &SearchQuery, resources: &[R]) -> Vec<u32> {
        let matches = |at: &u32| {
            resources.get(*at as usize).is_some_and(|resource| query.matches(resource.as_ref()))
        };
        match self.candidates(query, resources) {
            Some(candidates) => candidates.into_iter().filter(matches).collect(),
            None => (0..resources.len() as u32).filter(matches).collect(),
        }
    }

    /// Forgets what it knew of one type, because its resources changed.
    pub fn forget(&mut self, resource_type: &str) {
        self.maps.retain(|(name, _), _| *name != resource_type);
    }

    /// The shortest list that has every match, if an index can tell.
    fn candidates<R: AsRef<Json>>(
        &mut self,
        query: &SearchQuery,
        resources: &[R],
    ) -> Option<Vec<u32>> {
        if resources.len() < RESOURCES_MIN {
            return None;
        }
        // All resources of a file refer to the same patient, so references come second.
        let by_kind = |kind| {
            let of_kind = move |c: &&Criterion| c.parameter.definition.kind == kind;
            query.criteria.iter().filter(of_kind).filter_map(|c| Some((c, keys(c)?)))
        };
        let mut chosen: Vec<_> = by_kind(ParameterKind::Token).collect();
        if chosen.is_empty() {
            chosen = by_kind(ParameterKind::Reference).collect();
        }
        let mut best: Option<Vec<u32>> = None;
        for (criterion, keys) in chosen {
            let place = (query.resource_type, criterion.parameter.definition.name);
            let map =
                self.maps.entry(place).or_insert_with(|| build(criterion.parameter, resources));
            let mut found: Vec<u32> =
                keys.iter().filter_map(|key| map.get(key)).flatten().copied().collect();
            found.sort_unstable();
            found.dedup();
            if best.as_ref().is_none_or(|best| found.len() < best.len()) {
                best = Some(found);
            }
        }
        best
    }
}

/// The keys of which every match has one; `None` where that is not known.
fn keys(criterion: &Criterion) -> Option<Vec<String>> {
    let Test::Any(tests) = &criterion.test else { return None };
    let key = |test: &ValueTest| match test {
        ValueTest::Token(test) => test.index_key(),
        ValueTest::Reference(test) => test.index_key(),
        _ => None,
    };
    tests.iter().map(key).collect()
}

fn build<R: AsRef<Json>>(parameter: &Parameter, resources: &[R]) -> Positions {
    let mut positions = Positions::new();
    for (at, resource) in resources.iter().enumerate() {
        let mut add = |key: &str| {
            let at = at as u32;
            match positions.get_mut(key) {
                Some(list) if list.last() == Some(&at) => {}
                Some(list) => list.push(at),
                None => drop(positions.insert(key.to_string(), vec![at])),
            }
        };
        let visit = &mut |node| {
            match parameter.definition.kind {
                ParameterKind::Reference => {
                    reference::index_key(node).into_iter().for_each(&mut add)
                }
                _ => drop(token::tokens(node, &mut |_, code| {
                    match code.bytes().any(|byte| byte.is_ascii_uppercase()) {
                        true => add(&code.to_ascii_lowercase()),
                        false => add(code),
                    }
                    false
                })),
            }
            ControlFlow::Continue(())
        };
        let _ = parameter.expression.visit(resource.as_ref(), Unresolved::IsNothing, visit);
    }
    positions
}
