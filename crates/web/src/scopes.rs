//! SMART scopes, version 2: what a session asked to be good for, and is held to.
//!
//! Trust: a scope narrows what this server does for whoever holds the session's token and device
//! key. The keyholder knows nothing of it, so it does not bind a server that was taken over: what
//! the session's role, relations and budgets allow, they allow there. What binds that one too are
//! the claims that the keyholder reads in the proof: the sections, and the session's openings.

use crate::app::Ask;
use crate::problem::{Family, Problem};
use crate::query::Query;
use crate::routes::Act;
use fhir::{Json, SearchQuery};
use hyper::header::{HeaderValue, WWW_AUTHENTICATE};
use std::collections::BTreeMap;
use terms::Role;

/// What may be done to which types.
#[derive(Default)]
pub(crate) struct Scope {
    every: Acts,
    types: BTreeMap<&'static str, Acts>,
}

/// Some of `cruds`, one bit each.
type Acts = u8;

const LETTERS: &str = "cruds";
const CREATE: Acts = 1;
const READ: Acts = 2;
const UPDATE: Acts = 4;
const DELETE: Acts = 8;
const SEARCH: Acts = 16;
const ALL: Acts = 31;

impl Scope {
    /// Everything that its role may do.
    pub(crate) fn whole() -> Scope {
        Scope { every: ALL, types: BTreeMap::new() }
    }

    /// The scope that these words ask for, or nothing where one of them is not granted as it
    /// stands: then less would be granted than was asked, and the client had to guess what.
    pub(crate) fn asked(role: Role, words: &str) -> Option<Scope> {
        let mut scope = Scope::default();
        for word in words.split_ascii_whitespace() {
            let (context, rest) = word.split_once('/')?;
            if context != "system" && context != own_context(role) {
                return None;
            }
            let (kind, letters) = rest.split_once('.')?;
            let acts = acts(letters)?;
            if kind == "*" {
                scope.every |= acts;
            } else {
                let known = fhir::definitions::resource_types();
                let kind = known.iter().find(|known| **known == kind)?;
                *scope.types.entry(kind).or_default() |= acts;
            }
        }
        (scope.every != 0 || !scope.types.is_empty()).then_some(scope)
    }

    /// Whether nothing was left out.
    pub(crate) fn is_whole(&self) -> bool {
        self.every == ALL
    }

    /// Refuses a request that this scope does not cover. The entries of a Bundle and what a search
    /// brings along are looked at where they are read.
    pub(crate) fn check(&self, ask: &Ask) -> Result<(), Problem> {
        let kind = ask.captures.resource_type();
        let conditional = ask.headers.contains_key("if-none-exist");
        let (kind, acts) = match ask.route.act {
            Act::Metadata | Act::OpenApi | Act::SmartConfiguration | Act::Disclosure(_) => {
                return Ok(());
            }
            Act::Token | Act::SignOut | Act::Orders | Act::Validate | Act::Bundle => return Ok(()),
            Act::WhoOpened | Act::Proofs => ("AuditEvent", SEARCH),
            Act::FindPatient => ("Patient", SEARCH),
            Act::Search | Act::CompartmentSearch => (kind, SEARCH),
            Act::Everything => (EVERY, READ | SEARCH),
            Act::Create if conditional => (kind, CREATE | READ | SEARCH),
            Act::Create => (kind, CREATE),
            Act::BinaryCreate => ("Binary", CREATE),
            Act::BinaryRead | Act::BinaryVread => ("Binary", READ),
            Act::ConditionalUpdate => (kind, CREATE | UPDATE | SEARCH),
            Act::Update => (kind, UPDATE),
            // The answer is the whole resource, of which the patch need not have known a word.
            Act::Patch => (kind, READ | UPDATE),
            Act::Delete => (kind, DELETE),
            Act::Read | Act::Vread | Act::History => (kind, READ),
        };
        self.covers(kind, acts)
    }

    /// Refuses a search that brings resources of other types along.
    pub(crate) fn check_includes(&self, query: &SearchQuery) -> Result<(), Problem> {
        if query.includes().is_empty() && query.revincludes().is_empty() {
            return Ok(());
        }
        self.covers(EVERY, READ | SEARCH)
    }

    /// Refuses an entry of a Bundle that this scope would not cover as a request of its own.
    pub(crate) fn check_entry(&self, entry: &Json) -> Result<(), Problem> {
        let request = entry.get("request");
        let said = |name| request.and_then(|r| r.text(name)).unwrap_or_default();
        let url = said("url");
        let url = url.strip_prefix('/').unwrap_or(url);
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let (kind, below) = path.split_once('/').unwrap_or((path, ""));
        let conditional = request.is_some_and(|r| r.get("ifNoneExist").is_some());
        let acts = match said("method") {
            "POST" if conditional => CREATE | READ | SEARCH,
            "POST" => CREATE,
            "PUT" if url.contains('?') => CREATE | UPDATE | SEARCH,
            "PUT" => UPDATE,
            "DELETE" => DELETE,
            "GET" if !below.is_empty() => READ,
            "GET" if brings_others(query) => return self.covers(EVERY, READ | SEARCH),
            "GET" => SEARCH,
            _ => ALL,
        };
        self.covers(kind, acts)
    }

    fn covers(&self, kind: &str, acts: Acts) -> Result<(), Problem> {
        let have = self.every | self.types.get(kind).copied().unwrap_or_default();
        if have & acts == acts { Ok(()) } else { Err(insufficient()) }
    }
}

/// Stands for every type, and is the name of none.
const EVERY: &str = "*";

/// What SMART calls what such a card signs in for, besides `system`, which every client of Backend
/// Services says.
pub(crate) const fn own_context(role: Role) -> &'static str {
    match role {
        Role::System | Role::Laboratory | Role::Importer => "system",
        Role::Patient => "patient",
        _ => "user",
    }
}

/// 403 as RFC 6750 has it.
pub(crate) fn insufficient() -> Problem {
    let challenge = HeaderValue::from_static("DPoP error=\"insufficient_scope\"");
    Problem::new(Family::Refused, "the session was signed in for less: ask for a wider `scope`")
        .with_header(WWW_AUTHENTICATE, challenge)
}

/// Letters of `cruds`, in that order, each once at most and one at least.
fn acts(letters: &str) -> Option<Acts> {
    let mut known = LETTERS.chars().enumerate();
    let mut acts = 0;
    for letter in letters.chars() {
        let (place, _) = known.find(|(_, known)| *known == letter)?;
        acts |= 1 << place;
    }
    (acts != 0).then_some(acts)
}

fn brings_others(query: &str) -> bool {
    // What cannot be read here is not known to bring nothing along.
    Query::parse(query).map_or(true, |query| {
        let mut names = query.iter().map(|(name, _)| name);
        names.any(|name| name.starts_with("_include") || name.starts_with("_revinclude"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(words: &str, kind: &str, acts: Acts) -> bool {
        Scope::asked(Role::Doctor, words).unwrap().covers(kind, acts).is_ok()
    }

    #[test]
    fn words_cover_what_they_say_and_nothing_else() {
        let words = "system/Observation.rs  user/Condition.cu system/*.r";
        assert!(covers(words, "Observation", READ | SEARCH));
        assert!(!covers(words, "Observation", CREATE));
        assert!(covers(words, "Condition", CREATE | READ | UPDATE));
        assert!(!covers(words, "Condition", SEARCH) && !covers(words, "Condition", DELETE));
        assert!(covers(words, "Patient", READ) && !covers(words, "Patient", SEARCH));
        assert!(covers(words, EVERY, READ) && !covers(words, EVERY, READ | SEARCH));
        assert!(!covers("system/Observation.cruds", EVERY, READ));
        assert!(Scope::asked(Role::Doctor, "user/*.cruds").unwrap().is_whole());
        assert!(!Scope::asked(Role::Doctor, "user/*.cru user/Patient.ds").unwrap().is_whole());
    }

    #[test]
    fn words_that_are_not_granted_as_they_stand_grant_nothing() {
        for words in [
            "",
            "openid",
            "system/*",
            "system/*.",
            "system/*.sr",
            "system/*.rr",
            "system/*.read",
            "system/Nonsense.rs",
            "system/observation.rs",
            "system/Observation.rs?category=laboratory",
            "patient/*.rs",
            "system/*.rs launch/patient",
        ] {
            assert!(Scope::asked(Role::Doctor, words).is_none(), "{words}");
        }
        assert!(Scope::asked(Role::Patient, "patient/*.rs").is_some());
        assert!(Scope::asked(Role::System, "user/*.rs").is_none());
    }
}
