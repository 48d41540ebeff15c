//! Identifiers: random bytes, printed as lower-case base32 without padding (RFC 4648, section 6).
//!
//! None of them is derived from anything about a person, so printing one reveals nothing.

use core::fmt;
use core::str::FromStr;
use data_encoding::{Encoding, Specification};
use std::sync::LazyLock;

static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut spec = Specification::new();
    spec.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    // Invariant: the alphabet above is 32 distinct ASCII letters, which is all that is asked.
    spec.encoding().expect("invariant: base32 alphabet")
});

/// The text is not an identifier of the kind that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseIdError;

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an identifier: lower-case letters and the digits 2 to 7 are expected")
    }
}

impl std::error::Error for ParseIdError {}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// Length in bytes.
            pub const LENGTH: usize = $bytes;

            /// Wraps bytes that are already random, or were read back.
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&BASE32.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let bytes = BASE32.decode(text.as_bytes()).map_err(|_| ParseIdError)?;
                Ok(Self(bytes.try_into().map_err(|_| ParseIdError)?))
            }
        }

        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(
                d: &mut minicbor::Decoder<'b>,
                _: &mut C,
            ) -> Result<Self, minicbor::decode::Error> {
                let bytes = d.bytes()?;
                Ok(Self(bytes.try_into().map_err(|_| {
                    minicbor::decode::Error::message("identifier of a wrong length")
                })?))
            }
        }
    };
}

id!(
    /// Names one file: everything kept about one person for life. Also the FHIR id of its Patient.
    FileId,
    16
);
id!(
    /// A file as the ledger names it: an HMAC of its [`FileId`], known to the keyholder alone.
    Blind,
    16
);
id!(
    /// Names one session of a card.
    SessionId,
    16
);
id!(
    /// Names one card.
    CardId,
    10
);
id!(
    /// Names one practice, clinic, laboratory or pharmacy.
    PracticeId,
    10
);
id!(
    /// Names one server process's installation.
    ServerId,
    10
);
id!(
    /// Names one list of a practice's patients, as an import makes it, for two officers to approve.
    ListId,
    10
);
id!(
    /// Names one job that two officers approved: openings of many files, each for one purpose.
    JobId,
    10
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_read_back_what_they_print() {
        let file = FileId::from_bytes([7; 16]);
        assert_eq!(file.to_string().len(), 26);
        assert_eq!(file.to_string().parse(), Ok(file));
        assert_eq!("".parse::<FileId>(), Err(ParseIdError));
        assert_eq!(file.to_string().to_uppercase().parse::<FileId>(), Err(ParseIdError));
        assert_eq!(format!("{file}a").parse::<FileId>(), Err(ParseIdError));
    }
}
