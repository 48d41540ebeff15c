//! An entry of the ledger for programs: the kind of act, and its fields by name.
//!
//! The names stand in docs/api/reports.md. An act that is new has to be named here: no match below
//! has an arm for the rest.

use data_encoding::HEXLOWER;
use keyproto::jws::Jwk;
use ledger::entry::{
    Act, CardIssued, Confirmed, Consent, Consented, Deposited, Erased, Errand, Found, Frozen, Held,
    HoldOn, JobApproved, ListApproved, LookUp, Mark, Opened, OpenedByJob, Refused, Related,
    SessionStarted, Stepped, Subject, Why,
};
use serde_json::{Value, json};
use terms::{Blind, CardId, Section};

/// The kind of an act, and its fields. `file` says which file a name of the ledger means.
pub(crate) fn of(act: &Act, file: &dyn Fn(&Blind) -> String) -> (&'static str, Value) {
    match act {
        Act::Began(a) => ("began", json!({"tenant": a.tenant, "directory": file(&a.directory)})),
        Act::PracticeRegistered(a) => (
            "practice-registered",
            json!({"practice": text(a.practice), "name": a.name, "by": cards(&a.by),
                   "order": hex(&a.order)}),
        ),
        Act::CardIssued(a) => ("card-issued", card_issued(a, file)),
        Act::CardRevoked(a) => (
            "card-revoked",
            json!({"card": text(a.card), "reason": a.reason, "by": cards(&a.by),
                   "order": hex(&a.order)}),
        ),
        Act::SessionStarted(a) => ("session-started", session_started(a)),
        Act::SessionEnded(a) => ("session-ended", json!({"session": text(a.session)})),
        Act::Opened(a) => ("opened", opened(a, file)),
        Act::JobApproved(a) => ("job-approved", job_approved(a)),
        Act::OpenedByJob(a) => ("opened-by-job", opened_by_job(a, file)),
        Act::Refused(a) => ("refused", refused(a, file)),
        Act::Found(a) => ("found", found(a, file)),
        Act::FileCreated(a) => (
            "file-created",
            json!({"file": file(&a.file), "practice": text(a.practice),
                   "session": text(a.session), "list": a.list.map(text),
                   "unless": a.unless.map(look_up)}),
        ),
        Act::Deposited(a) => ("deposited", deposited(a, file)),
        Act::Abandoned(a) if a.first == 0 => {
            ("abandoned", deposited(a, &|blind| format!("never made {blind}")))
        }
        Act::Abandoned(a) => ("abandoned", deposited(a, file)),
        Act::Related(a) => ("related", related(a, file)),
        Act::Stepped(a) => ("stepped", stepped(a)),
        Act::Confirmed(a) => ("confirmed", confirmed(a, file)),
        Act::CodesIssued(a) => (
            "codes-issued",
            json!({"file": file(&a.file), "codes": a.codes.len(), "by": cards(&a.by),
                   "order": hex(&a.order)}),
        ),
        Act::Consented(a) => ("consented", consented(a, file)),
        Act::ListApproved(a) => ("list-approved", list_approved(a)),
        Act::Frozen(a) => ("frozen", frozen(a)),
        Act::Unfrozen(a) => (
            "unfrozen",
            json!({"subject": subject(&a.subject), "reason": a.reason, "by": cards(&a.by),
                   "order": hex(&a.order)}),
        ),
        Act::Marked(a) => (
            "marked",
            json!({"file": file(&a.file), "mark": mark(a.mark), "set": a.set, "by": cards(&a.by),
                   "order": hex(&a.order)}),
        ),
        Act::Erased(a) => ("erased", erased(a, file)),
        Act::Held(a) => ("held", held(a, file)),
        Act::EpochBegan(a) => ("epoch-began", json!({"epoch": a.epoch})),
    }
}

fn erased(a: &Erased, file: &dyn Fn(&Blind) -> String) -> Value {
    json!({
        "file": file(&a.file),
        "by": cards(&a.by),
        "order": hex(&a.order),
        "epoch": a.epoch,
    })
}

fn held(a: &Held, file: &dyn Fn(&Blind) -> String) -> Value {
    json!({
        "on": hold_on(&a.on, file),
        "case": a.case,
        "set": a.set,
        "reason": a.reason,
        "by": cards(&a.by),
        "order": hex(&a.order),
    })
}

fn list_approved(a: &ListApproved) -> Value {
    json!({
        "list": text(a.list),
        "practice": text(a.practice),
        "lasts_seconds": a.lasts.millis() / 1000,
        "by": cards(&a.by),
        "order": hex(&a.order),
    })
}

fn frozen(a: &Frozen) -> Value {
    json!({
        "subject": subject(&a.subject),
        "why": a.why.map(why),
        "reason": a.reason,
        "finding": a.finding.map(terms::Finding::word),
        "by": cards(&a.by),
    })
}

fn card_issued(a: &CardIssued, file: &dyn Fn(&Blind) -> String) -> Value {
    json!({
        "card": text(a.card),
        "role": a.role.word(),
        "practice": text(a.practice),
        "holder": a.holder,
        "key": Jwk::of(&a.key),
        "not_after": text(a.not_after),
        "file": a.file.as_ref().map(file),
        "by": cards(&a.by),
        "order": hex(&a.order),
    })
}

fn related(a: &Related, file: &dyn Fn(&Blind) -> String) -> Value {
    json!({
        "file": file(&a.file),
        "practice": text(a.practice),
        "relation": a.class.word(),
        "until": text(a.until),
        "by": [text(a.by)],
        "ground": a.ground.word(),
        "code": a.code.as_ref().map(|code| hex(code)),
        "order": hex(&a.order),
    })
}

fn stepped(a: &Stepped) -> Value {
    json!({
        "card": text(a.card),
        "rung": a.rung.word(),
        "until": text(a.until),
        "finding": a.finding.word(),
        "by": cards(&a.by),
        "order": hex(&a.order),
    })
}

fn confirmed(a: &Confirmed, file: &dyn Fn(&Blind) -> String) -> Value {
    json!({
        "file": file(&a.file),
        "card": text(a.card),
        "by": [text(a.by)],
        "order": hex(&a.order),
    })
}

fn consented(a: &Consented, file: &dyn Fn(&Blind) -> String) -> Value {
    json!({
        "file": file(&a.file),
        "what": consent(&a.what),
        "set": a.set,
        "by": [text(a.by)],
        "order": hex(&a.order),
    })
}

fn session_started(a: &SessionStarted) -> Value {
    json!({
        "session": text(a.session),
        "card": text(a.card),
        "server": text(a.server),
        "device": Jwk::of(&a.device),
        "until": text(a.until),
        "openings_max": a.openings_max,
        "assertion": hex(&a.assertion),
    })
}

fn opened(a: &Opened, file: &dyn Fn(&Blind) -> String) -> Value {
    let token = a.token.as_ref();
    json!({
        "file": file(&a.file),
        "session": text(a.session),
        "card": text(a.card),
        "practice": text(a.practice),
        "server": text(a.server),
        "sections": words(a.sections.iter()),
        "relation": a.class.word(),
        "purpose": a.purpose.word(),
        "reason": a.reason,
        "segments": a.segments,
        "repeat": a.repeat,
        "grade": a.grade.word(),
        "close": a.close,
        "token": token.map(|t| json!({"hash": hex(&t.hash), "until": text(t.until)})),
        "request": hex(&a.request),
    })
}

fn job_approved(a: &JobApproved) -> Value {
    let errand = match a.errand {
        Errand::Letters => "letters",
    };
    json!({
        "job": text(a.job),
        "errand": errand,
        "files": a.files,
        "root": hex(&a.root),
        "sections": words(a.sections.iter()),
        "until": text(a.until),
        "card": text(a.card),
        "by": cards(&a.by),
        "order": hex(&a.order),
    })
}

fn opened_by_job(a: &OpenedByJob, file: &dyn Fn(&Blind) -> String) -> Value {
    json!({
        "file": file(&a.file),
        "job": text(a.job),
        "index": a.index,
        "session": text(a.session),
        "card": text(a.card),
        "practice": text(a.practice),
        "server": text(a.server),
        "sections": words(a.sections.iter()),
        "segments": a.segments,
        "request": hex(&a.request),
    })
}

fn deposited(a: &Deposited, file: &dyn Fn(&Blind) -> String) -> Value {
    json!({
        "file": file(&a.file),
        "session": text(a.session),
        "card": text(a.card),
        "practice": text(a.practice),
        "server": text(a.server),
        "first": a.first,
        "sections": words(a.sections.iter().copied()),
        "head": hex(&a.head),
    })
}

fn refused(a: &Refused, file: &dyn Fn(&Blind) -> String) -> Value {
    json!({
        "why": why(a.why),
        "file": a.file.as_ref().map(file),
        "session": a.session.map(text),
        "card": a.card.map(text),
        "server": text(a.server),
        "request": hex(&a.request),
    })
}

fn found(a: &Found, file: &dyn Fn(&Blind) -> String) -> Value {
    json!({
        "looked_by": look_up(a.by),
        "shown": a.shown.iter().map(file).collect::<Vec<_>>(),
        "told": a.told.iter().map(file).collect::<Vec<_>>(),
        "session": text(a.session),
        "card": text(a.card),
        "practice": text(a.practice),
        "server": text(a.server),
        "request": hex(&a.request),
    })
}

/// The same for people: fields one after another, without those that are empty.
pub(crate) fn line(fields: &Value) -> String {
    let fields = fields.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let shown = fields.map(|(name, value)| match value {
        Value::String(text) => format!("{name}: {text}"),
        value => format!("{name}: {value}"),
    });
    shown.collect::<Vec<_>>().join("  ")
}

fn text(value: impl ToString) -> String {
    value.to_string()
}

fn hex(hash: &[u8; 32]) -> String {
    HEXLOWER.encode(hash)
}

fn cards(by: &[CardId]) -> Vec<String> {
    by.iter().map(text).collect()
}

fn words(sections: impl Iterator<Item = Section>) -> Vec<&'static str> {
    sections.map(Section::word).collect()
}

fn subject(subject: &Subject) -> Value {
    let id = match subject {
        Subject::Card(card) => text(card),
        Subject::Practice(practice) => text(practice),
        Subject::Server(server) => text(server),
    };
    json!({"kind": subject.kind().word(), "id": id})
}

fn consent(what: &Consent) -> Value {
    match *what {
        Consent::Bar(practice) => json!({"bar": text(practice)}),
        Consent::Hide(section) => json!({"hide": section.word()}),
        Consent::Deputy(card) => json!({"deputy": text(card)}),
    }
}

fn hold_on(on: &HoldOn, file: &dyn Fn(&Blind) -> String) -> Value {
    match on {
        HoldOn::File(one) => json!({"file": file(one)}),
        HoldOn::Practice(practice) => json!({"practice": text(practice)}),
    }
}

const fn why(why: Why) -> &'static str {
    match why {
        Why::Frozen => "frozen",
        Why::Session => "session",
        Why::Card => "card",
        Why::Signature => "signature",
        Why::Replay => "replay",
        Why::NoFile => "no-file",
        Why::NoRelation => "no-relation",
        Why::Role => "role",
        Why::Restricted => "restricted",
        Why::StepUp => "step-up",
        Why::Budget => "budget",
        Why::SessionBudget => "session-budget",
        Why::Openers => "openers",
        Why::Canary => "canary",
        Why::Enumeration => "enumeration",
        Why::Order => "order",
        Why::Unwitnessed => "unwitnessed",
        Why::Reason => "reason",
        Why::Weak => "weak",
        Why::Code => "code",
        Why::Held => "held",
    }
}

const fn look_up(by: LookUp) -> &'static str {
    match by {
        LookUp::Identifier => "identifier",
        LookUp::Name => "name",
        LookUp::NameAndBirthDate => "name-and-birth-date",
        LookUp::Telephone => "telephone",
        LookUp::Chart => "chart",
    }
}

const fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::Canary => "canary",
        Mark::Restricted => "restricted",
    }
}
