//! Bundles that answer a search, a history, a batch or a transaction.

use crate::{Json, Object};

/// What a Bundle is, as `Bundle.type` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleKind {
    /// `searchset`.
    Searchset,
    /// `history`.
    History,
    /// `batch-response`.
    BatchResponse,
    /// `transaction-response`.
    TransactionResponse,
}

/// Why an entry is in a searchset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchMode {
    /// It matched.
    Match,
    /// Another entry refers to it, or it refers to another entry.
    Include,
    /// It says something about the search.
    Outcome,
}

/// Builds a Bundle, entry by entry.
pub struct BundleBuilder {
    kind: BundleKind,
    total: Option<u64>,
    links: Vec<Json>,
    entries: Vec<Json>,
}

/// One entry of a Bundle.
#[derive(Default)]
pub struct Entry {
    /// `fullUrl`.
    pub full_url: Option<String>,
    /// `resource`.
    pub resource: Option<Json>,
    /// `search.mode`.
    pub mode: Option<SearchMode>,
    /// `request`: method and url (history needs it).
    pub request: Option<(String, String)>,
    /// `response`.
    pub response: Option<EntryResponse>,
}

/// The `response` of a history, batch or transaction entry.
#[derive(Default)]
pub struct EntryResponse {
    /// `status`, such as `201 Created`.
    pub status: String,
    /// `location`.
    pub location: Option<String>,
    /// `etag`.
    pub etag: Option<String>,
    /// `lastModified`, an instant.
    pub last_modified: Option<String>,
    /// `outcome`, an OperationOutcome.
    pub outcome: Option<Json>,
}

impl BundleBuilder {
    /// An empty Bundle of this kind.
    pub fn new(kind: BundleKind) -> Self {
        BundleBuilder { kind, total: None, links: Vec::new(), entries: Vec::new() }
    }

    /// Sets `total`.
    #[must_use]
    pub fn total(self, total: u64) -> Self {
        BundleBuilder { total: Some(total), ..self }
    }

    /// Adds a link.
    #[must_use]
    pub fn link(mut self, relation: &str, url: &str) -> Self {
        self.links.push(Object::new().with("relation", relation).with("url", url).into());
        self
    }

    /// Adds an entry.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry.into_json());
    }

    /// The Bundle; empty lists are left out.
    pub fn build(self) -> Json {
        let mut bundle =
            Object::new().with("resourceType", "Bundle").with("type", self.kind.word());
        if let Some(total) = self.total {
            bundle = bundle.with("total", total);
        }
        for (name, list) in [("link", self.links), ("entry", self.entries)] {
            if !list.is_empty() {
                bundle = bundle.with(name, list);
            }
        }
        bundle.into()
    }
}

impl BundleKind {
    /// The word for it, as `Bundle.type` has it.
    pub const fn word(self) -> &'static str {
        match self {
            BundleKind::Searchset => "searchset",
            BundleKind::History => "history",
            BundleKind::BatchResponse => "batch-response",
            BundleKind::TransactionResponse => "transaction-response",
        }
    }
}

impl SearchMode {
    /// The word for it, as `Bundle.entry.search.mode` has it.
    pub const fn word(self) -> &'static str {
        match self {
            SearchMode::Match => "match",
            SearchMode::Include => "include",
            SearchMode::Outcome => "outcome",
        }
    }
}

impl Entry {
    fn into_json(self) -> Json {
        let mode = self.mode.map(|mode| Object::new().with("mode", mode.word()).into());
        let request = self
            .request
            .map(|(method, url)| Object::new().with("method", method).with("url", url).into());
        object([
            ("fullUrl", self.full_url.map(Json::from)),
            ("resource", self.resource),
            ("search", mode),
            ("request", request),
            ("response", self.response.map(EntryResponse::into_json)),
        ])
    }
}

impl EntryResponse {
    fn into_json(self) -> Json {
        object([
            ("status", Some(self.status.into())),
            ("location", self.location.map(Json::from)),
            ("etag", self.etag.map(Json::from)),
            ("lastModified", self.last_modified.map(Json::from)),
            ("outcome", self.outcome),
        ])
    }
}

fn object<const N: usize>(members: [(&str, Option<Json>); N]) -> Json {
    let mut object = Object::new();
    for (name, value) in members {
        if let Some(value) = value {
            object.insert(name, value);
        }
    }
    object.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validate;

    #[test]
    fn bundles_are_valid_resources() {
        let resource = || Object::new().with("resourceType", "Patient").with("id", "p").into();
        let mut searchset =
            BundleBuilder::new(BundleKind::Searchset).total(1).link("self", "https://a.b/Patient");
        searchset.push(Entry {
            full_url: Some("https://a.b/Patient/p".to_string()),
            resource: Some(resource()),
            mode: Some(SearchMode::Match),
            ..Entry::default()
        });
        let searchset = searchset.build();
        assert_eq!(validate(&searchset), []);
        let expected = concat!(
            r#"{"resourceType":"Bundle","type":"searchset","total":1,"link":[{"relation":"self","#,
            r#""url":"https://a.b/Patient"}],"entry":[{"fullUrl":"https://a.b/Patient/p","#,
            r#""resource":{"resourceType":"Patient","id":"p"},"search":{"mode":"match"}}]}"#,
        );
        assert_eq!(searchset.to_text(), expected);
        let mut history = BundleBuilder::new(BundleKind::History);
        history.push(Entry {
            resource: Some(resource()),
            request: Some(("PUT".to_string(), "Patient/p".to_string())),
            response: Some(EntryResponse {
                status: "200 OK".to_string(),
                etag: Some("W/\"1\"".to_string()),
                last_modified: Some("2020-01-01T00:00:00Z".to_string()),
                ..EntryResponse::default()
            }),
            ..Entry::default()
        });
        assert_eq!(validate(&history.build()), []);
        assert_eq!(validate(&BundleBuilder::new(BundleKind::TransactionResponse).build()), []);
    }
}
