//! People facts: one line a person, nothing of which is quoted. And what a chamber opens: a list
//! that is taken says the same when it is written again.

use incident::{MemberList, People};

pub(super) fn run(data: &[u8]) {
    if let Ok(list) = MemberList::parse(data) {
        assert!(MemberList::parse(&list.to_bytes()).is_ok_and(|again| again == list));
    }
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
