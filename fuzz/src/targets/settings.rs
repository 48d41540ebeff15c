//! The settings file `cofferdam.toml`.

use crate::cofferdam_parts::config::Config;
use crate::cofferdam_parts::home::Home;

pub(super) fn run(data: &[u8]) {
    let path = crate::targets::scratch("cofferdam.toml", data);
    let home = Home::at(path.parent().expect("a file in a folder"));
    if let Ok(config) = Config::read(&home) {
        assert!(config.local_listen.ip().is_loopback(), "metrics for everybody");
        assert!(config.server_id().is_ok());
    }
}
