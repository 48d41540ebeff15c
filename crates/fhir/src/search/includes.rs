use super::parameter::{self, Parameter};
use super::reference::text_of;
use super::value::split;
use crate::Json;
use crate::definitions::{self, ParameterKind};
use crate::path::Unresolved;
use crate::references::{Target, target};
use std::collections::HashSet;
use std::ops::ControlFlow;

/// One `_include` or `_revinclude`.
pub struct Include {
    /// The type that holds the reference.
    pub source: &'static str,
    /// The reference parameter; `None` for `*`.
    pub parameter: Option<&'static str>,
    /// The type referred to, if it was narrowed.
    pub target: Option<&'static str>,
    parameters: Vec<&'static Parameter>,
}

impl Include {
    /// The references to follow from this resource, as written (`Type/id`, …), each once.
    ///
    /// For `_include` call it on a match and fetch what it names; for `_revinclude` call it on
    /// every resource of type [`Include::source`] and keep those that name a match.
    pub fn references<'a>(&self, resource: &'a Json) -> Vec<&'a str> {
        let mut found = Vec::new();
        if resource.resource_type() != self.source {
            return found;
        }
        let mut seen = HashSet::new();
        for parameter in &self.parameters {
            let visit = &mut |node| {
                let reference = text_of(node).filter(|text| self.is_wanted(text));
                found.extend(reference.filter(|text| seen.insert(*text)));
                ControlFlow::Continue(())
            };
            let _ = parameter.expression.visit(resource, Unresolved::IsNothing, visit);
        }
        found
    }

    fn is_wanted(&self, reference: &str) -> bool {
        match target(reference) {
            Target::Relative { resource_type, .. } | Target::Absolute { resource_type, .. } => {
                self.target.is_none_or(|asked| asked == resource_type)
            }
            Target::Other(_) => self.target.is_none(),
            _ => false,
        }
    }

    /// Reads `Type:parameter[:Type]`, `Type:*` or, where a source is given, `*`.
    pub(super) fn parse(value: &str, source: Option<&'static str>) -> Option<Include> {
        if value == "*" {
            return Some(Include::all(source?));
        }
        let mut parts = split(value, ':').into_iter();
        let named = definitions::resource_type(parts.next()?)?.name;
        if source.is_some_and(|source| source != named) {
            return None;
        }
        let name = parts.next()?;
        let target = match parts.next() {
            Some(target) => Some(definitions::resource_type(target)?.name),
            None => None,
        };
        if parts.next().is_some() {
            return None;
        }
        if name == "*" {
            return Some(Include { target, ..Include::all(named) });
        }
        let parameter = parameter::find(named, name).filter(|parameter| is_reference(parameter))?;
        let targets = &parameter.definition.targets;
        if target.is_some_and(|asked| !targets.iter().any(|t| *t == asked || *t == "*")) {
            return None;
        }
        let name = Some(parameter.definition.name);
        Some(Include { source: named, parameter: name, target, parameters: vec![parameter] })
    }

    fn all(source: &'static str) -> Include {
        let all = parameter::of_type(source).iter().filter(|parameter| is_reference(parameter));
        Include { source, parameter: None, target: None, parameters: all.collect() }
    }
}

fn is_reference(parameter: &Parameter) -> bool {
    parameter.definition.kind == ParameterKind::Reference
}
