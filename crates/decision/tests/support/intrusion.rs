//! What a taken-over server can try with every other message: forged, replayed, in another order,
//! for other sessions, through other servers, too late, with files, sections and counters swapped.

use crate::attacks::copy;
use crate::oracle::Ask;
use crate::simulation::{FILES, Simulation, asked_as};
use crate::world::*;
use decision::{Asked, Begin, Event, SignIn, Target, Verdict};
use keyproto::jws::sha256;
use keyproto::statement::{Order, UnverifiedOrder, UnverifiedSignIn};
use ledger::entry::LookUp;
use terms::{DEPOSIT_SEGMENTS_MAX, Duration, Section, ServerId, SessionId};

impl Simulation {
    /// One attack on one message.
    pub(crate) fn intrude(&mut self) {
        match self.random.below(17) {
            0..=4 => {
                if !self.old.is_empty() && !self.devices.is_empty() {
                    self.tried("opening");
                }
                self.attack();
            }
            5 | 6 => self.intrude_sign_in(),
            7 | 8 => self.intrude_look_up(),
            9 => self.intrude_report(),
            10 => self.intrude_token(),
            11 => self.intrude_order(),
            12 => self.intrude_deposit(),
            13 | 14 => self.intrude_commit(),
            15 => self.work(),
            _ => self.intrude_rest(),
        }
    }

    fn tried(&mut self, what: &'static str) {
        *self.attacks.entry(what).or_default() += 1;
    }

    fn tell(&mut self, server: ServerId, ask: Ask, event: Event) -> Verdict {
        let verdict = self.world.tell(server, event);
        self.note(server, ask, &verdict);
        verdict
    }

    fn through(&mut self) -> ServerId {
        server(1 + self.random.below(3) as u8)
    }

    /// Hands in a statement as the process around the core does: what does not verify is told so.
    fn hand_in(&mut self, text: &str, asked: Asked, through: ServerId) {
        let unverified = UnverifiedSignIn::parse(text).unwrap();
        let key = self.world.core.state().card_key(unverified.card()).cloned();
        let signed = key.and_then(|key| unverified.verify(&key, TOKEN_URL, self.world.now).ok());
        let event = match signed {
            Some(signed) => Event::SignIn(SignIn { signed, asked }),
            None => Event::Unverified {
                session: None,
                card: Some(unverified.card()),
                file: None,
                request: sha256(text.as_bytes()),
            },
        };
        self.tell(through, Ask::SignIn { genuine: false }, event);
    }

    fn intrude_sign_in(&mut self) {
        if self.signed_in.is_empty() {
            return;
        }
        self.world.now = self.world.now.max(self.time());
        let device = self.random.pick(&self.signed_in).clone();
        let evil = Signer::new();
        let card = self.world.cards[device.card].signer.clone();
        let mut through = device.server;
        let mut session = self.world.session_id();
        let mut claims = self.world.claims("POST", TOKEN_URL);
        let (what, text, by) = match self.random.below(8) {
            0 => ("sign-in: again", device.text.clone(), device.signer.clone()),
            1 => {
                through = self.through();
                ("sign-in: again, elsewhere", device.text.clone(), device.signer.clone())
            }
            2 => {
                let text = self.world.statement(device.card, &evil, &evil, |_| {});
                ("sign-in: forged", text, evil.into())
            }
            3 => {
                let late = |claims: &mut keyproto::statement::SignInClaims| claims.exp -= 200;
                let text = self.world.statement(device.card, &card, &device.signer, late);
                ("sign-in: expired", text, device.signer.clone())
            }
            4 => {
                let text = self.world.statement(device.card, &card, &device.signer, |_| {});
                ("sign-in: with a device of its own", text, evil.into())
            }
            5 => {
                claims.htm = "GET".into();
                let text = self.world.statement(device.card, &card, &device.signer, |_| {});
                ("sign-in: a proof of something else", text, device.signer.clone())
            }
            6 => {
                let other = self.random.pick(&self.signed_in).clone();
                session = other.session;
                ("sign-in: under another's name", device.text.clone(), other.signer.clone())
            }
            _ => {
                claims.nonce = Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into());
                let text = self.world.statement(device.card, &card, &device.signer, |_| {});
                ("sign-in: a nonce of its own", text, device.signer.clone())
            }
        };
        self.tried(what);
        let proof = by.prove(&claims);
        self.hand_in(&text, asked_as(session, &claims, &proof), through);
    }

    /// A proof that passed through, or a forged one, and what it is taken for.
    fn stolen(&mut self, to: &str) -> Option<(&'static str, Asked, ServerId, u64, bool)> {
        if self.looks.is_empty() || self.old.is_empty() || self.devices.is_empty() {
            return None;
        }
        let newest = self.looks.len().saturating_sub(20);
        let (device, claims, text, number) = self.random.pick(&self.looks[newest..]);
        let (device, claims, text, number) = (device.clone(), copy(claims), text.clone(), *number);
        let other = self.random.pick(&self.devices.clone()).clone();
        let mut through = device.server;
        let mut asked = asked_as(device.session, &claims, &text);
        let (mut proof, mut genuine) = (number, true);
        let what = match self.random.below(7) {
            0 => "again",
            1 if other.session != device.session => {
                (asked.session, through, genuine) = (other.session, other.server, false);
                "for another session"
            }
            2 => {
                through = server(3);
                genuine = false;
                "through another server"
            }
            3 => {
                let at = self.random.below(self.old.len() as u64) as usize;
                let (device, claims, text, number, _) = &self.old[at];
                (asked, through) = (asked_as(device.session, claims, text), device.server);
                (proof, genuine) = (*number, false);
                "an opening's proof"
            }
            4 => {
                let forged = self.world.claims("POST", to);
                let text = Signer::new().prove(&forged);
                asked = asked_as(device.session, &forged, &text);
                self.proofs += 1;
                (proof, genuine) = (self.proofs, false);
                "forged"
            }
            5 => {
                asked.url = format!("{ORIGIN}/somewhere/else");
                genuine = false;
                "for another address"
            }
            _ => {
                let mut low = self.world.claims("POST", &claims.htu);
                low.counter = Some(self.counters / 2);
                let text = device.signer.prove(&low);
                asked = asked_as(device.session, &low, &text);
                self.proofs += 1;
                proof = self.proofs;
                // The device did sign it: what is wrong is its counter alone.
                "a counter that was used"
            }
        };
        Some((what, asked, through, proof, genuine))
    }

    fn intrude_look_up(&mut self) {
        let address = format!("{ORIGIN}/fhir/Patient/_search");
        let Some((what, asked, through, proof, genuine)) = self.stolen(&address) else { return };
        self.tried(match what {
            "again" => "look-up: again",
            "forged" => "look-up: forged",
            _ => "look-up: a proof of something else",
        });
        let (session, counter) = (asked.session, asked.proof.counter());
        if self.random.one_in(3) {
            // A look-up's proof for an opening.
            let number = 1 + self.random.below(FILES);
            let sections = terms::Sections::ALL;
            let ask = Ask::Open {
                session,
                file: file(number).blind,
                proof,
                genuine: false,
                reason: false,
                emergency: false,
                close: false,
                sections,
                counter,
            };
            self.tell(through, ask, Event::Open { asked, file: file(number), close: false });
            return;
        }
        let (by, most) = *self.random.pick(&[(LookUp::Identifier, 1), (LookUp::Name, 8)]);
        let hits = (0..most).map(|_| file(1 + self.random.below(FILES)).blind).collect();
        let ask = Ask::Look { session, proof, genuine, counter };
        self.tell(through, ask, Event::Find { asked, by, hits });
    }

    fn intrude_report(&mut self) {
        let address = format!("{ORIGIN}/reports/who-opened");
        let Some((what, asked, through, proof, genuine)) = self.stolen(&address) else { return };
        self.tried(match what {
            "again" => "report: again",
            "forged" => "report: forged",
            _ => "report: a proof of something else",
        });
        let (session, counter) = (asked.session, asked.proof.counter());
        let about = self.random.one_in(2).then(|| file(1 + self.random.below(FILES)));
        let ask = Ask::Look { session, proof, genuine, counter };
        self.tell(through, ask, Event::Report { asked, file: about });
    }

    fn intrude_token(&mut self) {
        let through = self.through();
        let token = match self.random.below(4) {
            0 => sha256(&self.random.next().to_be_bytes()),
            _ if self.tokens.is_empty() => [0; 32],
            // Old ones, the ledger's hash instead of the token, and those of other servers.
            1 => sha256(self.random.pick::<[u8; 32]>(&self.tokens)),
            _ => *self.random.pick(&self.tokens),
        };
        self.tried("token: made up, over, or elsewhere");
        self.tell(through, Ask::Present { token }, Event::Present { token });
    }

    fn intrude_order(&mut self) {
        if self.orders.is_empty() {
            return;
        }
        self.world.now = self.world.now.max(self.time());
        let newest = self.orders.len().saturating_sub(12);
        let (mut texts, mut about) = self.random.pick(&self.orders[newest..]).clone();
        let what = match self.random.below(6) {
            0 => "order: again",
            1 => {
                texts.reverse();
                "order: again, turned around"
            }
            2 => {
                about = Some(1 + self.random.below(FILES));
                "order: for another file"
            }
            3 => {
                texts.truncate(1);
                texts.push(texts[0].clone());
                "order: one signature twice"
            }
            4 => {
                let (other, _) = self.random.pick(&self.orders[newest..]).clone();
                texts.truncate(1);
                texts.extend(other.into_iter().next());
                "order: signatures of two orders"
            }
            _ => {
                let number = 1 + self.random.below(FILES);
                let order = Order::Presence { file: file(number).id, practice: practice(0) };
                about = Some(number);
                let card = *self.patients.values().next().unwrap_or(&0);
                texts = vec![self.world.sign_order_by(card, &Signer::new(), &order)];
                "order: forged"
            }
        };
        self.tried(what);
        let now = self.world.now;
        let state = self.world.core.state();
        let verify = |text: &String| {
            let unverified = UnverifiedOrder::parse(text).ok()?;
            unverified.verify(state.card_key(unverified.card())?, ORIGIN, now).ok()
        };
        let statements: Option<Vec<_>> = texts.iter().map(verify).collect();
        let event = match statements {
            Some(statements) => Event::Order { statements, file: about.map(file) },
            None => Event::Unverified {
                session: None,
                card: None,
                file: about.map(|number| file(number).blind),
                request: sha256(texts.concat().as_bytes()),
            },
        };
        self.tell(server(1), Ask::Order { signers: Vec::new() }, event);
    }

    fn intrude_deposit(&mut self) {
        let Some(device) = self.device() else { return };
        let number = 1 + self.random.below(FILES);
        let (mut through, mut session) = (device.server, device.session);
        let mut sections = vec![Section::Results; 1 + self.random.below(3) as usize];
        let mut target = Target::File(file(number));
        let what = match self.random.below(8) {
            0 => {
                through = self.through();
                "deposit: through another server"
            }
            1 => {
                session = SessionId::from_bytes([self.random.next() as u8; 16]);
                "deposit: for nobody's session"
            }
            2 => {
                session = self.signed_in.first().map_or(session, |first| first.session);
                "deposit: for a session that is over"
            }
            3 => {
                target = Target::File(file(FILES * 100 + number));
                "deposit: into no file"
            }
            4 => {
                target = Target::New { file: file(number), list: None, unless: None };
                "deposit: a file that is there"
            }
            5 => {
                let count = if self.random.one_in(2) { 0 } else { DEPOSIT_SEGMENTS_MAX + 1 };
                sections = vec![Section::Label; count];
                "deposit: none or too many"
            }
            6 => {
                target = Target::Taken { file: file(number), by: LookUp::Identifier };
                "deposit: who has this number"
            }
            // Twice at once: two keys of one sequence.
            _ => "deposit: the same place again",
        };
        self.tried(what);
        for _ in 0..2 {
            let event = Event::Deposit { session, target, sections: sections.clone() };
            if let Verdict::Granted(granted) = self.tell(through, Ask::Deposit { session }, event) {
                self.grants.push((through, granted.grant));
            }
        }
    }

    fn intrude_commit(&mut self) {
        let any = self.random.next() % 5_000;
        let newest = self.grants.len().saturating_sub(6);
        let (mut through, mut grant) = match self.grants.get(newest..) {
            Some(some) if !some.is_empty() => *self.random.pick(some),
            _ => (server(1), any),
        };
        let what = match self.random.below(5) {
            0 => {
                grant = any;
                "commit: of any number"
            }
            1 => {
                through = server(3);
                "commit: through another server"
            }
            2 => {
                self.world.pass(Duration::from_seconds(31));
                "commit: too late"
            }
            3 => "commit: twice",
            _ => {
                self.tell(through, Ask::Abort { grant }, Event::Abort { grant });
                "commit: after giving it back"
            }
        };
        self.tried(what);
        for head in [[1; 32], [2; 32]] {
            self.tell(through, Ask::Commit { grant }, Event::Commit { grant, head });
        }
    }

    fn intrude_rest(&mut self) {
        let through = self.through();
        let (what, event) = match self.random.below(4) {
            0 => ("directory", Event::Directory),
            1 => ("an old epoch", Event::Epoch(0)),
            2 => {
                let (tenant, directory) = ("another".to_owned(), file(0).blind);
                let begin = Begin { tenant, directory, practices: vec![], cards: vec![] };
                ("a second beginning", Event::Begin(begin))
            }
            _ => {
                let session = self.device().map_or(SessionId::from_bytes([0; 16]), |d| d.session);
                ("sign-out of another server's session", Event::SignOut(session))
            }
        };
        self.tried(what);
        self.tell(through, Ask::Other, event);
    }
}
