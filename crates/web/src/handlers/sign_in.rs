//! Sign-in: OAuth 2 client credentials with a card's assertion, bound to a device by DPoP.

use super::{body, errors};
use crate::app::{App, Ask};
use crate::auth::{self, Caller};
use crate::blocking::blocking;
use crate::body::Answer;
use crate::clock;
use crate::negotiate::{self, Sent};
use crate::problem::{Family, Problem};
use crate::query::Query;
use crate::respond::{self, Answered};
use crate::scopes::{Scope, own_context};
use hyper::header::{CACHE_CONTROL, HeaderValue};
use hyper::{Response, StatusCode};
use keyproto::message::SignIn;
use record::{KeyholderError, Refused};
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;
use terms::Role;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A session for a card: the keyholder verifies assertion and proof.
pub(super) async fn token(app: &Arc<App>, mut ask: Ask) -> Answered {
    if negotiate::sent(&ask.headers)? != Sent::Form {
        return Ok(failed(StatusCode::BAD_REQUEST, "invalid_request"));
    }
    app.may_try(ask.peer)?;
    let form = body(app, &mut ask, 64 << 10).await?;
    let form = Query::default().and_form(&form)?;
    if form.repeats() {
        return Ok(failed(StatusCode::BAD_REQUEST, "invalid_request"));
    }
    match form.first("grant_type") {
        Some("client_credentials") => {}
        Some(_) => return Ok(failed(StatusCode::BAD_REQUEST, "unsupported_grant_type")),
        None => return Ok(failed(StatusCode::BAD_REQUEST, "invalid_request")),
    }
    let assertion = form.first("client_assertion");
    let (Some(ASSERTION_TYPE), Some(assertion)) = (form.first("client_assertion_type"), assertion)
    else {
        return Ok(failed(StatusCode::BAD_REQUEST, "invalid_request"));
    };
    let Some(proof) = auth::proof_text(&ask.headers) else {
        return Ok(failed(StatusCode::BAD_REQUEST, "invalid_dpop_proof"));
    };
    // Any role knows this word; whether the card's own role has it is seen after the sign-in.
    let words = form.first("scope").map(str::to_owned);
    if words.as_ref().is_some_and(|words| !is_understood(words)) {
        return Ok(failed(StatusCode::BAD_REQUEST, "invalid_scope"));
    }
    let request =
        SignIn { assertion: assertion.to_owned(), proof: proof.to_owned(), url: ask.url.clone() };
    let records = app.records.clone();
    let session = match blocking(move || records.keyholder().sign_in(request)).await? {
        Ok(session) => session,
        Err(error) => return refused(app, &ask, error).await,
    };
    ask.note.session(session.session);
    let now = clock::now();
    let expires = session.until.since(now).millis() / 1000;
    let words = words.unwrap_or_else(|| format!("{}/*.cruds", own_context(session.role)));
    let Some(scope) = Scope::asked(session.role, &words) else {
        let (records, ended) = (app.records.clone(), session.session);
        let ended = blocking(move || records.keyholder().sign_out(ended)).await?;
        ended.map_err(errors::keyholder)?;
        return Ok(failed(StatusCode::BAD_REQUEST, "invalid_scope"));
    };
    let token = app.sessions.begin(session, scope, now).ok_or_else(|| {
        Problem::new(Family::Unavailable, "too many sessions: end some, or try again later")
    })?;
    let text = json!({
        "access_token": token,
        "token_type": "DPoP",
        "expires_in": expires,
        "scope": words.split_ascii_whitespace().collect::<Vec<_>>().join(" "),
    });
    let mut response = respond::text(StatusCode::OK, "application/json", text.to_string());
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    auth::offer_nonce(app, Ok(response)).await
}

/// The session ends, here and at the keyholder.
pub(super) async fn end(app: &Arc<App>, caller: Caller) -> Answered {
    let session = caller.session.session;
    app.sessions.end(session);
    app.files.close_session(session);
    let records = app.records.clone();
    let ended = blocking(move || records.keyholder().sign_out(session)).await?;
    ended.map_err(errors::keyholder)?;
    Ok(respond::empty(StatusCode::NO_CONTENT))
}

/// What a SMART client reads before it signs in.
pub(super) fn configuration(app: &App) -> String {
    let origin = &app.origin;
    json!({
        "token_endpoint": format!("{origin}/auth/token"),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "ES384"],
        "dpop_signing_alg_values_supported": ["ES256", "ES384"],
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": ["system/*.cruds", "user/*.cruds", "patient/*.cruds"],
        "response_types_supported": [],
        "code_challenge_methods_supported": ["S256"],
        "capabilities": ["client-confidential-asymmetric", "permission-v2"],
    })
    .to_string()
}

/// A refusal in OAuth's own form; one shape, whatever the reason.
async fn refused(app: &Arc<App>, ask: &Ask, error: KeyholderError) -> Answered {
    match error {
        KeyholderError::Refused(Refused { nonce: Some(nonce), .. }) => {
            app.nonces.share(&nonce, Instant::now());
            let mut response = failed(StatusCode::BAD_REQUEST, "use_dpop_nonce");
            auth::set_nonce(response.headers_mut(), &nonce);
            Ok(response)
        }
        KeyholderError::Refused(refused) => {
            ask.note.entry(refused.entry);
            app.throttle.failed(ask.peer, Instant::now());
            let response = failed(StatusCode::UNAUTHORIZED, "invalid_client");
            auth::offer_nonce(app, Ok(response)).await
        }
        KeyholderError::Asked(_) => Ok(failed(StatusCode::BAD_REQUEST, "invalid_request")),
        error => Err(errors::keyholder(error)),
    }
}

fn failed(status: StatusCode, error: &'static str) -> Response<Answer> {
    respond::oauth_error(status, error)
}

/// Whether there is a role that these words are granted to: a sign-in costs an entry of the ledger.
fn is_understood(words: &str) -> bool {
    [Role::Doctor, Role::Patient].iter().any(|role| Scope::asked(*role, words).is_some())
}
