//! One message on a stream: its length as a big-endian u32, then its bytes.

use std::io::{self, Read, Write};
use terms::FRAME_BYTES_MAX;

/// Writes one message.
pub fn write(stream: &mut impl Write, message: &[u8]) -> io::Result<()> {
    let length = u32::try_from(message.len())
        .ok()
        .filter(|_| message.len() <= FRAME_BYTES_MAX)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "message too long"))?;
    let mut frame = Vec::with_capacity(4 + message.len());
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(message);
    stream.write_all(&frame)?;
    zeroize::Zeroize::zeroize(&mut frame);
    stream.flush()
}

/// Reads one message, or nothing where the stream ends between messages.
///
/// A length beyond [`FRAME_BYTES_MAX`] is refused before anything is allocated for it.
pub fn read(stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    if stream.read(&mut length[..1])? == 0 {
        return Ok(None);
    }
    stream.read_exact(&mut length[1..])?;
    let length = u32::from_be_bytes(length) as usize;
    if length > FRAME_BYTES_MAX {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "message too long"));
    }
    let mut message = vec![0; length];
    stream.read_exact(&mut message)?;
    Ok(Some(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_follow_each_other() {
        let mut stream = Vec::new();
        write(&mut stream, b"one").unwrap();
        write(&mut stream, b"").unwrap();
        let mut reader = &stream[..];
        assert_eq!(read(&mut reader).unwrap().as_deref(), Some(&b"one"[..]));
        assert_eq!(read(&mut reader).unwrap().as_deref(), Some(&b""[..]));
        assert_eq!(read(&mut reader).unwrap(), None);
    }

    #[test]
    fn a_length_beyond_the_limit_and_a_cut_frame_are_errors() {
        assert!(read(&mut &[0xff, 0xff, 0xff, 0xff][..]).is_err());
        assert!(read(&mut &[0, 0, 0, 9, 1][..]).is_err());
        assert!(read(&mut &[0, 0][..]).is_err());
    }
}
