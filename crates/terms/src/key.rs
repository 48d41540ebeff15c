//! Public keys of cards and devices.

use core::fmt;

/// The curves that cards and devices may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Curve {
    /// NIST P-256, for ES256.
    P256,
    /// NIST P-384, for ES384.
    P384,
}

impl Curve {
    /// Length of a coordinate, in bytes.
    pub const fn coordinate_bytes(self) -> usize {
        match self {
            Curve::P256 => 32,
            Curve::P384 => 48,
        }
    }
}

/// A public key as an uncompressed point (SEC 1, section 2.3.3). Its curve follows from its length.
///
/// Whether the point lies on the curve shows when a signature is verified with it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey {
    point: Vec<u8>,
}

impl PublicKey {
    /// Takes a point of 65 (P-256) or 97 bytes (P-384) that begins with 4.
    pub fn from_point(point: &[u8]) -> Option<PublicKey> {
        let known = matches!(point.len(), 65 | 97) && point[0] == 4;
        known.then(|| PublicKey { point: point.to_vec() })
    }

    /// The point.
    pub fn point(&self) -> &[u8] {
        &self.point
    }

    /// The curve.
    pub fn curve(&self) -> Curve {
        if self.point.len() == 65 { Curve::P256 } else { Curve::P384 }
    }

    /// The two coordinates, big-endian.
    pub fn coordinates(&self) -> (&[u8], &[u8]) {
        self.point[1..].split_at(self.curve().coordinate_bytes())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?})", self.curve())
    }
}

impl<C> minicbor::Encode<C> for PublicKey {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(&self.point)?.ok()
    }
}

impl<'b, C> minicbor::Decode<'b, C> for PublicKey {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        PublicKey::from_point(d.bytes()?)
            .ok_or_else(|| minicbor::decode::Error::message("not an uncompressed point"))
    }
}
