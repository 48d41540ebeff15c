//! The folder of one incident.

use crate::failure::{Failure, Outcome};
use crate::home::Home;
use std::path::PathBuf;

/// Where all incidents lie.
pub(super) fn all(home: &Home) -> PathBuf {
    home.path().join("incidents")
}

/// The folder of this incident, which must be there. Its name is a day and a number, nothing that
/// leads elsewhere.
pub(super) fn of(home: &Home, incident: &str) -> Outcome<PathBuf> {
    let plain = |byte: u8| byte.is_ascii_digit() || byte == b'-';
    let folder = all(home).join(incident);
    if incident.is_empty() || !incident.bytes().all(plain) || !folder.is_dir() {
        let all = all(home);
        let all = all.display();
        return Err(Failure::NotThere(format!("there is no incident `{incident}` in {all}")));
    }
    Ok(folder)
}
