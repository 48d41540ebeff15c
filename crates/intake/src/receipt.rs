//! Receipts: that these very bytes came at this time, signed at once.
//!
//! Trust: the receipt key signs, and the officer's certificate for it is part of the receipt, so
//! that a finder can have it verified anywhere, without the server and for ever.

use crate::Sealed;
use crate::key::{Certificate, ReceiptKey, Unsigned, verify};
use crate::lines::{Lines, time};
use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::{BASE64, HEXLOWER};
use terms::Time;

const FIRST_LINE: &str = "cofferdam disclosure receipt 1";
const RECEIPT_BYTES_MAX: usize = 4096;

/// A receipt whose signatures were verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// When it came; the receipt leaves when the message is on disk.
    pub received: Time,
    /// Length of the sealed message.
    pub bytes: usize,
    /// SHA-256 of the sealed message.
    pub sha256: [u8; 32],
    /// Who certified the key that signed.
    pub certificate: Certificate,
}

/// Signs for a sealed message.
pub fn sign(
    key: &ReceiptKey,
    certificate: &Certificate,
    sealed: &[u8],
    received: Time,
) -> Result<String, Sealed> {
    let (bytes, sha256) = (sealed.len(), sha256(sealed));
    let receipt = Receipt { received, bytes, sha256, certificate: certificate.clone() };
    Ok(receipt.written(&key.sign(&receipt.signed())?))
}

impl Receipt {
    /// Reads a receipt and verifies both signatures, and that the one certified the other then.
    pub fn verify(text: &str) -> Result<Receipt, Unsigned> {
        let (receipt, signature) = read(text).ok_or(Unsigned::Form)?;
        let certificate = receipt.certificate.verified()?;
        verify(&certificate.receipt_key, receipt.signed().as_bytes(), &signature)?;
        if receipt.received < certificate.from || receipt.received >= certificate.until {
            return Err(Unsigned::Time);
        }
        Ok(receipt)
    }

    fn signed(&self) -> String {
        let Receipt { received, bytes, sha256, .. } = self;
        let sha256 = HEXLOWER.encode(sha256);
        format!("{FIRST_LINE}\nreceived: {received}\nbytes: {bytes}\nsha256: {sha256}\n")
    }

    fn written(&self, signature: &[u8]) -> String {
        let (signed, signature) = (self.signed(), BASE64.encode(signature));
        format!("{signed}signature: {signature}\n{}", self.certificate.to_text())
    }

    /// Whether it is for these bytes.
    pub fn is_for(&self, sealed: &[u8]) -> bool {
        self.bytes == sealed.len() && self.sha256 == sha256(sealed)
    }
}

fn read(text: &str) -> Option<(Receipt, Vec<u8>)> {
    let mut lines = Lines::of(text, RECEIPT_BYTES_MAX)?;
    lines.exactly(FIRST_LINE)?;
    let received = time(lines.value("received")?)?;
    let bytes = lines.value("bytes")?.parse().ok()?;
    let sha256 = HEXLOWER.decode(lines.value("sha256")?.as_bytes()).ok()?.try_into().ok()?;
    let signature = BASE64.decode(lines.value("signature")?.as_bytes()).ok()?;
    let certificate = Certificate::read(&mut lines)?;
    lines.end()?;
    let receipt = Receipt { received, bytes, sha256, certificate };
    (receipt.written(&signature) == text).then_some((receipt, signature))
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{OfficerKey, RECEIPT_KEY_LIFE};
    use terms::Duration;

    #[test]
    fn a_receipt_is_for_its_bytes_and_its_time() {
        let (officer, key) = (OfficerKey::make().unwrap(), ReceiptKey::make().unwrap());
        let from = Time::from_millis(1_795_694_400_000);
        let certificate = officer.certify("https://a.example", key.public(), from).unwrap();
        let received = from + Duration::from_days(3);
        let text = sign(&key, &certificate, b"sealed", received).unwrap();
        let receipt = Receipt::verify(&text).unwrap();
        assert_eq!((receipt.received, &receipt.certificate), (received, &certificate));
        assert!(receipt.is_for(b"sealed") && !receipt.is_for(b"sealer"));

        let earlier = text.replace(&received.to_string(), &from.to_string());
        assert_eq!(Receipt::verify(&earlier), Err(Unsigned::Signature));
        let late = sign(&key, &certificate, b"sealed", from + RECEIPT_KEY_LIFE).unwrap();
        assert_eq!(Receipt::verify(&late), Err(Unsigned::Time));
        let other = ReceiptKey::make().unwrap();
        let forged = sign(&other, &certificate, b"sealed", received).unwrap();
        assert_eq!(Receipt::verify(&forged), Err(Unsigned::Signature));
        for text in ["", "x", &text[..text.len() - 9], &format!("{text}more\n"), "é"] {
            assert_eq!(Receipt::verify(text), Err(Unsigned::Form));
        }
    }
}
