//! Jobs in simulated days: honest runs, a taken-over server beside them, and the oracle's rules.

use crate::listed::Listed;
use crate::oracle::{Ask, Oracle, Step};
use crate::simulation::{FILES, Simulation, asked_as};
use crate::world::*;
use data_encoding::BASE64URL_NOPAD;
use decision::{Event, ForJob};
use keyproto::message::job_address;
use keyproto::statement::{Errand, Order, ProofClaims};
use ledger::entry::{JobApproved, OpenedByJob, Subject};
use terms::{CardId, Duration, JobId, Section, Sections, Time};

const BOTH: Sections = Sections::of(&[Section::Label, Section::Contact]);

/// A job that somebody ordered, whether it was approved or not.
pub(crate) struct Work {
    pub(crate) job: JobId,
    pub(crate) list: Listed,
    pub(crate) card: usize,
}

/// One opening by a job, as it is handed over.
struct Handed {
    device: Device,
    claims: ProofClaims,
    text: String,
    proof: u64,
    job: JobId,
    number: u64,
    index: u64,
    path: Vec<[u8; 32]>,
    genuine: bool,
    listed: bool,
}

impl Simulation {
    /// A job is ordered, or one is run for a while.
    pub(crate) fn work(&mut self) {
        if self.jobs.is_empty() || self.random.one_in(6) {
            return self.order_work();
        }
        let newest = self.jobs.len().saturating_sub(3);
        let at = newest + self.random.below((self.jobs.len() - newest) as u64) as usize;
        self.world.now = self.world.now.max(self.time());
        let card = if self.random.one_in(8) { 1 } else { self.jobs[at].card };
        let (verdict, device) = self.world.try_sign_in(card, server(1), |_| {});
        self.note(server(1), Ask::SignIn { genuine: true }, &verdict);
        for _ in 0..1 + self.random.below(8) {
            let hostile = self.random.one_in(2);
            self.open_by_job(at, &device, hostile);
        }
    }

    fn order_work(&mut self) {
        self.world.now = self.world.now.max(self.time());
        let numbers: Vec<u64> = (0..2 + self.random.below(9)).map(|_| self.number()).collect();
        let list = Listed::of(&numbers);
        let job = JobId::from_bytes([1 + self.random.below(200) as u8; 10]);
        let card = *self.random.pick(&[0, 2, 19]);
        let sections = match self.random.below(6) {
            0 => Sections::from_bits(self.random.next() as u16),
            _ => BOTH,
        };
        let order = Order::ApproveJob {
            job,
            errand: Errand::Letters,
            tenant: "test".into(),
            files: list.numbers.len() as u64,
            root: BASE64URL_NOPAD.encode(&list.root()),
            sections,
            until: self.world.now.seconds() + 86_400 * self.random.below(32),
            card: self.world.cards[card].id,
        };
        let signers = match self.random.below(6) {
            0 => vec![0],
            1 => vec![1, 1],
            2 => vec![0, 3],
            _ => vec![0, 2],
        };
        self.give(&signers, order, None);
        // Only what the ledger has was listed: a name that is taken keeps its first list.
        let job_is_new = self.jobs.iter().all(|known| known.job != job);
        if job_is_new && self.world.core.state().job(job, self.time()).is_some() {
            self.jobs.push(Work { job, list, card });
        }
    }

    fn open_by_job(&mut self, at: usize, device: &Device, hostile: bool) {
        let (job, list) = (self.jobs[at].job, self.jobs[at].list.clone());
        let number = *self.random.pick(&list.numbers);
        let index = list.index(number).unwrap();
        let mut claims = self.world.claims("POST", &job_address(ORIGIN, job, file(number).id));
        claims.sections = Some(BOTH);
        self.proofs += 1;
        let mut handed = Handed {
            text: device.signer.prove(&claims),
            device: device.clone(),
            claims,
            proof: self.proofs,
            job,
            number,
            index,
            path: list.path(index),
            genuine: true,
            listed: true,
        };
        if hostile {
            self.twist(&mut handed, &list);
        }
        self.hand_in_work(&handed);
        if hostile && self.random.one_in(3) {
            *self.attacks.entry("job: again").or_default() += 1;
            self.hand_in_work(&handed);
        }
    }

    /// What is wrong with it.
    fn twist(&mut self, handed: &mut Handed, list: &Listed) {
        let other = handed.number % FILES + 1;
        let what = match self.random.below(7) {
            0 => {
                handed.number = other;
                handed.genuine = false;
                handed.listed = list.index(other).is_some();
                "job: another file than was proved"
            }
            1 => {
                let address = job_address(ORIGIN, handed.job, file(other).id);
                handed.claims.htu = address;
                handed.number = other;
                handed.listed = list.index(other).is_some_and(|index| index == handed.index);
                "job: a file that nobody listed"
            }
            2 => {
                handed.index += 1 + self.random.below(3);
                handed.listed = false;
                "job: at another place"
            }
            3 => {
                handed.path = Listed::of(&[other, handed.number]).path(0);
                handed.index = 0;
                handed.listed = list.numbers == Listed::of(&[other, handed.number]).numbers;
                "job: another list's path"
            }
            4 => {
                handed.claims.sections = Some(Sections::from_bits(self.random.next() as u16));
                "job: other sections"
            }
            5 => {
                handed.job = JobId::from_bytes([201; 10]);
                handed.genuine = false;
                handed.listed = false;
                "job: nobody's job"
            }
            _ => {
                handed.text = Signer::new().prove(&handed.claims);
                handed.genuine = false;
                *self.attacks.entry("job: forged").or_default() += 1;
                return;
            }
        };
        *self.attacks.entry(what).or_default() += 1;
        handed.text = handed.device.signer.prove(&handed.claims);
    }

    fn hand_in_work(&mut self, handed: &Handed) {
        let Handed { device, claims, text, proof, job, number, index, path, .. } = handed;
        let asked = asked_as(device.session, claims, text);
        let wish = ForJob { job: *job, file: file(*number), index: *index, path: path.clone() };
        let verdict = self.world.tell(device.server, Event::OpenForJob { asked, wish });
        let ask = Ask::Work {
            session: device.session,
            file: file(*number).blind,
            job: *job,
            proof: *proof,
            genuine: handed.genuine,
            listed: handed.listed,
            sections: claims.sections.unwrap_or(Sections::ALL),
            counter: claims.counter,
        };
        self.note(device.server, ask, &verdict);
    }
}

impl Oracle {
    pub(crate) fn approved_job(&mut self, at: Time, new: &JobApproved) {
        let little = !new.sections.is_empty() && new.sections.without(BOTH).is_empty();
        self.rule(little, "a job opens label and contact alone");
        let ends = new.until > at && new.until <= at + Duration::from_days(30);
        self.rule(ends, "a job ends");
        let first = self.jobs.insert(new.job, new.clone()).is_none();
        self.rule(first, "a job is approved once");
    }

    pub(crate) fn worked(&mut self, step: &Step, at: Time, opened: &OpenedByJob) {
        let Ask::Work { session, file, job, proof, genuine, listed, sections, .. } = &step.ask
        else {
            return self.rule(false, "nothing opens that a client did not sign");
        };
        self.rule(*genuine, "nothing opens that a client did not sign");
        self.rule(!self.proofs.contains(proof), "a proof counts once");
        let same = (*session, *file, *job) == (opened.session, opened.file, opened.job);
        self.rule(same, "what opens is what was signed");
        self.rule(*listed, "a job opens what was listed");
        let Some(approved) = self.jobs.get(job).cloned() else {
            return self.rule(false, "a job opens what was listed");
        };
        let own = approved.card == opened.card && approved.until > at;
        self.rule(own, "a job is run by its card until its end");
        let allowed = approved.sections.intersection(*sections).intersection(BOTH);
        let few = opened.sections.without(allowed).is_empty();
        self.rule(few, "a job opens label and contact alone");
        let times = self.worked.entry((*job, *file)).or_default();
        *times += 1;
        let seldom = *times <= 3;
        self.rule(seldom, "a job opens a file three times");
        self.may_work(step, at, opened.card, opened);
    }

    fn may_work(&mut self, step: &Step, at: Time, card: CardId, opened: &OpenedByJob) {
        let live = self.sessions.get(&opened.session).is_some_and(|session| {
            session.card == card
                && session.server == opened.server
                && step.server == opened.server
                && session.until > at
        });
        self.rule(live, "only live sessions open, through their server");
        let out = self.revoked.contains(&card) || self.cards[&card].not_after < at;
        self.rule(!out, "a revoked card opens nothing");
        let frozen = self.frozen.contains(&Subject::Card(card));
        let stopped = frozen || self.is_frozen(card, opened.server);
        self.rule(!stopped, "what is frozen opens nothing");
        self.rule(!self.canaries.contains(&opened.file), "no canary is released");
        self.rule(!self.erased.contains(&opened.file), "no erased file is released");
    }
}
