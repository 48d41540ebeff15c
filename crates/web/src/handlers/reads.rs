//! Read, vread and history.

use super::{errors, file_of, known_type};
use crate::app::{App, Ask};
use crate::auth::Caller;
use crate::problem::{Family, Problem};
use crate::respond::{self, Answered};
use bytes::Bytes;
use fhir::subset::Subset;
use hyper::StatusCode;
use hyper::header::{ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use record::{Page, ReadError, Version};
use std::sync::Arc;
use terms::FileId;

/// The current version.
pub(super) async fn read(app: &Arc<App>, ask: Ask, caller: Caller) -> Answered {
    let (kind, id) = (known_type(&ask)?, ask.captures.id());
    if let Some((file, entry)) = record::views::entry_of(kind, id) {
        return super::ledger::read(app, ask, caller, file, entry).await;
    }
    let version = current(app, &ask, &caller, kind, id).await?;
    if is_known_to(&ask.headers, &version) {
        let mut response = respond::empty(StatusCode::NOT_MODIFIED);
        mark(response.headers_mut(), &version);
        return Ok(response);
    }
    answer(&ask, &version, StatusCode::OK)
}

/// One version.
pub(super) async fn vread(app: &Arc<App>, ask: Ask, caller: Caller) -> Answered {
    let version = one_version(app, &ask, &caller, known_type(&ask)?).await?;
    answer(&ask, &version, StatusCode::OK)
}

/// The version that the address names, from the directory or from a file.
pub(super) async fn one_version(
    app: &Arc<App>,
    ask: &Ask,
    caller: &Caller,
    kind: &str,
) -> Result<Version, Problem> {
    let (id, number) = (ask.captures.id(), ask.captures.version());
    let file = file_of(id)?;
    let version = if file == app.records.directory().file() {
        app.records.directory().vread(kind, id, number)
    } else {
        caller.open(app, ask, file).await?.file.vread(kind, id, number)
    };
    version.map_err(errors::read)
}

/// Every version, the newest first.
pub(super) async fn history(app: &Arc<App>, mut ask: Ask, caller: Caller) -> Answered {
    let page = page(app, &mut ask)?;
    let (kind, id) = (known_type(&ask)?, ask.captures.id());
    if let Some((name, _)) = ask.query.iter().find(|(n, _)| !matches!(*n, "_format" | "_pretty")) {
        let name = name.chars().filter(char::is_ascii_graphic).take(40).collect::<String>();
        let text = format!("history does not know the parameter `{name}`");
        return Err(Problem::new(Family::BadParameter, text));
    }
    let file = file_of(id)?;
    let found = if file == app.records.directory().file() {
        app.records.directory().history(kind, id, page)
    } else {
        caller.open(app, &ask, file).await?.file.history(kind, id, page)
    };
    Ok(super::searches::bundle(app, &ask, page, &found.map_err(errors::read)?))
}

/// The current version of a resource, from the directory or from a file.
pub(super) async fn current(
    app: &Arc<App>,
    ask: &Ask,
    caller: &Caller,
    kind: &str,
    id: &str,
) -> Result<Version, Problem> {
    let file = file_of(id)?;
    let version = if file == app.records.directory().file() {
        app.records.directory().read(kind, id)
    } else {
        caller.open(app, ask, file).await?.file.read(kind, id)
    };
    version.map_err(|error| match error {
        ReadError::Gone { version } => {
            let mut headers = HeaderMap::new();
            respond::set(&mut headers, ETAG, &respond::etag(&version.to_string()));
            let problem = errors::read(error);
            match headers.remove(ETAG) {
                Some(etag) => problem.with_header(ETAG, etag),
                None => problem,
            }
        }
        error => errors::read(error),
    })
}

/// A version with its headers, whole or in the part that was asked for.
pub(super) fn answer(ask: &Ask, version: &Version, status: StatusCode) -> Answered {
    if version.is_deleted() {
        return Err(Problem::new(Family::Gone, "this version says that it was deleted"));
    }
    let part = record::part_of_read(version.resource_type(), ask.query.iter());
    let part = part.map_err(|what| Problem::new(Family::BadParameter, what))?;
    let mut response = match part {
        Subset::Whole => respond::text(status, ask.format, shared(version)),
        part => respond::resource(status, ask.format, &part.of(version.tree())),
    };
    mark(response.headers_mut(), version);
    Ok(response)
}

/// `ETag` and `Last-Modified`.
pub(super) fn mark(headers: &mut HeaderMap, version: &Version) {
    respond::set(headers, ETAG, &respond::etag(&version.version().to_string()));
    respond::set(headers, LAST_MODIFIED, &respond::http_date(version.last_updated()));
}

/// Which page is asked for: `_page` is where the link of the page before points.
pub(super) fn page(app: &App, ask: &mut Ask) -> Result<Page, Problem> {
    let wrong = |what| Problem::new(Family::BadParameter, what);
    let from = ask.query.take("_page").map(|mark| mark.parse()).transpose();
    let from = from.map_err(|_| wrong("`_page` is not from a link of this server"))?;
    let most = u32::try_from(app.bounds.page).unwrap_or(u32::MAX);
    let count = match ask.query.first("_count") {
        Some(count) => count.parse::<u32>().map_err(|_| wrong("`_count` is not a number"))?,
        None => most.min(100),
    };
    if ask.route.act == crate::routes::Act::History {
        ask.query.take("_count");
    }
    Ok(Page { from, count: count.min(most) })
}

/// The bytes of a version, shared and not copied.
pub(super) fn shared(version: &Version) -> Bytes {
    struct Text(Version);
    impl AsRef<[u8]> for Text {
        fn as_ref(&self) -> &[u8] {
            self.0.bytes()
        }
    }
    Bytes::from_owner(Text(version.clone()))
}

/// A file that the caller may not open and one that does not exist are refused alike.
pub(super) fn only_its_own(caller: &Caller, file: FileId) -> Result<(), Problem> {
    match caller.only_file() {
        Some(own) if own != file => Err(Problem::refused(None)),
        _ => Ok(()),
    }
}

pub(super) fn is_known_to(headers: &HeaderMap, version: &Version) -> bool {
    if let Some(tags) = headers.get(IF_NONE_MATCH).and_then(|v| v.to_str().ok()) {
        let current = version.version().to_string();
        let fits = |tag: &str| tag.trim() == "*" || respond::version_of(tag) == Some(&current);
        return tags.split(',').any(fits);
    }
    let since = headers.get(IF_MODIFIED_SINCE).and_then(|v| v.to_str().ok());
    let since = since.and_then(|v| httpdate::parse_http_date(v).ok());
    let since = since.and_then(|t| t.duration_since(std::time::UNIX_EPOCH).ok());
    since.is_some_and(|since| version.last_updated().seconds() <= since.as_secs())
}
