//! `cofferdam relation`: how practices and patients come together, one signature each.

use crate::cli::{
    BookArguments, CodesArguments, PresentArguments, ReferArguments, RelationCommand,
};
use crate::console;
use crate::failure::{Failure, Outcome};
use crate::home::Home;
use crate::orders::{by_card, random, two};
use crate::report::instant;
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use keyproto::statement::{Order, code_hash};
use terms::Ground;

/// Random bytes of a code: 80 bits, so that whoever reads its hash in the ledger cannot find it.
const CODE_BYTES: usize = 10;

/// `cofferdam relation`.
pub(crate) fn relation(home: &Home, command: &RelationCommand, json: bool) -> Outcome {
    match command {
        RelationCommand::Present(a) => present(home, a, json),
        RelationCommand::Refer(a) => refer(home, a, Ground::Referral, json),
        RelationCommand::Admit(a) => refer(home, a, Ground::Admission, json),
        RelationCommand::Book(a) => book(home, a, json),
        RelationCommand::Codes(a) => codes(home, a, json),
        RelationCommand::Confirm(a) => {
            let order = Order::Confirm { file: a.file, card: a.opened_by };
            by_card(home, &a.card, &order, json, "confirmed")
        }
    }
}

/// The patient's own card says so, or a card of the practice where a code was shown.
fn present(home: &Home, arguments: &PresentArguments, json: bool) -> Outcome {
    let file = arguments.file;
    let order = match (&arguments.shown.practice, &arguments.shown.code) {
        (Some(practice), None) => Order::Presence { file, practice: *practice },
        (None, Some(code)) => Order::Present { file, code: code.clone() },
        _ => return Err(Failure::Asked("name one of --practice and --code".into())),
    };
    by_card(home, &arguments.card, &order, json, "present")
}

fn refer(home: &Home, arguments: &ReferArguments, ground: Ground, json: bool) -> Outcome {
    let order = Order::Refer { file: arguments.file, practice: arguments.to, ground };
    let done = if ground == Ground::Admission { "admitted" } else { "referred" };
    by_card(home, &arguments.card, &order, json, done)
}

fn book(home: &Home, arguments: &BookArguments, json: bool) -> Outcome {
    let at = instant(Some(&arguments.at))?.unwrap_or_default().seconds();
    let order = Order::Book { file: arguments.file, practice: arguments.practice, at };
    by_card(home, &arguments.card, &order, json, "booked")
}

/// Prints the codes once they count, and keeps none.
fn codes(home: &Home, arguments: &CodesArguments, json: bool) -> Outcome {
    let new = (0..arguments.count).map(|_| code());
    let codes = new.collect::<Outcome<Vec<String>>>()?;
    let hashes = codes.iter().map(|code| BASE64URL_NOPAD.encode(&code_hash(code)));
    let order = Order::Codes { file: arguments.file, codes: hashes.collect() };
    two(home, &arguments.officers, &order, json, "these codes count, each once; hand them over")?;
    for code in codes {
        if json {
            console::json(&serde_json::json!({ "code": code }));
        } else {
            console::say(&code);
        }
    }
    Ok(())
}

/// Four groups of four letters and digits.
fn code() -> Outcome<String> {
    let letters = BASE32_NOPAD.encode(&random::<CODE_BYTES>()?).to_ascii_lowercase();
    let groups: Vec<&str> =
        (0..letters.len()).step_by(4).filter_map(|at| letters.get(at..at + 4)).collect();
    Ok(groups.join("-"))
}

#[cfg(test)]
mod tests {
    use super::code;
    use keyproto::statement::code_hash;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let one = code().unwrap();
        assert_eq!(one.len(), 19);
        assert_ne!(one, code().unwrap());
        let typed = one.to_ascii_uppercase().replace('-', " ");
        assert_eq!(code_hash(&one), code_hash(&typed));
    }
}
