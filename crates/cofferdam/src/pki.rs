//! The local certificate authority: TLS from the first minute. A clinic brings its own certificate.

use crate::failure::{Failure, Outcome};
use crate::home::Home;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Makes `ca.pem`, `server.pem` and `server.key`. The authority's own key is not kept: it signs one
/// certificate, and nobody can steal it afterwards.
pub(crate) fn make(home: &Home, tenant: &str) -> Outcome {
    let failed = |error: rcgen::Error| Failure::World(format!("certificates: {error}"));
    let authority_key = KeyPair::generate().map_err(failed)?;
    let authority = authority(tenant);
    let authority_pem = authority.self_signed(&authority_key).map_err(failed)?.pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().map_err(failed)?;
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let mut server = CertificateParams::new(names).map_err(failed)?;
    server.distinguished_name = name("Cofferdam server");
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    server.use_authority_key_identifier_extension = true;
    let certificate = server.signed_by(&key, &issuer).map_err(failed)?;
    let folder = home.tls();
    Home::make(&folder)?;
    write(&folder.join("ca.pem"), 0o644, &authority_pem)?;
    write(&folder.join("server.pem"), 0o644, &certificate.pem())?;
    write(&folder.join("server.key"), 0o600, &key.serialize_pem())
}

fn authority(tenant: &str) -> CertificateParams {
    let mut authority = CertificateParams::default();
    authority.distinguished_name = name(&format!("Cofferdam local authority of {tenant}"));
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority
}

fn name(text: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, text);
    name
}

fn write(path: &Path, mode: u32, text: &str) -> Outcome {
    let write = || {
        let mut file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(Failure::world(path.display()))
}
