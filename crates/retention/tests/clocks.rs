//! Clocks from made-up ledgers: which rule holds, what is missing, and that nothing shortens.

use ledger::entry::{
    Act, Deposited, Entry, EpochBegan, Erased, FileCreated, Held, HoldOn, Mark, Marked, Opened,
    Related,
};
use proptest::prelude::*;
use retention::{Books, Clock, Date, Facts, Kind, Law, Missing, Said, Settings, State};
use terms::{
    Blind, CardId, Duration, FileId, Grade, Ground, ListId, PracticeId, Purpose, RelationClass,
    Section, Sections, ServerId, SessionId, Time,
};

const DAY: u64 = 86_400;
/// 2020-01-01.
const START: u64 = 18_262 * DAY;

fn blind(n: u8) -> Blind {
    Blind::from_bytes([n; Blind::LENGTH])
}

fn id(n: u8) -> FileId {
    FileId::from_bytes([n; FileId::LENGTH])
}

fn practice(n: u8) -> PracticeId {
    PracticeId::from_bytes([n; PracticeId::LENGTH])
}

fn list() -> ListId {
    ListId::from_bytes([7; ListId::LENGTH])
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// A ledger under way.
struct Ledger {
    facts: Facts,
    number: u64,
}

impl Ledger {
    fn new() -> Ledger {
        Ledger { facts: Facts::default(), number: 0 }
    }

    fn on(&mut self, day: u64, act: Act) {
        let at = Time::from_millis((START + day * DAY) * 1_000);
        let name = |blind: &Blind| Some(id(blind.as_bytes()[0]));
        self.facts.take(self.number, &Entry { at, act }, &name);
        self.number += 1;
    }

    fn made(day: u64, at: u8, list: Option<ListId>) -> Ledger {
        let mut ledger = Ledger::new();
        let session = SessionId::from_bytes([1; SessionId::LENGTH]);
        let (file, practice, unless) = (blind(1), practice(at), None);
        ledger.on(day, Act::FileCreated(FileCreated { file, practice, session, list, unless }));
        ledger
    }

    fn deposit(&mut self, day: u64, at: u8) {
        let deposited = Deposited {
            file: blind(1),
            session: SessionId::from_bytes([1; SessionId::LENGTH]),
            card: CardId::from_bytes([1; CardId::LENGTH]),
            practice: practice(at),
            server: ServerId::from_bytes([1; ServerId::LENGTH]),
            first: 0,
            sections: vec![Section::Results],
            head: [0; 32],
        };
        self.on(day, Act::Deposited(deposited));
    }

    fn open(&mut self, day: u64, class: RelationClass, purpose: Purpose) {
        let opened = Opened {
            file: blind(1),
            session: SessionId::from_bytes([1; SessionId::LENGTH]),
            card: CardId::from_bytes([1; CardId::LENGTH]),
            practice: practice(1),
            server: ServerId::from_bytes([1; ServerId::LENGTH]),
            sections: Sections::ALL,
            class,
            purpose,
            reason: None,
            segments: 1,
            repeat: false,
            token: None,
            request: [0; 32],
            grade: Grade::Weak,
            close: false,
        };
        self.on(day, Act::Opened(opened));
    }

    fn relate(&mut self, day: u64, to: u8) {
        let related = Related {
            file: blind(1),
            practice: practice(to),
            class: RelationClass::Presence,
            until: Time::from_millis(0) + Duration::from_days(90),
            by: CardId::from_bytes([2; CardId::LENGTH]),
            order: [0; 32],
            ground: Ground::Card,
            code: None,
        };
        self.on(day, Act::Related(related));
    }

    fn hold(&mut self, on: HoldOn, case: &str, set: bool) {
        let (case, reason, by) = (case.to_owned(), String::new(), Vec::new());
        self.on(0, Act::Held(Held { on, case, set, reason, by, order: [0; 32] }));
    }

    fn until(&self, settings: &str, said: &Said) -> (String, Vec<Missing>, String) {
        let books = Books::brought().unwrap();
        let settings = Settings::parse("retention.toml", settings).unwrap();
        let law = Law { books: &books, settings: &settings };
        let (_, file) = self.facts.named(id(1)).unwrap();
        let clock = Clock::of(law, &self.facts, file, said);
        let rule = clock.terms[0].rule.id.clone();
        (clock.until().unwrap().to_string(), clock.missing.into_iter().collect(), rule)
    }

    fn cases(&self) -> Vec<String> {
        let (_, file) = self.facts.files().next().unwrap();
        self.facts.cases(file).into_iter().map(str::to_owned).collect()
    }
}

fn keeps(number: u8, country: &str, kinds: &str) -> String {
    let id = practice(number);
    format!("[[practice]]\nid = \"{id}\"\ncountry = \"{country}\"\nkinds = [{kinds}]\n")
}

#[test]
fn germany_counts_ten_years_from_the_end_and_thirty_for_radiotherapy() {
    let mut ledger = Ledger::made(0, 1, None);
    ledger.deposit(10, 1);
    let here = keeps(1, "DE", "\"patient\"");
    let (until, missing, rule) = ledger.until(&here, &Said::default());
    assert_eq!((until.as_str(), rule.as_str()), ("2030-01-11", "de-patient"));
    assert_eq!(missing, []);
    // A later opening for the treatment counts; the patient's own and the cashier's do not.
    ledger.open(20, RelationClass::Contact, Purpose::Treatment);
    ledger.open(40, RelationClass::Own, Purpose::PatientRequest);
    ledger.open(50, RelationClass::Contact, Purpose::Payment);
    assert_eq!(ledger.until(&here, &Said::default()).0, "2030-01-21");
    let ended = Said { ended: Some(date("2021-06-30")), ..Said::default() };
    assert_eq!(ledger.until(&here, &ended).0, "2031-06-30");
    let said = Said { kinds: [Kind::Radiotherapy].into(), ..Said::default() };
    let (until, _, rule) = ledger.until(&here, &said);
    assert_eq!((until.as_str(), rule.as_str()), ("2050-01-21", "de-radiotherapy"));
}

#[test]
fn denmark_counts_from_the_last_entry_and_follows_no_demand() {
    let mut ledger = Ledger::made(0, 1, None);
    ledger.deposit(366, 1);
    ledger.open(900, RelationClass::Contact, Purpose::Treatment);
    let here = keeps(1, "DK", "\"patient\"");
    let (until, _, rule) = ledger.until(&here, &Said::default());
    assert_eq!((until.as_str(), rule.as_str()), ("2031-01-01", "dk-patient"));
    let (books, settings) =
        (Books::brought().unwrap(), Settings::parse("retention.toml", &here).unwrap());
    let law = Law { books: &books, settings: &settings };
    let (_, file) = ledger.facts.named(id(1)).unwrap();
    let clock = Clock::of(law, &ledger.facts, file, &Said::default());
    let demands = clock.demands(date("2030-12-31"));
    assert!(demands[0].says.contains("cannot demand") && !demands[0].instead.is_empty());
    assert!(clock.demands(date("2031-01-02")).is_empty(), "over");
    assert_eq!(clock.state(file, date("2031-01-01")), State::Active, "the last day counts");
    assert_eq!(clock.state(file, date("2031-01-02")), State::Due);
}

#[test]
fn a_missing_birth_date_is_named_and_taken_for_the_latest_that_can_be() {
    let ledger = Ledger::made(0, 1, None);
    let here = keeps(1, "US-ME", "\"patient\"");
    let (until, missing, rule) = ledger.until(&here, &Said::default());
    assert_eq!((until.as_str(), rule.as_str()), ("2044-01-01", "me-minor"));
    assert_eq!(missing, [Missing::Birth]);
    let born = |text| Said { born: Some(date(text)), ..Said::default() };
    assert_eq!(ledger.until(&here, &born("2010-05-05")).0, "2034-05-05");
    let (until, missing, rule) = ledger.until(&here, &born("1960-05-05"));
    assert_eq!((until.as_str(), rule.as_str()), ("2027-01-01", "me-patient"));
    assert_eq!(missing, []);
}

#[test]
fn the_longest_of_all_practices_counts_and_an_unknown_one_takes_every_rule() {
    let mut ledger = Ledger::made(0, 1, None);
    ledger.deposit(0, 2);
    let both = keeps(1, "US-CT", "\"patient\"") + &keeps(2, "DE", "\"patient\"");
    let (until, missing, rule) = ledger.until(&both, &Said::default());
    assert_eq!((until.as_str(), rule.as_str()), ("2030-01-01", "de-patient"));
    assert_eq!(missing, [Missing::Death], "Connecticut's rule on deaths may fit");
    let (until, missing, rule) = ledger.until(&keeps(1, "DE", "\"patient\""), &Said::default());
    assert_eq!(rule, "de-radiotherapy");
    assert_eq!(until, "2050-01-01");
    assert!(missing.contains(&Missing::Practice(practice(2))));
    let (_, missing, rule) = ledger.until("", &Said::default());
    assert_eq!((rule.as_str(), missing.len()), ("de-radiotherapy", 4));
    // A kind without a rule of its country: every rule, and it is said.
    let ledger = Ledger::made(0, 1, None);
    let (until, missing, _) = ledger.until(&keeps(1, "DE", "\"card-applicant\""), &Said::default());
    assert_eq!(until, "2050-01-01");
    assert!(missing.contains(&Missing::Rule("DE".into(), Kind::CardApplicant)));
}

#[test]
fn a_death_lengthens_and_never_shortens() {
    let ledger = Ledger::made(0, 1, None);
    let here = keeps(1, "US-CT", "\"patient\"");
    let died = |text| Said { died: Some(date(text)), ..Said::default() };
    assert_eq!(ledger.until(&here, &Said::default()).0, "2027-01-01");
    assert_eq!(ledger.until(&here, &died("2021-01-01")).0, "2027-01-01");
    let (until, missing, rule) = ledger.until(&here, &died("2026-12-31"));
    assert_eq!((until.as_str(), rule.as_str()), ("2029-12-31", "ct-death"));
    assert_eq!(missing, []);
}

#[test]
fn who_was_only_tested_counts_from_the_first_day_until_there_is_a_relation() {
    let tests = format!("[[list]]\nid = \"{}\"\nkinds = [\"mass-test\"]\n", list());
    let here = keeps(1, "DE", "\"patient\"") + &tests;
    let mut ledger = Ledger::made(0, 1, Some(list()));
    ledger.deposit(500, 1);
    ledger.open(600, RelationClass::Evidence, Purpose::Treatment);
    let (until, _, rule) = ledger.until(&here, &Said::default());
    assert_eq!((until.as_str(), rule.as_str()), ("2030-01-01", "de-mass-test"));
    ledger.relate(700, 1);
    let (until, _, rule) = ledger.until(&here, &Said::default());
    assert_eq!((until.as_str(), rule.as_str()), ("2031-08-23", "de-patient"));
}

#[test]
fn holds_marks_and_ends_are_told() {
    let mut ledger = Ledger::made(0, 1, None);
    ledger.relate(1, 2);
    ledger.deposit(1, 3);
    ledger.hold(HoldOn::File(blind(1)), "a", true);
    ledger.hold(HoldOn::Practice(practice(2)), "b", true);
    ledger.hold(HoldOn::Practice(practice(3)), "c", true);
    assert_eq!(ledger.cases(), ["a", "b"], "as the decision: a deposit alone holds nothing");
    ledger.hold(HoldOn::File(blind(1)), "a", false);
    ledger.hold(HoldOn::Practice(practice(2)), "b", false);
    assert!(ledger.cases().is_empty());
    let by = vec![CardId::from_bytes([1; CardId::LENGTH])];
    let mark = Mark::Restricted;
    let marked = Marked { file: blind(1), mark, set: true, by: by.clone(), order: [0; 32] };
    ledger.on(2, Act::Marked(marked));
    ledger.on(3, Act::EpochBegan(EpochBegan { epoch: 2 }));
    assert_eq!(ledger.facts.newest_epoch().map(|(epoch, ..)| epoch), Some(2));
    let erased = Erased { file: blind(1), by, order: [0; 32], epoch: Some(2) };
    ledger.on(4, Act::Erased(erased));
    let (_, file) = ledger.facts.files().next().unwrap();
    assert!(file.restricted && file.file.is_none());
    assert_eq!(file.erased.as_ref().map(|end| end.epoch), Some(Some(2)));
}

#[derive(Clone, Debug)]
enum Step {
    Deposit(u64, u8),
    Open(u64),
    Relate(u64, u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0..4_000u64, 1..4u8).prop_map(|(day, at)| Step::Deposit(day, at)),
        (0..4_000u64).prop_map(Step::Open),
        (0..4_000u64, 1..4u8).prop_map(|(day, at)| Step::Relate(day, at)),
    ];
    prop::collection::vec(step, 0..12)
}

fn settings() -> impl Strategy<Value = String> {
    let country = prop::sample::select(vec!["DE", "DK", "US-CA", "US-CT", "US-ME", "US-TX"]);
    let kind = prop::sample::select(vec![
        "\"patient\"",
        "\"mass-test\"",
        "\"radiotherapy\"",
        "\"patient\", \"card-applicant\"",
    ]);
    prop::collection::vec(prop::option::of((country, kind)), 3).prop_map(|practices| {
        let named = (1u8..).zip(practices).filter_map(|(n, keeps)| keeps.map(|keeps| (n, keeps)));
        named.map(|(n, (country, kind))| keeps(n, country, kind)).collect()
    })
}

fn said() -> impl Strategy<Value = Said> {
    let day = |days: std::ops::Range<u64>| {
        prop::option::of(days.prop_map(|day| Date::of(Time::from_millis(day * DAY * 1_000))))
    };
    // Nobody is born after the file was made.
    (day(0..18_262), day(18_262..25_000), day(18_262..25_000))
        .prop_map(|(born, died, ended)| Said { born, died, ended, kinds: Default::default() })
}

proptest! {
    #[test]
    fn a_later_fact_never_shortens(
        steps in steps(), settings in settings(), said in said(), list in any::<bool>(),
    ) {
        let mut ledger = Ledger::made(0, 1, list.then_some(self::list()));
        let mut last = ledger.until(&settings, &said).0;
        for step in steps {
            match step {
                Step::Deposit(day, at) => ledger.deposit(day, at),
                Step::Open(day) => ledger.open(day, RelationClass::Contact, Purpose::Treatment),
                Step::Relate(day, to) => ledger.relate(day, to),
            }
            let now = ledger.until(&settings, &said).0;
            prop_assert!(now >= last, "{now} is before {last}");
            last = now;
        }
    }

    #[test]
    fn what_is_missing_never_makes_a_date_earlier(
        steps in steps(), settings in settings(), said in said(),
    ) {
        let mut ledger = Ledger::made(0, 1, None);
        for step in steps {
            match step {
                Step::Deposit(day, at) => ledger.deposit(day, at),
                Step::Open(day) => ledger.open(day, RelationClass::Contact, Purpose::Treatment),
                Step::Relate(day, to) => ledger.relate(day, to),
            }
        }
        let known = ledger.until(&settings, &said).0;
        let unborn = Said { born: None, ..said.clone() };
        prop_assert!(ledger.until(&settings, &unborn).0 >= known);
        // Forgetting where a practice is takes every rule instead.
        prop_assert!(ledger.until("", &said).0 >= known);
        // A death and an end only ever add.
        let living = Said { died: None, ended: None, ..said };
        prop_assert!(ledger.until(&settings, &living).0 <= known);
    }
}

#[test]
fn what_may_end_is_due_free_and_somebodys_and_the_longest_comes_first() {
    let mut ledger = Ledger::new();
    let session = SessionId::from_bytes([1; SessionId::LENGTH]);
    for n in 1..=6u8 {
        let (file, practice, list, unless) = (blind(n), practice(1), None, None);
        let day = u64::from(10 - n);
        ledger.on(day, Act::FileCreated(FileCreated { file, practice, session, list, unless }));
    }
    ledger.hold(HoldOn::File(blind(6)), "a", true);
    let by = vec![CardId::from_bytes([1; CardId::LENGTH])];
    let (mark, set, order) = (Mark::Canary, true, [0; 32]);
    let marked = Marked { file: blind(5), mark, set, by: by.clone(), order };
    ledger.on(11, Act::Marked(marked));
    ledger.on(12, Act::Erased(Erased { file: blind(4), by, order, epoch: None }));
    let (books, settings) = (
        Books::brought().unwrap(),
        Settings::parse("retention.toml", &keeps(1, "DE", "\"patient\"")).unwrap(),
    );
    let law = Law { books: &books, settings: &settings };
    let may_end = |today: &str, most: usize| -> Vec<FileId> {
        let due = retention::due(law, &ledger.facts, date(today), most);
        due.into_iter().map(|due| due.file).collect()
    };
    assert_eq!(may_end("2029-12-31", 10), []);
    assert_eq!(may_end("2030-01-09", 10), [id(3)], "the last day itself still counts");
    assert_eq!(may_end("2040-01-01", 10), [id(3), id(2), id(1)]);
    assert_eq!(may_end("2040-01-01", 2), [id(3), id(2)]);
}
