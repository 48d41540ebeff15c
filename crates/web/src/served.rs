//! What is served of each resource type, in one table.
//!
//! Requests for anything else are refused by it, and the CapabilityStatement and the OpenAPI
//! document are made from it: so what they promise is what there is.

use crate::handlers::find;
use crate::problem::{Family, Problem};
use crate::routes::{Act, ROUTES, Route};
use fhir::definitions::{ParameterKind, SearchParameter, resource_types};
use fhir::search::served_parameters;
use fhir::{Placement, placement};
use hyper::header::{ALLOW, HeaderValue};

/// What may be done with resources of this type.
pub(crate) fn acts(kind: &str) -> &'static [Act] {
    use Act::*;
    match (kind, placement(kind)) {
        ("AuditEvent", _) => &[Read, Search],
        ("Binary", _) => &[Read, Vread, History, Search, CompartmentSearch, Create, Delete],
        (_, Placement::Patient) => &[
            Read,
            Vread,
            History,
            Search,
            CompartmentSearch,
            Create,
            Update,
            ConditionalUpdate,
            Patch,
        ],
        (_, Placement::File(_)) => &[
            Read,
            Vread,
            History,
            Search,
            CompartmentSearch,
            Create,
            Update,
            ConditionalUpdate,
            Patch,
            Delete,
        ],
        (_, Placement::Directory) => &[Read, Vread, History, Search, Create],
        (_, Placement::Refused) => &[],
    }
}

/// Refuses what is not served of this type.
pub(crate) fn check(kind: &str, route: &Route) -> Result<(), Problem> {
    if is_served(kind, route.act) {
        return Ok(());
    }
    if acts(kind).is_empty() || route.act == Act::CompartmentSearch {
        return Err(Problem::new(Family::NotThere, "resources of this type are not kept here"));
    }
    Err(Problem::new(Family::Method, reason(kind)))
}

/// Says, where a method was refused, which others the address takes for this type.
pub(crate) fn with_allowed(problem: Problem, kind: &str, route: &Route) -> Problem {
    if problem.family() != Family::Method {
        return problem;
    }
    let others = ROUTES.iter().filter(|r| r.template == route.template && r.act != route.act);
    let others = others.filter(|r| kind.is_empty() || is_served(kind, r.act));
    let methods: Vec<_> = others.map(|route| route.method.as_str()).collect();
    // Names of methods are always a header's value.
    match HeaderValue::from_str(&methods.join(", ")) {
        Ok(allowed) => problem.with_header(ALLOW, allowed),
        Err(_) => problem,
    }
}

/// Whether the route answers for this type. A type that is not kept can still be validated.
pub(crate) fn is_served(kind: &str, act: Act) -> bool {
    act == Act::Validate || acts(kind).contains(&act)
}

/// The types that the route answers for.
pub(crate) fn types(act: Act) -> impl Iterator<Item = &'static str> {
    resource_types().iter().copied().filter(move |kind| is_served(kind, act))
}

/// The search parameters that a search of this type takes.
pub(crate) fn parameters(kind: &str) -> impl Iterator<Item = &'static SearchParameter> {
    let is_taken: fn(&str) -> bool = match kind {
        "Patient" => find::takes,
        "AuditEvent" => |name| matches!(name, "patient" | "date"),
        _ => |_| true,
    };
    served_parameters(kind).filter(move |parameter| is_taken(parameter.name))
}

/// What `_include` takes.
pub(crate) fn includes(kind: &str) -> Vec<String> {
    if placement(kind) == Placement::Refused {
        return Vec::new();
    }
    references(kind).map(|parameter| format!("{kind}:{}", parameter.name)).collect()
}

/// What `_revinclude` takes, as far as it can find something: the references to this type from
/// types that are kept in the same place.
pub(crate) fn reverse_includes(kind: &str) -> Vec<String> {
    if placement(kind) == Placement::Refused {
        return Vec::new();
    }
    let is_entry = |name: &str| placement(name) == Placement::Directory;
    let is_kept = |name: &&str| placement(name) != Placement::Refused;
    let sources = types(Act::Read).filter(is_kept);
    let sources = sources.filter(|source| is_entry(source) == is_entry(kind));
    let referring = |source: &'static str| {
        let to_kind = |p: &&SearchParameter| p.targets.iter().any(|t| *t == kind || *t == "*");
        references(source).filter(to_kind).map(move |p| format!("{source}:{}", p.name))
    };
    sources.flat_map(referring).collect()
}

fn references(kind: &str) -> impl Iterator<Item = &'static SearchParameter> {
    served_parameters(kind).filter(|parameter| parameter.kind == ParameterKind::Reference)
}

fn reason(kind: &str) -> &'static str {
    match (kind, placement(kind)) {
        ("AuditEvent", _) => {
            "AuditEvents come from the ledger alone: search by `patient`, read by id; nobody writes"
        }
        ("Binary", _) => "the content of a Binary does not change: create another one",
        (_, Placement::Patient) => {
            "a Patient is not deleted: two officers order that the whole file be erased"
        }
        _ => "entries of the directory are created, and not changed here",
    }
}
