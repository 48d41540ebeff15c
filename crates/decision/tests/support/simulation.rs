//! Honest and hostile days with real signatures, written down for the oracle.
#![allow(dead_code, unreachable_pub)]

use crate::oracle::{Ask, Said, Step};
use crate::random::{Random, STAFF};
use crate::world::*;
use data_encoding::BASE64URL_NOPAD;
use decision::{Asked, Core, Event, Limits, State, Stop, Target, Verdict};
use keyproto::statement::{HoldOn, Mark, Order, Proof, ProofClaims, SubjectName, code_hash};
use ledger::entry::{Hash, LookUp, Subject};
use std::collections::BTreeMap;
use terms::{
    CardId, Duration, Finding, Ground, PracticeId, Purpose, RelationClass, Rung, Section, Sections,
    ServerId, SessionId, Time,
};

pub const FILES: u64 = 90;

pub struct Simulation {
    pub world: World,
    pub random: Random,
    pub history: Vec<Step>,
    pub devices: Vec<Device>,
    pub patients: BTreeMap<u64, usize>,
    /// Emergencies: whose, and of which file.
    pub emergencies: Vec<(CardId, u64)>,
    /// Files of which the patients may have codes.
    pub with_codes: Vec<u64>,
    /// Proofs that were handed over already, for replays.
    pub old: Vec<(Device, ProofClaims, String, u64, u64)>,
    /// The same of look-ups and reports, every device's sign-in, orders, and grants.
    pub looks: Vec<(Device, ProofClaims, String, u64)>,
    pub signed_in: Vec<Device>,
    pub orders: Vec<(Vec<String>, Option<u64>)>,
    pub grants: Vec<(ServerId, u64)>,
    pub(crate) jobs: Vec<crate::work::Work>,
    /// How often each attack was tried.
    pub attacks: BTreeMap<&'static str, u64>,
    /// The keyholder's time: never backwards while its process lives.
    clock: Time,
    /// When each nonce key began: older proofs died with their process.
    pub tokens: Vec<Hash>,
    pub counters: u64,
    pub proofs: u64,
}

impl Simulation {
    fn new(seed: u64) -> Simulation {
        let mut world = World::new(&STAFF, Limits::default());
        let entries = std::mem::take(&mut world.ledger);
        world.from = entries.len() as u64;
        let (ask, said, at) = (Ask::Other, Said::Other, world.now);
        let first = Step { server: server(1), ask, first: 0, entries, said, at, keys: 0 };
        let mut simulation = Simulation {
            world,
            random: Random(seed),
            history: vec![first],
            devices: Vec::new(),
            patients: BTreeMap::new(),
            emergencies: Vec::new(),
            with_codes: Vec::new(),
            old: Vec::new(),
            looks: Vec::new(),
            signed_in: Vec::new(),
            orders: Vec::new(),
            grants: Vec::new(),
            jobs: Vec::new(),
            attacks: BTreeMap::new(),
            clock: Time::default(),
            tokens: Vec::new(),
            counters: 0,
            proofs: 0,
        };
        simulation.populate();
        simulation
    }

    /// Most files are there from the start, each on the list of its practice.
    fn populate(&mut self) {
        for (at, card) in [6, 10, 13, 16].into_iter().enumerate() {
            let (verdict, device) = self.world.try_sign_in(card, server(1), |_| {});
            self.note(server(1), Ask::SignIn { genuine: true }, &verdict);
            for number in (1..=FILES * 4 / 5).filter(|number| number % 4 == at as u64) {
                self.world.create(&device, number, Some(list(at as u8)));
                self.note(server(1), Ask::Other, &Verdict::Done);
                if number % 8 < 4 {
                    self.issue_patient(number);
                }
            }
            let order = Order::ApproveList { list: list(at as u8), practice: practice(at) };
            self.give(&[0, 2], order, None);
        }
        for number in 4..=8 {
            let mark = if number > 6 { Mark::Restricted } else { Mark::Canary };
            self.give(
                &[0, 2],
                Order::Mark { file: file(number).id, mark, set: true },
                Some(number),
            );
        }
    }

    /// Writes down what the world's last event came to.
    pub fn note(&mut self, server: ServerId, ask: Ask, verdict: &Verdict) {
        let said = match verdict {
            Verdict::Opened(released) => Said::Released {
                file: released.file.file,
                sections: released.sections,
                entry: released.entry,
            },
            Verdict::Found { shown, .. } => {
                Said::Shown(shown.iter().map(|one| (one.file.file, one.class, one.grade)).collect())
            }
            Verdict::Report(view) => Said::Report { card: view.card },
            Verdict::SignedIn(_) => Said::SignedIn,
            Verdict::Granted(granted) => Said::Granted {
                grant: granted.grant,
                file: granted.file.file,
                first: granted.file.keys.first().map_or(0, |(sequence, _)| *sequence),
                count: granted.file.keys.len() as u32,
            },
            Verdict::Committed => Said::Committed,
            Verdict::Ordered => Said::Ordered,
            Verdict::Directory(_) => Said::Directory,
            Verdict::Refused { .. } => Said::Refused,
            _ => Said::Other,
        };
        let keys = match verdict {
            Verdict::Opened(released) => released.file.keys.len(),
            Verdict::Found { shown, .. } => shown.iter().map(|one| one.file.keys.len()).sum(),
            Verdict::Granted(granted) => granted.file.keys.len(),
            _ => 0,
        } as u64;
        self.clock = self.clock.max(self.world.now);
        let at = self.clock;
        let entries = std::mem::take(&mut self.world.ledger);
        let first = self.world.from;
        self.world.from += entries.len() as u64;
        self.history.push(Step { server, ask, first, entries, said, at, keys });
    }

    /// Of a hundred steps, this many are a taken-over server's own.
    fn run(&mut self, steps: usize, hostile: u64) {
        for _ in 0..steps {
            self.pass();
            if self.random.below(100) < hostile {
                self.intrude();
                continue;
            }
            match self.random.below(100) {
                0..=2 => self.sign_in(),
                3..=6 => self.create(),
                7..=37 => self.open(),
                38 | 39 => self.work(),
                40..=46 => self.burst(),
                47..=61 => self.attack(),
                62..=65 => self.find(),
                66 => self.report(),
                67..=73 => self.append(),
                74..=77 => self.present(),
                78..=90 => self.order(),
                91 if self.random.one_in(2) => self.sign_out(),
                91 => self.refer_many(),
                92 => self.restart(),
                94 => self.watch(),
                93 if self.random.one_in(4) => self.rob(),
                95 => self.accident(),
                _ => self.sign_in_if_few(),
            }
        }
    }

    fn pass(&mut self) {
        let millis = match self.random.below(400) {
            0 if self.random.one_in(3) => 86_400_000 * self.random.below(20),
            1 => 3_600_000 * self.random.below(10),
            2..=60 => 60_000 * self.random.below(6),
            61..=160 => self.random.below(30_000),
            161 => {
                let back = Duration::from_seconds(self.random.below(100_000));
                self.world.now = self.world.now - back;
                0
            }
            _ => self.random.below(900),
        };
        self.world.pass(Duration::from_millis(millis));
        // A clock that was set back comes right again.
        self.world.now = self.world.now.max(self.time() - Duration::from_seconds(100_000));
    }

    pub fn time(&self) -> Time {
        self.world.core.state().time()
    }

    fn sign_in_if_few(&mut self) {
        let state = self.world.core.state();
        self.devices.retain(|device| state.session(device.session).is_some());
        if self.devices.len() < 25 {
            self.sign_in();
        }
    }

    fn sign_in(&mut self) {
        // Statements are dated by the clients' clocks, which run on.
        self.world.now = self.world.now.max(self.time());
        let all = if self.random.one_in(3) { self.world.cards.len() } else { STAFF.len() };
        let card = self.random.below(all as u64) as usize;
        let through = server(1 + self.random.below(2) as u8);
        let few = self.random.one_in(3).then(|| self.random.below(8) as u32);
        let (verdict, device) = self.world.try_sign_in(card, through, |claims| {
            claims.openings = few;
        });
        self.note(through, Ask::SignIn { genuine: true }, &verdict);
        if matches!(verdict, Verdict::SignedIn(_)) {
            self.devices.push(device.clone());
            self.signed_in.push(device.clone());
        }
        if self.random.one_in(4) {
            // The server keeps the card's statement and tries it for a session of its own.
            let mut again = device;
            again.session = self.world.session_id();
            let verdict = self.world.sign_in_again(&again);
            self.note(through, Ask::SignIn { genuine: false }, &verdict);
        }
    }

    pub fn device(&mut self) -> Option<Device> {
        (!self.devices.is_empty()).then(|| self.random.pick(&self.devices).clone())
    }

    pub fn number(&mut self) -> u64 {
        1 + self.random.below(FILES)
    }

    fn create(&mut self) {
        let Some(device) = self.device() else { return };
        let number = self.number();
        let list = self.random.one_in(2).then(|| list(self.random.below(6) as u8));
        let unless = self.random.one_in(2).then_some(LookUp::Identifier);
        let target = match self.world.core.state().file(file(number).blind) {
            Some(_) if self.random.one_in(3) => {
                Target::Taken { file: file(number), by: LookUp::Identifier }
            }
            _ => Target::New { file: file(number), list, unless },
        };
        self.deposit(&device, target, &Section::ALL);
        if self.random.one_in(2) && self.world.core.state().file(file(number).blind).is_some() {
            self.issue_patient(number);
        }
    }

    fn issue_patient(&mut self, number: u64) {
        if self.patients.contains_key(&number) {
            return;
        }
        self.world.now = self.world.now.max(self.time());
        let signers = vec![self.world.cards[0].id, self.world.cards[1].id];
        let frozen = signers.iter().any(|c| self.world.core.state().is_frozen(Subject::Card(*c)));
        if !frozen {
            let card = self.world.issue_patient(number, 0);
            self.note(server(1), Ask::Order { signers }, &Verdict::Ordered);
            self.patients.insert(number, card);
        }
    }

    fn deposit(&mut self, device: &Device, target: Target, sections: &[Section]) {
        let (session, sections) = (device.session, sections.to_vec());
        let event = Event::Deposit { session, target, sections };
        let verdict = self.world.tell(device.server, event);
        self.note(device.server, Ask::Deposit { session }, &verdict);
        if let Verdict::Granted(granted) = verdict {
            let grant = granted.grant;
            self.grants.push((device.server, grant));
            let (event, ask) = match self.random.below(10) {
                0 => return,
                1 => (Event::Abort { grant }, Ask::Abort { grant }),
                _ => (Event::Commit { grant, head: [grant as u8; 32] }, Ask::Commit { grant }),
            };
            let verdict = self.world.tell(device.server, event);
            self.note(device.server, ask, &verdict);
        }
    }

    fn append(&mut self) {
        let (Some(device), number) = (self.device(), self.number()) else { return };
        let target = match self.random.below(8) {
            0 => Target::Directory,
            _ => Target::File(file(number)),
        };
        self.deposit(&device, target, &[Section::History, Section::Results]);
    }

    /// Mostly one that the card has a reason to open.
    fn likely(&mut self, device: &Device) -> u64 {
        let card = &self.world.cards[device.card];
        match self.patients.iter().find(|(_, card)| **card == device.card) {
            Some((own, _)) if !self.random.one_in(5) => *own,
            _ if self.random.one_in(4) => self.number(),
            _ => 4 * self.random.below(FILES / 5) + card.practice as u64,
        }
    }

    fn open(&mut self) {
        self.sign_in_if_few();
        let Some(device) = self.device() else { return };
        let number = self.likely(&device);
        self.open_file(&device, number, false);
    }

    fn burst(&mut self) {
        self.sign_in_if_few();
        let Some(device) = self.device() else { return };
        for _ in 0..1 + self.random.below(12) {
            let number = self.likely(&device);
            self.open_file(&device, number, false);
        }
    }

    /// A thief with card and PIN signs in anew for every file, as fast as a machine.
    fn rob(&mut self) {
        self.world.now = self.world.now.max(self.time());
        let card = 3 + self.random.below(15) as usize;
        let at = self.world.cards[card].practice as u64;
        for number in (0..12).map(|n| 8 + 4 * n + at) {
            let (verdict, device) = self.world.try_sign_in(card, server(1), |_| {});
            self.note(server(1), Ask::SignIn { genuine: true }, &verdict);
            if !matches!(verdict, Verdict::SignedIn(_)) {
                return;
            }
            self.open_file(&device, number, false);
        }
    }

    /// An accident: many strangers at once.
    fn accident(&mut self) {
        self.sign_in_if_few();
        let Some(device) = self.device() else { return };
        for _ in 0..8 {
            let number = self.number();
            self.open_file(&device, number, true);
        }
    }

    fn open_file(&mut self, device: &Device, number: u64, urgent: bool) {
        let url = format!("{ORIGIN}/fhir/Patient/{}", file(number).id);
        let mut claims = self.world.claims("GET", &url);
        if self.random.one_in(4) {
            claims.sections = Some(Sections::from_bits(self.random.next() as u16));
        }
        if urgent || self.random.one_in(3) {
            claims.purpose = Some(Purpose::Emergency);
        }
        if claims.purpose.is_some() && !self.random.one_in(4) || self.random.one_in(3) {
            claims.reason = Some("found on the road".into());
        }
        if self.random.one_in(4) {
            self.counters += 1;
            claims.counter = Some(self.counters);
        }
        if self.random.one_in(6) {
            let token = keyproto::jws::sha256(&self.proofs.to_be_bytes());
            claims.token = Some(data_encoding::BASE64URL_NOPAD.encode(&token));
            claims.token_hours = Some(self.random.below(4));
            self.tokens.push(token);
        }
        self.proofs += 1;
        let (proof, text) = (self.proofs, device.signer.prove(&claims));
        self.hand_over(device, device, &claims, &text, proof, number, true);
        self.old.push((device.clone(), claims, text, proof, number));
    }

    /// Hands over a proof as if it were of this session and file.
    #[allow(clippy::too_many_arguments)]
    pub fn hand_over(
        &mut self,
        device: &Device,
        through: &Device,
        claims: &ProofClaims,
        text: &str,
        proof: u64,
        number: u64,
        genuine: bool,
    ) {
        let asked = asked_as(device.session, claims, text);
        let close = is_close(device.card, number);
        let event = Event::Open { asked, file: file(number), close };
        let verdict = self.world.tell(through.server, event);
        let ask = Ask::Open {
            session: device.session,
            file: file(number).blind,
            proof,
            genuine,
            reason: claims.reason.is_some(),
            emergency: claims.purpose == Some(Purpose::Emergency),
            close,
            sections: claims.sections.unwrap_or(Sections::ALL),
            counter: claims.counter,
        };
        if let Verdict::Opened(released) = &verdict
            && released.class == RelationClass::Emergency
        {
            self.emergencies.push((released.session.card, number));
        }
        self.note(through.server, ask, &verdict);
    }

    fn find(&mut self) {
        let Some(device) = self.device() else { return };
        let by = *self.random.pick(&[LookUp::Identifier, LookUp::Name, LookUp::Chart]);
        // Now and then one who guesses.
        let guesses = self.random.one_in(10);
        for _ in 0..if guesses { 6 } else { 1 } {
            let count = if guesses { 0 } else { self.random.below(4) };
            let hits = (0..count).map(|_| file(self.number()).blind).collect();
            let claims = self.world.claims("POST", &format!("{ORIGIN}/fhir/Patient/_search"));
            self.look(&device, claims, |asked| Event::Find { asked, by, hits });
        }
    }

    /// An officer asks about everything, a patient about the own file, others in vain.
    fn report(&mut self) {
        let Some(device) = self.device() else { return };
        let own = self.patients.iter().find(|(_, card)| **card == device.card);
        let about = own.map(|(number, _)| file(*number));
        let claims = self.world.claims("POST", &format!("{ORIGIN}/reports/who-opened"));
        self.look(&device, claims, |asked| Event::Report { asked, file: about });
    }

    fn look(
        &mut self,
        device: &Device,
        mut claims: ProofClaims,
        event: impl FnOnce(Asked) -> Event,
    ) {
        if self.random.one_in(4) {
            self.counters += 1;
            claims.counter = Some(self.counters);
        }
        self.proofs += 1;
        let (proof, text) = (self.proofs, device.signer.prove(&claims));
        let asked = asked_as(device.session, &claims, &text);
        let verdict = self.world.tell(device.server, event(asked));
        let (session, counter) = (device.session, claims.counter);
        let ask = Ask::Look { session, proof, genuine: true, counter };
        self.note(device.server, ask, &verdict);
        self.looks.push((device.clone(), claims, text, proof));
    }

    fn present(&mut self) {
        if self.tokens.is_empty() {
            return;
        }
        let token = match self.random.below(8) {
            0 => [9; 32],
            _ => {
                let newest = self.tokens.len().saturating_sub(12);
                *self.random.pick(&self.tokens[newest..])
            }
        };
        let through = server(1 + self.random.below(2) as u8);
        let verdict = self.world.tell(through, Event::Present { token });
        self.note(through, Ask::Present { token }, &verdict);
    }

    fn sign_out(&mut self) {
        let Some(device) = self.device() else { return };
        let verdict = self.world.tell(device.server, Event::SignOut(device.session));
        self.note(device.server, Ask::Other, &verdict);
    }

    fn order(&mut self) {
        self.world.now = self.world.now.max(self.time());
        let number = self.number();
        let practice_number = self.random.below(4) as usize;
        let (named, at) = (file(number).id, practice(practice_number));
        let any = self.random.below(self.world.cards.len() as u64) as usize;
        let subject = self.subject();
        let reason = String::from("a reason");
        let (order, about) = match self.random.below(28) {
            20 | 21 => {
                let days = self.random.below(12);
                let at = self.world.now.seconds() + 86_400 * days;
                (Order::Book { file: named, practice: practice(practice_number), at }, Some(number))
            }
            22 => {
                let codes = (0..=self.random.below(3)).map(|n| code_text(number, n));
                let hash = |code: String| BASE64URL_NOPAD.encode(&code_hash(&code));
                let order = Order::Codes { file: named, codes: codes.map(hash).collect() };
                self.with_codes.push(number);
                (order, Some(number))
            }
            23 | 24 => {
                let some = self.with_codes.last().copied();
                let number = some.filter(|_| !self.random.one_in(4)).unwrap_or(number);
                let code = code_text(number, self.random.below(3));
                (Order::Present { file: file(number).id, code }, Some(number))
            }
            25 | 26 => {
                let cards = self.world.cards.iter().map(|card| card.id);
                let held: Vec<_> = cards.filter(|card| self.is_held(*card)).collect();
                if held.is_empty() {
                    return;
                }
                (Order::Relax { card: *self.random.pick(&held) }, None)
            }
            27 => {
                let Some((card, number)) = self.emergencies.last().copied() else { return };
                (Order::Confirm { file: file(number).id, card }, Some(number))
            }
            0..=4 => (Order::Presence { file: named, practice: at }, Some(number)),
            5..=9 => {
                (Order::Refer { file: named, practice: at, ground: Ground::Referral }, Some(number))
            }
            10..=12 => {
                let list = list(self.random.below(6) as u8);
                (Order::ApproveList { list, practice: at }, None)
            }
            13..=16 => (Order::Unfreeze { subject, reason }, None),
            17 if self.random.one_in(3) => (Order::Freeze { subject, reason }, None),
            17 if self.random.one_in(2) => {
                let card = self.world.cards[3 + self.random.below(15) as usize].id;
                (Order::RevokeCard { card, reason }, None)
            }
            18 => {
                let mark = *self.random.pick(&[Mark::Canary, Mark::Restricted]);
                let set = self.random.one_in(2);
                (Order::Mark { file: named, mark, set }, Some(number))
            }
            19 if !self.random.one_in(4) => {
                let (hold, about) = self.hold(number, at);
                if self.random.one_in(2) {
                    self.give(&[0, 2], hold.clone(), about);
                    let erase = Order::Erase { file: named };
                    return self.give(&[0, 2], erase, Some(number));
                }
                (hold, about)
            }
            19 if self.random.one_in(12) => (Order::Erase { file: named }, Some(number)),
            _ => (Order::Presence { file: named, practice: at }, Some(number)),
        };
        let signers = match &order {
            Order::Presence { .. } | Order::Book { .. } => {
                let right = self.patients.get(&number).copied();
                vec![right.filter(|_| !self.random.one_in(5)).unwrap_or(any)]
            }
            Order::Refer { .. } => vec![any],
            // The same code again, signed anew.
            Order::Present { .. } => {
                let desk = 3 + self.random.below(3) as usize;
                self.give(&[desk], order.clone(), about);
                vec![desk]
            }
            // Mostly somebody near, now and then the card itself.
            Order::Relax { card } | Order::Confirm { card, .. } => {
                let cards = &self.world.cards;
                let of = cards.iter().find(|one| one.id == *card).map(|one| one.practice);
                let near = (0..cards.len()).filter(|n| Some(cards[*n].practice) == of);
                let near: Vec<usize> = near.collect();
                vec![if self.random.one_in(5) { any } else { *self.random.pick(&near) }]
            }
            _ => match self.random.below(8) {
                0 => vec![0],
                1 => vec![1, 1],
                2 => vec![0, any],
                3 => vec![1, 2],
                _ => vec![0, 2],
            },
        };
        self.give(&signers, order, about);
    }

    /// A hold of one of two cases, on a file or now and then a practice, laid or lifted.
    fn hold(&mut self, number: u64, at: PracticeId) -> (Order, Option<u64>) {
        let one = self.random.one_in(3);
        let on = if one { HoldOn::Practice(at) } else { HoldOn::File(file(number).id) };
        let case = String::from(if self.random.one_in(2) { "court" } else { "incident" });
        let (set, reason) = (!self.random.one_in(3), String::from("a reason"));
        (Order::Hold { on, case, set, reason }, (!one).then_some(number))
    }

    pub fn give(&mut self, signers: &[usize], order: Order, about: Option<u64>) {
        let sign = |card: &usize| self.world.sign_order(*card, &order);
        let texts: Vec<String> = signers.iter().map(sign).collect();
        let statements = texts.iter().map(|text| self.world.verified(text)).collect();
        let event = Event::Order { statements, file: about.map(file) };
        let verdict = self.world.tell(server(1), event);
        self.orders.push((texts, about));
        let signers = signers.iter().map(|card| self.world.cards[*card].id).collect();
        self.note(server(1), Ask::Order { signers }, &verdict);
    }

    /// The watch steps in: mostly against cards that just opened something.
    fn watch(&mut self) {
        let Some(device) = self.device() else { return };
        let card = self.world.cards[device.card].id;
        let lasts = Duration::from_hours(1 + self.random.below(40));
        let rungs = [Rung::Open, Rung::Reason, Rung::Reason, Rung::StepUp, Rung::Restricted];
        let what = match self.random.below(60) {
            0 => Stop::Freeze(Subject::Practice(practice(self.random.below(4) as usize))),
            1 => Stop::Freeze(Subject::Server(device.server)),
            _ => Stop::Rung { card, rung: *self.random.pick(&rungs), lasts },
        };
        let event = Event::Step(decision::Step { what, finding: Finding::Unexplained });
        let verdict = self.world.tell(server(1), event);
        self.note(server(1), Ask::Watch, &verdict);
    }

    fn is_held(&self, card: CardId) -> bool {
        self.world.core.state().rung(card, self.world.now) > Rung::Open
    }

    /// One card refers a whole list at once.
    fn refer_many(&mut self) {
        self.world.now = self.world.now.max(self.time());
        let card = 3 + self.random.below(3) as usize;
        let at = self.world.cards[card].practice as u64;
        for number in (2..14).map(|n| 4 * n + at) {
            let (file, practice) = (file(number).id, practice(1));
            let order = Order::Refer { file, practice, ground: Ground::Admission };
            self.give(&[card], order, Some(number));
        }
    }

    /// Mostly something that is frozen.
    fn subject(&mut self) -> SubjectName {
        let state = self.world.core.state();
        let mut all: Vec<SubjectName> =
            self.world.cards.iter().map(|card| SubjectName::Card(card.id)).collect();
        all.extend((0..4).map(|n| SubjectName::Practice(practice(n))));
        all.extend([1, 2].map(|n| SubjectName::Server(server(n))));
        let frozen: Vec<SubjectName> = all
            .iter()
            .filter(|name| {
                state.is_frozen(match name {
                    SubjectName::Card(card) => Subject::Card(*card),
                    SubjectName::Practice(practice) => Subject::Practice(*practice),
                    SubjectName::Server(server) => Subject::Server(*server),
                })
            })
            .copied()
            .collect();
        let from = if frozen.is_empty() || self.random.one_in(4) { all } else { frozen };
        *self.random.pick(&from)
    }

    fn restart(&mut self) {
        let replayed = replay(&self.history);
        assert!(replayed == *self.world.core.state(), "replay gives the same state");
        let bytes = replayed.to_bytes();
        let read = State::from_bytes(&bytes).unwrap();
        assert!(read == replayed && read.to_bytes() == bytes);
        // Never one that was before, or its nonces would be good again.
        let key = std::array::from_fn(|_| self.random.next() as u8);
        self.world.core = Core::new(read, key, limits());
        self.clock = self.time();
        self.note(server(1), Ask::Restart, &Verdict::Done);
    }
}

/// Whether the process around the core says that this patient is close to this card's holder.
pub fn is_close(card: usize, number: u64) -> bool {
    (card as u64 + number).is_multiple_of(7)
}

fn code_text(number: u64, one: u64) -> String {
    format!("{number}-{one}")
}

pub fn limits() -> Limits {
    Limits::default()
}

fn replay(history: &[Step]) -> State {
    let mut state = State::default();
    let entries = history.iter().flat_map(|step| &step.entries);
    for (number, entry) in (0..).zip(entries) {
        state.apply(number, entry).expect("own entries replay");
    }
    state
}

pub fn simulate(seed: u64, steps: usize) -> Vec<Step> {
    run(seed, steps, 3).history
}

/// A day of this many steps, so many of a hundred hostile.
pub fn run(seed: u64, steps: usize, hostile: u64) -> Simulation {
    let mut simulation = Simulation::new(seed);
    simulation.run(steps, hostile);
    simulation.restart();
    simulation
}

/// A request as the server says it was.
pub fn asked_as(session: SessionId, claims: &ProofClaims, text: &str) -> Asked {
    Asked {
        session,
        proof: Proof::verify(text).unwrap(),
        method: claims.htm.clone(),
        url: claims.htu.clone(),
        origin: ORIGIN.into(),
    }
}
