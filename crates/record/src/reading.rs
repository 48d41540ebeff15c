//! Reads inside a batch or transaction.

use fhir::bundle::{Entry, EntryResponse};
use fhir::subset::Subset;
use fhir::{Json, Limits, Placement, SearchQuery, placement};

use crate::answer::{Page, PageMark};
use crate::errors::WriteError;
use crate::open_file::OpenFile;
use crate::records::Records;
use crate::searching::search_of;
use crate::segment_content::known_type;
use crate::version::Version;

/// Most matches of a search inside a Bundle; a link leads to the rest.
const COUNT_MAX: u32 = 100;

/// Carries out `GET Type/id`, `GET Type/id/_history/version` or `GET Type?query`.
pub(crate) fn read_entry(
    records: &Records,
    url: &str,
    open: Option<&OpenFile>,
) -> Result<Entry, WriteError> {
    let url = url.strip_prefix('/').unwrap_or(url);
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut parts = path.split('/');
    let resource_type = parts.next().and_then(known_type);
    let resource_type = resource_type.ok_or(WriteError::NotThere)?;
    let is_entry = placement(resource_type) == Placement::Directory;
    let file = if is_entry { Some(records.directory().entries()) } else { open };
    let file = file.ok_or(WriteError::NeedsOpening)?;
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (None, ..) => {
            let search = search_of(resource_type, query, records.base_url())?;
            let count = search.count().unwrap_or(COUNT_MAX).min(COUNT_MAX);
            let page = Page { from: None, count };
            let answer = if is_entry {
                records.directory().search(&search, page)
            } else {
                file.search(&search, page, records.directory())
            };
            let base = records.base_url();
            let place = if is_entry { base.to_owned() } else { compartment(base, file) };
            let next = answer.next.map(|mark| next_page(&place, resource_type, query, count, mark));
            let bundle = answer.to_bundle(base, &format!("{base}/{url}"), next.as_deref());
            Ok(found(parsed(&bundle)?, None))
        }
        (Some(id), None, ..) => {
            let part = part_asked(resource_type, query)?;
            let version = file.read(resource_type, id)?;
            Ok(one(records, &version, &part))
        }
        (Some(id), Some("_history"), Some(version), None) => {
            let part = part_asked(resource_type, query)?;
            let version = file.vread(resource_type, id, version)?;
            Ok(one(records, &version, &part))
        }
        _ => {
            Err(WriteError::Asked("this is not read inside a Bundle: ask for it by itself".into()))
        }
    }
}

/// Which part of a resource a read asks for; everything else that it says is refused, in words for
/// people.
pub fn part_of_read<'a>(
    resource_type: &str,
    parameters: impl Iterator<Item = (&'a str, &'a str)> + Clone,
) -> Result<Subset, String> {
    let parameters = parameters.filter(|(name, _)| !matches!(*name, "_format" | "_pretty"));
    if parameters.clone().next().is_none() {
        return Ok(Subset::Whole);
    }
    if parameters.clone().any(|(name, _)| !matches!(name, "_summary" | "_elements")) {
        return Err("a read knows the parameters `_summary`, `_elements` and `_format`".to_owned());
    }
    let query = SearchQuery::parse(resource_type, parameters, "");
    query.map(|query| query.subset().clone()).map_err(|error| error.to_string())
}

/// The `ifNoneMatch` of each entry that reads.
pub(crate) fn known_to_client(bundle: &Json) -> Vec<Option<String>> {
    let of_read = |entry: &Json| {
        let request = entry.get("request").filter(|r| r.text("method") == Some("GET"))?;
        request.text("ifNoneMatch").map(str::to_owned)
    };
    bundle.get("entry").map(Json::items).unwrap_or_default().iter().map(of_read).collect()
}

/// Leaves out what the client says it has already.
pub(crate) fn leave_out_known(answers: &mut [Entry], known: &[Option<String>]) {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    for (answer, known) in answers.iter_mut().zip(known) {
        let response = answer.response.as_mut().filter(|_| answer.resource.is_some());
        let (Some(response), Some(known)) = (response, known) else { continue };
        let Some(etag) = response.etag.as_deref().map(bare) else { continue };
        if known.split(',').map(bare).any(|tag| tag == "*" || tag == etag) {
            response.status = "304 Not Modified".to_owned();
            (answer.full_url, answer.resource) = (None, None);
        }
    }
}

fn part_asked(resource_type: &str, query: &str) -> Result<Subset, WriteError> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let pairs = pairs.iter().map(|(name, value)| (&**name, &**value));
    part_of_read(resource_type, pairs).map_err(WriteError::Asked)
}

/// Where the file is searched by itself: the address names the patient, if the query does not.
fn compartment(base: &str, file: &OpenFile) -> String {
    format!("{base}/Patient/{}", file.file())
}

fn next_page(place: &str, name: &str, query: &str, count: u32, mark: PageMark) -> String {
    let address = format!("{place}/{name}?");
    let query_from = address.len();
    let mut link = form_urlencoded::Serializer::for_suffix(address, query_from);
    let pairs = form_urlencoded::parse(query.as_bytes());
    link.extend_pairs(pairs.filter(|(name, _)| name != "_count"));
    link.append_pair("_count", &count.to_string());
    link.append_pair("_page", &mark.to_string());
    link.finish()
}

fn parsed(bundle: &[u8]) -> Result<Json, WriteError> {
    Json::parse(bundle, &Limits::default())
        .map_err(|_| WriteError::Asked("the answer is too large for a Bundle entry".into()))
}

/// One resource, with its address: what is shown in part is fetched whole from there.
fn one(records: &Records, version: &Version, part: &Subset) -> Entry {
    let full_url = format!("{}/{}/{}", records.base_url(), version.resource_type(), version.id());
    let resource = match part {
        Subset::Whole => version.shown(),
        part => part.of(version.tree()),
    };
    Entry { full_url: Some(full_url), ..found(resource, Some(version)) }
}

fn found(resource: Json, version: Option<&Version>) -> Entry {
    let response = EntryResponse {
        status: "200 OK".to_owned(),
        etag: version.map(|version| format!("W/\"{}\"", version.version())),
        last_modified: version.map(|version| version.last_updated().to_string()),
        ..EntryResponse::default()
    };
    Entry { resource: Some(resource), response: Some(response), ..Entry::default() }
}
