//! Makes a PDF smaller: what is not a stream goes into compressed object streams, and so does the
//! table of where things are (ISO 32000-1, 7.5.7 and 7.5.8). No object is changed.
//!
//! It reads what the PDF writer of this build writes, and nothing else: where a file looks
//! otherwise there is an error and no file.

use crate::PrintError;
use flate2::{Compression, write::ZlibEncoder};
use std::io::Write;

/// The most objects in one stream; a reader inflates all of them to get at one.
const OBJECTS_MOST: usize = 5_000;

/// The same document in fewer bytes.
pub(crate) fn pack(pdf: &[u8]) -> Result<Vec<u8>, PrintError> {
    let table = Table::read(pdf).ok_or_else(|| wrong("its table of objects"))?;
    let mut packing = Packing {
        out: pdf[..table.first].to_vec(),
        places: vec![Place::Free; table.size],
        waiting: Vec::new(),
    };
    for span in &table.spans {
        packing.object(span, &pdf[span.from..span.to])?;
    }
    packing.flush()?;
    packing.finish(table.trailer)
}

fn wrong(what: &str) -> PrintError {
    PrintError::Pdf(format!("the file could not be packed: {what}"))
}

/// Where an object is in the file.
struct Span {
    number: usize,
    from: usize,
    to: usize,
}

/// What stands at the end of a file.
struct Table<'a> {
    size: usize,
    first: usize,
    spans: Vec<Span>,
    /// The entries of the trailer without how many objects there are.
    trailer: &'a [u8],
}

impl<'a> Table<'a> {
    fn read(pdf: &'a [u8]) -> Option<Table<'a>> {
        let tail = pdf.get(pdf.len().checked_sub(40)?..)?;
        let tail = std::str::from_utf8(&tail[find(tail, b"startxref")?..]).ok()?;
        let start: usize = tail.split_ascii_whitespace().nth(1)?.parse().ok()?;
        let rest = pdf.get(start..)?.strip_prefix(b"xref\n0 ")?;
        let end = find(rest, b"\n")?;
        let size: usize = std::str::from_utf8(&rest[..end]).ok()?.parse().ok()?;
        let (entries, trailer) = rest[end + 1..].split_at_checked(size.checked_mul(20)?)?;
        let mut spans = Vec::with_capacity(size);
        for (number, entry) in entries.chunks(20).enumerate() {
            if entry[17] == b'n' {
                let from = std::str::from_utf8(&entry[..10]).ok()?.parse().ok()?;
                spans.push(Span { number, from, to: start });
            }
        }
        spans.sort_by_key(|span| span.from);
        for at in 1..spans.len() {
            spans[at - 1].to = spans[at].from;
        }
        let trailer = &trailer[find(trailer, b"<<")? + 2..];
        let trailer = &trailer[..find(trailer, b"startxref")?];
        let end = trailer.windows(2).rposition(|two| two == b">>")?;
        let in_order = spans.iter().all(|span| span.from < span.to);
        let first = spans.first()?.from;
        in_order.then_some(Table { size, first, spans, trailer: &trailer[..end] })
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[derive(Clone, Copy)]
enum Place {
    Free,
    /// At this byte.
    At(usize),
    /// In this stream, the object so far in it.
    In(usize, usize),
}

struct Packing<'a> {
    out: Vec<u8>,
    places: Vec<Place>,
    /// Numbers and bodies that go into the next stream.
    waiting: Vec<(usize, &'a [u8])>,
}

impl<'a> Packing<'a> {
    fn object(&mut self, span: &Span, bytes: &'a [u8]) -> Result<(), PrintError> {
        let begin = format!("{} 0 obj\n", span.number);
        let body = bytes.strip_prefix(begin.as_bytes()).ok_or_else(|| wrong("an object"))?;
        let body = body.trim_ascii_end().strip_suffix(b"endobj");
        let body = body.ok_or_else(|| wrong("the end of an object"))?.trim_ascii_end();
        if body.ends_with(b"endstream") {
            self.places[span.number] = Place::At(self.out.len());
            self.out.extend_from_slice(bytes);
            return Ok(());
        }
        self.waiting.push((span.number, body));
        if self.waiting.len() == OBJECTS_MOST { self.flush() } else { Ok(()) }
    }

    /// Writes the objects that wait as one stream.
    fn flush(&mut self) -> Result<(), PrintError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let own = self.places.len();
        let (mut index, mut bodies) = (String::new(), Vec::new());
        for (nth, (number, body)) in self.waiting.iter().enumerate() {
            index.push_str(&format!("{number} {} ", bodies.len()));
            bodies.extend_from_slice(body);
            bodies.push(b'\n');
            self.places[*number] = Place::In(own, nth);
        }
        let (count, first) = (self.waiting.len(), index.len());
        self.waiting.clear();
        self.places.push(Place::At(self.out.len()));
        let kind = format!("/Type/ObjStm/N {count}/First {first}");
        self.stream(own, &kind, &[index.as_bytes(), &bodies])
    }

    fn finish(mut self, trailer: &[u8]) -> Result<Vec<u8>, PrintError> {
        let (own, start) = (self.places.len(), self.out.len());
        self.places.push(Place::At(start));
        let mut table = Vec::with_capacity(8 * self.places.len());
        let mut above = [0; 7];
        for place in &self.places {
            let (kind, one, two) = match *place {
                Place::Free => (0, 0, 0),
                Place::At(byte) => (1, byte, 0),
                Place::In(stream, nth) => (2, stream, nth),
            };
            let one = u32::try_from(one).map_err(|_| wrong("it is larger than 4 GB"))?;
            let [a, b, c, d] = one.to_be_bytes();
            let [e, f] = (two as u16).to_be_bytes();
            let row = [kind, a, b, c, d, e, f];
            // What differs from the row above, as PNG has it (predictor 12): mostly nothing.
            table.push(2);
            table.extend(row.iter().zip(above).map(|(byte, above)| byte.wrapping_sub(above)));
            above = row;
        }
        let size = self.places.len();
        let without = without_size(trailer).ok_or_else(|| wrong("its trailer"))?;
        let rows = "/DecodeParms<</Predictor 12/Columns 7>>";
        let kind = format!("/Type/XRef/Size {size}/W[1 4 2]{rows}{without}");
        self.stream(own, &kind, &[&table])?;
        self.out.extend_from_slice(format!("startxref\n{start}\n%%EOF").as_bytes());
        Ok(self.out)
    }

    fn stream(&mut self, number: usize, kind: &str, parts: &[&[u8]]) -> Result<(), PrintError> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        let written = parts.iter().try_for_each(|part| encoder.write_all(part));
        let failed = |error: std::io::Error| wrong(&error.to_string());
        let packed = written.and_then(|()| encoder.finish()).map_err(failed)?;
        let length = packed.len();
        let begin =
            format!("{number} 0 obj\n<<{kind}/Length {length}/Filter/FlateDecode>>\nstream\n");
        self.out.extend_from_slice(begin.as_bytes());
        self.out.extend_from_slice(&packed);
        self.out.extend_from_slice(b"\nendstream\nendobj\n");
        Ok(())
    }
}

/// The trailer's entries but for `/Size`.
fn without_size(trailer: &[u8]) -> Option<String> {
    // The file's id is written in hexadecimal or as bytes; as bytes it is no text.
    let text: String = trailer.iter().map(|byte| char::from(*byte)).collect();
    if !text.is_ascii() {
        return None;
    }
    let (before, after) = text.split_once("/Size ")?;
    let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
    Some(format!("{}{}", before.trim_ascii(), after.trim_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_look_as_written_is_an_error() {
        for file in [&b""[..], b"%PDF-1.7", b"startxref\n9\n%%EOF", &[b'x'; 100]] {
            assert!(pack(file).is_err());
        }
        let lying = format!("{}startxref\n0\n%%EOF", "xref\n0 99999999999\n".repeat(4));
        assert!(pack(lying.as_bytes()).is_err());
    }
}
