use super::*;
use crate::jws::{Header, Jwk, compact, signing_input, thumbprint};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
};
use data_encoding::BASE64URL_NOPAD;
use proptest::prelude::*;
use serde::Serialize;
use terms::{CardId, Curve, FileId, PracticeId, PublicKey, Time};

struct Signer {
    pair: EcdsaKeyPair,
    key: PublicKey,
}

fn signer(curve: Curve) -> Signer {
    let algorithm = match curve {
        Curve::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
    };
    let pair = EcdsaKeyPair::generate(algorithm).unwrap();
    let key = PublicKey::from_point(pair.public_key().as_ref()).unwrap();
    Signer { pair, key }
}

impl Signer {
    fn sign<T: Serialize>(&self, header: &Header, claims: &T) -> String {
        let input = signing_input(header, claims).unwrap();
        let signature = self.pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        compact(&input, signature.as_ref())
    }

    fn prove(&self, claims: &ProofClaims) -> String {
        let jwk = Some(Jwk::of(&self.key));
        self.sign(&Header::new(PROOF_TYPE, self.key.curve(), jwk), claims)
    }
}

const NOW: Time = Time::from_millis(1_800_000_000_000);
const URL: &str = "https://localhost:8443/auth/token";

fn sign_in_claims() -> SignInClaims {
    let card = CardId::from_bytes([3; 10]).to_string();
    SignInClaims {
        iss: card.clone(),
        sub: card,
        aud: Audience::One(URL.into()),
        exp: NOW.seconds() + 200,
        jti: "1".into(),
        cnf: None,
        hours: None,
        openings: None,
    }
}

fn sign_in(signer: &Signer, claims: &SignInClaims) -> Result<SignedIn, StatementError> {
    let text = signer.sign(&Header::new(SIGN_IN_TYPE, signer.key.curve(), None), claims);
    UnverifiedSignIn::parse(&text)?.verify(&signer.key, URL, NOW)
}

#[test]
fn both_curves_sign_in() {
    for curve in [Curve::P256, Curve::P384] {
        let signer = signer(curve);
        let signed = sign_in(&signer, &sign_in_claims()).unwrap();
        assert_eq!(signed.card(), CardId::from_bytes([3; 10]));
        assert_eq!(signed.device(), thumbprint(&signer.key));
    }
}

#[test]
fn a_sign_in_for_elsewhere_or_another_time_is_refused() {
    let signer = signer(Curve::P256);
    let mut claims = sign_in_claims();
    claims.aud = Audience::Several(vec!["https://other/".into(), URL.into()]);
    assert!(sign_in(&signer, &claims).is_ok());
    claims.aud = Audience::One("https://other/".into());
    assert_eq!(sign_in(&signer, &claims).err(), Some(StatementError::Audience));
    for exp in [NOW.seconds() - 61, NOW.seconds() + 361, u64::MAX] {
        let claims = SignInClaims { exp, ..sign_in_claims() };
        assert_eq!(sign_in(&signer, &claims).err(), Some(StatementError::Expired));
    }
    let claims = SignInClaims { sub: "x".into(), ..sign_in_claims() };
    assert_eq!(sign_in(&signer, &claims).err(), Some(StatementError::Claim));
}

#[test]
fn another_key_and_another_algorithm_are_refused() {
    let (one, two) = (signer(Curve::P256), signer(Curve::P256));
    let text = one.sign(&Header::new(SIGN_IN_TYPE, Curve::P256, None), &sign_in_claims());
    let parsed = UnverifiedSignIn::parse(&text).unwrap();
    let wrong = parsed.verify(&two.key, URL, NOW).err();
    assert_eq!(wrong, Some(StatementError::Jws(JwsError::Signature)));
    let wrong = parsed.verify(&signer(Curve::P384).key, URL, NOW).err();
    assert_eq!(wrong, Some(StatementError::Jws(JwsError::Algorithm)));
    let none = Header { alg: "none".into(), typ: None, jwk: None, crit: None };
    let text = one.sign(&none, &sign_in_claims());
    let wrong = UnverifiedSignIn::parse(&text).unwrap().verify(&one.key, URL, NOW).err();
    assert_eq!(wrong, Some(StatementError::Jws(JwsError::Algorithm)));
}

#[test]
fn a_proof_names_its_file_by_claim_or_address() {
    let signer = signer(Curve::P256);
    let file = FileId::from_bytes([9; 16]);
    let address = |tail: &str| format!("https://localhost:8443/fhir/{tail}");
    let named = [
        (format!("Patient/{file}"), Some(file)),
        (format!("Observation/{file}-3f.1"), Some(file)),
        (format!("Patient/{file}/$everything"), Some(file)),
        (format!("Patient/{file}x"), None),
        ("Observation".into(), None),
        (format!("Observation?subject=Patient/{file}"), None),
        ("ÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅ".into(), None),
    ];
    for (tail, expected) in named {
        let claims = ProofClaims { jti: "1".into(), htu: address(&tail), ..ProofClaims::default() };
        let proof = Proof::verify(&signer.prove(&claims)).unwrap();
        assert_eq!(proof.file_in_url(), expected, "{tail}");
        assert_eq!(proof.file(), None);
        assert_eq!(proof.thumbprint(), thumbprint(&signer.key));
    }
}

#[test]
fn a_proof_of_another_kind_or_without_its_key_is_refused() {
    let signer = signer(Curve::P256);
    let claims = ProofClaims { jti: "1".into(), ..ProofClaims::default() };
    let text = signer.sign(&Header::new("JWT", Curve::P256, Some(Jwk::of(&signer.key))), &claims);
    assert_eq!(Proof::verify(&text).err(), Some(StatementError::Kind));
    let text = signer.sign(&Header::new(PROOF_TYPE, Curve::P256, None), &claims);
    assert_eq!(Proof::verify(&text).err(), Some(StatementError::Claim));
}

#[test]
fn a_proof_that_gives_its_private_key_away_is_refused() {
    let signer = signer(Curve::P256);
    let claims = ProofClaims { jti: "1".into(), ..ProofClaims::default() };
    let signed = |d: &str| {
        let jwk = serde_json::to_string(&Jwk::of(&signer.key)).unwrap();
        let jwk = jwk.replacen('{', &format!(r#"{{"kid":"1",{d}"#), 1);
        let header = format!(r#"{{"typ":"{PROOF_TYPE}","alg":"ES256","jwk":{jwk}}}"#);
        let claims = serde_json::to_vec(&claims).unwrap();
        let input = [header.as_bytes(), &claims].map(|part| BASE64URL_NOPAD.encode(part)).join(".");
        let signature = signer.pair.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        compact(&input, signature.as_ref())
    };
    assert!(Proof::verify(&signed("")).is_ok());
    for d in [r#""d":"AAAA","#, r#""d":"","#, r#""d":7,"#] {
        let refused = Proof::verify(&signed(d)).err();
        assert_eq!(refused, Some(StatementError::Jws(JwsError::Malformed)), "{d}");
    }
}

#[test]
fn addresses_are_compared_by_what_they_mean_and_no_further() {
    let same = [
        ("https://host/fhir/Patient/a", "https://host/fhir/Patient/a"),
        ("HTTPS://Host:443/fhir?x=/y#z", "https://host/fhir"),
        ("http://host:80#z", "http://host"),
        ("https://[::1]:443/", "https://[::1]/"),
        ("https://host/a%2fb%c3%A5c", "https://host/a%2Fb%C3%A5c"),
    ];
    for (written, normal) in same {
        assert_eq!(normal_address(written), normal);
        assert_eq!(normal_address(normal), normal);
    }
    let other = [
        "https://host/FHIR",
        "https://host:8443/fhir",
        "http://host:443/fhir",
        "https://host/fhir/",
        "https://host/x/../fhir",
        "https://host/%66hir",
        "https://host@evil/fhir",
        "https://hostevil/fhir",
    ];
    for written in other {
        assert_ne!(normal_address(written), "https://host/fhir", "{written}");
    }
    for odd in ["", "%", "a/b/c/%", "https://h/%a", "https://h/%å", "https://h/%%2f", "//", "?"] {
        assert_eq!(normal_address(&normal_address(odd)), normal_address(odd));
    }
}

#[test]
fn orders_read_back_as_signed() {
    let signer = signer(Curve::P384);
    let order = Order::IssueCard {
        card: CardId::from_bytes([1; 10]),
        role: terms::Role::Nurse,
        practice: PracticeId::from_bytes([2; 10]),
        holder: "Nurse".into(),
        key: Jwk::of(&signer.key),
        not_after: 5,
        file: None,
    };
    let claims = OrderClaims {
        iss: CardId::from_bytes([3; 10]).to_string(),
        aud: "https://localhost:8443".into(),
        exp: NOW.seconds(),
        jti: "1".into(),
        order: order.clone(),
    };
    let text = signer.sign(&Header::new(ORDER_TYPE, Curve::P384, None), &claims);
    let parsed = UnverifiedOrder::parse(&text).unwrap();
    let signed = parsed.verify(&signer.key, "https://localhost:8443", NOW).unwrap();
    assert!(*signed.order() == order);
    assert!(parsed.verify(&signer.key, "https://elsewhere", NOW).is_err());
    assert!(UnverifiedSignIn::parse(&text).is_err(), "an order is no sign-in");
}

proptest! {
    #[test]
    fn any_altered_character_spoils_a_proof(at in 0usize..10_000, with in any::<u8>()) {
        let signer = signer(Curve::P256);
        let claims = ProofClaims { jti: "1".into(), htm: "GET".into(), ..ProofClaims::default() };
        let mut text = signer.prove(&claims).into_bytes();
        let at = at % text.len();
        let with = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
            [with as usize % 65];
        prop_assume!(text[at] != with);
        text[at] = with;
        prop_assert!(Proof::verify(std::str::from_utf8(&text).unwrap()).is_err());
    }

    #[test]
    fn arbitrary_text_is_an_error_and_no_panic(text in ".{0,200}", bytes: Vec<u8>) {
        let _ = Proof::verify(&text);
        prop_assert!(UnverifiedSignIn::parse(&text).is_err());
        prop_assert!(UnverifiedOrder::parse(&text).is_err());
        let encoded = BASE64URL_NOPAD.encode(&bytes);
        let text = [encoded.as_str(); 3].join(".");
        prop_assert!(Proof::verify(&text).is_err());
    }
}
