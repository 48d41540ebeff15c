//! Looking for markers in every byte of every file, in every form that they may have taken.

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};
use memchr::memmem::Finder;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What every marker begins with: letters alone, so that folding, prefixes and encodings of text
/// leave it as it is. Nothing else ever contains it.
pub(crate) const STEM: &str = "qzvxkwjmarke";

/// The sealed format's dictionary, without which compressed text cannot be looked into.
static DICTIONARY: &[u8] = include_bytes!("../../../../seal/data/dictionary-v1");
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// Most that one compressed piece is unfolded to.
const UNFOLDED_BYTES_MAX: u64 = 8 << 20;

/// The marker of this number.
pub(crate) fn marker(number: usize) -> String {
    format!("{STEM}{number:05}")
}

/// A marker that was found.
#[derive(Debug)]
#[expect(dead_code, reason = "a failing test shows it")]
pub(crate) struct Hit {
    pub(crate) path: PathBuf,
    pub(crate) form: &'static str,
    pub(crate) offset: usize,
    pub(crate) around: String,
}

/// Looks for every form of the stem.
pub(crate) struct Scanner(Vec<(&'static str, Finder<'static>)>);

impl Scanner {
    pub(crate) fn new() -> Scanner {
        let forms = forms(STEM);
        Scanner(
            forms.into_iter().map(|(form, text)| (form, Finder::new(&text).into_owned())).collect(),
        )
    }

    /// Every hit in a folder; names of files and folders count as content. The number is that of
    /// the bytes that were looked at.
    pub(crate) fn folder(&self, folder: &Path) -> (Vec<Hit>, u64) {
        let (mut hits, mut bytes) = (Vec::new(), 0);
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let path = entry.path();
            hits.extend(self.bytes(&path, entry.file_name().as_encoded_bytes()));
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                let (more, length) = self.folder(&path);
                hits.extend(more);
                bytes += length;
            } else if kind.is_file() {
                let content = match fs::read(&path) {
                    // Files that are written anew and renamed come and go while it is served.
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                    content => content.unwrap(),
                };
                bytes += content.len() as u64;
                hits.extend(self.bytes(&path, &content));
                hits.extend(self.unfolded(&path, &content));
            }
        }
        (hits, bytes)
    }

    fn bytes(&self, path: &Path, content: &[u8]) -> Vec<Hit> {
        let found = |(form, finder): &(&'static str, Finder<'static>)| {
            let offset = finder.find(content)?;
            let around = &content[offset.saturating_sub(40)..content.len().min(offset + 80)];
            let around = around.escape_ascii().to_string();
            Some(Hit { path: path.to_owned(), form, offset, around })
        };
        self.0.iter().filter_map(found).collect()
    }

    /// The same in what is compressed, as far as it unfolds.
    fn unfolded(&self, path: &Path, content: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for at in Finder::new(ZSTD_MAGIC).find_iter(content) {
            let decoder = zstd::Decoder::with_dictionary(&content[at..], DICTIONARY).unwrap();
            let mut text = Vec::new();
            // What comes before an error counts as well.
            let _ = decoder.single_frame().take(UNFOLDED_BYTES_MAX).read_to_end(&mut text);
            hits.extend(self.bytes(path, &text));
        }
        hits
    }
}

/// The ways in which a text may be written.
fn forms(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let (lower, upper) = (text.to_lowercase(), text.to_uppercase());
    let capital = format!("{}{}", &upper[..1], &lower[1..]);
    let mut forms = Vec::new();
    for text in [lower, upper, capital] {
        let bytes = text.as_bytes();
        forms.push(("text", bytes.to_vec()));
        for skipped in 0..3 {
            for encoding in [BASE64, BASE64URL] {
                forms.push(("base64", base64_inside(&encoding, bytes, skipped)));
            }
        }
        forms.push(("UTF-16 LE", text.encode_utf16().flat_map(u16::to_le_bytes).collect()));
        forms.push(("UTF-16 BE", text.encode_utf16().flat_map(u16::to_be_bytes).collect()));
        forms.push(("hexadecimal", HEXLOWER.encode(bytes).into_bytes()));
        forms.push(("hexadecimal", HEXUPPER.encode(bytes).into_bytes()));
        let low: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
        let high: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
        forms.push(("percent", low.into_bytes()));
        forms.push(("percent", high.into_bytes()));
    }
    forms.sort();
    forms.dedup();
    forms
}

/// The part of the encoded text that no neighbour changes, where so many bytes of a group of three
/// come before.
fn base64_inside(encoding: &data_encoding::Encoding, bytes: &[u8], before: usize) -> Vec<u8> {
    let whole = &bytes[(3 - before) % 3..];
    encoding.encode(&whole[..whole.len() / 3 * 3]).into_bytes()
}

#[test]
fn the_scanner_finds_a_marker_in_every_form_wherever_it_is() {
    let text = marker(17);
    let (upper, padding) = (text.to_uppercase(), "x".repeat(70_001));
    let mut compressed = Vec::new();
    // Long enough that its letters are not left as they are.
    let long = drill::population::Population::new(1, 1).person(0).bundle() + &text;
    let mut encoder = zstd::Encoder::with_dictionary(&mut compressed, 3, DICTIONARY).unwrap();
    std::io::Write::write_all(&mut encoder, long.as_bytes()).unwrap();
    encoder.finish().unwrap();
    let utf16: Vec<u8> = upper.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let percent: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let planted: [(&str, Vec<u8>); 10] = [
        ("text", format!("{padding}{text}").into_bytes()),
        ("text", format!("a{upper}b").into_bytes()),
        ("base64", BASE64.encode(format!("{text} ").as_bytes()).into_bytes()),
        ("base64", BASE64.encode(format!("1{text}").as_bytes()).into_bytes()),
        ("base64", BASE64.encode(format!("12{text}").as_bytes()).into_bytes()),
        ("UTF-16 LE", [b" ".as_slice(), &utf16, b"x"].concat()),
        ("hexadecimal", HEXLOWER.encode(text.as_bytes()).into_bytes()),
        ("percent", percent.into_bytes()),
        ("text", [padding.as_bytes(), &compressed, b"after"].concat()),
        ("text", format!("Patient?name={}{}", &upper[..1], &text[1..]).into_bytes()),
    ];
    for (form, content) in planted {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("inside")).unwrap();
        fs::write(folder.path().join("inside/file"), &content).unwrap();
        let (hits, bytes) = Scanner::new().folder(folder.path());
        assert_eq!((hits.len(), bytes), (1, content.len() as u64), "{form}: {hits:?}");
        assert_eq!(hits[0].form, form);
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(&text), "").unwrap();
    assert_eq!(Scanner::new().folder(folder.path()).0.len(), 1, "the name of a file");
    fs::remove_file(folder.path().join(&text)).unwrap();
    fs::write(folder.path().join("file"), &STEM[1..]).unwrap();
    assert_eq!(Scanner::new().folder(folder.path()).0.len(), 0, "something else");
}
