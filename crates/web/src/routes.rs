//! Every address of the server, in one table. Nothing answers that is not in it.
//!
//! The capability statement, the OpenAPI document, the metrics' labels, the log's names and the
//! test that refuses every route to everybody who should not have it are made from this table.

use hyper::Method;
use std::ops::Range;

/// One row: method and address, who may ask, and what answers.
pub struct Route {
    /// HTTP method.
    pub method: Method,
    /// Address below the origin; `{type}`, `{id}`, `{version}` stand for what they say.
    pub template: &'static str,
    /// Who may ask.
    pub who: Who,
    /// What the ledger counts it as.
    pub counts: Counts,
    /// Name in logs and metrics, and `operationId`.
    pub name: &'static str,
    /// What it does, for people.
    pub summary: &'static str,
    pub(crate) act: Act,
}

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody: nothing in the answer is about anybody.
    Anybody,
    /// Whoever signed what the body holds; the keyholder checks it.
    Signer,
    /// A session's device by a proof of this request, or a bearer token for its one file.
    Holder,
    /// A session's device by a proof of this request, and no bearer token.
    Device,
    /// As `Device`, and the keyholder asks for an officer's or the patient's own card.
    Officer,
}

/// What the keyholder records and counts when the route is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// Nothing.
    Nothing,
    /// A sign-in, or the end of a session.
    Session,
    /// An opening of one file, unless the file is open already.
    Opening,
    /// A look-up of patients.
    LookUp,
    /// A deposit into one file, after an opening where something has to be read first.
    Deposit,
    /// An order.
    Order,
    /// A report on the ledger.
    Report,
}

/// What answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Metadata,
    OpenApi,
    SmartConfiguration,
    Token,
    SignOut,
    Orders,
    Disclosure(Disclosure),
    WhoOpened,
    Proofs,
    Bundle,
    FindPatient,
    Search,
    CompartmentSearch,
    Everything,
    Validate,
    Create,
    ConditionalUpdate,
    Read,
    Vread,
    History,
    Update,
    Patch,
    Delete,
    BinaryRead,
    BinaryVread,
    BinaryCreate,
}

/// Reports of flaws, and letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Disclosure {
    SecurityTxt,
    Page,
    Script,
    Crypto,
    Style,
    Key,
    Message,
    Answers,
    Letter,
    LetterCheck,
}

/// Every route, the more particular ones first.
#[rustfmt::skip]
pub static ROUTES: &[Route] = {
    use Act::*;
    use self::Disclosure::{Answers, Crypto, Key, Letter, LetterCheck, Message, Page, Script};
    use self::Disclosure::{SecurityTxt, Style};
    use Counts::{Deposit, LookUp, Nothing, Opening, Order, Report, Session};
    use Who::{Anybody, Device, Holder, Officer, Signer};
    const GET: Method = Method::GET;
    const POST: Method = Method::POST;
    const PUT: Method = Method::PUT;
    const PATCH: Method = Method::PATCH;
    const DELETE: Method = Method::DELETE;
    &[
        row(GET, "/fhir/metadata", Anybody, Nothing, Metadata,
            "metadata", "what this server can do (CapabilityStatement)"),
        row(GET, "/openapi.json", Anybody, Nothing, OpenApi,
            "openapi", "this description of every route"),
        row(GET, "/.well-known/smart-configuration", Anybody, Nothing, SmartConfiguration,
            "smart-configuration", "how to sign in (SMART Backend Services)"),
        row(GET, "/fhir/.well-known/smart-configuration", Anybody, Nothing, SmartConfiguration,
            "smart-configuration-fhir", "how to sign in (SMART Backend Services)"),
        row(POST, "/auth/token", Signer, Session, Token,
            "token", "sign in with a card (SMART Backend Services, DPoP)"),
        row(POST, "/auth/end", Device, Session, SignOut,
            "sign-out", "end the session and close its files"),
        row(POST, "/orders", Signer, Order, Orders,
            "orders", "hand in an order, signed by as many cards as it takes"),
        row(POST, "/reports/who-opened", Officer, Report, WhoOpened,
            "who-opened", "what was opened, by whom, from the ledger, as JSON lines"),
        row(POST, "/reports/proofs", Officer, Report, Proofs,
            "proofs", "entries of the ledger about one file, each with its proof"),
        row(GET, "/.well-known/security.txt", Anybody, Nothing, Disclosure(SecurityTxt),
            "security-txt", "how to report a flaw (RFC 9116)"),
        row(GET, "/report", Anybody, Nothing, Disclosure(Page),
            "report-page", "a page that seals a report in the browser"),
        row(GET, "/report/report.js", Anybody, Nothing, Disclosure(Script),
            "report-script", "what the report page does"),
        row(GET, "/report/crypto.js", Anybody, Nothing, Disclosure(Crypto),
            "report-crypto", "what the report page seals with"),
        row(GET, "/report/style.css", Anybody, Nothing, Disclosure(Style),
            "report-style", "how the report page looks"),
        row(GET, "/report/key", Anybody, Nothing, Disclosure(Key),
            "report-key", "the officer's certificate: what reports are sealed to"),
        row(POST, "/report/messages", Anybody, Nothing, Disclosure(Message),
            "report-message", "hand in a sealed message, for a signed receipt"),
        row(POST, "/report/answers", Anybody, Nothing, Disclosure(Answers),
            "report-answers", "the sealed answers in a mailbox"),
        row(GET, "/letter", Anybody, Nothing, Disclosure(Letter),
            "letter-page", "a page that says whether a letter is from here"),
        row(POST, "/letter", Anybody, Nothing, Disclosure(LetterCheck),
            "letter-check", "whether a letter's code is known: yes or no"),
        row(POST, "/fhir", Holder, Deposit, Bundle,
            "bundle", "batch or transaction about one patient"),
        row(GET, "/fhir/Patient", Holder, LookUp, FindPatient,
            "find-patient", "find a patient by identifier, name and birth date, or telephone"),
        row(POST, "/fhir/Patient/_search", Holder, LookUp, FindPatient,
            "find-patient-post", "find a patient, with the parameters in the body"),
        row(GET, "/fhir/Patient/{id}/$everything", Holder, Opening, Everything,
            "everything", "the patient's whole file"),
        row(POST, "/fhir/Patient/{id}/$everything", Holder, Opening, Everything,
            "everything-invoke", "the patient's whole file, with the parameters in the body"),
        row(GET, "/fhir/Binary/{id}", Holder, Opening, BinaryRead,
            "binary-read", "an attachment, raw or as a resource"),
        row(GET, "/fhir/Binary/{id}/_history/{version}", Holder, Opening, BinaryVread,
            "binary-vread", "one version of an attachment, raw or as a resource"),
        row(POST, "/fhir/Binary", Holder, Deposit, BinaryCreate,
            "binary-create", "store an attachment, raw or as a resource"),
        row(GET, "/fhir/{type}", Holder, Opening, Search,
            "search", "search in one patient's file or in the directory"),
        row(POST, "/fhir/{type}/_search", Holder, Opening, Search,
            "search-post", "search, with the parameters in the body"),
        row(POST, "/fhir/{type}/$validate", Holder, Nothing, Validate,
            "validate", "check a resource without storing it"),
        row(POST, "/fhir/{type}", Holder, Deposit, Create,
            "create", "store a new resource, with If-None-Exist unless there is one"),
        row(PUT, "/fhir/{type}", Holder, Deposit, ConditionalUpdate,
            "conditional-update", "replace what the search finds, or store a new resource"),
        row(GET, "/fhir/{type}/{id}", Holder, Opening, Read,
            "read", "the current version"),
        row(PUT, "/fhir/{type}/{id}", Holder, Deposit, Update,
            "update", "store a new version, with If-Match only over the one that was seen"),
        row(PATCH, "/fhir/{type}/{id}", Holder, Deposit, Patch,
            "patch", "change the current version by a JSON Patch"),
        row(DELETE, "/fhir/{type}/{id}", Holder, Deposit, Delete,
            "delete", "mark as deleted; earlier versions stay"),
        row(GET, "/fhir/{type}/{id}/_history", Holder, Opening, History,
            "history", "every version of one resource"),
        row(GET, "/fhir/{type}/{id}/_history/{version}", Holder, Opening, Vread,
            "vread", "one version of one resource"),
        row(POST, "/fhir/{type}/{id}/$validate", Holder, Nothing, Validate,
            "validate-instance", "check a resource as the next version of this one"),
        row(GET, "/fhir/Patient/{id}/{type}", Holder, Opening, CompartmentSearch,
            "compartment-search", "search in the file of this patient"),
    ]
};

const fn row(
    method: Method,
    template: &'static str,
    who: Who,
    counts: Counts,
    act: Act,
    name: &'static str,
    summary: &'static str,
) -> Route {
    Route { method, template, who, counts, name, summary, act }
}

/// What an address says where the template has a variable.
#[derive(Clone, Default)]
pub(crate) struct Captures {
    path: String,
    resource_type: Range<usize>,
    id: Range<usize>,
    version: Range<usize>,
}

impl Captures {
    pub(crate) fn resource_type(&self) -> &str {
        &self.path[self.resource_type.clone()]
    }

    pub(crate) fn id(&self) -> &str {
        &self.path[self.id.clone()]
    }

    pub(crate) fn version(&self) -> &str {
        &self.path[self.version.clone()]
    }
}

/// What the table says about a method and an address.
pub(crate) enum Matched {
    /// The row of this number.
    Row(usize, Captures),
    /// The address is there, with these methods.
    OtherMethods(Vec<&'static Method>),
    /// No such address.
    Nothing,
}

/// Looks an address up; one slash at its end makes no difference.
pub(crate) fn find(method: &Method, path: &str) -> Matched {
    let path = path.strip_suffix('/').filter(|p| !p.is_empty()).unwrap_or(path);
    // Some clients encode the dollar of an operation.
    let path = path.replacen("/%24", "/$", 1);
    let mut others = Vec::new();
    for (number, route) in ROUTES.iter().enumerate() {
        let Some(captures) = fit(route.template, &path) else { continue };
        if route.method == *method {
            return Matched::Row(number, Captures { path, ..captures });
        }
        if !others.contains(&&route.method) {
            others.push(&route.method);
        }
    }
    if others.is_empty() { Matched::Nothing } else { Matched::OtherMethods(others) }
}

fn fit(template: &str, path: &str) -> Option<Captures> {
    let mut captures = Captures::default();
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    let mut at = 0;
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(captures),
            (Some(want), Some(have)) => {
                let range = at..at + have.len();
                at = range.end + 1;
                match want {
                    "{type}" if is_type(have) => captures.resource_type = range,
                    "{id}" if is_id(have) => captures.id = range,
                    "{version}" if is_id(have) => captures.version = range,
                    _ if want == have => {}
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
}

fn is_type(segment: &str) -> bool {
    segment.starts_with(|c: char| c.is_ascii_uppercase())
        && segment.len() <= 64
        && segment.bytes().all(|b| b.is_ascii_alphabetic())
}

fn is_id(segment: &str) -> bool {
    (1..=64).contains(&segment.len())
        && segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn name_of(method: &Method, path: &str) -> &'static str {
        match find(method, path) {
            Matched::Row(number, _) => ROUTES[number].name,
            Matched::OtherMethods(_) => "(other methods)",
            Matched::Nothing => "(nothing)",
        }
    }

    #[test]
    fn addresses_find_their_rows() {
        let rows = [
            (Method::GET, "/fhir/metadata", "metadata"),
            (Method::GET, "/.well-known/security.txt", "security-txt"),
            (Method::GET, "/report/", "report-page"),
            (Method::POST, "/report", "(other methods)"),
            (Method::POST, "/report/messages", "report-message"),
            (Method::GET, "/report/other", "(nothing)"),
            (Method::POST, "/letter", "letter-check"),
            (Method::POST, "/fhir", "bundle"),
            (Method::POST, "/fhir/", "bundle"),
            (Method::GET, "/fhir/Patient", "find-patient"),
            (Method::POST, "/fhir/Patient", "create"),
            (Method::GET, "/fhir/Patient/a", "read"),
            (Method::GET, "/fhir/Patient/a/Observation", "compartment-search"),
            (Method::GET, "/fhir/Patient/a/$everything", "everything"),
            (Method::GET, "/fhir/Patient/a/%24everything", "everything"),
            (Method::POST, "/fhir/Patient/a/$everything", "everything-invoke"),
            (Method::GET, "/fhir/Patient/a/_history", "history"),
            (Method::GET, "/fhir/Observation/a/_history/2", "vread"),
            (Method::GET, "/fhir/Binary/a/_history/2", "binary-vread"),
            (Method::GET, "/fhir/Observation/a/", "read"),
            (Method::POST, "/fhir/Observation/_search", "search-post"),
            (Method::POST, "/fhir/Observation/$validate", "validate"),
            (Method::DELETE, "/fhir/metadata", "(other methods)"),
            (Method::GET, "/fhir/Observation/a/b", "(nothing)"),
            (Method::GET, "/fhir/observation", "(nothing)"),
            (Method::GET, "/fhir/Observation/..", "read"),
            (Method::GET, "/fhir/../auth", "(nothing)"),
            (Method::GET, "/", "(nothing)"),
            (Method::GET, "", "(nothing)"),
            (Method::GET, "//fhir", "(nothing)"),
        ];
        for (method, path, name) in rows {
            assert_eq!(name_of(&method, path), name, "{method} {path}");
        }
    }

    #[test]
    fn names_and_rows_are_unique() {
        let names: HashSet<_> = ROUTES.iter().map(|r| r.name).collect();
        let rows: HashSet<_> = ROUTES.iter().map(|r| (&r.method, r.template)).collect();
        assert_eq!((names.len(), rows.len()), (ROUTES.len(), ROUTES.len()));
    }

    #[test]
    fn variables_are_captured() {
        let Matched::Row(_, captures) = find(&Method::GET, "/fhir/Observation/a-1/_history/22/")
        else {
            panic!("a row");
        };
        assert_eq!(captures.resource_type(), "Observation");
        assert_eq!((captures.id(), captures.version()), ("a-1", "22"));
    }
}
