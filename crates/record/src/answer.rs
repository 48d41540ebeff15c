//! Answers with many resources: searchsets and histories, written straight to bytes.

use core::fmt;
use core::str::FromStr;
use fhir::bundle::{BundleKind, SearchMode};
use fhir::{Issue, IssueCode, Json, Severity, outcome};
use terms::Sections;

use crate::version::Version;

/// Which page of an answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it begins; the default is the beginning of a new answer.
    pub from: Option<PageMark>,
    /// Most entries that match; included ones come on top.
    pub count: u32,
}

/// Where a page begins, and what the first page saw: paging goes on in the same state of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageMark {
    /// How many segments the file had.
    pub segments: u32,
    /// How many matches came before.
    pub offset: u32,
}

/// Some of the resources of a file, and what was left out.
pub struct Answer {
    pub(crate) kind: BundleKind,
    /// How many match in all; `None` where it was not asked for.
    pub total: Option<u64>,
    /// Where the next page begins, if there is one.
    pub next: Option<PageMark>,
    /// Sections that the file has and that were not released.
    pub hidden: Sections,
    pub(crate) entries: Vec<Found>,
}

pub(crate) struct Found {
    pub(crate) version: Version,
    pub(crate) mode: SearchMode,
    /// What is shown in place of the text.
    pub(crate) part: Option<Vec<u8>>,
}

impl Page {
    /// Everything on one page.
    pub const WHOLE: Page = Page { from: None, count: u32::MAX };

    /// How many segments the answer sees, and the offset.
    pub(crate) fn begin(&self, segments: u32) -> (u32, usize) {
        match self.from {
            Some(mark) => (mark.segments.min(segments), mark.offset as usize),
            None => (segments, 0),
        }
    }

    pub(crate) fn cut<'a, T>(&self, all: &'a [T], offset: usize) -> &'a [T] {
        let from = offset.min(all.len());
        let to = from.saturating_add(self.count as usize).min(all.len());
        &all[from..to]
    }

    pub(crate) fn next(&self, segments: u32, offset: usize, all: usize) -> Option<PageMark> {
        let next = offset.saturating_add(self.count as usize);
        let offset = u32::try_from(next).ok()?;
        (next < all && self.count > 0).then_some(PageMark { segments, offset })
    }
}

impl Found {
    pub(crate) fn whole(version: Version, mode: SearchMode) -> Found {
        let part = (!version.is_whole()).then(|| version.shown().to_text().into_bytes());
        Found { version, mode, part }
    }
}

impl Answer {
    /// Number of entries on this page.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the page has no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The versions on this page, in order.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        self.entries.iter().map(|found| &found.version)
    }

    /// The Bundle as compact JSON. It says which sections are hidden, if any.
    ///
    /// `base_url` is without the last slash; `self_url` and `next_url` become its links.
    pub fn to_bundle(&self, base_url: &str, self_url: &str, next_url: Option<&str>) -> Vec<u8> {
        let text: usize = self.entries.iter().map(|found| found.bytes().len() + 256).sum();
        let mut out = Vec::with_capacity(text + 1024);
        out.extend_from_slice(b"{\"resourceType\":\"Bundle\"");
        if !self.hidden.is_empty() {
            out.extend_from_slice(REDACTED.as_bytes());
        }
        out.extend_from_slice(b",\"type\":\"");
        out.extend_from_slice(kind_code(self.kind).as_bytes());
        out.push(b'"');
        if let Some(total) = self.total {
            out.extend_from_slice(format!(",\"total\":{total}").as_bytes());
        }
        out.extend_from_slice(b",\"link\":[");
        write_link(&mut out, "self", self_url);
        if let Some(next) = next_url {
            out.push(b',');
            write_link(&mut out, "next", next);
        }
        out.push(b']');
        self.write_entries(&mut out, base_url);
        out.push(b'}');
        out
    }

    fn write_entries(&self, out: &mut Vec<u8>, base_url: &str) {
        let base = quoted(base_url);
        // Without the last quotation mark, so that the rest of an address can follow.
        let base = &base[..base.len() - 1];
        let mut before: &[u8] = b",\"entry\":[";
        for found in &self.entries {
            out.extend_from_slice(before);
            before = b",";
            found.write(out, base, self.kind);
        }
        if !self.hidden.is_empty() {
            out.extend_from_slice(before);
            before = b",";
            out.extend_from_slice(b"{\"resource\":");
            hidden_outcome(self.hidden).write_to(out);
            if self.kind == BundleKind::Searchset {
                out.extend_from_slice(b",\"search\":{\"mode\":\"outcome\"}");
            }
            out.push(b'}');
        }
        if before == b"," {
            out.push(b']');
        }
    }
}

const REDACTED: &str = concat!(
    ",\"meta\":{\"security\":[{\"system\":",
    "\"http://terminology.hl7.org/CodeSystem/v3-ObservationValue\",\"code\":\"REDACTED\"}]}"
);

/// An OperationOutcome that names the sections which are not included.
pub fn hidden_outcome(hidden: Sections) -> Json {
    let message = format!("not included, because they were not released: {hidden}");
    outcome::outcome(&[Issue {
        severity: Severity::Information,
        code: IssueCode::Suppressed,
        expression: String::new(),
        message,
    }])
}

impl Found {
    fn bytes(&self) -> &[u8] {
        self.part.as_deref().unwrap_or_else(|| self.version.bytes())
    }

    fn write(&self, out: &mut Vec<u8>, base: &str, kind: BundleKind) {
        let (resource_type, id) = (self.version.resource_type(), self.version.id());
        let address = format!("{base}/{resource_type}/{id}\"");
        out.extend_from_slice(b"{\"fullUrl\":");
        out.extend_from_slice(address.as_bytes());
        if !self.bytes().is_empty() {
            out.extend_from_slice(b",\"resource\":");
            out.extend_from_slice(self.bytes());
        }
        match kind {
            BundleKind::History => self.write_history(out),
            _ => {
                let mode = match self.mode {
                    SearchMode::Match => "match",
                    SearchMode::Include => "include",
                    SearchMode::Outcome => "outcome",
                };
                out.extend_from_slice(b",\"search\":{\"mode\":\"");
                out.extend_from_slice(mode.as_bytes());
                out.extend_from_slice(b"\"}");
            }
        }
        out.push(b'}');
    }

    fn write_history(&self, out: &mut Vec<u8>) {
        let version = &self.version;
        let (resource_type, id, number) =
            (version.resource_type(), version.id(), version.version());
        let (method, url, status) = match (version.is_deleted(), number) {
            (true, _) => ("DELETE", format!("{resource_type}/{id}"), "204 No Content"),
            (false, 1) => ("POST", resource_type.to_string(), "201 Created"),
            (false, _) => ("PUT", format!("{resource_type}/{id}"), "200 OK"),
        };
        let text = format!(
            ",\"request\":{{\"method\":\"{method}\",\"url\":\"{url}\"}},\"response\":{{\
             \"status\":\"{status}\",\"etag\":\"W/\\\"{number}\\\"\",\"lastModified\":\"{}\"}}",
            version.last_updated()
        );
        out.extend_from_slice(text.as_bytes());
    }
}

fn write_link(out: &mut Vec<u8>, relation: &str, url: &str) {
    let text = format!("{{\"relation\":\"{relation}\",\"url\":{}}}", quoted(url));
    out.extend_from_slice(text.as_bytes());
}

fn quoted(text: &str) -> String {
    Json::from(text).to_text()
}

fn kind_code(kind: BundleKind) -> &'static str {
    match kind {
        BundleKind::Searchset => "searchset",
        BundleKind::History => "history",
        BundleKind::BatchResponse => "batch-response",
        BundleKind::TransactionResponse => "transaction-response",
    }
}

impl fmt::Display for PageMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.segments, self.offset)
    }
}

impl FromStr for PageMark {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (segments, offset) = text.split_once('.').ok_or("not a page's mark")?;
        let number = |text: &str| text.parse().map_err(|_| "not a page's mark");
        Ok(PageMark { segments: number(segments)?, offset: number(offset)? })
    }
}
