//! People facts: one line a person, nothing of which is quoted.

use incident::People;

pub(super) fn run(data: &[u8]) {
    let once = People::read(data);
    match (&once, People::read(data)) {
        (Ok(once), Ok(again)) => assert!(*once == again),
        (Err(error), Err(_)) => {
            let text = error.to_string();
            assert!(text.is_ascii() && text.len() < 200, "something of a line is in it");
        }
        _ => panic!("the same bytes are read once and not again"),
    }
}
