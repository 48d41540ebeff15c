//! TLS 1.3 and nothing older, with a key exchange that a quantum computer does not undo.

use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::Arc;

/// The certificate or its key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The text is not PEM, or lacks what it should have.
    #[error("the {0} is not PEM with a {0} in it")]
    NotPem(&'static str),
    /// The key does not belong to the certificate, or is of a kind that TLS 1.3 does not know.
    #[error("certificate and key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// What the listener needs: X25519MLKEM768 first, HTTP/2 and HTTP/1.1.
pub(crate) fn config(certificate: &[u8], key: &[u8]) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = CertificateDer::pem_slice_iter(certificate)
        .collect::<Result<Vec<_>, _>>()
        .ok()
        .filter(|chain| !chain.is_empty())
        .ok_or(TlsError::NotPem("certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::NotPem("private key"))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // Early data could be replayed, and no request is worth the saved round trip.
    config.max_early_data_size = 0;
    config.send_half_rtt_data = false;
    Ok(Arc::new(config))
}

fn provider() -> CryptoProvider {
    use aws_lc_rs::kx_group::{SECP256R1, SECP384R1, X25519, X25519MLKEM768};
    CryptoProvider {
        kx_groups: vec![X25519MLKEM768, X25519, SECP256R1, SECP384R1],
        ..aws_lc_rs::default_provider()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hybrid_group_comes_first() {
        let groups = provider().kx_groups;
        assert_eq!(groups[0].name(), rustls::NamedGroup::X25519MLKEM768);
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        assert!(matches!(config(b"", b""), Err(TlsError::NotPem("certificate"))));
        assert!(matches!(config(b"-----BEGIN", b""), Err(TlsError::NotPem("certificate"))));
        let made = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
        let pem = made.cert.pem();
        assert!(matches!(config(pem.as_bytes(), b"x"), Err(TlsError::NotPem("private key"))));
        assert!(config(pem.as_bytes(), made.signing_key.serialize_pem().as_bytes()).is_ok());
    }
}
