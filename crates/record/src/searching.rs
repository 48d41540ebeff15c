//! Search and `$everything` in one open file, and what they bring along from the directory.

use fhir::bundle::{BundleKind, SearchMode};
use fhir::references::{Target, target};
use fhir::search::{Include, Total};
use fhir::subset::Subset;
use fhir::{Json, SearchQuery};
use std::collections::HashSet;

use crate::answer::{Answer, Found, Page};
use crate::errors::WriteError;
use crate::ids::{FILE_CHARS, NUMBER_CHARS, ResourceId, parse_digits};
use crate::open_file::{Everything, OpenFile, State};
use crate::version::Version;

type Seen = HashSet<(&'static str, ResourceId)>;

/// What matches in `file`, with what it includes from there and from `others`.
pub(crate) fn search(
    file: &OpenFile,
    query: &SearchQuery,
    page: Page,
    others: Option<&OpenFile>,
) -> Answer {
    let state = file.state();
    let (segments, offset) = page.begin(state.seen());
    let matches = sorted(query, matches(&state, query, segments));
    let here = if query.subset() == &Subset::Count { &[] } else { page.cut(&matches, offset) };
    let mut seen: Seen = here.iter().map(|version| key(version)).collect();
    let mut included = Vec::new();
    for include in query.includes() {
        follow(include, here, &state, others, &mut seen, &mut included);
    }
    for include in query.revincludes() {
        refer_back(include, here, &state, &mut seen, &mut included);
    }
    let entry = |mode| move |version: &Version| found(version, mode, query.subset());
    let mut entries: Vec<Found> = here.iter().map(entry(SearchMode::Match)).collect();
    entries.extend(included.iter().map(entry(SearchMode::Include)));
    let counts = query.subset() == &Subset::Count;
    Answer {
        kind: BundleKind::Searchset,
        total: (query.total() != Some(Total::None)).then_some(matches.len() as u64),
        next: if counts { None } else { page.next(segments, offset, matches.len()) },
        hidden: state.hidden(),
        entries,
    }
}

/// Everything in `file`, and the directory entries that its resources refer to.
pub(crate) fn everything(file: &OpenFile, asked: &Everything, directory: &OpenFile) -> Answer {
    let state = file.state();
    let page = asked.page.unwrap_or(Page::WHOLE);
    let (segments, offset) = page.begin(state.seen());
    let wanted = |name: &str| asked.types.is_empty() || asked.types.iter().any(|t| t == name);
    let mut all = Vec::new();
    for resource_type in state.contents.types().filter(|name| wanted(name)) {
        let versions = in_sight(&state, resource_type, segments);
        let new = |v: &Version| asked.since.is_none_or(|since| v.last_updated() >= since);
        all.extend(versions.into_iter().filter(new));
    }
    let here = page.cut(&all, offset);
    let whole = |mode| move |version: &Version| Found::whole(version.clone(), mode);
    let mut entries: Vec<Found> = here.iter().map(whole(SearchMode::Match)).collect();
    let referred = directory_entries(here, directory);
    let referred = referred.iter().filter(|version| wanted(version.resource_type()));
    entries.extend(referred.map(whole(SearchMode::Include)));
    Answer {
        kind: BundleKind::Searchset,
        total: Some(all.len() as u64),
        next: page.next(segments, offset, all.len()),
        hidden: state.hidden(),
        entries,
    }
}

fn matches(state: &State, query: &SearchQuery, segments: u32) -> Vec<Version> {
    if segments >= state.seen() {
        return state.contents.search(query);
    }
    let mut then = state.contents.current_at(query.resource_type(), segments);
    then.retain(|version| query.matches(version.tree()));
    then
}

fn in_sight(state: &State, resource_type: &str, segments: u32) -> Vec<Version> {
    if segments >= state.seen() {
        state.contents.current(resource_type).to_vec()
    } else {
        state.contents.current_at(resource_type, segments)
    }
}

fn sorted(query: &SearchQuery, matches: Vec<Version>) -> Vec<Version> {
    if !query.is_sorted() {
        return matches;
    }
    let mut keyed: Vec<_> =
        matches.into_iter().map(|version| (query.sort_keys(version.tree()), version)).collect();
    keyed.sort_by(|a, b| query.compare(&a.0, &b.0));
    keyed.into_iter().map(|(_, version)| version).collect()
}

fn found(version: &Version, mode: SearchMode, subset: &Subset) -> Found {
    if subset == &Subset::Whole {
        return Found::whole(version.clone(), mode);
    }
    let mut out = Vec::new();
    subset.of(version.tree()).write_to(&mut out);
    Found { version: version.clone(), mode, part: Some(out) }
}

fn key(version: &Version) -> (&'static str, ResourceId) {
    (version.resource_type(), version.id())
}

fn follow(
    include: &Include,
    from: &[Version],
    state: &State,
    others: Option<&OpenFile>,
    seen: &mut Seen,
    included: &mut Vec<Version>,
) {
    for version in from.iter().filter(|version| version.resource_type() == include.source) {
        for reference in include.references(version.tree()) {
            let Some((resource_type, id)) = local(reference) else { continue };
            let newest = if id.file == version.id().file {
                state.contents.newest(resource_type, id.number).cloned()
            } else {
                others.and_then(|others| others.newest(resource_type, id))
            };
            if let Some(newest) = newest
                && !newest.is_deleted()
                && seen.insert(key(&newest))
            {
                included.push(newest);
            }
        }
    }
}

fn refer_back(
    include: &Include,
    to: &[Version],
    state: &State,
    seen: &mut Seen,
    included: &mut Vec<Version>,
) {
    let to: HashSet<(&str, ResourceId)> =
        to.iter().map(|version| (version.resource_type(), version.id())).collect();
    for version in state.contents.current(include.source) {
        let references = include.references(version.tree());
        let mut names = references.into_iter().filter_map(local);
        if names.any(|name| to.contains(&name)) && seen.insert(key(version)) {
            included.push(version.clone());
        }
    }
}

/// Type and id of a reference to something that this server keeps.
pub(crate) fn local(reference: &str) -> Option<(&str, ResourceId)> {
    match target(reference) {
        // Absolute references to this server were made relative when they came in.
        Target::Relative { resource_type, id, .. } => Some((resource_type, id.parse().ok()?)),
        _ => None,
    }
}

/// The directory entries that these texts name. Ids of directory entries begin with the
/// directory's name, which occurs nowhere else, so no text has to be parsed.
fn directory_entries(versions: &[Version], directory: &OpenFile) -> Vec<Version> {
    let name = directory.file().to_string();
    let finder = memchr::memmem::Finder::new(&name);
    let mut numbers = Vec::new();
    for version in versions {
        let text = version.bytes();
        for at in finder.find_iter(text) {
            let from = at + FILE_CHARS + 1;
            let digits = text.get(from..from + NUMBER_CHARS).unwrap_or_default();
            numbers.extend(parse_digits(digits));
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    directory.numbered(&numbers)
}

impl OpenFile {
    /// The newest version of a resource, if this is its file.
    pub(crate) fn newest(&self, resource_type: &str, id: ResourceId) -> Option<Version> {
        let state = self.state();
        let newest = state.contents.newest(resource_type, id.number)?;
        (id.file == self.file()).then(|| newest.clone())
    }

    /// What is in sight under these numbers, which are sorted.
    fn numbered(&self, numbers: &[u64]) -> Vec<Version> {
        let state = self.state();
        let find = |number: &u64| state.contents.numbered(*number).cloned();
        numbers.iter().filter_map(find).collect()
    }

    /// What matches a condition, at most two.
    pub(crate) fn matching(&self, query: &SearchQuery) -> Vec<Version> {
        let mut matching = self.state().contents.search(query);
        matching.truncate(2);
        matching
    }
}

/// The query of a condition (`identifier=…&code=…`): criteria alone, for whatever a query without
/// any finds is found by chance.
pub(crate) fn condition(
    resource_type: &str,
    query: &str,
    base_url: &str,
) -> Result<SearchQuery, WriteError> {
    let query = search_of(resource_type, query, base_url)?;
    if query.is_condition() {
        return Ok(query);
    }
    let what = "a condition needs search parameters, and no other ones: no _count, _sort, _include";
    Err(WriteError::Asked(what.into()))
}

/// A query as an address has it, taken apart and percent-decoded.
pub(crate) fn search_of(
    resource_type: &str,
    query: &str,
    base_url: &str,
) -> Result<SearchQuery, WriteError> {
    let query = query.strip_prefix('?').unwrap_or(query);
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    if pairs.is_empty() {
        return Err(WriteError::Asked("this needs a search parameter".into()));
    }
    let borrowed = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    SearchQuery::parse(resource_type, borrowed, base_url)
        .map_err(|error| WriteError::Asked(format!("the condition: {error}")))
}

/// Whether nothing but `_id`, `id` and `meta` version differ: what is compared before a new version
/// is written.
pub(crate) fn same_content(a: &Json, b: &Json) -> bool {
    stripped(a) == stripped(b)
}

pub(crate) fn stripped(resource: &Json) -> Json {
    let mut resource = resource.clone();
    fhir::references::strip_version(&mut resource);
    resource
}
