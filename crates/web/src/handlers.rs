//! What the routes do: read the request, call the record, write the answer.

mod attachments;
mod bundles;
mod disclosure;
pub(crate) mod errors;
pub(crate) mod find;
pub(crate) mod ledger;
pub(crate) mod proofs;
mod reads;
mod searches;
mod sign_in;
mod writes;

use crate::app::{App, Ask};
use crate::auth::Caller;
use crate::blocking::blocking;
use crate::negotiate::{self, Sent};
use crate::problem::{Family, Problem};
use crate::respond::{self, Answered};
use crate::routes::Act;
use crate::{capability, openapi, served};
use bytes::Bytes;
use fhir::{Issue, IssueCode, Json, Limits, Severity};
use hyper::StatusCode;
use record::ResourceId;
use std::sync::{Arc, OnceLock};
use terms::FileId;

/// Texts that are the same for everybody, made at first use.
#[derive(Default)]
pub(crate) struct Documents {
    metadata: OnceLock<Bytes>,
    openapi: OnceLock<Bytes>,
    smart: OnceLock<Bytes>,
}

/// Carries out the act of the route. `caller` is there wherever the table asks for one.
pub(crate) async fn act(app: &Arc<App>, ask: Ask, caller: Option<Caller>) -> Answered {
    match ask.route.act {
        Act::Metadata => {
            let text = app.documents.metadata.get_or_init(|| capability::text(app).into());
            return Ok(respond::text(StatusCode::OK, ask.format, text.clone()));
        }
        Act::OpenApi => {
            let text = app.documents.openapi.get_or_init(|| openapi::text(app).into());
            return Ok(respond::text(StatusCode::OK, "application/json", text.clone()));
        }
        Act::SmartConfiguration => {
            let text = app.documents.smart.get_or_init(|| sign_in::configuration(app).into());
            return Ok(respond::text(StatusCode::OK, "application/json", text.clone()));
        }
        Act::Token => return sign_in::token(app, ask).await,
        Act::Orders => return ledger::orders(app, ask).await,
        Act::Disclosure(what) => return disclosure::act(app, ask, what).await,
        _ => {}
    }
    // Every other row of the table asks for somebody; nobody gets here without.
    let caller = caller.ok_or_else(|| Problem::refused(None))?;
    if !ask.captures.resource_type().is_empty() {
        served::check(known_type(&ask)?, ask.route)?;
    }
    match ask.route.act {
        Act::SignOut => sign_in::end(app, caller).await,
        Act::WhoOpened => ledger::who_opened(app, ask, caller).await,
        Act::Proofs => proofs::proofs(app, ask, caller).await,
        Act::Bundle => bundles::bundle(app, ask, caller).await,
        Act::FindPatient => find::patient(app, ask, caller).await,
        Act::Search => searches::search(app, ask, caller).await,
        Act::CompartmentSearch => searches::compartment(app, ask, caller).await,
        Act::Everything => searches::everything(app, ask, caller).await,
        Act::Validate => writes::validate(app, ask).await,
        Act::Create => writes::create(app, ask, caller).await,
        Act::ConditionalUpdate => writes::conditional_update(app, ask, caller).await,
        Act::Read => reads::read(app, ask, caller).await,
        Act::Vread => reads::vread(app, ask, caller).await,
        Act::History => reads::history(app, ask, caller).await,
        Act::Update => writes::update(app, ask, caller).await,
        Act::Patch => writes::patch(app, ask, caller).await,
        Act::Delete => writes::delete(app, ask, caller).await,
        Act::BinaryRead => attachments::read(app, ask, caller).await,
        Act::BinaryVread => attachments::vread(app, ask, caller).await,
        Act::BinaryCreate => attachments::create(app, ask, caller).await,
        Act::Metadata | Act::OpenApi | Act::SmartConfiguration => Err(Problem::not_there()),
        Act::Token | Act::Orders | Act::Disclosure(_) => Err(Problem::not_there()),
    }
}

/// Reads the body, whatever it is.
async fn body(app: &App, ask: &mut Ask, limit: usize) -> Result<Bytes, Problem> {
    let incoming = ask.body.take();
    let incoming = incoming.ok_or_else(|| Problem::new(Family::Malformed, "no body"))?;
    let (bytes, memory) = app.memory.read(incoming, limit, app.bounds.pause).await?;
    ask.memory = memory;
    Ok(bytes)
}

/// Reads the body as JSON, where it may block: parsing a large one takes a while.
async fn json(app: &App, ask: &mut Ask, wanted: Sent) -> Result<Json, Problem> {
    negotiate::expect(&ask.headers, wanted)?;
    let bytes = body(app, ask, app.bounds.body_bytes).await?;
    let limits = Limits { bytes: app.bounds.body_bytes, ..Limits::default() };
    if bytes.len() <= 64 << 10 {
        return parse(&bytes, &limits);
    }
    blocking(move || parse(&bytes, &limits)).await?
}

fn parse(bytes: &[u8], limits: &Limits) -> Result<Json, Problem> {
    // The error says where and which rule; never what stood there.
    Json::parse(bytes, limits).map_err(|error| {
        let text = format!("the body is not JSON as FHIR has it: {error}");
        Problem::new(Family::Malformed, text)
    })
}

/// The file that an id names; ids that this server does not give are not there.
fn file_of(id: &str) -> Result<FileId, Problem> {
    id.parse::<ResourceId>().map(|id| id.file).map_err(|_| Problem::not_there())
}

/// The resource type of the address, if FHIR has it.
fn known_type(ask: &Ask) -> Result<&str, Problem> {
    let name = ask.captures.resource_type();
    if fhir::definitions::is_resource_type(name) {
        return Ok(name);
    }
    let text = "this is not a resource type of FHIR R4";
    let issue = Issue {
        severity: Severity::Error,
        code: IssueCode::NotSupported,
        expression: String::new(),
        message: text.to_owned(),
    };
    Err(Problem::new(Family::NotThere, text).with_issues(vec![issue]))
}
