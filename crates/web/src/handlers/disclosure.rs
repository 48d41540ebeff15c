//! Reports of flaws by anybody: what the page and `security.txt` say, and messages under a code
//! phrase. This server sees ciphertext, and keeps no address of who sent it.

use super::body;
use crate::app::{App, Ask};
use crate::blocking::blocking;
use crate::clock;
use crate::negotiate::{self, Sent};
use crate::problem::{Family, Problem};
use crate::query::Query;
use crate::respond::{self, Answered};
use crate::routes::Disclosure;
use crate::throttle::Throttle;
use hyper::StatusCode;
use hyper::header::{
    ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, RETRY_AFTER,
};
use intake::desk::{BODY_BYTES_MAX, TakeError};
use intake::page::{self, Language};
use intake::store::StoreError;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

const TEXT: &str = "text/plain; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Carries one of them out.
pub(super) async fn act(app: &Arc<App>, ask: Ask, what: Disclosure) -> Answered {
    let ok = |kind, text: String| Ok(respond::text(StatusCode::OK, kind, text));
    match what {
        Disclosure::SecurityTxt => ok(TEXT, app.desk.security_txt(clock::now())),
        Disclosure::Page => html(page::report(&app.desk, language(&ask))),
        Disclosure::Script => ok(SCRIPT, page::REPORT_JS.into()),
        Disclosure::Crypto => ok(SCRIPT, page::CRYPTO_JS.into()),
        Disclosure::Style => ok(STYLE, page::STYLE_CSS.into()),
        Disclosure::Key => match app.desk.certificate() {
            Some(certificate) => ok(TEXT, certificate.to_text()),
            None => Err(refused(TakeError::NoKey)),
        },
        Disclosure::Message => message(app, ask).await,
        Disclosure::Answers => answers(app, ask).await,
        Disclosure::Letter => html(page::letter(language(&ask), None)),
        Disclosure::LetterCheck => letter(app, ask).await,
    }
}

/// Takes a sealed message in, and answers with a signed receipt when it is on disk.
async fn message(app: &Arc<App>, mut ask: Ask) -> Answered {
    expect_json(&ask)?;
    once(&app.messages, ask.peer, 3600)?;
    let body = body(app, &mut ask, BODY_BYTES_MAX).await?;
    let desk = app.desk.clone();
    let receipt = blocking(move || desk.take(&body, clock::now())).await?;
    let receipt = receipt.map_err(refused)?;
    // Who looks at the log hears of it on the same day.
    tracing::warn!("a finder's message came in: see `cofferdam disclosure list`");
    Ok(respond::text(StatusCode::CREATED, TEXT, receipt))
}

async fn answers(app: &Arc<App>, mut ask: Ask) -> Answered {
    expect_json(&ask)?;
    once(&app.looks, ask.peer, 60)?;
    let body = body(app, &mut ask, 1024).await?;
    let desk = app.desk.clone();
    let answers = blocking(move || desk.answers(&body)).await?.map_err(refused)?;
    Ok(respond::text(StatusCode::OK, "application/json", answers))
}

async fn letter(app: &Arc<App>, mut ask: Ask) -> Answered {
    negotiate::expect(&ask.headers, Sent::Form)?;
    once(&app.looks, ask.peer, 60)?;
    let form = body(app, &mut ask, 4096).await?;
    let form = Query::default().and_form(&form)?;
    let code = form.first("code").unwrap_or_default().to_owned();
    let desk = app.desk.clone();
    let known = blocking(move || desk.letter_codes.has(&code)).await?;
    let known = known.map_err(|error| refused(TakeError::Store(StoreError::World(error))))?;
    html(page::letter(language(&ask), Some(known)))
}

/// A page of another origin can send no JSON without asking first, and is refused when it asks.
fn expect_json(ask: &Ask) -> Result<(), Problem> {
    if ask.headers.contains_key(CONTENT_TYPE) && negotiate::sent(&ask.headers)? == Sent::Json {
        return Ok(());
    }
    Err(Problem::new(Family::Media, "send it as application/json"))
}

/// Counts every try, good or bad: each may cost room on the disk or a look at all messages.
fn once(throttle: &Throttle, peer: IpAddr, seconds: u32) -> Result<(), Problem> {
    let now = Instant::now();
    if !throttle.lets(peer, now) {
        let problem = Problem::new(Family::Throttled, "too many from this network: try later");
        return Err(problem.with_header(RETRY_AFTER, seconds.into()));
    }
    throttle.failed(peer, now);
    Ok(())
}

fn language(ask: &Ask) -> Language {
    let accepted = ask.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Language::choose(ask.query.first("lang"), accepted.unwrap_or_default())
}

/// A page that runs its own script, and nobody else's.
fn html(text: String) -> Answered {
    let mut response = respond::text(StatusCode::OK, HTML, text);
    let policy = HeaderValue::from_static(page::SECURITY_POLICY);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

fn refused(error: TakeError) -> Problem {
    let family = match &error {
        TakeError::Form => Family::Malformed,
        TakeError::NoKey | TakeError::Store(StoreError::Full) => Family::Unavailable,
        TakeError::Store(StoreError::Length) => Family::TooLarge,
        TakeError::Store(StoreError::MailboxFull) => Family::Conflict,
        TakeError::Store(StoreError::Altered) => Family::Tampered,
        _ => {
            tracing::error!("the intake's folder cannot be used, or no receipt can be signed");
            return Problem::new(Family::Unavailable, "messages cannot be kept at the moment");
        }
    };
    Problem::new(family, error.to_string())
}
