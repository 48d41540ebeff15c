//! Bundles that answer a search, a history, a batch or a transaction.

use crate::Json;

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
    bundle: Json,
}

/// Builds one entry of a Bundle.
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
        let _ = kind;
        todo!()
    }

    /// Sets `total`.
    #[must_use]
    pub fn total(self, total: u64) -> Self {
        let _ = total;
        todo!()
    }

    /// Adds a link.
    #[must_use]
    pub fn link(self, relation: &str, url: &str) -> Self {
        let _ = (relation, url);
        todo!()
    }

    /// Adds an entry.
    pub fn push(&mut self, entry: Entry) {
        let _ = entry;
        todo!()
    }

    /// The Bundle.
    pub fn build(self) -> Json {
        self.bundle
    }
}
