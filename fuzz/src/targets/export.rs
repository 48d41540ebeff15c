//! An export from elsewhere: its list of files, and a signature. Neither is believed.

use cards::SignedExport;
use incident::filing::{MANIFEST, verify_folder};

/// The content of the one file that lies beside the list.
const CONTENT: &[u8] = b"content";

pub(super) fn run(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(signed) = SignedExport::verify(text)
    {
        let (input, _) = text.rsplit_once('.').expect("what was verified has a signature");
        let altered = format!("{input}x.{}", "A".repeat(86));
        assert!(SignedExport::verify(&altered).is_err());
        assert!(!signed.thumbprint().is_empty());
    }
    let list = crate::targets::scratch("list", data);
    let folder = list.with_file_name("export");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("a.txt"), CONTENT).expect("a file");
    std::fs::rename(&list, folder.join(MANIFEST)).expect("the list");
    let Ok(found) = verify_folder(&folder) else { return };
    if found.wrong.is_empty() {
        let names: Vec<&String> = found.manifest.files.keys().collect();
        assert_eq!(names, ["a.txt"], "what is not listed was added, and nothing else is there");
        let part = &found.manifest.files["a.txt"];
        assert_eq!(part.sha256, incident::filing::hash_of(CONTENT));
    }
}
