//! What people write on the command line for others to read.

/// Longest reason, holder or name, in bytes.
const WORDS_BYTES_MAX: usize = 500;
/// Longest name of a file, in bytes.
const FILE_NAME_BYTES_MAX: usize = 100;

/// Text that stands in the ledger or a journal and is read on terminals.
pub(super) fn words(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.len() > WORDS_BYTES_MAX {
        return Err(format!("it takes 1 to {WORDS_BYTES_MAX} bytes of text"));
    }
    if text.chars().any(char::is_control) {
        return Err("it takes one line, without control characters".into());
    }
    Ok(text.to_owned())
}

/// The name of a file in a folder of ours, without its ending.
pub(super) fn file_name(text: &str) -> Result<String, String> {
    let leads_elsewhere = |c: char| c.is_control() || matches!(c, '/' | '\\');
    let is_name = !text.is_empty() && !text.starts_with('.') && !text.contains(leads_elsewhere);
    if is_name && text.len() <= FILE_NAME_BYTES_MAX {
        Ok(text.to_owned())
    } else {
        Err("a name is one of a file, not in another folder, and begins with no dot".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_one_line_that_steers_no_terminal() {
        assert_eq!(words(" lost on the bus ").unwrap(), "lost on the bus");
        for wrong in ["", "  ", "a\nb", "\u{1b}[2J", &"a".repeat(501)] {
            assert!(words(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_cards_name_leads_to_no_other_folder() {
        for name in ["kjær-2", "a ward's system", "x."] {
            assert_eq!(file_name(name).unwrap(), name);
        }
        for wrong in ["", "../x", "a/b", "/x", ".x", "a\nb", &"a".repeat(101)] {
            assert!(file_name(wrong).is_err(), "{wrong:?}");
        }
    }
}
