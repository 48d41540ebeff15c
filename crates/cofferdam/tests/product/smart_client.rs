//! A SMART Backend Services client with DPoP, written from the standards alone (RFC 7515, 7517,
//! 7523, 7638, 9449): nothing of it comes from the server's crates.

use crate::http::{Http, Reply};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A key pair on P-256 or P-384.
pub(crate) struct Key {
    pair: EcdsaKeyPair,
    curve: &'static str,
    algorithm: &'static str,
}

impl Key {
    pub(crate) fn p256() -> Key {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Key { pair, curve: "P-256", algorithm: "ES256" }
    }

    pub(crate) fn p384() -> Key {
        let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
        Key { pair, curve: "P-384", algorithm: "ES384" }
    }

    /// The public key.
    pub(crate) fn jwk(&self) -> Value {
        let point = &self.pair.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        let (x, y) = (BASE64URL_NOPAD.encode(x), BASE64URL_NOPAD.encode(y));
        json!({"kty": "EC", "crv": self.curve, "x": x, "y": y})
    }

    pub(crate) fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let text =
            format!(r#"{{"crv":{},"kty":"EC","x":{},"y":{}}}"#, jwk["crv"], jwk["x"], jwk["y"]);
        hash(text.as_bytes())
    }

    /// A signed statement with these members in its header besides `alg`.
    pub(crate) fn sign(&self, mut header: Value, claims: &Value) -> String {
        header["alg"] = self.algorithm.into();
        let signed = format!(
            "{}.{}",
            BASE64URL_NOPAD.encode(header.to_string().as_bytes()),
            BASE64URL_NOPAD.encode(claims.to_string().as_bytes())
        );
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }
}

/// A client with its key registered as a card.
pub(crate) struct SmartClient {
    pub(crate) http: Http,
    pub(crate) card: String,
    pub(crate) key: Key,
    pub(crate) device: Key,
    pub(crate) token: String,
    pub(crate) nonce: Option<String>,
}

impl SmartClient {
    pub(crate) fn new(http: Http, card: &str, key: Key) -> SmartClient {
        let device = Key::p256();
        SmartClient { http, card: card.to_owned(), key, device, token: String::new(), nonce: None }
    }

    /// Where assertions are sent.
    pub(crate) fn token_url(&self) -> String {
        format!("{}/auth/token", self.http.origin)
    }

    /// The claims of a good assertion for the client's device key.
    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": self.card,
            "sub": self.card,
            "aud": self.token_url(),
            "exp": seconds() + 240,
            "jti": unique(),
            "cnf": {"jkt": self.device.thumbprint()},
        })
    }

    /// Hands in an assertion once, with a proof by this device key.
    pub(crate) fn hand_in(&self, assertion: &str, device: &Key) -> Result<Reply, String> {
        let proof =
            prove(device, "POST", &self.token_url(), None, self.nonce.as_deref(), &json!({}));
        self.hand_in_with(assertion, &proof)
    }

    /// Hands in an assertion with this proof.
    pub(crate) fn hand_in_with(&self, assertion: &str, proof: &str) -> Result<Reply, String> {
        let form = format!(
            "grant_type=client_credentials&scope=system%2F*.cruds&client_assertion_type={}\
             &client_assertion={assertion}",
            ASSERTION_TYPE.replace(':', "%3A"),
        );
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("dpop", proof)];
        self.http.ask("POST", "/auth/token", &headers, form.as_bytes())
    }

    /// Signs in, with the nonce that the server asks for. An error says why not.
    pub(crate) fn sign_in(&mut self) -> Result<(), String> {
        for _ in 0..3 {
            let assertion = self.key.sign(json!({"typ": "JWT"}), &self.claims());
            let answer = self.hand_in(&assertion, &self.device)?;
            self.learn_nonce(&answer);
            if answer.status == 200 {
                let answer = answer.json();
                assert_eq!(answer["token_type"], "DPoP");
                self.token = answer["access_token"].as_str().unwrap().to_owned();
                return Ok(());
            }
            if !answer.text().contains("use_dpop_nonce") {
                return Err(format!("{} {}", answer.status, answer.text()));
            }
        }
        Err("asked for a nonce again and again".into())
    }

    /// Sends a request with a proof, again where the server asks for another nonce.
    pub(crate) fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Reply, String> {
        self.ask_with(method, path, headers, body, &json!({}))
    }

    /// The same with claims of the caller's in the proof.
    pub(crate) fn ask_with(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        claims: &Value,
    ) -> Result<Reply, String> {
        let address = path.split('?').next().unwrap();
        let url = format!("{}{address}", self.http.origin);
        for _ in 0..4 {
            let (token, nonce) = (Some(self.token.as_str()), self.nonce.as_deref());
            let proof = prove(&self.device, method, &url, token, nonce, claims);
            let authorization = format!("DPoP {}", self.token);
            let mut all = vec![("authorization", authorization.as_str()), ("dpop", &proof)];
            all.extend(headers);
            let answer = self.http.ask(method, path, &all, body)?;
            self.learn_nonce(&answer);
            let challenge = answer.header("www-authenticate").unwrap_or_default();
            if answer.status != 401 || !challenge.contains("use_dpop_nonce") {
                return Ok(answer);
            }
        }
        Err("asked for a nonce again and again".into())
    }

    /// Sends it and expects this status.
    pub(crate) fn expect(&mut self, status: u16, method: &str, path: &str, body: &Value) -> Reply {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let answer = self.ask(method, path, &[crate::http::FHIR_JSON], &body).unwrap();
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        answer
    }

    fn learn_nonce(&mut self, answer: &Reply) {
        if let Some(nonce) = answer.header("dpop-nonce") {
            self.nonce = Some(nonce.to_owned());
        }
    }
}

/// A proof of one request (RFC 9449, section 4.2), with further claims.
pub(crate) fn prove(
    device: &Key,
    method: &str,
    url: &str,
    token: Option<&str>,
    nonce: Option<&str>,
    more: &Value,
) -> String {
    let mut claims = json!({"jti": unique(), "htm": method, "htu": url, "iat": seconds()});
    if let Some(token) = token {
        claims["ath"] = hash(token.as_bytes()).into();
    }
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    device.sign(json!({"typ": "dpop+jwt", "jwk": device.jwk()}), &claims)
}

/// SHA-256 as the standards write it.
pub(crate) fn hash(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(digest(&SHA256, bytes).as_ref())
}

/// A word that was never used before.
pub(crate) fn unique() -> String {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    BASE64URL_NOPAD.encode(&bytes)
}

/// Now.
pub(crate) fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
