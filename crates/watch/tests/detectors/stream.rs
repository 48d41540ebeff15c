//! A ledger made up as it goes: honest days and attacks, seeded, with a keyholder that carries out
//! what the watch orders.

use ledger::entry::{self, Act, Entry, LookUp, Subject, Why};
use terms::{
    Blind, CardId, Duration, Finding, Grade, Ground, PracticeId, PublicKey, Purpose, RelationClass,
    Role, Rung, Sections, ServerId, SessionId, Time,
};
use watch::{Alert, Level, Settings, Stop, Watch};

pub(crate) const HASH: [u8; 32] = [0; 32];
/// 2026-01-05, a Monday.
pub(crate) const MONDAY: Time = Time::from_millis(20_458 * 86_400_000);

pub(crate) struct Stream {
    pub(crate) watch: Watch,
    pub(crate) now: Time,
    pub(crate) entries: Vec<Entry>,
    pub(crate) alerts: Vec<Alert>,
    /// Whether steps are carried out.
    pub(crate) obeys: bool,
    cards: Vec<(CardId, PracticeId, ServerId)>,
    rungs: Vec<(Rung, Time)>,
    files: u64,
    seed: u64,
}

impl Stream {
    pub(crate) fn new(seed: u64) -> Stream {
        Stream::with(seed, Settings::default())
    }

    pub(crate) fn with(seed: u64, settings: Settings) -> Stream {
        Stream {
            watch: Watch::new(settings),
            now: MONDAY,
            entries: Vec::new(),
            alerts: Vec::new(),
            obeys: true,
            cards: Vec::new(),
            rungs: Vec::new(),
            files: 0,
            seed,
        }
    }

    /// SplitMix64.
    pub(crate) fn random(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn share(&mut self) -> f64 {
        (self.random() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A Poisson count (Knuth).
    pub(crate) fn poisson(&mut self, mean: f64) -> u32 {
        let (limit, mut product, mut count) = ((-mean).exp(), self.share(), 0);
        while product > limit {
            product *= self.share();
            count += 1;
        }
        count
    }

    pub(crate) fn act(&mut self, act: Act) -> Vec<Alert> {
        let entry = Entry { at: self.now, act };
        let number = self.entries.len() as u64;
        let alerts = self.watch.entry(number, &entry);
        self.entries.push(entry);
        self.take(alerts.clone());
        alerts
    }

    pub(crate) fn tick(&mut self) {
        let alerts = self.watch.tick(self.now);
        self.take(alerts);
    }

    fn take(&mut self, alerts: Vec<Alert>) {
        self.alerts.extend(alerts.iter().cloned());
        if !self.obeys {
            return;
        }
        for alert in alerts {
            match alert.action.as_ref().map(|step| step.what) {
                Some(Stop::Rung { card, rung, lasts }) => {
                    let until = self.now + lasts;
                    let number = self.cards.iter().position(|(id, ..)| *id == card).unwrap();
                    self.rungs[number] = (rung, until);
                    let stepped = stepped(card, rung, until, alert.finding, &[]);
                    self.act(Act::Stepped(stepped));
                }
                Some(Stop::Freeze(subject)) => {
                    let finding = Some(alert.finding);
                    let (why, reason, by) = (None, None, vec![]);
                    let frozen = entry::Frozen { subject, why, reason, by, finding };
                    self.act(Act::Frozen(frozen));
                }
                None => {}
            }
        }
    }

    /// A card that was there from the beginning, or one that officers ordered.
    pub(crate) fn card(&mut self, role: Role, practice: u8, by: &[CardId]) -> usize {
        let number = self.cards.len();
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&(number as u64 + 1).to_be_bytes());
        let (card, practice) = (CardId::from_bytes(bytes), PracticeId::from_bytes([practice; 10]));
        let issued = entry::CardIssued {
            card,
            role,
            practice,
            holder: "made up".into(),
            key: PublicKey::from_point(&[4; 65]).unwrap(),
            not_after: self.now + Duration::from_days(3_650),
            file: None,
            by: by.to_vec(),
            order: HASH,
        };
        self.act(Act::CardIssued(issued));
        self.cards.push((card, practice, ServerId::from_bytes([1; 10])));
        self.rungs.push((Rung::Open, self.now));
        number
    }

    pub(crate) fn id(&self, card: usize) -> CardId {
        self.cards[card].0
    }

    pub(crate) fn rung(&self, card: usize) -> Rung {
        let (rung, until) = self.rungs[card];
        if until > self.now { rung } else { Rung::Open }
    }

    pub(crate) fn sign_in(&mut self, card: usize, server: u8, device: u8) -> SessionId {
        let mut point = [device; 65];
        point[0] = 4;
        let session = SessionId::from_bytes(u128::from(self.random()).to_be_bytes());
        let started = entry::SessionStarted {
            session,
            card: self.cards[card].0,
            server: ServerId::from_bytes([server; 10]),
            device: PublicKey::from_point(&point).unwrap(),
            until: self.now + Duration::from_hours(12),
            openings_max: 250,
            assertion: HASH,
        };
        self.cards[card].2 = started.server;
        self.act(Act::SessionStarted(started));
        session
    }

    pub(crate) fn file(&mut self) -> Blind {
        self.files += 1;
        Blind::from_bytes(u128::from(self.files).to_be_bytes())
    }

    pub(crate) fn opened(&self, card: usize, file: Blind, grade: Grade) -> entry::Opened {
        let (id, practice, server) = self.cards[card];
        entry::Opened {
            session: SessionId::from_bytes([0; 16]),
            card: id,
            practice,
            server,
            file,
            sections: Sections::ALL,
            class: match grade {
                Grade::None => RelationClass::Emergency,
                Grade::Weak => RelationClass::Former,
                Grade::Strong => RelationClass::Evidence,
            },
            purpose: Purpose::Treatment,
            segments: 1,
            repeat: false,
            request: HASH,
            reason: None,
            token: None,
            grade,
            close: false,
        }
    }

    pub(crate) fn open(&mut self, card: usize, grade: Grade) -> (Blind, Vec<Alert>) {
        let file = self.file();
        let opened = self.opened(card, file, grade);
        (file, self.act(Act::Opened(opened)))
    }

    pub(crate) fn open_close(&mut self, card: usize, grade: Grade) -> Vec<Alert> {
        let file = self.file();
        let opened = self.opened(card, file, grade);
        self.act(Act::Opened(entry::Opened { close: true, ..opened }))
    }

    pub(crate) fn relate(&mut self, practice: PracticeId, file: Blind, by: CardId) -> Vec<Alert> {
        self.act(Act::Related(entry::Related {
            file,
            practice,
            class: RelationClass::Evidence,
            until: self.now + Duration::from_days(90),
            by,
            order: HASH,
            ground: Ground::Referral,
            code: None,
        }))
    }

    pub(crate) fn practice(&self, card: usize) -> PracticeId {
        self.cards[card].1
    }

    pub(crate) fn refuse(&mut self, card: usize, why: Why) -> Vec<Alert> {
        self.refused(card, None, why)
    }

    pub(crate) fn refuse_file(&mut self, card: usize, file: Blind, why: Why) -> Vec<Alert> {
        self.refused(card, Some(file), why)
    }

    fn refused(&mut self, card: usize, file: Option<Blind>, why: Why) -> Vec<Alert> {
        let (id, _, server) = self.cards[card];
        let (session, card) = (None, Some(id));
        self.act(Act::Refused(entry::Refused { why, server, session, card, file, request: HASH }))
    }

    /// As the keyholder freezes a card by itself.
    pub(crate) fn freeze(&mut self, card: usize, why: Why) -> Vec<Alert> {
        let subject = Subject::Card(self.id(card));
        let (why, reason, by, finding) = (Some(why), None, vec![], None);
        self.act(Act::Frozen(entry::Frozen { subject, why, reason, by, finding }))
    }

    pub(crate) fn relax(&mut self, card: usize, by: CardId) -> Vec<Alert> {
        let until = self.now;
        self.rungs[card] = (Rung::Open, until);
        let stepped = stepped(self.id(card), Rung::Open, until, Finding::Colleague, &[by]);
        self.act(Act::Stepped(stepped))
    }

    pub(crate) fn confirm(&mut self, card: usize, file: Blind, by: CardId) {
        let card = self.id(card);
        self.act(Act::Confirmed(entry::Confirmed { file, card, by, order: HASH }));
    }

    /// Looks for somebody by number, who is there or not.
    pub(crate) fn look_up(&mut self, card: usize, there: bool) -> Vec<Alert> {
        let (id, practice, server) = self.cards[card];
        let session = SessionId::from_bytes([0; 16]);
        let told = if there { vec![self.file()] } else { vec![] };
        let (by, shown) = (LookUp::Identifier, vec![]);
        let card = id;
        let request = HASH;
        self.act(Act::Found(entry::Found {
            session,
            card,
            practice,
            server,
            by,
            shown,
            told,
            request,
        }))
    }

    /// A day at work: strong ones, and some that little or nothing explains, of which 15 % stay
    /// so (assumed).
    pub(crate) fn honest_day(&mut self, card: usize, weak: f64, unexplained: f64) {
        for _ in 0..20 {
            self.wait(5);
            // Somebody booked, or the card was shown.
            let (file, practice) = (self.file(), self.practice(card));
            self.relate(practice, file, CardId::from_bytes([255; 10]));
            let opened = self.opened(card, file, Grade::Strong);
            self.act(Act::Opened(opened));
        }
        for (grade, mean) in [(Grade::Weak, weak), (Grade::None, unexplained)] {
            for _ in 0..self.poisson(mean) {
                self.wait(10);
                let (file, _) = self.open(card, grade);
                if self.share() < 0.85 {
                    let (practice, other) = (self.practice(card), CardId::from_bytes([255; 10]));
                    self.relate(practice, file, other);
                }
            }
        }
    }

    pub(crate) fn wait(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_seconds(seconds);
    }

    /// Eight o'clock of the next day.
    pub(crate) fn next_day(&mut self) {
        let day = self.now.millis() / 86_400_000 + 1;
        self.now = Time::from_millis(day * 86_400_000) + Duration::from_hours(8);
        self.tick();
    }

    pub(crate) fn count(&self, finding: Finding, level: Level) -> usize {
        self.alerts.iter().filter(|a| a.finding == finding && a.level == level).count()
    }
}

pub(crate) fn stepped(
    card: CardId,
    rung: Rung,
    until: Time,
    finding: Finding,
    by: &[CardId],
) -> entry::Stepped {
    entry::Stepped { card, rung, until, finding, by: by.to_vec(), order: HASH }
}
