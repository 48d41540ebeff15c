//! An HTTP client that knows nothing of the server but its address and its authority.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::SendBody;
use ureq::http::Request;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// What trusts one authority.
#[derive(Clone)]
pub(crate) struct Http {
    pub(crate) origin: String,
    agent: Agent,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Http {
    pub(crate) fn trusting(origin: String, authority: &Path) -> Http {
        let pem = std::fs::read(authority).unwrap();
        let roots: Vec<Certificate<'static>> = parse_pem(&pem)
            .filter_map(|item| match item.unwrap() {
                PemItem::Certificate(certificate) => Some(certificate.to_owned()),
                _ => None,
            })
            .collect();
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(roots)))
            .unversioned_rustls_crypto_provider(Arc::new(provider))
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_global(Some(Duration::from_secs(120)))
            .build()
            .into();
        Http { origin, agent }
    }

    /// Sends a request; an error says that there is no answer, and nothing of what was done.
    pub(crate) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Reply, String> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body).map_err(|error| error.to_string())?;
        let answer = self.agent.run(request).map_err(|error| error.to_string())?;
        let (parts, mut body) = answer.into_parts();
        let text = |value: &ureq::http::HeaderValue| value.to_str().unwrap_or("?").to_owned();
        Ok(Reply {
            status: parts.status.as_u16(),
            headers: parts.headers.iter().map(|(n, v)| (n.to_string(), text(v))).collect(),
            body: body
                .with_config()
                .limit(1 << 30)
                .read_to_vec()
                .map_err(|error| error.to_string())?,
        })
    }

    /// The same with a body that comes piece by piece.
    pub(crate) fn send_slowly(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl std::io::Read + Send + 'static,
    ) -> Result<u16, String> {
        let mut request = Request::post(format!("{}{path}", self.origin));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(SendBody::from_owned_reader(body)).map_err(|e| e.to_string())?;
        let answer = self.agent.run(request).map_err(|error| error.to_string())?;
        Ok(answer.status().as_u16())
    }

    /// The same with a bearer token and FHIR JSON.
    pub(crate) fn bearer(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: &[u8],
    ) -> Result<Reply, String> {
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str()), FHIR_JSON];
        self.ask(method, path, &headers, body)
    }
}

/// What a body of FHIR JSON says that it is.
pub(crate) const FHIR_JSON: (&str, &str) = ("content-type", "application/fhir+json");

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{} {e}: {}", self.status, self.text()))
    }

    /// The id of what a create made.
    pub(crate) fn created_id(&self) -> Option<String> {
        let mut parts = self.header("location")?.rsplit('/');
        let last = parts.next()?;
        let before = parts.next()?;
        Some(if before == "_history" { parts.next()? } else { last }.to_owned())
    }
}
